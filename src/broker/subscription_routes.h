// Subscriptions: /ngsi-ld/v1/subscriptions (ETSI GS CIM 009, clauses 5.8.1 to 5.8.5, 6.10, 6.11). What they bring about
// is told by notify/notify_loop.h.
#pragma once

#include "broker/exchange.h"

namespace cityloop::broker {

struct SubscriptionRoutes {
  const Desk& desk;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::broker
