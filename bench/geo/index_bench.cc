// Whether the spatial index stays flat as the city grows: the same density of points over a larger and larger square.
#include <cmath>

#include <benchmark/benchmark.h>

#include "base/rng.h"
#include "geo/index.h"

namespace cityloop::geo {
namespace {

Position somewhere(base::Rng& rng, std::int64_t points) {
  const double side_deg = 0.001 * std::sqrt(double(points));  // about 100 points per square kilometre
  return {10 + rng.uniform(0, side_deg), 40 + rng.uniform(0, side_deg)};
}

SpatialIndex filled(std::int64_t points) {
  SpatialIndex index;
  base::Rng rng(1);
  for (std::int64_t i = 0; i < points; ++i) index.put(std::uint32_t(i), Shape::point(somewhere(rng, points)));
  return index;
}

void near_500m(benchmark::State& state) {
  const SpatialIndex index = filled(state.range(0));
  base::Rng rng(2);
  std::size_t found = 0;
  for (auto _ : state) found += index.near(Shape::point(somewhere(rng, state.range(0))), 500).size();
  state.counters["candidates"] = double(found) / double(state.iterations());
}
BENCHMARK(near_500m)->RangeMultiplier(10)->Range(10'000, 1'000'000);

void moves_a_point(benchmark::State& state) {
  SpatialIndex index = filled(state.range(0));
  base::Rng rng(3);
  for (auto _ : state) {
    index.put(std::uint32_t(rng.below(std::uint64_t(state.range(0)))), Shape::point(somewhere(rng, state.range(0))));
  }
}
BENCHMARK(moves_a_point)->RangeMultiplier(10)->Range(10'000, 1'000'000);

void puts_a_line(benchmark::State& state) {
  SpatialIndex index;
  base::Rng rng(4);
  for (auto _ : state) {
    const Position from = somewhere(rng, 100'000);
    index.put(std::uint32_t(rng.below(1000)), Shape{ShapeKind::line, {{from, {from.lon_deg + 0.002, from.lat_deg}}}});
  }
}
BENCHMARK(puts_a_line);

void reads_geojson(benchmark::State& state) {
  const char* const kTexts[] = {
      R"({"type":"Point","coordinates":[10.1050,56.2317]})",
      R"({"type":"Polygon","coordinates":[[[10,56],[10.3,56],[10.3,56.3],[10,56.3],[10,56]]]})"};
  for (auto _ : state) benchmark::DoNotOptimize(Shape::from_geojson(kTexts[state.range(0)]));
}
BENCHMARK(reads_geojson)->Arg(0)->Arg(1);

}  // namespace
}  // namespace cityloop::geo
