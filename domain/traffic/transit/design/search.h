// Finds routes: rounds of simulated annealing, begun anew, from the best or from two of the best joined.
//
//   DesignProblem ─▶ [search] ─▶ Found: routes, what they are worth, how it was found
//
// Anytime: the best so far is there after the first short round, rounds grow, and it ends when halt says so or the
// steps are used up. With a number of steps and no halt the result follows from seed and threads alone, on every
// machine. No clock inside: who wants to end at a time gives a halt that looks at one.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "domain/traffic/transit/design/evaluate.h"

namespace cityloop::traffic {

struct SearchProgress {
  std::uint64_t steps{};  // shapes of routes tried by all threads in the rounds that are done
  std::uint32_t rounds{};
  double score{};  // of the best: minutes of the average passenger and, weighted, of the routes
};

struct SearchOptions {
  std::uint64_t seed{1};
  std::uint64_t steps{0};  // 0: until halt says so; then there must be one
  unsigned threads{1};
  // What one minute of all routes' length counts in minutes of the average passenger: 0 is the passengers' view, 1e3
  // the operator's.
  double operator_weight{0};
  RouteSet begin;                                          // routes to better; empty: none
  std::function<bool()> halt;                              // asked from every thread, every few milliseconds
  std::function<void(const SearchProgress&)> on_progress;  // on the calling thread, after each round
};

struct Found {
  RouteSet routes;
  Assessment worth;
  std::uint64_t steps{};
  std::uint32_t rounds{};
};

// Errc::conflict: no routes that serve every stop, hang together and keep the rules were found.
base::Result<Found> search(const DesignProblem&, const SearchOptions&);

// One search for each weight, each begun from what the one before it found; what another beats in both passengers' and
// operator's minutes is left out. In the order of operator minutes, the longest first.
base::Result<std::vector<Found>> search_front(const DesignProblem&, const SearchOptions&,
                                              const std::vector<double>& operator_weights);

}  // namespace cityloop::traffic
