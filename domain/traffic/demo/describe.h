// Tells a city's settings of the demo's streets, so that the two cannot disagree.
//
//   Streets, Junctions, TownParts ─▶ [describe] ─▶ CITY/tables/*.csv, streets.geojson,
//                                                  CITY/traffic/{signals/town.toml, signs.toml, timetable, demand}
//
// The same junctions that the simulator's cabinets run by, in the form that signal/settings.h reads; the same signs,
// garages and buses. The trips of a night, for the design of night buses, are made up: whence and whither from the
// gates, how many from the seed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/traffic/demo/town.h"
#include "flow/finding.h"

namespace cityloop::traffic {

flow::Bilingual name_of(const Junction&, const std::vector<SegmentPlace>&);
std::string signals_toml(const Streets&, const std::vector<Junction>&);

struct Description {
  const Streets& streets;
  const std::vector<Junction>& junctions;
  const TownParts& parts;
  int hours{12};  // for which the timetable holds
  std::uint64_t seed{1};
};
base::Status describe(const Description&, const std::filesystem::path& city);

}  // namespace cityloop::traffic
