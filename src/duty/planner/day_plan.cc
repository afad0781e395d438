#include "duty/planner/day_plan.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "duty/planner/reasons.h"
#include "solve/alone.h"
#include "solve/solver.h"

namespace cityloop::duty {
namespace {

using flow::Proposal;
using flow::ProposalRoute;
using flow::ProposalStop;
using flow::StopChange;
using solve::TaskIndex;
using solve::VehicleIndex;

// Of the time for solving, after which what has found no room may be late.
constexpr double kFirstShare = 0.6;

double seconds(Duration span) {
  return double(span.count()) / 1e6;
}

// Nobody reads hundredths of a metre.
double tenths(double value) {
  return std::round(value * 10) / 10;
}

class DayPlan {
 public:
  DayPlan(const DayInput& input, const base::Clock& clock, std::stop_token stop)
      : input_(input), clock_(clock), stop_(std::move(stop)) {}

  Proposal make() {
    const base::Instant began = clock_.now();
    DayProblem day(input_);
    day_ = &day;
    out_.figures.table_s = seconds(clock_.now() - began);
    out_.department = input_.department;
    out_.made_at = input_.now;
    if (!day.problem().vehicles.empty() && !day.problem().tasks.empty()) plan_ = solve_it(began);
    if (cancelled_) out_.notes.push_back(reasons::cancelled());
    std::set<std::string_view> crews;
    for (VehicleIndex v = 0; v < day.problem().vehicles.size(); ++v) crews.insert(day.crew(v).id);
    crews_ = crews.size();
    tell_routes();
    tell_rest();
    count();
    return std::move(out_);
  }

 private:
  static bool could_be_late(const solve::Undone& one) {
    using enum solve::Reason;
    return one.reason == window_empty || one.reason == too_late || one.reason == no_room || one.reason == too_large;
  }

  // One search where all can be in time. Where at some point of it something still finds no room, it ends, and another
  // goes on without what stood in the way.
  solve::Plan solve_it(base::Instant began) {
    const auto left = [&] {
      return std::max<base::Duration>(std::chrono::milliseconds(20), input_.settings.think - (clock_.now() - began));
    };
    let_hopeless_go();
    std::stop_source first;
    const std::stop_callback also(stop_, [&first] { first.request_stop(); });
    solve::Plan plan = run(left(), 1, first.get_token(), [&first](const solve::Progress& at) {
      if (at.undone > 0 && at.done >= kFirstShare) first.request_stop();
    });
    const std::vector<solve::Undone> late = late_of(plan);
    if (late.empty() || stop_.stop_requested()) return plan;
    day_->let_go(late);
    begin_with(plan);
    return run(left(), 1 - kFirstShare, stop_, nullptr);
  }

  // What nobody could begin in time even if it were all there is to do is late from the start: it should begin soon,
  // and where that cannot be either, at all.
  void let_hopeless_go() {
    const solve::Problem& problem = day_->problem();
    const auto after = solve::after_frozen(problem);
    std::set<TaskIndex> frozen;
    for (const solve::Vehicle& vehicle : problem.vehicles) frozen.insert(vehicle.frozen.begin(), vehicle.frozen.end());
    for (TaskIndex task = 0; task < problem.tasks.size(); ++task) {
      if (frozen.contains(task)) continue;
      const auto is_late = [&] {
        const auto reason = solve::why_never(problem, after, task);
        return reason == solve::Reason::too_late || reason == solve::Reason::window_empty;
      };
      if (is_late()) day_->widen_window(task);
      if (is_late()) day_->let_window_go(task);
    }
  }

  static std::vector<solve::Undone> late_of(const solve::Plan& plan) {
    std::vector<solve::Undone> out;
    std::ranges::copy_if(plan.undone, std::back_inserter(out), could_be_late);
    return out;
  }

  void begin_with(const solve::Plan& plan) {
    auto& routes = day_->problem().routes;
    routes.assign(day_->problem().vehicles.size(), {});
    for (const solve::Route& route : plan.routes) {
      for (const solve::Stop& stop : route.stops) {
        if (!stop.frozen) routes[route.vehicle].push_back(stop.task);
      }
    }
  }

  // Few tasks are planned as well as can be long before the time is up.
  solve::Plan run(base::Duration time, double share, std::stop_token stop,
                  std::function<void(const solve::Progress&)> on_progress) {
    solve::Options how;
    const std::size_t tasks = day_->problem().tasks.size();
    how.seed = input_.settings.seed;
    how.lanes = tasks < 60 ? 1 : input_.settings.threads;
    how.stop = std::move(stop);
    how.on_progress = std::move(on_progress);
    const std::uint64_t enough = 20'000 + 4'000 * std::uint64_t(tasks);
    how.iterations_max =
        1 + std::uint64_t(share * double(input_.settings.iterations ? input_.settings.iterations : enough));
    if (input_.settings.iterations == 0) how.time = time, how.clock = &clock_;
    const base::Instant before = clock_.now();
    const auto solved = solve::solve(day_->problem(), how);
    out_.figures.solve_s += seconds(clock_.now() - before);
    if (!solved) {
      // A problem of our own making that the solver refuses is our bug; the city goes on without a plan.
      out_.notes.push_back({"trouble", {solved.error().message, solved.error().message}});
      return {};
    }
    out_.figures.iterations += solved->at.iterations;
    cancelled_ = solved->cancelled && stop_.stop_requested();
    return solved->plan;
  }

