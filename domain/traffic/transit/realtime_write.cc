#include <protozero/pbf_writer.hpp>

#include "domain/traffic/transit/realtime.h"

namespace cityloop::traffic {
namespace {

using protozero::pbf_writer;

void text(pbf_writer& out, std::uint32_t tag, const std::string& value) {
  if (!value.empty()) out.add_string(tag, value);
}

void write(pbf_writer out, const TripRef& trip) {
  text(out, 1, trip.trip_id);
  text(out, 2, trip.start_time);
  text(out, 3, trip.start_date);
  if (trip.relation != TripRelation::scheduled) out.add_enum(4, std::int32_t(trip.relation));
  text(out, 5, trip.route_id);
  if (trip.direction) out.add_uint32(6, *trip.direction);
}

void write(pbf_writer out, const VehicleRef& vehicle) {
  text(out, 1, vehicle.id);
  text(out, 2, vehicle.label);
  text(out, 3, vehicle.plate);
}

void write(pbf_writer out, const StopEvent& event) {
  if (event.delay_s) out.add_int32(1, *event.delay_s);
  if (event.time_s != 0) out.add_int64(2, event.time_s);
  if (event.uncertainty_s) out.add_int32(3, *event.uncertainty_s);
}

void write(pbf_writer out, const StopUpdate& stop) {
  if (stop.sequence) out.add_uint32(1, *stop.sequence);
  if (stop.arrival) write(pbf_writer(out, 2), *stop.arrival);
  if (stop.departure) write(pbf_writer(out, 3), *stop.departure);
  text(out, 4, stop.stop_id);
  if (stop.relation != StopRelation::scheduled) out.add_enum(5, std::int32_t(stop.relation));
}

void write(pbf_writer out, const TripUpdate& update) {
  write(pbf_writer(out, 1), update.trip);
  for (const StopUpdate& stop : update.stops) write(pbf_writer(out, 2), stop);
  if (update.vehicle != VehicleRef{}) write(pbf_writer(out, 3), update.vehicle);
  if (update.at_s != 0) out.add_uint64(4, std::uint64_t(update.at_s));
  if (update.delay_s) out.add_int32(5, *update.delay_s);
}

void write_position(pbf_writer out, const VehiclePosition& vehicle) {
  out.add_float(1, vehicle.lat_deg);
  out.add_float(2, vehicle.lon_deg);
  if (vehicle.bearing_deg) out.add_float(3, *vehicle.bearing_deg);
  if (vehicle.speed_mps) out.add_float(5, *vehicle.speed_mps);
}

void write(pbf_writer out, const VehiclePosition& vehicle) {
  if (vehicle.trip != TripRef{}) write(pbf_writer(out, 1), vehicle.trip);
  write_position(pbf_writer(out, 2), vehicle);
  if (vehicle.sequence) out.add_uint32(3, *vehicle.sequence);
  if (vehicle.status != VehicleStop::in_transit_to) out.add_enum(4, std::int32_t(vehicle.status));
  if (vehicle.at_s != 0) out.add_uint64(5, std::uint64_t(vehicle.at_s));
  if (vehicle.congestion) out.add_enum(6, std::int32_t(*vehicle.congestion));
  text(out, 7, vehicle.stop_id);
  if (vehicle.vehicle != VehicleRef{}) write(pbf_writer(out, 8), vehicle.vehicle);
  if (vehicle.occupancy) out.add_enum(9, std::int32_t(*vehicle.occupancy));
  if (vehicle.occupancy_percent) out.add_uint32(10, *vehicle.occupancy_percent);
}

void write(pbf_writer out, const Translated& texts) {
  for (const auto& [lang, words] : texts) {
    pbf_writer one(out, 1);
    one.add_string(1, words);
    text(one, 2, lang);
  }
}

void write(pbf_writer out, const Informed& about) {
  text(out, 1, about.agency_id);
  text(out, 2, about.route_id);
  if (about.route_type) out.add_int32(3, *about.route_type);
  if (about.trip) write(pbf_writer(out, 4), *about.trip);
  text(out, 5, about.stop_id);
  if (about.direction) out.add_uint32(6, *about.direction);
}

void write(pbf_writer out, const ServiceAlert& alert) {
  for (const auto& [from, until] : alert.active) {
    pbf_writer period(out, 1);
    if (from != 0 || until == 0) period.add_uint64(1, std::uint64_t(from));
    if (until != 0) period.add_uint64(2, std::uint64_t(until));
  }
  for (const Informed& about : alert.informed) write(pbf_writer(out, 5), about);
  out.add_enum(6, std::int32_t(alert.cause));
  out.add_enum(7, std::int32_t(alert.effect));
  if (!alert.url.empty()) write(pbf_writer(out, 8), alert.url);
  if (!alert.header.empty()) write(pbf_writer(out, 10), alert.header);
  if (!alert.text.empty()) write(pbf_writer(out, 11), alert.text);
  if (alert.severity != 1) out.add_enum(14, std::int32_t(alert.severity));
}

template <class What>
void write_entity(pbf_writer& feed, std::uint32_t tag, const What& what) {
  pbf_writer entity(feed, 2);
  entity.add_string(1, what.id);
  write(pbf_writer(entity, tag), what);
}

}  // namespace

std::string write_realtime(const RealtimeFeed& feed) {
  std::string bytes;
  pbf_writer out(bytes);
  {
    pbf_writer header(out, 1);
    header.add_string(1, feed.version);
    header.add_enum(2, feed.differential ? 1 : 0);
    if (feed.at_s != 0) header.add_uint64(3, std::uint64_t(feed.at_s));
  }
  for (const std::string& id : feed.deleted) {
    pbf_writer entity(out, 2);
    entity.add_string(1, id);
    entity.add_bool(2, true);
  }
  for (const TripUpdate& one : feed.trips) write_entity(out, 3, one);
  for (const VehiclePosition& one : feed.vehicles) write_entity(out, 4, one);
  for (const ServiceAlert& one : feed.alerts) write_entity(out, 5, one);
  return bytes;
}

}  // namespace cityloop::traffic
