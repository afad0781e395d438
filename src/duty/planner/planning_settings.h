// How a city plans its work: how long ahead, how long to think, what matters how much, and over which streets.
//
//   CITY/planning.toml ─▶ [PlanningSettings] ─▶ Planner
//
// Every key has a value that holds where the file, or the key, is absent; doc/dispatch.md explains each.
#pragma once

#include <array>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "geo/street_network.h"

namespace cityloop::duty {

struct PlanningSettings {
  // [planning]
  bool automatic{true};
  base::Duration horizon{std::chrono::hours(12)};  // duty that begins later is not planned yet
  base::Duration think{std::chrono::seconds(2)};
  unsigned threads{2};
  std::uint64_t seed{1};
  std::uint64_t iterations{0};   // instead of `think`, where plans are to be the same everywhere; 0: by the time
  double change_m{2000};         // way that is worth taking a case from the crew it is appointed to
  double balance{1.5};           // of a fair share of the work is one crew given at most; 0: no limit
  bool own_areas{true};          // crews with areas get work of these alone, as long as somebody on duty has them
  std::size_t replan_after{10};  // changes
  base::Duration replan_every{std::chrono::minutes(5)};  // no oftener by itself
  base::Duration time_change{std::chrono::minutes(15)};  // a smaller shift of an appointment is none
  // [way]
  geo::TravelMode mode{geo::TravelMode::car};
  std::string streets;  // a file in the city's folder; empty: none
  double detour{1.3};   // of a straight line, where there are no streets
  double snap_m{500};   // from a place to the street
  double car_share{0.7};
  double foot_kmh{4.8}, bicycle_kmh{15};
  // [weight] by severity, minor to extreme; and factors on it
  std::array<double, 4> weight{1, 2, 5, 20};
  double overdue{3}, supervised{3};
  // [late] how soon what is late already should be begun, by severity
  std::array<base::Duration, 4> late_within{std::chrono::hours(8), std::chrono::hours(4), std::chrono::hours(2),
                                            std::chrono::hours(1)};
  // [keep]
  base::Duration keep_outdated{std::chrono::hours(48)};
  base::Duration keep_decided{std::chrono::hours(24 * 60)};

  // An absent file gives what holds without one; every mistake at once as "FILE:line: reason".
  static base::Result<PlanningSettings> load(const std::string& file);
  static base::Result<PlanningSettings> parse(std::string_view content, std::string name);
};

}  // namespace cityloop::duty
