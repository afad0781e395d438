// The way of a trip on the ground: how far along it each call lies, and how far along it a position is.
//
//   shape, or the stops where there is none ─▶ [TripPath] ─ metres ─▶ predictions, synthetic vehicles
//
// Calls are put on the shape in order, each at the nearest place ahead within a reach of three times the way as the
// crow flies plus 500 m, so that a line that passes a street twice is not cut short.
#pragma once

#include <vector>

#include "domain/traffic/transit/schedule.h"

namespace cityloop::traffic {

struct TripPath {
  std::vector<Spot> points;
  std::vector<double> along_m;  // at each point
  std::vector<double> call_m;   // at each call; never falls

  Spot at(double m) const;
  struct Place {
    double along_m, off_m;  // how far along, how far beside
  };
  Place project(Spot, double from_m, double to_m) const;
};

TripPath path_of(const Schedule&, TripNo);

}  // namespace cityloop::traffic