  base::Instant at(double s) const { return input_.now + base::Duration(std::llround(s * 1e6)); }

  void tell_routes() {
    std::set<std::string> used, idle;
    for (const solve::Route& route : plan_.routes) {
      used.insert(day_->crew(route.vehicle).id);
      out_.routes.push_back(tell_route(route));
    }
    for (VehicleIndex vehicle = 0; vehicle < day_->problem().vehicles.size(); ++vehicle) {
      if (!used.contains(day_->crew(vehicle).id)) idle.insert(day_->crew(vehicle).id);
    }
    out_.idle.assign(idle.begin(), idle.end());
  }

  ProposalRoute tell_route(const solve::Route& route) {
    const solve::Problem& problem = day_->problem();
    const DayCrew& crew = day_->crew(route.vehicle);
    ProposalRoute out;
    out.crew = crew.id;
    out.from = crew.from, out.until = crew.until;
    const auto start = day_->position(problem.vehicles[route.vehicle].start);
    out.start_lon_deg = start.lon_deg, out.start_lat_deg = start.lat_deg;
    out.depart_at = at(route.depart_s), out.end_at = at(route.end_s);
    out.distance_m = tenths(route.distance_m);
    solve::PlaceIndex from = problem.vehicles[route.vehicle].start;
    for (const solve::Stop& stop : route.stops) {
      const solve::PlaceIndex to = problem.tasks[stop.task].place;
      out.stops.push_back(tell_stop(route, stop, from, to));
      out.travel_s += out.stops.back().travel_s;
      out.work_s += problem.tasks[stop.task].service_s;
      from = to;
    }
    out.travel_s = tenths(out.travel_s + problem.travel.time_s(from, *problem.vehicles[route.vehicle].end));
    tell_changes(out);
    return out;
  }

  ProposalStop tell_stop(const solve::Route& route, const solve::Stop& stop, solve::PlaceIndex from,
                         solve::PlaceIndex to) {
    const solve::Problem& problem = day_->problem();
    const DayProblem::TaskNote& note = day_->note(stop.task);
    const Work& work = day_->work(stop.task).work;
    ProposalStop out;
    out.task = work.id;
    out.arrive_at = at(stop.arrive_s), out.begin_at = at(stop.begin_s), out.depart_at = at(stop.depart_s);
    out.travel_s = tenths(problem.travel.time_s(from, to)), out.travel_m = tenths(problem.travel.distance_m(from, to));
    out_.figures.straight += day_->is_straight(from, to);
    out.slack_s = std::isfinite(stop.slack_s) ? tenths(stop.slack_s) : -1;
    out.detour_m = tenths(stop.detour_m);
    if (work.due_at != flow::kNever) out.late_s = tenths(std::max(0.0, seconds(out.depart_at - work.due_at)));
    out.begun = note.begun;
    out.pinned = !note.pinned_by.empty() || note.ordered;
    out.was = work.appointed;
    if (stop.instead && out_crew(stop.instead->vehicle) != out_crew(route.vehicle)) {
      out.instead = day_->crew(stop.instead->vehicle).id;
      out.instead_m = tenths(stop.instead->extra_m);
    }
    tell_why(route.vehicle, stop, out);
    return out;
  }

  void tell_why(VehicleIndex vehicle, const solve::Stop& stop, ProposalStop& out) {
    const solve::Problem& problem = day_->problem();
    const solve::Task& task = problem.tasks[stop.task];
    const DayProblem::TaskNote& note = day_->note(stop.task);
    const Work& work = day_->work(stop.task).work;
    if (note.begun) return out.why.push_back(reasons::begun());
    if (!note.pinned_by.empty()) out.why.push_back(reasons::pinned(note.pinned_by));
    if (note.ordered) out.why.push_back(reasons::ordered(note.ordered_by));
    if (work.appointed && work.appointed->crew == out_crew(vehicle)) out.why.push_back(reasons::kept());
    // A crew that comes on duty twice is one crew.
    std::set<std::string_view> able_crews, nearer_crews;
    const double mine_s = problem.travel.time_s(problem.vehicles[vehicle].start, task.place);
    for (VehicleIndex v = 0; v < problem.vehicles.size(); ++v) {
      if ((task.skills & ~problem.vehicles[v].skills) != 0) continue;
      able_crews.insert(out_crew(v));
      const bool is_nearer = problem.travel.time_s(problem.vehicles[v].start, task.place) < mine_s;
      if (is_nearer && out_crew(v) != out_crew(vehicle)) nearer_crews.insert(out_crew(v));
    }
    const std::size_t able = able_crews.size(), nearer = nearer_crews.size();
    if (able * 4 <= crews_ || able == 1) out.why.push_back(reasons::only_skilled(able));
    if (note.in_area) out.why.push_back(reasons::own_area());
    if (able > 1 && nearer < 3) out.why.push_back(reasons::nearest(nearer + 1, able, mine_s));
    const double direct_m = 2 * problem.travel.distance_m(problem.vehicles[vehicle].start, task.place);
    if (stop.detour_m < 0.25 * direct_m) out.why.push_back(reasons::on_the_way(stop.detour_m));
    if (!out.instead.empty())
      out.why.push_back(reasons::next_best(day_->crew(stop.instead->vehicle).name, stop.instead->extra_m));
    else if (!stop.instead && !task.only && able > 1) out.why.push_back(reasons::nobody_else());
    if (work.due_at != flow::kNever && out.depart_at <= work.due_at)
      out.why.push_back(reasons::saves_deadline(seconds(work.due_at - out.depart_at)));
  }

