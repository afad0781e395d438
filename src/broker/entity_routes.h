// Entities and their attributes: /ngsi-ld/v1/entities and below (ETSI GS CIM 009, clauses 5.6.1–5.6.6, 5.6.17–5.6.21,
// 5.7.1, 5.7.2, 6.4–6.7).
#pragma once

#include "broker/exchange.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {

struct EntityRoutes {
  const Desk& desk;
  Federation& federation;

  void add_to(net::Router&) const;
};

struct AttributeRoutes {
  const Desk& desk;
  Federation& federation;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::broker
