// The towns that incident detection is tried on: their net, and who drives where.
//
//   kind, seed ─▶ [make_town, write_trips] ─▶ files for SUMO ─▶ incident_streets.h
//
// Where people want to go is drawn once for a town (a few places draw many), so that its hours are alike; how many they
// are and when each sets out is drawn for each hour, and swells and ebbs within it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::traffic {

enum class StreetKind : std::uint8_t { motorway, grid, irregular };
std::string_view to_string(StreetKind);

struct Relation {
  std::string from, to;  // edges
  double weight{};       // share of all trips, not yet divided by their sum
};

struct Town {
  StreetKind kind{};
  std::string net_file;
  std::vector<Relation> relations;
  double trips_per_h{};
};

base::Result<Town> make_town(StreetKind, int seed, const std::filesystem::path& work);
// Trips of one hour's seed over so many seconds, in order of departure. A twentieth of the vehicles is of type probe5,
// another 15 % probe20, the rest plain.
base::Status write_trips(const Town&, std::uint64_t seed, int duration_s, const std::filesystem::path& file);

}  // namespace cityloop::traffic
