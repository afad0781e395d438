#include <algorithm>
#include <cassert>
#include <cmath>

#include "solve/alone.h"
#include "solve/vrptw.h"

namespace cityloop::solve {
namespace {

constexpr double kTolerance = 1e-6;

// One vehicle's tour with what is needed to judge an insertion: frozen tasks first, then those the plan gives it.
struct Tour {
  std::vector<Stop> stops;
  std::vector<double> latest_s;  // latest arrival at each stop
  std::size_t frozen{};
  double load{};
};

class Scheduler {
 public:
  explicit Scheduler(const Problem& problem) : problem_(problem), travel_(problem.travel) {}

  Plan plan(const std::vector<std::vector<TaskIndex>>& routes);

 private:
  const Task& task(TaskIndex i) const { return problem_.tasks[i]; }
  Tour tour(VehicleIndex, const std::vector<TaskIndex>&) const;
  void set_latest(VehicleIndex, Tour&) const;
  void set_detours(VehicleIndex, Tour&) const;
  double way_m(PlaceIndex from, std::optional<PlaceIndex> to) const { return to ? travel_.distance_m(from, *to) : 0; }
  double time_s(PlaceIndex from, std::optional<PlaceIndex> to) const { return to ? travel_.time_s(from, *to) : 0; }
  PlaceIndex place_before(VehicleIndex v, const Tour& tour, std::size_t position) const {
    return position == 0 ? problem_.vehicles[v].start : task(tour.stops[position - 1].task).place;
  }
  std::optional<PlaceIndex> place_at(VehicleIndex v, const Tour& tour, std::size_t position) const {
    if (position == tour.stops.size()) return problem_.vehicles[v].end;
    return task(tour.stops[position].task).place;
  }
  double extra_m(VehicleIndex, const Tour&, std::size_t position, TaskIndex) const;
  bool fits(VehicleIndex, const Tour&, std::size_t position, TaskIndex) const;
  std::optional<Alternative> instead(VehicleIndex own, TaskIndex) const;
  Route route(VehicleIndex, Tour&) const;
  double change_m(VehicleIndex v, TaskIndex t) const {
    return task(t).holder && *task(t).holder != v ? problem_.change_m : 0;
  }

