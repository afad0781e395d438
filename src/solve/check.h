// Whether a plan may be carried out, found out without any of the solver's code or data.
//
//   Plan, from the solver or from anywhere ─▶ [check] ─▶ every violation, in words
//
// Goes through the stops with the Problem's own numbers; what the plan says of its times and totals is compared with
// what comes out. Times may be off by a millionth of a second, or of the size of the number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "solve/vrptw.h"

namespace cityloop::solve {

enum class Breach : std::uint8_t {
  unknown_task,
  unknown_vehicle,
  vehicle_twice,
  task_twice,    // done twice, or done and undone
  task_missing,  // neither done nor undone
  too_late,      // begins after the window has ended
  shift,         // ends after the shift
  capacity,
  skills,
  wrong_vehicle,  // another than Task::only
  frozen,         // what was frozen is not done first and in order
  no_way,
  wrong_time,   // the plan states another time than the one that comes out
  wrong_total,  // likewise a distance, load or total
};
std::string_view to_string(Breach);

struct Violation {
  Breach breach{};
  std::optional<VehicleIndex> vehicle;
  std::optional<TaskIndex> task;
  std::string text;
};

std::vector<Violation> check(const Problem&, const Plan&);

}  // namespace cityloop::solve
