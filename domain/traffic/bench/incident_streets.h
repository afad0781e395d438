// Streets on which vehicles break down, simulated with SUMO, and the same hours in which none does.
//
//   kind, seed ─▶ [simulate_streets] ─▶ readings of every minute, breakdowns and what each cost ─▶ incident_judge.h
//
// Three kinds: a motorway of two carriageways with ramps, a grid of streets with actuated lights, an irregular town
// with fixed ones. A seed draws the town, who wants to go where, and how busy each hour is; hours differ in both. Each
// judged hour is run twice with one seed, with breakdowns and without: what a breakdown cost is the difference. Minutes
// are read from SUMO's own measurements of edges, from which the vehicles that broke down are taken out: what stands in
// the way tells nothing itself. A simulation that is kept in a folder is read from there the next time.
#pragma once

#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/traffic/bench/incident_town.h"
#include "domain/traffic/guidance/segment.h"

namespace cityloop::traffic {

// Who tells: detectors that see all vehicles, counts and occupancy with them; or so large a share of the vehicles.
inline constexpr std::array<double, 3> kTellingShares{1.0, 0.2, 0.05};

struct StreetMinute {
  float speed_kmh{std::numeric_limits<float>::quiet_NaN()};  // in space; not a number: nobody was there
  float vehicles{};  // detectors: that left the segment; a share: that were on it, or left it
  float occupancy{
      std::numeric_limits<float>::quiet_NaN()};  // share of the lanes' length under vehicles; detectors only
};

struct Breakdown {
  std::uint32_t segment{};
  int from_s{}, until_s{};  // of the hour
  int lanes{}, blocked{};
  // Time that everybody lost more than in the same hour without, on the segment and those that lead to it, from the
  // beginning until five minutes after the end.
  double cost_vehicle_min{};
  // The 95th percentile of the same difference elsewhere, where nothing broke down: two runs drift apart by chance.
  double chance_vehicle_min{};
  // Else nobody could see it: fewer than one more vehicle on average had to wait, or no more than by chance.
  bool has_effect() const {
    return cost_vehicle_min > std::max(chance_vehicle_min, double(until_s - from_s + 300) / 60);
  }
};

struct StreetHour {
  std::vector<Breakdown> breakdowns;
  // By share, then minute after minute the readings of all segments.
  std::array<std::vector<StreetMinute>, kTellingShares.size()> minutes;
};

struct SimulatedStreets {
  StreetKind kind{};
  int seed{};
  double took_s{};  // to simulate, when it was
  std::vector<Segment> segments;
  std::vector<std::vector<std::uint32_t>> downstream;
  std::vector<StreetHour> taught, with, without;  // with[i] and without[i] have one seed
};

struct StreetWish {
  StreetKind kind{};
  int seed{1};
  int taught_h{3}, judged_h{2};
  std::filesystem::path work;  // for files of the simulation
  std::filesystem::path keep;  // empty: nothing is kept
};

inline constexpr int kStreetHour_min = 60;  // after a quarter of an hour in which the streets fill

base::Result<SimulatedStreets> simulate_streets(const StreetWish&);

}  // namespace cityloop::traffic
