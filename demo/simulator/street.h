// What stands along a street: air and noise sensors, traffic counters, lamps.
#pragma once

#include <cmath>

#include "demo/simulator/device.h"

namespace cityloop::demo {

// How busy the streets are at an hour, 0 to 1.
double street_life(double hour);

class AirSensor : public Device {
 public:
  AirSensor(std::string id, std::uint64_t seed);
  void step(const Surroundings&) override;
  void write(base::JsonWriter&) const override;

 private:
  Wander pm25_wander_{6, 600}, no2_wander_{5, 400};
  Episode dust_{14'400, 240, 480};  // a building site, a fire of leaves
  double near_traffic_;
  double washed_{1};  // share of the dust that rain has left in the air
  double pm25_{30}, no2_{20};
};

class NoiseSensor : public Device {
 public:
  // `zone_class` of GB 3096: from 0 (sanatoria) to 4 (beside a main road).
  NoiseSensor(std::string id, double zone_class, std::uint64_t seed);
  void step(const Surroundings&) override;
  void write(base::JsonWriter&) const override;

 private:
  Wander wander_{2.0, 8};
  Episode works_{7'200, 150, 300};  // a street is dug up, a feast is held
  double near_traffic_;
  double level_dba_{45};
};

// A counter on one segment: flow and speed by Greenshields' straight line between free flow and jam.
class TrafficCounter : public Device {
 public:
  TrafficCounter(std::string id, double free_flow_kmh, double capacity_veh_h, std::uint64_t seed);
  void step(const Surroundings&) override;
  void write(base::JsonWriter&) const override;
  void told() override { passed_ -= std::floor(passed_); }

 private:
  Wander wander_{0.06, 120};
  double free_flow_kmh_, capacity_veh_h_, popularity_;
  double speed_kmh_;
  double passed_{0};  // vehicles since the last message, and the part of one that is still passing
};

class Lamp : public Device {
 public:
  Lamp(std::string id, std::uint64_t seed);
  void step(const Surroundings&) override;
  void write(base::JsonWriter&) const override;
  base::Status take(std::string_view name, const base::JsonValue& value, Instant now) override;

 private:
  double dusk_;                     // the daylight below which this lamp's eye calls it night
  double brightness_percent_{100};  // as commanded
  bool on_{false};
  bool broken_{false};  // on, and dark; what it is commanded next may wake it
  double illuminance_lux_{0};
};

}  // namespace cityloop::demo
