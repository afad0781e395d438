#include "domain/traffic/signal/planner.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace cityloop::traffic {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

constexpr double kStanding_mps = 1;
constexpr double kTurning_mps = 7;
constexpr double kVehicle_m = 7.5;  // standing, with the gap before it

}  // namespace

Planner::Planner(const Junction& junction, const PlannerSettings& settings)
    : junction_(junction),
      settings_(settings),
      forecast_(junction, settings.arrivals),
      approaches_(static_cast<int>(forecast_.approaches().size())),
      exit_blocked_until_s_(junction.lanes.size(), 0.0F),
      layers_(at(settings.arrivals.horizon_s) + 1) {
  describe_services();
  describe_clearing();
}

void Planner::describe_services() {
  for (const Stage& stage : junction_.stages) {
    std::vector<Service>& of_stage = services_.emplace_back(at(approaches_));
    for (int a = 0; a < approaches_; ++a) {
      Service& service = of_stage[at(a)];
      for (std::size_t m = 0; m < junction_.movements.size(); ++m) {
        const Movement& movement = junction_.movements[m];
        if (movement.from != forecast_.approaches()[at(a)] || !is_green(stage.aspects[m])) continue;
        service.green = true;
        Way way{.movement = static_cast<int>(m), .permissive = false, .exit = movement.to, .before = {}};
        for (std::size_t other = 0; other < junction_.movements.size(); ++other) {
          const bool gives_way = junction_.conflict(static_cast<int>(m), static_cast<int>(other)) == Conflict::yields;
          if (!gives_way || !is_green(stage.aspects[other])) continue;
          const auto from = std::ranges::find(forecast_.approaches(), junction_.movements[other].from);
          if (from == forecast_.approaches().end()) continue;
          const int before = static_cast<int>(from - forecast_.approaches().begin());
          way.permissive = true;
          if (std::ranges::find(way.before, before) == way.before.end()) way.before.push_back(before);
        }
        service.ways.push_back(std::move(way));
      }
    }
  }
}

void Planner::describe_clearing() {
  const auto& stages = junction_.stages;
  const auto& movements = junction_.movements;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    if (lets_nobody_go(stages[s])) clearing_ = static_cast<int>(s);
    std::vector<bool>& in_the_way = in_the_way_.emplace_back(movements.size(), false);
    for (std::size_t m = 0; m < movements.size(); ++m) {
      if (is_green(stages[s].aspects[m])) continue;  // those within go on with those who follow
      for (std::size_t other = 0; other < movements.size(); ++other) {
        const bool meet = junction_.conflict(static_cast<int>(m), static_cast<int>(other)) != Conflict::none;
        if (meet && is_green(stages[s].aspects[other])) in_the_way[m] = true;
      }
    }
  }
}

// Vehicles within the junction that are in the way of a stage's, and will not be out by then. Of whose way nothing is
// known is in everybody's.
int Planner::inside_in_the_way(int stage, const JunctionView& view, double within_s) const {
  return static_cast<int>(std::ranges::count_if(*view.inside, [&](const InsideVehicle& one) {
    if (one.movement >= 0 && !in_the_way_[at(stage)][at(one.movement)]) return false;
    const double limit_mps = one.movement >= 0 ? junction_.movements[at(one.movement)].speed_mps : kTurning_mps;
    const bool stands = one.speed_mps < kStanding_mps;
    return stands || one.to_exit_m > within_s * std::min(limit_mps, one.speed_mps);
  }));
}

// All red before the stage that was chosen, where somebody stands within who is in its way: a turn that waited for its
// gap leaves in the yellow, but who was caught behind it only starts then. Let in before they are out, those who come
// next and those within stop one another, for ever where it is more than one way.
void Planner::clear_first(const JunctionView& view, Decision& decision) const {
  if (clearing_ < 0 || decision.stage == view.stage || !view.inside) return;
  const bool clearing = view.stage == clearing_;
  const double longest_s = std::min(settings_.clear_limit_s, junction_.stages[at(clearing_)].max_green_s);
  if (clearing && view.green_s >= longest_s) return;
  const double change_s = clearing ? 0 : junction_.change_s(view.stage, decision.stage);
  decision.inside = inside_in_the_way(decision.stage, view, settings_.clear_ahead_s + change_s);
  if (decision.inside == 0) return;
  decision.stage = clearing_;
  decision.reason = StageReason::clearing;
}

