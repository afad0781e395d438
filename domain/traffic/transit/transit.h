// Public transport of a city, put together: timetable, feeds, loop, routes. What domain/traffic/package.cc holds.
//
//   CITY/traffic/transit.toml ─▶ [Transit] ─▶ loops, routes, pullers
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "domain/traffic/transit/gtfs_table.h"
#include "domain/traffic/transit/puller.h"
#include "domain/traffic/transit/transit_loop.h"
#include "domain/traffic/transit/transit_settings.h"
#include "serve/package.h"

namespace cityloop::traffic {

class Transit {
 public:
  // Null where the folder has no transit.toml: the city has no public transport to show. The timetable is read here,
  // and what is wrong in it is logged; a timetable that cannot be read at all is an error.
  static base::Result<std::unique_ptr<Transit>> make(const std::string& city_folder);

  std::vector<twin::Loop*> loops() { return {&loop_}; }
  void add_routes(net::Router&, const serve::PackageWorld&);
  // Writes stops and lines into the twin, and begins to pull.
  base::Status start(const serve::PackageWorld&);
  void stop();
  std::vector<std::pair<std::string, double>> counters() const;

  std::shared_ptr<const Schedule> schedule() const { return schedule_; }
  std::shared_ptr<const LiveView> view() const { return loop_.view(); }
  const TransitSettings& settings() const { return settings_; }

 private:
  Transit(TransitSettings, std::shared_ptr<const Schedule>, GtfsReport);

  const TransitSettings settings_;
  const std::shared_ptr<const Schedule> schedule_;
  const GtfsReport report_;
  TransitLoop loop_;
  std::vector<std::unique_ptr<RealtimePuller>> pullers_;
  mutable std::mutex mutex_;  // of pullers_: start and stop against routes
};

}  // namespace cityloop::traffic
