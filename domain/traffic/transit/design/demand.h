// Where people are and want to go at night (or in any hours), from the trips of taxis or mobile phones: a CSV that a
// mapping file explains, thinned so that nobody can be found in it.
//
//   trips.csv + mapping.toml ─▶ [read_trips] ─ TripDemand ─▶ street_problem.h
//
// Positions are gathered in square cells; a cell in which too few trips begin or end is left out with its trips, and of
// the others only the mean position of all ends goes on. Hours are taken as the file writes them: its local time. A row
// that cannot be read is counted under its reason and hides no other.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "geo/shape.h"

namespace cityloop::traffic {

struct DemandMapping {
  // Names of columns.
  std::string origin_lon, origin_lat, destination_lon, destination_lat;
  std::string time, weight;  // empty: all rows count; each row counts one
  // Minutes since midnight; from later than to: over midnight. The same: all day.
  int from_minute{0}, to_minute{0};
  double nights{1};  // that the file covers: demand is of one night
  double cell_m{300};
  std::uint32_t fewest_trips{5};  // in a cell
};
// Every mistake as file:line: reason.
base::Result<DemandMapping> read_demand_mapping(const std::string& path);
base::Result<DemandMapping> parse_demand_mapping(std::string_view toml, std::string name);

struct DemandCell {
  geo::Position middle;  // of the trips' ends in it
  double weight{};       // trips that begin or end in it
};
struct DemandFlow {
  std::uint32_t from{}, to{};  // of cells
  double weight{};             // trips in one night
};

struct TripDemand {
  std::vector<DemandCell> cells;
  std::vector<DemandFlow> flows;
  double weight{};  // of all flows
  double hours{24};
  // What became of the rows.
  std::uint64_t rows{}, used{}, outside_hours{}, suppressed{};
  std::uint32_t cells_suppressed{};
  struct Mistake {
    std::uint64_t count{};
    std::uint64_t first_line{};
  };
  std::map<std::string, Mistake> mistakes;  // by reason
};

// Refuses a file without the columns that the mapping names, and one of which nothing is left.
base::Result<TripDemand> read_trips(std::string_view csv, const std::string& name, const DemandMapping&);

}  // namespace cityloop::traffic
