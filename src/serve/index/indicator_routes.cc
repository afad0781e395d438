#include "serve/index/indicator_routes.h"

#include <algorithm>

#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using index::AreaEntry;
using index::AreaKind;
using index::Declaration;
using net::Reply;
using trust::Permission;

void write_board(JsonWriter& out, const IndicatorView& view) {
  write_time(out, "asOf", view.as_of());
  out.field("ageSeconds", double(view.age().count()) / 1e6);
}

// ?domain=, ?area=: all that there are, with the value there and how it goes.
void list(const IndicatorRoutes& on, const Call& call, Reply reply) {
  const auto view = indicator_view(on);
  if (!view) return reply(net::problem(view.error()));
  const auto area = area_asked(on, *view, call);
  if (!area) return reply(net::problem(area.error()));
  const auto domain = call.request.argument("domain");
  const std::string only = domain ? std::string(*domain) : std::string{};
  answer_later(on, std::move(reply), [on, view = *view, area = *area, only, principal = call.principal] {
    JsonWriter out;
    out.object().field("version", view.rules().version());
    write_board(out, view);
    out.field("mistakes", on.mistakes());
    out.key("domains").array();
    for (const index::Domain& one : view.rules().domains()) {
      out.object().field("id", one.id);
      write(out.key("name"), one.name);
      out.end();
    }
    out.end().key("areas").array();
    for (const AreaEntry& one : view.rules().areas()) {
      if (!may_see(on.guard, principal, one)) continue;
      out.object();
      IndicatorView::write_area(out, one);
      if (one.inhabitants >= 0) out.field("inhabitants", one.inhabitants);
      out.end();
    }
    out.end().key("indicators").array();
    for (const Declaration& one : view.rules().indicators()) {
      if ((!only.empty() && one.domain != only) || !one.wants(area->kind)) continue;
      out.object();
      view.write_declaration(out, one);
      view.write_value(out.key("now"), one, *area);
      IndicatorView::write_trend(out.key("trend"), view.trend(one, *area));
      out.end();
    }
    out.end().end();
    return json_response(out);
  });
}

// What a formula stands on, in the area; each of them can be asked in turn.
void write_inputs(JsonWriter& out, const IndicatorView& view, const Declaration& one, const AreaEntry& area) {
  out.key("inputs").array();
  for (const index::Formula::Input& input : one.formula.inputs()) {
    const AreaEntry& where = input.of_city ? view.rules().areas().front() : area;
    out.object().field("name", input.name).field("area", where.key());
    if (const Declaration* const other = view.rules().find(input.name)) {
      write(out.key("title"), other->name);
      view.write_value(out.key("now"), *other, where);
    } else {
      const double known = input.name == index::kInhabitants ? where.inhabitants : where.area_km2;
      out.key("constant");
      if (known >= 0) out.number(known);
      else out.null();
    }
    out.end();
  }
  out.end();
}

template <class Each>
void each_area(const IndicatorRoutes& on, const IndicatorView& view, const trust::Principal& principal,
               const Declaration& one, Each&& each) {
  for (const AreaEntry& area : view.rules().areas()) {
    if (one.wants(area.kind) && may_see(on.guard, principal, area)) each(area);
  }
}

void show(const IndicatorRoutes& on, const Call& call, Reply reply) {
  const auto view = indicator_view(on);
  if (!view) return reply(net::problem(view.error()));
  const auto one = indicator_in_path(*view, call);
  if (!one) return reply(net::problem(one.error()));
  const auto area = area_asked(on, *view, call);
  if (!area) return reply(net::problem(area.error()));
  answer_later(on, std::move(reply), [on, view = *view, one = *one, area = *area, principal = call.principal] {
    JsonWriter out;
    out.object();
    view.write_declaration(out, *one);
    write_board(out, view);
    IndicatorView::write_area(out, *area);
    view.write_value(out.key("now"), *one, *area);
    IndicatorView::write_trend(out.key("trend"), view.trend(*one, *area));
    write_inputs(out, view, *one, *area);
    out.key("values").array();
    each_area(on, view, principal, *one, [&](const AreaEntry& each) {
      out.object();
      IndicatorView::write_area(out, each);
      view.write_value(out.key("now"), *one, each);
      out.end();
    });
    out.end().end();
    return json_response(out);
  });
}

