// GTFS-Realtime entities as JSON: how they stand in the twin, in the attribute `gtfsRealtime` beside those for people.
//
//   RealtimeFeed ─ to_json ─▶ twin ══▶ from_json ─ live runs
//
// What is absent or has its default value is left out, so equal entities have equal texts.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/traffic/transit/realtime.h"

namespace cityloop::traffic {

std::string to_json(const TripUpdate&);
std::string to_json(const VehiclePosition&);
std::string to_json(const ServiceAlert&);
base::Result<TripUpdate> trip_update_from(std::string_view json);
base::Result<VehiclePosition> vehicle_from(std::string_view json);
base::Result<ServiceAlert> alert_from(std::string_view json);

}  // namespace cityloop::traffic