  const std::string& out_crew(VehicleIndex vehicle) const { return day_->crew(vehicle).id; }

  // Against what is appointed: another crew, another order among what stays, or another time.
  void tell_changes(ProposalRoute& route) const {
    std::uint32_t turn = 0, highest = 0;
    base::Instant newest = flow::kNever;
    for (ProposalStop& stop : route.stops) {
      stop.turn = ++turn;
      if (!stop.was) {
        stop.change = stop.begun ? StopChange::same : StopChange::new_one;
        continue;
      }
      if (stop.was->crew != route.crew) {
        stop.change = StopChange::crew;
        continue;
      }
      const bool before = stop.was->planned_at < newest || (stop.was->planned_at == newest && stop.was->turn < highest);
      const Duration shift = std::chrono::abs(stop.begin_at - stop.was->planned_at);
      stop.change = before && !stop.begun                                 ? StopChange::order
                    : shift >= input_.settings.time_change && !stop.begun ? StopChange::time
                                                                          : StopChange::same;
      if (!before) newest = stop.was->planned_at, highest = stop.was->turn;
    }
  }

  void tell_rest() {
    out_.undone = day_->undone();
    for (const solve::Undone& one : plan_.undone) {
      const Work& work = day_->work(one.task).work;
      out_.undone.push_back({work.id, reasons::undone(one.reason), work.appointed});
    }
    std::ranges::sort(out_.undone, {}, [](const flow::ProposalUndone& one) { return one.task.text(); });
    out_.overruled = day_->overrules();
    out_.notes.insert(out_.notes.end(), day_->remarks().begin(), day_->remarks().end());
  }

  // How many deadlines a plan keeps, of the tasks that have one.
  std::uint32_t kept(const solve::Plan& plan) const {
    std::uint32_t out = 0;
    for (const solve::Route& route : plan.routes) {
      for (const solve::Stop& stop : route.stops) {
        const base::Instant due_at = day_->work(stop.task).work.due_at;
        out += due_at != flow::kNever && at(stop.depart_s) <= due_at;
      }
    }
    return out;
  }

  void count() {
    flow::ProposalFigures& f = out_.figures;
    const solve::Problem& problem = day_->problem();
    f.crews = std::uint32_t(crews_);
    std::set<std::string_view> used;
    for (const ProposalRoute& route : out_.routes) used.insert(route.crew);
    f.crews_used = std::uint32_t(used.size());
    f.undone = std::uint32_t(out_.undone.size());
    for (const ProposalRoute& route : out_.routes) {
      f.planned += std::uint32_t(route.stops.size());
      f.distance_m += route.distance_m, f.travel_s += route.travel_s, f.work_s += route.work_s;
      for (const ProposalStop& stop : route.stops) count_stop(stop);
    }
    f.cases = f.planned + f.undone;
    for (const flow::ProposalUndone& one : out_.undone) f.dropped += one.was.has_value();
    f.in_time = kept(plan_);
    if (problem.vehicles.empty() || problem.tasks.empty()) return;
    const solve::Plan before = solve::schedule(problem, day_->appointed());
    f.overdue_avoided = std::int32_t(f.in_time) - std::int32_t(kept(before));
    f.distance_before_m = before.distance_m;
  }

  void count_stop(const ProposalStop& stop) {
    flow::ProposalFigures& f = out_.figures;
    f.late += stop.late_s > 0;
    f.changed_new += stop.change == StopChange::new_one;
    f.changed_crew += stop.change == StopChange::crew;
    f.changed_order += stop.change == StopChange::order;
    f.changed_time += stop.change == StopChange::time;
  }

  const DayInput& input_;
  const base::Clock& clock_;
  const std::stop_token stop_;
  DayProblem* day_{nullptr};
  solve::Plan plan_;
  bool cancelled_{false};
  std::size_t crews_{0};  // on duty
  Proposal out_;
};

}  // namespace

Proposal plan_day(const DayInput& input, const base::Clock& clock, std::stop_token stop) {
  return DayPlan(input, clock, std::move(stop)).make();
}

}  // namespace cityloop::duty
