// A junction with traffic lights as plain data: its lanes, movements, conflicts, green stages, clearances and fixed
// plan.
//
//   a SUMO net, a settings file ─▶ [Junction] ─▶ controller (decides), interlock (checks), fallback (its fixed plan)
//
// All who work on signals share this one description and nothing else: a controller cannot know of a green that the
// interlock does not know. Lengths in metres, speeds in m/s, times in seconds. Numbers of lanes, movements and stages
// are indices into the vectors here. A Junction is built once, passes check(), and is not changed afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::traffic {

// What one movement is shown. Its letter is SUMO's: r, y, g (may go, must give way), G (nobody in conflict may go).
enum class Aspect : std::uint8_t { red, yellow, permissive, protected_ };
char letter(Aspect);
inline bool is_green(Aspect aspect) {
  return aspect == Aspect::permissive || aspect == Aspect::protected_;
}

enum class LaneRole : std::uint8_t {
  approach,  // ends at a stop line of this junction
  upstream,  // leads, with others or alone, into approaches: where arrivals are seen before they arrive
  exit,      // leads away from the junction; its free space limits what may be let go
};

struct Lane {
  std::string id;
  LaneRole role{LaneRole::approach};
  double length_m{};
  double speed_mps{};
  // From the end of this lane to the stop line by the shortest way; 0 for an approach, unused for an exit.
  double to_stop_line_m{};
  std::vector<int> next;  // of an upstream lane: the lanes of this model into which it leads
  // The junction with lights from which (exit: to which) this lane leads without another one in between; else empty.
  // far_lane is the id of that junction's own exit (approach) lane, by which the two junctions speak of the same place.
  std::string far_junction;
  std::string far_lane;
  std::vector<std::string> detectors;  // ids of the entities that tell of this lane; none in a simulation
  bool inside{false};                  // an upstream lane within the junction or another: nothing is to stop on it
  bool neighbours_lane_change{false};  // an exit or approach beside another lane of the same direction
  bool serves_buses{false};
};

enum class MovementKind : std::uint8_t { straight, left, right, u_turn, pedestrian };

// One way through the junction, from a lane to a lane; several may stand under one light (link).
struct Movement {
  int link{};          // the place of its light in the state text
  int from{-1};        // approach lane; -1 for pedestrians
  int to{-1};          // exit lane; -1 for pedestrians
  double length_m{};   // from stop line to exit
  double speed_mps{};  // allowed within the junction: what a turn is driven at
  MovementKind kind{MovementKind::straight};
  std::vector<std::string> inside;  // what it drives on there: a simulation's own lanes, none elsewhere
};

enum class Conflict : std::uint8_t {
  none,      // the two never meet
  yields,    // they meet, and the first must give way where both are let go
  has_way,   // they meet, and the second must give way
  excludes,  // they meet, and nothing says who gives way: never green together
};

// A set of movements that are green together.
struct Stage {
  std::string name;             // for people
  std::vector<Aspect> aspects;  // per movement
  double min_green_s{5};        // with the pedestrians' minimum where they walk in it
  double max_green_s{120};
};

// All red, for those who are still within the junction: its max_green_s is how long it may last.
bool lets_nobody_go(const Stage&);

// One step of the fixed plan: the green of a stage, and the change after it.
struct PlanStep {
  int stage{};
  double green_s{};
  double change_s{};
};

struct FixedPlan {
  double offset_s{};  // the first step begins where time - offset_s is a whole number of cycles
  std::vector<PlanStep> steps;
  double cycle_s() const;
  struct Place {
    int step;
    double into_s;  // since the green of the step began; beyond green_s it is the change to the next
    double next_s;  // until the next step's green
  };
  Place at(double time_s) const;  // requires a step
};

struct Junction {
  std::string id;
  std::vector<Lane> lanes;
  std::vector<Movement> movements;
  int links{};                      // lights in the state text
  std::vector<Conflict> conflicts;  // movements × movements, row by row
  std::vector<Stage> stages;
  FixedPlan plan;
  double yellow_s{3};
  double all_red_s{0};
  double min_green_s{5};
  double pedestrian_min_s{7};  // green for people on foot, where there are any
  double max_red_s{150};       // no movement with somebody waiting stays red for longer

  Conflict conflict(int first, int second) const {
    return conflicts[static_cast<std::size_t>(first) * movements.size() + static_cast<std::size_t>(second)];
  }
  int find_lane(std::string_view id) const;  // -1 when there is none
  // Time from the end of one stage's green to the begin of the other's: 0 where nothing that was green turns red.
  double change_s(int from_stage, int to_stage) const;
  // The texts of lights, a letter a link: of a stage, and of the change between two (yellow, then all red).
  std::string state(int stage) const;
  std::string yellow_state(int from_stage, int to_stage) const;
  std::string all_red_state(int from_stage, int to_stage) const;
};

// Whether two movements may be green with these aspects at once: false for a conflict in which nobody must give way.
bool compatible(const Junction&, int first, Aspect, int second, Aspect);

// Everything that makes a junction fit for use: indices within range, matrices of the right size, no stage in which
// conflicting movements are green unprotected, no movement of vehicles that no stage serves, a plan of known stages.
base::Status check(const Junction&);

}  // namespace cityloop::traffic
