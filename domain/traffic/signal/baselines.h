// Controllers to measure others against, and the plan to fall back to. Each holds a decision for ten seconds, as the
// protocol of RESCO has it; the fixed plan changes when it says.
#pragma once

#include <memory>

#include "domain/traffic/signal/controller.h"

namespace cityloop::traffic {

inline constexpr double kBaselineStep_s = 10;

// Vehicles that a lane has as far as its counts or positions tell.
double vehicles_on(const LaneView&);

}  // namespace cityloop::traffic
