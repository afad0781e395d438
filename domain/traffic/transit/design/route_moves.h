// How a search changes one route into another: small steps at the ends and within, and new stretches along quick ways.
//
//   DesignProblem ─▶ [RouteMoves] ─ propose(route) ─▶ another route that keeps the rules
//
// What it proposes never passes a stop twice, always follows links and has a permitted number of stops. Whether all
// stops stay served is not asked here: QuickCost prices what stays apart. Owned by one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "domain/traffic/transit/design/problem.h"

namespace cityloop::traffic {

// Quick ways between all stops, the quickest and such as are quickest where links take a little longer or shorter than
// they do: among them are the ways that serve others on their way. Immutable; any thread.
class QuickWays {
 public:
  QuickWays(const DesignProblem&, std::uint64_t seed);
  std::size_t kinds() const { return next_.size(); }
  // The stop after `from` on the way to `to`.
  StopIndex next(std::size_t kind, StopIndex from, StopIndex to) const { return next_[kind][to * stops_ + from]; }

 private:
  std::size_t stops_;
  std::vector<std::vector<StopIndex>> next_;
};

class RouteMoves {
 public:
  RouteMoves(const DesignProblem&, const QuickWays&, std::uint64_t seed);

  // False: the step that chance chose cannot be taken, and `out` means nothing.
  bool propose(const RoutePath& now, RoutePath& out);
  // Two routes exchange what lies behind a stop that both pass.
  bool exchange_tails(const RoutePath& a, const RoutePath& b, RoutePath& out_a, RoutePath& out_b);
  // Routes to begin with; every stop is served where that can be had by chance and patience.
  RouteSet begin();
  base::Rng& rng() { return rng_; }

 private:
  bool step(const RoutePath& now, RoutePath& out);
  bool extend(RoutePath& route);
  bool shorten(RoutePath& route);
  bool insert(RoutePath& route);
  bool leave_out(RoutePath& route);
  bool substitute(RoutePath& route);
  bool reroute(RoutePath& route);
  bool new_tail(RoutePath& route);
  bool anew(RoutePath& route);
  bool trim(RoutePath& route);
  bool follow(RoutePath& route, StopIndex to, std::size_t kind);
  bool extend_to_unserved(RoutePath& route, const std::vector<bool>& served);
  StopIndex random_stop() { return StopIndex(below(std::uint32_t(problem_.stops()))); }
  std::pair<StopIndex, StopIndex> random_pair();  // by demand
  std::uint32_t below(std::uint32_t n) { return std::uint32_t((rng_.next() >> 32) * n >> 32); }
  void mark(const RoutePath&);
  bool marked(StopIndex at) const { return marks_[at] == stamp_; }
  bool keeps_rules(const RoutePath&) const;

  const DesignProblem& problem_;
  const QuickWays& ways_;
  base::Rng rng_;
  std::vector<std::uint32_t> marks_;
  std::uint32_t stamp_{};
  std::vector<double> pairs_up_to_;  // demand summed up, by pair
  std::vector<StopIndex> choice_;
  RoutePath spare_;
};

}  // namespace cityloop::traffic
