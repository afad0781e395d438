#include "casework/offer.h"

#include <algorithm>
#include <charconv>

#include "casework/workflow_words.h"

namespace cityloop::casework {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::Case;

bool has_role(const CaseActor& actor, std::string_view role) {
  return std::find(actor.roles.begin(), actor.roles.end(), role) != actor.roles.end();
}

bool assists(const Case& one, const std::string& department) {
  return !department.empty() && std::any_of(one.tasks.begin(), one.tasks.end(), [&](const flow::CaseTask& task) {
    return task.department == department &&
           (task.state == flow::TaskState::open || task.state == flow::TaskState::working);
  });
}

bool is_party(const Party& party, const Case& one, const CaseActor& actor) {
  const bool own = !one.department.empty() && actor.department == one.department;
  switch (party.what) {
    case Party::What::role: return has_role(actor, party.role);
    case Party::What::role_department: return own && has_role(actor, party.role);
    case Party::What::role_assisting: return has_role(actor, party.role) && assists(one, actor.department);
    case Party::What::department: return own;
    case Party::What::holder: return !one.holder.empty() && actor.id == one.holder;
    case Party::What::reporter: return !one.opened_by.empty() && actor.id == one.opened_by;
    case Party::What::crew:
      return !one.crew.empty() && std::find(actor.crews.begin(), actor.crews.end(), one.crew) != actor.crews.end();
    case Party::What::twin: return false;
  }
  return false;
}

const State* state_after(const Transition& step, const CaseView& view) {
  return step.to >= 0 ? &view.flow.states[std::size_t(step.to)] : nullptr;
}

std::string_view why_not(const Guard& guard) {
  switch (guard.what) {
    case Guard::What::cleared:
      return guard.negated ? "its finding has cleared"
                           : "its finding is still active: the case can be closed once that has cleared";
    case Guard::What::tasks_open:
      return guard.negated ? "an assisting department has not reported yet" : "there is no open task";
    case Guard::What::checks_open:
      return guard.negated ? "the plan's checklist is not done yet" : "the checklist is done";
    case Guard::What::department: return guard.negated ? "it has a department" : "it has no department yet";
    case Guard::What::taken: return guard.negated ? "somebody holds it" : "nobody holds it";
    case Guard::What::sensed: return guard.negated ? "a finding opened it" : "no finding opened it";
    case Guard::What::forwarded: return guard.negated ? "a body outside has it" : "no body outside has it";
    case Guard::What::held:
      return guard.negated ? "its finding has stayed cleared"
                           : "its finding is still active, or has not stayed cleared for long enough";
    default: return "the case is not such";
  }
}

bool is_photo(const JsonValue& value) {
  const std::string* text = value.text();
  return text && !text->empty() && text->size() <= 2000;
}

// What the form does not say of itself: a note, photos, a place.
base::Status check_demands(const Transition& step, const Wish& wish) {
  if (step.note_required && wish.note.empty()) return fail(Errc::invalid, "'{}' needs 'note'", step.verb);
  const JsonValue* photos = wish.given.find("photos");
  const bool sound = !photos || (photos->array() && photos->array()->size() <= 20 &&
                                 std::all_of(photos->array()->begin(), photos->array()->end(), is_photo));
  if (!sound) return fail(Errc::invalid, "'photos' is a list of at most 20 addresses of photos");
  const std::size_t given = photos ? photos->array()->size() : 0;
  if (given < step.photos_min) return fail(Errc::invalid, "'{}' needs {} photos", step.verb, step.photos_min);
  const JsonValue* location = wish.given.find("location");
  const bool placed = location && location->object() && location->find("coordinates");
  if (location && !placed) return fail(Errc::invalid, "'location' is a GeoJSON geometry");
  if (step.location_required && !placed) return fail(Errc::invalid, "'{}' needs 'location'", step.verb);
  return {};
}

// Photos and place are checked apart, so a closed form need not name them.
JsonValue form_part(const JsonValue& given) {
  JsonValue::Object kept;
  if (given.object()) {
    for (const auto& member : *given.object()) {
      if (member.key != "photos" && member.key != "location" && member.key != "note") kept.push_back(member);
    }
  }
  return {std::move(kept)};
}

base::Status check_allowed(const Transition& step, const CaseView& view, const CaseActor& actor) {
  if (step.not_by_worker && !view.is.worked_by.empty() && actor.id == view.is.worked_by)
    return fail(Errc::conflict, "whoever reported the work as done cannot verify it too");
  for (const Guard& guard : step.when) {
    if (!holds(guard, view)) return fail(Errc::conflict, "'{}' is not possible now: {}", step.verb, why_not(guard));
  }
  if (!may_end(step, view))
    return fail(Errc::conflict, "its finding {}; it must have stayed cleared for {}",
                view.is.finding_cleared ? "has only just cleared" : "is still active",
                base::format_duration(view.is.verify_hold));
  return {};
}

// Of several rows of one verb that all refuse, the one is told that was nearest to fit: one for this sort of case,
// whose form was filled in.
enum class Nearness : std::uint8_t { none, other_person, other_case, other_form, this_one };

bool is_for_such_cases(const Transition& step, const CaseView& view) {
  return std::all_of(step.when.begin(), step.when.end(),
                     [&](const Guard& guard) { return guard.what != Guard::What::sensed || holds(guard, view); });
}

// Rows of one verb are offered as one action that takes the choices of all.
void merge_fields(std::vector<FieldSpec>& into, const std::vector<FieldSpec>& fields) {
  for (const FieldSpec& field : fields) {
    const auto known = std::find_if(into.begin(), into.end(), [&](const FieldSpec& f) { return f.name == field.name; });
    if (known == into.end()) {
      into.push_back(field);
      continue;
    }
    known->required = known->required && field.required;
    for (const std::string& option : field.options) {
      if (std::find(known->options.begin(), known->options.end(), option) == known->options.end())
        known->options.push_back(option);
    }
  }
}

std::vector<FieldSpec> demanded(const Transition& step) {
  std::vector<FieldSpec> out = step.form.fields();
  if (step.photos_min)
    out.push_back({.name = "photos", .label = {"照片", "Photos"}, .required = true, .type = "array"});
  if (step.location_required)
    out.push_back({.name = "location", .label = {"位置", "Location"}, .required = true, .type = "object"});
  out.push_back({.name = "note", .label = {"备注", "Note"}, .required = step.note_required});
  return out;
}

void offer_decisions(const CaseView& view, const CaseActor& actor, std::vector<AvailableAction>& out) {
  FieldSpec decide{.name = "request", .label = {"申请", "Request"}, .required = true, .from = "requests"};
  FieldSpec own = decide;
  if (view.is.outcome == flow::CaseOutcome::merged) return;
  for (const flow::CaseRequest& request : view.is.requests) {
    const RequestKind* kind = view.flow.find_request(request.kind);
    const std::string number = std::to_string(request.number);
    if (actor.id == request.by) own.options.push_back(number);
    else if (kind && !acting_as(kind->approve, view.is, actor).empty()) decide.options.push_back(number);
  }
  const FieldSpec reason{.name = "note", .label = {"备注", "Note"}, .required = true};
  const FieldSpec note{.name = "note", .label = {"备注", "Note"}};
  if (!decide.options.empty()) {
    out.push_back({"grant", {"同意申请", "Grant the request"}, {decide, note}});
    out.push_back({"deny", {"驳回申请", "Deny the request"}, {decide, reason}});
  }
  if (!own.options.empty()) out.push_back({"withdraw", {"撤回申请", "Withdraw the request"}, {own, note}});
}

}  // namespace

