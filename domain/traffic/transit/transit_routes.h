// What is asked of public transport: boards, stops nearby, lines and buses on the map, and its feeds for other
// programs.
//
//   /api/v1/traffic/…  behind the guard        /public/v1/traffic/…  for anybody: nothing of it is about people
//
//   GET stops   GET stops/near?lon=&lat=&radius_m=   GET stops/{id}/board   GET transit/lines   GET transit/vehicles
//   GET transit (api only: standing of timetable and feeds)
//   GET gtfs.zip   GET gtfs-rt/{trip-updates|vehicle-positions|alerts} (public only)
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "domain/traffic/transit/gtfs_table.h"
#include "domain/traffic/transit/live.h"
#include "domain/traffic/transit/puller.h"
#include "domain/traffic/transit/transit_settings.h"
#include "serve/package.h"

namespace cityloop::traffic {

// The exported timetable, made when it is first asked for.
struct ScheduleZip {
  std::mutex mutex;
  std::shared_ptr<const std::string> bytes;
};

struct TransitRoutes {
  serve::PackageWorld world;
  const TransitSettings& settings;
  const GtfsReport& report;
  std::function<std::shared_ptr<const LiveView>()> view;
  std::function<std::vector<std::pair<std::string, PullStanding>>()> feeds;
  std::shared_ptr<ScheduleZip> zip{std::make_shared<ScheduleZip>()};

  void add_to(net::Router&) const;
};

}  // namespace cityloop::traffic
