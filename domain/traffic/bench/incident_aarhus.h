// How often somebody would have been called in Aarhus, where nobody wrote down what happened.
//
//   aarhus/traffic_segments.csv, traffic.csv.gz ─▶ [replay_aarhus] (IncidentLoop itself) ─▶ incidents opened
//
// The first recorded week only teaches, the second is watched. What a row lacks or says wrongly is passed over.
#pragma once

#include <optional>
#include <string>

namespace cityloop::traffic {

struct AarhusIncidents {
  std::size_t segments{}, opened{}, readings{};
  double days{};
};

// Nothing where the data are not there; what was wrong with them goes to stderr.
std::optional<AarhusIncidents> replay_aarhus(const std::string& folder);

}  // namespace cityloop::traffic
