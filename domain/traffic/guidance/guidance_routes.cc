#include "domain/traffic/guidance/guidance_routes.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/json_value.h"
#include "domain/traffic/guidance/incident_loop.h"
#include "flow/command.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "serve/city.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::traffic {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using base::Result;
using flow::operator""_name;
using net::Reply;
using serve::Call;
using serve::Language;

constexpr double kSnap_m = 1000;

void write_number(JsonWriter& out, std::string_view key, double value) {
  out.key(key).number(std::isfinite(value) ? std::round(value * 100) / 100 : kUnknown);
}

std::string_view in(Language language, const flow::Bilingual& text, std::string_view otherwise) {
  const std::string& out = language == Language::zh ? text.zh : text.en;
  return out.empty() ? otherwise : std::string_view(out);
}

void write_line(JsonWriter& out, std::span<const geo::Position> line) {
  out.object().field("type", "LineString").key("coordinates").array();
  for (const geo::Position at : line) out.array().number(at.lon_deg).number(at.lat_deg).end();
  out.end().end();
}

void write_position(JsonWriter& out, geo::Position at) {
  out.key("position").array().number(at.lon_deg).number(at.lat_deg).end();
}

// "lon,lat"; nothing where the argument is absent.
Result<std::optional<geo::Position>> position_argument(const net::Request& request, std::string_view name) {
  const auto text = request.argument(name);
  if (!text || text->empty()) return std::nullopt;
  geo::Position out;
  const char* const begin = text->data();
  const char* const end = begin + text->size();
  const auto lon = std::from_chars(begin, end, out.lon_deg);
  const bool comma = lon.ec == std::errc{} && lon.ptr != end && *lon.ptr == ',';
  const auto lat = comma ? std::from_chars(lon.ptr + 1, end, out.lat_deg) : lon;
  if (!comma || lat.ec != std::errc{} || lat.ptr != end)
    return fail(Errc::invalid, "'{}' is lon,lat in degrees, not '{}'", name, *text);
  TRY(geo::check(out));
  return out;
}

Result<geo::Position> needed_position(const net::Request& request, std::string_view name) {
  const auto out = TRY(position_argument(request, name));
  if (!out) return fail(Errc::invalid, "'{}' is needed: lon,lat in degrees", name);
  return *out;
}

Result<GuidancePicturePtr> picture_of(const GuidanceRoutes& on) {
  GuidancePicturePtr out = on.guidance.picture();
  if (!out) return fail(Errc::unavailable, "travel times are being made; ask again in a moment");
  return out;
}

// The moment that a picture shows; before the first reading there is none, and it is as good as now's.
base::Instant moment_of(const GuidanceRoutes& on, const GuidancePicture& picture) {
  return picture.at == base::kNever ? on.clock.now() : picture.at;
}

std::string_view state_word(SegmentState state) {
  return state == SegmentState::unknown ? "stale" : to_string(state);
}

}  // namespace

void write_segment(JsonWriter& out, const GuidancePicture& picture, std::uint32_t i, Language language,
                   base::Duration stale_after) {
  const Segment& one = picture.state->segments[i];
  const bool fresh = one.is_fresh(picture.at, stale_after);
  out.object().field("id", one.id.text()).field("name", in(language, one.name, one.id.text()));
  write_number(out, "speedKmh", fresh ? one.speed_kmh : kUnknown);
  write_number(out, "freeFlowKmh", one.free_flow_kmh > 0 ? one.free_flow_kmh : kUnknown);
  write_number(out, "usualKmh", double(picture.speeds.usual[i]));
  write_number(out, "expectedKmh", double(picture.speeds.periods[1][i]));
  write_number(out, "expected30Kmh", double(picture.speeds.periods[2][i]));
  write_number(out, "expected60Kmh", double(picture.speeds.periods[3][i]));
  out.field("state", state_word(one.state(picture.at, stale_after)));
  serve::write_time(out, "observedAt", one.speed_at);
  out.end();
}

