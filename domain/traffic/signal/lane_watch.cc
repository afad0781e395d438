#include "domain/traffic/signal/lane_watch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "base/json_value.h"
#include "domain/traffic/signal/device_lights.h"

namespace cityloop::traffic {

using flow::Name;

namespace {

const Name kIntensity("intensity"), kOccupancy("occupancy"), kSpeed("averageVehicleSpeed"), kCount("vehicleCount"),
    kQueue("queueLength"), kTracked("trackedVehicles"), kLeft("departures"), kWaiting("waitingTime"), kPerCent("P1"),
    kMetresPerSecond("MTS");

constexpr double kDischarge_per_s = 0.5;
constexpr double kStanding_mps = 1.4;
constexpr double kLongAgo_s = -1e18;
constexpr double kOnePlace_m = 1;
constexpr double kTracksFresh_s = 3;
constexpr double kMinute_s = 60;
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

// What stands where a number should is as bad as a wrong number.
double number_of(const flow::Attribute& attribute) {
  const double* number = std::get_if<double>(&attribute.value);
  return number ? *number : kNotANumber;
}

std::optional<SeenVehicle> vehicle_from(const base::JsonValue& one, double lane_m) {
  SeenVehicle out;
  out.to_end_m = one.number_or("toEnd", -1);
  out.speed_mps = one.number_or("speed", -1);
  out.waited_s = one.number_or("waited", 0);
  const double track = one.number_or("track", 0);
  const bool sound = out.to_end_m >= 0 && out.to_end_m <= lane_m + 10 && out.speed_mps >= 0 && out.speed_mps <= 60 &&
                     out.waited_s >= 0 && track >= 0 && track < 9e15;
  if (!sound) return std::nullopt;
  out.track = std::uint64_t(track);
  const std::string kind = one.text_or("kind", "car");
  if (kind == "bus") out.kind = VehicleKind::bus;
  else if (kind == "emergency") out.kind = VehicleKind::emergency;
  return out;
}

// Nothing where one of them cannot be.
std::optional<std::vector<SeenVehicle>> vehicles_from(const flow::Value& value, double lane_m) {
  const auto* json = std::get_if<flow::Json>(&value);
  const auto parsed = json ? base::JsonValue::parse(json->text) : base::JsonValue{};
  const auto* list = parsed ? parsed->array() : nullptr;
  if (!list) return std::nullopt;
  std::vector<SeenVehicle> out;
  for (const base::JsonValue& one : *list) {
    const auto vehicle = vehicle_from(one, lane_m);
    if (!vehicle) return std::nullopt;
    out.push_back(*vehicle);
  }
  std::ranges::stable_sort(out, {}, &SeenVehicle::to_end_m);
  return out;
}

// How often each vehicle is listed: two in one place, or under one number, are one.
double repeats_in(const std::vector<SeenVehicle>& vehicles) {
  std::set<std::uint64_t> tracks;
  std::size_t distinct = 0;
  for (std::size_t i = 0; i < vehicles.size(); ++i) {
    const bool there = i > 0 && vehicles[i].to_end_m - vehicles[i - 1].to_end_m < kOnePlace_m;
    const bool known = vehicles[i].track != 0 && !tracks.insert(vehicles[i].track).second;
    distinct += !there && !known;
  }
  return distinct == 0 ? 1 : double(vehicles.size()) / double(distinct);
}

double standing(const std::vector<SeenVehicle>& vehicles) {
  return double(std::ranges::count_if(vehicles, [](const SeenVehicle& one) { return one.speed_mps < kStanding_mps; }));
}

}  // namespace

LaneWatch::LaneWatch(const SignalJunction& is, const HealthLimits& given) : is_(&is) {
  HealthLimits limits = given;
  limits.stuck_s = std::max(is.stuck_after_s.value_or(limits.stuck_s),
                            is.junction->max_red_s + kMinute_s);  // a queue may stand as long as that
  lanes_.resize(is.junction->lanes.size());
  for (const DetectorPlace& place : is.detectors) {
    Detector detector{.health = DetectorHealth(limits)};
    for (const flow::EntityId other : place.same_vehicles) {
      const auto found = std::ranges::find(is.detectors, other, &DetectorPlace::entity);
      if (found != is.detectors.end()) detector.same_vehicles.push_back(std::size_t(found - is.detectors.begin()));
    }
    detectors_.push_back(std::move(detector));
  }
}

// One attribute of a reading; false where it is none.
bool LaneWatch::read(const flow::Attribute& told, double lane_m, Detector& detector, Reading& reading, double now_s) {
  const Name name = told.name;
  const double number = number_of(told);
  if (name == kIntensity) reading.passed = number;
  else if (name == kLeft) reading.left = number;
  else if (name == kOccupancy) reading.occupancy = told.unit_code == kPerCent ? number / 100 : number;
  else if (name == kSpeed) reading.speed_mps = told.unit_code == kMetresPerSecond ? number : number / 3.6;
  else if (name == kCount) reading.on_lane = number;
  else if (name == kQueue) reading.queue = number;
  else if (name == kWaiting) detector.waited_s = number >= 0 && number < 1e6 ? std::optional(number) : std::nullopt;
  else if (name != kTracked) return false;
  if (name != kTracked) return true;
  const auto vehicles = vehicles_from(told.value, lane_m);
  detector.vehicles = vehicles.value_or(std::vector<SeenVehicle>{});
  detector.vehicles_at_s = vehicles ? now_s : kLongAgo_s;
  reading.repeats = repeats_in(detector.vehicles);
  if (!vehicles) reading.passed = kNotANumber;
  if (!reading.on_lane) reading.on_lane = double(detector.vehicles.size());
  if (!reading.queue) reading.queue = standing(detector.vehicles);
  return true;
}

void LaneWatch::see(std::size_t at_detector, const flow::Change& change, flow::Instant at) {
  if (change.kind == flow::ChangeKind::erased) return;
  Detector& detector = detectors_[at_detector];
  const double lane_m = is_->junction->lanes[std::size_t(is_->detectors[at_detector].lane)].length_m;
  Reading reading;
  flow::Instant seen_at = flow::kNever;
  bool told = false;
  for (const flow::AttributeChange& one : change.attributes) {
    if (one.removed || one.late || !one.now.dataset_id.empty()) continue;
    if (!read(one.now, lane_m, detector, reading, seconds_of(at))) continue;
    told = true;
    seen_at = std::max(seen_at, std::min(one.now.observed_at, at));
  }
  if (!told) return;
  reading.at_s = seconds_of(seen_at == flow::kNever ? at : seen_at);
  if (reading.at_s <= detector.last.at_s) return;
  if (!reading.on_lane) reading.on_lane = detector.last.on_lane;
  if (!reading.queue) reading.queue = detector.last.queue;
  detector.health.take(reading, others_passed(detector));
  detector.last = reading;
  if (detector.health.honest()) count(at_detector, reading);
}

// What those who see the same vehicles have counted since this one's last reading; nothing where one of them lies.
std::optional<double> LaneWatch::others_passed(Detector& detector) const {
  if (detector.same_vehicles.empty()) return std::nullopt;
  double total = 0;
  bool all_honest = true;
  for (const std::size_t other : detector.same_vehicles) {
    total += detectors_[other].passed;
    all_honest = all_honest && detectors_[other].health.honest() && detectors_[other].last.at_s > 0;
  }
  const double since = total - detector.others_at_last;
  detector.others_at_last = total;
  return all_honest ? std::optional(since) : std::nullopt;
}

void LaneWatch::count(std::size_t at_detector, const Reading& reading) {
  const double came = reading.passed.value_or(0);
  detectors_[at_detector].passed += came;
  const int lane = is_->detectors[at_detector].lane;
  for (std::size_t i = 0; i < at_detector; ++i) {  // who was counted already by another one
    if (is_->detectors[i].lane == lane && detectors_[i].health.honest()) return;
  }
  LaneState& state = lanes_[std::size_t(lane)];
  state.arrived += came;
  if (is_->junction->lanes[std::size_t(lane)].role != LaneRole::approach) return;
  state.queue += came;
  passed_ += reading.left.value_or(came);
  arrivals_.push_back({reading.at_s, came});
}

bool LaneWatch::lit(int lane, const SafetyMonitor* lights, double now_s) const {
  const std::vector<Movement>& movements = is_->junction->movements;
  for (std::size_t m = 0; lights && m < movements.size(); ++m) {
    if (movements[m].from == lane && is_green(lights->light(int(m), now_s))) return true;
  }
  return false;
}

void LaneWatch::pass(double now_s, const SafetyMonitor* lights) {
  const double lasted_s = now_s_ == 0 ? 0 : std::clamp(now_s - now_s_, 0.0, 60.0);
  now_s_ = now_s;
  for (Detector& detector : detectors_) detector.health.pass(now_s);
  for (int lane = 0; lane < int(lanes_.size()); ++lane) {
    LaneState& state = lanes_[std::size_t(lane)];
    const bool green = lit(lane, lights, now_s);
    if (green) state.queue = std::max(0.0, state.queue - kDischarge_per_s * lasted_s);
    if (green || queue_of(lane) == 0) state.waits_since_s = now_s;
  }
  std::erase_if(arrivals_, [&](const Arrival& one) { return one.at_s < now_s - kMinute_s; });
}

const LaneWatch::Detector* LaneWatch::honest(int lane, std::optional<double> Reading::* member) const {
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    const Detector& one = detectors_[i];
    if (is_->detectors[i].lane == lane && one.last.at_s > 0 && one.health.honest() && one.last.*member) return &one;
  }
  return nullptr;
}

