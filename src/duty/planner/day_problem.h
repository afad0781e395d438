// A department's day as a problem for the solver: what may be planned, by whom, over which ways, under what people have
// said.
//
//   open work, crews on duty, overrules, streets ─▶ [DayProblem] ─ solve::Problem ─▶ day plan
//
// Everything that cannot be planned is here with its reason, before any solving.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "duty/planner/place_cache.h"
#include "duty/planner/planning_settings.h"
#include "duty/planner/work.h"
#include "geo/street_weights.h"
#include "solve/vrptw.h"

namespace cityloop::duty {

struct DayWork {
  Work work;
  std::vector<std::string> skills;
  Duration service{};
  double load{};
  bool common_norm{false};
};

// A crew through one time on duty.
struct DayCrew {
  std::string id;
  flow::Bilingual name;
  std::vector<std::string> members, skills, areas;
  Instant from, until;
  geo::Position start, base;  // where it is, and where its day ends
  double capacity{1e9};
  double speed_mps{8};
};

struct DayInput {
  std::string department;
  Instant now;
  bool by_person{true};  // then what is appointed may move to another crew, at a price
  std::vector<DayWork> work;
  std::vector<DayCrew> crews;
  std::vector<flow::Overrule> overrules;
  std::vector<flow::ProposalRoute> before;  // the plan before, to begin with
  PlanningSettings settings;
  geo::StreetWeightsPtr streets;       // null: straight lines
  std::shared_ptr<PlaceCache> places;  // of these streets; null: none are kept
};

class DayProblem {
 public:
  explicit DayProblem(const DayInput&);  // which must outlive it

  struct TaskNote {
    std::size_t work{};  // of the input
    bool begun{false}, ordered{false};
    std::string pinned_by, ordered_by;
    bool in_area{false};
    bool lifted{false};  // its window has been let go: better late than never
  };
  const DayInput& input() const { return input_; }
  solve::Problem& problem() { return problem_; }
  const solve::Problem& problem() const { return problem_; }
  const TaskNote& note(solve::TaskIndex task) const { return notes_[task]; }
  TaskNote& note(solve::TaskIndex task) { return notes_[task]; }
  const DayWork& work(solve::TaskIndex task) const { return input_.work[notes_[task].work]; }
  const DayCrew& crew(solve::VehicleIndex vehicle) const { return input_.crews[vehicles_[vehicle]]; }
  std::optional<solve::VehicleIndex> vehicle_of(const std::string& crew) const;
  std::optional<solve::TaskIndex> task_of(flow::EntityId) const;

  const std::vector<flow::ProposalUndone>& undone() const { return undone_; }
  std::vector<flow::Overrule>& overrules() { return overrules_; }
  const std::vector<flow::Because>& remarks() const { return remarks_; }
  geo::Position position(solve::PlaceIndex at) const { return places_[at]; }
  bool is_straight(solve::PlaceIndex from, solve::PlaceIndex to) const { return off_street_[from] || off_street_[to]; }
  // What is appointed now, by vehicle, in its order.
  std::vector<std::vector<solve::TaskIndex>> appointed() const;
  // Nothing keeps a crew from more than its fair share any more, nor these tasks to their windows.
  void let_go(const std::vector<solve::Undone>&);
  void let_window_go(solve::TaskIndex);
  void widen_window(solve::TaskIndex);  // to that of what is late already

 private:
  void take_crews();
  void take_overrules();
  void take_work();
  void take_one(std::size_t at);
  void add_task(std::size_t at, const Work&);
  void set_window(solve::Task&, const DayWork&) const;
  void set_crew(solve::Task&, TaskNote&, const Work&);
  void freeze_begun();
  void freeze_orders();
  void settle_overrules();
  void share_out();
  void guard_areas();
  void begin_with_before();
  void find_ways();
  solve::PlaceIndex place(geo::Position);
  solve::Skills bits_of(const std::vector<std::string>& skills, bool& known);
  const flow::Overrule* overrule(flow::OverruleKind, flow::EntityId) const;
  void leave_undone(const Work&, flow::Because);

  const DayInput& input_;
  solve::Problem problem_;
  std::vector<TaskNote> notes_;
  std::vector<std::size_t> vehicles_;  // crews of the input
  std::map<std::string, solve::VehicleIndex, std::less<>> vehicle_of_;
  std::map<flow::EntityId, solve::TaskIndex> task_of_;
  std::vector<flow::ProposalUndone> undone_;
  std::vector<flow::Overrule> overrules_;
  std::vector<flow::Because> remarks_;
  std::map<std::string, unsigned> skill_bits_;
  std::vector<geo::Position> places_;
  std::vector<bool> off_street_;
  bool balanced_{false};
};

}  // namespace cityloop::duty