// An exit is full where a vehicle stands at its begin, or so near to it that those within who go there fill the rest.
void Planner::note_exits(const JunctionView& view) {
  std::ranges::fill(exit_blocked_until_s_, 0.0F);
  const std::vector<InsideVehicle> inside = view.inside.value_or(std::vector<InsideVehicle>{});
  for (std::size_t i = 0; i < junction_.lanes.size(); ++i) {
    const Lane& lane = junction_.lanes[i];
    if (lane.role != LaneRole::exit || view.lanes[i].vehicles.empty()) continue;
    const SeenVehicle& last = view.lanes[i].vehicles.back();  // nearest to the junction
    double space_m = lane.length_m - last.to_end_m;
    for (const InsideVehicle& one : inside) {
      const bool goes_there = one.movement >= 0 && junction_.movements[at(one.movement)].to == static_cast<int>(i);
      if (goes_there) space_m -= kVehicle_m;
    }
    const bool full = space_m < settings_.exit_space_m && last.speed_mps < 2;
    if (full) exit_blocked_until_s_[i] = static_cast<float>(settings_.exit_blocked_s);
  }
}

float Planner::way_rate(const Way& way, int second, const float* served) const {
  if (exit_blocked_until_s_[at(way.exit)] >= static_cast<float>(second)) return 0;
  if (!way.permissive) return static_cast<float>(1 / settings_.headway_s);
  float gap = 1;
  const auto until = at(std::min(second + static_cast<int>(settings_.gap_s), settings_.arrivals.horizon_s));
  for (const int before : way.before) {
    const LaneArrivals& other = forecast_.arrivals()[at(before)];
    if (other.by[at(second)] - served[before] > 0.5F) return 0;  // a queue is leaving: there is no gap
    gap -= other.by[until] - other.by[at(second)];
  }
  return std::max(0.0F, gap) / static_cast<float>(settings_.permissive_headway_s);
}

// Vehicles a second that leave an approach lane, of whatever way its vehicles go.
float Planner::lane_rate(int stage, int approach, int second, const float* served, float green_s) const {
  const Service& service = services_[at(stage)][at(approach)];
  if (!service.green) return 0;
  const std::vector<float>& share = forecast_.arrivals()[at(approach)].share;
  const float slowest = static_cast<float>(1 / settings_.blocked_turn_s);
  float known = 0;
  float time_s = 0;
  for (const Way& way : service.ways) {
    const float part = share[at(way.movement)];
    if (part <= 0.003F) continue;
    const float rate = way_rate(way, second, served);
    known += part;
    const bool full = exit_blocked_until_s_[at(way.exit)] >= static_cast<float>(second);
    if (full && part > 0.1F) return 0;  // the first who wants there holds up all behind
    time_s += part / std::max(rate, slowest);
  }
  if (known <= 0) return 0;
  // Who stands first and wants another way than those let go holds up all behind: the longer the green, the likelier.
  const float rate = known / time_s;
  return known > 0.98F ? rate : rate * std::pow(known, 1 + green_s * rate);
}

void Planner::start(const JunctionView& view) {
  Layer& root = layers_[0];
  root.size = 1;
  root.served.assign(at(approaches_), 0);
  root.green_s.assign(at(approaches_), -1);
  const bool green = view.green_s >= 0;
  for (int a = 0; a < approaches_; ++a) {
    const bool shown = services_[at(view.stage)][at(a)].green && green;
    if (shown) root.green_s[at(a)] = static_cast<float>(view.green_s);
  }
  root.cost.assign(1, 0);
  root.value.assign(1, 0);
  root.stage.assign(1, static_cast<std::int16_t>(view.stage));
  root.before.assign(1, static_cast<std::int16_t>(view.stage));
  root.parent.assign(1, -1);
  root.clock_s.assign(1, static_cast<float>(view.green_s));
}

