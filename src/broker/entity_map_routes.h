// Entity maps: /ngsi-ld/v1/entityMaps (ETSI GS CIM 009, clauses 5.14.1 to 5.14.4, 6.32, 6.34). Those of histories are
// made in temporal/, and live here like all others.
#pragma once

#include "broker/exchange.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {

struct EntityMapRoutes {
  const Desk& desk;
  const Federation& federation;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::broker