double LaneWatch::queue_of(int lane) const {
  const Detector* told = honest(lane, &Reading::queue);
  return told ? *told->last.queue : lanes_[std::size_t(lane)].queue;
}

void LaneWatch::fill(std::vector<LaneView>& lanes, double now_s) {
  lanes.assign(lanes_.size(), {});
  for (int lane = 0; lane < int(lanes.size()); ++lane) {
    LaneView& view = lanes[std::size_t(lane)];
    LaneState& state = lanes_[std::size_t(lane)];
    view.known = false;
    for (std::size_t i = 0; i < detectors_.size(); ++i) {
      const Detector& one = detectors_[i];
      if (is_->detectors[i].lane != lane || !one.health.honest() || one.last.at_s == 0) continue;
      view.known = true;
      if (now_s - one.vehicles_at_s > kTracksFresh_s || view.has_positions) continue;
      view.has_positions = true;
      view.vehicles = one.vehicles;
    }
    const Detector* counts = honest(lane, &Reading::on_lane);
    view.queue = queue_of(lane);
    view.count = std::max(view.queue, counts ? *counts->last.on_lane : 0.0);
    const Detector* waits = honest(lane, &Reading::queue);
    view.waited_s = view.queue <= 0 ? 0 : waits && waits->waited_s ? *waits->waited_s : now_s - state.waits_since_s;
    view.arrived = state.arrived;
    state.arrived = 0;
  }
}

