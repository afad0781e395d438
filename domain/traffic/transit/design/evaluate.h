// What a set of routes is worth: how long passengers travel, how often they change, how far buses go.
//
//   DesignProblem, RouteSet ─▶ [evaluate] ─▶ Assessment; [RouteTimes] ─▶ who rides where
//
// Passengers take the quickest way that the routes offer, a change costing transfer_minutes and boarding nothing (Fan
// and Mumford 2010, Mumford 2013); of equally quick ways the one with the fewest changes, and of those the first in the
// order of routes. Exact: times are compared in thousandths of a minute.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "domain/traffic/transit/design/problem.h"

namespace cityloop::traffic {

struct Assessment {
  double minutes{};  // average travel time of the passengers served, transfer minutes included
  // Shares of all passengers: without a change, with one, with two, with more or not served at all (dun).
  double d0{}, d1{}, d2{}, unsatisfied{};
  double unserved{};          // of them those whom no routes bring there
  double operator_minutes{};  // sum of the routes' lengths, one way
};

Assessment evaluate(const DesignProblem&, const RouteSet&);

// One ride of a way: board at `from`, leave at `to`.
struct Ride {
  std::uint32_t route{};
  StopIndex from{}, to{};
};

// The quickest ways between all stops.
class RouteTimes {
 public:
  RouteTimes(const DesignProblem&, const RouteSet&);

  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max() / 4;
  bool reached(StopIndex from, StopIndex to) const { return cost_[at(from, to)] < kNone; }
  double minutes(StopIndex from, StopIndex to) const;           // infinite: not reached
  std::uint32_t transfers(StopIndex from, StopIndex to) const;  // of a pair that is reached
  // Empty: not reached, or the same stop.
  std::vector<Ride> rides(StopIndex from, StopIndex to) const;

 private:
  std::size_t at(StopIndex from, StopIndex to) const { return from * stops_ + to; }

  std::size_t stops_{};
  double transfer_minutes_{};
  // Thousandths of a minute and, in the lowest bits, the number of rides: one comparison orders by both.
  std::vector<std::int64_t> cost_;
  std::vector<std::uint32_t> route_;  // of the ride, where a pair is one ride
  std::vector<std::int32_t> via_;     // -1: one ride; otherwise where the way falls into two
};

}  // namespace cityloop::traffic