namespace {

void list_segments(const GuidanceRoutes& on, const Call& call, Reply reply) {
  const auto picture = picture_of(on);
  if (!picture) return reply(net::problem(picture.error()));
  const Language language = serve::language_of(call.request);
  const auto& segments = (*picture)->state->segments;
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < segments.size(); ++i) {
    if (!segments[i].gone && segments[i].line.size() >= 2) order.push_back(i);
  }
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return segments[i].id.text(); });
  JsonWriter out;
  out.object().field("type", "FeatureCollection").field("at", base::format_time(moment_of(on, **picture)));
  if ((*picture)->roads.cover) {
    const MatchReport& report = (*picture)->roads.cover->report;
    out.key("matched")
        .object()
        .field("segments", report.segments)
        .field("matched", report.matched)
        .key("missed")
        .array();
    for (const std::string& line : report.lines()) out.text(line);
    out.end().end();
  }
  out.key("features").array();
  for (const std::uint32_t i : order) {
    out.object().field("type", "Feature").key("geometry");
    write_line(out, segments[i].line);
    out.key("properties");
    write_segment(out, **picture, i, language, on.guidance.options().stale_after);
    out.end();
  }
  reply(serve::json_response(out.end().end()));
}

// The texts that signs show or are to show because of it: those for ways over its segment or its queue are not told
// apart from the others of that time, so all that were asked for while it lasts are shown.
void write_signs(const GuidanceRoutes& on, JsonWriter& out, const flow::Finding& finding, const serve::Names& names) {
  out.key("signs").array();
  on.twin.each("TrafficAdvice"_name, [&](const flow::EntityPtr& advice) {
    const base::Instant made_at = advice->instant("madeAt"_name);
    const bool over = finding.cleared_at != base::kNever && made_at > finding.cleared_at;
    if (made_at < finding.opened_at || over) return true;
    const flow::EntityId device = flow::link_field(*advice, "refDevice"),
                         command = flow::link_field(*advice, "refCommand");
    const flow::EntityPtr asked = on.twin.get(command);
    const std::string text = flow::text_field(*advice, "text");
    out.object().field("command", command.text()).field("sign", device.text()).field("signName", names.of(device));
    serve::write(out.key("text"), flow::Bilingual{text, text});
    out.field("status", asked ? asked->text("status"_name) : std::string_view("proposed")).end();
    return true;
  });
  out.end();
}

void write_incident(const GuidanceRoutes& on, JsonWriter& out, const flow::Finding& finding,
                    const serve::Names& names) {
  const auto why = base::JsonValue::parse(finding.why);
  const auto number = [&](std::string_view key) { return why ? why->number_or(key, kUnknown) : kUnknown; };
  const double speed_kmh = number("speedKmh"), expected_kmh = number("expectedKmh"), beyond = number("beyondRatio");
  const bool forecast = why && why->text_or("expectedBy", "") == "forecast";
  out.object()
      .field("id", finding.id.text())
      .field("kind", "speed_drop")
      .field("active", finding.status == flow::FindingStatus::active);
  const auto shape = geo::Shape::from_geojson(finding.location);
  write_position(out, shape ? shape->anchor() : geo::Position{});
  out.field("segment", finding.about.text()).field("segmentName", names.of(finding.about));
  serve::write(out.key("title"), finding.title);
  serve::write(
      out.key("why"),
      flow::Bilingual{
          fmt::format("车速 {:.0f} km/h,{} {:.0f};前方{}", speed_kmh, forecast ? "预测为" : "此时通常", expected_kmh,
                      std::isnan(beyond) ? "无读数" : fmt::format("路段为预期的 {:.0f}%", 100 * beyond)),
          fmt::format("{:.0f} km/h where {:.0f} {}; the road beyond {}", speed_kmh, expected_kmh,
                      forecast ? "was forecast" : "is usual at this hour",
                      std::isnan(beyond) ? "is not known"
                                         : fmt::format("runs at {:.0f} % of what is expected", 100 * beyond))});
  out.field("severity", to_string(finding.severity)).field("finding", finding.id.text());
  serve::write_time(out, "detectedAt", finding.opened_at);
  serve::write_time(out, "clearedAt", finding.cleared_at);
  write_number(out, "speedKmh", speed_kmh);
  write_number(out, "expectedKmh", expected_kmh);
  write_signs(on, out, finding, names);
  out.end();
}

void list_incidents(const GuidanceRoutes& on, const Call& call, Reply reply) {
  auto findings = serve::all_of<flow::Finding>(
      on.twin, flow::kFindingType, flow::finding_from,
      [](const flow::Entity& entity) { return entity.text("rule"_name) == kIncidentRule; });
  std::ranges::stable_sort(findings, [](const flow::Finding& a, const flow::Finding& b) {
    return std::tuple(a.status, b.opened_at, a.id.text()) < std::tuple(b.status, a.opened_at, b.id.text());
  });
  if (findings.size() > 200) findings.resize(200);
  JsonWriter out;
  out.object().key("incidents").array();
  const serve::Names names{on.twin, serve::language_of(call.request)};
  for (const flow::Finding& one : findings) write_incident(on, out, one, names);
  reply(serve::json_response(out.end().end()));
}

