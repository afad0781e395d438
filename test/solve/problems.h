// Problems for the tests of planning: in the plane, by a seed, or small enough to be read.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/rng.h"
#include "solve/check.h"
#include "solve/solver.h"

namespace cityloop::solve::test {

inline constexpr double kMetresPerSecond = 10;

inline Travel streets(const std::vector<Point>& points) {
  return Travel::table(points.size(), [&](PlaceIndex a, PlaceIndex b) {
    const double way = std::hypot(points[a].x - points[b].x, points[a].y - points[b].y);
    return Leg{way / kMetresPerSecond, way};
  });
}

// Places on a line, by their kilometre; ten metres a second, so a kilometre is 100 s.
inline Travel line(const std::vector<double>& kilometres) {
  std::vector<Point> points;
  for (const double km : kilometres) points.push_back({km * 1000, 0});
  return streets(points);
}

// Crews with positions, shifts and skills; tasks with windows; some frozen, some for one crew alone, some with a
// holder.
inline Problem random_problem(std::uint64_t seed, std::size_t tasks, std::size_t crews) {
  base::Rng rng(seed);
  Problem problem;
  std::vector<Point> points;
  for (std::size_t i = 0; i < tasks + crews; ++i) points.push_back({rng.uniform(0, 20000), rng.uniform(0, 20000)});
  problem.travel = streets(points);
  for (std::size_t i = 0; i < tasks; ++i) {
    Task task;
    task.place = PlaceIndex(i);
    task.open_s = rng.uniform(0, 20000);
    task.close_s = task.open_s + rng.uniform(600, 10000);
    task.service_s = rng.uniform(300, 1800);
    task.load = double(rng.below(5));
    task.skills = rng.below(3) == 0 ? Skills(1) << rng.below(3) : 0;
    task.weight = rng.below(10) == 0 ? 5 : 1;
    if (rng.below(20) == 0) task.only = VehicleIndex(rng.below(crews));
    if (rng.below(4) == 0) task.holder = VehicleIndex(rng.below(crews));
    problem.tasks.push_back(task);
  }
  for (std::size_t v = 0; v < crews; ++v) {
    Vehicle crew;
    crew.start = PlaceIndex(tasks + v);
    if (rng.below(2) == 0) crew.end = PlaceIndex(tasks + rng.below(crews));
    crew.from_s = rng.uniform(0, 7200);
    crew.until_s = crew.from_s + 28800;
    crew.capacity = double(5 + rng.below(30));
    crew.skills = rng.below(8);
    crew.fixed_m = double(rng.below(2)) * 1000;
    problem.vehicles.push_back(crew);
  }
  for (std::size_t i = 0; i < tasks / 20; ++i)
    if (!problem.tasks[i].only) problem.vehicles[rng.below(crews)].frozen.push_back(TaskIndex(i));
  problem.change_m = 2000;
  return problem;
}

inline Options by_iterations(std::uint64_t iterations, std::uint64_t seed = 1) {
  Options options;
  options.iterations_max = iterations;
  options.seed = seed;
  return options;
}

inline Plan planned(const Problem& problem, const Options& options) {
  auto solved = solve(problem, options);
  EXPECT_TRUE(solved) << solved.error().message;
  return solved ? solved->plan : Plan{};
}

inline std::string violations(const Problem& problem, const Plan& plan) {
  std::string out;
  for (const Violation& violation : check(problem, plan)) out += violation.text + "\n";
  return out;
}

inline std::vector<std::vector<TaskIndex>> orders(const Plan& plan) {
  std::vector<std::vector<TaskIndex>> out;
  for (const Route& route : plan.routes) {
    auto& order = out.emplace_back(1, route.vehicle);
    for (const Stop& stop : route.stops) order.push_back(stop.task);
  }
  return out;
}

inline std::optional<Reason> reason_for(const Plan& plan, TaskIndex task) {
  for (const Undone& undone : plan.undone)
    if (undone.task == task) return undone.reason;
  return std::nullopt;
}

// Every look at it takes a while, so that what is to end by a deadline does, however fast the machine is.
class TickingClock final : public base::Clock {
 public:
  explicit TickingClock(base::Duration tick) : tick_(tick) {}
  base::Instant now() const override { return base::from_us(0) + tick_ * (looks_.fetch_add(1) + 1); }
  std::int64_t looks() const { return looks_.load(); }

 private:
  base::Duration tick_;
  mutable std::atomic<std::int64_t> looks_{0};
};

}  // namespace cityloop::solve::test
