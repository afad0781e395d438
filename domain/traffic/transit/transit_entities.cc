#include "domain/traffic/transit/transit_entities.h"

#include <algorithm>

#include "base/json_writer.h"
#include "domain/traffic/transit/realtime_json.h"
#include "domain/traffic/transit/service_days.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::Instant;
using flow::Name;
using flow::NounWriter;
using flow::operator""_name;

Instant from_unix(std::int64_t s) {
  return Instant(std::chrono::seconds(s));
}

std::string point(double lon, double lat) {
  return fmt::format(R"({{"type":"Point","coordinates":[{:.7},{:.7}]}})", lon, lat);
}

void observed(flow::Write& write, Instant at) {
  for (flow::Attribute& one : write.attributes) {
    if (one.name != "location"_name && one.name != "speed"_name && one.name != kRealtimeName) continue;
    one.observed_at = at;
  }
}

constexpr std::string_view kOccupancy[] = {
    "EMPTY", "MANY_SEATS_AVAILABLE",     "FEW_SEATS_AVAILABLE", "STANDING_ROOM_ONLY", "CRUSHED_STANDING_ROOM_ONLY",
    "FULL",  "NOT_ACCEPTING_PASSENGERS", "NO_DATA_AVAILABLE",   "NOT_BOARDABLE"};
constexpr std::string_view kRelation[] = {"SCHEDULED", "ADDED",       "UNSCHEDULED", "CANCELED",
                                          "",          "REPLACEMENT", "DUPLICATED",  "DELETED"};

void trip_fields(NounWriter& out, const TripRef& trip) {
  out.text("tripId"_name, trip.trip_id).text("routeId"_name, trip.route_id).text("startDate"_name, trip.start_date);
  out.text("startTime"_name, trip.start_time);
  if (!trip.trip_id.empty()) out.text("scheduleRelationship"_name, kRelation[std::size_t(trip.relation) & 7]);
}

flow::Write vehicle_write(const std::string& feed, VehiclePosition one, Instant now, const EntityLimits& limits) {
  if (one.at_s == 0) one.at_s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const std::string& id = one.vehicle.id.empty() ? one.id : one.vehicle.id;
  NounWriter out(flow::EntityId(fmt::format("urn:ngsi-ld:Vehicle:{}:{}", urn_part(feed), urn_part(id))), kVehicleType,
                 flow::WriteMode::become, 16);
  out.text("category"_name, "publicTransport").text("name"_name, one.vehicle.label);
  out.text("vehiclePlateIdentifier"_name, one.vehicle.plate);
  out.geo("location"_name, point(double(one.lon_deg), double(one.lat_deg)));
  if (one.speed_mps) out.number("speed"_name, double(*one.speed_mps) * 3.6);
  if (one.bearing_deg) out.number("bearing"_name, double(*one.bearing_deg));
  if (one.occupancy) out.text("occupancyStatus"_name, kOccupancy[*one.occupancy]);
  if (one.occupancy_percent) out.number("occupancyPercentage"_name, double(*one.occupancy_percent));
  trip_fields(out, one.trip);
  out.text("stopId"_name, one.stop_id).own_json(kRealtimeName, to_json(one));
  flow::Write write = out.take();
  for (flow::Attribute& a : write.attributes) {
    if (a.name == "speed"_name) a.unit_code = Name("KMH");
  }
  observed(write, from_unix(one.at_s));
  write.expires_at = from_unix(one.at_s) + limits.vehicle_kept;
  return write;
}

