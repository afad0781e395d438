#include "domain/traffic/signal/arrivals.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace cityloop::traffic {
namespace {

constexpr int kStretches = 3;     // of a lane: near its end, before that, far
constexpr double kForget_s = 20;  // who was not seen for so long has gone elsewhere
constexpr double kWithin_s = 90;  // but who was on an approach may wait within the junction for its gap
constexpr double kMemory = 400;   // vehicles that a share remembers
constexpr double kStanding_mps = 2;

double prior_of(MovementKind kind) {
  switch (kind) {
    case MovementKind::straight: return 3;
    case MovementKind::right:
    case MovementKind::left: return 1;
    case MovementKind::u_turn: return 0.05;
    case MovementKind::pedestrian: return 0;
  }
  return 0;
}

// Adds one to a place; what was learned long ago fades.
void learn(std::vector<float>& weights, std::size_t place) {
  weights[place] += 1;
  const float sum = std::accumulate(weights.begin(), weights.end(), 0.0F);
  if (sum <= kMemory) return;
  for (float& weight : weights) weight *= static_cast<float>(kMemory) / sum;
}

}  // namespace

ArrivalForecast::ArrivalForecast(const Junction& junction, const ArrivalSettings& settings)
    : junction_(junction), settings_(settings), approach_of_(junction.lanes.size(), -1) {
  for (std::size_t i = 0; i < junction.lanes.size(); ++i) {
    if (junction.lanes[i].role != LaneRole::approach) continue;
    approach_of_[i] = static_cast<int>(approaches_.size());
    approaches_.push_back(static_cast<int>(i));
  }
  const auto steps = static_cast<std::size_t>(settings.horizon_s) + 1;
  arrivals_.resize(approaches_.size());
  for (LaneArrivals& one : arrivals_) {
    one.by.resize(steps);
    one.moving.resize(steps);
    one.share.resize(junction.movements.size());
  }
  rate_.assign(approaches_.size(), 0);
  promised_until_s_.assign(approaches_.size(), 0);
  add_priors();
}

int ArrivalForecast::cell(int lane, double to_end_m) const {
  const int stretch = to_end_m < settings_.near_m ? 0 : to_end_m < 3 * settings_.near_m ? 1 : 2;
  return lane * kStretches + stretch;
}

// Before anybody was followed: an approach keeps its vehicles, an upstream lane's spread over where it leads.
void ArrivalForecast::add_priors() {
  const std::size_t count = approaches_.size();
  std::vector<std::vector<float>> leads(junction_.lanes.size(), std::vector<float>(count + 1, 0));
  for (std::size_t i = 0; i < approaches_.size(); ++i) leads[static_cast<std::size_t>(approaches_[i])][i] = 1;
  for (std::size_t i = 0; i < junction_.lanes.size(); ++i) {  // an upstream lane stands after those that it leads to
    const Lane& lane = junction_.lanes[i];
    for (const int next : lane.next) {
      for (std::size_t a = 0; a <= count; ++a) {
        leads[i][a] += leads[static_cast<std::size_t>(next)][a] / static_cast<float>(lane.next.size());
      }
    }
  }
  for (const std::vector<float>& lead : leads) {
    for (int stretch = 0; stretch < kStretches; ++stretch) {
      std::vector<float>& weights = cells_.emplace_back(lead);
      for (float& weight : weights) weight *= stretch == 0 ? 8.0F : 3.0F;
    }
  }
  turns_.assign(count, std::vector<float>(junction_.movements.size(), 0));
  for (std::size_t m = 0; m < junction_.movements.size(); ++m) {
    const Movement& movement = junction_.movements[m];
    if (movement.from < 0) continue;
    const int approach = approach_of_[static_cast<std::size_t>(movement.from)];
    if (approach >= 0) turns_[static_cast<std::size_t>(approach)][m] = static_cast<float>(prior_of(movement.kind));
  }
}

void ArrivalForecast::leave(const Track& track, int exit_lane) {
  if (track.approach < 0) return;
  const auto approach = static_cast<std::size_t>(track.approach);
  for (std::size_t m = 0; m < junction_.movements.size(); ++m) {
    const Movement& movement = junction_.movements[m];
    if (movement.from == approaches_[approach] && movement.to == exit_lane) learn(turns_[approach], m);
  }
  for (const int at : track.cells) learn(cells_[static_cast<std::size_t>(at)], approach);
  rate_[approach] += static_cast<float>(1 / settings_.rate_memory_s);
}

