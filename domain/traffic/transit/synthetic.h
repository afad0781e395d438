// A bus network of our own with its timetable, and days of it as they might go: for tests, benchmarks and the demo.
//
//   seed ─▶ [synthetic_gtfs] ─▶ tables
//   Schedule, day, seed ─▶ [synthetic_day] ─▶ [synthetic_realtime] at a moment
//
// Lines cross a centre; each runs both ways from early morning to past midnight, slower in the two peaks, with a
// timepoint of some slack every fifth stop. A day's buses run by the timetable with noise on each hop, and dwell the
// longer the longer nobody came (boarding_s_per_min): the known mechanism of bunching (Newell and Potts, 1964). The
// same seed gives the same.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domain/traffic/transit/realtime.h"
#include "domain/traffic/transit/schedule.h"

namespace cityloop::traffic {

struct SyntheticOptions {
  std::uint64_t seed{1};
  std::size_t lines{4};
  std::size_t stops{20};  // of a line, one way
  std::int32_t headway_s{600};
  std::int32_t first_s{5 * 3600 + 1800}, last_s{24 * 3600 + 1800};  // departures of the first stop
  std::string zone{"Asia/Shanghai"};
  std::string first_day{"20260101"}, last_day{"20261231"};
  double lon_deg{121.47}, lat_deg{31.23};
  bool by_frequency{false};  // one trip a line and way, repeated by frequencies.txt
  bool shapes{true};
  double noise{0.12};              // deviation of a hop's time, as a share of it
  double boarding_s_per_min{3.0};  // dwell for each minute that nobody came
  double cancelled{0.02};          // share of trips
};

std::map<std::string, std::string> synthetic_gtfs(const SyntheticOptions&);

// How one run of a trip really went, in seconds of its service day.
struct SyntheticRun {
  TripNo trip;
  std::chrono::sys_days day;
  std::int32_t start_s;
  std::string vehicle;
  bool cancelled{false};
  std::vector<std::int32_t> arrival_s, departure_s;
};
std::vector<SyntheticRun> synthetic_day(const Schedule&, std::chrono::sys_days, const SyntheticOptions&);

// What a producer would publish at that moment: a position and an update of each bus that is on its way, the cancelled
// trips of the next hour, and an alert in two languages.
RealtimeFeed synthetic_realtime(const Schedule&, const std::vector<SyntheticRun>&, base::Instant now);

}  // namespace cityloop::traffic
