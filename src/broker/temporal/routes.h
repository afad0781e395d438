// The evolution of entities: /ngsi-ld/v1/temporal/entities, its attributes and their instances, and
// /temporal/entityOperations/query (ETSI GS CIM 009, clauses 5.6.11–5.6.16, 5.7.3, 5.7.4, 6.18–6.22, 6.24).
//
//   GET ─▶ History ─▶ JSON        POST, PATCH, DELETE ─ TemporalWrite ─▶ twin's log ══▶ History
//
// A read waits a moment for History where it is behind the twin, so that what was acknowledged before is seen. A write
// is acknowledged when it is on disk and History has it.
#pragma once

#include <cstddef>

#include "broker/exchange.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {

struct TemporalRoutes {
  const Desk& desk;
  const Federation& federation;
  // Of one attribute in one answer; where there are more it is cut short and says so (206, clause 6.3.10).
  std::size_t instances_max{10'000};

  void add_to(net::Router&) const;
};

// The writing half; added with the rest.
void add_temporal_writes(const Desk&, net::Router&);

}  // namespace cityloop::broker