flow::Write update_write(const std::string& feed, TripUpdate one, std::int64_t header_s, Instant now,
                         const EntityLimits& limits) {
  if (one.at_s == 0) one.at_s = header_s;
  if (one.at_s == 0) one.at_s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const TripRef& trip = one.trip;
  const std::string id = trip.trip_id.empty() ? one.id
                                              : fmt::format("{}:{}{}{}", trip.start_date, trip.trip_id,
                                                            trip.start_time.empty() ? "" : ":", trip.start_time);
  NounWriter out(flow::EntityId(fmt::format("urn:ngsi-ld:GtfsTripUpdate:{}:{}", urn_part(feed), urn_part(id))),
                 kTripUpdateType, flow::WriteMode::become);
  trip_fields(out, trip);
  out.text("vehicleId"_name, one.vehicle.id);
  if (one.delay_s) out.number("delay"_name, *one.delay_s);
  flow::Write write = out.own_json(kRealtimeName, to_json(one)).take();
  observed(write, from_unix(one.at_s));
  // What is cancelled is said hours before; it counts as long as the feed says so.
  write.expires_at = std::max(from_unix(one.at_s), now) + limits.update_kept;
  return write;
}

flow::Bilingual two(const Translated& texts) {
  const auto of = [&](std::string_view lang) {
    const auto exact = texts.find(std::string(lang));
    if (exact != texts.end()) return exact->second;
    for (const auto& [given, text] : texts) {
      if (given.starts_with(lang)) return text;
    }
    return texts.empty() ? std::string{} : texts.begin()->second;
  };
  return {of("zh"), of("en")};
}

flow::Write alert_write(const std::string& feed, const ServiceAlert& one) {
  NounWriter out(flow::EntityId(fmt::format("urn:ngsi-ld:GtfsAlert:{}:{}", urn_part(feed), urn_part(one.id))),
                 kAlertType, flow::WriteMode::become);
  out.language("headerText"_name, two(one.header)).language("descriptionText"_name, two(one.text));
  out.number("cause"_name, one.cause).number("effect"_name, one.effect);
  Instant until = flow::kNever;
  bool open = one.active.empty();
  for (const auto& [from, to] : one.active) {
    open |= to == 0;
    until = std::max(until, from_unix(to));
  }
  flow::Write write = out.own_json(kRealtimeName, to_json(one)).take();
  if (!open) write.expires_at = until;
  return write;
}

}  // namespace

std::string urn_part(std::string_view text) {
  constexpr std::string_view kPlain = "-._~:@!$&'()*+,;=";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kPlain.contains(c);
    if (plain) out += c;
    else out += fmt::format("%{:02X}", std::uint8_t(c));
  }
  return out;
}

std::string stop_urn(const Schedule& s, StopNo stop) {
  return "urn:ngsi-ld:GtfsStop:" + urn_part(s.text(s.stops[at(stop)].id));
}
std::string route_urn(const Schedule& s, RouteNo route) {
  return "urn:ngsi-ld:GtfsRoute:" + urn_part(s.text(s.routes[at(route)].id));
}

std::string run_key(const Schedule& s, const RunId& run) {
  const Trip& trip = s.trips[at(run.trip)];
  const std::string start = s.frequencies_of(run.trip).empty() ? "" : ":" + format_clock(run.start_s);
  return fmt::format("{}:{}{}", format_day(run.day), s.text(trip.id), start);
}

flow::Bilingual bilingual(const Schedule& s, std::string_view table, std::string_view field, TextNo record,
                          TextNo text) {
  return {std::string(s.translated(table, field, record, text, "zh")),
          std::string(s.translated(table, field, record, text, "en"))};
}