bool is_sensed(const Case& one) {
  return !one.finding.empty() && !one.reopened;
}

bool is_held(const CaseView& view) {
  return is_sensed(view.is) && view.is.finding_cleared && view.now >= view.is.cleared_at + view.is.verify_hold;
}

bool has_open_tasks(const Case& one) {
  return std::any_of(one.tasks.begin(), one.tasks.end(), [](const flow::CaseTask& task) {
    return task.state != flow::TaskState::reported && task.state != flow::TaskState::dropped;
  });
}

std::string acting_as(const std::vector<Party>& parties, const Case& one, const CaseActor& actor) {
  for (const Party& party : parties) {
    if (is_party(party, one, actor)) return to_text(party);
  }
  return {};
}

bool holds(const Guard& guard, const CaseView& view) {
  const auto now = [&] {
    const Case& one = view.is;
    switch (guard.what) {
      case Guard::What::sensed: return is_sensed(one);
      case Guard::What::cleared: return is_sensed(one) && one.finding_cleared;
      case Guard::What::held: return is_held(view);
      case Guard::What::taken: return !one.holder.empty();
      case Guard::What::department: return !one.department.empty();
      case Guard::What::tasks_open: return has_open_tasks(one);
      case Guard::What::forwarded: return !one.forwarded_to.empty();
      case Guard::What::checks_open:
        return std::any_of(one.checklist.begin(), one.checklist.end(), [](const auto& c) { return c.done_by.empty(); });
      case Guard::What::option: return view.kind.option(view.flow, guard.option) == guard.value;
      default: return guard.negated;  // the loop's own: no person's step hangs on it
    }
  };
  return now() != guard.negated;
}

