// Histories as callers ask for them: one, those that a query finds, those that a map has; here, or together with what
// sources know (ETSI GS CIM 009, clauses 5.7.3, 5.7.4, 5.14.5).
//
//   request ─▶ [HistoryReader] ─ find ─▶ JSON ─┐
//                    └─ Federation ─ sources ──┴─▶ answer
//
// Holds references; copied freely.
#pragma once

#include <string>
#include <vector>

#include "broker/entity_map_query.h"
#include "broker/temporal/request.h"

namespace cityloop::broker {

// How a request is read: once more where our own part is asked with another one than the caller's.
using ReadTemporal = base::Result<TemporalRequest> (*)(const Exchange&);

struct HistoryReader {
  static constexpr std::size_t kInstancesUsual = 10'000;
  const Federation& federation;
  // Of one attribute in one answer; where there are more it is cut short and says so (206, clause 6.3.10).
  std::size_t instances_max{kInstancesUsual};

  void retrieve(const Exchange&, net::Reply) const;
  // As a page of its own or as one of a map, as the request wishes.
  void query(const Exchange&, ReadTemporal, net::Reply) const;
  // A map of what the query finds.
  void make_map(const Exchange&, ReadTemporal, net::Reply) const;

  // What the query's map is made of. The request is one that was read of the exchange.
  MapOf map_of(const Exchange&, const TemporalRequest&) const;
  // Those entries of a map, in its order.
  void give_page(const Exchange&, ReadTemporal, const EntityMap&, std::size_t from, std::size_t to, net::Reply) const;
};

}  // namespace cityloop::broker
