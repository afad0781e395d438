#include "domain/traffic/transit/board.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "domain/traffic/transit/service_days.h"
#include "domain/traffic/transit/transit_entities.h"
#include "serve/city.h"

namespace cityloop::traffic {
namespace {

using base::Instant;
using base::JsonWriter;

constexpr std::size_t kLooked = 4'000;
constexpr std::string_view kSource[] = {"schedule", "live", "stale"};
constexpr std::string_view kState[] = {"expected", "cancelled", "skipped", "added"};

void route_fields(const Schedule& s, RouteNo no, BoardRow& row) {
  if (no == kNo<RouteNo>) return;
  const Route& route = s.routes[at(no)];
  row.route_id = s.text(route.id);
  row.line = s.text(route.short_name == TextNo{} ? route.long_name : route.short_name);
  row.color = s.text(route.color);
  row.text_color = s.text(route.text_color);
}

BoardRow planned_row(const Schedule& s, const Departure& one) {
  const Trip& trip = s.trips[at(one.trip)];
  const Call& call = s.call(one.trip, one.call);
  BoardRow row;
  row.trip_id = s.text(trip.id);
  route_fields(s, trip.route, row);
  row.headsign = call.headsign == TextNo{} ? bilingual(s, "trips", "trip_headsign", trip.id, trip.headsign)
                                           : bilingual(s, "stop_times", "stop_headsign", trip.id, call.headsign);
  row.platform = s.text(s.stops[at(call.stop)].platform_code);
  row.last_stop = one.call + 1 == s.calls_of(one.trip);
  row.scheduled = row.expected = one.departure;
  return row;
}

// False when the bus has left already.
bool add_live(const LiveView& view, const Departure& one, Instant now, const BoardOptions& options, BoardRow& row) {
  const auto found = view.runs.find({one.trip, one.day, one.start_s});
  if (found == view.runs.end()) return row.scheduled >= now;
  const Run& run = *found->second;
  row.known_at = run.at;
  if (run.relation == TripRelation::deleted) return false;
  if (run.relation == TripRelation::canceled) {
    row.state = BoardState::cancelled;
    row.source = BoardSource::live;
    return row.scheduled >= now;
  }
  row.vehicle = run.vehicle;
  row.occupancy = run.occupancy;
  const CallEstimate& call = run.calls[one.call];
  if (call.skipped) row.state = BoardState::skipped;
  if (!call.known) return row.scheduled >= now;
  if (now - run.at > options.stale) {
    row.source = BoardSource::stale;
    return row.scheduled >= now;
  }
  row.source = BoardSource::live;
  row.expected = expected_departure(*view.schedule, run, one.call);
  if (run.next > one.call) return false;
  // It has not left though it was due: it leaves now at the earliest.
  if (run.along_m) row.expected = std::max(row.expected, now);
  return row.expected >= now;
}

bool holds(const ServiceAlert& alert, Instant now) {
  const std::int64_t s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (alert.active.empty()) return true;
  return std::ranges::any_of(alert.active,
                             [s](const auto& p) { return s >= p.first && (p.second == 0 || s < p.second); });
}

std::string_view status_of(const BoardRow& row) {
  if (row.state != BoardState::expected) return kState[std::size_t(row.state)];
  return row.source == BoardSource::live ? "live" : "planned";
}

const std::string& in(serve::Language language, const flow::Bilingual& text) {
  return language == serve::Language::zh ? text.zh : text.en;
}

void write_row(JsonWriter& out, const BoardRow& row, Instant now, serve::Language language) {
  const auto whole_s = [](base::Duration d) { return std::chrono::round<std::chrono::seconds>(d).count(); };
  const bool comes = row.state == BoardState::expected || row.state == BoardState::added;
  out.object().field("line", row.line).field("routeId", row.route_id).field("trip", row.trip_id);
  if (!row.color.empty()) out.field("colour", row.color);
  serve::write(out.field("headsign", in(language, row.headsign)).key("headsigns"), row.headsign);
  serve::write_time(out, "plannedAt", row.scheduled == base::kNever ? row.expected : row.scheduled);
  serve::write_time(out, "expectedAt", comes ? row.expected : base::kNever);
  if (comes && row.scheduled != base::kNever) out.field("delayS", whole_s(row.expected - row.scheduled));
  if (comes) out.field("inS", whole_s(row.expected - now));
  out.field("status", status_of(row)).field("source", kSource[std::size_t(row.source)]);
  if (row.known_at != base::kNever) out.field("ageS", whole_s(now - row.known_at));
  if (!row.platform.empty()) out.field("platform", row.platform);
  if (!row.vehicle.empty()) out.field("vehicle", row.vehicle);
  if (row.occupancy) out.field("occupancy", *row.occupancy);
  out.field("lastStop", row.last_stop).end();
}

void write_headways(JsonWriter& out, const LiveView& view, StopNo stop, serve::Language language) {
  const Schedule& s = *view.schedule;
  for (const StopNo platform : s.platforms_of(stop)) {
    const auto before = [](const StopHeadway& one, StopNo wanted) { return one.stop < wanted; };
    auto one = std::lower_bound(view.headways.begin(), view.headways.end(), platform, before);
    for (; one != view.headways.end() && one->stop == platform; ++one) {
      const Route& route = s.routes[at(one->route)];
      const Trip& trip = s.trips[at(one->trip)];
      out.object().field("line", s.text(route.short_name == TextNo{} ? route.long_name : route.short_name));
      out.field("headsign", in(language, bilingual(s, "trips", "trip_headsign", trip.id, trip.headsign)));
      out.field("plannedS", std::round(one->planned_s)).field("actualS", std::round(one->headway_s));
      out.field("state", one->state);
      serve::write_time(out, "at", one->at);
      out.end();
    }
  }
}

flow::Bilingual both(const Translated& texts) {
  const auto of = [&](std::string_view lang) {
    for (const auto& [given, text] : texts) {
      if (given.starts_with(lang)) return text;
    }
    return texts.empty() ? std::string{} : texts.begin()->second;
  };
  return {of("zh"), of("en")};
}

}  // namespace

std::vector<BoardRow> arrivals_board(const LiveView& view, StopNo stop, Instant now, const BoardOptions& options) {
  const Schedule& s = *view.schedule;
  std::vector<BoardRow> out;
  const Instant until = now + options.window;
  for (const Departure& one : s.departures(stop, now - options.lookback, until, kLooked)) {
    BoardRow row = planned_row(s, one);
    if (add_live(view, one, now, options, row)) out.push_back(std::move(row));
  }
  const std::vector<StopNo> platforms = s.platforms_of(stop);
  for (const auto& [urn, run] : view.added) {
    for (const AddedCall& call : run->added) {
      if (std::ranges::find(platforms, call.stop) == platforms.end() || call.departure < now || call.departure > until)
        continue;
      BoardRow row;
      row.trip_id = run->ref.trip_id;
      route_fields(s, run->route, row);
      row.expected = call.departure;
      row.known_at = run->at;
      row.source = now - run->at > options.stale ? BoardSource::stale : BoardSource::live;
      row.state = BoardState::added;
      row.vehicle = run->vehicle;
      out.push_back(std::move(row));
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const BoardRow& a, const BoardRow& b) { return a.expected < b.expected; });
  if (out.size() > options.rows_max) out.resize(options.rows_max);
  return out;
}

std::vector<const ServiceAlert*> alerts_of(const LiveView& view, StopNo stop, Instant now) {
  const Schedule& s = *view.schedule;
  std::set<std::string_view> ids{s.text(s.stops[at(stop)].id)}, lines;
  if (s.stops[at(stop)].parent != kNo<StopNo>) ids.insert(s.text(s.stops[at(s.stops[at(stop)].parent)].id));
  for (const StopNo platform : s.platforms_of(stop)) ids.insert(s.text(s.stops[at(platform)].id));
  for (const Departure& one : s.departures(stop, now, now + std::chrono::hours(3), kLooked))
    lines.insert(s.text(s.routes[at(s.trips[at(one.trip)].route)].id));
  std::vector<const ServiceAlert*> out;
  for (const auto& [urn, alert] : view.alerts) {
    const bool meant = std::ranges::any_of(alert->informed, [&](const Informed& about) {
      const std::string& route = about.route_id.empty() && about.trip ? about.trip->route_id : about.route_id;
      if (!about.stop_id.empty() && !ids.contains(about.stop_id)) return false;
      if (!route.empty() && !lines.contains(route)) return false;
      return !about.stop_id.empty() || !route.empty() || !about.agency_id.empty() || about.route_type.has_value();
    });
    if (meant && holds(*alert, now)) out.push_back(alert.get());
  }
  return out;
}

std::vector<NearStop> stops_near(const Schedule& s, geo::Position here, double radius_m, std::size_t max) {
  const Spot spot{std::int32_t(std::lround(here.lon_deg * 1e7)), std::int32_t(std::lround(here.lat_deg * 1e7))};
  std::vector<NearStop> out;
  for (std::uint32_t i = 0; i < s.stops.size(); ++i) {
    const Stop& one = s.stops[i];
    // Platforms of a station are reached through it.
    if (one.location_type > 1 || one.parent != kNo<StopNo> || !one.spot.known()) continue;
    const double away = distance_m(spot, one.spot);
    if (away <= radius_m) out.push_back({StopNo{i}, away});
  }
  std::sort(out.begin(), out.end(), [&](const NearStop& a, const NearStop& b) {
    return a.distance_m != b.distance_m ? a.distance_m < b.distance_m : a.stop < b.stop;
  });
  if (out.size() > max) out.resize(max);
  return out;
}

void write_stop(JsonWriter& out, const Schedule& s, StopNo no, serve::Language language) {
  const Stop& stop = s.stops[at(no)];
  out.object().field("id", s.text(stop.id));
  out.field("name", in(language, bilingual(s, "stops", "stop_name", stop.id, stop.name)));
  if (stop.code != TextNo{}) out.field("code", s.text(stop.code));
  out.key("lines").array();
  for (const RouteNo no_of_line : s.routes_of(no)) {
    const Route& route = s.routes[at(no_of_line)];
    out.text(s.text(route.short_name == TextNo{} ? route.long_name : route.short_name));
  }
  out.end().end();
}

void write_board(JsonWriter& out, const LiveView& view, StopNo stop, Instant now, const BoardOptions& options,
                 serve::Language language) {
  write_stop(out.object().key("stop"), *view.schedule, stop, language);
  serve::write_time(out, "at", now);
  out.key("departures").array();
  for (const BoardRow& row : arrivals_board(view, stop, now, options)) write_row(out, row, now, language);
  out.end().key("headways").array();
  write_headways(out, view, stop, language);
  out.end().key("alerts").array();
  for (const ServiceAlert* alert : alerts_of(view, stop, now)) {
    const flow::Bilingual header = both(alert->header.empty() ? alert->text : alert->header);
    out.object().field("zh", header.zh).field("en", header.en).field("id", alert->id);
    if (!alert->text.empty()) serve::write(out.key("detail"), both(alert->text));
    out.end();
  }
  out.end().end();
}

}  // namespace cityloop::traffic
