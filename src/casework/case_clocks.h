// A clock of a case: how it starts, stands still, goes on, is given more, and when it reaches a share of its limit. All
// in working time of its calendar; the loop that owns the case says when.
#pragma once

#include "casework/work_calendar.h"
#include "flow/case.h"

namespace cityloop::casework {

bool is_active(const flow::CaseClock&);   // not over; running or standing
bool is_running(const flow::CaseClock&);  // not over and not standing

void start(flow::CaseClock&, const WorkCalendar&, Duration limit, base::Instant at);
void stand(flow::CaseClock&, const WorkCalendar&, base::Instant at);  // no change when it stands or is over
void go_on(flow::CaseClock&, const WorkCalendar&, base::Instant at);
void end(flow::CaseClock&, const WorkCalendar&, base::Instant at);
// Adds to the limit; what was told of the old one is forgotten when the new one lies ahead.
void extend(flow::CaseClock&, const WorkCalendar&, Duration more, base::Instant at);

// When so much of the limit has passed; meaningful while it runs.
base::Instant moment(const flow::CaseClock&, const WorkCalendar&, double share);
// Working time that has run on it by `at`.
Duration used_by(const flow::CaseClock&, const WorkCalendar&, base::Instant at);

}  // namespace cityloop::casework
