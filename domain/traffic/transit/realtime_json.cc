#include "domain/traffic/transit/realtime_json.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/json_value.h"
#include "base/json_writer.h"

namespace cityloop::traffic {
namespace {

using base::JsonValue;
using base::JsonWriter;
using base::Result;

void put(JsonWriter& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.field(key, text);
}
template <class T>
void put(JsonWriter& out, std::string_view key, const std::optional<T>& value) {
  if (value) out.field(key, *value);
}
void put_whole(JsonWriter& out, std::string_view key, std::int64_t value, std::int64_t otherwise = 0) {
  if (value != otherwise) out.field(key, value);
}

void get(const JsonValue& in, std::string_view key, std::string& out) {
  out = in.text_or(key, "");
}
// Anybody may have written it: a number that its place cannot hold is not given.
template <class T>
void get(const JsonValue& in, std::string_view key, std::optional<T>& out) {
  const JsonValue* const found = in.find(key);
  const double* const number = found ? found->number() : nullptr;
  if (!number) return;
  const bool fits =
      *number >= double(std::numeric_limits<T>::lowest()) && *number <= double(std::numeric_limits<T>::max());
  if (fits) out = T(*number);
}
constexpr double kWholeMost = 1LL << 53;  // beyond, a double is no exact count of anything
std::int64_t whole_of(double number, std::int64_t otherwise) {
  return std::fabs(number) <= kWholeMost ? std::int64_t(number) : otherwise;
}
std::int64_t whole(const JsonValue& in, std::string_view key, std::int64_t otherwise = 0) {
  return whole_of(in.number_or(key, double(otherwise)), otherwise);
}
// One of an enumeration's values, or `otherwise`.
template <class E>
E choice(const JsonValue& in, std::string_view key, E otherwise, std::initializer_list<E> known) {
  const auto value = whole(in, key, std::int64_t(otherwise));
  const auto found = std::ranges::find(known, value, [](E one) { return std::int64_t(one); });
  return found == known.end() ? otherwise : *found;
}
std::uint32_t code(const JsonValue& in, std::string_view key, std::uint32_t otherwise) {
  const std::int64_t value = whole(in, key, otherwise);
  return value >= 0 && value <= std::numeric_limits<std::uint32_t>::max() ? std::uint32_t(value) : otherwise;
}
template <class Read>
void each(const JsonValue& in, std::string_view key, Read&& read) {
  const JsonValue* const found = in.find(key);
  const auto* const items = found ? found->array() : nullptr;
  if (!items) return;
  for (const JsonValue& item : *items) read(item);
}

void write(JsonWriter& out, const TripRef& trip) {
  out.object();
  put(out, "tripId", trip.trip_id);
  put(out, "routeId", trip.route_id);
  put(out, "startTime", trip.start_time);
  put(out, "startDate", trip.start_date);
  put(out, "directionId", trip.direction);
  put_whole(out, "relation", std::int64_t(trip.relation));
  out.end();
}
TripRef trip_from(const JsonValue& in) {
  TripRef out;
  get(in, "tripId", out.trip_id);
  get(in, "routeId", out.route_id);
  get(in, "startTime", out.start_time);
  get(in, "startDate", out.start_date);
  get(in, "directionId", out.direction);
  using enum TripRelation;
  out.relation =
      choice(in, "relation", scheduled, {scheduled, added, unscheduled, canceled, replacement, duplicated, deleted});
  return out;
}

void write(JsonWriter& out, const VehicleRef& vehicle) {
  out.object();
  put(out, "id", vehicle.id);
  put(out, "label", vehicle.label);
  put(out, "plate", vehicle.plate);
  out.end();
}
VehicleRef vehicle_ref_from(const JsonValue& in) {
  return {in.text_or("id", ""), in.text_or("label", ""), in.text_or("plate", "")};
}

void write(JsonWriter& out, std::string_view key, const std::optional<StopEvent>& event) {
  if (!event) return;
  out.key(key).object();
  put(out, "delay", event->delay_s);
  put_whole(out, "time", event->time_s);
  put(out, "uncertainty", event->uncertainty_s);
  out.end();
}
std::optional<StopEvent> event_from(const JsonValue& in, std::string_view key) {
  const JsonValue* const found = in.find(key);
  if (!found || !found->object()) return std::nullopt;
  StopEvent out;
  get(*found, "delay", out.delay_s);
  out.time_s = whole(*found, "time");
  get(*found, "uncertainty", out.uncertainty_s);
  return out;
}

void write(JsonWriter& out, std::string_view key, const Translated& texts) {
  if (texts.empty()) return;
  out.key(key).object();
  for (const auto& [lang, text] : texts) out.field(lang, text);
  out.end();
}
void get(const JsonValue& in, std::string_view key, Translated& out) {
  const JsonValue* const found = in.find(key);
  if (!found || !found->object()) return;
  for (const auto& [lang, text] : *found->object()) {
    if (const std::string* words = text.text()) out.emplace(lang, *words);
  }
}

Result<JsonValue> object_of(std::string_view json) {
  JsonValue out = TRY(JsonValue::parse(json));
  if (!out.object()) return base::fail(base::Errc::malformed, "no JSON object");
  return out;
}

}  // namespace

std::string to_json(const TripUpdate& update) {
  JsonWriter out;
  out.object().field("id", update.id).key("trip");
  write(out, update.trip);
  write(out.key("vehicle"), update.vehicle);
  out.key("stops").array();
  for (const StopUpdate& stop : update.stops) {
    out.object();
    put(out, "sequence", stop.sequence);
    put(out, "stopId", stop.stop_id);
    write(out, "arrival", stop.arrival);
    write(out, "departure", stop.departure);
    put_whole(out, "relation", std::int64_t(stop.relation));
    out.end();
  }
  out.end();
  put_whole(out, "at", update.at_s);
  put(out, "delay", update.delay_s);
  return out.end().take();
}

Result<TripUpdate> trip_update_from(std::string_view json) {
  const JsonValue in = TRY(object_of(json));
  TripUpdate out;
  get(in, "id", out.id);
  if (const JsonValue* trip = in.find("trip")) out.trip = trip_from(*trip);
  if (const JsonValue* vehicle = in.find("vehicle")) out.vehicle = vehicle_ref_from(*vehicle);
  each(in, "stops", [&](const JsonValue& item) {
    StopUpdate& stop = out.stops.emplace_back();
    get(item, "sequence", stop.sequence);
    get(item, "stopId", stop.stop_id);
    stop.arrival = event_from(item, "arrival");
    stop.departure = event_from(item, "departure");
    using enum StopRelation;
    stop.relation = choice(item, "relation", scheduled, {scheduled, skipped, no_data, unscheduled});
  });
  out.at_s = whole(in, "at");
  get(in, "delay", out.delay_s);
  return out;
}

std::string to_json(const VehiclePosition& v) {
  JsonWriter out;
  out.object().field("id", v.id).key("trip");
  write(out, v.trip);
  write(out.key("vehicle"), v.vehicle);
  out.field("lat", double(v.lat_deg)).field("lon", double(v.lon_deg));
  put(out, "bearing", v.bearing_deg);
  put(out, "speed", v.speed_mps);
  put(out, "sequence", v.sequence);
  put(out, "stopId", v.stop_id);
  put_whole(out, "status", std::int64_t(v.status), std::int64_t(VehicleStop::in_transit_to));
  put_whole(out, "at", v.at_s);
  put(out, "congestion", v.congestion);
  put(out, "occupancy", v.occupancy);
  put(out, "occupancyPercent", v.occupancy_percent);
  return out.end().take();
}

Result<VehiclePosition> vehicle_from(std::string_view json) {
  const JsonValue in = TRY(object_of(json));
  VehiclePosition out;
  get(in, "id", out.id);
  if (const JsonValue* trip = in.find("trip")) out.trip = trip_from(*trip);
  if (const JsonValue* vehicle = in.find("vehicle")) out.vehicle = vehicle_ref_from(*vehicle);
  std::optional<float> lat_deg, lon_deg;
  get(in, "lat", lat_deg);
  get(in, "lon", lon_deg);
  out.lat_deg = lat_deg.value_or(0);
  out.lon_deg = lon_deg.value_or(0);
  get(in, "bearing", out.bearing_deg);
  get(in, "speed", out.speed_mps);
  get(in, "sequence", out.sequence);
  get(in, "stopId", out.stop_id);
  using enum VehicleStop;
  out.status = choice(in, "status", in_transit_to, {incoming_at, stopped_at, in_transit_to});
  out.at_s = whole(in, "at");
  get(in, "congestion", out.congestion);
  get(in, "occupancy", out.occupancy);
  get(in, "occupancyPercent", out.occupancy_percent);
  return out;
}

std::string to_json(const ServiceAlert& alert) {
  JsonWriter out;
  out.object().field("id", alert.id).key("active").array();
  for (const auto& [from, until] : alert.active) out.array().integer(from).integer(until).end();
  out.end().key("informed").array();
  for (const Informed& about : alert.informed) {
    out.object();
    put(out, "agencyId", about.agency_id);
    put(out, "routeId", about.route_id);
    put(out, "stopId", about.stop_id);
    put(out, "routeType", about.route_type);
    put(out, "directionId", about.direction);
    if (about.trip) write(out.key("trip"), *about.trip);
    out.end();
  }
  out.end().field("cause", alert.cause).field("effect", alert.effect).field("severity", alert.severity);
  write(out, "url", alert.url);
  write(out, "header", alert.header);
  write(out, "text", alert.text);
  return out.end().take();
}

Result<ServiceAlert> alert_from(std::string_view json) {
  const JsonValue in = TRY(object_of(json));
  ServiceAlert out;
  get(in, "id", out.id);
  each(in, "active", [&](const JsonValue& item) {
    const auto* const pair = item.array();
    if (!pair || pair->size() != 2 || !(*pair)[0].number() || !(*pair)[1].number()) return;
    out.active.emplace_back(whole_of(*(*pair)[0].number(), 0), whole_of(*(*pair)[1].number(), 0));
  });
  each(in, "informed", [&](const JsonValue& item) {
    Informed& about = out.informed.emplace_back();
    get(item, "agencyId", about.agency_id);
    get(item, "routeId", about.route_id);
    get(item, "stopId", about.stop_id);
    get(item, "routeType", about.route_type);
    get(item, "directionId", about.direction);
    if (const JsonValue* trip = item.find("trip")) about.trip = trip_from(*trip);
  });
  out.cause = code(in, "cause", 1);
  out.effect = code(in, "effect", 8);
  out.severity = code(in, "severity", 1);
  get(in, "url", out.url);
  get(in, "header", out.header);
  get(in, "text", out.text);
  return out;
}

}  // namespace cityloop::traffic
