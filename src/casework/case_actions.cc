// What people ask of cases.
#include <algorithm>

#include "base/json_value.h"
#include "casework/case_loop.h"
#include "casework/transitions.h"
#include "flow/noun.h"

namespace cityloop::casework {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::Action;
using flow::ActionStatus;
using flow::CaseOutcome;
using flow::CaseState;

namespace {

constexpr std::string_view kCasePrefix = "urn:ngsi-ld:Case:";
constexpr std::string_view kActionPrefix = "urn:ngsi-ld:Action:";

bool is_requested(const flow::Change& change) {
  const flow::Name status("status");
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.now.name != status || told.removed) continue;
    const auto* text = std::get_if<std::string>(&told.now.value);
    return text && *text == to_string(ActionStatus::requested);
  }
  return false;
}

// A title as one text, or as {"zh": …, "en": …}.
flow::Bilingual title_from(const JsonValue& fields) {
  const JsonValue* title = fields.find("title");
  if (!title) return {};
  if (const std::string* text = title->text()) return {*text, *text};
  return {title->text_or("zh", title->text_or("en", "")), title->text_or("en", title->text_or("zh", ""))};
}

base::Status check_fields(const Transition& row, const JsonValue& fields, const std::string& note) {
  for (const FieldSpec& spec : row.fields) {
    const std::string given = spec.name == "note" ? note : fields.text_or(spec.name, "");
    if (given.empty() && spec.required) return fail(Errc::invalid, "'{}' needs '{}'", row.verb, spec.name);
    const bool known = spec.options.empty() || given.empty() ||
                       std::find(spec.options.begin(), spec.options.end(), given) != spec.options.end();
    if (!known) return fail(Errc::invalid, "'{}' cannot be '{}'", spec.name, given);
  }
  return {};
}

}  // namespace

void CaseLoop::on_action(const flow::Change& change) {
  if (change.kind == flow::ChangeKind::erased || !is_requested(change)) return;
  const flow::Entity entity = entity_after({}, change);
  const bool ours =
      entity.text(flow::Name("target")).starts_with(kCasePrefix) || entity.text(flow::Name("verb")) == "file";
  if (!ours) return;
  auto read = flow::action_from(entity);
  Action action = read ? *read : Action{.id = change.entity};
  const base::Status done = read ? do_action(action) : std::unexpected(read.error());
  ++(done ? stats_.actions_done : stats_.actions_refused);
  action.status = done ? ActionStatus::done : ActionStatus::refused;
  if (!done) action.reason = done.error().message;
  out_->writes.push_back(to_write(action));
}

base::Status CaseLoop::do_action(Action& action) {
  const JsonValue fields = action.fields.empty() ? JsonValue{} : TRY(JsonValue::parse(action.fields));
  if (action.verb == "file") return file_by_hand(action, fields);
  Tracked* tracked = book_.find(action.target);
  if (!tracked) return fail(Errc::not_found, "there is no such case, or it ended long ago");
  return do_step(*tracked, action, fields);
}

base::Status CaseLoop::file_by_hand(Action& action, const JsonValue& fields) {
  const std::string kind_id = fields.text_or("kind", "");
  const CaseKind* kind = kinds_.find(kind_id);
  if (!kind) return fail(Errc::invalid, "there is no case kind '{}'", kind_id);
  const std::string_view text = action.id.text();
  const std::string_view tail = text.starts_with(kActionPrefix) ? text.substr(kActionPrefix.size()) : text;
  Tracked tracked;
  flow::Case& one = tracked.is;
  one.id = EntityId(fmt::format("{}{}:{}", kCasePrefix, kind_id, tail));
  if (book_.find(one.id)) return fail(Errc::exists, "this case has been filed already");
  one.kind = kind_id;
  one.title = title_from(fields);
  one.about = EntityId(fields.text_or("about", ""));
  one.severity = TRY(flow::severity_from(fields.text_or("severity", "moderate")));
  if (const JsonValue* location = fields.find("location"); location && location->object())
    one.location = location->dump();
  one.department = fields.text_or("department", kind->department);
  const EntityId id = one.id;
  file(std::move(tracked), action.by, action.note.empty() ? fields.text_or("note", "") : action.note, {});
  Tracked& placed = *book_.find(id);
  if (kind->auto_dispatch && !placed.is.department.empty())
    dispatch(placed, kLoop, placed.is.department, "", "auto_dispatch");
  action.target = id;
  return {};
}

base::Status CaseLoop::do_step(Tracked& tracked, const Action& action, const JsonValue& fields) {
  const std::string note = action.note.empty() ? fields.text_or("note", "") : action.note;
  const Transition& row = *TRY(permitted(tracked.is, action.verb, action.by));
  TRY(check_fields(row, fields, note));
  const std::string_view verb = row.verb;
  if (verb == "dispatch") {
    const std::string department = fields.text_or("department", "");
    if (tracked.is.state == CaseState::dispatched && tracked.is.department == department)
      return fail(Errc::conflict, "{} has it already", department);
    dispatch(tracked, action.by, department, note, {});
    if (kind_of(tracked).command == CommandPolicy::automatic && tracked.commands_made == 0 && can_ask_device(tracked))
      ask_device(tracked, tracked.wanted.value, "command_asked");
  } else if (verb == "accept") {
    tracked.is.holder = action.by;
    tracked.person_worked = true;
    tracked.is.overdue = tracked.close_missed;
    step(tracked, action.by, verb, CaseState::working, note);
    if (kind_of(tracked).command == CommandPolicy::on_accept && can_ask_device(tracked))
      ask_device(tracked, tracked.wanted.value, "command_asked");
  } else if (verb == "report") {
    tracked.person_worked = true;
    step(tracked, action.by, verb, CaseState::reported, note);
    start_verifying(tracked);
  } else if (verb == "verify") {
    return do_verify(tracked, action, fields.text_or("result", ""), note);
  } else if (verb == "return" && row.to == CaseState::filed) {
    ++stats_.returned;
    tracked.is.holder.clear();
    tracked.is.department.clear();
    step(tracked, action.by, verb, CaseState::filed, note);
  } else if (verb == "return") {
    back_to_work(tracked, action.by, verb, note, {});
  } else if (verb == "close") {
    end_case(tracked, action.by, verb, CaseState::closed, CaseOutcome::confirmed, note, {});
  } else if (verb == "cancel") {
    end_case(tracked, action.by, verb, CaseState::cancelled, CaseOutcome::false_alarm, note, {});
  } else {
    step(tracked, action.by, verb, tracked.is.state, note);
  }
  return {};
}

base::Status CaseLoop::do_verify(Tracked& tracked, const Action& action, const std::string& result,
                                 const std::string& note) {
  if (result == "fail") return back_to_work(tracked, action.by, "verify", note, {}), base::Status{};
  if (!tracked.is.finding.empty() && !tracked.is.finding_cleared)
    return fail(Errc::conflict, "its finding is still active: the twin does not bear out that it is done");
  step(tracked, action.by, "verify", CaseState::verifying, note);
  end_case(tracked, action.by, "close", CaseState::closed, CaseOutcome::confirmed, note, {});
  return {};
}

}  // namespace cityloop::casework
