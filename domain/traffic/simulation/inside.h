// Who is within a junction of the SUMO simulation in this process: what a camera over it would see.
//
//   SUMO's inner lanes ─ Movement::inside ─▶ [look_inside] ─▶ JunctionView::inside, the demo's zone detectors
#pragma once

#include <vector>

#include "domain/traffic/signal/controller.h"
#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic {

// Requires a simulation that runs, on the net that the junction was read from.
std::vector<InsideVehicle> look_inside(const Junction&);

}  // namespace cityloop::traffic
