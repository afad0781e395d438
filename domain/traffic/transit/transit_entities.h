// Public transport as entities of the city: which types, which names, and how they are written.
//
//   Schedule ─▶ GtfsAgency, GtfsRoute, GtfsStop        RealtimeFeed ─▶ Vehicle, GtfsTripUpdate, GtfsAlert ─▶ twin
//   Run ─▶ ArrivalEstimation (the next call of each run, and no more: one entity a run)
//
// Types follow Smart Data Models (UrbanMobility, Transportation). A feed's entities carry its name in their ids, so two
// feeds never meet; each holds what the feed said in the attribute `gtfsRealtime` (realtime_json.h), from which
// everything else follows. They expire by themselves when their feed falls silent.
#pragma once

#include <string>
#include <vector>

#include "domain/traffic/transit/headway.h"
#include "domain/traffic/transit/predictor.h"
#include "domain/traffic/transit/realtime.h"
#include "domain/traffic/transit/schedule.h"
#include "flow/change.h"
#include "flow/finding.h"

namespace cityloop::traffic {

inline const flow::Name kVehicleType("Vehicle"), kTripUpdateType("GtfsTripUpdate"), kAlertType("GtfsAlert"),
    kStopType("GtfsStop"), kRouteType("GtfsRoute"), kAgencyType("GtfsAgency"), kArrivalType("ArrivalEstimation"),
    kRegularityType("TransitRegularity"), kRealtimeName("gtfsRealtime");

// A part of a URN: what may not stand in one as %XX.
std::string urn_part(std::string_view);
std::string stop_urn(const Schedule&, StopNo);
std::string route_urn(const Schedule&, RouteNo);
std::string run_key(const Schedule&, const RunId&);  // 20260504:TRIP, and :HH:MM:SS where a frequency repeats the trip

struct EntityLimits {
  std::size_t stops_max{50'000};
  base::Duration vehicle_kept{std::chrono::minutes(30)};
  base::Duration update_kept{std::chrono::hours(2)};
};

std::vector<flow::Write> schedule_writes(const Schedule&, const EntityLimits&);
// `now` stands in where the feed gives no time.
std::vector<flow::Write> realtime_writes(const std::string& feed, const RealtimeFeed&, base::Instant now,
                                         const EntityLimits&);
flow::Write arrival_write(const Schedule&, const Run&);
flow::Write regularity_write(const Schedule&, const Regularity&, base::Instant at);
// The name in both languages, by the feed's translations; the same twice where it has none.
flow::Bilingual bilingual(const Schedule&, std::string_view table, std::string_view field, TextNo record, TextNo text);

}  // namespace cityloop::traffic
