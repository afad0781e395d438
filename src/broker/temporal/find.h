// Which histories a request finds here, and what of them it is shown (ETSI GS CIM 009, clauses 5.7.3.4, 5.7.4.4).
//
//   History ─ read ─▶ Evolution ─ select ─▶ Selected ─ filter ─▶ callback, page
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/temporal/answer.h"

namespace cityloop::broker {

// Waits a moment for History where it is behind the twin, so that what was acknowledged before is seen.
void catch_up(const Tenant&);

// One entity's history as the request asks for it; nothing when history knows none of that name.
base::Result<std::optional<Selected>> find_history(const Tenant&, const std::string& urn, const TemporalRequest&,
                                                   std::size_t instances_max);

// Those that the request's filter finds, in the order of the answer, whatever limit and offset say. False from the
// callback stops.
base::Status each_history(const Tenant&, const TemporalRequest&, std::size_t instances_max,
                          const std::function<bool(Selected)>&);

struct HistoryPage {
  std::vector<Selected> entities;
  std::size_t matched{0};  // of all, where the request counts
  bool more{false};
};
base::Result<HistoryPage> find_histories(const Tenant&, const TemporalRequest&, std::size_t instances_max);

}  // namespace cityloop::broker
