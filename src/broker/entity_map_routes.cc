#include "broker/entity_map_routes.h"

#include <algorithm>

#include "broker/entity_query.h"
#include "broker/source/registration_reader.h"
#include "broker/source/steps.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using net::Reply;
using net::Response;
using trust::Permission;

constexpr std::size_t kEntriesMax = 100'000;  // of one map

// All that is held here, page by page.
base::Status add_local(const twin::Twin& twin, twin::EntityFilter filter, EntityMap& map) {
  filter.offset = 0;
  filter.limit = twin::kLimitMax;
  filter.count = false;
  filter.public_only = true;
  for (; map.entries.size() < kEntriesMax; filter.offset += twin::kLimitMax) {
    const auto page = TRY(twin.query(filter));
    for (const flow::EntityPtr& entity : page.entities) map.add(std::string(entity->id.text()), kHeldHere);
    if (page.entities.size() < twin::kLimitMax) return {};
  }
  return fail(Errc::full, "more than {} entities: ask for fewer", kEntriesMax);
}

Response shown(const Exchange& exchange, int status, const EntityMap& map) {
  base::JsonWriter out;
  map.write(out);
  return exchange.answer(status, out.take());
}

void retrieve(const EntityMapRoutes& on, const Exchange& exchange, Reply reply) {
  const auto id = uri_in_path(exchange);
  if (!id) return reply(problem(id.error()));
  const EntityMapPtr map = on.federation.maps(exchange.tenant).find(*id);
  reply(map ? shown(exchange, 200, *map) : problem(absent("entity map", *id)));
}

void update(const EntityMapRoutes& on, const Exchange& exchange, Reply reply) {
  const auto id = uri_in_path(exchange);
  if (!id) return reply(problem(id.error()));
  const auto body = object_in_body(exchange);
  if (!body) return reply(problem(body.error()));
  EntityMaps& maps = on.federation.maps(exchange.tenant);
  if (!maps.find(*id)) return reply(problem(absent("entity map", *id)));
  const JsonValue* until = body->find("expiresAt");
  if (!until) return reply(empty(204));  // nothing else of it is the caller's to change
  const auto at = base::parse_time(until->text() ? std::string_view(*until->text()) : "");
  if (!at) return reply(problem({Errc::invalid, "'expiresAt' must be a time like 2030-01-01T00:00:00Z"}));
  const auto kept = maps.keep_until(*id, *at);
  reply(kept ? empty(204) : problem(kept.error()));
}

void erase(const EntityMapRoutes& on, const Exchange& exchange, Reply reply) {
  const auto id = uri_in_path(exchange);
  if (!id) return reply(problem(id.error()));
  const auto done = on.federation.maps(exchange.tenant).erase(*id);
  reply(done ? empty(204) : problem(done.error()));
}

// "Create EntityMap for Query Entities": the map itself, and where it is.
void make(const EntityMapRoutes& on, const Exchange& exchange, Operation operation, const twin::EntityFilter& filter,
          MapWish wish, Reply reply) {
  wish.given.clear();
  auto shared = std::make_shared<Reply>(std::move(reply));
  map_for(on.federation, exchange, operation, filter, wish,
          [kept = exchange.kept(), shared](base::Result<MapInUse> got) {
            if (!got) return (*shared)(problem(got.error()));
            Response out = shown(kept, 201, *got->map);
            out.headers.emplace_back("NGSILD-EntityMap", entity_map_location(got->map->id));
            for (auto& header : got->headers) out.headers.push_back(std::move(header));
            (*shared)(std::move(out));
          });
}

void make_by_parameters(const EntityMapRoutes& on, const Exchange& exchange, Reply reply) {
  const twin::Argument argument = [&](std::string_view name) { return exchange.argument(name); };
  const auto form = form_of(exchange);
  if (!form) return reply(problem(form.error()));
  const auto filter = twin::parse_filter(argument, exchange.context.get());
  if (!filter) return reply(problem(filter.error()));
  if (const auto ok = check_selective(*filter, argument, form->link_depth()); !ok) return reply(problem(ok.error()));
  auto wish = MapWish::of(exchange, argument);
  if (!wish) return reply(problem(wish.error()));
  make(on, exchange, Operation::query_entity, *filter, std::move(*wish), std::move(reply));
}

void make_by_body(const EntityMapRoutes& on, const Exchange& exchange, Reply reply) {
  const auto query = BodyQuery::parse(exchange);
  if (!query) return reply(problem(query.error()));
  const twin::Argument argument = [&](std::string_view name) { return query->argument(name); };
  const auto form = form_of(exchange, argument);
  if (!form) return reply(problem(form.error()));
  const auto filter = filter_of(exchange, *query, form->link_depth());
  if (!filter) return reply(problem(filter.error()));
  auto wish = MapWish::of(exchange, argument);
  if (!wish) return reply(problem(wish.error()));
  make(on, exchange, Operation::query_batch, *filter, std::move(*wish), std::move(reply));
}

}  // namespace

