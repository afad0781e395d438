// Contexts that are stored and served: /ngsi-ld/v1/jsonldContexts (ETSI GS CIM 009, clauses 5.13, 6.29, 6.30).
//
//   POST, GET, DELETE ─▶ [ContextRoutes] ─▶ twin::ContextStore
//
// They belong to the server, not to a tenant. Only hosted and implicitly created ones are served whole: a cached one is
// had from where it stands.
#pragma once

#include "broker/exchange.h"

namespace cityloop::broker {

struct ContextRoutes {
  const Desk& desk;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::broker