void ArrivalForecast::forget_old(double now_s) {
  for (auto it = tracks_.begin(); it != tracks_.end();) {
    if (now_s - it->second.seen_s <= (it->second.approach < 0 ? kForget_s : kWithin_s)) {
      ++it;
      continue;
    }
    // Who was last seen before the approaches has turned off: its stretches lead elsewhere too.
    if (it->second.approach < 0) {
      for (const int at : it->second.cells) learn(cells_[static_cast<std::size_t>(at)], approaches_.size());
    }
    it = tracks_.erase(it);
  }
}

void ArrivalForecast::follow(const JunctionView& view) {
  const double elapsed_s = last_s_ < 0 ? 1 : view.now_s - last_s_;
  last_s_ = view.now_s;
  for (float& rate : rate_) rate *= static_cast<float>(std::exp(-elapsed_s / settings_.rate_memory_s));
  for (std::size_t i = 0; i < junction_.lanes.size(); ++i) {
    const bool exit = junction_.lanes[i].role == LaneRole::exit;
    for (const SeenVehicle& vehicle : view.lanes[i].vehicles) {
      if (vehicle.track == 0) continue;
      if (exit) {
        const auto found = tracks_.find(vehicle.track);
        if (found == tracks_.end()) continue;
        leave(found->second, static_cast<int>(i));
        tracks_.erase(found);
        continue;
      }
      Track& track = tracks_[vehicle.track];
      track.seen_s = view.now_s;
      track.to_end_m = vehicle.to_end_m;
      track.speed_mps = vehicle.speed_mps;
      track.approach = approach_of_[i];
      const int at = cell(static_cast<int>(i), vehicle.to_end_m);
      if (track.cells.empty() || track.cells.back() != at) track.cells.push_back(at);
    }
  }
  if (std::fmod(view.now_s, 10) < 1) forget_old(view.now_s);
}

double ArrivalForecast::drive_s(double distance_m, double speed_mps, double limit_mps) const {
  const double a = settings_.accel_mps2;
  const double speed = std::min(speed_mps, limit_mps);
  const double gaining_s = (limit_mps - speed) / a;
  const double gaining_m = speed * gaining_s + a * gaining_s * gaining_s / 2;
  if (distance_m <= gaining_m) return (std::sqrt(speed * speed + 2 * a * distance_m) - speed) / a;
  return gaining_s + (distance_m - gaining_m) / limit_mps;
}

void ArrivalForecast::put(int approach, double at_s, double vehicles, bool moving) {
  LaneArrivals& lane = arrivals_[static_cast<std::size_t>(approach)];
  const int place = static_cast<int>(std::ceil(at_s));
  if (place > settings_.horizon_s) return;
  const auto t = static_cast<std::size_t>(std::max(0, place));
  lane.by[t] += static_cast<float>(vehicles);
  if (moving) lane.moving[t] += static_cast<float>(vehicles);
}

void ArrivalForecast::add_vehicle(int lane_index, const SeenVehicle& vehicle) {
  const Lane& lane = junction_.lanes[static_cast<std::size_t>(lane_index)];
  const double distance_m = lane.to_stop_line_m + vehicle.to_end_m;
  const bool moving = vehicle.speed_mps > kStanding_mps;
  const double at_s = drive_s(distance_m, vehicle.speed_mps, lane.speed_mps);
  const std::vector<float>& weights = cells_[static_cast<std::size_t>(cell(lane_index, vehicle.to_end_m))];
  const int own = approach_of_[static_cast<std::size_t>(lane_index)];
  if (own >= 0 && !moving) arrivals_[static_cast<std::size_t>(own)].waiting += 1;
  if (vehicle.kind != VehicleKind::car) {
    const auto likely = std::max_element(weights.begin(), weights.end() - 1) - weights.begin();
    arrivals_[static_cast<std::size_t>(own >= 0 ? own : likely)].important.push_back(
        {.rank = 0, .at_s = static_cast<float>(at_s), .kind = vehicle.kind});
  }
  if (own >= 0 && vehicle.to_end_m < settings_.near_m) {
    put(own, at_s, 1, moving);
    return;
  }
  const float sum = std::accumulate(weights.begin(), weights.end(), 0.0F);
  for (std::size_t a = 0; a < approaches_.size(); ++a) {
    if (weights[a] > 0.02F * sum) put(static_cast<int>(a), at_s, weights[a] / sum, moving);
  }
}