std::vector<flow::Write> schedule_writes(const Schedule& s, const EntityLimits& limits) {
  std::vector<flow::Write> out;
  for (const Agency& one : s.agencies) {
    NounWriter agency(flow::EntityId("urn:ngsi-ld:GtfsAgency:" + urn_part(s.text(one.id))), kAgencyType,
                      flow::WriteMode::become);
    agency.text("name"_name, s.text(one.name)).text("source"_name, s.text(one.url));
    out.push_back(agency.text("timezone"_name, s.text(one.time_zone)).take());
  }
  for (std::uint32_t r = 0; r < s.routes.size(); ++r) {
    const Route& one = s.routes[r];
    NounWriter route(flow::EntityId(route_urn(s, RouteNo{r})), kRouteType, flow::WriteMode::become);
    route.text("shortName"_name, s.text(one.short_name)).text("name"_name, s.text(one.long_name));
    route.number("routeType"_name, one.type).text("routeColor"_name, s.text(one.color));
    route.link("operatedBy"_name,
               flow::EntityId("urn:ngsi-ld:GtfsAgency:" + urn_part(s.text(s.agencies[one.agency].id))));
    out.push_back(route.take());
  }
  for (std::uint32_t i = 0; i < std::min(s.stops.size(), limits.stops_max); ++i) {
    const Stop& one = s.stops[i];
    if (one.location_type > 1) continue;
    NounWriter stop(flow::EntityId(stop_urn(s, StopNo{i})), kStopType, flow::WriteMode::become);
    stop.language("name"_name, bilingual(s, "stops", "stop_name", one.id, one.name))
        .text("code"_name, s.text(one.code));
    if (one.spot.known()) stop.geo("location"_name, point(one.spot.lon_e7 * 1e-7, one.spot.lat_e7 * 1e-7));
    if (one.parent != kNo<StopNo>) stop.link("hasParentStation"_name, flow::EntityId(stop_urn(s, one.parent)));
    out.push_back(stop.take());
  }
  return out;
}

std::vector<flow::Write> realtime_writes(const std::string& feed, const RealtimeFeed& from, base::Instant now,
                                         const EntityLimits& limits) {
  std::vector<flow::Write> out;
  out.reserve(from.trips.size() + from.vehicles.size() + from.alerts.size());
  for (const TripUpdate& one : from.trips) out.push_back(update_write(feed, one, from.at_s, now, limits));
  for (const VehiclePosition& one : from.vehicles) {
    VehiclePosition dated = one;
    if (dated.at_s == 0) dated.at_s = from.at_s;
    out.push_back(vehicle_write(feed, std::move(dated), now, limits));
  }
  for (const ServiceAlert& one : from.alerts) out.push_back(alert_write(feed, one));
  return out;
}

flow::Write arrival_write(const Schedule& s, const Run& run) {
  const Call& call = s.call(run.id.trip, run.next);
  const Trip& trip = s.trips[at(run.id.trip)];
  const Instant expected = expected_arrival(s, run, run.next);
  NounWriter out(flow::EntityId("urn:ngsi-ld:ArrivalEstimation:" + urn_part(run_key(s, run.id))), kArrivalType,
                 flow::WriteMode::become);
  out.link("hasStop"_name, flow::EntityId(stop_urn(s, call.stop))).text("hasTrip"_name, s.text(trip.id));
  out.link("hasRoute"_name, flow::EntityId(route_urn(s, trip.route)));
  out.language("headSign"_name, bilingual(s, "trips", "trip_headsign", trip.id, trip.headsign));
  out.time("expectedArrival"_name, expected);
  out.time("plannedArrival"_name, s.time_of(run.id.day, run.id.start_s + call.arrival_s));
  flow::Write write = out.take();
  write.expires_at = std::max(expected, run.at) + std::chrono::minutes(10);
  return write;
}

flow::Write regularity_write(const Schedule& s, const Regularity& one, base::Instant at) {
  NounWriter out(flow::EntityId(fmt::format("urn:ngsi-ld:TransitRegularity:{}:{}",
                                            urn_part(s.text(s.routes[traffic::at(one.route)].id)), one.direction)),
                 kRegularityType, flow::WriteMode::upsert);
  out.link("hasRoute"_name, flow::EntityId(route_urn(s, one.route))).number("directionId"_name, one.direction);
  out.number("headways"_name, double(one.headways)).number("bunchedShare"_name, one.bunched_share);
  out.number("gapShare"_name, one.gap_share).number("actualWaitingTime"_name, one.awt_s);
  out.number("scheduledWaitingTime"_name, one.swt_s).number("excessWaitingTime"_name, one.ewt_s);
  flow::Write write = out.take();
  for (flow::Attribute& a : write.attributes) {
    a.observed_at = at;
    if (a.name.text().ends_with("WaitingTime")) a.unit_code = Name("SEC");
  }
  write.expires_at = at + std::chrono::hours(2);
  return write;
}

}  // namespace cityloop::traffic
