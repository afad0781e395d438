#include "domain/traffic/transit/design/annealer.h"

#include <algorithm>
#include <cmath>

namespace cityloop::traffic {

Annealer::Annealer(const DesignProblem& problem, const QuickCost& cost, const QuickWays& ways, std::uint64_t seed)
    : problem_(problem), cost_(cost), moves_(problem, ways, seed) {}

ScoredRoutes Annealer::run(RouteSet begin, std::uint64_t steps, double hot, double cold,
                           const std::function<bool()>& halt) {
  routes_ = std::move(begin);
  score_ = cost_.score(routes_);
  best_ = {routes_, score_};
  // A table costs n³, a shape of a route n·k·(n + k): so many shapes that tables take the smaller part.
  const auto shapes = std::uint32_t(std::clamp<std::size_t>(problem_.stops() / 3, 8, 40));
  const std::uint64_t end = steps_ + steps, begun = steps_;
  while (steps_ < end && !halt()) {
    temperature_ = hot * std::pow(cold / hot, double(steps_ - begun) / double(steps));
    const auto route = std::size_t(moves_.rng().below(routes_.size()));
    try_shapes(route, shapes);
    if (routes_.size() < 2) continue;
    const auto other = std::size_t(moves_.rng().below(routes_.size()));
    if (other != route) try_two(route, other);
  }
  return best_;
}

void Annealer::try_shapes(std::size_t route, std::uint32_t shapes) {
  cost_.close(routes_, route, table_);
  const double rest = score_ - cost_.passengers(table_, routes_[route], buffers_) - cost_.operators(routes_[route]);
  for (std::uint32_t i = 0; i < shapes; ++i) {
    ++steps_;
    if (!moves_.propose(routes_[route], proposed_)) continue;
    const double score = rest + cost_.passengers(table_, proposed_, buffers_) + cost_.operators(proposed_);
    if (!takes(score)) continue;
    std::swap(routes_[route], proposed_);
    take(score);
  }
}

void Annealer::try_two(std::size_t a, std::size_t b) {
  ++steps_;
  // Where stops are few, what one route gives up the other must take in the same step.
  const bool tails = moves_.rng().below(2) == 0;
  if (tails ? !moves_.exchange_tails(routes_[a], routes_[b], proposed_, proposed_b_)
            : !moves_.propose(routes_[a], proposed_) || !moves_.propose(routes_[b], proposed_b_))
    return;
  std::swap(routes_[b], proposed_b_);
  cost_.close(routes_, a, table_);
  std::swap(routes_[a], proposed_);
  double score = cost_.passengers(table_, routes_[a], buffers_);
  for (const RoutePath& route : routes_) score += cost_.operators(route);
  if (takes(score)) return take(score);
  std::swap(routes_[a], proposed_);
  std::swap(routes_[b], proposed_b_);
}

bool Annealer::takes(double score) {
  return score <= score_ || moves_.rng().uniform() < std::exp((score_ - score) / temperature_);
}

void Annealer::take(double score) {
  score_ = score;
  if (score_ >= best_.score - 1e-12) return;
  best_.routes = routes_;
  best_.score = score_;
}

}  // namespace cityloop::traffic
