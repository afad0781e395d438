// How a case moves from one state to the next.
#include <algorithm>
#include <cassert>

#include "base/json_value.h"
#include "casework/case_code.h"
#include "casework/case_loop.h"
#include "casework/toml_reading.h"
#include "casework/workflow_words.h"

namespace cityloop::casework {

using flow::CaseOutcome;

namespace {

constexpr std::size_t kTimelineMax = 400;
// Steps that follow from steps. A workflow that goes round in circles by itself is stopped here, and goes on with the
// next thing that happens.
constexpr int kDepthMax = 24;

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
    text.replace(at, what.size(), with);
}

std::string given_json(const base::JsonValue& given) {
  return given.object() && !given.object()->empty() ? given.dump() : std::string{};
}

}  // namespace

void CaseLoop::write_step(Tracked& tracked, const Doer& doer, std::string_view verb, std::string note,
                          std::string_view code, std::string given) {
  std::vector<flow::CaseStep>& timeline = tracked.is.timeline;
  timeline.push_back({now_, doer.id, std::string(verb), tracked.is.state, std::move(note), std::string(code), doer.role,
                      std::move(given)});
  if (timeline.size() > kTimelineMax) {
    // A finding that comes and goes for weeks would grow it without end: the oldest of the loop's own notes goes.
    const auto oldest = std::find_if(timeline.begin(), timeline.end(),
                                     [](const flow::CaseStep& s) { return s.verb == "note" && !s.code.empty(); });
    if (oldest != timeline.end()) timeline.erase(oldest);
  }
  touched_.insert(tracked.is.id.text());
}

void CaseLoop::note(Tracked& tracked, std::string text, std::string_view code) {
  write_step(tracked, {std::string(kLoop)}, "note", std::move(text), code);
}

Tracked& CaseLoop::file(Filing filing) {
  ++stats_.opened;
  filing.tracked.is.rules = rules_->version();
  filing.tracked.is.state = filing.state;
  const base::Status bound = bind(filing.tracked);
  assert(bound && "a case is filed by the rules in force");
  flow::Case& one = filing.tracked.is;
  const CaseKind& kind = *filing.tracked.kind;
  const Category* category = rules_->categories().find(one.category);
  one.verify_hold = kind.verify_hold;
  if (one.title == flow::Bilingual{}) one.title = category ? category->name : kind.name;
  locate(one, *rules_);
  const AssignedBy said_by = filing.doer.id == kLoop ? AssignedBy::response : AssignedBy::wish;
  const Assignment whose = find_responsible(one, *rules_, one.department, said_by);
  give_to(one, whose);
  if (one.department.empty()) one.department = kind.department;  // of a kind that nobody declared
  one.opened_at = now_;
  introduce(filing.tracked);
  Tracked& placed = book_.add(std::move(filing.tracked));
  const State& state = placed.flow->state(placed.is.state);
  placed.is.stage = state.stage;
  write_step(placed, filing.doer, "file", std::move(filing.note), filing.code);
  tell_responsible(placed, whose);
  run_clocks(placed, nullptr, state);
  for (const Effect& effect : state.run) run_before(placed, effect, filing.doer, {}, {});
  for (const Effect& effect : state.run) run_after(placed, effect, nullptr, filing.doer, {});
  return placed;
}

// The plan of its kind: what is to be ticked off, and commands that wait for somebody's word.
void CaseLoop::bring_plan(Tracked& tracked) {
  const Plan* plan = tracked.rules->plan_for(tracked.is.kind, tracked.is.severity);
  if (!plan) return;
  tracked.is.plan = plan->id;
  tracked.is.checklist = plan->checks;
  write_step(tracked, {std::string(kLoop)}, "note", in_both(plan->name), "plan");
  for (const Plan::PlanCommand& command : plan->commands) {
    const auto given = base::JsonValue::parse(command.given());
    for (const Transition& step : tracked.flow->transitions) {
      if (step.request == kPlanCommand && given) ask(tracked, step, {std::string(kLoop)}, in_both(command.why), *given);
    }
  }
}

bool CaseLoop::holds_here(const Tracked& tracked, const Guard& guard) const {
  const auto own = [&] {
    switch (guard.what) {
      case Guard::What::worked: return tracked.device_worked || tracked.person_worked;
      case Guard::What::device_at_work: return tracked.commands_made > 0 && !flow::is_final(tracked.command_status);
      case Guard::What::device_reported:
        return !tracked.wanted.none() && tracked.is.worked_by == tracked.wanted.device.text();
      case Guard::What::device_asked: return tracked.commands_made > 0;
      case Guard::What::device_left: return can_ask_device(tracked);
      default: return false;
    }
  };
  if (is_loops_own(guard.what)) return own() != guard.negated;
  return holds(guard, tracked.view(now_));
}

