#include "domain/traffic/signal/zone_watch.h"

#include <algorithm>

#include "base/json_value.h"
#include "domain/traffic/signal/device_lights.h"

namespace cityloop::traffic {
namespace {

const flow::Name kWithin("vehiclesWithin");

constexpr double kFresh_s = 3;
constexpr double kBeyond_m = 10;  // what a camera may be wrong about a place
constexpr double kLongAgo_s = -1e18;
constexpr double kMinute_s = 60;

}  // namespace

ZoneWatch::ZoneWatch(const SignalJunction& is) : is_(&is), zones_(is.zones.size()) {}

// Nothing where one of them cannot be.
std::optional<std::vector<InsideVehicle>> ZoneWatch::vehicles_from(const flow::Value& value) const {
  const auto* json = std::get_if<flow::Json>(&value);
  const auto parsed = json ? base::JsonValue::parse(json->text) : base::JsonValue{};
  const auto* list = parsed ? parsed->array() : nullptr;
  if (!list) return std::nullopt;
  const Junction& junction = *is_->junction;
  std::vector<InsideVehicle> out;
  for (const base::JsonValue& one : *list) {
    InsideVehicle vehicle{.to_exit_m = one.number_or("toExit", 0),
                          .speed_mps = one.number_or("speed", -1),
                          .waited_s = one.number_or("waited", 0)};
    const std::string movement = one.text_or("movement", "");
    const auto found = std::ranges::find(is_->movements, movement);
    if (found != is_->movements.end()) vehicle.movement = int(found - is_->movements.begin());
    const double longest_m =
        vehicle.movement < 0 ? 200 : junction.movements[std::size_t(vehicle.movement)].length_m + kBeyond_m;
    const bool sound = (movement.empty() || vehicle.movement >= 0) && vehicle.to_exit_m >= 0 &&
                       vehicle.to_exit_m <= longest_m && vehicle.speed_mps >= 0 && vehicle.speed_mps <= 60 &&
                       vehicle.waited_s >= 0 && vehicle.waited_s <= junction.max_red_s + kMinute_s;
    if (!sound) return std::nullopt;
    out.push_back(vehicle);
  }
  return out;
}

void ZoneWatch::see(std::size_t zone, const flow::Change& change, flow::Instant at) {
  Zone& one = zones_[zone];
  if (change.kind == flow::ChangeKind::erased) one = {};
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.now.name != kWithin || told.removed || told.late || !told.now.dataset_id.empty()) continue;
    const flow::Instant seen_at = told.now.observed_at == flow::kNever ? at : std::min(told.now.observed_at, at);
    auto vehicles = vehicles_from(told.now.value);
    one.told_s = vehicles ? seconds_of(seen_at) : kLongAgo_s;
    one.vehicles = std::move(vehicles).value_or(std::vector<InsideVehicle>{});
  }
}

std::optional<std::vector<InsideVehicle>> ZoneWatch::inside(double now_s) const {
  const bool all_tell = std::ranges::all_of(zones_, [&](const Zone& one) { return now_s - one.told_s <= kFresh_s; });
  if (zones_.empty() || !all_tell) return std::nullopt;
  std::vector<InsideVehicle> out;
  for (const Zone& one : zones_) out.insert(out.end(), one.vehicles.begin(), one.vehicles.end());
  return out;
}

void ZoneWatch::save(base::ByteWriter& out) const {
  out.varint(zones_.size());
  for (const Zone& one : zones_) {
    out.f64(one.told_s);
    out.varint(one.vehicles.size());
    for (const InsideVehicle& vehicle : one.vehicles) {
      out.svarint(vehicle.movement);
      for (const double v : {vehicle.to_exit_m, vehicle.speed_mps, vehicle.waited_s}) out.f64(v);
    }
  }
}

base::Status ZoneWatch::load(base::ByteReader& in) {
  const auto other = [&] { return base::fail(base::Errc::corrupt, "{} had other zones", is_->junction->id); };
  if (in.varint() != zones_.size()) return other();
  for (Zone& one : zones_) {
    one.told_s = in.f64();
    one.vehicles.clear();
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      InsideVehicle vehicle{.movement = int(in.svarint())};
      for (double* v : {&vehicle.to_exit_m, &vehicle.speed_mps, &vehicle.waited_s}) *v = in.f64();
      if (vehicle.movement < -1 || vehicle.movement >= int(is_->movements.size())) return other();
      one.vehicles.push_back(vehicle);
    }
  }
  return in.ok() ? base::Status{} : other();
}

}  // namespace cityloop::traffic