bool may_end(const Transition& step, const CaseView& view) {
  const State* to = state_after(step, view);
  const bool confirms = to && to->final && to->outcome == flow::CaseOutcome::confirmed && view.is.is_open();
  return !confirms || !is_sensed(view.is) || is_held(view);
}

base::Result<Choice> choose(const CaseView& view, const CaseActor& actor, const Wish& wish) {
  const int state = view.flow.find_state(view.is.state);
  bool known = false;
  base::Error refusal;
  Nearness nearest = Nearness::none;
  const auto refuse = [&](Nearness near, base::Error error) {
    if (near > nearest) nearest = near, refusal = std::move(error);
  };
  for (const Transition& step : view.flow.transitions) {
    if (!step.event.empty() || step.verb != wish.verb) continue;
    known = true;
    if (!step.leaves(state)) continue;
    std::string role = acting_as(step.by, view.is, actor);
    if (role.empty()) {
      refuse(Nearness::other_person,
             {Errc::refused, fmt::format("'{}' is not for {} to do in this case", step.verb, actor.id)});
      continue;
    }
    const base::Status allowed = check_allowed(step, view, actor);
    base::Status filled = check_demands(step, wish);
    if (filled) filled = step.form.check(form_part(wish.given));
    if (allowed && filled) return Choice{&step, std::move(role)};
    if (!is_for_such_cases(step, view)) refuse(Nearness::other_case, allowed.error());
    else if (!filled) refuse(Nearness::other_form, filled.error());
    else refuse(Nearness::this_one, allowed.error());
  }
  if (!known) return fail(Errc::invalid, "'{}' is not a step of a case", wish.verb);
  if (nearest != Nearness::none) return std::unexpected(std::move(refusal));
  return fail(Errc::conflict, "'{}' is not possible while the case is {}", wish.verb, view.is.state);
}

bool is_decision(std::string_view verb) {
  return verb == "grant" || verb == "deny" || verb == "withdraw";
}

base::Result<Decision> choose_decision(const CaseView& view, const CaseActor& actor, const Wish& wish) {
  const JsonValue* which = wish.given.find("request");
  std::uint32_t number = 0;
  if (which && which->number() && *which->number() >= 0 && *which->number() < 1e9)
    number = std::uint32_t(*which->number());
  if (which && which->text())
    std::from_chars(which->text()->data(), which->text()->data() + which->text()->size(), number);
  const auto& all = view.is.requests;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& r) { return r.number == number; });
  if (found == all.end())
    return fail(Errc::conflict, "there is no such request, or it has been decided: 'request' is its number");
  const RequestKind* kind = view.flow.find_request(found->kind);
  if (!kind) return fail(Errc::conflict, "the workflow does not know the request '{}'", found->kind);
  if (view.is.outcome == flow::CaseOutcome::merged)
    return fail(Errc::conflict, "the case is merged into another: what was asked for waits until that is undone");
  if (wish.verb == "withdraw") {
    if (actor.id != found->by) return fail(Errc::refused, "only who asked may take the request back");
    return Decision{&*found, kind, "reporter"};
  }
  if (actor.id == found->by) return fail(Errc::conflict, "whoever asked for it cannot decide it too");
  std::string role = acting_as(kind->approve, view.is, actor);
  if (role.empty()) return fail(Errc::refused, "it is not for {} to decide '{}'", actor.id, found->kind);
  if (wish.verb == "deny" && wish.note.empty()) return fail(Errc::invalid, "'deny' needs 'note': the reason");
  return Decision{&*found, kind, std::move(role)};
}

std::vector<AvailableAction> available_actions(const CaseView& view, const CaseActor& actor) {
  std::vector<AvailableAction> out;
  offer_decisions(view, actor, out);
  const int state = view.flow.find_state(view.is.state);
  for (const Transition& step : view.flow.transitions) {
    if (!step.event.empty() || !step.leaves(state) || acting_as(step.by, view.is, actor).empty()) continue;
    if (!check_allowed(step, view, actor)) continue;
    const bool pending = std::any_of(view.is.requests.begin(), view.is.requests.end(),
                                     [&](const auto& request) { return request.kind == step.request; });
    if (!step.request.empty() && pending) continue;
    const auto known = std::find_if(out.begin(), out.end(), [&](const auto& a) { return a.verb == step.verb; });
    if (known == out.end()) out.push_back({step.verb, step.name, demanded(step), !step.request.empty()});
    else merge_fields(known->fields, demanded(step));
  }
  return out;
}

}  // namespace cityloop::casework
