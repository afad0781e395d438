// How a case moves from one state to the next, and what comes due.
#include <algorithm>

#include "casework/case_loop.h"
#include "casework/transitions.h"

namespace cityloop::casework {

using flow::CaseOutcome;
using flow::CaseState;
using flow::CommandStatus;

namespace {

constexpr std::size_t kTimelineMax = 400;

Instant warning_before(Instant from, Duration within) {
  return from + within / 5 * 4;
}

}  // namespace

const CaseKind& CaseLoop::kind_of(const Tracked& tracked) const {
  const CaseKind* kind = kinds_.find(tracked.is.kind);
  return kind ? *kind : unknown_kind_;
}

void CaseLoop::step(Tracked& tracked, std::string_view by, std::string_view verb, CaseState to, std::string note,
                    std::string_view code) {
  std::vector<flow::CaseStep>& timeline = tracked.is.timeline;
  tracked.is.state = to;
  timeline.push_back({now_, std::string(by), std::string(verb), to, std::move(note), std::string(code)});
  if (timeline.size() > kTimelineMax) {
    // A finding that comes and goes for weeks would grow it without end: the oldest of the loop's own notes goes.
    const auto oldest = std::find_if(timeline.begin(), timeline.end(),
                                     [](const flow::CaseStep& s) { return s.verb == "note" && !s.code.empty(); });
    if (oldest != timeline.end()) timeline.erase(oldest);
  }
  touched_.insert(tracked.is.id.text());
}

void CaseLoop::note(Tracked& tracked, std::string text, std::string_view code) {
  step(tracked, kLoop, "note", tracked.is.state, std::move(text), code);
}

void CaseLoop::escalate(Tracked& tracked, std::string_view why, std::string_view code) {
  const std::string& to = kind_of(tracked).escalate_to;
  ++stats_.escalated;
  step(tracked, kLoop, "escalate", tracked.is.state, to.empty() ? std::string(why) : fmt::format("to {}: {}", to, why),
       code);
}

void CaseLoop::file(Tracked tracked, std::string_view by, std::string note, std::string_view code) {
  ++stats_.opened;
  flow::Case& one = tracked.is;
  if (const CaseKind* kind = kinds_.find(one.kind)) {
    one.verify_hold = kind->verify_hold;
    if (kind->close_within != Duration::zero()) one.due_at = now_ + kind->close_within;
    if (one.title == flow::Bilingual{}) one.title = kind->name;
  }
  if (area_of_ && !one.location.empty()) one.area = area_of_(one.location);
  one.opened_at = now_;
  step(book_.add(std::move(tracked)), by, "file", CaseState::filed, std::move(note), code);
}

void CaseLoop::dispatch(Tracked& tracked, std::string_view by, std::string department, std::string note,
                        std::string_view code) {
  tracked.is.holder.clear();
  tracked.dispatched_at = now_;
  tracked.accept_warned = tracked.accept_missed = false;
  tracked.is.overdue = tracked.close_missed;
  std::string text = note.empty() ? fmt::format("to {}", department) : fmt::format("to {}: {}", department, note);
  tracked.is.department = std::move(department);
  step(tracked, by, "dispatch", CaseState::dispatched, std::move(text), code);
}

void CaseLoop::start_verifying(Tracked& tracked) {
  tracked.reported_at = now_;
  tracked.hold_told = false;
  if (tracked.is.finding.empty()) return;  // nothing to watch: a person verifies
  step(tracked, kLoop, "verify", CaseState::verifying,
       fmt::format("the finding must stay cleared for {}", base::format_duration(tracked.is.verify_hold)), "verifying");
}

void CaseLoop::device_at_work(Tracked& tracked) {
  tracked.device_worked = true;
  if (tracked.is.state != CaseState::dispatched) return;
  tracked.is.overdue = tracked.close_missed;
  step(tracked, kLoop, "accept", CaseState::working, fmt::format("{} is at work", tracked.wanted.device.text()),
       "command_working");
}

bool CaseLoop::can_ask_device(const Tracked& tracked) const {
  const CaseKind& kind = kind_of(tracked);
  const bool idle = tracked.commands_made == 0 || flow::is_final(tracked.command_status);
  return !tracked.wanted.none() && kind.command != CommandPolicy::never && idle &&
         tracked.commands_made < kind.commands_max;
}

void CaseLoop::ask_device(Tracked& tracked, const std::string& value, std::string_view code) {
  ++stats_.commands;
  flow::Case& one = tracked.is;
  constexpr std::string_view kPrefix = "urn:ngsi-ld:Case:";
  flow::Command command;
  command.id =
      EntityId(fmt::format("urn:ngsi-ld:Command:{}:{}", one.id.text().substr(kPrefix.size()), ++tracked.commands_made));
  command.device = tracked.wanted.device;
  command.name = tracked.wanted.name;
  command.value = value;
  command.for_case = one.id;
  command.requested_by = kLoop;
  command.requested_at = now_;
  out_->writes.push_back(to_write(command));
  one.commands.push_back(command.id);
  book_.put_command(command.id, one.id);
  tracked.command = command.id;
  tracked.command_status = CommandStatus::requested;
  step(tracked, kLoop, "command", one.state,
       fmt::format("{} = {} asked of {}", command.name, command.value, command.device.text()), code);
}

void CaseLoop::back_to_work(Tracked& tracked, std::string_view by, std::string_view verb, std::string note,
                            std::string_view code) {
  ++stats_.returned;
  tracked.reported_at = kNever;
  const bool in_flight = tracked.commands_made > 0 && !flow::is_final(tracked.command_status);
  const bool ask = can_ask_device(tracked);
  if (ask || in_flight || !tracked.is.holder.empty()) {
    step(tracked, by, verb, CaseState::working, std::move(note), code);
    if (ask) ask_device(tracked, tracked.wanted.value, "command_asked");
    return;
  }
  step(tracked, by, verb, CaseState::working, std::move(note), code);
  dispatch(tracked, kLoop, tracked.is.department, "nobody is at work on it", "nobody_at_work");
  escalate(tracked, "what was done did not help, and nobody is at work on it", "nobody_at_work");
}

// The finding has stayed cleared as long as its kind demands.
void CaseLoop::close_held(Tracked& tracked) {
  const CaseKind& kind = kind_of(tracked);
  const CaseState state = tracked.is.state;
  const std::string held = fmt::format("cleared for {}", base::format_duration(tracked.is.verify_hold));
  const bool reported = state == CaseState::reported || state == CaseState::verifying;
  const bool worked = tracked.device_worked || tracked.person_worked;
  tracked.hold_told = true;
  if (!reported && !worked && kind.cleared_early == EarlyClear::false_alarm) {
    return end_case(tracked, kLoop, "cancel", CaseState::cancelled, CaseOutcome::false_alarm,
                    "cleared before anyone worked on it", "cleared_early");
  }
  const bool may = reported || (worked ? kind.auto_close : kind.cleared_early == EarlyClear::confirmed);
  if (!may) return note(tracked, fmt::format("{}; waits for a person to report or close it", held), "hold_reached");
  if (!reported && state != CaseState::filed) {
    step(tracked, kLoop, "report", CaseState::reported,
         worked ? "the finding cleared while it was worked on" : "the finding cleared before anyone worked on it",
         worked ? "cleared_at_work" : "cleared_early");
  }
  if (state != CaseState::verifying) step(tracked, kLoop, "verify", CaseState::verifying, held, "held_clear");
  end_case(tracked, kLoop, "close", CaseState::closed, CaseOutcome::confirmed, held, "held_clear");
}

void CaseLoop::end_case(Tracked& tracked, std::string_view by, std::string_view verb, CaseState to, CaseOutcome outcome,
                        std::string note, std::string_view code) {
  ++(to == CaseState::closed ? stats_.closed : stats_.cancelled);
  tracked.is.outcome = outcome;
  tracked.is.closed_at = now_;
  step(tracked, by, verb, to, std::move(note), code);
  release_device(tracked);
  book_.end(tracked, now_);
}

// What the case set going must not run on without it.
void CaseLoop::release_device(Tracked& tracked) {
  const bool asked = tracked.commands_made > 0;
  if (asked && tracked.command_status <= CommandStatus::approved) withdraw_command(tracked);
  const std::string& value = kind_of(tracked).command_on_close;
  if (!tracked.device_worked || value.empty()) return;
  bool needed = false;
  book_.each([&](const Tracked& other) {
    needed |= other.is.id != tracked.is.id && is_open(other.is.state) && other.commands_made > 0 &&
              other.wanted.device == tracked.wanted.device && other.wanted.name == tracked.wanted.name;
  });
  if (!needed) ask_device(tracked, value, "command_release");
}

void CaseLoop::withdraw_command(const Tracked& tracked) {
  constexpr std::string_view kPrefix = "urn:ngsi-ld:Command:";
  flow::Action action;
  action.id = EntityId(fmt::format("urn:ngsi-ld:Action:withdraw:{}", tracked.command.text().substr(kPrefix.size())));
  action.target = tracked.command;
  action.verb = "withdraw";
  action.by = kLoop;
  action.note = "its case has ended";
  action.at = now_;
  out_->writes.push_back(to_write(action));
}

CaseLoop::NextDue CaseLoop::next_due(const Tracked& tracked) const {
  const flow::Case& one = tracked.is;
  NextDue next;
  const auto consider = [&](bool holds, Instant at, Due what) {
    if (holds && (next.what == Due::none || at < next.at)) next = {at, what};
  };
  if (!is_open(one.state)) {
    consider(true, tracked.ended_at + keep_ended_, Due::forget);
    return next;
  }
  const CaseKind& kind = kind_of(tracked);
  const bool sensed = !one.finding.empty();
  consider(sensed && one.finding_cleared && !tracked.hold_told, one.cleared_at + one.verify_hold, Due::hold);
  consider(one.state == CaseState::verifying && !one.finding_cleared && kind.verify_within != Duration::zero(),
           tracked.reported_at + kind.verify_within, Due::verify_limit);
  const bool waiting =
      one.state == CaseState::dispatched && kind.accept_within != Duration::zero() && !one.finding_cleared;
  consider(waiting && !tracked.accept_warned, warning_before(tracked.dispatched_at, kind.accept_within),
           Due::accept_warning);
  consider(waiting && !tracked.accept_missed, tracked.dispatched_at + kind.accept_within, Due::accept_missed);
  const bool limited = one.due_at != kNever;
  consider(limited && !tracked.close_warned,
           limited ? warning_before(one.opened_at, one.due_at - one.opened_at) : kNever, Due::close_warning);
  consider(limited && !tracked.close_missed, one.due_at, Due::close_missed);
  return next;
}

bool CaseLoop::settle(Tracked& tracked) {
  for (;;) {
    const NextDue next = next_due(tracked);
    if (next.what == Due::none || next.at > now_) {
      book_.arm(tracked, next.at);
      return true;
    }
    if (next.what == Due::forget) {
      // Written once more if this very record still touched it.
      if (touched_.contains(tracked.is.id.text())) out_->writes.push_back(to_write(tracked.is));
      book_.erase(tracked.is.id);
      return false;
    }
    fire(tracked, next.what);
  }
}

void CaseLoop::fire(Tracked& tracked, Due what) {
  const CaseKind& kind = kind_of(tracked);
  switch (what) {
    case Due::hold: return close_held(tracked);
    case Due::verify_limit:
      return back_to_work(tracked, kLoop, "return",
                          fmt::format("not cleared within {}", base::format_duration(kind.verify_within)),
                          "not_clear_in_time");
    case Due::accept_warning:
      tracked.accept_warned = true;
      if (now_ < tracked.dispatched_at + kind.accept_within)
        note(tracked, "four fifths of the time to accept have passed", "accept_warning");
      return;
    case Due::accept_missed:
      tracked.accept_missed = tracked.is.overdue = true;
      return escalate(tracked, fmt::format("not accepted within {}", base::format_duration(kind.accept_within)),
                      "accept_missed");
    case Due::close_warning:
      tracked.close_warned = true;
      if (now_ < tracked.is.due_at) note(tracked, "four fifths of the time to close have passed", "close_warning");
      return;
    case Due::close_missed:
      tracked.close_missed = tracked.is.overdue = true;
      return escalate(tracked, fmt::format("not closed by {}", base::format_time(tracked.is.due_at)), "close_missed");
    case Due::none:
    case Due::forget: return;
  }
}

}  // namespace cityloop::casework
