// Rain that comes in storms, and the station that measures it.
#pragma once

#include "demo/simulator/device.h"

namespace cityloop::demo {

struct StormPlan {
  Instant first{base::kNever};  // when the first storm begins
  Duration every{std::chrono::minutes(4)};
  Duration lasts{std::chrono::seconds(30)};
};

// How hard it rains, given by the seed alone: the n-th storm is the same whoever asks and whenever.
class Rain {
 public:
  Rain(StormPlan plan, std::uint64_t seed) : plan_(plan), seed_(seed) {}
  double mmh_at(Instant) const;  // 0 between storms; swells and fades within one

 private:
  StormPlan plan_;
  std::uint64_t seed_;
};

class WeatherStation : public Device {
 public:
  WeatherStation(std::string id, std::uint64_t seed);
  void step(const Surroundings&) override;
  void write(base::JsonWriter&) const override;

 private:
  Wander warmth_{0.6, 1800}, gusts_{0.8, 60};
  double temperature_c_{18}, humidity_{0.6}, wind_ms_{2}, rain_mmh_{0};
};

}  // namespace cityloop::demo
