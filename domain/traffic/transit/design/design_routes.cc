#include "domain/traffic/transit/design/design_routes.h"

#include <cmath>

#include "base/json_value.h"
#include "serve/body.h"
#include "serve/respond.h"

namespace cityloop::traffic {

namespace {

using base::JsonWriter;
using net::Reply;
using serve::Call;
using trust::Permission;

void write_row(JsonWriter& out, const DesignRow& row) {
  out.object().field("id", row.id).field("name", row.name).field("demand", row.demand).field("by", row.by);
  out.field("askedAt", base::format_time(row.asked)).field("state", to_string(row.state));
  out.key("progress").object().field("stage", to_string(row.progress.stage)).field("share", row.progress.share);
  if (row.progress.minutes > 0) out.field("minutes", row.progress.minutes);
  out.end();
  if (!row.error.empty()) out.field("error", row.error);
  out.end();
}

// What is done, as the files say it without their long parts; then what is not done, and what may be asked for.
void list_designs(const DesignRoutes& on, const Call&, Reply reply) {
  const std::vector<DesignRow> rows = on.desk.list();
  JsonWriter out;
  out.object().key("designs").array();
  for (const DesignRow& row : rows)
    if (row.state == DesignState::done) out.raw(row.summary);
  out.end().key("jobs").array();
  for (const DesignRow& row : rows)
    if (row.state != DesignState::done) write_row(out, row);
  out.end().key("demands").array();
  for (const std::string& name : on.desk.demands()) out.text(name);
  out.end().end();
  reply(serve::json_response(out));
}

void show_design(const DesignRoutes& on, const Call& call, Reply reply) {
  const auto result = on.desk.result(std::string(serve::path_part(call, "id")));
  reply(result ? serve::json_response(*result) : net::problem(result.error()));
}

// A whole number of the body; a mistake where it is none, or lies outside.
template <class Number>
void take_whole(const base::JsonValue& body, std::string_view key, Number& into, double least, double most,
                std::string& mistakes) {
  const base::JsonValue* const value = body.find(key);
  if (!value || !value->number()) return;
  const double number = *value->number();
  if (number != std::floor(number) || number < least || number > most)
    mistakes += fmt::format("{}'{}' is a whole number from {} to {}", mistakes.empty() ? "" : "; ", key, least, most);
  else into = Number(number);
}

void take_number(const base::JsonValue& body, std::string_view key, double& into, double least, double most,
                 std::string& mistakes) {
  const base::JsonValue* const value = body.find(key);
  if (!value || !value->number()) return;
  const double number = *value->number();
  if (!(number >= least && number <= most))
    mistakes += fmt::format("{}'{}' is a number from {} to {}", mistakes.empty() ? "" : "; ", key, least, most);
  else into = number;
}

base::Result<DesignOrder> order_of(const net::Request& request) {
  using serve::JsonType;
  const base::JsonValue body = TRY(base::JsonValue::parse(request.body));
  TRY(serve::check_types(body, {{"name", JsonType::text},
                                {"demand", JsonType::text},
                                {"routes", JsonType::number},
                                {"stopsMin", JsonType::number},
                                {"stopsMax", JsonType::number},
                                {"transferMinutes", JsonType::number},
                                {"seconds", JsonType::number},
                                {"steps", JsonType::number},
                                {"seed", JsonType::number},
                                {"operatorWeight", JsonType::number},
                                {"stopsMost", JsonType::number},
                                {"walkMetres", JsonType::number},
                                {"fleet", JsonType::number},
                                {"capacity", JsonType::number}}));
  DesignOrder out;
  out.demand = body.text_or("demand", "");
  out.name = body.text_or("name", out.demand);
  std::string mistakes;
  if (out.name.size() > 200) mistakes = "'name' is at most 200 bytes";
  take_whole(body, "routes", out.rules.routes, 1, 100, mistakes);
  take_whole(body, "stopsMin", out.rules.stops_min, 2, 400, mistakes);
  take_whole(body, "stopsMax", out.rules.stops_max, 2, 400, mistakes);
  take_number(body, "transferMinutes", out.rules.transfer_minutes, 0, 120, mistakes);
  take_number(body, "seconds", out.seconds, 0.1, DesignDesk::kSecondsMost, mistakes);
  take_whole(body, "steps", out.steps, 1, 1e9, mistakes);
  take_whole(body, "seed", out.seed, 0, 1e15, mistakes);
  take_number(body, "operatorWeight", out.operator_weight, 0, 1e6, mistakes);
  take_whole(body, "stopsMost", out.stops_most, 2, 400, mistakes);
  take_number(body, "walkMetres", out.walk_m, 50, 3000, mistakes);
  take_whole(body, "fleet", out.fleet, 0, 10'000, mistakes);
  take_number(body, "capacity", out.capacity, 1, 10'000, mistakes);
  if (!mistakes.empty()) return base::fail(base::Errc::invalid, "{}", mistakes);
  return out;
}

void start_design(const DesignRoutes& on, const Call& call, Reply reply) {
  const auto order = order_of(call.request);
  if (!order) return reply(net::problem(order.error()));
  const auto id = on.desk.start(*order, call.principal.id);
  if (!id) return reply(net::problem(id.error()));
  JsonWriter out;
  out.object().field("id", *id).end();
  net::Response response = serve::json_response(out, 202);
  response.headers.emplace_back("Location", "/api/v1/traffic/designs/" + *id);
  reply(std::move(response));
}

void remove_design(const DesignRoutes& on, const Call& call, Reply reply) {
  if (const auto status = on.desk.cancel(std::string(serve::path_part(call, "id"))); !status)
    return reply(net::problem(status.error()));
  reply(net::Response{.status = 204, .body = {}});
}

}  // namespace

void DesignRoutes::add_to(net::Router& router) const {
  const auto bind = serve::binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/traffic/designs", bind(Permission::read_city, list_designs));
  router.add(Method::post, "/api/v1/traffic/designs", bind(Permission::test_rules, start_design));
  router.add(Method::get, "/api/v1/traffic/designs/{id}", bind(Permission::read_city, show_design));
  router.add(Method::del, "/api/v1/traffic/designs/{id}", bind(Permission::test_rules, remove_design));
}

}  // namespace cityloop::traffic
