#include "domain/traffic/transit/design/quick_cost.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cityloop::traffic {

namespace {

constexpr std::size_t kLanes = 16;
constexpr std::int16_t kFar = 16000;  // two of them still fit into 16 bits

using Lanes [[gnu::vector_size(2 * kLanes), gnu::aligned(2), gnu::may_alias]] = std::int16_t;
using Wide [[gnu::vector_size(2 * kLanes)]] = std::int32_t;

std::size_t whole_lanes(std::size_t n) {
  return (n + kLanes - 1) / kLanes * kLanes;
}

// The kernels stand once and are compiled twice, for processors with 32-byte instructions and for those without.
#define CITYLOOP_KERNEL [[gnu::always_inline]] inline

CITYLOOP_KERNEL void shortest_body(std::int16_t* table, std::size_t n, std::size_t stride) {
  for (std::size_t k = 0; k < n; ++k) {
    const std::int16_t* const through = table + k * stride;
    for (std::size_t i = 0; i < n; ++i) {
      std::int16_t* const row = table + i * stride;
      const std::int16_t first = row[k];
      if (first >= kFar || i == k) continue;
      for (std::size_t j = 0; j < stride; j += kLanes) {
        const Lanes sum = *reinterpret_cast<const Lanes*>(through + j) + first;
        Lanes* const at = reinterpret_cast<Lanes*>(row + j);
        *at = __builtin_elementwise_min(*at, sum);
      }
    }
  }
}

struct AddRoute {
  const std::int16_t* table;
  const std::int16_t* demand;
  std::size_t n, stride;
  const StopIndex* route;
  std::size_t k, k_stride;
  const std::int16_t* rides;  // k rows: the least cost between the route's stops over everything
  std::int16_t* reach;        // one row: from some stop to the route's stops
  std::int64_t sum{}, apart{};
};

CITYLOOP_KERNEL void add_route_body(AddRoute& a) {
  for (std::size_t i = 0; i < a.n; ++i) {
    const std::int16_t* const from = a.table + i * a.stride;
    for (std::size_t b = 0; b < a.k_stride; b += kLanes) {
      Lanes best = *reinterpret_cast<const Lanes*>(a.rides + b) + from[a.route[0]];
      for (std::size_t s = 1; s < a.k; ++s) {
        const Lanes sum = *reinterpret_cast<const Lanes*>(a.rides + s * a.k_stride + b) + from[a.route[s]];
        best = __builtin_elementwise_min(best, sum);
      }
      *reinterpret_cast<Lanes*>(a.reach + b) = best;
    }
    for (std::size_t s = 0; s < a.k; ++s) a.reach[s] = std::min(a.reach[s], kFar);
    Wide sum{};
    Lanes apart{};
    for (std::size_t j = i / kLanes * kLanes; j < a.stride; j += kLanes) {
      Lanes best = *reinterpret_cast<const Lanes*>(from + j);
      for (std::size_t s = 0; s < a.k; ++s) {
        const Lanes way = *reinterpret_cast<const Lanes*>(a.table + a.route[s] * a.stride + j) + a.reach[s];
        best = __builtin_elementwise_min(best, way);
      }
      apart -= best >= kFar;
      const Lanes demand = *reinterpret_cast<const Lanes*>(a.demand + i * a.stride + j);
      using Half [[gnu::vector_size(kLanes)]] = std::int16_t;
      using Full [[gnu::vector_size(2 * kLanes)]] = std::int32_t;
      const Half low = __builtin_shufflevector(best, best, 0, 1, 2, 3, 4, 5, 6, 7);
      const Half high = __builtin_shufflevector(best, best, 8, 9, 10, 11, 12, 13, 14, 15);
      const Half low_d = __builtin_shufflevector(demand, demand, 0, 1, 2, 3, 4, 5, 6, 7);
      const Half high_d = __builtin_shufflevector(demand, demand, 8, 9, 10, 11, 12, 13, 14, 15);
      sum += __builtin_convertvector(low, Full) * __builtin_convertvector(low_d, Full);
      sum += __builtin_convertvector(high, Full) * __builtin_convertvector(high_d, Full);
    }
    for (std::size_t lane = 0; lane < kLanes / 2; ++lane) a.sum += sum[lane];
    a.apart += __builtin_reduce_add(apart);
  }
}

void shortest_plain(std::int16_t* table, std::size_t n, std::size_t stride) {
  shortest_body(table, n, stride);
}
void add_route_plain(AddRoute& a) {
  add_route_body(a);
}

#ifdef __x86_64__
[[gnu::target("avx2")]] void shortest_avx2(std::int16_t* table, std::size_t n, std::size_t stride) {
  shortest_body(table, n, stride);
}
[[gnu::target("avx2")]] void add_route_avx2(AddRoute& a) {
  add_route_body(a);
}
const bool wide = __builtin_cpu_supports("avx2") != 0;
void shortest(std::int16_t* table, std::size_t n, std::size_t stride) {
  wide ? shortest_avx2(table, n, stride) : shortest_plain(table, n, stride);
}
void add_route(AddRoute& a) {
  wide ? add_route_avx2(a) : add_route_plain(a);
}
#else
void shortest(std::int16_t* table, std::size_t n, std::size_t stride) {
  shortest_plain(table, n, stride);
}
void add_route(AddRoute& a) {
  add_route_plain(a);
}
#endif

bool is_whole(double value) {
  return std::abs(value - std::round(value)) < 1e-9;
}

}  // namespace