void write_garage(JsonWriter& out, const Garage& garage, const ParkingOutlook& outlook, base::Instant now,
                  Language language, bool fresh) {
  out.object().field("id", garage.id.text()).field("name", in(language, garage.name, garage.id.text()));
  write_position(out, garage.at.value_or(geo::Position{}));
  out.field("capacity", std::int64_t(garage.spaces)).key("free");
  if (fresh) out.integer(std::int64_t(std::max(0.0, garage.spaces - garage.occupied)));
  else out.null();
  serve::write_time(out, "observedAt", garage.occupied_at);
  out.key("forecasts").array();
  for (const int minutes : {15, 30, 60}) {
    const auto band = fresh ? outlook.occupied(garage, now + std::chrono::minutes(minutes)) : std::nullopt;
    if (!band) continue;
    // Of free spaces: the tenth percentile is where the ninetieth of cars is.
    const auto free = [&](double cars) { return std::max(0.0, std::round(garage.spaces - cars)); };
    out.object()
        .field("minutes", minutes)
        .field("p10", free(band->high))
        .field("p50", free(band->middle))
        .field("p90", free(band->low));
    write_number(out, "chance", chance_of_space(*band, garage.spaces));
    out.end();
  }
  out.end().end();
}

Result<std::string> parking_of(const GuidanceRoutes& on, const Call& call) {
  const GuidancePicturePtr picture = TRY(picture_of(on));
  const auto from = TRY(position_argument(call.request, "from")), to = TRY(position_argument(call.request, "to"));
  const GuidanceState& state = *picture->state;
  const base::Instant now = moment_of(on, *picture);
  const PlainOutlook outlook(state.garages, state.parking_forecasts, on.guidance.options().time_zone);
  const RouteFinder finder(picture->times);
  thread_local RouteWorkspace space;
  ParkingOptions options;
  options.most = state.garages.all().size();
  // Without a place to go to each garage is where one goes.
  std::vector<GarageChoice> choices;
  for (const Garage& garage : state.garages.all()) {
    if (to || !garage.at) break;
    const ParkingWish wish{*garage.at, from, now, 1};
    auto one = rank_garages({garage}, outlook, picture->times ? &finder : nullptr, space, wish, options);
    if (!one.empty()) choices.push_back(std::move(one.front()));
  }
  if (to)
    choices = rank_garages(state.garages.all(), outlook, picture->times ? &finder : nullptr, space,
                           {*to, from, now, 2000}, options);
  const auto choice_of = [&](const Garage& garage) {
    return std::ranges::find(choices, garage.id, [](const GarageChoice& one) { return one.garage.id; });
  };
  std::vector<const Garage*> order;
  for (const Garage& garage : state.garages.all()) {
    if (!garage.gone && garage.at && (!to || choice_of(garage) != choices.end())) order.push_back(&garage);
  }
  std::ranges::sort(order, {}, [&](const Garage* one) {
    return std::pair(to ? choice_of(*one) - choices.begin() : 0, one->id.text());
  });
  const Language language = serve::language_of(call.request);
  JsonWriter out;
  out.object().key("garages").array();
  for (const Garage* garage : order) {
    const bool fresh =
        !std::isnan(garage->occupied) && garage->spaces > 0 && now - garage->occupied_at <= options.stale_after;
    JsonWriter one;
    write_garage(one, *garage, outlook, now, language, fresh);
    std::string text = one.take();
    const auto choice = choice_of(*garage);
    if ((from || to) && choice != choices.end()) {
      JsonWriter arrival;
      arrival.object();
      write_number(arrival, "driveS", choice->drive_s);
      write_number(arrival, "walkS", to ? choice->walk_s : 0);
      write_number(arrival, "chance", choice->chance);
      write_number(arrival, "free", std::max(0.0, garage->spaces - choice->occupied->middle));
      serve::write(arrival.key("why"), choice->why);
      text.pop_back();
      text += ",\"arrival\":" + arrival.end().take() + "}";
    }
    out.raw(text);
  }
  return out.end().end().take();
}

