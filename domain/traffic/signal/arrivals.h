// When vehicles will be at the stop lines of a junction, from what is seen of its lanes now and learned before.
//
//   JunctionView ─▶ [ArrivalForecast] ─▶ per approach lane: vehicles expected at the line by each second of the horizon
//
// Vehicles in sight drive on at what their lane allows; which approach they will stand on, and which way they will
// turn, is told from shares learned of vehicles followed before (none of them knows a route). Vehicles that a neighbour
// promises are added when they are to appear, and beyond sight and promise the lane's own rate of the last minutes.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "domain/traffic/signal/controller.h"
#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic {

struct ArrivalSettings {
  int horizon_s{40};
  double accel_mps2{2.0};
  double reach_m{200};  // how far vehicles are seen
  double near_m{40};    // nobody changes lanes any more
  double rate_memory_s{300};
  double unseen_share{1.0};  // of the lane's own rate that is expected beyond sight and promise
};

// What one approach lane is expected to see. Vectors have horizon_s + 1 places: place t is the end of second t.
struct LaneArrivals {
  std::vector<float> by;      // vehicles at the line by then, with those that wait now
  std::vector<float> moving;  // of those that come within second t, who drive now and would be stopped
  std::vector<float> share;   // per movement of the junction: the part that turns so; 0 for others' movements
  float waiting{};            // vehicles standing or nearly so
  float visible_s{};          // seconds until the first that cannot be seen now
  struct Important {
    float rank;  // vehicles before it on its lane
    float at_s;
    VehicleKind kind;
  };
  std::vector<Important> important;  // buses and emergency vehicles
};

class ArrivalForecast {
 public:
  // The junction outlives this.
  ArrivalForecast(const Junction&, const ArrivalSettings&);

  // Learns from the view, and tells what is to come from it.
  void see(const JunctionView&);

  // All that was learned and who is being followed.
  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

  const std::vector<int>& approaches() const { return approaches_; }       // lanes of the junction
  const std::vector<LaneArrivals>& arrivals() const { return arrivals_; }  // as approaches()

 private:
  struct Track {
    int approach{-1};        // last seen on, as a place of approaches_
    std::vector<int> cells;  // stretches that it was seen on
    double seen_s{};
    double to_end_m{};  // then
    double speed_mps{};
  };
  int cell(int lane, double to_end_m) const;
  void add_priors();
  void follow(const JunctionView&);
  void leave(const Track&, int exit_lane);
  void forget_old(double now_s);
  void add_vehicle(int lane, const SeenVehicle&);
  void add_counts(int lane, const LaneView&);
  void add_promises(const JunctionView&);
  void add_unseen();
  void put(int approach, double at_s, double vehicles, bool moving);
  double drive_s(double distance_m, double speed_mps, double limit_mps) const;

  const Junction& junction_;
  ArrivalSettings settings_;
  std::vector<int> approaches_;
  std::vector<int> approach_of_;           // lane → place of approaches_, or -1
  std::vector<std::vector<float>> cells_;  // cell → weight of each approach, and of leaving elsewhere
  std::vector<std::vector<float>> turns_;  // approach → weight of each of the junction's movements
  std::vector<float> rate_;                // approach → vehicles a second
  std::vector<float> promised_until_s_;
  std::unordered_map<std::uint64_t, Track> tracks_;
  std::vector<LaneArrivals> arrivals_;
  double last_s_{-1};
};

}  // namespace cityloop::traffic
