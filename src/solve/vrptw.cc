#include "solve/vrptw.h"

#include <cmath>

namespace cityloop::solve {
namespace {

using base::Errc;
using base::fail;

bool sound(double v) {  // a time or an amount, for ever allowed
  return v >= 0;        // not NaN either
}
bool finite(double v) {
  return v >= 0 && v < kForever_s;
}

base::Status validate_task(const Problem& problem, std::size_t i) {
  const Task& task = problem.tasks[i];
  if (task.place >= problem.travel.places()) return fail(Errc::invalid, "task {}: no place {}", i, task.place);
  if (!finite(task.open_s)) return fail(Errc::invalid, "task {}: its window opens at {}", i, task.open_s);
  if (!sound(task.close_s)) return fail(Errc::invalid, "task {}: its window closes at {}", i, task.close_s);
  if (!finite(task.service_s)) return fail(Errc::invalid, "task {}: takes {} s", i, task.service_s);
  if (!finite(task.load)) return fail(Errc::invalid, "task {}: a load of {}", i, task.load);
  if (!finite(task.weight) || task.weight == 0) return fail(Errc::invalid, "task {}: a weight of {}", i, task.weight);
  for (const auto& vehicle : {task.only, task.holder})
    if (vehicle && *vehicle >= problem.vehicles.size())
      return fail(Errc::invalid, "task {}: no vehicle {}", i, *vehicle);
  return {};
}

base::Status validate_vehicle(const Problem& problem, std::size_t v, std::vector<bool>& frozen) {
  const Vehicle& vehicle = problem.vehicles[v];
  const std::size_t places = problem.travel.places();
  if (vehicle.start >= places) return fail(Errc::invalid, "vehicle {}: no place {}", v, vehicle.start);
  if (vehicle.end && *vehicle.end >= places) return fail(Errc::invalid, "vehicle {}: no place {}", v, *vehicle.end);
  if (!finite(vehicle.from_s)) return fail(Errc::invalid, "vehicle {}: its shift begins at {}", v, vehicle.from_s);
  if (!sound(vehicle.until_s)) return fail(Errc::invalid, "vehicle {}: its shift ends at {}", v, vehicle.until_s);
  if (!sound(vehicle.capacity)) return fail(Errc::invalid, "vehicle {}: a capacity of {}", v, vehicle.capacity);
  if (!finite(vehicle.fixed_m)) return fail(Errc::invalid, "vehicle {}: a fixed cost of {}", v, vehicle.fixed_m);
  for (const TaskIndex task : vehicle.frozen) {
    if (task >= problem.tasks.size()) return fail(Errc::invalid, "vehicle {}: no task {} to be frozen", v, task);
    if (frozen[task]) return fail(Errc::invalid, "task {} is frozen twice", task);
    if (const auto& only = problem.tasks[task].only; only && *only != v)
      return fail(Errc::invalid, "task {} is frozen for vehicle {} and only for vehicle {}", task, v, *only);
    frozen[task] = true;
  }
  return {};
}

}  // namespace

base::Status validate(const Problem& problem) {
  constexpr std::size_t kMost = 8000;  // the search keeps tables of all pairs
  if (problem.tasks.size() > kMost || problem.vehicles.size() > kMost)
    return fail(Errc::full, "{} tasks and {} vehicles are more than {}", problem.tasks.size(), problem.vehicles.size(),
                kMost);
  if (!finite(problem.change_m)) return fail(Errc::invalid, "a change of holder costs {}", problem.change_m);
  for (std::size_t i = 0; i < problem.tasks.size(); ++i) TRY(validate_task(problem, i));
  std::vector<bool> frozen(problem.tasks.size());
  for (std::size_t v = 0; v < problem.vehicles.size(); ++v) TRY(validate_vehicle(problem, v, frozen));
  if (problem.routes.size() > problem.vehicles.size())
    return fail(Errc::invalid, "{} routes to begin with for {} vehicles", problem.routes.size(),
                problem.vehicles.size());
  for (const auto& route : problem.routes)
    for (const TaskIndex task : route)
      if (task >= problem.tasks.size()) return fail(Errc::invalid, "no task {} to begin with", task);
  return {};
}

std::string_view text_zh(Reason reason) {
  switch (reason) {
    case Reason::window_empty: return "时间窗为空：最晚时间早于最早时间";
    case Reason::no_skill: return "没有具备全部所需技能且可承担此任务的班组";
    case Reason::too_large: return "超出可承担班组的装载能力";
    case Reason::unreachable: return "没有道路可以到达或返回";
    case Reason::too_late: return "没有班组能在时间窗结束前到达";
    case Reason::shift_over: return "能开工，但无法在班次结束前完工并返回";
    case Reason::no_room: return "单独可以完成，但现有计划已无余量";
  }
  return "";
}

std::string_view text_en(Reason reason) {
  switch (reason) {
    case Reason::window_empty: return "its time window ends before it begins";
    case Reason::no_skill: return "no crew that may do it has all the skills it needs";
    case Reason::too_large: return "it is more than a crew that may do it can carry";
    case Reason::unreachable: return "no way leads there, or back";
    case Reason::too_late: return "no crew can be there before its time window ends";
    case Reason::shift_over: return "it could be begun, but not ended within any shift";
    case Reason::no_room: return "by itself it could be done, but not beside what the plan holds";
  }
  return "";
}

}  // namespace cityloop::solve
