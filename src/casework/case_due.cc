// Clocks and holds: what comes due, and what follows.
#include <algorithm>

#include "casework/case_archive.h"
#include "casework/case_loop.h"
#include "casework/toml_reading.h"

namespace cityloop::casework {

namespace {

flow::CaseClock* find_clock(flow::Case& one, std::string_view id) {
  const auto found =
      std::find_if(one.clocks.begin(), one.clocks.end(), [&](const auto& clock) { return clock.id == id; });
  return found == one.clocks.end() ? nullptr : &*found;
}

// Who tells people's decisions waits by the wall; everything else stands still with the case.
bool stands_with_case(const flow::CaseClock& clock) {
  return !clock.id.starts_with("request-");
}

}  // namespace

const Deadline* CaseLoop::deadline_of(const Tracked& tracked, const flow::CaseClock& clock) const {
  if (clock.id.starts_with("task-")) return tracked.flow->deadline_of(Deadline::Of::task);
  if (clock.id.starts_with("request-")) return tracked.flow->deadline_of(Deadline::Of::request);
  return tracked.flow->find_deadline(clock.id);
}

const WorkCalendar& CaseLoop::calendar_of(const Tracked& tracked, const flow::CaseClock& clock) const {
  return tracked.rules->calendars().get(clock.calendar);
}

void CaseLoop::start_clock(Tracked& tracked, const Deadline& deadline, const std::string& id) {
  const CaseKind& kind = *tracked.kind;
  std::string calendar = deadline.calendar == "kind" ? kind.calendar : deadline.calendar;
  Limit limit;
  for (const std::string& key : deadline.limit_keys) {
    if (!limit.none()) break;
    if (key == "category") {
      const Category* category = tracked.rules->categories().find(tracked.is.category);
      if (!category) continue;
      limit = category->limit;
      if (!category->calendar.empty()) calendar = category->calendar;
    } else if (const auto said = kind.limits.find(key); said != kind.limits.end()) {
      limit = said->second;
    }
  }
  if (limit.none()) limit = deadline.limit;
  std::erase_if(tracked.is.clocks, [&](const flow::CaseClock& clock) { return clock.id == id; });
  if (limit.none()) return;
  flow::CaseClock& clock = tracked.is.clocks.emplace_back();
  clock.id = id;
  clock.calendar = calendar;
  const WorkCalendar& counted = calendar_of(tracked, clock);
  start(clock, counted, counted.length(limit, counted.begin(now_)), now_);
}

void CaseLoop::end_clock(Tracked& tracked, std::string_view id) {
  if (flow::CaseClock* clock = find_clock(tracked.is, id)) end(*clock, calendar_of(tracked, *clock), now_);
}

void CaseLoop::restart_clock(Tracked& tracked, const std::string& id) {
  const flow::CaseClock* clock = find_clock(tracked.is, id);
  const Deadline* deadline = tracked.flow->find_deadline(id);
  if (clock && is_active(*clock) && deadline) start_clock(tracked, *deadline, id);
}

void CaseLoop::extend_clock(Tracked& tracked, const std::string& id, Duration more) {
  flow::CaseClock* clock = find_clock(tracked.is, id);
  if (clock && is_active(*clock)) extend(*clock, calendar_of(tracked, *clock), more, now_);
}

// Starts, stops and halts the clocks as the new state asks. Where clocks stand still none begins and none is over.
void CaseLoop::run_clocks(Tracked& tracked, const State* before, const State& now) {
  const int state = int(&now - tracked.flow->states.data());
  const bool stood = before && before->stands;
  for (flow::CaseClock& clock : tracked.is.clocks) {
    if (!stands_with_case(clock)) continue;
    if (now.stands) stand(clock, calendar_of(tracked, clock), now_);
    else if (stood) go_on(clock, calendar_of(tracked, clock), now_);
  }
  if (!now.stands) {
    for (const Deadline& deadline : tracked.flow->deadlines) {
      if (deadline.of != Deadline::Of::states) continue;
      const flow::CaseClock* clock = find_clock(tracked.is, deadline.id);
      const bool runs = clock && is_active(*clock);
      const bool wanted = std::find(deadline.in.begin(), deadline.in.end(), state) != deadline.in.end();
      if (wanted && !runs) start_clock(tracked, deadline, deadline.id);
      if (!wanted && runs) end_clock(tracked, deadline.id);
    }
  }
  if (now.final) {
    for (flow::CaseClock& clock : tracked.is.clocks) end(clock, calendar_of(tracked, clock), now_);
  }
}

// What the case says of its clocks as a whole.
void CaseLoop::show_clocks(Tracked& tracked) {
  tracked.is.due_at = kNever;
  tracked.is.overdue = false;
  for (const flow::CaseClock& clock : tracked.is.clocks) {
    const Deadline* deadline = deadline_of(tracked, clock);
    const bool main = deadline && deadline->main;
    if (main) tracked.is.due_at = clock.due_at;
    if (clock.missed && (is_active(clock) || main)) tracked.is.overdue = true;
  }
}

void CaseLoop::next_of_clock(const Tracked& tracked, std::size_t index,
                             const std::function<void(Instant, Due)>& consider) const {
  const flow::CaseClock& clock = tracked.is.clocks[index];
  const Deadline* deadline = deadline_of(tracked, clock);
  if (!deadline || !is_running(clock)) return;
  const bool counts = std::all_of(deadline->when.begin(), deadline->when.end(),
                                  [&](const Guard& guard) { return holds_here(tracked, guard); });
  if (!counts) return;
  const WorkCalendar& calendar = calendar_of(tracked, clock);
  if (!clock.yellow && deadline->yellow < 1) consider(moment(clock, calendar, deadline->yellow), Due::yellow);
  if (!clock.red && deadline->red < 1) consider(moment(clock, calendar, deadline->red), Due::red);
  if (!clock.missed) consider(clock.due_at, Due::missed);
  else if (clock.escalated < deadline->escalations.size())
    consider(moment(clock, calendar, deadline->escalations[clock.escalated].at), Due::escalation);
}

CaseLoop::NextDue CaseLoop::next_due(const Tracked& tracked) const {
  const flow::Case& one = tracked.is;
  NextDue next;
  std::size_t at_clock = 0;
  const auto consider = [&](Instant at, Due what) {
    if (next.what == Due::none || at < next.at) next = {at, what, at_clock};
  };
  // An ended case with a question about it is kept until that is answered, a merged one while its main case is open.
  const Tracked* root = one.merged_into.empty() ? &tracked : peek_root(tracked);
  const bool waits = one.merged_into.empty() ? !one.requests.empty() : root && root->is.is_open();
  if (!one.is_open() && !waits) consider(tracked.ended_at + tracked.flow->state(one.state).kept, Due::forget);
  if (one.is_open() && is_sensed(one) && one.finding_cleared && !tracked.hold_told)
    consider(one.cleared_at + one.verify_hold, Due::hold);
  if (tracked.lapses_at != kNever && root && root->is.is_open()) consider(tracked.lapses_at, Due::lapse);
  if (tracked.storm && tracked.storm->tell_at != kNever) consider(tracked.storm->tell_at, Due::tell);
  for (; at_clock < one.clocks.size(); ++at_clock) next_of_clock(tracked, at_clock, consider);
  return next;
}

bool CaseLoop::settle(Tracked& tracked) {
  for (;;) {
    const NextDue next = next_due(tracked);
    if (next.what == Due::none || next.at > now_) {
      book_.arm(tracked, next.at);
      show_clocks(tracked);
      return true;
    }
    if (next.what == Due::forget) {
      show_clocks(tracked);
      archive(tracked);
      return false;
    }
    fire(tracked, next);
  }
}

// The case goes from the twin to the archive in one commit: it is always in one of them, and never in both.
void CaseLoop::archive(Tracked& tracked) {
  const EntityId id = tracked.is.id;
  add_to_archive(archived_++, tracked.is, out_->puts);
  erase_entity(id);
  for (std::uint32_t number = 1; number <= tracked.notices_made; ++number) erase_entity(notice_id(id, number));
  for (const EntityId action : tracked.actions) erase_entity(action);
  for (const EntityId command : tracked.is.commands) erase_entity(command);
  // One that is still active is still the rules'; it goes when it clears. Warnings are not the city's to erase.
  for (const EntityId finding : tracked.findings) {
    if (tracked.alerts.empty() && !book_.peek_finding(finding)) erase_entity(finding);
  }
  touched_.erase(id.text());
  forget_sources(tracked);
  book_.erase(id);
}

void CaseLoop::erase_entity(EntityId entity) {
  flow::Write& write = out_->writes.emplace_back();
  write.entity = entity;
  write.mode = flow::WriteMode::erase;
}

// Marks first and acts then, so that nothing is told twice whatever follows from it.
void CaseLoop::fire(Tracked& tracked, const NextDue& due) {
  if (due.what < Due::yellow) only_clocks_ = false;
  if (due.what == Due::tell) return tell_storm(tracked);
  if (due.what == Due::lapse) return lapse_alert(tracked);
  if (due.what == Due::hold) {
    tracked.hold_told = true;
    happen(tracked, "held");
    return;
  }
  flow::CaseClock& clock = tracked.is.clocks[due.clock];
  const Deadline& deadline = *deadline_of(tracked, clock);
  const std::string id = clock.id, name = in_both(deadline.name);
  touched_.insert(tracked.is.id.text());
  const auto code = [&](std::string_view what) { return fmt::format("{}_{}", deadline.id, what); };
  switch (due.what) {
    case Due::yellow:
      clock.yellow = true;
      if (now_ < clock.due_at)
        note(tracked, fmt::format("{}: {}", id, base::format_time(clock.due_at)), code("warning"));
      return;
    case Due::red:
      clock.red = clock.yellow = true;
      if (now_ < clock.due_at) note(tracked, fmt::format("{}: {}", id, base::format_time(clock.due_at)), code("red"));
      return;
    case Due::missed:
      clock.missed = clock.red = clock.yellow = true;
      if (!deadline.escalations.empty() && deadline.escalations.front().at <= 1) {
        clock.escalated = 1;
        const std::string& to = deadline.escalations.front().to;
        escalate(tracked, to == "kind" ? tracked.kind->escalate_to : to,
                 fmt::format("{}: {}", name, base::format_time(clock.due_at)), code("missed"));
      }
      happen(tracked, "missed " + deadline.id);
      return;
    case Due::escalation: {
      const std::string& to = deadline.escalations[clock.escalated++].to;
      return escalate(tracked, to == "kind" ? tracked.kind->escalate_to : to,
                      fmt::format("{}: {}", name, base::format_time(clock.due_at)), code("escalated"));
    }
    default: return;
  }
}

}  // namespace cityloop::casework
