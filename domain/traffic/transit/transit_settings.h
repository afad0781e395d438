// CITY/traffic/transit.toml: the timetable, the feeds that say how it really goes, and the limits of headways.
//
//   transit.toml ─▶ [TransitSettings] ─▶ Transit
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "domain/traffic/transit/board.h"
#include "domain/traffic/transit/headway.h"
#include "domain/traffic/transit/predictor.h"
#include "domain/traffic/transit/transit_entities.h"

namespace cityloop::traffic {

struct RealtimeSource {
  std::string name;       // stands in the ids of its entities
  std::string url, file;  // one of both
  std::vector<std::pair<std::string, std::string>> headers;
  base::Duration every{std::chrono::seconds(15)}, timeout{std::chrono::seconds(10)};
};

struct TransitSettings {
  std::string schedule;  // path of a ZIP or a folder
  std::vector<RealtimeSource> sources;
  PredictOptions predict;
  HeadwayOptions headway;
  BoardOptions board;
  EntityLimits entities;
  std::string case_kind, department;  // what casework makes of a finding; empty: it is only shown
  base::Duration regularity_every{std::chrono::minutes(5)};
  bool estimations{true};  // ArrivalEstimation entities

  // Relative paths start at the folder of the file.
  static base::Result<TransitSettings> load(const std::string& file);
  static base::Result<TransitSettings> parse(std::string_view content, const std::string& file);
};

}  // namespace cityloop::traffic
