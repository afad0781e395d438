#include "domain/traffic/transit/design/evaluate.h"

#include <algorithm>
#include <cmath>

namespace cityloop::traffic {

namespace {

constexpr int kRideBits = 12;
constexpr std::int64_t kOneRide = 1;

std::int64_t thousandths(double minutes) {
  return std::llround(minutes * 1000);
}

}  // namespace

// A chain of rides costs the sum of their times and a transfer less than there are rides. So every ride is charged one
// transfer, the shortest paths over the complete graph of single rides are found, and one transfer is given back.
RouteTimes::RouteTimes(const DesignProblem& problem, const RouteSet& routes)
    : stops_(problem.stops()), transfer_minutes_(problem.rules().transfer_minutes) {
  cost_.assign(stops_ * stops_, kNone);
  route_.assign(stops_ * stops_, 0);
  via_.assign(stops_ * stops_, -1);
  const std::int64_t transfer = thousandths(transfer_minutes_);
  for (std::size_t r = 0; r < routes.size(); ++r)
    for (std::size_t i = 0; i < routes[r].size(); ++i) {
      double aboard = 0;
      for (std::size_t j = i + 1; j < routes[r].size(); ++j) {
        aboard += problem.minutes(routes[r][j - 1], routes[r][j]);
        const std::int64_t cost = ((thousandths(aboard) + transfer) << kRideBits) + kOneRide;
        const StopIndex a = routes[r][i], b = routes[r][j];
        if (a == b || cost >= cost_[at(a, b)]) continue;
        cost_[at(a, b)] = cost_[at(b, a)] = cost;
        route_[at(a, b)] = route_[at(b, a)] = std::uint32_t(r);
      }
    }
  for (std::size_t k = 0; k < stops_; ++k)
    for (std::size_t i = 0; i < stops_; ++i) {
      const std::int64_t first = cost_[i * stops_ + k];
      if (first >= kNone || i == k) continue;
      for (std::size_t j = 0; j < stops_; ++j)
        if (const std::int64_t sum = first + cost_[k * stops_ + j]; j != i && sum < cost_[i * stops_ + j]) {
          cost_[i * stops_ + j] = sum;
          via_[i * stops_ + j] = std::int32_t(k);
        }
    }
}

double RouteTimes::minutes(StopIndex from, StopIndex to) const {
  if (from == to) return 0;
  const std::int64_t cost = cost_[at(from, to)];
  if (cost >= kNone) return std::numeric_limits<double>::infinity();
  return double(cost >> kRideBits) / 1000 - transfer_minutes_;
}

std::uint32_t RouteTimes::transfers(StopIndex from, StopIndex to) const {
  if (from == to) return 0;
  return std::uint32_t(cost_[at(from, to)] & ((1 << kRideBits) - 1)) - 1;
}

std::vector<Ride> RouteTimes::rides(StopIndex from, StopIndex to) const {
  std::vector<Ride> out;
  if (from == to || !reached(from, to)) return out;
  std::vector<std::pair<StopIndex, StopIndex>> open{{from, to}};
  while (!open.empty()) {
    const auto [a, b] = open.back();
    open.pop_back();
    if (const std::int32_t via = via_[at(a, b)]; via < 0) {
      out.push_back({route_[at(a, b)], a, b});
    } else {
      open.emplace_back(StopIndex(via), b);
      open.emplace_back(a, StopIndex(via));
    }
  }
  return out;
}

Assessment evaluate(const DesignProblem& problem, const RouteSet& routes) {
  const RouteTimes times(problem, routes);
  Assessment out;
  double served = 0, minutes = 0, by_transfers[3]{}, more = 0;
  for (std::size_t i = 0; i < problem.stops(); ++i)
    for (std::size_t j = 0; j < problem.stops(); ++j) {
      const StopIndex from = StopIndex(i), to = StopIndex(j);
      const double d = problem.demand(from, to);
      if (d <= 0) continue;
      if (!times.reached(from, to)) {
        out.unserved += d;
        continue;
      }
      served += d;
      minutes += d * times.minutes(from, to);
      const std::uint32_t transfers = times.transfers(from, to);
      (transfers < 3 ? by_transfers[transfers] : more) += d;
    }
  const double total = problem.demand_total();
  out.minutes = served > 0 ? minutes / served : 0;
  out.d0 = by_transfers[0] / total;
  out.d1 = by_transfers[1] / total;
  out.d2 = by_transfers[2] / total;
  out.unsatisfied = (more + out.unserved) / total;
  out.unserved /= total;
  for (const RoutePath& route : routes) out.operator_minutes += problem.route_minutes(route);
  return out;
}

}  // namespace cityloop::traffic