int LaneWatch::blind_lane() const {
  const std::vector<Lane>& lanes = is_->junction->lanes;
  for (int lane = 0; lane < int(lanes.size()); ++lane) {
    if (lanes[std::size_t(lane)].role != LaneRole::approach) continue;
    bool seen = false;
    for (std::size_t i = 0; i < detectors_.size() && !seen; ++i) {
      const int on = is_->detectors[i].lane;
      const auto& next = lanes[std::size_t(on)].next;
      const bool tells = on == lane || std::ranges::find(next, lane) != next.end();
      seen = tells && detectors_[i].health.honest() && detectors_[i].last.at_s > 0;
    }
    if (!seen) return lane;
  }
  return -1;
}

int LaneWatch::liar_of(int lane) const {
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    if (is_->detectors[i].lane == lane && !detectors_[i].health.honest()) return int(i);
  }
  return -1;
}

double LaneWatch::queue() const {
  double total = 0;
  for (int lane = 0; lane < int(lanes_.size()); ++lane) {
    if (is_->junction->lanes[std::size_t(lane)].role == LaneRole::approach) total += queue_of(lane);
  }
  return total;
}

double LaneWatch::take_passed() {
  return std::exchange(passed_, 0);
}

double LaneWatch::arrived_lately() const {
  double total = 0;
  for (const Arrival& one : arrivals_) total += one.vehicles;
  return total;
}

