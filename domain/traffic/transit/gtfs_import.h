// From the tables of a GTFS feed to a Schedule.
//
//   GtfsFiles ─▶ [import_gtfs] ─▶ Schedule, GtfsReport
//
// A bad row is refused, counted and told with its line; what refers to it is refused for that reason, and everything
// else stays. Missing times between two given ones are interpolated by shape_dist_traveled, or by the way as the crow
// flies where the feed gives none. A feed is an error as a whole only where nothing could be done with it: a required
// table or the agency's time zone is missing, or no trip is left.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "domain/traffic/transit/gtfs_archive.h"
#include "domain/traffic/transit/gtfs_table.h"
#include "domain/traffic/transit/schedule.h"

namespace cityloop::traffic {

struct GtfsImport {
  std::shared_ptr<const Schedule> schedule;
  GtfsReport report;
};

base::Result<GtfsImport> import_gtfs(const GtfsFiles&);

}  // namespace cityloop::traffic