// One second of queues: arrivals, departures, and what both cost.
void Planner::serve(Layer& to, int plan, int second) {
  float* const served = &to.served[at(plan * approaches_)];
  float* const green_s = &to.green_s[at(plan * approaches_)];
  const int stage = to.stage[at(plan)];
  const int before = to.before[at(plan)];
  const float clock_s = to.clock_s[at(plan)];  // at the end of this second
  const bool changing = clock_s <= 0;
  const auto change_s = static_cast<float>(junction_.change_s(before, stage));
  float cost = 0;
  for (int a = 0; a < approaches_; ++a) {
    const LaneArrivals& lane = forecast_.arrivals()[at(a)];
    const bool in_new = services_[at(stage)][at(a)].green;
    const bool in_old = services_[at(before)][at(a)].green;
    const bool last_of_yellow = changing && in_old && change_s + clock_s <= static_cast<float>(settings_.yellow_used_s);
    const bool green = changing ? (in_old && in_new) || last_of_yellow : in_new;
    const float all = lane.by[at(second)];
    float rate = 0;
    if (green) {
      green_s[a] = std::max(0.0F, green_s[a]) + 1;
      const float ready = std::clamp(green_s[a] - static_cast<float>(settings_.start_lost_s), 0.0F, 1.0F);
      rate = ready * lane_rate(changing ? before : stage, a, second, served, green_s[a]);
    } else {
      green_s[a] = -1;
    }
    const float before_queue = all - lane.moving[at(second)] - served[a];
    served[a] += std::min(std::max(0.0F, all - served[a]), rate);
    const float queue = std::max(0.0F, all - served[a]);
    cost += queue;
    const float stopped = std::min(queue, lane.moving[at(second)]);
    cost += stopped * static_cast<float>(green && before_queue < 3 ? settings_.joining_cost_s : settings_.stop_cost_s);
    for (const LaneArrivals::Important& one : lane.important) {
      if (one.at_s > static_cast<float>(second) || served[a] >= one.rank + 0.9F) continue;
      cost += static_cast<float>(one.kind == VehicleKind::bus ? settings_.bus_weight : settings_.emergency_weight);
    }
  }
  to.cost[at(plan)] += cost;
}

float Planner::end_value(const Layer& layer, int plan, int second) const {
  const float* const served = &layer.served[at(plan * approaches_)];
  const std::vector<Service>& services = services_[at(layer.stage[at(plan)])];
  float value = 0;
  for (int a = 0; a < approaches_; ++a) {
    const float queue = std::max(0.0F, forecast_.arrivals()[at(a)].by[at(second)] - served[a]);
    const double red_s = services[at(a)].green ? std::max(0.0F, -layer.clock_s[at(plan)]) : settings_.end_wait_s;
    value += queue * static_cast<float>(red_s + settings_.headway_s * queue / 2);
  }
  return value;
}

// The plan of the second before, with this stage from now on.
void Planner::add(const Layer& from, int plan, int second, int stage) {
  Layer& to = pool_;
  const auto begin = from.served.begin() + std::ptrdiff_t(plan) * approaches_;
  to.served.insert(to.served.end(), begin, begin + approaches_);
  const auto green = from.green_s.begin() + std::ptrdiff_t(plan) * approaches_;
  to.green_s.insert(to.green_s.end(), green, green + approaches_);
  const int old = from.stage[at(plan)];
  const bool change = stage != old;
  const float clock_s = change ? -static_cast<float>(junction_.change_s(old, stage)) : from.clock_s[at(plan)];
  to.stage.push_back(static_cast<std::int16_t>(stage));
  to.before.push_back(change ? static_cast<std::int16_t>(old) : from.before[at(plan)]);
  to.parent.push_back(static_cast<std::int16_t>(plan));
  to.clock_s.push_back(clock_s + 1);
  to.cost.push_back(from.cost[at(plan)] + (change ? static_cast<float>(settings_.change_cost_s) : 0.0F));
  to.value.push_back(0);
  serve(to, to.size, second);
  to.value[at(to.size)] = to.cost[at(to.size)] + end_value(to, to.size, second);
  ++to.size;
}

void Planner::extend(int second) {
  const Layer& from = layers_[at(second - 1)];
  pool_.size = 0;
  for (auto* const each : {&pool_.served, &pool_.green_s, &pool_.cost, &pool_.value, &pool_.clock_s}) each->clear();
  for (auto* const each : {&pool_.stage, &pool_.before, &pool_.parent}) each->clear();
  for (int plan = 0; plan < from.size; ++plan) {
    const int stage = from.stage[at(plan)];
    if (stage != clearing_) add(from, plan, second, stage);
    const double least_s = junction_.stages[at(stage)].min_green_s;
    if (from.clock_s[at(plan)] < static_cast<float>(least_s)) continue;
    for (int other = 0; other < static_cast<int>(junction_.stages.size()); ++other) {
      if (other != stage && other != clearing_) add(from, plan, second, other);
    }
  }
  thin(layers_[at(second)]);
}

