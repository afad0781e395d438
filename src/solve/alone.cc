#include "solve/alone.h"

#include <algorithm>

namespace cityloop::solve {

std::vector<AfterFrozen> after_frozen(const Problem& problem) {
  std::vector<AfterFrozen> after;
  for (const Vehicle& vehicle : problem.vehicles) {
    AfterFrozen now{vehicle.start, vehicle.from_s, 0};
    for (const TaskIndex index : vehicle.frozen) {
      const Task& task = problem.tasks[index];
      now.ready_s = std::max(now.ready_s + problem.travel.time_s(now.place, task.place), task.open_s) + task.service_s;
      now.place = task.place;
      now.load += task.load;
    }
    after.push_back(now);
  }
  return after;
}

namespace {

// How far one vehicle would get with one task; no_room stands for "to the end".
Reason how_far(const Problem& problem, VehicleIndex v, const AfterFrozen& from, TaskIndex index) {
  constexpr double kTolerance = 1e-6;
  const Task& task = problem.tasks[index];
  const Vehicle& vehicle = problem.vehicles[v];
  if ((task.skills & ~vehicle.skills) != 0 || (task.only && *task.only != v)) return Reason::no_skill;
  if (from.load + task.load > vehicle.capacity + kTolerance) return Reason::too_large;
  const double there_s = problem.travel.time_s(from.place, task.place);
  const double home_s = vehicle.end ? problem.travel.time_s(task.place, *vehicle.end) : 0;
  if (from.ready_s + there_s + home_s == kNoWay) return Reason::unreachable;
  const double begin_s = std::max(from.ready_s + there_s, task.open_s);
  if (begin_s > task.close_s + kTolerance) return Reason::too_late;
  if (begin_s + task.service_s + home_s > vehicle.until_s + kTolerance) return Reason::shift_over;
  return Reason::no_room;
}

}  // namespace

std::optional<Reason> why_never(const Problem& problem, const std::vector<AfterFrozen>& after, TaskIndex index) {
  const Task& task = problem.tasks[index];
  if (task.close_s < task.open_s) return Reason::window_empty;
  Reason furthest = Reason::no_skill;
  for (VehicleIndex v = 0; v < problem.vehicles.size(); ++v) {
    furthest = std::max(furthest, how_far(problem, v, after[v], index));
    if (furthest == Reason::no_room) return std::nullopt;
  }
  return furthest;
}

}  // namespace cityloop::solve