QuickCost::QuickCost(const DesignProblem& problem, double operator_weight)
    : stops_(problem.stops()), stride_(whole_lanes(problem.stops())), operator_weight_(operator_weight) {
  choose_tick(problem);
  take_demand(problem);
}

// A tick is a minute where all times are whole minutes, else a second, and coarser only where four times the longest
// way through the network would not fit.
void QuickCost::choose_tick(const DesignProblem& problem) {
  bool whole = is_whole(problem.rules().transfer_minutes);
  double longest = 0;
  for (const DesignLink& l : problem.links()) {
    whole = whole && is_whole(l.minutes);
    longest = std::max(longest, l.minutes);
  }
  std::vector<double> far(stops_, 1e18);
  std::vector<StopIndex> open{0};
  far[0] = 0;
  while (!open.empty()) {  // a bound on the longest way: twice the farthest from one stop
    const StopIndex at = open.back();
    open.pop_back();
    for (const StopIndex next : problem.neighbours(at))
      if (const double t = far[at] + problem.minutes(at, next); t < far[next] - 1e-9) {
        far[next] = t;
        open.push_back(next);
      }
  }
  const double reach = 8 * (*std::ranges::max_element(far) + problem.rules().transfer_minutes) + longest;
  tick_minutes_ = whole ? 1 : 1.0 / 60;
  while (reach / tick_minutes_ > kFar - 1) tick_minutes_ *= 2;
  link_ticks_.assign(stops_ * stops_, 0);
  for (const DesignLink& l : problem.links()) {
    const auto ticks = std::max<std::int32_t>(1, std::int32_t(std::lround(l.minutes / tick_minutes_)));
    link_ticks_[l.from * stops_ + l.to] = link_ticks_[l.to * stops_ + l.from] = ticks;
  }
  transfer_ = std::int16_t(std::lround(problem.rules().transfer_minutes / tick_minutes_));
}

