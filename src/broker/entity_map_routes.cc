#include "broker/entity_map_routes.h"

#include "broker/entity_map_query.h"
#include "broker/entity_query.h"
#include "broker/resource.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::JsonValue;
using net::Reply;
using trust::Permission;

constexpr std::string_view kWhat = "entity map";

void retrieve(const EntityMapRoutes& on, const Exchange& exchange, std::string_view id, Reply reply) {
  const EntityMapPtr map = on.federation.maps(exchange.tenant).find(id);
  reply(map ? shown(exchange, 200, *map) : problem(absent(kWhat, id)));
}

void update(const EntityMapRoutes& on, const Exchange& exchange, std::string_view id, const JsonValue& body,
            Reply reply) {
  EntityMaps& maps = on.federation.maps(exchange.tenant);
  if (!maps.find(id)) return reply(problem(absent(kWhat, id)));
  const JsonValue* until = body.find("expiresAt");
  if (!until) return reply(empty(204));  // nothing else of it is the caller's to change
  const auto at = base::parse_time(until->text() ? std::string_view(*until->text()) : "");
  if (!at) return reply(problem({Errc::invalid, "'expiresAt' must be a time like 2030-01-01T00:00:00Z"}));
  const auto kept = maps.keep_until(id, *at);
  reply(kept ? empty(204) : problem(kept.error()));
}

void erase(const EntityMapRoutes& on, const Exchange& exchange, std::string_view id, Reply reply) {
  const auto done = on.federation.maps(exchange.tenant).erase(id);
  reply(done ? empty(204) : problem(done.error()));
}

void make(const EntityMapRoutes& on, const Exchange& exchange, Operation operation, const twin::EntityFilter& filter,
          const base::Result<MapWish>& wish, Reply reply) {
  if (!wish) return reply(problem(wish.error()));
  answer_with_map(on.federation, exchange, map_of_entities(exchange, operation, filter), *wish, std::move(reply));
}

void make_by_parameters(const EntityMapRoutes& on, const Exchange& exchange, Reply reply) {
  const twin::Argument argument = [&](std::string_view name) { return exchange.argument(name); };
  const auto form = form_of(exchange);
  if (!form) return reply(problem(form.error()));
  const auto filter = twin::parse_filter(argument, exchange.context.get());
  if (!filter) return reply(problem(filter.error()));
  if (const auto ok = check_selective(*filter, argument, form->link_depth()); !ok) return reply(problem(ok.error()));
  make(on, exchange, Operation::query_entity, *filter, MapWish::of(exchange, argument), std::move(reply));
}

void make_by_body(const EntityMapRoutes& on, const Exchange& exchange, Reply reply) {
  const auto query = BodyQuery::parse(exchange);
  if (!query) return reply(problem(query.error()));
  const twin::Argument argument = [&](std::string_view name) { return query->argument(name); };
  const auto form = form_of(exchange, argument);
  if (!form) return reply(problem(form.error()));
  const auto filter = filter_of(exchange, *query, form->link_depth());
  if (!filter) return reply(problem(filter.error()));
  make(on, exchange, Operation::query_batch, *filter, MapWish::of(exchange, argument), std::move(reply));
}

}  // namespace

void EntityMapRoutes::add_to(net::Router& router) const {
  const Expect all{.permission = Permission::read_city};
  Resource(router, desk, *this, "/ngsi-ld/v1/entityMaps", {.read = all, .write = all})
      .list(query_parameters(), make_by_parameters)
      .with_body(net::Method::post, "", make_by_body)
      .show(retrieve)
      .change(update)
      .erase(erase);
}

}  // namespace cityloop::broker
