// The evolution of entities: /ngsi-ld/v1/temporal/entities, its attributes and their instances,
// /temporal/entityOperations/query and /temporal/entityMaps (ETSI GS CIM 009, clauses 5.6.11–5.6.16, 5.7.3, 5.7.4,
// 5.14.5, 6.18–6.22, 6.24, 6.35).
//
//   GET ─▶ History ─▶ JSON        POST, PATCH, DELETE ─ TemporalWrite ─▶ twin's log ══▶ History
//
// A read waits a moment for History where it is behind the twin, so that what was acknowledged before is seen. A write
// is acknowledged when it is on disk and History has it.
#pragma once

#include <cstddef>

#include "broker/exchange.h"
#include "broker/federation/federation.h"
#include "broker/temporal/reader.h"

namespace cityloop::broker {

struct TemporalRoutes {
  const Desk& desk;
  const Federation& federation;
  std::size_t instances_max{HistoryReader::kInstancesUsual};

  HistoryReader reader() const { return {federation, instances_max}; }

  void add_to(net::Router&) const;
};

// The writing half; added with the rest.
void add_temporal_writes(const TemporalRoutes&, net::Router&);

}  // namespace cityloop::broker