base::Result<MapWish> MapWish::of(const Exchange& exchange, const twin::Argument& argument) {
  MapWish out;
  out.wanted = argument("entityMap").value_or("") == "true";
  if (const std::string_view given = exchange.request->header("ngsild-entitymap"); !given.empty()) {
    out.given = entity_map_id(given);
    if (!twin::is_uri(out.given)) return fail(Errc::invalid, "NGSILD-EntityMap: '{}' names no entity map", given);
  }
  if (const auto lifetime = argument("entityMapLifetime")) {
    auto read = registration_reader::iso_duration(*lifetime);
    if (!read) return fail(Errc::invalid, "entityMapLifetime: {}", read.error().message);
    out.lifetime = *read;
  }
  return out;
}

void map_for(const Federation& federation, const Exchange& exchange, Operation operation,
             const twin::EntityFilter& filter, const MapWish& wish, std::function<void(base::Result<MapInUse>)> done) {
  EntityMaps& maps = federation.maps(exchange.tenant);
  if (!wish.given.empty()) {
    if (EntityMapPtr known = maps.find(wish.given)) return done(MapInUse{std::move(known), false, {}});
  }
  EntityMap fresh;
  const bool sources = !filter.every_type && federation.concerns(exchange);
  if (const auto ok = add_local(exchange.tenant.twin, filter, fresh); !ok) return done(std::unexpected(ok.error()));
  if (!sources) return done(MapInUse{maps.put(std::move(fresh), wish.lifetime), true, {}});
  const Exchange kept = exchange.kept();
  federation.candidates(kept, operation, interest_of(kept), filter,
                        [&maps, fresh = std::move(fresh), lifetime = wish.lifetime,
                         done = std::move(done)](Federation::Candidates found) mutable {
                          for (const auto& [entity, registration] : found.entities) fresh.add(entity, registration);
                          fresh.linked = std::move(found.linked);
                          done(MapInUse{maps.put(std::move(fresh), lifetime), true, std::move(found.headers)});
                        });
}

void query_by_map(const Federation& federation, const Exchange& exchange, Operation operation,
                  const twin::EntityFilter& asked, const EntityMap& map,
                  std::function<void(base::Result<Queried>)> done) {
  const std::size_t from = std::min(asked.offset, map.entries.size());
  const std::size_t to = std::min(from + asked.limit, map.entries.size());
  if (from == to) return done(Queried{});
  twin::EntityFilter filter = asked;
  filter.ids.clear();
  filter.order.clear();
  filter.offset = 0;
  filter.limit = to - from;
  filter.count = false;
  filter.public_only = true;
  Interest interest = interest_of(exchange);
  const auto types = interest.entities.empty() ? std::vector<flow::Name>{} : interest.entities.front().types;
  interest.entities.clear();
  interest.registrations = {std::string(kHeldHere)};
  std::map<flow::EntityId, std::size_t> places;
  for (std::size_t i = from; i < to; ++i) {
    const EntityMap::Entry& entry = map.entries[i];
    filter.ids.emplace_back(entry.entity);
    places.emplace(filter.ids.back(), i);
    interest.entities.push_back({entry.entity, "", types});
    for (const std::string& source : entry.sources) {
      if (std::ranges::find(interest.registrations, source) == interest.registrations.end()) {
        interest.registrations.push_back(source);
      }
    }
  }
  federation.query(exchange, operation, std::move(interest), std::move(filter),
                   [places = std::move(places), done = std::move(done)](base::Result<Queried> got) {
                     if (got) {
                       std::ranges::stable_sort(got->page.entities, {}, [&](const flow::EntityPtr& entity) {
                         const auto place = places.find(entity->id);
                         return place == places.end() ? places.size() : place->second;
                       });
                     }
                     done(std::move(got));
                   });
}

void EntityMapRoutes::add_to(net::Router& router) const {
  using net::Method;
  const auto bind = binder(desk, *this);
  const std::string root = "/ngsi-ld/v1/entityMaps";
  const Expect read{.permission = Permission::read_city};
  Expect ask = read;
  ask.parameters = query_parameters();
  Expect body = read;
  body.body = true;
  router.add(Method::get, root, bind(ask, make_by_parameters));
  router.add(Method::post, root, bind(body, make_by_body));
  router.add(Method::get, root + "/{id}", bind(read, retrieve));
  router.add(Method::patch, root + "/{id}", bind(body, update));
  router.add(Method::del, root + "/{id}", bind(read, erase));
}

}  // namespace cityloop::broker
