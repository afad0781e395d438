// Public data sets as panels: what forecasts are measured on (bench/forecast.cc). Readers only; nothing is filled in.
//
//   forecast/los_speed.csv.gz, forecast/beijing-subway/, aarhus/ ─▶ [read_…] ─▶
//   Panel
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/traffic/forecast/panel.h"

namespace cityloop::traffic {

// 207 loop detectors of Los Angeles, 2,016 steps of five minutes from Thursday 2012-03-01; miles an hour.
base::Result<Panel> read_los_loop(const std::filesystem::path& folder);

// 276 stations of Beijing's subway on 25 weekdays; passengers who enter within step_min (10, 15 or 30), with those who
// leave as the other variable.
base::Result<Panel> read_beijing_subway(const std::filesystem::path& folder, int step_min);

// The speed (km/h) of 449 stretches of road in Aarhus, 2014-08-18 to 08-31, steps of five minutes in local time; the
// other variable is the vehicles counted. Where nobody was measured speed is not known.
struct AarhusTraffic {
  Panel panel;
  std::vector<float> free_flow_kmh;  // by the table of stretches; NaN where the table's is none
  std::vector<std::string> lines;    // GeoJSON, from begin to end
};
base::Result<AarhusTraffic> read_aarhus_traffic(const std::filesystem::path& folder);

// Cars in the garages of Aarhus, 2014-05-22 to 11-04, steps of thirty minutes in local time: the last reading of each.
struct AarhusParking {
  Panel panel;
  std::vector<float> spaces;
};
base::Result<AarhusParking> read_aarhus_parking(const std::filesystem::path& folder);

}  // namespace cityloop::traffic
