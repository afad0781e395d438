// The average travel time of a set of routes, fast enough to ask a million times a second: what the search stands on.
//
//   DesignProblem ─▶ [QuickCost] ─ close(routes but one) ─▶ RouteTable ─ cost(table, route) ─▶ cost
//
// A table holds the least cost between all stops over some routes, each ride charged one transfer. To add one route of
// k stops to a table takes n·k·(n + k) steps instead of the n³ that a table takes, and a search that tries many shapes
// of one route needs the table only once. Whole ticks of 16 bits, 16 in one instruction; the same on every machine.
// Times that are no whole ticks are rounded: evaluate.h says what a result is worth exactly.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/traffic/transit/design/problem.h"

namespace cityloop::traffic {

// Owned by one thread each; made by QuickCost::close.
struct RouteTable {
  std::vector<std::int16_t> ticks;
};

class QuickCost {
 public:
  // One minute of all routes together counts as operator_weight minutes of the average passenger.
  QuickCost(const DesignProblem&, double operator_weight);

  static constexpr std::size_t kNoRoute = ~std::size_t(0);

  // All routes but the one at `without`.
  void close(const RouteSet&, std::size_t without, RouteTable&) const;
  // What a passenger travels on average, in minutes, when the route is added to those of the table; every pair of stops
  // that stays apart costs kApart more. Buffers belong to the caller.
  struct Buffers {
    std::vector<std::int16_t> rides, reach;
    std::vector<std::int32_t> times;
  };
  double passengers(const RouteTable&, const RoutePath&, Buffers&) const;
  double passengers(const RouteSet&) const;
  double operators(const RoutePath& route) const;  // weighted
  double score(const RouteSet&) const;             // both

  static constexpr double kApart = 1000;

 private:
  std::int32_t link(StopIndex a, StopIndex b) const { return link_ticks_[a * stops_ + b]; }
  void choose_tick(const DesignProblem&);
  void take_demand(const DesignProblem&);

  std::size_t stops_{}, stride_{};
  double tick_minutes_{1}, operator_weight_{};
  std::int16_t transfer_{};
  std::vector<std::int32_t> link_ticks_;
  std::vector<std::int16_t> demand_;  // both directions together, where row < column; scaled
  double demand_sum_{};               // of demand_
  std::int64_t padding_{};            // entries beside the table that never are reached
};

}  // namespace cityloop::traffic
