// The parts of planning alone: assignment of tasks to crews, and how many steps of the search a second allows.
#include <benchmark/benchmark.h>

#include <cmath>

#include "base/rng.h"
#include "solve/assignment.h"
#include "solve/solver.h"

namespace cityloop::solve {
namespace {

void assigns(benchmark::State& state) {
  base::Rng rng(1);
  Costs costs{std::size_t(state.range(0)), std::size_t(state.range(1)), {}};
  for (std::size_t i = 0; i < costs.rows * costs.columns; ++i) costs.of.push_back(rng.uniform(0, 10000));
  for (auto _ : state) benchmark::DoNotOptimize(assign(costs));
}
BENCHMARK(assigns)->Args({200, 1000})->Args({1000, 1000})->Unit(benchmark::kMillisecond);

// `length` tasks a tour, by their load; windows of an hour in a day of eight.
Problem problem(std::size_t tasks, double length) {
  base::Rng rng(2);
  Problem out;
  std::vector<Point> points{{5000, 5000}};
  for (std::size_t i = 0; i < tasks; ++i) points.push_back({rng.uniform(0, 10000), rng.uniform(0, 10000)});
  out.travel = Travel::plane(points, Rounding::exact);
  for (std::size_t i = 0; i < tasks; ++i) {
    const double open_s = rng.uniform(10000, 150000);
    out.tasks.push_back(
        {.place = PlaceIndex(i + 1), .open_s = open_s, .close_s = open_s + 20000, .service_s = 100, .load = 1});
  }
  out.vehicles.assign(tasks, {.start = 0, .end = 0, .until_s = 200000, .capacity = length});
  return out;
}

void searches(benchmark::State& state) {
  const Problem it = problem(std::size_t(state.range(0)), double(state.range(1)));
  Options options;
  options.iterations_max = 50000;
  for (auto _ : state) benchmark::DoNotOptimize(solve(it, options));
  state.counters["steps"] =
      benchmark::Counter(double(state.iterations()) * double(options.iterations_max), benchmark::Counter::kIsRate);
}
BENCHMARK(searches)->Args({1000, 10})->Args({1000, 50})->Args({200, 10})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cityloop::solve
