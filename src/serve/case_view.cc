#include "serve/case_view.h"

namespace cityloop::serve {
namespace {

using base::JsonWriter;
using flow::Case;

double seconds(base::Duration span) {
  return double(span.count()) / 1e6;
}

void write_time_if(JsonWriter& out, std::string_view key, base::Instant at) {
  if (at != flow::kNever) out.field(key, base::format_time(at));
}

std::string_view light_of(const flow::CaseClock& clock) {
  if (clock.missed) return "missed";
  if (clock.red) return "red";
  return clock.yellow ? "yellow" : "green";
}

// "Due in 3 h 20 min: 4 working hours from dispatch, 40 min stood still": what of that is so, for the console to say.
void write_clock(JsonWriter& out, const RuledCase& one, const flow::CaseClock& clock) {
  const casework::WorkCalendar& calendar = one.rules->calendars().get(clock.calendar);
  const casework::Deadline* deadline = one.flow->find_deadline(clock.id);
  using Of = casework::Deadline::Of;
  if (clock.id.starts_with("task-")) deadline = one.flow->deadline_of(Of::task);
  if (clock.id.starts_with("request-")) deadline = one.flow->deadline_of(Of::request);
  out.object().field("id", clock.id).field("calendar", clock.calendar);
  if (deadline) write(out.key("name"), deadline->name);
  write(out.key("calendarName"), calendar.name());
  write_time_if(out, "startedAt", clock.started_at);
  write_time_if(out, "dueAt", clock.due_at);
  write_time_if(out, "endedAt", clock.ended_at);
  write_time_if(out, "standsSince", clock.stands_since);
  out.field("light", light_of(clock)).field("limitS", seconds(clock.limit));
  out.field("extendedS", seconds(clock.extended)).field("stoodS", seconds(clock.stood));
  out.field("usedS", seconds(casework::used_by(clock, calendar, one.now))).end();
}

void write_named(JsonWriter& out, flow::EntityId id, const std::optional<Case>& known) {
  out.object().field("id", id.text());
  if (known) {
    out.field("code", known->code).field("state", known->state).field("outcome", to_string(known->outcome));
    out.field("count", known->count).field("openedAt", base::format_time(known->opened_at)).key("title");
    write(out, known->title);
  }
  out.end();
}

void write_requests(JsonWriter& out, const RuledCase& one) {
  out.key("requests").array();
  for (const flow::CaseRequest& request : one.is.requests) {
    const casework::RequestKind* kind = one.flow->find_request(request.kind);
    out.object().field("number", request.number).field("kind", request.kind).field("by", request.by);
    out.field("at", base::format_time(request.at)).field("note", request.note);
    if (kind) write(out.key("name"), kind->name);
    if (!request.given.empty()) out.key("given").raw(request.given);
    out.end();
  }
  out.end();
}

void write_tasks(JsonWriter& out, const Case& one) {
  out.key("tasks").array();
  for (const flow::CaseTask& task : one.tasks) {
    out.object().field("number", task.number).field("department", task.department).field("turn", task.turn);
    out.field("state", to_string(task.state)).field("holder", task.holder).field("note", task.note);
    write(out.key("name"), task.name);
    write_time_if(out, "openedAt", task.opened_at);
    write_time_if(out, "reportedAt", task.reported_at);
    out.end();
  }
  out.end();
}

void write_plan(JsonWriter& out, const RuledCase& one) {
  const casework::Plan* plan = one.rules->find_plan(one.is.plan);
  if (!plan) return;
  out.key("plan").object().field("id", plan->id);
  write(out.key("name"), plan->name);
  out.key("checklist").array();
  for (const flow::CheckItem& item : one.is.checklist) {
    write(out.object().field("id", item.id).key("text"), item.text);
    out.field("doneBy", item.done_by);
    write_time_if(out, "doneAt", item.done_at);
    out.end();
  }
  out.end().key("calls").array();
  for (const auto& call : plan->calls) {
    write(out.object().key("name"), call.name);
    out.field("phone", call.phone).end();
  }
  out.end().key("resources").array();
  for (const auto& resource : plan->resources) {
    write(out.object().key("name"), resource.name);
    write(out.key("place"), resource.place);
    out.field("amount", resource.amount).end();
  }
  out.end().end();
}

void write_option(JsonWriter& out, std::string_view value, const flow::Bilingual& label) {
  write(out.object().field("value", value).key("label"), label);
  out.end();
}

flow::Bilingual label_of(const std::string& option) {
  if (option == "pass") return {"通过", "Pass"};
  if (option == "fail") return {"不通过", "Fail"};
  return {option, option};
}

// What there is to choose from beside the case itself.
struct Choices {
  const City& city;
  const duty::RosterPtr& roster;  // null: no crews
};

// Crews of the department that has it, or their people.
void write_crew_options(JsonWriter& out, const Case& one, bool people, const duty::RosterPtr& roster) {
  if (!roster) return;
  for (const duty::Crew& crew : roster->crews()) {
    if (crew.department != one.department) continue;
    if (!people) write_option(out, crew.id, crew.name);
    for (const std::string& id : people ? crew.members : std::vector<std::string>{})
      write_option(out, id, roster->person(id)->name);
  }
}

// The choices that the workflow leaves to the city or to the case.
void write_found_options(JsonWriter& out, const RuledCase& one, const casework::CaseActor& actor,
                         const casework::FieldSpec& field, const Choices& among) {
  const City& city = among.city;
  if (field.from == "crews" || field.from == "crew_members") {
    write_crew_options(out, one.is, field.from == "crew_members", among.roster);
  } else if (field.from == "departments") {
    for (const City::Department& department : city.departments) write_option(out, department.id, department.name);
  } else if (field.from == "tasks") {
    for (const flow::CaseTask& task : one.is.tasks) {
      const bool open = task.state != flow::TaskState::reported && task.state != flow::TaskState::dropped;
      const bool mine = task.department == actor.department || one.is.department == actor.department;
      const std::string number = std::to_string(task.number);
      if (open && mine)
        write_option(out, number,
                     {fmt::format("{} {} {}", number, task.department, task.name.zh),
                      fmt::format("{} {} {}", number, task.department, task.name.en)});
    }
  } else if (field.from == "kinds") {
    for (const casework::CaseKind& kind : one.rules->kinds()) {
      if (kind.workflow == one.is.workflow) write_option(out, kind.id, kind.name);
    }
  } else if (field.from == "categories") {
    for (const casework::Category& row : one.rules->categories().all()) write_option(out, row.code, row.name);
  } else if (field.from == "similar") {
    for (const flow::SimilarCase& other : one.is.similar) write_option(out, other.id.text(), {});
  } else if (field.from == "checklist") {
    for (const flow::CheckItem& item : one.is.checklist) {
      if (item.done_by.empty()) write_option(out, item.id, item.text);
    }
  }
}

void write_request_options(JsonWriter& out, const RuledCase& one, const casework::FieldSpec& field) {
  for (const std::string& number : field.options) {
    for (const flow::CaseRequest& request : one.is.requests) {
      if (std::to_string(request.number) != number) continue;
      const casework::RequestKind* kind = one.flow->find_request(request.kind);
      const flow::Bilingual name = kind ? kind->name : flow::Bilingual{request.kind, request.kind};
      write_option(out, number,
                   {fmt::format("{}（{}）{}", name.zh, request.by, request.note),
                    fmt::format("{} ({}) {}", name.en, request.by, request.note)});
    }
  }
}

void write_field(JsonWriter& out, const RuledCase& one, const casework::CaseActor& actor,
                 const casework::FieldSpec& field, const Choices& among) {
  out.object().field("name", field.name).field("required", field.required).field("type", field.type);
  if (!field.label.zh.empty()) write(out.key("label"), field.label);
  const bool choice = !field.from.empty() || !field.options.empty();
  if (choice) {
    out.key("options").array();
    if (field.from == "requests") write_request_options(out, one, field);
    else if (!field.from.empty()) write_found_options(out, one, actor, field, among);
    else
      for (const std::string& option : field.options) write_option(out, option, label_of(option));
    out.end();
  }
  out.end();
}

}  // namespace

base::Result<RuledCase> RuledCase::make(flow::Case one, CaseRulesShelf& shelf, base::Instant now) {
  RuledCase out{std::move(one), nullptr, nullptr, nullptr, now};
  out.rules = shelf.find(out.is.rules);
  out.flow = out.rules ? out.rules->find_workflow(out.is.workflow) : nullptr;
  if (!out.flow || out.flow->find_state(out.is.state) < 0)
    return base::fail(base::Errc::unavailable, "the rules '{}' of this case cannot be read", out.is.rules);
  const casework::CaseKind* kind = out.rules->find_kind(out.is.kind);
  if (kind) out.kind = std::shared_ptr<const casework::CaseKind>(out.rules, kind);
  else out.kind = std::make_shared<casework::CaseKind>(casework::unknown_kind(out.is.kind, *out.flow));
  return out;
}

namespace {

// What the reporter said, what it stands for, and what may be the same. Of cases that the reader may not see nothing is
// said but that they are there.
void write_intake(JsonWriter& out, const Case& c, const CaseFinder& find) {
  out.field("description", c.description).field("externalId", c.external_id).key("media").array();
  for (const std::string& photo : c.media) out.text(photo);
  out.end().key("merged").array();
  for (const flow::EntityId id : c.merged) write_named(out, id, find(id));
  out.end().key("mergedIntoCase");
  if (c.merged_into.empty()) out.null();
  else write_named(out, c.merged_into, find(c.merged_into));
  out.key("similar").array();
  for (const flow::SimilarCase& other : c.similar) {
    const auto known = find(other.id);
    // Whoever may not read it cannot merge it, and what has ended is no suggestion.
    if (!known || !known->is_open()) continue;
    out.object().key("case");
    write_named(out, other.id, known);
    out.field("score", other.score).field("sameKind", other.same_kind).field("earlierS", seconds(other.earlier));
    if (other.distance_m >= 0) out.field("distanceM", other.distance_m);
    if (other.text >= 0) out.field("textLikeness", other.text);
    out.end();
  }
  out.end();
  if (!c.storm) return;
  out.key("covers").object().field("count", c.count).field("cleared", c.cleared_count).key("findings").array();
  for (const flow::EntityId id : c.covers) out.text(id.text());
  out.end().end();
}

}  // namespace

void write_detail(JsonWriter& out, const RuledCase& one, const CaseFinder& find) {
  const Case& c = one.is;
  write(out.key("stateName"), one.flow->state(c.state).name);
  out.field("rules", c.rules).field("workflow", c.workflow).field("openedBy", c.opened_by);
  out.field("findingCleared", c.finding_cleared);
  write_time(out, "clearedAt", c.cleared_at);
  out.field("verifyHoldS", seconds(c.verify_hold)).key("commands").array();
  for (const flow::EntityId id : c.commands) out.text(id.text());
  out.end().key("clocks").array();
  for (const flow::CaseClock& clock : c.clocks) write_clock(out, one, clock);
  out.end();
  write_requests(out, one);
  write_tasks(out, c);
  write_plan(out, one);
  out.key("timeline").array();
  for (const flow::CaseStep& step : c.timeline) {
    out.object().field("at", base::format_time(step.at)).field("by", step.by).field("verb", step.verb);
    out.field("to", step.to).field("note", step.note).field("code", step.code);
    if (!step.role.empty()) out.field("role", step.role);
    if (!step.given.empty()) out.key("given").raw(step.given);
    out.end();
  }
  out.end();
  write_intake(out, c, find);
}

void write_actions(JsonWriter& out, const RuledCase& one, const casework::CaseActor& actor, const City& city,
                   const duty::RosterPtr& roster) {
  const Choices among{city, roster};
  out.key("actions").array();
  for (const auto& action : casework::available_actions(one.view(), actor)) {
    out.object().field("verb", action.verb).field("asks", action.asks);
    write(out.key("name"), action.name);
    out.key("fields").array();
    for (const casework::FieldSpec& field : action.fields) write_field(out, one, actor, field, among);
    out.end().end();
  }
  out.end();
}

}  // namespace cityloop::serve
