// An underpass that fills with rain, and the pump that empties it.
//
//   rain × catchment ─▶ water in the underpass ─▶ drain (slow), pump (fast, while it runs)
#pragma once

#include "demo/simulator/device.h"

namespace cityloop::demo {

struct UnderpassShape {
  double catchment_m2{20000};   // paved ground whose rain runs here
  double runoff{0.9};           // share of it that arrives
  double floor_m2{350};         // water surface at level 0
  double spread_m2_per_m{600};  // how much wider it is for each metre of level
  double drain_m3h{120};
};

class Underpass : public Device {
 public:
  Underpass(std::string id, UnderpassShape, std::uint64_t seed);
  void step(const Surroundings&) override;
  void write(base::JsonWriter&) const override;

  double level_m() const;
  double volume_m3() const { return volume_m3_; }
  double draw(double m3);  // what a pump takes out; gives how much there was

 private:
  UnderpassShape shape_;
  double volume_m3_{0};
  double measured_m_{0};
};

// Runs when told to, until told to stop or until its float switch sees that the underpass is dry.
struct PumpPlate {              // what is written on it
  double rated_flow_m3h{1200};  // at the lift from the underpass's floor
  double rated_current_a{44};
  double fault_rate{0};  // share of starts at which the motor's protection trips
};

class Pump : public Device {
 public:
  // `underpass` may be null: a pump that is not connected runs dry and stops at once.
  Pump(std::string id, Underpass* underpass, PumpPlate, std::uint64_t seed);
  void step(const Surroundings&) override;
  void write(base::JsonWriter&) const override;
  base::Status take(std::string_view name, const base::JsonValue& value, Instant now) override;
  bool running() const { return running_; }

 private:
  Underpass* underpass_;
  PumpPlate plate_;
  bool running_{false};
  double flow_m3h_{0};
  double current_a_{0};
};

}  // namespace cityloop::demo
