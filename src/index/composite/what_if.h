// "What lifts us by five ranks at least cost?"
//
//   IndexReport + unit + ranks ──▶ [what_if] ──▶ which numbers to move, how far, at what cost ──▶ computed anew, to be
//   sure
//
// The others stand still, and so do the ends of each scale, the weights, and what was done to outliers. Then
//   - with arithmetic aggregation and scales that are lines (no logarithm, no ranks) the score is linear in the raw
//     numbers, and the least cost is a knapsack: taken by points per cost it is exact; where some indicators move in
//     whole steps, branch and bound over these makes it exact too, unless it is stopped at its limit;
//   - otherwise it is a search: the best next stride by points per cost, again and again, and then every stride taken
//     back that turns out not to be needed. It says so (`exact` is false).
// In truth the ends of a scale, winsorising and computed weights may move when the unit moves: the whole index is
// computed anew with the change, and where the rank is not reached the aim is raised and the plan made again (no longer
// exact). Only numbers that the unit has are moved, each towards its better direction, no further than the best that is
// seen (or the goalpost, or the target), nor than the frame's change_max. Without a cost one point of the indicator's
// own scale costs 1.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "index/composite/compute.h"
#include "index/composite/frame.h"
#include "index/composite/table.h"

namespace cityloop::index {

struct Move {
  std::size_t indicator{};
  double from{}, to{};  // raw
  double points{};      // of the root's score, in the order of the list
  double cost{};
};

struct WhatIf {
  std::size_t unit{};  // of the report
  double rank_now{}, rank_wanted{}, rank_reached{};
  double score_now{}, score_wanted{}, score_reached{};
  bool reachable{false};  // within the limits above; else `moves` holds all that can be done
  bool exact{false};      // no plan costs less, as the others and the scales stand
  bool confirmed{false};  // the whole index, computed anew, gives that rank
  double cost{0};
  std::vector<Move> moves;  // the most points first
};

// `table` is the one that the report was computed from. Refused: a unit without a score, fewer than one rank, Copeland.
base::Result<WhatIf> what_if(const Frame&, const Table&, const IndexReport&, std::size_t unit, std::size_t ranks);

}  // namespace cityloop::index
