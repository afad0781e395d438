#include "broker/entity_map_query.h"

#include <algorithm>

#include "broker/source/registration_reader.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::broker {

using base::Errc;
using base::fail;
using net::Response;

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

namespace {

// Any of those that the selectors name; none where one of them minds no type.
std::vector<flow::Name> types_of(const Interest& interest) {
  std::vector<flow::Name> out;
  for (const Selector& selector : interest.entities) {
    if (selector.types.empty()) return {};
    for (const flow::Name type : selector.types) {
      if (std::ranges::find(out, type) == out.end()) out.push_back(type);
    }
  }
  return out;
}

}  // namespace

MapOf map_of_entities(const Exchange& exchange, Operation operation, const twin::EntityFilter& asked) {
  const twin::Twin* const twin = &exchange.tenant.twin;
  return {operation, asked, [twin, filter = asked](EntityMap& map) mutable -> base::Status {
            filter.offset = 0;
            filter.limit = twin::kLimitMax;
            filter.count = false;
            filter.public_only = true;
            for (; map.entries.size() <= kMapEntriesMax; filter.offset += twin::kLimitMax) {
              const auto page = TRY(twin->query(filter));
              for (const flow::EntityPtr& entity : page.entities) map.add(std::string(entity->id.text()), kHeldHere);
              if (page.entities.size() < twin::kLimitMax) break;
            }
            return {};
          }};
}

void map_for(const Federation& federation, const Exchange& exchange, const MapOf& of, const MapWish& wish,
             std::function<void(base::Result<MapInUse>)> done) {
  EntityMaps& maps = federation.maps(exchange.tenant);
  const bool temporal = is_temporal(of.operation);
  if (!wish.given.empty()) {
    EntityMapPtr known = maps.find(wish.given);
    if (known && known->temporal == temporal) return done(MapInUse{std::move(known), false, {}});
  }
  EntityMap fresh;
  fresh.temporal = temporal;
  if (const auto ok = of.add_held(fresh); !ok) return done(std::unexpected(ok.error()));
  if (fresh.entries.size() > kMapEntriesMax) {
    return done(fail(Errc::full, "more than {} entities: ask for fewer", kMapEntriesMax));
  }
  const bool sources = !of.filter.every_type && federation.concerns(exchange);
  if (!sources) return done(MapInUse{maps.put(std::move(fresh), wish.lifetime), true, {}});
  const Exchange kept = exchange.kept();
  federation.candidates(kept, of.operation, interest_of(kept), of.filter,
                        [&maps, fresh = std::move(fresh), lifetime = wish.lifetime,
                         done = std::move(done)](Federation::Candidates found) mutable {
                          for (const auto& [entity, registration] : found.entities) fresh.add(entity, registration);
                          fresh.linked = std::move(found.linked);
                          done(MapInUse{maps.put(std::move(fresh), lifetime), true, std::move(found.headers)});
                        });
}

Response shown(const Exchange& exchange, int status, const EntityMap& map) {
  base::JsonWriter out;
  map.write(out);
  return exchange.answer(status, out.take());
}

void answer_with_map(const Federation& federation, const Exchange& exchange, const MapOf& of, const MapWish& asked,
                     net::Reply reply) {
  MapWish wish = asked;
  wish.given.clear();
  auto shared = std::make_shared<net::Reply>(std::move(reply));
  map_for(federation, exchange, of, wish, [kept = exchange.kept(), shared](base::Result<MapInUse> got) {
    if (!got) return (*shared)(problem(got.error()));
    Response out = shown(kept, 201, *got->map);
    out.headers.emplace_back("NGSILD-EntityMap", entity_map_location(got->map->id));
    for (auto& header : got->headers) out.headers.push_back(std::move(header));
    (*shared)(std::move(out));
  });
}

Interest narrowed(Interest interest, const EntityMap& map, std::size_t from, std::size_t to) {
  const auto types = types_of(interest);
  interest.entities.clear();
  interest.registrations = {std::string(kHeldHere)};
  for (std::size_t i = from; i < to; ++i) {
    interest.entities.push_back({map.entries[i].entity, "", types});
    for (const std::string& source : map.entries[i].sources) {
      if (std::ranges::find(interest.registrations, source) == interest.registrations.end()) {
        interest.registrations.push_back(source);
      }
    }
  }
  return interest;
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
  std::map<flow::EntityId, std::size_t> places;
  for (std::size_t i = from; i < to; ++i) {
    filter.ids.emplace_back(map.entries[i].entity);
    places.emplace(filter.ids.back(), i);
  }
  federation.query(exchange, operation, narrowed(interest_of(exchange), map, from, to), std::move(filter),
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

}  // namespace cityloop::broker
