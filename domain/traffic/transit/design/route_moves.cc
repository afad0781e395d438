#include "domain/traffic/transit/design/route_moves.h"

#include <algorithm>
#include <cmath>
#include <queue>

namespace cityloop::traffic {

namespace {

constexpr std::size_t kKinds = 12;

}  // namespace

QuickWays::QuickWays(const DesignProblem& problem, std::uint64_t seed) : stops_(problem.stops()) {
  base::Rng rng(seed);
  std::vector<double> minutes(stops_ * stops_), far(stops_);
  using Reached = std::pair<double, StopIndex>;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const double spread = kind == 0 ? 0 : 0.1 * double(kind);
    for (const DesignLink& l : problem.links())
      minutes[l.from * stops_ + l.to] = minutes[l.to * stops_ + l.from] = l.minutes * std::exp(spread * rng.normal());
    std::vector<StopIndex>& next = next_.emplace_back(stops_ * stops_);
    for (std::size_t to = 0; to < stops_; ++to) {
      std::ranges::fill(far, 1e300);
      std::priority_queue<Reached, std::vector<Reached>, std::greater<>> open;
      far[to] = 0;
      open.emplace(0, StopIndex(to));
      while (!open.empty()) {
        const auto [time, at] = open.top();
        open.pop();
        if (time > far[at]) continue;
        for (const StopIndex beside : problem.neighbours(at))
          if (const double t = time + minutes[at * stops_ + beside]; t < far[beside]) {
            far[beside] = t;
            next[to * stops_ + beside] = at;
            open.emplace(t, beside);
          }
      }
    }
  }
}

RouteMoves::RouteMoves(const DesignProblem& problem, const QuickWays& ways, std::uint64_t seed)
    : problem_(problem), ways_(ways), rng_(seed), marks_(problem.stops(), 0) {
  double sum = 0;
  for (std::size_t i = 0; i < problem.stops(); ++i)
    for (std::size_t j = 0; j < problem.stops(); ++j)
      pairs_up_to_.push_back(sum += problem.demand(StopIndex(i), StopIndex(j)));
}

std::pair<StopIndex, StopIndex> RouteMoves::random_pair() {
  const double at = rng_.uniform() * pairs_up_to_.back();
  const auto pair = std::size_t(std::ranges::upper_bound(pairs_up_to_, at) - pairs_up_to_.begin());
  const std::size_t safe = std::min(pair, pairs_up_to_.size() - 1);
  return {StopIndex(safe / problem_.stops()), StopIndex(safe % problem_.stops())};
}

void RouteMoves::mark(const RoutePath& route) {
  ++stamp_;
  for (const StopIndex at : route) marks_[at] = stamp_;
}

bool RouteMoves::keeps_rules(const RoutePath& route) const {
  const DesignRules& rules = problem_.rules();
  if (route.size() < rules.stops_min || route.size() > rules.stops_max) return false;
  return !rules.end_at_terminals || (problem_.stop(route.front()).terminal && problem_.stop(route.back()).terminal);
}

bool RouteMoves::propose(const RoutePath& now, RoutePath& out) {
  out = now;
  if (!step(now, out)) return false;
  if (out.size() > problem_.rules().stops_max && !trim(out)) return false;
  // Now and then two steps at once: some changes pay only together.
  if (below(4) == 0) {
    spare_ = out;
    if (!step(spare_, out)) out = spare_;
    if (out.size() > problem_.rules().stops_max && !trim(out)) return false;
  }
  return keeps_rules(out) && out != now;
}

bool RouteMoves::step(const RoutePath& now, RoutePath& out) {
  mark(now);
  if (below(2)) std::ranges::reverse(out);
  switch (below(16)) {
    case 0:
    case 1:
    case 2: return extend(out);
    case 3:
    case 4: return shorten(out);
    case 5:
    case 6:
    case 7: return insert(out);
    case 8:
    case 9: return leave_out(out);
    case 10:
    case 11: return substitute(out);
    case 12:
    case 13: return reroute(out);
    case 14: return new_tail(out);
    default: return below(4) == 0 ? anew(out) : new_tail(out);
  }
}

bool RouteMoves::extend(RoutePath& route) {
  choice_.clear();
  for (const StopIndex beside : problem_.neighbours(route.back()))
    if (!marked(beside)) choice_.push_back(beside);
  if (choice_.empty()) return false;
  route.push_back(choice_[below(std::uint32_t(choice_.size()))]);
  return true;
}

bool RouteMoves::shorten(RoutePath& route) {
  if (route.size() <= 2) return false;
  route.pop_back();
  return true;
}

bool RouteMoves::insert(RoutePath& route) {
  const std::size_t at = 1 + below(std::uint32_t(route.size() - 1));
  choice_.clear();
  for (const StopIndex between : problem_.neighbours(route[at - 1]))
    if (!marked(between) && problem_.minutes(between, route[at]) > 0) choice_.push_back(between);
  if (choice_.empty()) return false;
  route.insert(route.begin() + std::ptrdiff_t(at), choice_[below(std::uint32_t(choice_.size()))]);
  return true;
}

bool RouteMoves::leave_out(RoutePath& route) {
  if (route.size() <= 2) return false;
  const std::size_t at = 1 + below(std::uint32_t(route.size() - 2));
  if (problem_.minutes(route[at - 1], route[at + 1]) <= 0) return false;
  route.erase(route.begin() + std::ptrdiff_t(at));
  return true;
}

