// Entity maps: /ngsi-ld/v1/entityMaps and /temporal/entityMaps, and the queries that go by one (ETSI GS CIM 009,
// clauses 5.5.14, 5.14, 6.4.3.2, 6.32, 6.34, 6.35).
#pragma once

#include "broker/entity_maps.h"
#include "broker/exchange.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {

struct EntityMapRoutes {
  const Desk& desk;
  const Federation& federation;

  void add_to(net::Router&) const;
};

// What a request says of maps: whether it wants one, or has one, and for how long.
struct MapWish {
  bool wanted{false};
  std::string given;  // the id of one that it goes by
  std::optional<base::Duration> lifetime;
  bool any() const { return wanted || !given.empty(); }

  // The parameters are those of the request, or the members of the Query in its body.
  static base::Result<MapWish> of(const Exchange&, const twin::Argument&);
};

// The map to go by, and whether it is new: the one given where there is one still, one made of the query otherwise.
struct MapInUse {
  EntityMapPtr map;
  bool fresh{false};
  Headers headers;  // warnings
};
void map_for(const Federation&, const Exchange&, Operation, const twin::EntityFilter&, const MapWish&,
             std::function<void(base::Result<MapInUse>)> done);

// One page of what a map holds, as the query would have it: in the map's order.
void query_by_map(const Federation&, const Exchange&, Operation, const twin::EntityFilter&, const EntityMap&,
                  std::function<void(base::Result<Queried>)> done);

}  // namespace cityloop::broker
