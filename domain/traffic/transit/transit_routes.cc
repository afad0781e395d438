#include "domain/traffic/transit/transit_routes.h"

#include <charconv>
#include <cmath>

#include "domain/traffic/transit/gtfs_archive.h"
#include "domain/traffic/transit/gtfs_export.h"
#include "domain/traffic/transit/realtime_out.h"
#include "domain/traffic/transit/service_days.h"
#include "domain/traffic/transit/transit_entities.h"
#include "serve/respond.h"

namespace cityloop::traffic {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using net::Reply;
using net::Request;

constexpr double kRadiusMax_m = 5'000;
constexpr std::size_t kNearMax = 50;

net::Response json(JsonWriter& out, bool shared) {
  net::Response answer = serve::json_response(out);
  answer.headers.emplace_back("Cache-Control", shared ? "public, max-age=5" : "no-store");
  return answer;
}

base::Result<double> number_of(const Request& request, std::string_view name, double low, double high,
                               std::optional<double> otherwise = {}) {
  const auto text = request.argument(name);
  if (!text) return otherwise ? base::Result<double>(*otherwise) : fail(Errc::invalid, "'{}' is missing", name);
  double out = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (error != std::errc{} || end != text->data() + text->size() || !(out >= low && out <= high))
    return fail(Errc::invalid, "'{}' is a number from {} to {}", name, low, high);
  return out;
}

void near(const TransitRoutes& on, const Request& request, Reply reply, bool open) {
  const auto lon = number_of(request, "lon", -180, 180), lat = number_of(request, "lat", -90, 90);
  const auto radius = number_of(request, "radius_m", 1, kRadiusMax_m, 500);
  for (const auto* given : {&lon, &lat, &radius}) {
    if (!*given) return reply(net::problem(given->error()));
  }
  const auto view = on.view();
  const Schedule& s = *view->schedule;
  JsonWriter out;
  out.object().key("stops").array();
  for (const NearStop& near : stops_near(s, {*lon, *lat}, *radius, kNearMax)) {
    const Stop& stop = s.stops[at(near.stop)];
    serve::write(out.object().field("id", s.text(stop.id)).key("name"),
                 bilingual(s, "stops", "stop_name", stop.id, stop.name));
    out.key("position").array().number(stop.spot.lon_e7 * 1e-7).number(stop.spot.lat_e7 * 1e-7).end();
    out.field("distance_m", std::round(near.distance_m)).end();
  }
  out.end().end();
  reply(json(out, open));
}

void stop_map(const TransitRoutes& on, const Request& request, Reply reply, bool open) {
  const auto view = on.view();
  const Schedule& s = *view->schedule;
  const serve::Language language = serve::language_of(request);
  JsonWriter out;
  out.object().field("type", "FeatureCollection").key("features").array();
  for (std::uint32_t i = 0; i < std::min(s.stops.size(), on.settings.entities.stops_max); ++i) {
    const Stop& stop = s.stops[i];
    if (stop.location_type > 1 || stop.parent != kNo<StopNo> || !stop.spot.known()) continue;
    out.object().field("type", "Feature").key("geometry").object().field("type", "Point").key("coordinates").array();
    out.number(stop.spot.lon_e7 * 1e-7).number(stop.spot.lat_e7 * 1e-7).end().end();
    write_stop(out.key("properties"), s, StopNo{i}, language);
    out.end();
  }
  out.end().end();
  reply(json(out, open));
}

void board(const TransitRoutes& on, const Request& request, Reply reply, bool open) {
  const auto view = on.view();
  const std::string& id = request.params.at("id");
  const StopNo stop = view->schedule->stop_of(id);
  if (stop == kNo<StopNo>)
    return reply(net::problem(base::Error{Errc::not_found, fmt::format("there is no stop '{}'", id)}));
  const auto minutes =
      number_of(request, "minutes", 1, 24 * 60, double(on.settings.board.window / std::chrono::minutes(1)));
  const auto limit = number_of(request, "limit", 1, 200, double(on.settings.board.rows_max));
  if (!minutes) return reply(net::problem(minutes.error()));
  if (!limit) return reply(net::problem(limit.error()));
  BoardOptions options = on.settings.board;
  options.window = std::chrono::minutes(std::int64_t(*minutes));
  options.rows_max = std::size_t(*limit);
  JsonWriter out;
  write_board(out, *view, stop, on.world.clock.now(), options, serve::language_of(request));
  reply(json(out, open));
}

void write_shape(JsonWriter& out, const Schedule& s, TripNo trip) {
  const TripPath path = path_of(s, trip);
  out.key("path").array();
  for (const Spot& spot : path.points) out.array().number(spot.lon_e7 * 1e-7).number(spot.lat_e7 * 1e-7).end();
  out.end();
}

// The longest trip of each way stands for the line on the map.
std::map<std::pair<std::size_t, int>, TripNo> typical_trips(const Schedule& s) {
  std::map<std::pair<std::size_t, int>, TripNo> out;
  for (std::uint32_t t = 0; t < s.trips.size(); ++t) {
    const auto [found, fresh] = out.try_emplace({at(s.trips[t].route), s.trips[t].direction}, TripNo{t});
    if (!fresh && s.calls_of(TripNo{t}) > s.calls_of(found->second)) found->second = TripNo{t};
  }
  return out;
}

void lines(const TransitRoutes& on, const Request&, Reply reply, bool open) {
  const auto view = on.view();
  const Schedule& s = *view->schedule;
  JsonWriter out;
  out.object().key("lines").array();
  for (const auto& [line, trip] : typical_trips(s)) {
    const Route& route = s.routes[line.first];
    out.object().field("id", s.text(route.id)).field("line", s.text(route.short_name)).field("direction", line.second);
    out.field("name", s.text(route.long_name)).field("type", route.type);
    if (route.color != TextNo{}) out.field("color", "#" + std::string(s.text(route.color)));
    serve::write(out.key("headsign"),
                 bilingual(s, "trips", "trip_headsign", s.trips[at(trip)].id, s.trips[at(trip)].headsign));
    write_shape(out, s, trip);
    out.key("stops").array();
    for (std::size_t i = 0; i < s.calls_of(trip); ++i) out.text(s.text(s.stops[at(s.call(trip, i).stop)].id));
    out.end();
    const auto kept = on.world.twin.get(flow::EntityId::lookup(
        fmt::format("urn:ngsi-ld:TransitRegularity:{}:{}", urn_part(s.text(route.id)), line.second)));
    if (kept) {
      out.key("regularity").object();
      for (const std::string_view name :
           {"headways", "actualWaitingTime", "scheduledWaitingTime", "excessWaitingTime", "bunchedShare", "gapShare"}) {
        if (const auto value = kept->number(flow::Name(name))) out.field(name, *value);
      }
      out.end();
    }
    out.end();
  }
  out.end().end();
  reply(json(out, open));
}

// By trip, the headway at the stop that its bus left last.
std::map<TripNo, const StopHeadway*> newest_headways(const LiveView& view) {
  std::map<TripNo, const StopHeadway*> out;
  for (const StopHeadway& one : view.headways) {
    const StopHeadway*& known = out[one.trip];
    if (!known || known->at < one.at) known = &one;
  }
  return out;
}

void write_run(JsonWriter& out, const Schedule& s, const Run& run, const StopHeadway* headway) {
  const Route& route = s.routes[at(run.route)];
  const Trip& trip = s.trips[at(run.id.trip)];
  const Stop& next = s.stops[at(s.call(run.id.trip, run.next).stop)];
  out.field("line", s.text(route.short_name)).field("routeId", s.text(route.id)).field("tripId", run.ref.trip_id);
  out.field("direction", trip.direction);
  serve::write(out.key("headsign"), bilingual(s, "trips", "trip_headsign", trip.id, trip.headsign));
  if (run.calls[run.next].known) out.field("delay_s", run.calls[run.next].arrival_delay_s);
  out.field("nextStop", s.text(next.id));
  serve::write(out.key("nextStopName"), bilingual(s, "stops", "stop_name", next.id, next.name));
  if (!headway) return;
  out.key("headway").object().field("state", headway->state);
  out.field("actual_s", std::round(headway->headway_s)).field("planned_s", std::round(headway->planned_s)).end();
}

void vehicles(const TransitRoutes& on, const Request&, Reply reply, bool open) {
  const auto view = on.view();
  const auto headways = newest_headways(*view);
  const Schedule& s = *view->schedule;
  const base::Instant now = on.world.clock.now();
  std::map<std::string_view, const Run*> by_vehicle;
  for (const auto& [id, run] : view->runs) {
    if (!run->vehicle.empty()) by_vehicle[run->vehicle] = run.get();
  }
  JsonWriter out;
  out.object().key("vehicles").array();
  for (const auto& [urn, one] : view->vehicles) {
    out.object()
        .field("id", urn)
        .key("position")
        .array()
        .number(double(one->lon_deg))
        .number(double(one->lat_deg))
        .end();
    if (one->bearing_deg) out.field("bearing_deg", double(*one->bearing_deg));
    if (one->occupancy) out.field("occupancy", *one->occupancy);
    const auto age = now - base::Instant(std::chrono::seconds(one->at_s));
    out.field("age_s", std::chrono::round<std::chrono::seconds>(age).count());
    const auto found = by_vehicle.find(one->vehicle.id);
    if (found != by_vehicle.end()) {
      const Run& run = *found->second;
      const auto headway = headways.find(run.id.trip);
      write_run(out, s, run, headway == headways.end() ? nullptr : headway->second);
    }
    out.end();
  }
  out.end().end();
  reply(json(out, open));
}

void standing(const TransitRoutes& on, const serve::Call&, Reply reply) {
  const auto view = on.view();
  const Schedule& s = *view->schedule;
  JsonWriter out;
  out.object().key("schedule").object();
  out.field("stops", s.stops.size()).field("routes", s.routes.size()).field("trips", s.trips.size());
  out.field("stopTimes", s.stop_times()).field("bytes", s.bytes().total).field("timeZone", s.zone.name());
  if (s.info) out.field("version", s.info->version);
  out.field("refused", on.report.refused()).field("warned", on.report.warned()).key("problems").array();
  for (const auto& problem : on.report.problems()) out.text(problem.text());
  out.end().end().key("feeds").array();
  for (const auto& [name, one] : on.feeds()) {
    out.object().field("name", name).field("pulls", one.pulls).field("failed", one.failed);
    out.field("entities", one.entities).field("refused", one.refused).field("unknownTrips", one.unknown_trips);
    if (one.last_good != base::kNever) out.field("lastGood", base::format_time(one.last_good));
    if (!one.trouble.empty()) out.field("trouble", one.trouble);
    out.key("problems").array();
    for (const std::string& problem : one.problems) out.text(problem);
    out.end().end();
  }
  out.end().field("runs", view->runs.size()).field("vehicles", view->vehicles.size());
  out.field("alerts", view->alerts.size()).end();
  reply(json(out, false));
}

void give_zip(const std::shared_ptr<const std::string>& bytes, Reply& reply) {
  net::Response out;
  out.content_type = "application/zip";
  out.headers = {{"Cache-Control", "public, max-age=3600"},
                 {"Content-Disposition", "attachment; filename=\"gtfs.zip\""}};
  out.body = *bytes;
  reply(std::move(out));
}

// A large timetable takes a second to pack: it is done once, and not on the thread that serves requests.
void gtfs_zip(const TransitRoutes& on, const Request&, Reply reply) {
  {
    const std::lock_guard lock(on.zip->mutex);
    if (on.zip->bytes) return give_zip(on.zip->bytes, reply);
  }
  // Where too much waits already the task is dropped, and the reply in it answers for that.
  (void)on.world.back_room.post(
      [zip = on.zip, schedule = on.view()->schedule, now = on.world.clock.now(), reply = std::move(reply)]() mutable {
        const std::lock_guard lock(zip->mutex);
        if (!zip->bytes) {
          auto made = write_gtfs_zip(export_gtfs(*schedule), now);
          if (!made) return reply(net::problem(made.error()));
          zip->bytes = std::make_shared<const std::string>(std::move(*made));
        }
        give_zip(zip->bytes, reply);
      });
}

void gtfs_rt(const TransitRoutes& on, const Request& request, Reply reply) {
  static const std::map<std::string, RealtimeKind, std::less<>> kKinds{
      {"trip-updates", RealtimeKind::trip_updates},
      {"vehicle-positions", RealtimeKind::vehicle_positions},
      {"alerts", RealtimeKind::alerts}};
  const auto kind = kKinds.find(request.params.at("kind"));
  if (kind == kKinds.end())
    return reply(net::problem(base::Error{Errc::not_found, "there are trip-updates, vehicle-positions and alerts"}));
  net::Response out;
  out.content_type = "application/x-protobuf";
  out.headers = {{"Cache-Control", "public, max-age=5"}};
  out.body = write_realtime(realtime_out(*on.view(), kind->second, on.world.clock.now()));
  reply(std::move(out));
}

}  // namespace

