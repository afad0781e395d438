// A city's day re-planned: 1,000 open tasks and 200 crews on a square of 25 km, with positions, shifts, skills and
// windows.
//
//   replan [--seconds N] [--long N] [--threads N] [--seed N] [--processor-time]
//
// One line of JSON for each case and time: a plan from nothing, and the plan of a moment ago after 50 new tasks have
// come in and 5 crews have gone home. The long run tells what the short one leaves to be had.

#include <cmath>
#include <cstdio>
#include <string_view>

#include "base/rng.h"
#include "solve/check.h"
#include "solve/processor_clock.h"
#include "solve/solver.h"

namespace {

using namespace cityloop;
using namespace cityloop::solve;

constexpr std::size_t kTasks = 1000, kFresh = 50, kCrews = 200, kLeaving = 5;
constexpr double kSide_m = 25000, kDetour = 1.3, kSpeed_mps = 8;

Task task(base::Rng& rng, PlaceIndex place) {
  Task out;
  out.place = place;
  out.service_s = rng.uniform(600, 2400);
  out.skills = Skills(1) << rng.below(8);
  const bool urgent = rng.below(10) == 0;
  out.weight = urgent ? 5 : 1;
  out.open_s = urgent ? 0 : rng.uniform(0, 3600);
  out.close_s = urgent ? 3600 : out.open_s + rng.uniform(7200, 28800);
  return out;
}

Problem city(std::uint64_t seed) {
  base::Rng rng(seed);
  Problem out;
  std::vector<Point> points;
  for (std::size_t i = 0; i < kTasks + kCrews; ++i)
    points.push_back({rng.uniform(0, kSide_m), rng.uniform(0, kSide_m)});
  out.travel = Travel::table(points.size(), [&](PlaceIndex a, PlaceIndex b) {
    const double way_m = kDetour * std::hypot(points[a].x - points[b].x, points[a].y - points[b].y);
    return Leg{way_m / kSpeed_mps, way_m};
  });
  for (std::size_t i = 0; i < kTasks; ++i) out.tasks.push_back(task(rng, PlaceIndex(i)));
  for (std::size_t v = 0; v < kCrews; ++v) {
    Vehicle crew;
    crew.start = PlaceIndex(kTasks + v);
    crew.from_s = rng.below(4) == 0 ? rng.uniform(0, 7200) : 0;
    crew.until_s = crew.from_s + 3600 * double(2 + rng.below(7));
    crew.skills = Skills(1) << rng.below(8) | Skills(1) << rng.below(8) | Skills(1) << rng.below(8);
    out.vehicles.push_back(crew);
  }
  return out;
}

struct Case {
  const char* name;
  Problem problem;
};

// The plan of all but the newest tasks, then those come in and some crews are gone; who holds a task keeps it if it
// costs no more than 500 m.
Case disturbed(Problem problem, const Options& options) {
  std::vector<Task> fresh(problem.tasks.end() - kFresh, problem.tasks.end());
  problem.tasks.resize(kTasks - kFresh);
  const auto before = solve::solve(problem, options);
  problem.tasks.insert(problem.tasks.end(), fresh.begin(), fresh.end());
  problem.routes.resize(kCrews);
  for (const Route& route : before->plan.routes) {
    for (const Stop& stop : route.stops) {
      if (route.vehicle >= kLeaving) problem.routes[route.vehicle].push_back(stop.task);
      problem.tasks[stop.task].holder = route.vehicle;
    }
  }
  for (std::size_t v = 0; v < kLeaving; ++v) problem.vehicles[v].until_s = 0;
  problem.change_m = 500;
  return {"disturbed", std::move(problem)};
}

void run(const Case& it, Options options, double seconds) {
  options.time = base::Duration(std::int64_t(seconds * 1e6));
  double first_s = -1, first_cost_m = 0;
  std::size_t first_undone = 0;
  options.on_progress = [&](const Progress& progress) {
    if (first_s >= 0) return;
    first_s = double(progress.elapsed.count()) / 1e6;
    first_cost_m = progress.cost_m;
    first_undone = progress.undone;
  };
  const auto solved = solve::solve(it.problem, options);
  const Plan& plan = solved->plan;
  std::size_t moved = 0;
  for (const Route& route : plan.routes)
    for (const Stop& stop : route.stops) {
      const auto& holder = it.problem.tasks[stop.task].holder;
      moved += holder && *holder != route.vehicle;
    }
  fmt::print(
      R"({{"case":"{}","seconds":{},"elapsed_s":{:.3f},"iterations":{},"undone":{},"undone_weight":{},"cost_km":{:.1f},"distance_km":{:.1f},"crews":{},"moved":{},"first_s":{:.3f},"first_undone":{},"first_cost_km":{:.1f},"violations":{}}})"
      "\n",
      it.name, seconds, double(solved->at.elapsed.count()) / 1e6, solved->at.iterations, plan.undone.size(),
      plan.undone_weight, plan.cost_m / 1000, plan.distance_m / 1000, plan.routes.size(), moved, first_s, first_undone,
      first_cost_m / 1000, check(it.problem, plan).size());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 2, long_seconds = 60;
  unsigned threads = 2;
  std::uint64_t seed = 1;
  bool processor_time = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const double value = i + 1 < argc ? std::strtod(argv[i + 1], nullptr) : 0;
    if (name == "--processor-time") processor_time = true;
    if (name == "--seconds") seconds = value;
    if (name == "--long") long_seconds = value;
    if (name == "--threads") threads = unsigned(value);
    if (name == "--seed") seed = std::uint64_t(value);
  }
  const base::WallClock wall;
  const ProcessorClock processor(threads);
  Options options;
  options.lanes = threads;
  options.seed = seed;
  options.clock = processor_time ? static_cast<const base::Clock*>(&processor) : &wall;
  const Case fresh{"from nothing", city(seed)};
  Options before = options;
  before.time = base::Duration(std::int64_t(seconds * 1e6));
  const Case changed = disturbed(fresh.problem, before);
  for (const Case* it : {&fresh, &changed})
    for (const double time : {seconds / 4, seconds / 2, seconds, long_seconds}) run(*it, options, time);
}
