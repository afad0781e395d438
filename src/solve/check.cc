#include "solve/check.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace cityloop::solve {
namespace {

// Off by what sums of doubles lose, and no more.
bool differs(double a, double b) {
  return !(std::abs(a - b) <= 1e-6 * std::max({1.0, std::abs(a), std::abs(b)}));
}
bool exceeds(double a, double b) {
  return a > b && differs(a, b);
}

class Checker {
 public:
  Checker(const Problem& problem, const Plan& plan) : problem_(problem), plan_(plan) {}
  std::vector<Violation> run();

 private:
  template <class... Args>
  void found(Breach breach, std::optional<VehicleIndex> v, std::optional<TaskIndex> t,
             fmt::format_string<Args...> format, Args&&... args) {
    out_.push_back({breach, v, t, fmt::format(format, std::forward<Args>(args)...)});
  }
  bool known(const Route&);
  void count();
  void check_route(const Route&);
  void check_stop(VehicleIndex, const Stop&, double arrive_s, bool frozen);
  void check_frozen(const Route&);
  void check_totals();

  const Problem& problem_;
  const Plan& plan_;
  std::vector<Violation> out_;
  std::vector<std::uint32_t> done_;
  double distance_m_{}, cost_m_{};
};

bool Checker::known(const Route& route) {
  if (route.vehicle >= problem_.vehicles.size()) {
    found(Breach::unknown_vehicle, route.vehicle, {}, "there is no vehicle {}", route.vehicle);
    return false;
  }
  bool all = true;
  for (const Stop& stop : route.stops) {
    if (stop.task < problem_.tasks.size()) continue;
    found(Breach::unknown_task, route.vehicle, stop.task, "there is no task {}", stop.task);
    all = false;
  }
  return all;
}

void Checker::count() {
  done_.assign(problem_.tasks.size(), 0);
  std::vector<std::uint32_t> used(problem_.vehicles.size());
  for (const Route& route : plan_.routes) {
    if (route.vehicle < used.size() && ++used[route.vehicle] == 2)
      found(Breach::vehicle_twice, route.vehicle, {}, "vehicle {} has more than one route", route.vehicle);
    for (const Stop& stop : route.stops)
      if (stop.task < done_.size() && ++done_[stop.task] == 2)
        found(Breach::task_twice, route.vehicle, stop.task, "task {} is done more than once", stop.task);
  }
  for (const Undone& undone : plan_.undone) {
    if (undone.task >= done_.size()) {
      found(Breach::unknown_task, {}, undone.task, "there is no task {}", undone.task);
    } else if (++done_[undone.task] >= 2) {
      found(Breach::task_twice, {}, undone.task, "task {} is called undone, and is in the plan besides", undone.task);
    }
  }
  for (TaskIndex t = 0; t < done_.size(); ++t)
    if (done_[t] == 0) found(Breach::task_missing, {}, t, "task {} is neither done nor called undone", t);
}

void Checker::check_stop(VehicleIndex v, const Stop& stop, double arrive_s, bool frozen) {
  const Task& task = problem_.tasks[stop.task];
  const double begin_s = std::max(arrive_s, task.open_s);
  if (arrive_s == kNoWay) found(Breach::no_way, v, stop.task, "no way leads vehicle {} to task {}", v, stop.task);
  if (!frozen && exceeds(begin_s, task.close_s))
    found(Breach::too_late, v, stop.task, "task {} begins at {} s, its window ends at {} s", stop.task, begin_s,
          task.close_s);
  if ((task.skills & ~problem_.vehicles[v].skills) != 0 && !frozen)
    found(Breach::skills, v, stop.task, "vehicle {} lacks skills for task {}", v, stop.task);
  if (task.only && *task.only != v)
    found(Breach::wrong_vehicle, v, stop.task, "task {} is for vehicle {} alone", stop.task, *task.only);
  if (differs(stop.arrive_s, arrive_s) || differs(stop.begin_s, begin_s) ||
      differs(stop.depart_s, begin_s + task.service_s))
    found(Breach::wrong_time, v, stop.task,
          "task {} is said to be reached, begun and left at {}, {} and {} s; it is {}, {} and {} s", stop.task,
          stop.arrive_s, stop.begin_s, stop.depart_s, arrive_s, begin_s, begin_s + task.service_s);
}

void Checker::check_frozen(const Route& route) {
  const auto& frozen = problem_.vehicles[route.vehicle].frozen;
  for (std::size_t i = 0; i < frozen.size(); ++i)
    if (i >= route.stops.size() || route.stops[i].task != frozen[i])
      found(Breach::frozen, route.vehicle, frozen[i], "task {} is frozen as number {} of vehicle {}", frozen[i], i + 1,
            route.vehicle);
}

void Checker::check_route(const Route& route) {
  const VehicleIndex v = route.vehicle;
  const Vehicle& vehicle = problem_.vehicles[v];
  double now_s = vehicle.from_s, distance_m = 0, load = 0;
  bool any_free = false;
  PlaceIndex place = vehicle.start;
  for (std::size_t i = 0; i < route.stops.size(); ++i) {
    const Stop& stop = route.stops[i];
    const Task& task = problem_.tasks[stop.task];
    const bool frozen = i < vehicle.frozen.size();
    any_free |= !frozen;
    const double arrive_s = now_s + problem_.travel.time_s(place, task.place);
    check_stop(v, stop, arrive_s, frozen);
    now_s = std::max(arrive_s, task.open_s) + task.service_s;
    distance_m += problem_.travel.distance_m(place, task.place);
    load += task.load;
    place = task.place;
    if (task.holder && *task.holder != v) cost_m_ += problem_.change_m;
  }
  if (vehicle.end) {
    now_s += problem_.travel.time_s(place, *vehicle.end);
    distance_m += problem_.travel.distance_m(place, *vehicle.end);
  }
  if (any_free && exceeds(now_s, vehicle.until_s))
    found(Breach::shift, v, {}, "vehicle {} ends at {} s, its shift at {} s", v, now_s, vehicle.until_s);
  if (any_free && exceeds(load, vehicle.capacity))
    found(Breach::capacity, v, {}, "vehicle {} carries {}, which is more than {}", v, load, vehicle.capacity);
  if (differs(route.end_s, now_s))
    found(Breach::wrong_time, v, {}, "vehicle {} ends at {} s, not at {}", v, now_s, route.end_s);
  if (differs(route.distance_m, distance_m))
    found(Breach::wrong_total, v, {}, "vehicle {} goes {} m, not {}", v, distance_m, route.distance_m);
  if (differs(route.load, load))
    found(Breach::wrong_total, v, {}, "vehicle {} carries {}, not {}", v, load, route.load);
  distance_m_ += distance_m;
  cost_m_ += distance_m + vehicle.fixed_m;
}

void Checker::check_totals() {
  double undone_weight = 0;
  for (const Undone& undone : plan_.undone)
    if (undone.task < problem_.tasks.size()) undone_weight += problem_.tasks[undone.task].weight;
  if (differs(plan_.distance_m, distance_m_))
    found(Breach::wrong_total, {}, {}, "the plan's ways are {} m, not {}", distance_m_, plan_.distance_m);
  if (differs(plan_.cost_m, cost_m_))
    found(Breach::wrong_total, {}, {}, "the plan costs {} m, not {}", cost_m_, plan_.cost_m);
  if (differs(plan_.undone_weight, undone_weight))
    found(Breach::wrong_total, {}, {}, "what is undone weighs {}, not {}", undone_weight, plan_.undone_weight);
}

std::vector<Violation> Checker::run() {
  count();
  bool all_known = true;
  std::vector<bool> has_route(problem_.vehicles.size());
  for (const Route& route : plan_.routes) {
    const bool sound = known(route);
    all_known &= sound;
    if (route.vehicle < has_route.size()) has_route[route.vehicle] = true;
    if (!sound) continue;
    check_frozen(route);
    check_route(route);
  }
  for (VehicleIndex v = 0; v < has_route.size(); ++v)
    if (!has_route[v] && !problem_.vehicles[v].frozen.empty())
      found(Breach::frozen, v, problem_.vehicles[v].frozen[0], "vehicle {} has frozen tasks and no route", v);
  if (all_known) check_totals();
  return std::move(out_);
}

}  // namespace

std::string_view to_string(Breach breach) {
  switch (breach) {
    case Breach::unknown_task: return "unknown_task";
    case Breach::unknown_vehicle: return "unknown_vehicle";
    case Breach::vehicle_twice: return "vehicle_twice";
    case Breach::task_twice: return "task_twice";
    case Breach::task_missing: return "task_missing";
    case Breach::too_late: return "too_late";
    case Breach::shift: return "shift";
    case Breach::capacity: return "capacity";
    case Breach::skills: return "skills";
    case Breach::wrong_vehicle: return "wrong_vehicle";
    case Breach::frozen: return "frozen";
    case Breach::no_way: return "no_way";
    case Breach::wrong_time: return "wrong_time";
    case Breach::wrong_total: return "wrong_total";
  }
  return "unknown";
}

std::vector<Violation> check(const Problem& problem, const Plan& plan) {
  return Checker(problem, plan).run();
}

}  // namespace cityloop::solve
