#include "app/route_command.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <thread>

#include "base/file.h"
#include "base/json_writer.h"
#include "solve/check.h"
#include "solve/instance_file.h"
#include "solve/processor_clock.h"
#include "solve/solver.h"

namespace cityloop::app {
namespace {

// The same routes under both conventions, and how many constraints they break.
struct Counted {
  std::size_t vehicles{};
  double exact{}, tenths{};
  std::size_t broken_exact{}, broken_tenths{};
};

struct Read {
  solve::Instance exact, tenths;

  Counted count(const std::vector<std::vector<solve::TaskIndex>>& routes) const {
    const solve::Plan by_exact = solve::schedule(exact.problem, routes),
                      by_tenths = solve::schedule(tenths.problem, routes);
    return {by_exact.routes.size(), by_exact.distance_m, by_tenths.distance_m,
            solve::check(exact.problem, by_exact).size() + by_exact.undone.size(),
            solve::check(tenths.problem, by_tenths).size() + by_tenths.undone.size()};
  }
};

base::Result<Counted> best_known(const Read& read, const std::string& file) {
  const solve::Solution best = TRY(solve::read_solution(file));
  const std::size_t tasks = read.exact.problem.tasks.size();
  std::vector<bool> seen(tasks);
  for (const auto& route : best.routes) {
    for (const solve::TaskIndex task : route) {
      if (task >= tasks) return base::fail(base::Errc::invalid, "{}: there is no customer {}", file, task + 1);
      if (seen[task]) return base::fail(base::Errc::invalid, "{}: customer {} is served twice", file, task + 1);
      seen[task] = true;
    }
  }
  if (best.routes.size() > read.exact.problem.vehicles.size())
    return base::fail(base::Errc::invalid, "{}: {} routes for {} vehicles", file, best.routes.size(),
                      read.exact.problem.vehicles.size());
  return read.count(best.routes);
}

// A vehicle more is worth a little way, so that of plans nearly as short the one with fewer vehicles is taken.
void charge_vehicles(solve::Problem& problem) {
  constexpr double kShare = 0.25;  // of the mean way from the depot
  double sum_m = 0;
  for (const solve::Task& task : problem.tasks)
    sum_m += problem.travel.distance_m(problem.vehicles[0].start, task.place);
  const double charge_m = problem.tasks.empty() ? 0 : kShare * sum_m / double(problem.tasks.size());
  for (solve::Vehicle& vehicle : problem.vehicles) vehicle.fixed_m = charge_m;
}

double gap_percent(double ours, double theirs) {
  return theirs > 0 ? 100 * (ours / theirs - 1) : 0;
}

void tell(const solve::Progress& progress) {
  fmt::print(stderr, "\r{:5.1f} s  {:3.0f} %  {:>9} iterations  {:>4} vehicles  {:>12.1f} m  {} undone ",
             double(progress.elapsed.count()) / 1e6, 100 * progress.done, progress.iterations, progress.vehicles,
             progress.cost_m, progress.undone);
}

std::string json(const std::string& name, const Counted& ours, const std::optional<Counted>& theirs,
                 const solve::Progress& at) {
  base::JsonWriter w;
  w.object()
      .field("instance", name)
      .field("vehicles", ours.vehicles)
      .field("distance", ours.exact)
      .field("distance_tenths", ours.tenths);
  w.field("seconds", double(at.elapsed.count()) / 1e6).field("iterations", at.iterations);
  w.field("broken", ours.broken_exact).field("broken_tenths", ours.broken_tenths);
  if (theirs) {
    w.field("best_vehicles", theirs->vehicles).field("best_distance_tenths", theirs->tenths);
    w.field("gap_percent", gap_percent(ours.tenths, theirs->tenths));
  }
  return w.end().take() + "\n";
}

std::string table(const std::string& name, const Counted& ours, const std::optional<Counted>& theirs,
                  const solve::Progress& at) {
  std::string out = fmt::format("{}: {:.1f} s, {} iterations\n", name, double(at.elapsed.count()) / 1e6, at.iterations);
  const auto row = [&](std::string_view whose, const Counted& c) {
    const auto holds = [](std::size_t broken) {
      return broken == 0 ? std::string("kept") : fmt::format("{} broken", broken);
    };
    out += fmt::format("{:<12} {:>8} {:>14.1f} {:>10} {:>16.1f} {:>10}\n", whose, c.vehicles, c.exact,
                       holds(c.broken_exact), c.tenths, holds(c.broken_tenths));
  };
  out += fmt::format("{:<12} {:>8} {:>14} {:>10} {:>16} {:>10}\n", "", "vehicles", "lines exact", "windows",
                     "lines to tenths", "windows");
  row("this plan", ours);
  if (!theirs) return out;
  row("best known", *theirs);
  out += fmt::format("{:<12} {:>+8} {:>+13.2f}% {:>10} {:>+15.2f}%\n", "difference",
                     std::int64_t(ours.vehicles) - std::int64_t(theirs->vehicles),
                     gap_percent(ours.exact, theirs->exact), "", gap_percent(ours.tenths, theirs->tenths));
  return out;
}

base::Result<solve::Solved> plan(const solve::Problem& problem, solve::Aim aim, const RouteOptions& options) {
  solve::Options how;
  how.aim = aim;
  how.seed = options.seed;
  how.lanes = std::clamp(options.threads ? options.threads : std::thread::hardware_concurrency(), 1u, 64u);
  const base::WallClock wall;
  const solve::ProcessorClock processor(how.lanes);
  const base::Clock& clock = options.processor_time ? static_cast<const base::Clock&>(processor) : wall;
  how.time = base::Duration(std::int64_t(options.seconds * 1e6));
  how.iterations_max = options.iterations;
  how.clock = &clock;
  base::Instant told = base::kNever;
  how.on_progress = [&](const solve::Progress& progress) {
    const base::Instant now = clock.now();
    if (options.quiet || (told != base::kNever && now - told < std::chrono::milliseconds(500))) return;
    told = now;
    tell(progress);
  };
  auto solved = solve::solve(problem, how);
  if (told != base::kNever) fmt::print(stderr, "\n");
  return solved;
}

}  // namespace

base::Status route(const RouteOptions& options) {
  const Read read{TRY(solve::read_instance(options.file, solve::Rounding::exact)),
                  TRY(solve::read_instance(options.file, solve::Rounding::tenths))};
  std::optional<Counted> theirs;
  if (!options.compare.empty()) theirs = TRY(best_known(read, options.compare));
  const bool vrplib = read.exact.form == solve::Form::vrplib;
  const bool tenths = options.lines.empty() ? vrplib : options.lines == "tenths";
  const bool distance = options.aim.empty() ? vrplib : options.aim == "distance";
  solve::Problem problem = tenths ? read.tenths.problem : read.exact.problem;
  charge_vehicles(problem);
  const solve::Solved solved = TRY(plan(problem, distance ? solve::Aim::distance : solve::Aim::vehicles, options));
  for (const solve::Violation& violation : solve::check(problem, solved.plan))
    return base::fail(base::Errc::conflict, "the plan is wrong: {}", violation.text);
  for (const solve::Undone& undone : solved.plan.undone)
    fmt::print(stderr, "customer {} is not served: {} / {}\n", undone.task + 1, solve::text_en(undone.reason),
               solve::text_zh(undone.reason));
  const std::string sol = solve::write_solution(solved.plan);
  if (!options.save.empty()) TRY(base::write_file_atomic(options.save, sol));
  const Counted ours = read.count(solve::routes_of(problem, solved.plan));
  if (options.json) {
    fmt::print("{}", json(read.exact.name, ours, theirs, solved.at));
  } else {
    fmt::print("{}{}", options.save.empty() ? sol : "", table(read.exact.name, ours, theirs, solved.at));
  }
  return {};
}

}  // namespace cityloop::app