  const Problem& problem_;
  const Travel& travel_;
  std::vector<Tour> tours_;
};

Tour Scheduler::tour(VehicleIndex v, const std::vector<TaskIndex>& given) const {
  const Vehicle& vehicle = problem_.vehicles[v];
  std::vector<TaskIndex> all(vehicle.frozen);
  all.insert(all.end(), given.begin(), given.end());
  Tour tour;
  tour.frozen = vehicle.frozen.size();
  PlaceIndex place = vehicle.start;
  double now_s = vehicle.from_s;
  for (const TaskIndex index : all) {
    Stop stop;
    stop.task = index;
    stop.arrive_s = now_s + travel_.time_s(place, task(index).place);
    stop.begin_s = std::max(stop.arrive_s, task(index).open_s);
    stop.depart_s = now_s = stop.begin_s + task(index).service_s;
    stop.frozen = tour.stops.size() < tour.frozen;
    stop.late_s = std::max(0.0, stop.begin_s - task(index).close_s);
    if (stop.late_s <= kTolerance) stop.late_s = 0;
    place = task(index).place;
    tour.load += task(index).load;
    tour.stops.push_back(stop);
  }
  set_latest(v, tour);
  set_detours(v, tour);
  return tour;
}

void Scheduler::set_latest(VehicleIndex v, Tour& tour) const {
  tour.latest_s.resize(tour.stops.size() + 1);
  tour.latest_s.back() = problem_.vehicles[v].until_s;
  for (std::size_t i = tour.stops.size(); i-- > 0;) {
    const Task& here = task(tour.stops[i].task);
    const double onward_s = here.service_s + time_s(here.place, place_at(v, tour, i + 1));
    // A frozen task that is late already does not make those before it late as well.
    const double close_s = tour.stops[i].late_s > 0 ? kForever_s : here.close_s;
    tour.latest_s[i] = std::min(close_s, tour.latest_s[i + 1] - onward_s);
    tour.stops[i].slack_s = std::max(0.0, tour.latest_s[i] - tour.stops[i].begin_s);
  }
}

void Scheduler::set_detours(VehicleIndex v, Tour& tour) const {
  for (std::size_t i = 0; i < tour.stops.size(); ++i) {
    const PlaceIndex before = place_before(v, tour, i), here = task(tour.stops[i].task).place;
    const auto after = place_at(v, tour, i + 1);
    const double without_m = tour.stops.size() == 1 ? 0 : way_m(before, after);
    tour.stops[i].detour_m = travel_.distance_m(before, here) + way_m(here, after) - without_m;
  }
}

double Scheduler::extra_m(VehicleIndex v, const Tour& tour, std::size_t position, TaskIndex index) const {
  const PlaceIndex before = place_before(v, tour, position), here = task(index).place;
  const auto after = place_at(v, tour, position);
  const double with_m = travel_.distance_m(before, here) + way_m(here, after) + change_m(v, index);
  return tour.stops.empty() ? with_m + problem_.vehicles[v].fixed_m : with_m - way_m(before, after);
}

bool Scheduler::fits(VehicleIndex v, const Tour& tour, std::size_t position, TaskIndex index) const {
  const Task& it = task(index);
  const double leaves_s = position == 0 ? problem_.vehicles[v].from_s : tour.stops[position - 1].depart_s;
  const double arrives_s = leaves_s + travel_.time_s(place_before(v, tour, position), it.place);
  if (arrives_s > it.close_s + kTolerance) return false;
  const double departs_s = std::max(arrives_s, it.open_s) + it.service_s;
  return departs_s + time_s(it.place, place_at(v, tour, position)) <= tour.latest_s[position] + kTolerance;
}

std::optional<Alternative> Scheduler::instead(VehicleIndex own, TaskIndex index) const {
  std::optional<Alternative> best;
  const Task& it = task(index);
  if (it.only) return best;
  for (VehicleIndex v = 0; v < tours_.size(); ++v) {
    const Vehicle& vehicle = problem_.vehicles[v];
    const Tour& tour = tours_[v];
    if (v == own || (it.skills & ~vehicle.skills) != 0 || tour.load + it.load > vehicle.capacity + kTolerance) continue;
    for (std::size_t position = tour.frozen; position <= tour.stops.size(); ++position) {
      const double cost_m = extra_m(v, tour, position, index);
      if ((!best || cost_m < best->extra_m) && fits(v, tour, position, index)) best = Alternative{v, cost_m};
    }
  }
  if (!best) return best;
  const Tour& mine = tours_[own];
  const auto stop = std::find_if(mine.stops.begin(), mine.stops.end(), [&](const Stop& s) { return s.task == index; });
  best->extra_m -=
      stop->detour_m + change_m(own, index) + (mine.stops.size() == 1 ? problem_.vehicles[own].fixed_m : 0);
  return best;
}

Route Scheduler::route(VehicleIndex v, Tour& tour) const {
  Route route;
  route.vehicle = v;
  route.load = tour.load;
  route.depart_s = problem_.vehicles[v].from_s;
  for (std::size_t i = 0; i <= tour.stops.size(); ++i)
    route.distance_m += way_m(place_before(v, tour, i), place_at(v, tour, i));
  for (Stop& stop : tour.stops)
    if (!stop.frozen) stop.instead = instead(v, stop.task);
  const Stop& last = tour.stops.back();
  route.end_s = last.depart_s + time_s(task(last.task).place, problem_.vehicles[v].end);
  route.stops = tour.stops;
  return route;
}

Plan Scheduler::plan(const std::vector<std::vector<TaskIndex>>& routes) {
  static const std::vector<TaskIndex> kNothing;
  std::vector<bool> done(problem_.tasks.size());
  for (VehicleIndex v = 0; v < problem_.vehicles.size(); ++v)
    tours_.push_back(tour(v, v < routes.size() ? routes[v] : kNothing));
  Plan plan;
  for (VehicleIndex v = 0; v < tours_.size(); ++v) {
    if (tours_[v].stops.empty()) continue;
    plan.routes.push_back(route(v, tours_[v]));
    plan.distance_m += plan.routes.back().distance_m;
    plan.cost_m += problem_.vehicles[v].fixed_m;
    for (const Stop& stop : tours_[v].stops) {
      done[stop.task] = true;
      plan.cost_m += change_m(v, stop.task);
    }
  }
  plan.cost_m += plan.distance_m;
  const std::vector<AfterFrozen> after = after_frozen(problem_);
  for (TaskIndex t = 0; t < problem_.tasks.size(); ++t) {
    if (done[t]) continue;
    plan.undone.push_back({t, why_never(problem_, after, t).value_or(Reason::no_room)});
    plan.undone_weight += task(t).weight;
  }
  return plan;
}

}  // namespace

Plan schedule(const Problem& problem, const std::vector<std::vector<TaskIndex>>& routes) {
  return Scheduler(problem).plan(routes);
}

}  // namespace cityloop::solve
