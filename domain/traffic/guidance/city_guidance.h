// Guidance of a city, put together: loops and routes. What domain/traffic/package.cc holds.
//
//   CITY/traffic/guidance.toml, signs.toml, the city's streets ─▶ [Guidance] ─▶ loops, routes
//
// Every key of guidance.toml may be left out, and the file itself:
//
//   [incidents]
//   case = "congestion"     # kind of case that an incident opens; left out: findings are shown only
//   department = "traffic"
//   limit = 8               # of the running sum of evidence: higher is surer and later
//   usual_climb = 1.5       # times the height that a segment's sum climbs to without an incident
//   learn_for = "1d"        # a new segment only learns that height
//   drop_ratio = 0.75       # of the expected speed, and
//   free_flow_ratio = 0.85  # of free flow: above either there is no sign of an incident
//   hold = "2m"             # so long it must last
//   clear_ratio = 0.8       # of the expected speed, for
//   clear_hold = "5m"
//
//   [times]
//   car_share = 0.7         # of what a sign allows is driven where nothing is measured
//   stale_after = "30m"     # an older speed is not now's
//   refresh = "10s"         # travel times are made anew no more often
#pragma once

#include "domain/traffic/guidance/guidance_loop.h"
#include "domain/traffic/guidance/incident_loop.h"
#include "serve/package.h"

namespace cityloop::traffic {

class Guidance {
 public:
  static base::Result<std::unique_ptr<Guidance>> make(const serve::PackageSettings&);

  std::vector<twin::Loop*> loops() { return {&guidance_, &incidents_}; }
  void add_routes(net::Router&, const serve::PackageWorld&) const;
  std::vector<std::pair<std::string, double>> counters() const;
  const GuidanceLoop& loop() const { return guidance_; }

 private:
  Guidance(GuidanceOptions, IncidentLoopOptions);
  GuidanceLoop guidance_;
  IncidentLoop incidents_;
};

// Both from the text of guidance.toml.
base::Status read_guidance(std::string_view content, std::string name, GuidanceOptions&, IncidentLoopOptions&);

}  // namespace cityloop::traffic
