#include "domain/traffic/signal/baselines.h"

#include <algorithm>
#include <cstddef>
#include <set>

namespace cityloop::traffic {
namespace {

class FixedController final : public Controller {
 public:
  explicit FixedController(const Junction& junction) : junction_(junction) {}

  Decision decide(const JunctionView& view) override {
    const FixedPlan::Place place = junction_.plan.at(view.now_s);
    const auto& steps = junction_.plan.steps;
    const PlanStep& here = steps[static_cast<std::size_t>(place.step)];
    const bool over = place.into_s >= here.green_s;  // its green has ended: the next is on its way
    const std::size_t next = (static_cast<std::size_t>(place.step) + 1) % steps.size();
    const double until_s = over ? place.next_s : here.green_s - place.into_s;
    return {.stage = over ? steps[next].stage : here.stage,
            .next_s = view.now_s + until_s,
            .reason = StageReason::fixed_plan};
  }

 private:
  const Junction& junction_;
};

// Asks for a stage every ten seconds, the yellow before it included.
class SteppedController : public Controller {
 public:
  explicit SteppedController(const Junction& junction) : junction_(junction) {}

  Decision decide(const JunctionView& view) final {
    if (view.now_s >= next_s_) {
      next_s_ = view.now_s + kBaselineStep_s;
      choice_ = best(view);
    }
    return {.stage = choice_, .next_s = next_s_, .reason = StageReason::demand_elsewhere};
  }

 protected:
  virtual double worth(const JunctionView&, const Stage&) const = 0;
  const Junction& junction() const { return junction_; }

 private:
  // Of equals the one next in turn: two stages that both count a lane for different turns would else leave one of the
  // turns, and all behind it, standing for ever. With nobody there the present one stays.
  int best(const JunctionView& view) const {
    const auto worth_of = [&](int stage) { return worth(view, junction_.stages[static_cast<std::size_t>(stage)]); };
    const int count = static_cast<int>(junction_.stages.size());
    int best = view.stage;
    double most = -1e300;
    for (int i = 1; i <= count; ++i) {
      const int stage = (view.stage + i) % count;
      const double value = worth_of(stage);
      if (value <= most || lets_nobody_go(junction_.stages[static_cast<std::size_t>(stage)])) continue;
      most = value;
      best = stage;
    }
    return most == 0 && worth_of(view.stage) == 0 ? view.stage : best;
  }

  const Junction& junction_;
  double next_s_{-1e300};
  int choice_{};
};

// Lanes from (or to) which a stage lets vehicles go, each once.
std::set<int> lanes_of(const Junction& junction, const Stage& stage, int Movement::* side) {
  std::set<int> lanes;
  for (std::size_t m = 0; m < junction.movements.size(); ++m) {
    if (is_green(stage.aspects[m]) && junction.movements[m].*side >= 0) lanes.insert(junction.movements[m].*side);
  }
  return lanes;
}

double vehicles(const JunctionView& view, const std::set<int>& lanes) {
  double total = 0;
  for (const int lane : lanes) total += vehicles_on(view.lanes[static_cast<std::size_t>(lane)]);
  return total;
}

class GreedyController final : public SteppedController {
 public:
  using SteppedController::SteppedController;

 private:
  double worth(const JunctionView& view, const Stage& stage) const override {
    return vehicles(view, lanes_of(junction(), stage, &Movement::from));
  }
};

// Beyond an exit that leads to no other lights nobody is held: only those before a neighbour's lights press back.
double standing(const Junction& junction, const JunctionView& view, const std::set<int>& lanes) {
  double total = 0;
  for (const int index : lanes) {
    const Lane& model = junction.lanes[static_cast<std::size_t>(index)];
    if (model.role == LaneRole::exit && model.far_junction.empty()) continue;
    const LaneView& lane = view.lanes[static_cast<std::size_t>(index)];
    const auto stand = std::ranges::count_if(lane.vehicles, [](const SeenVehicle& one) { return one.speed_mps < 0.1; });
    total += lane.has_positions ? static_cast<double>(stand) : lane.queue;
  }
  return total;
}

class MaxPressureController final : public SteppedController {
 public:
  using SteppedController::SteppedController;

 private:
  double worth(const JunctionView& view, const Stage& stage) const override {
    return standing(junction(), view, lanes_of(junction(), stage, &Movement::from)) -
           standing(junction(), view, lanes_of(junction(), stage, &Movement::to));
  }
};

}  // namespace

double vehicles_on(const LaneView& lane) {
  return lane.has_positions ? static_cast<double>(lane.vehicles.size()) : lane.count;
}

std::unique_ptr<Controller> make_fixed_controller(const Junction& junction) {
  return std::make_unique<FixedController>(junction);
}

std::unique_ptr<Controller> make_greedy_controller(const Junction& junction) {
  return std::make_unique<GreedyController>(junction);
}

std::unique_ptr<Controller> make_max_pressure_controller(const Junction& junction) {
  return std::make_unique<MaxPressureController>(junction);
}

}  // namespace cityloop::traffic
