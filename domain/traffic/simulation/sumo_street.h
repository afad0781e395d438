// A SUMO simulation in this process, seen as its junctions with lights see it.
//
//   .sumocfg ─▶ [SumoStreet] ── JunctionView ─▶ Controller ─▶ stage ─▶ [SumoStreet] ─▶ lights in SUMO
//
// What a view holds is what detectors along the street could tell: vehicles with place, speed and kind within reach_m
// of a stop line (before it) or of the begin of an exit, which of them are the same as before, and who is within the
// junction on which way. Nothing is taken from routes. SUMO is one per process: at most one object exists at a time,
// and who wants several runs forks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "domain/traffic/signal/controller.h"
#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic {

struct SumoOptions {
  std::filesystem::path config;  // .sumocfg
  int seed{1};
  double scale{1};              // of the demand
  std::filesystem::path trips;  // where SUMO writes what became of each vehicle; empty: nowhere
  double reach_m{200};
};

class SumoStreet {
 public:
  // The junctions are those of the configuration's net, in their order; they outlive this.
  static base::Result<std::unique_ptr<SumoStreet>> open(const SumoOptions&, const std::vector<Junction>&);
  ~SumoStreet();
  SumoStreet(const SumoStreet&) = delete;
  SumoStreet& operator=(const SumoStreet&) = delete;

  double now_s() const;
  bool over() const;    // the configuration's end has come
  base::Status step();  // one second

  // Lanes of view and who is within, as they are now; what else it holds is left as it is.
  void look(std::size_t junction, JunctionView& view);
  void show(std::size_t junction, const std::string& lights);

  struct Crowd {
    int running{}, standing{}, waiting_to_enter{};
    int stuck{};  // standing for five minutes and more
  };
  Crowd crowd() const;

 private:
  struct Seen {
    std::uint64_t track{};
    VehicleKind kind{VehicleKind::car};
  };
  SumoStreet(const SumoOptions&, const std::vector<Junction>&);
  void read_lane(std::size_t lane);
  const Seen& identity(const std::string& vehicle);

  const SumoOptions options_;
  const std::vector<Junction>& junctions_;
  double end_s_{};
  std::vector<std::string> lane_ids_;               // each lane of any junction once
  std::vector<std::vector<std::size_t>> lane_of_;   // junction, lane → lane_ids_
  std::vector<std::vector<SeenVehicle>> vehicles_;  // as lane_ids_, of this second
  std::vector<double> read_at_s_;
  std::vector<std::string> shown_;
  std::unordered_map<std::string, Seen> identities_;
  std::uint64_t tracks_{0};
};

// Where the configuration's network lies.
base::Result<std::filesystem::path> net_of(const std::filesystem::path& config);

}  // namespace cityloop::traffic