bool CaseLoop::fits(const Tracked& tracked, const Transition& step) const {
  return step.leaves(tracked.flow->find_state(tracked.is.state)) &&
         std::all_of(step.when.begin(), step.when.end(), [&](const Guard& g) { return holds_here(tracked, g); }) &&
         may_end(step, tracked.view(now_));
}

bool CaseLoop::happen(Tracked& tracked, std::string_view event, std::string_view by) {
  if (depth_ >= kDepthMax) return false;
  ++depth_;
  bool followed = false;
  for (const Transition& step : tracked.flow->transitions) {
    if (step.event != event || !fits(tracked, step)) continue;
    followed = true;
    take(tracked, step, {std::string(by)}, in_both(text_of(tracked, step)), {});
    if (step.to != kStays) break;
  }
  --depth_;
  return followed;
}

flow::Bilingual CaseLoop::text_of(const Tracked& tracked, const Transition& step) const {
  flow::Bilingual out = step.text;
  for (std::string* text : {&out.zh, &out.en}) {
    replace_all(*text, "{department}", tracked.is.department);
    replace_all(*text, "{hold}", base::format_duration(tracked.is.verify_hold));
    replace_all(*text, "{device}", tracked.wanted.device.text());
    replace_all(*text, "{command}", fmt::format("{} = {}", tracked.wanted.name, tracked.wanted.value));
  }
  return out;
}

void CaseLoop::take(Tracked& tracked, const Transition& step, const Doer& doer, std::string note,
                    const base::JsonValue& given) {
  only_clocks_ = false;
  const State& before = tracked.flow->state(tracked.is.state);
  if (tracked.flow->merges(step)) return take_merge(tracked, step, doer, std::move(note), given);
  if (before.merged() && step.to == kBack) return take_unmerge(tracked, step, doer, std::move(note), given);
  const State* to = step.to >= 0       ? &tracked.flow->states[std::size_t(step.to)]
                    : step.to == kBack ? &tracked.flow->state(tracked.state_before)
                                       : nullptr;
  for (const Effect& effect : step.run) run_before(tracked, effect, doer, note, given);
  if (to) {
    stats_.returned += to->stage < before.stage && !before.final;
    tracked.is.state = to->id;
    tracked.is.stage = to->stage;
    keep_appointment(tracked.is, before, *to);
    end_or_reopen(tracked, &before, *to);
  }
  // What the loop does in silence has effects that tell themselves.
  if (to || step.event.empty() || !step.code.empty())
    write_step(tracked, doer, step.verb, std::move(note), step.code, given_json(given));
  if (to) enter(tracked, &before, *to);
  for (const Effect& effect : step.run) run_after(tracked, effect, &step, doer, given);
  if (!to) return;
  for (const Effect& effect : to->run) run_before(tracked, effect, doer, {}, {});
  for (const Effect& effect : to->run) run_after(tracked, effect, nullptr, doer, {});
  happen(tracked, "entered");
}

void CaseLoop::enter(Tracked& tracked, const State* before, const State& now) {
  if (before != &now) tracked.state_before = before->id;
  run_clocks(tracked, before, now);
  lapse_requests(tracked);
  if (!now.final || before->final) return;
  book_.end(tracked, now_);
  end_tree(tracked);
}

// Before the line of the timeline is written, so that the line and what the case is agree.
void CaseLoop::end_or_reopen(Tracked& tracked, const State* before, const State& now) {
  flow::Case& one = tracked.is;
  if (now.final && !before->final) {
    ++(now.outcome == CaseOutcome::confirmed ? stats_.closed : stats_.cancelled);
    one.closed_at = now_;
    neighbours_.remove(case_number(one.code));
  } else if (!now.final && before->final) {
    one.closed_at = kNever;
    one.reopened = true;
    book_.reopen(tracked);
    reopen_tree(tracked);
    neighbours_.add(case_number(one.code), one);
    watch_again(tracked);
  }
  one.outcome = now.final ? now.outcome : CaseOutcome::open;
}

// What was asked for in a state that is over is no longer a question.
void CaseLoop::lapse_requests(Tracked& tracked) {
  const int state = tracked.flow->find_state(tracked.is.state);
  const auto over = [&](const flow::CaseRequest& request) {
    const RequestKind* kind = tracked.flow->find_request(request.kind);
    return !kind || !kind->granted.leaves(state);
  };
  for (const flow::CaseRequest& request : tracked.is.requests) {
    if (!over(request)) continue;
    end_clock(tracked, fmt::format("request-{}", request.number));
    note(tracked, fmt::format("request {} ({})", request.number, request.kind), "request_lapsed");
  }
  std::erase_if(tracked.is.requests, over);
}

}  // namespace cityloop::casework
