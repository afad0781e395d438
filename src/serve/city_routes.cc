#include "serve/city_routes.h"

#include "flow/own_types.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::JsonWriter;
using flow::EntityId;
using flow::Name;
using net::Reply;
using trust::Permission;

void write_named(JsonWriter& out, std::string_view key, const std::vector<City::Department>& list) {
  out.key(key).array();
  for (const City::Department& one : list) {
    write(out.object().field("id", one.id).key("name"), one.name);
    out.end();
  }
  out.end();
}

// What a case may be opened as.
void write_case_choices(JsonWriter& out, const casework::CaseRulesPtr& rules) {
  std::vector<City::Department> kinds;
  if (rules) {
    for (const casework::CaseKind& kind : rules->kinds()) kinds.push_back({kind.id, kind.name});
  }
  write_named(out, "caseKinds", kinds);
  out.key("caseCategories").array();
  if (rules) {
    for (const casework::Category& one : rules->categories().all()) {
      out.object().field("code", one.code).field("kind", one.kind).field("department", one.department);
      write(out.key("class"), one.large);
      write(out.key("name"), one.name);
      write(out.key("standard"), one.standard);
      out.field("limit", casework::format_limit(one.limit)).end();
    }
  }
  out.end();
}

void write_type(JsonWriter& out, const TypeView& view) {
  write(out.object().key("name"), view.name);
  if (!view.main.empty()) out.field("main", view.main.text());
  out.field("unit", view.unit).key("scale").array();
  const std::pair<std::optional<double>, std::string_view> limits[] = {{view.warn, "warn"}, {view.alarm, "alarm"}};
  for (const auto& [limit, state] : limits) {
    if (limit) out.array().number(*limit).text(state).end();
  }
  out.end().field("lowIsBad", view.low_is_bad).end();
}

void write_bounds(JsonWriter& out, const City& city) {
  out.key("bounds").array();
  for (const double edge : city.box()) out.number(edge);
  out.end();
}

void show_city(const CityRoutes& on, const Call&, Reply reply) {
  const City& city = on.city;
  const ClockView clock = on.clock();
  JsonWriter out;
  write(out.object().key("name"), city.name);
  out.key("center").array().number(city.center_lon_deg).number(city.center_lat_deg).end().field("zoom", city.zoom);
  write_bounds(out, city);
  out.field("timeZone", city.time_zone);
  out.key("clock").object().field("now", base::format_time(on.twin.clock().now()));
  out.field("mode", clock.feed ? "feed" : "wall").field("speed", clock.speed).field("paused", clock.paused).end();
  write_named(out, "departments", city.departments);
  out.key("areas").array();
  for (const City::Area& area : city.areas) {
    write(out.object().field("id", area.id).field("kind", area.kind).key("name"), area.name);
    out.key("geometry").raw(area.geojson()).end();
  }
  out.end().key("staleAfterS").object();
  for (const auto& [type, view] : city.types) {
    if (view.stale_after.count() > 0) out.field(type.text(), double(view.stale_after.count()) / 1e6);
  }
  out.end().key("types").object();
  for (const auto& [type, view] : city.types) write_type(out.key(type.text()), view);
  out.end();
  write_case_choices(out, on.case_rules.in_force());
  out.end();
  reply(json_response(out));
}

base::Result<twin::SeriesQuery> series_wish(const net::Request& request) {
  twin::SeriesQuery query;
  const auto entity = request.argument("entity"), attribute = request.argument("attribute");
  if (!entity || !attribute) return base::fail(Errc::invalid, "history needs 'entity' and 'attribute'");
  query.entity = EntityId::lookup(*entity);
  query.attribute = Name(*attribute);
  if (const auto from = request.argument("from")) query.from = TRY(base::parse_time(*from));
  if (const auto to = request.argument("to")) query.to = TRY(base::parse_time(*to));
  query.points_max = 600;
  if (const auto points = request.argument("points")) {
    const auto [end, error] = std::from_chars(points->data(), points->data() + points->size(), query.points_max);
    if (error != std::errc{} || query.points_max < 2 || query.points_max > 10'000) {
      return base::fail(Errc::invalid, "'points' must be 2 to 10000");
    }
  }
  return query;
}

void show_history(const CityRoutes& on, const Call& call, Reply reply) {
  const auto query = series_wish(call.request);
  if (!query) return reply(net::problem(query.error()));
  const flow::EntityPtr entity = query->entity.empty() ? nullptr : on.twin.get(query->entity);
  if (!entity || flow::has_own_type(entity->types)) {
    return reply(net::problem(404, "not found", "there is no such entity"));
  }
  const auto samples = on.history.samples(*query);
  if (!samples) return reply(net::problem(samples.error()));
  JsonWriter out;
  out.object().field("entity", entity->id.text()).field("attribute", query->attribute.text());
  const flow::Attribute* attribute = entity->find(query->attribute);
  if (attribute && !attribute->unit_code.empty()) out.field("unitCode", attribute->unit_code.text());
  out.key("samples").array();
  for (const twin::Sample& sample : *samples) out.array().integer(base::to_ms(sample.at)).number(sample.value).end();
  out.end().end();
  reply(json_response(out));
}

}  // namespace

void CityRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  router.add(net::Method::get, "/api/v1/city", bind(Permission::read_city, show_city));
  router.add(net::Method::get, "/api/v1/history", bind(Permission::read_city, show_history));
  router.add(net::Method::get, "/api/v1/map",
             bind(Permission::read_city, [](const CityRoutes& on, const Call& call, Reply reply) {
               reply(json_response(on.board.map_json(language_of(call.request))));
             }));
  router.web_socket("/api/v1/live",
                    guard.require_socket(Permission::read_city, [&board = board](const Call& call, auto socket) {
                      return std::expected<net::WebSocketEvents, net::Response>(
                          board.attach(call.principal, language_of(call.request), std::move(socket)));
                    }));
}

}  // namespace cityloop::serve