// Keeps the best plans of each stage, so that none of the ways on is lost early.
void Planner::thin(Layer& to) {
  order_.resize(at(pool_.size));
  std::iota(order_.begin(), order_.end(), 0);
  std::ranges::stable_sort(order_, {}, [&](int plan) { return pool_.value[at(plan)]; });
  const int stages = static_cast<int>(junction_.stages.size());
  const int quota = std::max(4, settings_.beam / stages);
  std::vector<int> kept_of(at(2 * stages), 0);
  to.size = 0;
  for (auto* const each : {&to.served, &to.green_s, &to.cost, &to.value, &to.clock_s}) each->clear();
  for (auto* const each : {&to.stage, &to.before, &to.parent}) each->clear();
  for (const int plan : order_) {
    const bool young = pool_.clock_s[at(plan)] < static_cast<float>(junction_.min_green_s);
    int& kept = kept_of[at(2 * pool_.stage[at(plan)] + (young ? 1 : 0))];
    if (kept >= quota) continue;
    ++kept;
    const auto begin = pool_.served.begin() + std::ptrdiff_t(plan) * approaches_;
    to.served.insert(to.served.end(), begin, begin + approaches_);
    const auto green = pool_.green_s.begin() + std::ptrdiff_t(plan) * approaches_;
    to.green_s.insert(to.green_s.end(), green, green + approaches_);
    to.cost.push_back(pool_.cost[at(plan)]);
    to.value.push_back(pool_.value[at(plan)]);
    to.stage.push_back(pool_.stage[at(plan)]);
    to.before.push_back(pool_.before[at(plan)]);
    to.parent.push_back(pool_.parent[at(plan)]);
    to.clock_s.push_back(pool_.clock_s[at(plan)]);
    ++to.size;
  }
}

int Planner::best_plan(int second) const {
  const Layer& last = layers_[at(second)];
  return static_cast<int>(std::ranges::min_element(last.value) - last.value.begin());
}

int Planner::first_stage(int second, int plan) const {
  for (; second > 1; --second) plan = layers_[at(second)].parent[at(plan)];
  return layers_[1].stage[at(plan)];
}

int Planner::starved_stage(const JunctionView& view) const {
  int starved = -1;
  double longest_s = junction_.max_red_s - 10;
  for (std::size_t m = 0; m < junction_.movements.size(); ++m) {
    const Movement& movement = junction_.movements[m];
    // People on foot may be waiting wherever nothing tells of them.
    const bool wanted = movement.from < 0 || view.lanes[at(movement.from)].count > 0;
    if (!wanted || view.red_s[m] < longest_s) continue;
    longest_s = view.red_s[m];
    for (std::size_t s = 0; s < junction_.stages.size(); ++s) {
      if (is_green(junction_.stages[s].aspects[m])) starved = static_cast<int>(s);
    }
  }
  return starved;
}

// Whether all who wait for this stage want exits that are full.
bool Planner::leads_nowhere(int stage, const JunctionView& view) const {
  bool blocked = false;
  for (int a = 0; a < approaches_; ++a) {
    const Service& service = services_[at(stage)][at(a)];
    const LaneArrivals& lane = forecast_.arrivals()[at(a)];
    const bool gains = service.green && !services_[at(view.stage)][at(a)].green;
    if (!gains || lane.by[at(std::min(5, settings_.arrivals.horizon_s))] < 0.5F) continue;
    const bool full = std::ranges::any_of(service.ways, [&](const Way& way) {
      return lane.share[at(way.movement)] > 0.1F && exit_blocked_until_s_[at(way.exit)] > 0;
    });
    if (!full) return false;
    blocked = true;
  }
  return blocked;
}

// For the people at the desk: what speaks most for the stage that was chosen.
StageReason Planner::reason_of(const Decision& decision, const JunctionView& view) const {
  float waiting = 0;
  float coming = 0;
  float elsewhere = 0;
  StageReason important = StageReason::resting;
  for (int a = 0; a < approaches_; ++a) {
    const LaneArrivals& lane = forecast_.arrivals()[at(a)];
    if (!services_[at(decision.stage)][at(a)].green) {
      elsewhere += lane.by[0];
      continue;
    }
    waiting += lane.waiting;
    coming += lane.by[at(std::min(10, settings_.arrivals.horizon_s))];
    for (const LaneArrivals::Important& one : lane.important) {
      if (important == StageReason::emergency) break;
      important = one.kind == VehicleKind::bus ? StageReason::bus : StageReason::emergency;
    }
  }
  if (important != StageReason::resting) return important;
  if (decision.stage != view.stage) return StageReason::demand_elsewhere;
  if (waiting >= 1) return StageReason::serving_queue;
  if (coming >= 0.5F && elsewhere >= 0.5F) return StageReason::arrivals_near;
  return StageReason::resting;
}

