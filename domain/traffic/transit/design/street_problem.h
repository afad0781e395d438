// A design problem out of a city: stops chosen on its streets where people begin and end their trips, links along the
// streets between stops that are neighbours.
//
//   TripDemand, StreetWeights ─▶ [make_street_problem] ─ StreetProblem ─▶ search(), RouteDesign
//
// Stops stand at junctions, each the one that most people whom no stop is near yet can walk to (greedy maximal
// coverage), until enough people have one. Two stops are linked where no third lies on the way between them. Buses go
// by the street graph's times for cars, the mean of there and back, and halt at every stop.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/traffic/transit/design/demand.h"
#include "domain/traffic/transit/design/problem.h"
#include "geo/street_weights.h"

namespace cityloop::traffic {

struct StopChoice {
  double walk_m{500};      // as the crow flies
  double spacing_m{250};   // between stops, at least
  std::uint32_t most{60};  // stops
  double cover{0.95};      // share of trips' ends within walk_m at which no more stops are chosen
  double halt_s{20};
};

struct StreetProblem {
  DesignProblem problem;
  geo::StreetWeightsPtr streets;
  std::vector<geo::StreetSpot> spots;    // by stop
  std::vector<std::string> stop_street;  // by stop: a street's name, or empty
  double halt_minutes{};
  double covered{};  // share of the trips' ends within walk_m of a stop
  double carried{};  // share of trips with both ends so, and not with the same stop: the problem's demand
  // The line on the streets from one stop to a neighbour.
  std::vector<geo::Position> line(StopIndex from, StopIndex to) const;
};

// Refuses streets that no car may use, demand that lies beside all streets, and rules that cannot be kept.
base::Result<StreetProblem> make_street_problem(const TripDemand&, geo::StreetWeightsPtr, const StopChoice&,
                                                const DesignRules&, const std::string& name);

}  // namespace cityloop::traffic
