#include "solve/model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "solve/alone.h"

namespace cityloop::solve {
namespace {

constexpr std::size_t kNear = 40;
constexpr std::size_t kAround = 120;
constexpr std::size_t kKindsNear = 12;
constexpr double kLoadScale = 1000;
constexpr double kHair = 1e-3;  // of a tick: what doubles lose in sums is no reason to round to the next one

// The greatest power of ten that keeps `largest` under `bound`; no finer than a ten thousandth.
double scale_for(double largest, double bound) {
  double scale = 1e4;
  while (largest * scale > bound) scale /= 10;
  return scale;
}

double largest_way(const Problem& problem, bool distance) {
  double largest = 0;
  const Travel& travel = problem.travel;
  for (PlaceIndex a = 0; a < travel.places(); ++a) {
    for (PlaceIndex b = 0; b < travel.places(); ++b) {
      const double way = distance ? travel.distance_m(a, b) : travel.time_s(a, b);
      if (way != kNoWay) largest = std::max(largest, way);
    }
  }
  return largest;
}

std::int64_t load_of(double load) {
  return load >= 1e15 ? std::int64_t(1e18) : std::llround(load * kLoadScale);
}

// Every row with the `count` best columns by `value`, best first; infinite ones are left out and -1 fills up.
template <class Value>
void keep_best(std::span<const Node> candidates, std::size_t count, std::vector<std::pair<double, Node>>& scratch,
               Node* out, Value value) {
  scratch.clear();
  for (const Node candidate : candidates) {
    const double v = value(candidate);
    if (v != kNoWay) scratch.emplace_back(v, candidate);
  }
  const std::size_t kept = std::min(count, scratch.size());
  std::partial_sort(scratch.begin(), scratch.begin() + std::ptrdiff_t(kept), scratch.end());
  for (std::size_t i = 0; i < count; ++i) out[i] = i < kept ? scratch[i].second : -1;
}

}  // namespace

// Where tours begin and end, each once: a place to leave from, a place to come to, or nowhere (tours that stay open).
struct Model::Depots {
  static constexpr std::int64_t kNowhere = -1;
  std::map<std::int64_t, int> row_of;
  std::vector<std::int64_t> place_of;  // by row - tasks
  std::vector<AfterFrozen> after;      // by vehicle
};

Model::Model(const Problem& problem) : tasks(int(problem.tasks.size())), vehicles(int(problem.vehicles.size())) {
  Depots depots;
  depots.after = after_frozen(problem);
  choose_scales(problem);
  take_tasks(problem);
  std::vector<bool> frozen(problem.tasks.size());
  for (const Vehicle& vehicle : problem.vehicles)
    for (const TaskIndex task : vehicle.frozen) frozen[task] = true;
  for (TaskIndex t = 0; t < problem.tasks.size(); ++t)
    if (!frozen[t] && !why_never(problem, depots.after, t)) free.push_back(Node(t));
  take_vehicles(problem, depots);
  fill_tables(problem, depots);
  take_costs(problem);
  find_kinds(problem, depots);
  find_neighbours();
  find_kinds_near();
}

Ticks Model::ticks_up(double seconds) const {
  return seconds * time_scale >= kHorizon ? kHorizon : Ticks(std::ceil(seconds * time_scale - kHair));
}

Ticks Model::ticks_down(double seconds) const {
  return seconds * time_scale >= kHorizon ? kHorizon : Ticks(std::floor(seconds * time_scale + kHair));
}

void Model::choose_scales(const Problem& problem) {
  const double way_s = largest_way(problem, false);
  double last_s = 0, work_s = 0, longest_s = 0;
  bool tasks_end = true, shifts_end = true;
  for (const Task& task : problem.tasks) {
    last_s = std::max({last_s, task.open_s, task.close_s == kForever_s ? 0 : task.close_s});
    tasks_end &= task.close_s != kForever_s;
    longest_s = std::max(longest_s, task.service_s);
    work_s += task.service_s + way_s;
  }
  for (const Vehicle& vehicle : problem.vehicles) {
    last_s = std::max({last_s, vehicle.from_s, vehicle.until_s == kForever_s ? 0 : vehicle.until_s});
    shifts_end &= vehicle.until_s != kForever_s;
  }
  last_s += way_s + longest_s + (tasks_end || shifts_end ? 0 : work_s);
  time_scale = scale_for(last_s, double(kHorizon) / 2);
  cost_scale =
      problem.travel.time_is_distance() ? time_scale : scale_for(largest_way(problem, true), double(kHorizon) / 4);
}

void Model::take_tasks(const Problem& problem) {
  for (const Task& task : problem.tasks) {
    open.push_back(ticks_up(task.open_s));
    close.push_back(ticks_down(task.close_s));
    service.push_back(ticks_up(task.service_s));
    load.push_back(load_of(task.load));
    needs.push_back(task.skills);
    only.push_back(task.only ? int(*task.only) : -1);
    holder.push_back(task.holder ? int(*task.holder) : -1);
    weight.push_back(task.weight);
  }
}

void Model::take_vehicles(const Problem& problem, Depots& depots) {
  const auto row_for = [&](std::int64_t place) {
    const auto [at, fresh] = depots.row_of.try_emplace(place, tasks + int(depots.place_of.size()));
    if (fresh) depots.place_of.push_back(place);
    return at->second;
  };
  row.resize(std::size_t(tasks) + 2 * std::size_t(vehicles));
  std::iota(row.begin(), row.begin() + tasks, 0);
  for (int v = 0; v < vehicles; ++v) {
    const Vehicle& vehicle = problem.vehicles[std::size_t(v)];
    const AfterFrozen& after = depots.after[std::size_t(v)];
    const bool stuck = after.ready_s == kNoWay;
    row[std::size_t(start_of(v))] = row_for(after.place);
    row[std::size_t(end_of(v))] = row_for(vehicle.end ? std::int64_t(*vehicle.end) : Depots::kNowhere);
    ready.push_back(stuck ? kHorizon : ticks_up(after.ready_s));
    until.push_back(stuck ? -1 : ticks_down(vehicle.until_s));
    capacity.push_back(load_of(vehicle.capacity) - load_of(after.load));
    skills.push_back(vehicle.skills);
    fixed.push_back(vehicle.frozen.empty() ? std::llround(vehicle.fixed_m * cost_scale) : 0);
  }
  rows_ = std::size_t(tasks) + depots.place_of.size();
}

void Model::fill_tables(const Problem& problem, const Depots& depots) {
  const Travel& travel = problem.travel;
  std::vector<std::int64_t> place;
  for (const Task& task : problem.tasks) place.push_back(task.place);
  place.insert(place.end(), depots.place_of.begin(), depots.place_of.end());
  const auto table = [&](bool distance, bool back) {
    std::vector<Ticks> out(rows_ * rows_);
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t j = 0; j < rows_; ++j) {
        const std::int64_t from = place[back ? j : i], to = place[back ? i : j];
        double way = 0;
        if (from != Depots::kNowhere && to != Depots::kNowhere) {
          way = distance ? travel.distance_m(PlaceIndex(from), PlaceIndex(to))
                         : travel.time_s(PlaceIndex(from), PlaceIndex(to));
        }
        const double scaled = way * (distance ? cost_scale : time_scale);
        out[i * rows_ + j] = way == kNoWay        ? kFar
                             : distance           ? Ticks(std::lround(scaled))
                             : scaled >= kHorizon ? kFar
                                                  : Ticks(std::ceil(scaled - kHair));
      }
    }
    return out;
  };
  time_ = table(false, false);
  time_back_ = table(false, true);
  if (time_back_ == time_) time_back_.clear();
  if (travel.time_is_distance()) return;
  cost_ = table(true, false);
  cost_back_ = table(true, true);
  // An empty way back stands for "as there", of costs as of times.
  if (cost_back_ == cost_) cost_back_.clear();
}

