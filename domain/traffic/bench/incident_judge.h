// What the loop of incidents makes of simulated hours: which breakdowns it told of, how soon, and how often in vain.
//
//   SimulatedStreets, share, options ─▶ [judge_incidents] (IncidentLoop itself) ─▶ IncidentTally ─▶ table
//
// Each hour is eight o'clock of the next working day. Told is a breakdown when a finding opens on its segment or one of
// up to three upstream, where its queue is, until five minutes after it ends. In hours without breakdowns every finding
// is false.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domain/traffic/bench/incident_streets.h"
#include "domain/traffic/guidance/incident_watch.h"

namespace cityloop::traffic {

struct IncidentTally {
  std::size_t breakdowns{}, without_effect{}, told_without_effect{};
  std::size_t effective{}, told{}, placed{};        // placed: on the very segment
  std::size_t partly{}, partly_told{};              // effective ones that left a lane open
  std::size_t false_free{};                         // in hours without breakdowns
  double free_days{};                               // segments × days of those hours
  std::vector<double> minutes;                      // from the breakdown to the finding, of the effective ones
  std::map<std::string, std::size_t> missed, vain;  // why, as far as it can be told
  void add(const IncidentTally&);
};

IncidentTally judge_incidents(const SimulatedStreets&, std::size_t share, const IncidentOptions&);

}  // namespace cityloop::traffic
