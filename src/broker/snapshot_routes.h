// Snapshots: /ngsi-ld/v1/snapshots (ETSI GS CIM 009 v1.9, clauses 5.16, 6.36 to 6.38).
#pragma once

#include "broker/exchange.h"
#include "broker/snapshots.h"

namespace cityloop::broker {

struct SnapshotRoutes {
  const Desk& desk;
  Snapshots& snapshots;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::broker