void Model::take_costs(const Problem& problem) {
  Cost most = 0;
  for (int v = 0; v < vehicles; ++v) {
    const Vehicle& vehicle = problem.vehicles[std::size_t(v)];
    idle.push_back(vehicle.frozen.empty() ? 0 : cost_from(start_of(v))[row[std::size_t(end_of(v))]]);
    most = std::max(most, fixed.back());
  }
  for (const Ticks way : cost_there())
    if (way != kFar) most = std::max<Cost>(most, way);
  change = std::llround(problem.change_m * cost_scale);
  for (const Cost one : fixed) most = std::max(most, one);
  const double detour = 4 * double(most) + double(change) + 1;
  for (const Task& task : problem.tasks) undone.push_back(std::llround(detour * task.weight));
  remote.assign(std::size_t(tasks), kFar);
  for (Node task = 0; task < tasks; ++task)
    for (int v = 0; v < vehicles; ++v)
      remote[std::size_t(task)] = std::min(remote[std::size_t(task)], cost_to(task)[row[std::size_t(start_of(v))]]);
}

void Model::find_kinds(const Problem& problem, const Depots&) {
  std::vector<bool> named(std::size_t(vehicles), false);
  for (const Task& task : problem.tasks) {
    if (task.only) named[*task.only] = true;
    if (task.holder) named[*task.holder] = true;
  }
  std::map<std::tuple<int, int, Ticks, Ticks, std::int64_t, Skills, Cost, Cost, int>, int> seen;
  for (int v = 0; v < vehicles; ++v) {
    const auto i = std::size_t(v);
    const bool own = named[i] || !problem.vehicles[i].frozen.empty();
    const auto key = std::tuple(row[std::size_t(start_of(v))], row[std::size_t(end_of(v))], ready[i], until[i],
                                capacity[i], skills[i], fixed[i], idle[i], own ? v : -1);
    kind.push_back(seen.try_emplace(key, int(seen.size())).first->second);
  }
  kinds = int(seen.size());
}

