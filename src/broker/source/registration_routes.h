// Context source registrations: /ngsi-ld/v1/csourceRegistrations (ETSI GS CIM 009, clauses 5.9, 5.10, 6.8, 6.9).
//
//   POST, PATCH, DELETE ─▶ twin        GET ◀─ RegistrationBook
#pragma once

#include "broker/exchange.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {

struct RegistrationRoutes {
  const Desk& desk;
  Federation& federation;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::broker