Decision Planner::conclude(const JunctionView& view) {
  const int horizon = settings_.arrivals.horizon_s;
  const int best = best_plan(horizon);
  const Layer& last = layers_[at(horizon)];
  Decision decision{.stage = first_stage(horizon, best),
                    .next_s = view.now_s + 1,
                    .reason = StageReason::resting,
                    .expected_delay_s = last.value[at(best)]};
  double other = 0;
  for (int plan = 0; plan < last.size; ++plan) {
    if (first_stage(horizon, plan) == decision.stage) continue;
    if (other == 0 || last.value[at(plan)] < other) other = last.value[at(plan)];
  }
  decision.other_delay_s = other;
  decision.reason = reason_of(decision, view);
  if (decision.stage != view.stage && view.stage != clearing_ && leads_nowhere(decision.stage, view)) {
    decision.stage = view.stage;
    decision.reason = StageReason::exit_blocked;
  }
  for (int a = 0; a < approaches_; ++a) {
    if (services_[at(decision.stage)][at(a)].green) decision.queue += forecast_.arrivals()[at(a)].waiting;
  }
  tell_neighbours(view, best);
  return decision;
}

void Planner::tell_neighbours(const JunctionView& view, int plan) {
  outflow_.clear();
  const int horizon = settings_.arrivals.horizon_s;
  std::vector<int> path(at(horizon) + 1, 0);
  for (int second = horizon, at_plan = plan; second >= 0; --second) {
    path[at(second)] = at_plan;
    at_plan = layers_[at(second)].parent[at(at_plan)];
  }
  for (int second = 1; second <= horizon; ++second) {
    for (int a = 0; a < approaches_; ++a) {
      const float let_go = layers_[at(second)].served[at(path[at(second)] * approaches_ + a)] -
                           layers_[at(second - 1)].served[at(path[at(second - 1)] * approaches_ + a)];
      if (let_go <= 0.01F) continue;
      const LaneArrivals& lane = forecast_.arrivals()[at(a)];
      for (std::size_t m = 0; m < junction_.movements.size(); ++m) {
        const Movement& movement = junction_.movements[m];
        if (lane.share[m] < 0.02F || junction_.lanes[at(movement.to)].far_junction.empty()) continue;
        outflow_.push_back({.exit_lane = movement.to,
                            .at_s = view.now_s + second + movement.length_m / movement.speed_mps,
                            .vehicles = let_go * lane.share[m]});
      }
    }
  }
}

Decision Planner::decide(const JunctionView& view) {
  forecast_.see(view);
  note_exits(view);
  if (view.green_s <
      junction_.stages[at(view.stage)].min_green_s) {  // nothing can be chosen: what was told still holds
    return {.stage = view.stage, .next_s = view.now_s + 1, .reason = StageReason::minimum_green};
  }
  start(view);
  for (int second = 1; second <= settings_.arrivals.horizon_s; ++second) extend(second);
  Decision decision = conclude(view);
  const int starved = starved_stage(view);
  if (starved >= 0) {
    decision.stage = starved;
    decision.reason = StageReason::starved;
  }
  clear_first(view, decision);
  return decision;
}

void Planner::save(base::ByteWriter& out) const {
  forecast_.save(out);
  out.varint(outflow_.size());
  for (const Outflow& one : outflow_) {
    out.varint(static_cast<std::uint64_t>(one.exit_lane));
    out.f64(one.at_s);
    out.f64(one.vehicles);
  }
}

base::Status Planner::load(base::ByteReader& in) {
  TRY(forecast_.load(in));
  outflow_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::uint64_t lane = in.varint();
    if (lane >= junction_.lanes.size())
      return base::fail(base::Errc::malformed, "the saved plan is of another junction");
    outflow_.push_back({.exit_lane = static_cast<int>(lane), .at_s = in.f64(), .vehicles = in.f64()});
  }
  return in.ok() ? base::Status{} : base::fail(base::Errc::malformed, "the saved plan is cut off");
}

std::unique_ptr<Controller> make_planner(const Junction& junction) {
  return std::make_unique<Planner>(junction);
}

}  // namespace cityloop::traffic
