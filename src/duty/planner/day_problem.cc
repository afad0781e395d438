#include "duty/planner/day_problem.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "duty/planner/reasons.h"

namespace cityloop::duty {
namespace {

using flow::Overrule;
using flow::OverruleKind;
using solve::kForever_s;
using solve::TaskIndex;
using solve::VehicleIndex;

constexpr std::size_t kSkillsMax = 64;
constexpr double kLeft_s = 600;  // of begun work, at least

double seconds(Duration span) {
  return double(span.count()) / 1e6;
}

bool holds(const Overrule& one, Instant now) {
  return one.until == flow::kNever || one.until > now;
}

bool looks_after(const DayCrew& crew, const Work& work) {
  return std::ranges::any_of(crew.areas, [&](const std::string& area) {
    return area == work.area || (!area.empty() && work.cell.starts_with(area));
  });
}

// At a glance, without the sphere: a degree of latitude is a little more than 110 km.
bool surely_apart(geo::Position a, geo::Position b, double m) {
  return std::abs(a.lat_deg - b.lat_deg) * 110'000 > m;
}

}  // namespace

DayProblem::DayProblem(const DayInput& input) : input_(input), overrules_(input.overrules) {
  problem_.change_m = input.settings.change_m;
  take_crews();
  take_work();
  freeze_begun();
  freeze_orders();
  settle_overrules();
  guard_areas();
  share_out();
  begin_with_before();
  find_ways();
}

std::optional<VehicleIndex> DayProblem::vehicle_of(const std::string& crew) const {
  const auto found = vehicle_of_.find(crew);
  return found == vehicle_of_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<TaskIndex> DayProblem::task_of(flow::EntityId id) const {
  const auto found = task_of_.find(id);
  return found == task_of_.end() ? std::nullopt : std::optional(found->second);
}

const Overrule* DayProblem::overrule(OverruleKind kind, flow::EntityId task) const {
  const Overrule* newest = nullptr;
  for (const Overrule& one : overrules_) {
    if (one.kind == kind && one.task == task && holds(one, input_.now)) newest = &one;
  }
  return newest;
}

solve::PlaceIndex DayProblem::place(geo::Position at) {
  places_.push_back(at);
  return solve::PlaceIndex(places_.size() - 1);
}

solve::Skills DayProblem::bits_of(const std::vector<std::string>& skills, bool& known) {
  solve::Skills out = 0;
  for (const std::string& skill : skills) {
    const auto found = skill_bits_.find(skill);
    if (found == skill_bits_.end()) known = false;
    else out |= solve::Skills(1) << found->second;
  }
  return out;
}

// Only skills that some work asks for are counted.
void DayProblem::take_crews() {
  for (const DayWork& one : input_.work) {
    for (const std::string& skill : one.skills) {
      if (skill_bits_.size() < kSkillsMax) skill_bits_.try_emplace(skill, unsigned(skill_bits_.size()));
    }
  }
  std::set<std::string_view> out;
  for (Overrule& one : overrules_) {
    if (one.kind != OverruleKind::exclude_crew || !holds(one, input_.now)) continue;
    out.insert(one.crew);
    one.obeyed = true;
  }
  for (std::size_t i = 0; i < input_.crews.size(); ++i) {
    const DayCrew& crew = input_.crews[i];
    if (out.contains(crew.id) || crew.until <= input_.now) continue;
    solve::Vehicle vehicle;
    vehicle.start = place(crew.start);
    vehicle.end = place(crew.base);
    vehicle.from_s = std::max(0.0, seconds(crew.from - input_.now));
    vehicle.until_s = seconds(crew.until - input_.now);
    vehicle.capacity = crew.capacity;
    bool known = true;
    vehicle.skills = bits_of(crew.skills, known);
    vehicle_of_.try_emplace(crew.id, VehicleIndex(problem_.vehicles.size()));
    vehicles_.push_back(i);
    problem_.vehicles.push_back(std::move(vehicle));
  }
  if (problem_.vehicles.empty()) remarks_.push_back(reasons::nobody_on_duty());
}

void DayProblem::leave_undone(const Work& work, flow::Because reason) {
  undone_.push_back({work.id, std::move(reason), work.appointed});
}

void DayProblem::take_work() {
  std::size_t common = 0;
  for (std::size_t i = 0; i < input_.work.size(); ++i) {
    const std::size_t before = notes_.size();
    take_one(i);
    common += notes_.size() > before && input_.work[i].common_norm;
  }
  if (common) remarks_.push_back(reasons::common_norm(common));
}

void DayProblem::take_one(std::size_t at) {
  const DayWork& one = input_.work[at];
  const Work& work = one.work;
  if (work.is_begun()) {
    for (VehicleIndex v = 0; v < vehicles_.size(); ++v) {
      const DayCrew& crew = this->crew(v);
      const bool here = crew.from <= input_.now && std::ranges::find(crew.members, work.worker) != crew.members.end();
      if (!here) continue;
      add_task(at, work);
      problem_.tasks.back().only = v;
      return;
    }
    return;  // in the hands of somebody who is not planned for
  }
  if (work.standing != Standing::open) return;
  if (const Overrule* excluded = overrule(OverruleKind::exclude_case, work.id))
    return leave_undone(work, reasons::excluded(excluded->by));
  if (problem_.vehicles.empty()) return leave_undone(work, reasons::no_crew());
  if (!work.at) return leave_undone(work, reasons::no_place());
  bool known = true;
  bits_of(one.skills, known);
  if (!known) return leave_undone(work, reasons::skill_unknown(one.skills.front()));
  if (const Overrule* pin = overrule(OverruleKind::pin, work.id); pin && !vehicle_of(pin->crew)) {
    const auto crew = std::ranges::find(input_.crews, pin->crew, &DayCrew::id);
    const flow::Bilingual name = crew == input_.crews.end() ? flow::Bilingual{pin->crew, pin->crew} : crew->name;
    return leave_undone(work, reasons::pinned_off_duty(name));
  }
  add_task(at, work);
  set_crew(problem_.tasks.back(), notes_.back(), work);
}

void DayProblem::add_task(std::size_t at, const Work& work) {
  const DayWork& one = input_.work[at];
  const PlanningSettings& settings = input_.settings;
  solve::Task task;
  task.place = work.at ? place(*work.at) : solve::PlaceIndex{0};
  task.service_s = seconds(one.service);
  task.load = one.load;
  bool known = true;
  task.skills = work.is_begun() ? 0 : bits_of(one.skills, known);
  task.weight = settings.weight[std::size_t(work.severity)];
  if (work.overdue) task.weight *= settings.overdue;
  if (work.supervised) task.weight *= settings.supervised;
  set_window(task, one);
  TaskNote note;
  note.work = at;
  note.begun = work.is_begun();
  if (note.begun) {
    const double gone_s = seconds(input_.now - work.begun_at);
    task.service_s = std::max(kLeft_s, task.service_s - std::max(0.0, gone_s));
  }
  task_of_.emplace(work.id, TaskIndex(notes_.size()));
  problem_.tasks.push_back(task);
  notes_.push_back(std::move(note));
}

// Done by the deadline; what is late already, or would be even if it began at once, is begun soon.
void DayProblem::set_window(solve::Task& task, const DayWork& one) const {
  const Work& work = one.work;
  if (work.due_at == flow::kNever && !work.overdue) return;
  const double due_s = work.due_at == flow::kNever ? -1 : seconds(work.due_at - input_.now) - task.service_s;
  const bool late = work.overdue || due_s < 0;
  task.close_s = late ? seconds(input_.settings.late_within[std::size_t(work.severity)]) : due_s;
}

// Who is to do it, if anybody has said so: people by a pin, or an appointment that a plan made by itself leaves alone.
void DayProblem::set_crew(solve::Task& task, TaskNote& note, const Work& work) {
  if (const Overrule* pin = overrule(OverruleKind::pin, work.id)) {
    task.only = vehicle_of(pin->crew);
    task.skills = 0;  // who says so knows what the crew can do
    note.pinned_by = pin->by;
    return;
  }
  if (!work.crew.empty()) task.holder = vehicle_of(work.crew);
  if (work.appointed && !input_.by_person) task.only = task.holder;
}

// What has begun is done first, and the crew is there now.
void DayProblem::freeze_begun() {
  std::vector<TaskIndex> begun;
  for (TaskIndex task = 0; task < notes_.size(); ++task) {
    if (notes_[task].begun) begun.push_back(task);
  }
  std::ranges::stable_sort(begun, {}, [&](TaskIndex task) { return work(task).work.begun_at; });
  for (const TaskIndex task : begun) {
    solve::Task& one = problem_.tasks[task];
    solve::Vehicle& vehicle = problem_.vehicles[*one.only];
    if (!work(task).work.at) one.place = vehicle.start;
    if (vehicle.frozen.empty()) vehicle.start = one.place;
    one.close_s = kForever_s;
    vehicle.frozen.push_back(task);
  }
}

// Of two orders that name the same case the later one counts.
void DayProblem::freeze_orders() {
  std::set<TaskIndex> placed;
  for (auto one = overrules_.rbegin(); one != overrules_.rend(); ++one) {
    const auto vehicle = vehicle_of(one->crew);
    if (one->kind != OverruleKind::order || !vehicle || !holds(*one, input_.now)) continue;
    std::vector<TaskIndex> order;
    for (const flow::EntityId id : one->tasks) {
      const auto task = task_of(id);
      if (!task || notes_[*task].begun || !placed.insert(*task).second) continue;
      const auto& only = problem_.tasks[*task].only;
      if (!notes_[*task].pinned_by.empty() && only != vehicle) continue;  // pinned to another crew
      problem_.tasks[*task].only = vehicle;
      problem_.tasks[*task].skills = 0;
      notes_[*task].ordered = true;
      notes_[*task].ordered_by = one->by;
      order.push_back(*task);
    }
    auto& frozen = problem_.vehicles[*vehicle].frozen;
    const auto begun = std::ranges::count_if(frozen, [&](TaskIndex task) { return notes_[task].begun; });
    frozen.insert(frozen.begin() + begun, order.begin(), order.end());
    one->obeyed = !order.empty();
  }
}

// What was not obeyed says why; what has nothing left to hold for ends.
void DayProblem::settle_overrules() {
  const auto is_there = [&](flow::EntityId id) {
    return std::ranges::any_of(
        input_.work, [&](const DayWork& one) { return one.work.id == id && one.work.standing == Standing::open; });
  };
  std::erase_if(overrules_, [&](const Overrule& one) {
    if (!holds(one, input_.now)) return true;
    if (one.kind == OverruleKind::exclude_crew) return false;
    if (one.kind == OverruleKind::order) return std::ranges::none_of(one.tasks, is_there);
    return !is_there(one.task);
  });
  for (Overrule& one : overrules_) {
    one.reason = {};
    if (one.kind == OverruleKind::exclude_case) one.obeyed = true;
    if (one.kind == OverruleKind::pin) {
      const auto task = task_of(one.task);
      one.obeyed = task && problem_.tasks[*task].only == vehicle_of(one.crew);
    }
    const bool on_duty = one.kind == OverruleKind::exclude_case || one.kind == OverruleKind::exclude_crew ||
                         vehicle_of(one.crew).has_value();
    if (!one.obeyed) one.reason = on_duty ? reasons::not_planned() : reasons::crew_off_duty();
  }
}

// Crews that look after areas of their own do the work there and no other, where any of them is on duty; said by bits
// of skills, one for each place of responsibility.
void DayProblem::guard_areas() {
  if (!input_.settings.own_areas) return;
  std::map<std::vector<bool>, unsigned> sets;  // which crews look after a place, and the bit that stands for them
  std::size_t uncovered = 0;
  bool any = false;
  for (VehicleIndex v = 0; v < vehicles_.size(); ++v) any |= !crew(v).areas.empty();
  for (TaskIndex task = 0; any && task < notes_.size(); ++task) {
    if (notes_[task].begun || problem_.tasks[task].only) continue;
    std::vector<bool> theirs(vehicles_.size());
    bool covered = false;
    for (VehicleIndex v = 0; v < vehicles_.size(); ++v) {
      const bool own = looks_after(crew(v), work(task).work);
      theirs[v] = own || crew(v).areas.empty();
      covered |= own;
      notes_[task].in_area |= own;
    }
    const bool all = std::ranges::all_of(theirs, std::identity{});
    const bool able = [&] {
      for (VehicleIndex v = 0; v < vehicles_.size(); ++v) {
        const auto& needs = problem_.tasks[task].skills;
        if (theirs[v] && (needs & ~problem_.vehicles[v].skills) == 0) return true;
      }
      return false;
    }();
    uncovered += !covered && !able;
    if (all || !able) continue;
    const auto bit = unsigned(skill_bits_.size() + sets.size());
    if (!sets.contains(theirs) && bit >= kSkillsMax) continue;
    const auto [found, is_new] = sets.try_emplace(std::move(theirs), bit);
    if (is_new) {
      for (VehicleIndex v = 0; v < vehicles_.size(); ++v) {
        if (found->first[v]) problem_.vehicles[v].skills |= solve::Skills(1) << bit;
      }
    }
    problem_.tasks[task].skills |= solve::Skills(1) << found->second;
  }
  if (uncovered) remarks_.push_back(reasons::areas_uncovered(uncovered));
}

// Nobody is given much more than a fair share of the work, by the time that each has. Said by loads, where norms say
// nothing of loads themselves.
void DayProblem::share_out() {
  const double most = input_.settings.balance;
  const bool loads = std::ranges::any_of(problem_.tasks, [](const solve::Task& task) { return task.load > 0; });
  if (most <= 0 || loads || problem_.vehicles.size() < 2) return;
  double work_s = 0, longest_s = 0, time_s = 0;
  for (const solve::Task& task : problem_.tasks) {
    work_s += task.service_s;
    longest_s = std::max(longest_s, task.service_s);
  }
  for (const solve::Vehicle& vehicle : problem_.vehicles) time_s += vehicle.until_s - vehicle.from_s;
  for (solve::Task& task : problem_.tasks) task.load = task.service_s;
  for (solve::Vehicle& vehicle : problem_.vehicles) {
    double frozen_s = 0;
    for (const TaskIndex task : vehicle.frozen) frozen_s += problem_.tasks[task].service_s;
    const double share_s = most * work_s * (vehicle.until_s - vehicle.from_s) / time_s;
    vehicle.capacity = std::max({share_s, frozen_s, 2 * longest_s});
  }
  balanced_ = true;
}

// The plan before, as far as its cases are still to be planned; then what is appointed.
void DayProblem::begin_with_before() {
  problem_.routes.assign(problem_.vehicles.size(), {});
  std::set<TaskIndex> placed;
  for (const solve::Vehicle& vehicle : problem_.vehicles) placed.insert(vehicle.frozen.begin(), vehicle.frozen.end());
  const auto put = [&](VehicleIndex vehicle, TaskIndex task) {
    const auto& only = problem_.tasks[task].only;
    if (only && *only != vehicle) return;
    if (placed.insert(task).second) problem_.routes[vehicle].push_back(task);
  };
  for (const flow::ProposalRoute& route : input_.before) {
    const auto vehicle = vehicle_of(route.crew);
    if (!vehicle || route.status == flow::ProposalStatus::rejected) continue;
    for (const flow::ProposalStop& stop : route.stops) {
      const auto task = task_of(stop.task);
      if (!task) continue;
      put(*vehicle, *task);
      if (!problem_.tasks[*task].holder) problem_.tasks[*task].holder = vehicle;
    }
  }
  const auto now = appointed();
  for (VehicleIndex vehicle = 0; vehicle < now.size(); ++vehicle) {
    for (const TaskIndex task : now[vehicle]) put(vehicle, task);
  }
}

std::vector<std::vector<TaskIndex>> DayProblem::appointed() const {
  std::vector<std::vector<TaskIndex>> out(problem_.vehicles.size());
  for (TaskIndex task = 0; task < notes_.size(); ++task) {
    const auto& was = work(task).work.appointed;
    const auto vehicle = was ? vehicle_of(was->crew) : std::nullopt;
    const bool frozen = notes_[task].begun || notes_[task].ordered;
    if (vehicle && !frozen) out[*vehicle].push_back(task);
  }
  for (auto& tasks : out) {
    std::ranges::stable_sort(tasks, [&](TaskIndex a, TaskIndex b) {
      const flow::Appointment &first = *work(a).work.appointed, &second = *work(b).work.appointed;
      return first.planned_at != second.planned_at ? first.planned_at < second.planned_at : first.turn < second.turn;
    });
  }
  return out;
}

void DayProblem::widen_window(TaskIndex task) {
  const double soon_s = seconds(input_.settings.late_within[std::size_t(work(task).work.severity)]);
  problem_.tasks[task].close_s = std::max(problem_.tasks[task].close_s, soon_s);
}

void DayProblem::let_window_go(TaskIndex task) {
  problem_.tasks[task].close_s = kForever_s;
  notes_[task].lifted = true;
}

void DayProblem::let_go(const std::vector<solve::Undone>& undone) {
  for (const solve::Undone& one : undone) let_window_go(one.task);
  if (!balanced_) return;
  for (solve::Vehicle& vehicle : problem_.vehicles) vehicle.capacity = kForever_s;
}

// Over the streets where both places are near one, straight otherwise.
void DayProblem::find_ways() {
  const PlanningSettings& settings = input_.settings;
  double speed_mps = 0;
  bool differ = false;
  for (VehicleIndex v = 0; v < vehicles_.size(); ++v) {
    speed_mps += crew(v).speed_mps / double(vehicles_.size());
    differ |= crew(v).speed_mps != crew(0).speed_mps;
  }
  off_street_.assign(places_.size(), true);
  std::vector<geo::StreetEndsPtr> ends(places_.size()), near;
  std::vector<std::size_t> column_of(places_.size());
  if (input_.streets) {
    PlaceCache own(input_.streets, settings.snap_m);
    ends = (input_.places ? *input_.places : own).get(places_, settings.threads);
  }
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (!ends[i]) continue;
    off_street_[i] = false;
    column_of[i] = near.size();
    near.push_back(ends[i]);
  }
  geo::StreetTable table;
  if (input_.streets) table = input_.streets->table(near, settings.threads);
  bool straight = false;
  problem_.travel = solve::Travel::table(places_.size(), [&](solve::PlaceIndex a, solve::PlaceIndex b) -> solve::Leg {
    if (a == b) return {0, 0};
    const auto straight_m = [&] { return settings.detour * geo::distance_m(places_[a], places_[b]); };
    if (!off_street_[a] && !off_street_[b]) {
      const double time_s = table.time(column_of[a], column_of[b]), way_m = table.distance(column_of[a], column_of[b]);
      // Two places of one park are nearer to each other than to the street.
      const double aside_m = ends[a]->spot.beside_m + ends[b]->spot.beside_m;
      const bool apart = surely_apart(places_[a], places_[b], aside_m / settings.detour);
      if (time_s < geo::kNoStreet && (apart || straight_m() >= aside_m)) return {time_s, way_m};
      if (time_s < geo::kNoStreet)
        return {std::min(time_s, straight_m() * 3.6 / settings.foot_kmh), std::min(way_m, straight_m())};
    }
    straight = true;
    const double line_m = straight_m();
    return {line_m / std::max(speed_mps, 0.1), line_m};
  });
  const auto off = std::size_t(std::ranges::count(off_street_, true));
  if (vehicles_.empty() || notes_.empty()) return;
  if (!input_.streets) remarks_.push_back(reasons::straight_lines());
  else if (off) remarks_.push_back(reasons::places_off_streets(off));
  if (straight && differ) remarks_.push_back(reasons::speeds_differ());
}

}  // namespace cityloop::duty