// Whole numbers stay as they are where a row's sum of products fits into 32 bits.
void QuickCost::take_demand(const DesignProblem& problem) {
  double most = 0, most_row = 0;
  bool whole = true;
  for (std::size_t i = 0; i < stops_; ++i) {
    double row = 0;
    for (std::size_t j = i + 1; j < stops_; ++j) {
      const double d = problem.demand(StopIndex(i), StopIndex(j)) + problem.demand(StopIndex(j), StopIndex(i));
      whole = whole && is_whole(d);
      most = std::max(most, d);
      row += d;
    }
    most_row = std::max(most_row, row);
  }
  const double fits = std::min(32767 / most, 130000 / most_row);
  const double scale = whole && fits >= 1 ? 1 : fits;
  demand_.assign(stride_ * stride_, 0);
  for (std::size_t i = 0; i < stops_; ++i)
    for (std::size_t j = i + 1; j < stops_; ++j) {
      const double d = problem.demand(StopIndex(i), StopIndex(j)) + problem.demand(StopIndex(j), StopIndex(i));
      demand_[i * stride_ + j] = std::int16_t(std::floor(d * scale + (scale == 1 ? 0.5 : 0)));
      demand_sum_ += demand_[i * stride_ + j];
    }
  demand_sum_ = std::max(1.0, demand_sum_);
  padding_ = std::int64_t((stride_ - stops_) * stops_);
}

void QuickCost::close(const RouteSet& routes, std::size_t without, RouteTable& out) const {
  out.ticks.assign(stride_ * stride_, kFar);
  std::int16_t* const table = out.ticks.data();
  for (std::size_t i = 0; i < stops_; ++i) table[i * stride_ + i] = 0;
  for (std::size_t r = 0; r < routes.size(); ++r) {
    if (r == without) continue;
    const RoutePath& route = routes[r];
    for (std::size_t i = 0; i < route.size(); ++i) {
      std::int32_t cost = transfer_;
      for (std::size_t j = i + 1; j < route.size(); ++j) {
        cost += link(route[j - 1], route[j]);
        if (cost >= kFar) break;
        std::int16_t& there = table[route[i] * stride_ + route[j]];
        if (cost < there) there = table[route[j] * stride_ + route[i]] = std::int16_t(cost);
      }
    }
  }
  shortest(table, stops_, stride_);
}

double QuickCost::passengers(const RouteTable& table, const RoutePath& route, Buffers& buffers) const {
  const std::size_t k = route.size(), k_stride = whole_lanes(k);
  buffers.times.resize(k);
  for (std::size_t s = 1; s < k; ++s) buffers.times[s] = buffers.times[s - 1] + link(route[s - 1], route[s]);
  buffers.rides.assign(k_stride * k_stride, kFar);
  buffers.reach.resize(k_stride);
  for (std::size_t a = 0; a < k; ++a) {
    buffers.rides[a * k_stride + a] = 0;
    for (std::size_t b = a + 1; b < k; ++b) {
      const std::int32_t ride = buffers.times[b] - buffers.times[a] + transfer_;
      const std::int32_t other = table.ticks[route[a] * stride_ + route[b]];
      buffers.rides[a * k_stride + b] = buffers.rides[b * k_stride + a] = std::int16_t(std::min(ride, other));
    }
  }
  shortest(buffers.rides.data(), k, k_stride);
  AddRoute add{table.ticks.data(),   demand_.data(),      stops_, stride_, route.data(), k, k_stride,
               buffers.rides.data(), buffers.reach.data()};
  add_route(add);
  const double minutes = (double(add.sum) / demand_sum_ - transfer_) * tick_minutes_;
  return minutes + kApart * double(add.apart - padding_);
}

double QuickCost::passengers(const RouteSet& routes) const {
  RouteTable table;
  Buffers buffers;
  close(routes, routes.size() - 1, table);
  return passengers(table, routes.back(), buffers);
}

double QuickCost::operators(const RoutePath& route) const {
  std::int64_t ticks = 0;
  for (std::size_t i = 1; i < route.size(); ++i) ticks += link(route[i - 1], route[i]);
  return double(ticks) * tick_minutes_ * operator_weight_;
}

double QuickCost::score(const RouteSet& routes) const {
  double sum = passengers(routes);
  for (const RoutePath& route : routes) sum += operators(route);
  return sum;
}

}  // namespace cityloop::traffic