// Best first by the declaration's own judgement; what is missing comes last and has no rank.
void compare(const IndicatorRoutes& on, const Call& call, Reply reply) {
  const auto view = indicator_view(on);
  if (!view) return reply(net::problem(view.error()));
  const auto one = indicator_in_path(*view, call);
  if (!one) return reply(net::problem(one.error()));
  struct Row {
    const AreaEntry* area;
    std::optional<double> value;
  };
  std::vector<Row> rows;
  each_area(on, *view, call.principal, **one, [&](const AreaEntry& area) {
    if (area.kind == AreaKind::city) return;
    const auto shown = view->value(**one, area);
    rows.push_back({&area, shown && !shown->reading.missing() ? std::optional(shown->reading.value) : std::nullopt});
  });
  std::ranges::stable_sort(rows, [&](const Row& a, const Row& b) {
    if (!a.value || !b.value) return a.value.has_value() && !b.value;
    return way_of(**one, *b.value, *a.value) == ValueTrend::Way::better;
  });
  JsonWriter out;
  out.object();
  write_board(out, *view);
  out.key("areas").array();
  std::size_t rank = 0, place = 0;
  const Row* before = nullptr;
  for (const Row& row : rows) {
    ++place;
    if (!before || before->value != row.value) rank = place;
    before = &row;
    out.object();
    IndicatorView::write_area(out, *row.area);
    out.key("rank");
    if (row.value) out.integer(std::int64_t(rank));
    else out.null();
    view->write_value(out.key("now"), **one, *row.area);
    out.end();
  }
  out.end().end();
  reply(json_response(out));
}

base::Result<base::Instant> time_asked(const Call& call, std::string_view key, base::Instant otherwise) {
  const auto text = call.request.argument(key);
  if (!text) return otherwise;
  const auto at = base::parse_time(*text);
  if (!at) return fail(Errc::invalid, "'{}': {}", key, at.error().message);
  return *at;
}

void past(const IndicatorRoutes& on, const Call& call, Reply reply) {
  const auto view = indicator_view(on);
  if (!view) return reply(net::problem(view.error()));
  const auto one = indicator_in_path(*view, call);
  if (!one) return reply(net::problem(one.error()));
  const auto area = area_asked(on, *view, call);
  if (!area) return reply(net::problem(area.error()));
  const base::Instant now = on.twin.clock().now();
  const auto to = time_asked(call, "to", now);
  if (!to) return reply(net::problem(to.error()));
  const auto from = time_asked(call, "from", *to - std::chrono::hours(24));
  if (!from) return reply(net::problem(from.error()));
  if (*from > *to) return reply(net::problem(400, "invalid", "'from' is not after 'to'"));
  answer_later(on, std::move(reply), [view = *view, one = *one, area = *area, from = *from, to = *to] {
    const auto samples = view.samples(*one, *area, from, to);
    if (!samples) return net::problem(samples.error());
    JsonWriter out;
    out.object().field("id", one->id).field("unit", one->unit);
    IndicatorView::write_area(out, *area);
    out.field("from", base::format_time(from)).field("to", base::format_time(to));
    out.key("before");
    if (const auto before = view.value_at(*one, *area, from)) out.number(*before);
    else out.null();
    out.key("samples").array();
    for (const twin::Sample& each : *samples) out.array().integer(base::to_ms(each.at)).number(each.value).end();
    out.end().end();
    return json_response(out);
  });
}

}  // namespace

base::Result<IndicatorView> indicator_view(const IndicatorRoutes& on) {
  auto rules = on.shelf.rules();
  if (!rules) return fail(Errc::not_found, "this city has declared no indicators");
  return IndicatorView(on.twin, on.history, std::move(rules));
}

base::Result<const Declaration*> indicator_in_path(const IndicatorView& view, const Call& call) {
  const std::string_view id = path_part(call, "id");
  const Declaration* const one = view.rules().find(id);
  if (!one) return fail(Errc::not_found, "there is no indicator '{}'", id);
  return one;
}

base::Result<const AreaEntry*> area_asked(const IndicatorRoutes& on, const IndicatorView& view, const Call& call) {
  const auto key = call.request.argument("area");
  const AreaEntry* const area = view.rules().find_area(key ? *key : std::string_view("city"));
  if (!area) return fail(Errc::not_found, "there is no area '{}': city, area:ID or department:ID", *key);
  TRY(may_see(on.guard, call.principal, *area));
  return area;
}

void answer_later(const IndicatorRoutes& on, Reply reply, std::function<net::Response()> work) {
  auto shared = std::make_shared<Reply>(std::move(reply));
  const bool taken = on.back_room.post([shared, work = std::move(work)] { (*shared)(work()); });
  if (!taken) (*shared)(net::problem(503, "busy", "too many counts are waiting; try again"));
}

void IndicatorRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/indicators", bind(Permission::read_city, list));
  router.add(Method::get, "/api/v1/indicators/{id}", bind(Permission::read_city, show));
  router.add(Method::get, "/api/v1/indicators/{id}/areas", bind(Permission::read_city, compare));
  router.add(Method::get, "/api/v1/indicators/{id}/history", bind(Permission::read_city, past));
  router.add(Method::get, "/api/v1/indicators/{id}/behind", bind(Permission::read_city, list_behind));
  router.add(Method::get, "/api/v1/checkup", bind(Permission::read_city, show_checkup));
  router.add(Method::get, "/api/v1/checkup.pdf", bind(Permission::read_city, print_checkup));
}

}  // namespace cityloop::serve