// Where only counts are known the queue stands at the line and the rest is spread over the lane.
void ArrivalForecast::add_counts(int lane_index, const LaneView& view) {
  const Lane& lane = junction_.lanes[static_cast<std::size_t>(lane_index)];
  const int count = static_cast<int>(std::lround(std::min(view.count, 500.0)));
  const int queue = std::min(count, static_cast<int>(std::lround(view.queue)));
  for (int i = 0; i < count; ++i) {
    const bool stands = i < queue;
    const double spread_m = lane.length_m * (i - queue + 0.5) / std::max(1, count - queue);
    add_vehicle(lane_index, {.to_end_m = stands ? 7.5 * i : std::max(7.5 * queue, spread_m),
                             .speed_mps = stands ? 0 : lane.speed_mps});
  }
}

void ArrivalForecast::add_promises(const JunctionView& view) {
  std::ranges::fill(promised_until_s_, 0.0F);
  for (const Promise& promise : view.promises) {
    const Lane& lane = junction_.lanes[static_cast<std::size_t>(promise.lane)];
    const double at_s = promise.at_s - view.now_s + (lane.length_m + lane.to_stop_line_m) / lane.speed_mps;
    const std::vector<float>& weights = cells_[static_cast<std::size_t>(cell(promise.lane, lane.length_m))];
    const float sum = std::accumulate(weights.begin(), weights.end(), 0.0F);
    for (std::size_t a = 0; a < approaches_.size(); ++a) {
      if (weights[a] <= 0.02F * sum) continue;
      if (at_s >= 0) put(static_cast<int>(a), at_s, promise.vehicles * weights[a] / sum, true);
      promised_until_s_[a] = std::max(promised_until_s_[a], static_cast<float>(at_s));
    }
  }
}

void ArrivalForecast::add_unseen() {
  for (std::size_t a = 0; a < approaches_.size(); ++a) {
    const Lane& lane = junction_.lanes[static_cast<std::size_t>(approaches_[a])];
    arrivals_[a].visible_s = static_cast<float>(settings_.reach_m / lane.speed_mps);
    const float from_s = std::max(arrivals_[a].visible_s, promised_until_s_[a]);
    const auto vehicles = static_cast<float>(rate_[a] * settings_.unseen_share);
    for (int t = static_cast<int>(from_s) + 1; t <= settings_.horizon_s; ++t) {
      arrivals_[a].by[static_cast<std::size_t>(t)] += vehicles;
      arrivals_[a].moving[static_cast<std::size_t>(t)] += vehicles;
    }
  }
}

void ArrivalForecast::see(const JunctionView& view) {
  follow(view);
  for (std::size_t a = 0; a < approaches_.size(); ++a) {
    LaneArrivals& lane = arrivals_[a];
    std::ranges::fill(lane.by, 0.0F);
    std::ranges::fill(lane.moving, 0.0F);
    lane.important.clear();
    lane.waiting = 0;
    const float sum = std::accumulate(turns_[a].begin(), turns_[a].end(), 0.0F);
    for (std::size_t m = 0; m < lane.share.size(); ++m) lane.share[m] = sum > 0 ? turns_[a][m] / sum : 0;
  }
  for (std::size_t i = 0; i < junction_.lanes.size(); ++i) {
    if (junction_.lanes[i].role == LaneRole::exit) continue;
    const LaneView& lane = view.lanes[i];
    if (!lane.has_positions) add_counts(static_cast<int>(i), lane);
    for (const SeenVehicle& vehicle : lane.vehicles) add_vehicle(static_cast<int>(i), vehicle);
  }
  add_promises(view);
  add_unseen();
  for (LaneArrivals& lane : arrivals_) {
    std::partial_sum(lane.by.begin(), lane.by.end(), lane.by.begin());
    for (LaneArrivals::Important& one : lane.important) {
      const auto t = static_cast<std::size_t>(std::clamp(one.at_s, 0.0F, static_cast<float>(settings_.horizon_s)));
      one.rank = t == 0 ? 0 : lane.by[t - 1];
    }
  }
}

}  // namespace cityloop::traffic