void LaneWatch::save(base::ByteWriter& out) const {
  out.f64(now_s_);
  out.f64(passed_);
  out.varint(arrivals_.size());
  for (const Arrival& one : arrivals_) out.f64(one.at_s), out.f64(one.vehicles);
  out.varint(lanes_.size());
  for (const LaneState& state : lanes_) {
    for (const double v : {state.queue, state.waits_since_s, state.arrived}) out.f64(v);
  }
  out.varint(detectors_.size());
  for (const Detector& one : detectors_) {
    one.health.save(out);
    out.f64(one.last.at_s);
    for (const auto& value : {one.last.on_lane, one.last.queue, one.last.passed, one.last.occupancy, one.last.speed_mps,
                              one.last.left, one.waited_s}) {
      out.u8(value.has_value());
      out.f64(value.value_or(0));
    }
    for (const double v : {one.passed, one.others_at_last, one.vehicles_at_s}) out.f64(v);
    out.varint(one.vehicles.size());
    for (const SeenVehicle& vehicle : one.vehicles) {
      for (const double v : {vehicle.to_end_m, vehicle.speed_mps, vehicle.waited_s}) out.f64(v);
      out.varint(vehicle.track);
      out.u8(std::uint8_t(vehicle.kind));
    }
  }
}

base::Status LaneWatch::load(base::ByteReader& in) {
  const base::Status other =
      base::fail(base::Errc::corrupt, "what was kept of junction {} is of another one", is_->junction->id);
  now_s_ = in.f64();
  passed_ = in.f64();
  arrivals_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const double at_s = in.f64();
    arrivals_.push_back({at_s, in.f64()});
  }
  if (in.varint() != lanes_.size()) return other;
  for (LaneState& state : lanes_) {
    for (double* v : {&state.queue, &state.waits_since_s, &state.arrived}) *v = in.f64();
  }
  if (in.varint() != detectors_.size()) return other;
  for (Detector& one : detectors_) {
    TRY(one.health.load(in));
    one.last.at_s = in.f64();
    for (auto* value : {&one.last.on_lane, &one.last.queue, &one.last.passed, &one.last.occupancy, &one.last.speed_mps,
                        &one.last.left, &one.waited_s}) {
      const bool has = in.u8() != 0;
      const double number = in.f64();
      *value = has ? std::optional(number) : std::nullopt;
    }
    for (double* v : {&one.passed, &one.others_at_last, &one.vehicles_at_s}) *v = in.f64();
    one.vehicles.clear();
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      SeenVehicle vehicle;
      for (double* v : {&vehicle.to_end_m, &vehicle.speed_mps, &vehicle.waited_s}) *v = in.f64();
      vehicle.track = in.varint();
      vehicle.kind = VehicleKind(std::min<std::uint8_t>(in.u8(), std::uint8_t(VehicleKind::emergency)));
      one.vehicles.push_back(vehicle);
    }
  }
  return in.ok() ? base::Status{} : other;
}

}  // namespace cityloop::traffic