// Vidal's measure: the way, a little for waiting that cannot be avoided; never what cannot be in time.
double Model::nearness(Node a, Node b) const {
  constexpr double kWaiting = 0.2;
  const auto i = std::size_t(a), j = std::size_t(b);
  const double way = time_from(a)[row[j]];
  if (double(open[i]) + service[i] + way > close[j]) return kNoWay;
  const double waits = std::max(0.0, double(open[j]) - (double(close[i]) + service[i] + way));
  return double(cost_from(a)[row[j]]) / cost_scale + kWaiting * waits / time_scale;
}

void Model::find_neighbours() {
  near = std::min(kNear, free.size());
  width = std::min(kAround, free.size());
  before_.assign(std::size_t(tasks) * near, -1);
  after_ = before_;
  around_.assign(std::size_t(tasks) * width, -1);
  std::vector<std::pair<double, Node>> scratch;
  for (const Node c : free) {
    const auto i = std::size_t(c);
    const auto other = [c](Node n, double value) { return n == c ? kNoWay : value; };
    keep_best(free, near, scratch, &before_[i * near], [&](Node n) { return other(n, nearness(n, c)); });
    keep_best(free, near, scratch, &after_[i * near], [&](Node n) { return other(n, nearness(c, n)); });
    keep_best(free, width, scratch, &around_[i * width], [&](Node n) { return double(cost_from(c)[n]); });
  }
}

void Model::find_kinds_near() {
  kinds_width = std::min<std::size_t>(kKindsNear, std::size_t(kinds));
  kinds_near_.assign(std::size_t(tasks) * kinds_width, -1);
  std::vector<int> example(std::size_t(kinds), -1);
  for (int v = vehicles - 1; v >= 0; --v) example[std::size_t(kind[std::size_t(v)])] = v;
  std::vector<Node> all(std::size_t(kinds), 0);
  std::iota(all.begin(), all.end(), 0);
  std::vector<std::pair<double, Node>> scratch;
  for (const Node c : free) {
    keep_best(all, kinds_width, scratch, &kinds_near_[std::size_t(c) * kinds_width], [&](Node k) {
      const int v = example[std::size_t(k)];
      const auto from = std::size_t(start_of(v)), to = std::size_t(end_of(v));
      if (!may(v, c) || load[std::size_t(c)] > capacity[std::size_t(v)]) return kNoWay;
      const double begin =
          std::max<double>(double(ready[std::size_t(v)]) + time_to(c)[row[from]], open[std::size_t(c)]);
      if (begin > close[std::size_t(c)]) return kNoWay;
      if (begin + service[std::size_t(c)] + time_from(c)[row[to]] > until[std::size_t(v)]) return kNoWay;
      return double(cost_to(c)[row[from]]) + double(cost_from(c)[row[to]]) + double(fixed[std::size_t(v)]);
    });
  }
}

}  // namespace cityloop::solve
