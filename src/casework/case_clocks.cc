#include "casework/case_clocks.h"

#include <cmath>

namespace cityloop::casework {

using base::kNever;
using flow::CaseClock;

bool is_active(const CaseClock& clock) {
  return clock.ended_at == kNever;
}

bool is_running(const CaseClock& clock) {
  return is_active(clock) && clock.running_since != kNever;
}

void start(CaseClock& clock, const WorkCalendar& calendar, Duration limit, base::Instant at) {
  clock.started_at = at;
  clock.limit = limit;
  clock.running_since = calendar.begin(at);
  clock.due_at = moment(clock, calendar, 1);
}

Duration used_by(const CaseClock& clock, const WorkCalendar& calendar, base::Instant at) {
  return is_running(clock) ? clock.used + calendar.between(clock.running_since, at) : clock.used;
}

void stand(CaseClock& clock, const WorkCalendar& calendar, base::Instant at) {
  if (!is_running(clock)) return;
  clock.used = used_by(clock, calendar, at);
  clock.running_since = clock.due_at = kNever;
  clock.stands_since = at;
}

void go_on(CaseClock& clock, const WorkCalendar& calendar, base::Instant at) {
  if (!is_active(clock) || is_running(clock)) return;
  clock.stood += at - clock.stands_since;
  clock.stands_since = kNever;
  clock.running_since = at;
  clock.due_at = moment(clock, calendar, 1);
}

void end(CaseClock& clock, const WorkCalendar& calendar, base::Instant at) {
  if (!is_active(clock)) return;
  clock.used = used_by(clock, calendar, at);
  if (!is_running(clock)) clock.stood += at - clock.stands_since;
  clock.running_since = clock.stands_since = kNever;
  clock.ended_at = at;
}

void extend(CaseClock& clock, const WorkCalendar& calendar, Duration more, base::Instant at) {
  clock.limit += more;
  clock.extended += more;
  if (is_running(clock)) clock.due_at = moment(clock, calendar, 1);
  if (used_by(clock, calendar, at) >= clock.limit) return;
  clock.yellow = clock.red = clock.missed = false;
  clock.escalated = 0;
}

base::Instant moment(const CaseClock& clock, const WorkCalendar& calendar, double share) {
  // Shares of a microsecond do not matter, but the whole limit must come out whole.
  const auto wanted = share == 1 ? clock.limit : Duration(std::llround(double(clock.limit.count()) * share));
  return calendar.add(clock.running_since, wanted - clock.used);
}

}  // namespace cityloop::casework
