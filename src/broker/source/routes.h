// Subscriptions to sources, and who we are as a source: /csourceSubscriptions and /info/sourceIdentity
// (ETSI GS CIM 009, clauses 5.11, 5.15, 6.12, 6.13, 6.33).
#pragma once

#include "broker/exchange.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {

struct SourceRoutes {
  const Desk& desk;
  Federation& federation;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::broker