void write_option(JsonWriter& out, const RouteOption& one, bool usual) {
  out.object().key("line");
  write_line(out, one.line);
  write_number(out, "distanceM", one.route.distance_m);
  write_number(out, "foreseenS", one.foreseen_s);
  write_number(out, "nowS", one.now_s);
  write_number(out, "usualS", one.usual_s);
  write_number(out, "shared", one.shared);
  write_number(out, "measured", one.measured);
  out.field("usual", usual).key("slow").array();
  for (const SlowStreet& street : one.slow) {
    out.object();
    serve::write(out.key("name"), street.name);
    write_number(out, "lostS", street.lost_s);
    out.end();
  }
  out.end().end();
}

// Streets on which an incident is open, where the asker would rather not go at all.
ArcFactors closed_by_incidents(const GuidanceRoutes& on, const GuidancePicture& picture) {
  ArcFactors out;
  on.twin.each(flow::kFindingType, [&](const flow::EntityPtr& entity) {
    if (entity->text("rule"_name) != kIncidentRule || entity->text("status"_name) != "active") return true;
    const auto segment = picture.state->segments.find(flow::link_field(*entity, "about"));
    if (!segment || *segment >= picture.roads.cover->arcs_of.size()) return true;
    for (const geo::StreetArc arc : picture.roads.cover->arcs_of[*segment]) out.close(arc);
    return true;
  });
  return out;
}

Result<std::string> route_of(const GuidanceRoutes& on, const Call& call) {
  const GuidancePicturePtr picture = TRY(picture_of(on));
  const geo::Position from = TRY(needed_position(call.request, "from")), to = TRY(needed_position(call.request, "to"));
  const auto depart = call.request.argument("depart");
  const base::Instant at = depart && !depart->empty() ? TRY(base::parse_time(*depart)) : moment_of(on, *picture);
  const std::string_view avoid = call.request.argument("avoid").value_or("");
  if (!avoid.empty() && avoid != "incidents") return fail(Errc::invalid, "'avoid' is incidents, not '{}'", avoid);
  if (!picture->times) return fail(Errc::not_found, "this city has no streets to go on");
  const geo::StreetGraph& graph = picture->times->net().graph();
  const auto begin = graph.snap(from, geo::TravelMode::car, kSnap_m),
             end = graph.snap(to, geo::TravelMode::car, kSnap_m);
  if (!begin || !end)
    return fail(Errc::not_found, "no street for cars lies within {:.0f} m of '{}'", kSnap_m, begin ? "to" : "from");
  const auto started = std::chrono::steady_clock::now();
  thread_local RouteWorkspace space;
  ArcFactors closed;
  if (!avoid.empty()) closed = closed_by_incidents(on, *picture);
  const double depart_s = std::max(0.0, std::chrono::duration<double>(at - moment_of(on, *picture)).count());
  const RouteAdvice advice =
      TRY(advise(RouteFinder(picture->times), {*begin, *end, depart_s, closed.empty() ? nullptr : &closed}, space));
  const double took_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
  JsonWriter out;
  out.object().key("options").array();
  for (std::size_t i = 0; i < advice.options.size(); ++i) write_option(out, advice.options[i], advice.usual == i);
  out.end().field("code", to_string(advice.code));
  write_number(out, "savedS", advice.saved_s);
  serve::write(out.key("why"), advice.why);
  write_number(out, "tookMs", took_ms);
  return out.end().take();
}

template <class Make>
void answer(const GuidanceRoutes& on, const Call& call, Reply reply, const Make& make) {
  auto body = make(on, call);
  if (!body) return reply(net::problem(body.error()));
  reply(serve::json_response(std::move(*body)));
}

}  // namespace

void GuidanceRoutes::add_to(net::Router& router) const {
  const auto bind = serve::binder(*this);
  const auto get = [&](std::string_view path, auto function) {
    router.add(net::Method::get, path, bind(trust::Permission::read_city, function));
  };
  get("/api/v1/traffic/segments", list_segments);
  get("/api/v1/traffic/incidents", list_incidents);
  get("/api/v1/traffic/parking",
      [](const GuidanceRoutes& on, const Call& call, Reply reply) { answer(on, call, std::move(reply), parking_of); });
  get("/api/v1/traffic/route",
      [](const GuidanceRoutes& on, const Call& call, Reply reply) { answer(on, call, std::move(reply), route_of); });
}

}  // namespace cityloop::traffic
