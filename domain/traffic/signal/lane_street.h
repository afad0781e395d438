// Where the lanes of a junction lie around it, from the streets of the twin: for its picture in the console.
//
//   lane ─ detector ─ refRoadSegment ─ RoadSegment.location ─▶ [lane_streets] ─ name, bearing, arm ─▶ signal_routes.h
//
// Bearings are of the street from the junction outwards, degrees clockwise from north. What comes in and what goes out
// by one street have bearings of their own, hardly apart: within kOneArm_deg they are one arm.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/traffic/signal/junction.h"
#include "geo/shape.h"
#include "serve/views.h"

namespace cityloop::traffic {

inline constexpr double kOneArm_deg = 15;

struct LaneStreet {
  std::string name;        // of the street; empty where nobody tells
  std::optional<int> arm;  // the same for lanes of one arm: the index of its first lane
  double bearing_deg{};    // of the arm; nothing to go by without one
};

// From the end that is nearer to the junction towards what lies farther on, past the bend at the stop line; nothing for
// a line without length.
std::optional<double> bearing_outwards(std::span<const geo::Position> street, geo::Position junction);

// One a lane, in their order.
std::vector<LaneStreet> lane_streets(const Junction&, geo::Position junction, const serve::Names&);

// Gives each that has a bearing its arm; lanes of one arm get the bearing of its first.
void share_arms(std::vector<LaneStreet>&, const std::vector<std::optional<double>>& bearings_deg);

}  // namespace cityloop::traffic
