// Who drives through the town: cars from gate to gate with a peak every hour, and buses by their lines.
//
//   network/gates.csv, buses.csv, stops.csv, seed ─▶ [Demand] ─▶ SUMO's routes and bus stops
//
// A gate's weights say how much of the traffic comes from it and goes to it; who goes where follows from both. The hour
// rises to a peak at its middle and falls again, and the next hour is like it. Everything follows from the seed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace cityloop::traffic {

struct DemandOptions {
  std::uint64_t seed{1};
  double cars_per_h{3600};  // of the whole town, mean over the hour
  int hours{12};            // how long anybody comes
};

struct BusStop {
  std::string id, name_zh, name_en, lane;
  double at_m{};  // of the lane: where the bus's front stands
};
// One line in one direction.
struct BusLine {
  std::string id, route, name_zh, name_en, to_zh, to_en;
  int direction{};
  double every_s{}, first_s{};  // of the streets' seconds
  std::vector<std::string> edges;
  std::vector<BusStop> stops;
  double leaves_s(int number) const { return first_s + every_s * number; }
};
inline constexpr double kBusDwell_s = 15;

// From stops.csv and buses.csv.
base::Result<std::vector<BusLine>> read_bus_lines(const std::filesystem::path& network);
// SUMO's name of a bus is "bus-LINE-NUMBER".
std::string bus_id(const BusLine&, int number);

// Writes routes.rou.xml and stops.add.xml into the folder.
base::Status write_demand(const std::filesystem::path& network, const std::filesystem::path& into,
                          const DemandOptions&);

}  // namespace cityloop::traffic
