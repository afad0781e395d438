// Who does which tasks in which order: vehicle routing with time windows, as plain data.
//
//   open tasks, crews on duty ─▶ [Problem] ─ solve() ─▶ [Plan] ─▶ a dispatcher who may overrule it and is told why
//
// All times are seconds since one origin that the caller chooses, distances metres, loads in whatever unit the caller
// uses (kept to the thousandth). A vehicle is anything that goes from task to task: a crew, a van, one person on foot.
// Indices are positions in the Problem's lists.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "solve/travel.h"

namespace cityloop::solve {

using TaskIndex = std::uint32_t;
using VehicleIndex = std::uint32_t;
using Skills = std::uint64_t;  // one bit each; what a bit means is the caller's business

inline constexpr double kForever_s = std::numeric_limits<double>::infinity();

struct Task {
  PlaceIndex place{};
  double open_s{0};                    // work begins no earlier; who comes sooner waits
  double close_s{kForever_s};          // and no later
  double service_s{0};                 // how long the work takes
  double load{0};                      // of the vehicle's capacity
  Skills skills{0};                    // the vehicle must have all of these
  double weight{1};                    // how many ordinary tasks it is worth, when not all can be done; above 0
  std::optional<VehicleIndex> only;    // nobody else may do it
  std::optional<VehicleIndex> holder;  // who has been told to do it; to give it to another costs Problem::change_m
};

struct Vehicle {
  PlaceIndex start{};
  std::optional<PlaceIndex> end;  // without: the day ends at the last task
  double from_s{0};               // the shift
  double until_s{kForever_s};     // back at `end`, or done with the last task
  double capacity{kForever_s};
  Skills skills{0};
  double fixed_m{0};              // what it costs to use it at all, in metres of way
  std::vector<TaskIndex> frozen;  // begun or promised: done first, by this vehicle, in this order, even when late
};

struct Problem {
  Travel travel;
  std::vector<Task> tasks;
  std::vector<Vehicle> vehicles;
  double change_m{0};                          // what it costs to take a task from its holder, in metres of way
  std::vector<std::vector<TaskIndex>> routes;  // a plan to begin with, by vehicle, frozen tasks left out; may be empty
};

// Refuses indices that point nowhere, negative or undefined numbers, a task frozen twice or frozen for another than
// `only`. What can be said in a Problem and yet not be done (a window that ends before it begins, say) is no error:
// those tasks come back undone, each with its reason.
base::Status validate(const Problem&);

// Why a task is left undone. The first that holds is given.
enum class Reason : std::uint8_t {
  window_empty,  // its window ends before it begins
  no_skill,      // no vehicle that may do it has all the skills
  too_large,     // more than such a vehicle carries
  unreachable,   // no way leads there, or back
  too_late,      // nobody who could do it can be there before its window ends
  shift_over,    // it could be begun, but not ended (and the way home be gone) within the shift
  no_room,       // alone it could be done, but not beside what the plan holds
};
std::string_view text_zh(Reason);
std::string_view text_en(Reason);

// Who else could do it in the plan as it is, nothing else moved.
struct Alternative {
  VehicleIndex vehicle{};
  double extra_m{};  // what the plan would cost more
};

struct Stop {
  TaskIndex task{};
  double arrive_s{};
  double begin_s{};  // after waiting for the window
  double depart_s{};
  double slack_s{};                    // how much later it could begin with all that follows still in time
  double detour_m{};                   // what way would be saved without it
  double late_s{};                     // past its window; above 0 for frozen tasks alone
  bool frozen{false};                  // it was not the solver's choice
  std::optional<Alternative> instead;  // the next best vehicle; none: nobody else has room for it
};

struct Route {
  VehicleIndex vehicle{};
  std::vector<Stop> stops;  // never empty
  double depart_s{};
  double end_s{};
  double distance_m{};
  double load{};
};

struct Undone {
  TaskIndex task{};
  Reason reason{};
};

struct Plan {
  std::vector<Route> routes;   // by vehicle, only those that have stops
  std::vector<Undone> undone;  // by task
  double distance_m{};
  double cost_m{};  // distance, fixed costs and changes of holder
  double undone_weight{};
};

// The plan in which each vehicle does these tasks in this order (frozen ones left out) with times and explanations.
// Tasks in nobody's list are undone. Says nothing about whether it may be done so: see check.h.
Plan schedule(const Problem&, const std::vector<std::vector<TaskIndex>>& routes);

}  // namespace cityloop::solve
