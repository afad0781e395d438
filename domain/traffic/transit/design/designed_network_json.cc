#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>

#include "base/json_value.h"
#include "domain/traffic/transit/design/designed_network.h"

namespace cityloop::traffic {

namespace {

using base::JsonWriter;

double rounded(double value, double steps) {
  return std::round(value * steps) / steps;
}

void write_worth(JsonWriter& out, const Assessment& worth) {
  out.object()
      .field("minutes", rounded(worth.minutes, 1e4))
      .field("direct", rounded(worth.d0, 1e6))
      .field("oneChange", rounded(worth.d1, 1e6))
      .field("twoChanges", rounded(worth.d2, 1e6))
      .field("unserved", rounded(worth.unsatisfied, 1e6))
      .field("notReached", rounded(worth.unserved, 1e6))
      .field("operatorMinutes", rounded(worth.operator_minutes, 1e4))
      .end();
}

void write_line(JsonWriter& out, const std::vector<geo::Position>& line) {
  out.object().field("type", "LineString").key("coordinates").array();
  for (const geo::Position at : line)
    out.array().number(rounded(at.lon_deg, 1e7)).number(rounded(at.lat_deg, 1e7)).end();
  out.end().end();
}

void write_loads(JsonWriter& out, std::string_view key, const std::vector<double>& there,
                 const std::vector<double>& back) {
  out.key(key).array();
  for (std::size_t i = 0; i < there.size(); ++i)
    out.array().number(rounded(there[i], 100)).number(rounded(back[i], 100)).end();
  out.end();
}

void write_service(JsonWriter& out, const RouteService& service) {
  out.object()
      .field("runsPerHour", rounded(service.runs_per_hour, 1000))
      .field("cycleMinutes", rounded(service.cycle_minutes, 100))
      .field("boardingsPerHour", rounded(service.boardings, 100))
      .field("mostAboardPerHour", rounded(service.load_most, 100))
      .field("roomPerHour", rounded(service.room, 100))
      .field("noRoomPerHour", rounded(service.no_room, 100));
  write_loads(out, "loadsPerHour", service.load_there, service.load_back);
  out.end();
}

// All of a route but where it lies.
void write_route(JsonWriter& out, const RouteDesign& design, std::size_t r) {
  const RouteCarries& carries = design.carries[r];
  out.field("name", fmt::format("{}", r + 1))
      .field("minutes", rounded(design.problem.route_minutes(design.routes[r]), 1000));
  out.key("stops").array();
  for (const StopIndex at : design.routes[r]) out.integer(at);
  out.end().field("passengers", rounded(carries.passengers, 100)).field("direct", rounded(carries.direct, 100));
  write_loads(out, "loads", carries.load_there, carries.load_back);
  out.key("pairs").array();
  for (const CarriedPair& pair : carries.most)
    out.object().field("from", pair.from).field("to", pair.to).field("passengers", rounded(pair.passengers, 100)).end();
  const flow::Bilingual why = design.why(r);
  out.end().key("why").object().field("zh", why.zh).field("en", why.en).end();
  if (!design.service) return;
  const RouteService& service = design.service->routes[r];
  out.field("vehicles", service.vehicles).field("headwayMinutes", rounded(service.headway_minutes, 100));
  write_service(out.key("service"), service);
}

void write_stop(JsonWriter& out, const RouteDesign& design, StopIndex s) {
  double begin = 0, end = 0;
  for (std::size_t at = 0; at < design.problem.stops(); ++at) {
    const auto other = StopIndex(at);
    begin += design.problem.demand(s, other);
    end += design.problem.demand(other, s);
  }
  out.field("id", design.problem.stop(s).id).field("name", design.stop_name(s));
  out.field("begin", rounded(begin, 100)).field("end", rounded(end, 100));
}

void write_summary(JsonWriter& out, const RouteDesign& design) {
  out.field("id", design.id).field("name", design.name).field("seed", design.seed).field("steps", design.steps);
  if (!design.command.empty()) out.field("command", design.command);
  if (design.made_at) out.field("madeAt", base::format_time(*design.made_at));
  if (design.took_s > 0) out.field("tookS", rounded(design.took_s, 1000));
  out.field("geographic", design.covered.has_value()).field("passengers", rounded(design.problem.demand_total(), 100));
  out.field("transferMinutes", design.problem.rules().transfer_minutes);
  write_worth(out.key("figures"), design.worth);
  if (design.today) write_worth(out.key("today"), *design.today);
  if (design.covered) out.field("coveredShare", rounded(*design.covered, 1e6)).field("walkMetres", design.walk_m);
  if (design.carried) out.field("carriedShare", rounded(*design.carried, 1e6));
  if (!design.service) return;
  const FrequencyPlan& plan = *design.service;
  out.key("service")
      .object()
      .field("vehicles", plan.vehicles)
      .field("minutes", rounded(plan.minutes, 1e4))
      .field("waitMinutes", rounded(plan.wait_minutes, 1e4))
      .field("changes", rounded(plan.changes, 1e4))
      .field("unserved", rounded(plan.unserved, 1e6))
      .field("noRoomPerHour", rounded(plan.no_room, 100))
      .end();
}

std::string position_json(geo::Position at) {
  JsonWriter out;
  out.object().field("type", "Point").key("coordinates").array();
  return out.number(rounded(at.lon_deg, 1e7)).number(rounded(at.lat_deg, 1e7)).end().end().take();
}

std::optional<StopIndex> nearest(const DesignProblem& problem, geo::Position position, double near_m) {
  std::optional<StopIndex> out;
  double best = near_m;
  for (std::size_t s = 0; s < problem.stops(); ++s)
    if (const double m = geo::distance_m(problem.stop(StopIndex(s)).position, position); m <= best) {
      best = m;
      out = StopIndex(s);
    }
  return out;
}

// The quickest way along links, without the first stop.
RoutePath along_links(const DesignProblem& problem, StopIndex from, StopIndex to) {
  std::vector<double> far(problem.stops(), std::numeric_limits<double>::infinity());
  std::vector<StopIndex> before(problem.stops(), from);
  using Reached = std::pair<double, StopIndex>;
  std::priority_queue<Reached, std::vector<Reached>, std::greater<>> open;
  far[from] = 0;
  open.emplace(0, from);
  while (!open.empty()) {
    const auto [time, at] = open.top();
    open.pop();
    if (time > far[at]) continue;
    for (const StopIndex next : problem.neighbours(at))
      if (const double t = time + problem.minutes(at, next); t < far[next]) {
        far[next] = t;
        before[next] = at;
        open.emplace(t, next);
      }
  }
  RoutePath out;
  for (StopIndex at = to; at != from; at = before[at]) out.push_back(at);
  std::ranges::reverse(out);
  return out;
}

// What a line's positions come to as a route. It ends where it would pass a stop a second time.
RoutePath route_of(const DesignProblem& problem, const std::vector<geo::Position>& line, double near_m) {
  RoutePath route;
  for (const geo::Position position : line) {
    const auto at = nearest(problem, position, near_m);
    if (!at || std::ranges::find(route, *at) != route.end()) continue;
    if (route.empty()) {
      route.push_back(*at);
      continue;
    }
    const RoutePath way = along_links(problem, route.back(), *at);
    const bool again =
        std::ranges::any_of(way, [&](StopIndex stop) { return std::ranges::find(route, stop) != route.end(); });
    if (!again) route.insert(route.end(), way.begin(), way.end());
  }
  return route;
}

}  // namespace

base::Result<RouteSet> routes_of_geojson(std::string_view geojson, const DesignProblem& problem, double near_m) {
  const base::JsonValue document = TRY(base::JsonValue::parse(geojson));
  const base::JsonValue* const features = document.find("features");
  if (!features || !features->array())
    return base::fail(base::Errc::malformed, "routes of today: a FeatureCollection of LineStrings is expected");
  RouteSet out;
  std::size_t number = 0;
  for (const base::JsonValue& feature : *features->array()) {
    ++number;
    const base::JsonValue* const geometry = feature.find("geometry");
    if (!geometry || geometry->text_or("type", "") != "LineString") continue;
    const geo::Shape shape = TRY(geo::Shape::from_geojson(geometry->dump()));
    RoutePath route = route_of(problem, shape.parts.at(0), near_m);
    if (route.size() < 2)
      return base::fail(base::Errc::invalid,
                        "routes of today: feature {} has fewer than two stops within {} m of the demand's", number,
                        near_m);
    out.push_back(std::move(route));
  }
  if (out.empty()) return base::fail(base::Errc::invalid, "routes of today: there is no LineString");
  return out;
}

void write_design(JsonWriter& out, const RouteDesign& design) {
  out.object();
  write_summary(out, design);
  out.key("stops").array();
  for (std::size_t number = 0; number < design.problem.stops(); ++number) {
    const auto s = StopIndex(number);
    write_stop(out.object(), design, s);
    const geo::Position at = design.problem.stop(s).position;
    out.key("position").array().number(rounded(at.lon_deg, 1e7)).number(rounded(at.lat_deg, 1e7)).end().end();
  }
  out.end().key("routes").array();
  for (std::size_t r = 0; r < design.routes.size(); ++r) {
    write_route(out.object(), design, r);
    write_line(out.key("line"), design.lines[r]);
    out.end();
  }
  out.end().end();
}

std::string design_geojson(const RouteDesign& design) {
  JsonWriter out;
  out.object().field("type", "FeatureCollection").key("features").array();
  for (std::size_t r = 0; r < design.routes.size(); ++r) {
    out.object().field("type", "Feature").key("properties").object().field("kind", "route");
    write_route(out, design, r);
    write_line(out.end().key("geometry"), design.lines[r]);
    out.end();
  }
  for (std::size_t number = 0; number < design.problem.stops(); ++number) {
    const auto s = StopIndex(number);
    out.object().field("type", "Feature").key("properties").object().field("kind", "stop");
    write_stop(out, design, s);
    out.end().key("geometry").raw(position_json(design.problem.stop(s).position)).end();
  }
  return out.end().end().take();
}

}  // namespace cityloop::traffic
