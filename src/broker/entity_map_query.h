// Queries that go by an entity map, of entities as they are and of their histories: how a map is made of a query, and
// what a page of it asks (ETSI GS CIM 009, clauses 5.5.14, 5.14.4, 5.14.5, 6.4.3.2).
//
//   query ─ MapWish ─▶ map_for ─ what is here, what sources have ─▶ EntityMap ─ page ─▶ the query, of those alone
#pragma once

#include <functional>

#include "broker/entity_maps.h"
#include "broker/exchange.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {

// What a request says of maps: whether it wants one, or has one, and for how long.
struct MapWish {
  bool wanted{false};
  std::string given;  // the id of one that it goes by
  std::optional<base::Duration> lifetime;
  bool any() const { return wanted || !given.empty(); }

  // The parameters are those of the request, or the members of the Query in its body.
  static base::Result<MapWish> of(const Exchange&, const twin::Argument&);
};

inline constexpr std::size_t kMapEntriesMax = 100'000;  // a query that finds more gets no map

// What a map is made of: the query that it is for, and what of it is held here.
struct MapOf {
  Operation operation;  // query_entity, query_batch, query_temporal
  twin::EntityFilter filter;
  // Adds, in the order of the pages; may stop where there are too many. Called before map_for() returns.
  std::function<base::Status(EntityMap&)> add_held;
};
MapOf map_of_entities(const Exchange&, Operation, const twin::EntityFilter&);

// The map to go by, and whether it is new: the one given where there is one still, one made of the query otherwise.
struct MapInUse {
  EntityMapPtr map;
  bool fresh{false};
  Headers headers;  // warnings
};
void map_for(const Federation&, const Exchange&, const MapOf&, const MapWish&,
             std::function<void(base::Result<MapInUse>)> done);
// Makes a map and answers with it: 201, and where it is.
void answer_with_map(const Federation&, const Exchange&, const MapOf&, const MapWish&, net::Reply);
net::Response shown(const Exchange&, int status, const EntityMap&);

// An interest in nothing but those entries, and in who has them.
Interest narrowed(Interest, const EntityMap&, std::size_t from, std::size_t to);

// One page of what a map holds, as the query would have it: in the map's order.
void query_by_map(const Federation&, const Exchange&, Operation, const twin::EntityFilter&, const EntityMap&,
                  std::function<void(base::Result<Queried>)> done);

}  // namespace cityloop::broker
