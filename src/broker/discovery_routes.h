// Which types and attributes there are: /ngsi-ld/v1/types and /attributes (ETSI GS CIM 009, clauses 5.7.5–5.7.10,
// 6.25–6.28).
#pragma once

#include "broker/exchange.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {

struct DiscoveryRoutes {
  const Desk& desk;
  Federation& federation;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::broker