bool RouteMoves::substitute(RoutePath& route) {
  const std::size_t at = 1 + below(std::uint32_t(route.size() - 1));
  choice_.clear();
  for (const StopIndex other : problem_.neighbours(route[at - 1]))
    if (!marked(other) && (at + 1 == route.size() || problem_.minutes(other, route[at + 1]) > 0))
      choice_.push_back(other);
  if (choice_.empty()) return false;
  route[at] = choice_[below(std::uint32_t(choice_.size()))];
  return true;
}

// Between two of its stops the route takes another of the quick ways.
bool RouteMoves::reroute(RoutePath& route) {
  if (route.size() < 3) return false;
  const auto n = std::uint32_t(route.size());
  std::uint32_t first = below(n), last = below(n);
  if (first > last) std::swap(first, last);
  if (last - first < 2) return false;
  spare_.assign(route.begin() + last, route.end());
  for (std::uint32_t i = first + 1; i < last; ++i) marks_[route[i]] = stamp_ - 1;
  const StopIndex to = route[last];
  marks_[to] = stamp_ - 1;
  route.resize(first + 1);
  if (!follow(route, to, below(std::uint32_t(ways_.kinds()))) || route.back() != to) return false;
  route.insert(route.end(), spare_.begin() + 1, spare_.end());
  return true;
}

// Goes on along a quick way until it is there, or the route is long enough, or it would pass a stop twice. False: not a
// step was gone.
bool RouteMoves::follow(RoutePath& route, StopIndex to, std::size_t kind) {
  const std::size_t before = route.size(), most = problem_.rules().stops_max + 4;
  while (route.back() != to && route.size() < most) {
    const StopIndex at = ways_.next(kind, route.back(), to);
    if (marked(at)) break;
    marks_[at] = stamp_;
    route.push_back(at);
  }
  return route.size() > before;
}

bool RouteMoves::new_tail(RoutePath& route) {
  const std::size_t keep = 1 + below(std::uint32_t(route.size()));
  for (std::size_t i = keep; i < route.size(); ++i) marks_[route[i]] = stamp_ - 1;
  route.resize(std::min(keep, route.size()));
  const bool gone = follow(route, random_stop(), below(std::uint32_t(ways_.kinds())));
  if (route.size() > problem_.rules().stops_max) route.resize(problem_.rules().stops_max);
  return gone;
}

bool RouteMoves::anew(RoutePath& route) {
  const auto [from, to] = random_pair();
  ++stamp_;
  route.assign(1, from);
  marks_[from] = stamp_;
  if (!follow(route, to, below(std::uint32_t(ways_.kinds())))) return false;
  for (std::uint32_t more = below(3); more > 0; --more) {
    if (below(2)) std::ranges::reverse(route);
    follow(route, random_stop(), below(std::uint32_t(ways_.kinds())));
  }
  return true;
}

bool RouteMoves::trim(RoutePath& route) {
  while (route.size() > problem_.rules().stops_max) {
    if (below(3)) {
      if (below(2)) std::ranges::reverse(route);
      route.pop_back();
    } else if (!leave_out(route)) {
      return false;
    }
  }
  return true;
}

bool RouteMoves::exchange_tails(const RoutePath& a, const RoutePath& b, RoutePath& out_a, RoutePath& out_b) {
  out_a = a;
  out_b = b;
  if (below(2)) std::ranges::reverse(out_a);
  if (below(2)) std::ranges::reverse(out_b);
  mark(out_b);
  choice_.clear();
  for (const StopIndex at : out_a)
    if (marked(at)) choice_.push_back(at);
  if (choice_.empty()) return false;
  const StopIndex cross = choice_[below(std::uint32_t(choice_.size()))];
  const auto in_a = std::ranges::find(out_a, cross) + 1, in_b = std::ranges::find(out_b, cross) + 1;
  spare_.assign(in_a, out_a.end());
  out_a.erase(in_a, out_a.end());
  out_a.insert(out_a.end(), in_b, out_b.end());
  out_b.erase(in_b, out_b.end());
  out_b.insert(out_b.end(), spare_.begin(), spare_.end());
  for (const RoutePath* const route : {&out_a, &out_b}) {
    if (!keeps_rules(*route)) return false;
    ++stamp_;
    for (const StopIndex at : *route) {
      if (marked(at)) return false;
      marks_[at] = stamp_;
    }
  }
  return out_a != a || out_b != b;
}

bool RouteMoves::extend_to_unserved(RoutePath& route, const std::vector<bool>& served) {
  choice_.clear();
  for (std::size_t i = 0; i < served.size(); ++i)
    if (!served[i]) choice_.push_back(StopIndex(i));
  const StopIndex to = choice_.empty() ? random_stop() : choice_[below(std::uint32_t(choice_.size()))];
  mark(route);
  return follow(route, to, below(std::uint32_t(ways_.kinds())));
}

// Route after route from a place that is served already to where nobody is; then between those who travel most.
RouteSet RouteMoves::begin() {
  RouteSet routes;
  std::vector<bool> served(problem_.stops(), false);
  for (std::uint32_t r = 0; r < problem_.rules().routes; ++r) {
    const bool all = std::ranges::find(served, false) == served.end();
    RoutePath route;
    for (int tries = 0; tries < 200; ++tries) {
      if (r == 0 || all) {
        anew(route);
      } else {
        const RoutePath& other = routes[below(r)];
        route.assign(1, other[below(std::uint32_t(other.size()))]);
      }
      for (int more = 0; more < 6 && route.size() < problem_.rules().stops_max; ++more) {
        if (below(2)) std::ranges::reverse(route);
        extend_to_unserved(route, served);
      }
      if (route.size() > problem_.rules().stops_max) route.resize(problem_.rules().stops_max);
      if (keeps_rules(route)) break;
    }
    for (const StopIndex at : route) served[at] = true;
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace cityloop::traffic
