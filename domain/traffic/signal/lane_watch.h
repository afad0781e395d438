// What the detectors of one junction tell of its lanes, as far as they can be believed.
//
//   TrafficFlowObserved ─▶ [LaneWatch] ─▶ LaneView per lane, which approach is blind, queue and flow for the delay
//
// Read of an entity (Smart Data Models, TrafficFlowObserved, and attributes of our own); each reading should say
// when it was made (observedAt), or two equal ones are one:
//
//   intensity             vehicles that came since the last reading
//   departures            ours: vehicles that left the lane since then
//   occupancy             share of the time, 0 to 1 (P1: per cent)
//   averageVehicleSpeed   km/h (MTS: m/s)
//   vehicleCount          ours: vehicles on the lane now
//   queueLength           ours: of these, standing
//   waitingTime           ours: seconds for which the first of them has waited
//   trackedVehicles       ours: all vehicles on the lane, [{"toEnd": 12.5, "speed": 3.1, "waited": 0, "track": 17,
//                         "kind": "bus"}], in metres from the lane's end, m/s, seconds; by camera or radar
//
// A detector that only counts is taken to stand where vehicles enter the lane: the queue is then estimated, by what
// came while it was red less half a vehicle a second of green (1,800 an hour, HCM 2016). Of several detectors of a lane
// the first honest one that tells a thing is heard. Nothing of a detector that lies (detector_health.h) gets through.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/traffic/signal/controller.h"
#include "domain/traffic/signal/detector_health.h"
#include "domain/traffic/signal/safety_monitor.h"
#include "domain/traffic/signal/settings.h"
#include "flow/change.h"

namespace cityloop::traffic {

class LaneWatch {
 public:
  // The junction outlives this.
  LaneWatch(const SignalJunction&, const HealthLimits&);

  void see(std::size_t detector, const flow::Change&, flow::Instant at);
  // Time goes on: silence, estimated queues. `lights` may be null: nothing is known of them.
  void pass(double now_s, const SafetyMonitor* lights);
  // lanes as they are; vehicles that arrived are told once.
  void fill(std::vector<LaneView>& lanes, double now_s);

  // An approach of which nobody honest tells, neither on it nor on the lanes that lead into it; -1: none.
  int blind_lane() const;
  // The first detector of it that is not believed; -1: it has none.
  int liar_of(int lane) const;
  const DetectorHealth& health(std::size_t detector) const { return detectors_[detector].health; }

  double queue() const;           // vehicles standing on all approaches
  double take_passed();           // vehicles that passed the approaches' detectors since last asked
  double arrived_lately() const;  // vehicles in the last minute

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  struct Detector {
    DetectorHealth health;
    Reading last;
    std::optional<double> waited_s;
    std::vector<SeenVehicle> vehicles;
    double vehicles_at_s{-1e18};
    double passed{0};          // in all
    double others_at_last{0};  // what the others had counted then
    std::vector<std::size_t> same_vehicles;
  };
  struct LaneState {
    double queue{0};  // estimated
    double waits_since_s{0};
    double arrived{0};
  };
  static bool read(const flow::Attribute&, double lane_m, Detector&, Reading&, double now_s);
  std::optional<double> others_passed(Detector&) const;
  void count(std::size_t detector, const Reading&);
  const Detector* honest(int lane, std::optional<double> Reading::* member) const;
  double queue_of(int lane) const;
  bool lit(int lane, const SafetyMonitor* lights, double now_s) const;

  const SignalJunction* is_;
  std::vector<Detector> detectors_;
  std::vector<LaneState> lanes_;
  double now_s_{0};
  double passed_{0};
  struct Arrival {
    double at_s, vehicles;
  };
  std::vector<Arrival> arrivals_;  // of the last minute
};

}  // namespace cityloop::traffic
