// From a Schedule back to the tables of a GTFS feed.
//
//   Schedule ─▶ [export_gtfs] ─▶ tables ─ write_gtfs_zip ─▶ public route, other programs
//
// What was imported and exported imports as the same again: ids, texts, positions to 1 cm, times; what had been
// interpolated is left empty once more. Tables without rows are left out.
#pragma once

#include <map>
#include <string>

#include "domain/traffic/transit/schedule.h"

namespace cityloop::traffic {

std::map<std::string, std::string> export_gtfs(const Schedule&);

}  // namespace cityloop::traffic
