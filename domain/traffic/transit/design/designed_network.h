// A set of routes as people look at it: lines on the map, what each carries and why it is there, how often it runs, and
// whether it is better than what runs today.
//
//   DesignProblem, Found ─▶ [RouteDesign] ─ GeoJSON, JSON ─▶ console, files
//
// Passengers are of the demand's period (a night, say); with a fleet also per hour. Times are minutes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/time.h"
#include "domain/traffic/transit/design/evaluate.h"
#include "domain/traffic/transit/design/frequency.h"
#include "domain/traffic/transit/design/search.h"
#include "domain/traffic/transit/design/street_problem.h"
#include "flow/finding.h"

namespace cityloop::traffic {

struct CarriedPair {
  StopIndex from{}, to{};
  double passengers{};
};

// What one route does for passengers who take the quickest ways.
struct RouteCarries {
  double passengers{};                        // who ride it for some of their way
  double direct{};                            // of them those who need no other
  std::vector<CarriedPair> most;              // five pairs of stops between which most of its direct passengers travel
  std::vector<double> load_there, load_back;  // by link of the route, in its order and the other way
};
std::vector<RouteCarries> what_routes_carry(const DesignProblem&, const RouteSet&);

struct RouteDesign {
  std::string id, name;
  DesignProblem problem;
  RouteSet routes;
  Assessment worth;
  std::vector<RouteCarries> carries;
  std::optional<FrequencyPlan> service;
  std::optional<FrequencyOptions> service_options;
  std::optional<Assessment> today;  // of the network that runs now, on the same demand
  // Of a city: lines on its streets, by route; how many people have a stop near.
  std::vector<std::vector<geo::Position>> lines;
  std::vector<std::string> stop_names;
  std::optional<double> covered, carried;
  double walk_m{};
  std::uint64_t seed{}, steps{};
  std::string command;                   // that makes it again; empty: it was asked for in the console
  std::optional<base::Instant> made_at;  // told by whoever has a clock
  double took_s{};

  // Why this route is there, by its numbers.
  flow::Bilingual why(std::size_t route) const;
  std::string stop_name(StopIndex at) const;
};

RouteDesign describe_design(const DesignProblem&, const Found&, std::uint64_t seed);
RouteDesign describe_design(const StreetProblem&, const StopChoice&, const Found&, std::uint64_t seed);

// The routes that run today, as GeoJSON LineStrings whose positions are stops in order: each to the nearest stop of the
// problem within near_m, what lies between two of them filled up along the quickest links. A line of which fewer than
// two stops are found is refused with its number.
base::Result<RouteSet> routes_of_geojson(std::string_view geojson, const DesignProblem&, double near_m);

// One object, as the contract's TrafficDesign says: stops of routes are indices into its stops.
void write_design(base::JsonWriter&, const RouteDesign&);
// A FeatureCollection: a LineString for each route, and a Point for each stop.
std::string design_geojson(const RouteDesign&);

}  // namespace cityloop::traffic
