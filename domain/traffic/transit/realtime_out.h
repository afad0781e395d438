// The live picture as a GTFS-Realtime feed of our own, for other programs.
//
//   LiveView ─▶ [realtime_out] ─▶ write_realtime ─▶ /public/v1/traffic/gtfs-rt/…
//
// Trip updates hold a time for each call ahead, as foreseen here; positions and alerts are what was heard, one entity
// each. Number plates stay in the house.
#pragma once

#include "domain/traffic/transit/live.h"

namespace cityloop::traffic {

enum class RealtimeKind : std::uint8_t { trip_updates, vehicle_positions, alerts };
RealtimeFeed realtime_out(const LiveView&, RealtimeKind, base::Instant now);

}  // namespace cityloop::traffic