void TransitRoutes::add_to(net::Router& router) const {
  using Family = void (*)(const TransitRoutes&, const Request&, Reply, bool);
  const auto both = [&](std::string_view path, Family answer) {
    router.add(
        net::Method::get, fmt::format("/api/v1/traffic/{}", path),
        world.guard.require(trust::Permission::read_city, [on = *this, answer](const serve::Call& call, Reply reply) {
          answer(on, call.request, std::move(reply), false);
        }));
    router.add(
        net::Method::get, fmt::format("/public/v1/traffic/{}", path),
        [on = *this, answer](const Request& request, Reply reply) { answer(on, request, std::move(reply), true); });
  };
  both("stops", stop_map);
  both("stops/near", near);
  both("stops/{id}/board", board);
  both("transit/lines", lines);
  both("transit/vehicles", vehicles);
  router.add(net::Method::get, "/api/v1/traffic/transit",
             world.guard.require(trust::Permission::read_city, [on = *this](const serve::Call& call, Reply reply) {
               standing(on, call, std::move(reply));
             }));
  router.add(net::Method::get, "/public/v1/traffic/gtfs.zip",
             [on = *this](const Request& request, Reply reply) { gtfs_zip(on, request, std::move(reply)); });
  router.add(net::Method::get, "/public/v1/traffic/gtfs-rt/{kind}",
             [on = *this](const Request& request, Reply reply) { gtfs_rt(on, request, std::move(reply)); });
}

}  // namespace cityloop::traffic
