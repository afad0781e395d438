// What a street graph costs to make, to weigh and to ask: a city of some 108,900 junctions.
#include <benchmark/benchmark.h>

#include <queue>

#include "bench/geo/grid_city.h"
#include "geo/street_order.h"
#include "geo/street_weights.h"

namespace cityloop::geo {
namespace {

constexpr int kSide = 330;

const StreetNetwork& network() {
  static const StreetNetwork one = grid_city(kSide, 1);
  return one;
}

const StreetGraphPtr& graph() {
  static const StreetGraphPtr one = StreetGraph::make(network());
  return one;
}

const StreetWeightsPtr& weights() {
  static const StreetWeightsPtr one = StreetWeights::make(graph(), TravelMode::car);
  return one;
}

std::vector<StreetSpot> spots(std::size_t count, std::uint64_t seed) {
  base::Rng rng(seed);
  std::vector<StreetSpot> out;
  while (out.size() < count) {
    const Position at{120 + rng.uniform() * 0.0011 * kSide, 30 + rng.uniform() * 0.0011 * kSide};
    if (const auto spot = graph()->snap(at, TravelMode::car, 500)) out.push_back(*spot);
  }
  return out;
}

void make_graph(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(StreetGraph::make(network()));
  state.counters["junctions"] = double(graph()->nodes());
  state.counters["pieces"] = double(graph()->pieces());
  state.counters["links"] = double(graph()->order().links());
  state.counters["order_bytes"] = double(graph()->order().bytes());
}
BENCHMARK(make_graph)->Unit(benchmark::kMillisecond)->Iterations(1);

void weigh(benchmark::State& state) {
  graph();
  for (auto _ : state) benchmark::DoNotOptimize(StreetWeights::make(graph(), TravelMode::car));
  state.counters["bytes"] = double(weights()->bytes());
}
BENCHMARK(weigh)->Unit(benchmark::kMillisecond);

void snap(benchmark::State& state) {
  base::Rng rng(3);
  graph();
  for (auto _ : state) {
    const Position at{120 + rng.uniform() * 0.0011 * kSide, 30 + rng.uniform() * 0.0011 * kSide};
    benchmark::DoNotOptimize(graph()->snap(at, TravelMode::car, 500));
  }
}
BENCHMARK(snap);

void table_two_threads(benchmark::State& state) {
  const auto places = spots(1200, 2);
  weights();
  for (auto _ : state) benchmark::DoNotOptimize(weights()->table(places, places, 2));
}
BENCHMARK(table_two_threads)->Unit(benchmark::kMillisecond)->UseRealTime();

void table(benchmark::State& state) {
  const auto places = spots(std::size_t(state.range(0)), 2);
  weights();
  for (auto _ : state) benchmark::DoNotOptimize(weights()->table(places, places));
  state.counters["pairs_per_s"] = benchmark::Counter(
      double(state.iterations()) * double(places.size()) * double(places.size()), benchmark::Counter::kIsRate);
}
BENCHMARK(table)->Arg(100)->Arg(400)->Arg(1200)->Unit(benchmark::kMillisecond);

void way(benchmark::State& state) {
  const auto places = spots(200, 4);
  weights();
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(weights()->way(places[i % 200], places[(i * 7 + 1) % 200]));
    ++i;
  }
}
BENCHMARK(way)->Unit(benchmark::kMicrosecond);

// To compare with: from one junction to all others the plain way.
void plain_search(benchmark::State& state) {
  const StreetGraph& g = *graph();
  std::vector<std::vector<StreetArc>> arcs(g.nodes());
  for (StreetArc arc = 0; arc < 2 * g.pieces(); ++arc) arcs[g.tail(arc)].push_back(arc);
  base::Rng rng(5);
  using Entry = std::pair<double, StreetNode>;
  for (auto _ : state) {
    std::vector<double> time_s(g.nodes(), kNoStreet);
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
    const auto from = StreetNode(rng.below(g.nodes()));
    time_s[from] = 0;
    queue.emplace(0, from);
    while (!queue.empty()) {
      const auto [at_s, node] = queue.top();
      queue.pop();
      if (at_s > time_s[node]) continue;
      for (const StreetArc arc : arcs[node]) {
        const double next_s = at_s + weights()->time_s(arc);
        if (next_s >= time_s[g.head(arc)]) continue;
        time_s[g.head(arc)] = next_s;
        queue.emplace(next_s, g.head(arc));
      }
    }
    benchmark::DoNotOptimize(time_s);
  }
}
BENCHMARK(plain_search)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cityloop::geo
