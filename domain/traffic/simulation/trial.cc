#include "domain/traffic/simulation/trial.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include <pugixml.hpp>

#include "domain/traffic/signal/controller.h"
#include "domain/traffic/signal/stage_clock.h"
#include "domain/traffic/signal/sumo_net.h"
#include "domain/traffic/simulation/sumo_street.h"

namespace cityloop::traffic {
namespace {

using WallClock = std::chrono::steady_clock;

constexpr const char* kPlanner = "planner";

double seconds_since(WallClock::time_point begin) {
  return std::chrono::duration<double>(WallClock::now() - begin).count();
}

// Of this thread: what a decision costs, whoever else keeps the machine busy.
double cpu_us() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// Passes what junctions mean to let go to the junctions that it goes to.
class Post {
 public:
  explicit Post(const std::vector<Junction>& junctions) {
    for (std::size_t j = 0; j < junctions.size(); ++j) {
      for (std::size_t i = 0; i < junctions[j].lanes.size(); ++i) {
        const Lane& lane = junctions[j].lanes[i];
        if (lane.role != LaneRole::exit) to_[lane.id].push_back({.junction = j, .lane = static_cast<int>(i)});
      }
    }
  }

  void deliver(const Junction& from, const Controller& controller, std::vector<JunctionView>& views) const {
    for (const Outflow& outflow : controller.outflow()) {
      const auto found = to_.find(from.lanes[static_cast<std::size_t>(outflow.exit_lane)].id);
      if (found == to_.end()) continue;
      for (const Address& address : found->second) {
        views[address.junction].promises.push_back(
            {.lane = address.lane, .at_s = outflow.at_s, .vehicles = outflow.vehicles});
      }
    }
  }

 private:
  struct Address {
    std::size_t junction;
    int lane;
  };
  std::unordered_map<std::string, std::vector<Address>> to_;
};

class Controlled {
 public:
  Controlled(const std::vector<Junction>& junctions, const TrialOptions& options, double now_s)
      : junctions_(junctions), post_(junctions), views_(junctions.size()) {
    for (const Junction& junction : junctions) {
      controllers_.push_back(options.controller == kPlanner ? std::make_unique<Planner>(junction, options.planner)
                                                            : make_controller(options.controller, junction));
      clocks_.emplace_back(junction, now_s);
    }
  }

  bool known() const {
    return std::ranges::all_of(controllers_, [](const auto& one) { return one != nullptr; });
  }

  void decide(SumoStreet& street, std::vector<double>& decision_us) {
    for (JunctionView& view : views_) view.promises.clear();
    for (std::size_t j = 0; j < junctions_.size(); ++j) post_.deliver(junctions_[j], *controllers_[j], views_);
    for (std::size_t j = 0; j < junctions_.size(); ++j) {
      JunctionView& view = views_[j];
      std::ranges::stable_sort(view.promises, {}, &Promise::at_s);
      clocks_[j].advance(street.now_s());
      clocks_[j].describe(view);
      street.look(j, view);
      const double begin_us = cpu_us();
      const Decision decision = controllers_[j]->decide(view);
      decision_us.push_back(cpu_us() - begin_us);
      clocks_[j].want(decision.stage);
      street.show(j, clocks_[j].lights());
    }
  }

 private:
  const std::vector<Junction>& junctions_;
  Post post_;
  std::vector<JunctionView> views_;
  std::vector<std::unique_ptr<Controller>> controllers_;
  std::vector<StageClock> clocks_;
};

// The delay of those who were to enter in each minute goes to that minute's point of the series.
void add_to_series(const std::map<int, std::pair<double, int>>& by_minute, TrialResult& result) {
  for (TrialResult::Point& point : result.series) {
    const auto found = by_minute.find(static_cast<int>(point.at_s / 60) - 1);
    if (found != by_minute.end()) point.delay_s = found->second.first / found->second.second;
  }
}

base::Status read_trips(const std::filesystem::path& path, double begin_s, TrialResult& result) {
  pugi::xml_document document;
  if (!document.load_file(path.c_str())) {
    return base::fail(base::Errc::unavailable, "SUMO wrote no trips to {}", path.string());
  }
  double loss = 0;
  double entering = 0;
  std::map<int, std::pair<double, int>> by_minute;  // delay, vehicles
  for (const pugi::xml_node& trip : document.child("tripinfos").children("tripinfo")) {
    const double lost = trip.attribute("timeLoss").as_double();
    const double waited = std::max(0.0, trip.attribute("departDelay").as_double());
    const double depart = trip.attribute("depart").as_double();
    ++result.vehicles;
    if (depart < 0) ++result.never_entered;
    if (trip.attribute("arrival").as_double() >= 0) ++result.arrived;
    loss += lost;
    entering += waited;
    if (depart < 0) continue;
    auto& [sum, count] = by_minute[static_cast<int>((depart - waited - begin_s) / 60)];
    sum += lost + waited;
    ++count;
  }
  const double all = std::max(1, result.vehicles);
  result.time_loss_s = loss / all;
  result.delay_s = (loss + entering) / all;
  add_to_series(by_minute, result);
  return {};
}

void note(const SumoStreet& street, double begin_s, TrialResult& result) {
  const SumoStreet::Crowd crowd = street.crowd();
  result.series.push_back({.at_s = street.now_s() - begin_s,
                           .running = crowd.running,
                           .standing = crowd.standing,
                           .waiting_to_enter = crowd.waiting_to_enter});
}

base::Status drive(const TrialOptions& options, const std::vector<Junction>& junctions,
                   const std::filesystem::path& trips_path, TrialResult& result, double& begin_s) {
  const auto street = TRY(SumoStreet::open(
      {.config = options.config, .seed = options.seed, .scale = options.scale, .trips = trips_path}, junctions));
  begin_s = street->now_s();
  std::optional<Controlled> controlled;
  if (options.controller != kOwnProgramme) controlled.emplace(junctions, options, begin_s);
  if (controlled && !controlled->known()) {
    return base::fail(base::Errc::not_found, "there is no controller named {}", options.controller);
  }
  while (!street->over() && (options.end_after_s <= 0 || street->now_s() < begin_s + options.end_after_s)) {
    if (controlled) controlled->decide(*street, result.decision_us);
    TRY(street->step());
    const bool minute = std::fmod(street->now_s() - begin_s, 60) == 0;
    if (options.series && minute) note(*street, begin_s, result);
  }
  result.gridlocked = street->crowd().stuck >= kGridlocked;
  return {};
}

}  // namespace

base::Result<TrialResult> run_trial(const TrialOptions& options) {
  const WallClock::time_point begin = WallClock::now();
  const std::filesystem::path net = TRY(net_of(options.config));
  const std::vector<Junction> junctions = TRY(read_sumo_net(net, {.clearing_stage = options.controller == kPlanner}));
  const std::filesystem::path trips_path =
      std::filesystem::temp_directory_path() / fmt::format("cityloop-trips-{}.xml", ::getpid());
  TrialResult result;
  double begin_s = 0;
  const base::Status driven = drive(options, junctions, trips_path, result, begin_s);
  const base::Status read = driven ? read_trips(trips_path, begin_s, result) : base::Status{};
  std::error_code ignored;
  std::filesystem::remove(trips_path, ignored);
  if (!driven) return std::unexpected(driven.error());
  if (!read) return std::unexpected(read.error());
  result.wall_s = seconds_since(begin);
  return result;
}

}  // namespace cityloop::traffic
