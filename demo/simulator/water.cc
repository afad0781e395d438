#include "demo/simulator/water.h"

#include <algorithm>
#include <cmath>

namespace cityloop::demo {
namespace {

constexpr double kShutOffLift_m = 14;  // beyond which it moves nothing
constexpr double kLift_m = 5.5;        // from the underpass's floor to the sewer
constexpr double kDry_m = 0.02;

}  // namespace

Underpass::Underpass(std::string id, UnderpassShape shape, std::uint64_t seed)
    : Device({.kind = "water", .id = std::move(id), .period = std::chrono::seconds(2)}, seed), shape_(shape) {}

// Volume is floor·h + spread·h²/2: the level is its positive root.
double Underpass::level_m() const {
  const double a = shape_.spread_m2_per_m / 2;
  const double b = shape_.floor_m2;
  return (std::sqrt(b * b + 4 * a * volume_m3_) - b) / (2 * a);
}

double Underpass::draw(double m3) {
  const double taken = std::min(m3, volume_m3_);
  volume_m3_ -= taken;
  return taken;
}

void Underpass::step(const Surroundings& now) {
  const double hours = now.weather_step_s / 3600;
  volume_m3_ += now.rain_mmh / 1000 * shape_.catchment_m2 * shape_.runoff * hours;
  draw(shape_.drain_m3h * hours);
  measured_m_ = std::max(0.0, level_m() + 0.002 * rng().normal());
}

void Underpass::write(base::JsonWriter& out) const {
  out.field("waterLevel", rounded(measured_m_, 3));
}

Pump::Pump(std::string id, Underpass* underpass, PumpPlate plate, std::uint64_t seed)
    : Device({.kind = "pump", .id = std::move(id), .period = std::chrono::seconds(5)}, seed),
      underpass_(underpass),
      plate_(plate) {}

void Pump::step(const Surroundings& now) {
  flow_m3h_ = 0;
  current_a_ = 0;
  if (!running_) return;
  const double level_m = underpass_ ? underpass_->level_m() : 0;
  if (level_m < kDry_m) {
    running_ = false;
    has_news();
    return;
  }
  // The less it has to lift, the more it moves: its curve falls as a square root to nothing at the shut-off lift.
  const double spare = (kShutOffLift_m - (kLift_m - level_m)) / (kShutOffLift_m - kLift_m);
  const double wanted_m3h = plate_.rated_flow_m3h * std::sqrt(std::max(0.0, spare));
  const double hours = now.weather_step_s / 3600;
  if (hours > 0) flow_m3h_ = underpass_->draw(wanted_m3h * hours) / hours;
  current_a_ = plate_.rated_current_a * (0.55 + 0.45 * flow_m3h_ / plate_.rated_flow_m3h) + 0.3 * rng().normal();
}

void Pump::write(base::JsonWriter& out) const {
  out.field("pump", running_);
  out.field("flow", rounded(flow_m3h_, 0));
  out.field("current", rounded(std::max(0.0, current_a_), 1));
}

base::Status Pump::take(std::string_view name, const base::JsonValue& value, Instant now) {
  if (name != "pump") return Device::take(name, value, now);
  const bool* on = value.boolean();
  if (!on) return base::fail(base::Errc::invalid, "pump takes true or false");
  if (*on && !running_ && rng().uniform() < plate_.fault_rate) {
    return base::fail(base::Errc::unavailable, "motor protection tripped");
  }
  running_ = *on;
  has_news();
  return {};
}

}  // namespace cityloop::demo
