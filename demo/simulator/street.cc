#include "demo/simulator/street.h"

#include <algorithm>
#include <cmath>

namespace cityloop::demo {
namespace {

Identity sensor(std::string kind, std::string id, int period_s) {
  return {
      .kind = std::move(kind), .id = std::move(id), .period = std::chrono::seconds(period_s), .may_fall_silent = true};
}

constexpr double kLampIlluminance_lux = 16;
constexpr double kBrokenShare = 0.12;  // of its light that a broken lamp still gives
constexpr double kBreaksEvery_s = 40'000;
constexpr double kDaylight_lux = 40000;

}  // namespace

double street_life(double hour) {
  return std::min(1.0, 0.05 + 0.75 * bell(hour, 8.3, 1.2) + 0.45 * bell(hour, 13, 2.8) + 0.8 * bell(hour, 18, 1.5));
}

AirSensor::AirSensor(std::string id, std::uint64_t seed)
    : Device(sensor("air", std::move(id), 10), seed), near_traffic_(rng().uniform(0.4, 1.0)) {}

void AirSensor::step(const Surroundings& now) {
  const double life = street_life(now.hour) * near_traffic_;
  // Rain takes dust out of the air within minutes; it comes back within an hour or so.
  washed_ = now.rain_mmh > 1 ? 0.35 + (washed_ - 0.35) * std::exp(-now.weather_step_s / 600)
                             : 1 + (washed_ - 1) * std::exp(-now.weather_step_s / 4000);
  pm25_wander_.step(rng(), now.step_s);
  no2_wander_.step(rng(), now.step_s);
  const double dust = dust_.step(rng(), now.step_s) ? 60 : 0;
  pm25_ = std::max(1.0, (26 + 22 * life + dust + pm25_wander_.value()) * washed_);
  no2_ = std::max(1.0, 12 + 48 * life + no2_wander_.value());
}

void AirSensor::write(base::JsonWriter& out) const {
  out.field("pm25", rounded(pm25_, 1));
  out.field("no2", rounded(no2_, 1));
}

NoiseSensor::NoiseSensor(std::string id, double zone_class, std::uint64_t seed)
    : Device(sensor("noise", std::move(id), 5), seed),
      near_traffic_(rng().uniform(0.8, 1.2) * 0.05 * std::pow(2, std::clamp(zone_class, 0.0, 4.0))) {}

void NoiseSensor::step(const Surroundings& now) {
  // Ten times the cars are ten decibels more; rain on the street is a noise of its own.
  const double cars_db = 10 * std::log10(0.01 + street_life(now.hour) * near_traffic_);
  const double rain_db = now.rain_mmh > 0 ? 40 + 8 * std::log10(1 + now.rain_mmh) : 0;
  const double works_db = works_.step(rng(), now.step_s) ? 75 : 0;
  const double power = std::pow(10, (72 + cars_db) / 10) + std::pow(10, rain_db / 10) + std::pow(10, works_db / 10);
  level_dba_ = 10 * std::log10(power) + wander_.step(rng(), now.step_s);
}

void NoiseSensor::write(base::JsonWriter& out) const {
  out.field("LAeq", rounded(level_dba_, 1));
}

TrafficCounter::TrafficCounter(std::string id, double free_flow_kmh, double capacity_veh_h, std::uint64_t seed)
    : Device(sensor("traffic", std::move(id), 10), seed),
      free_flow_kmh_(free_flow_kmh),
      capacity_veh_h_(capacity_veh_h),
      popularity_(rng().uniform(0.35, 0.75)),
      speed_kmh_(free_flow_kmh) {}

void TrafficCounter::step(const Surroundings& now) {
  wander_.step(rng(), now.step_s);
  // In heavy rain people drive slower, and so stand closer together.
  const double wet = 1 - 0.2 * std::min(1.0, now.rain_mmh / 50);
  const double density_share = std::clamp(street_life(now.hour) * popularity_ / wet + wander_.value(), 0.01, 0.95);
  speed_kmh_ = std::max(4.0, free_flow_kmh_ * wet * (1 - density_share));
  const double flow_veh_h = 4 * capacity_veh_h_ * density_share * (1 - density_share) * wet;
  passed_ += flow_veh_h / 3600 * now.step_s;
}

void TrafficCounter::write(base::JsonWriter& out) const {
  out.field("speed", rounded(speed_kmh_, 1));
  out.field("count", std::int64_t(passed_));
}

Lamp::Lamp(std::string id, std::uint64_t seed)
    : Device(sensor("light", std::move(id), 15), seed), dusk_(rng().uniform(0.04, 0.1)) {}

void Lamp::step(const Surroundings& now) {
  const bool was_on = on_;
  on_ = brightness_percent_ > 0 && now.daylight < (on_ ? dusk_ + 0.03 : dusk_);
  if (on_ && rng().uniform() < now.step_s / kBreaksEvery_s) broken_ = true;
  const double own_lux = on_ ? kLampIlluminance_lux * brightness_percent_ / 100 * (broken_ ? kBrokenShare : 1) : 0;
  illuminance_lux_ = kDaylight_lux * now.daylight + std::max(0.0, own_lux * (1 + 0.01 * rng().normal()));
  if (on_ != was_on) has_news();
}

void Lamp::write(base::JsonWriter& out) const {
  out.field("powerState", !on_ ? "off" : brightness_percent_ < 50 ? "low" : "on");
  out.field("brightness", brightness_percent_);
  out.field("illuminance", rounded(illuminance_lux_, 1));
}

base::Status Lamp::take(std::string_view name, const base::JsonValue& value, Instant now) {
  if (name != "brightness") return Device::take(name, value, now);
  const double* percent = value.number();
  if (!percent || *percent < 0 || *percent > 100) {
    return base::fail(base::Errc::invalid, "brightness takes a number from 0 to 100");
  }
  brightness_percent_ = *percent;
  if (rng().uniform() < 0.8) broken_ = false;
  has_news();
  return {};
}

}  // namespace cityloop::demo
