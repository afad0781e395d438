// What people ask of cases.
#include <algorithm>

#include "base/json_value.h"
#include "casework/case_loop.h"
#include "flow/noun.h"

namespace cityloop::casework {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::Action;
using flow::ActionStatus;

namespace {

constexpr std::string_view kCasePrefix = "urn:ngsi-ld:Case:";

bool is_requested(const flow::Change& change) {
  const flow::Name status("status");
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.now.name != status || told.removed) continue;
    const auto* text = std::get_if<flow::Text>(&told.now.value);
    return text && *text == to_string(ActionStatus::requested);
  }
  return false;
}

constexpr std::size_t kGivenMax = std::size_t{16} * 1024;

// What the step asks for, and nothing else that somebody may have sent along.
JsonValue kept_of(const Transition& step, const JsonValue& given) {
  JsonValue::Object kept;
  if (!given.object()) return {std::move(kept)};
  for (const auto& member : *given.object()) {
    const auto& fields = step.form.fields();
    const bool asked =
        member.key == "photos" || member.key == "location" ||
        std::any_of(fields.begin(), fields.end(), [&](const FieldSpec& f) { return f.name == member.key; });
    if (asked) kept.push_back(member);
  }
  return {std::move(kept)};
}

}  // namespace

void CaseLoop::on_action(const flow::Change& change) {
  if (change.kind == flow::ChangeKind::erased || !is_requested(change)) return;
  const flow::Entity entity = entity_after({}, change);
  const std::string_view target = entity.text(flow::Name("target"));
  const bool ours = target.starts_with(kCasePrefix) || is_opening(entity.text(flow::Name("verb")));
  if (!ours) {
    // What act does or refuses belongs to the story of the command's case.
    if (Tracked* of = book_.find(book_.case_of_command(EntityId::lookup(target)))) book_.put_action(*of, change.entity);
    return;
  }
  auto read = flow::action_from(entity);
  Action action = read ? *read : Action{.id = change.entity};
  const base::Status done = read ? do_action(action) : std::unexpected(read.error());
  ++(done ? stats_.actions_done : stats_.actions_refused);
  keep_action(action);
  action.status = done ? ActionStatus::done : ActionStatus::refused;
  if (!done) action.reason = done.error().message;
  out_->writes.push_back(to_write(action));
  out_->writes.back().mode = flow::WriteMode::become;
}

// It is erased with its case. But by what opened a case for another system, which may send the same number again in
// years, that case is known for ever.
void CaseLoop::keep_action(const Action& action) {
  Tracked* tracked = action.target.empty() ? nullptr : book_.find(action.target);
  if (!tracked) return;
  if (is_opening(action.verb) && !tracked->is.external_id.empty()) return;
  book_.put_action(*tracked, action.id);
}

base::Status CaseLoop::do_action(Action& action) {
  if (action.fields.size() > kGivenMax)
    return fail(Errc::invalid, "what was filled in is longer than {} bytes", kGivenMax);
  const JsonValue given = action.fields.empty() ? JsonValue{} : TRY(JsonValue::parse(action.fields));
  if (is_opening(action.verb)) return file_by_hand(action, given);
  Tracked* tracked = book_.find(action.target);
  // What was due before is done before.
  if (!tracked || !settle(*tracked)) return fail(Errc::not_found, "there is no such case, or it ended long ago");
  return do_step(*tracked, action, given);
}

base::Status CaseLoop::do_step(Tracked& tracked, const Action& action, const JsonValue& sent) {
  const std::string note = action.note.empty() ? sent.text_or("note", "") : action.note;
  if (note.size() > kGivenMax) return fail(Errc::invalid, "the note is longer than {} bytes", kGivenMax);
  const CaseActor actor{action.by, action.roles, action.department, action.crews};
  const Wish wish{action.verb, note, sent};
  if (is_decision(action.verb)) return decide(tracked, actor, wish);
  const Choice choice = TRY(choose(tracked.view(now_), actor, wish));
  const Doer doer{action.by, choice.role};
  const Transition& step = *choice.step;
  const JsonValue given = kept_of(step, sent);
  if (!step.request.empty()) {
    const auto& open = tracked.is.requests;
    const bool twice = std::any_of(open.begin(), open.end(), [&](const auto& r) { return r.kind == step.request; });
    if (twice) return fail(Errc::conflict, "this has been asked for, and waits for a decision");
    // What could not be granted need not be asked.
    TRY(can_run(tracked, tracked.flow->find_request(step.request)->granted, doer, actor, given));
    ask(tracked, step, doer, note, given);
    return {};
  }
  TRY(can_run(tracked, step, doer, actor, given));
  take(tracked, step, doer, note, given);
  const bool absorbs =
      std::any_of(step.run.begin(), step.run.end(), [](const Effect& e) { return e.what == Effect::What::absorb; });
  if (absorbs) absorb(tracked, actor, note, given);
  return {};
}

void CaseLoop::ask(Tracked& tracked, const Transition& step, const Doer& doer, std::string note,
                   const JsonValue& given) {
  flow::CaseRequest& request = tracked.is.requests.emplace_back();
  request.number = ++tracked.requests_made;
  request.kind = step.request;
  request.by = doer.id;
  request.at = now_;
  request.note = note;
  if (given.object() && !given.object()->empty()) request.given = given.dump();
  if (const Deadline* deadline = tracked.flow->deadline_of(Deadline::Of::request))
    start_clock(tracked, *deadline, fmt::format("request-{}", request.number));
  take(tracked, step, doer, std::move(note), given);
}

base::Status CaseLoop::decide(Tracked& tracked, const CaseActor& actor, const Wish& wish) {
  const Decision decision = TRY(choose_decision(tracked.view(now_), actor, wish));
  const flow::CaseRequest request = *decision.request;
  const Transition& granted = decision.kind->granted;
  const Doer doer{actor.id, decision.role};
  JsonValue given = request.given.empty() ? JsonValue{JsonValue::Object{}} : TRY(JsonValue::parse(request.given));
  if (wish.verb == "grant") {
    if (!may_end(granted, tracked.view(now_)))
      return fail(Errc::conflict, "its finding is still active, or has cleared too short a time ago");
    TRY(can_run(tracked, granted, doer, actor, given));
  }
  end_clock(tracked, fmt::format("request-{}", request.number));
  std::erase_if(tracked.is.requests, [&](const auto& open) { return open.number == request.number; });
  base::JsonWriter about;
  about.object().field("request", request.number).field("kind", request.kind).field("by", request.by).end();
  write_step(tracked, doer, wish.verb, std::string(wish.note), {}, about.take());
  if (wish.verb == "grant") take(tracked, granted, doer, request.note, given);
  return {};
}

}  // namespace cityloop::casework
