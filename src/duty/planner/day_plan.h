// A department's day planned: the problem solved within its time, and the plan told with its reasons.
//
//   DayInput ─▶ [plan_day] ─ Proposal (routes, undone, figures; without id and status) ─▶ Planner
//
// Solved in two steps. First every deadline and every crew's fair share hold; then what found no room may be late or
// pile up, as far as anybody can do it at all: better late than never, and said so. Reads no clock but the one given;
// with settings.iterations the same input gives the same plan everywhere.
#pragma once

#include <stop_token>

#include "base/clock.h"
#include "duty/planner/day_problem.h"

namespace cityloop::duty {

flow::Proposal plan_day(const DayInput&, const base::Clock&, std::stop_token = {});

}  // namespace cityloop::duty
