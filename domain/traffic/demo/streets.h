// The streets of the demo in SUMO, in this process: seconds pass, lights are shown, detectors count, buses are
// somewhere.
//
//   network/*.xml ─ netconvert ─▶ town.net.xml ─ SUMO ─▶ [Streets] ─▶ what detectors, buses and a clock see
//
// SUMO is one per process: at most one object exists at a time. Nobody is ever taken off the street. Positions are
// WGS 84, lengths metres, speeds m/s, times seconds since the simulation's begin.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "domain/traffic/signal/controller.h"
#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic {

struct LonLat {
  double lon_deg{}, lat_deg{};
};

// What the detector of one lane measured in one second.
struct LaneSecond {
  int on_lane{}, queue{};  // vehicles; of these, standing
  int entered{}, left{};
  double waited_s{};                  // of the first of the queue
  double speed_sum_mps{};             // of all on the lane
  bool line_occupied{false};          // somebody is over the last metres before the stop line
  std::vector<SeenVehicle> vehicles;  // all of them, from the end of the lane backwards
};

struct SegmentPlace {
  std::string id, name_zh, name_en;
  std::vector<LonLat> line;
  double length_m{}, limit_mps{};
  int lanes{};
};

struct BusPlace {
  std::string id, line;
  LonLat at;
  double speed_mps{}, heading_deg{};
  bool at_stop{false};
};

// One movement a pair of lanes: they name it.
std::string movement_name(const Junction&, std::size_t movement);

// Makes town.net.xml of the sources by netconvert, where it is not there or older.
base::Result<std::filesystem::path> make_net(const std::filesystem::path& network, const std::filesystem::path& into);

class Streets {
 public:
  static base::Result<std::unique_ptr<Streets>> open(const std::filesystem::path& net,
                                                     const std::filesystem::path& demand, std::uint64_t seed);
  ~Streets();
  Streets(const Streets&) = delete;
  Streets& operator=(const Streets&) = delete;

  double now_s() const;
  base::Status step();
  void show(const std::string& junction, const std::string& letters);
  std::string shown(const std::string& junction) const;

  // Since the last time it was asked about this lane; meant to be asked each second.
  LaneSecond look(const std::string& lane);
  double mean_speed_mps(const std::string& edge) const;  // the limit where nobody drives
  std::vector<std::string> vehicles_on(const std::string& edge) const;
  std::vector<BusPlace> buses() const;
  // Ids ("FROM.TO.NUMBER" of a car) of those that came onto the streets in the last second, and that left them.
  std::vector<std::string> began() const;
  std::vector<std::string> ended() const;
  LonLat place_on(const std::string& edge, double at_m) const;
  double length_m(const std::string& edge) const;
  double limit_mps(const std::string& edge) const;
  std::vector<SegmentPlace> segments() const;
  LonLat junction_place(const std::string& id) const;

  // Something stands in the way on this edge until then: its vehicles creep.
  base::Status block(const std::string& edge, double until_s);
  std::vector<std::string> blocked() const;  // edges, by name

  // Delay from the last start_count() on: what each vehicle lost to others and to lights, and waited to enter.
  struct Delay {
    int vehicles{};
    double seconds{};           // of all of them together
    double to_enter_seconds{};  // of these, waited to enter
    double mean_s() const { return vehicles > 0 ? seconds / vehicles : 0; }
    double on_street_s() const { return vehicles > 0 ? (seconds - to_enter_seconds) / vehicles : 0; }
  };
  void start_count();
  Delay delay() const;
  int running() const;
  int standing() const;
  int waiting_to_enter() const { return int(entering_.size()); }
  int arrived() const { return arrived_; }
  int collisions() const { return collisions_; }

 private:
  struct Loss {
    double first_s{}, last_s{};
  };
  Streets() = default;
  void count();

  std::unordered_map<std::string, std::vector<std::string>> on_lane_;  // as it was last asked
  std::unordered_map<std::string, std::uint64_t> tracks_;
  std::unordered_map<std::string, Loss> losses_;
  struct Block {
    double until_s{}, limit_mps{};  // the edge's own limit
  };
  std::unordered_map<std::string, Block> blocked_;  // by edge
  double waited_to_enter_s_{0};
  std::vector<std::string> entering_;
  int arrived_{0}, collisions_{0}, standing_{0};
};

}  // namespace cityloop::traffic
