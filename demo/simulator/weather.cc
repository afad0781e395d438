#include "demo/simulator/weather.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cityloop::demo {

double Rain::mmh_at(Instant t) const {
  if (t < plan_.first) return 0;
  const Duration since = t - plan_.first;
  const auto number = since / plan_.every;
  const Duration within = since % plan_.every;
  if (within >= plan_.lasts) return 0;
  base::Rng rng(seed_ + std::uint64_t(number) * 0x51ed270b);
  rng.next();
  // The first storm is a heavy one, so that whoever has just begun sees what heavy rain does.
  const double peak_mmh = number == 0 ? 110 : rng.uniform(70, 120);
  const double phase = double(within.count()) / double(plan_.lasts.count());
  return peak_mmh * std::sqrt(std::sin(std::numbers::pi * phase));
}

WeatherStation::WeatherStation(std::string id, std::uint64_t seed)
    : Device({.kind = "weather", .id = std::move(id), .period = std::chrono::seconds(5)}, seed) {}

void WeatherStation::step(const Surroundings& now) {
  rain_mmh_ = now.rain_mmh;
  const double raining = std::min(1.0, now.rain_mmh / 20);
  const double expected_c = 17 + 6 * bell(now.hour, 14.5, 4) - 3 * raining;
  warmth_.step(rng(), now.step_s);
  temperature_c_ += (expected_c + warmth_.value() - temperature_c_) * (1 - std::exp(-now.step_s / 30));
  const double expected_humidity = std::clamp(0.85 - 0.02 * (temperature_c_ - 15) + 0.12 * raining, 0.2, 0.99);
  humidity_ += (expected_humidity - humidity_) * (1 - std::exp(-now.step_s / 20));
  wind_ms_ = std::max(0.0, 2.2 + 4 * raining + gusts_.step(rng(), now.step_s));
}

void WeatherStation::write(base::JsonWriter& out) const {
  out.field("temperature", rounded(temperature_c_, 1));
  out.field("relativeHumidity", rounded(humidity_, 2));
  out.field("windSpeed", rounded(wind_ms_, 1));
  out.field("precipitation", rounded(rain_mmh_, 1));
}

}  // namespace cityloop::demo
