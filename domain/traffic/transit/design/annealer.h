// Simulated annealing over sets of routes: one route at a time in many shapes, now and then two at once.
//
//   routes ─▶ [Annealer] ─ run(steps, hot, cold) ─▶ the best that it has seen
//
// Temperatures are minutes of the average passenger. Owned by one thread; the same seed, start and steps give the same
// result on every machine.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "domain/traffic/transit/design/quick_cost.h"
#include "domain/traffic/transit/design/route_moves.h"

namespace cityloop::traffic {

struct ScoredRoutes {
  RouteSet routes;
  double score{};  // of QuickCost
};

class Annealer {
 public:
  Annealer(const DesignProblem&, const QuickCost&, const QuickWays&, std::uint64_t seed);

  // From hot to cold in so many steps; ends early where halt, asked every few milliseconds, says so.
  ScoredRoutes run(RouteSet begin, std::uint64_t steps, double hot, double cold, const std::function<bool()>& halt);
  RouteMoves& moves() { return moves_; }
  std::uint64_t steps() const { return steps_; }  // ever made

 private:
  void try_shapes(std::size_t route, std::uint32_t shapes);
  void try_two(std::size_t a, std::size_t b);
  bool takes(double score);
  void take(double score);

  const DesignProblem& problem_;
  const QuickCost& cost_;
  RouteMoves moves_;
  RouteTable table_;
  QuickCost::Buffers buffers_;
  RoutePath proposed_, proposed_b_;
  RouteSet routes_;
  double score_{}, temperature_{};
  ScoredRoutes best_;
  std::uint64_t steps_{};
};

}  // namespace cityloop::traffic
