#include "flow/case.h"

#include <array>

#include "flow/case_parts.h"
#include "flow/noun.h"

namespace cityloop::flow {
namespace {

constexpr std::array<std::string_view, 7> kStage{"intake",   "filing",       "dispatch", "work",
                                                 "feedback", "verification", "rating"};
constexpr std::array<std::string_view, 5> kOutcome{"open", "confirmed", "false_alarm", "refused", "merged"};
constexpr std::array<std::string_view, 5> kTask{"waiting", "open", "working", "reported", "dropped"};

}  // namespace

std::string_view to_string(CaseStage stage) {
  return kStage[std::size_t(stage)];
}

std::string_view to_string(CaseOutcome outcome) {
  return kOutcome[std::size_t(outcome)];
}

std::string_view to_string(TaskState state) {
  return kTask[std::size_t(state)];
}

base::Result<CaseStage> stage_from(std::string_view text) {
  for (std::size_t i = 0; i < kStage.size(); ++i) {
    if (kStage[i] == text) return CaseStage(i);
  }
  return base::fail(base::Errc::invalid, "'{}' is not a stage of a case", text);
}

base::Result<CaseOutcome> outcome_from(std::string_view text) {
  for (std::size_t i = 0; i < kOutcome.size(); ++i) {
    if (kOutcome[i] == text) return CaseOutcome(i);
  }
  return base::fail(base::Errc::invalid, "'{}' is not an outcome of a case", text);
}

// Replaces the entity whole, so that a holder or a time that no longer holds does not stay behind.
Write to_write(const Case& one) {
  return NounWriter(one.id, "Case", WriteMode::replace)
      .link("finding", one.finding)
      .link("about", one.about)
      .text("kind", one.kind)
      .text("rule", one.rule)
      .language("title", one.title)
      .text("severity", to_string(one.severity))
      .text("rules", one.rules)
      .text("workflow", one.workflow)
      .text("state", one.state)
      .text("stage", to_string(one.stage))
      .text("outcome", to_string(one.outcome))
      .text("category", one.category)
      .text("department", one.department)
      .text("holder", one.holder)
      .text("openedBy", one.opened_by)
      .text("workedBy", one.worked_by)
      .text("area", one.area)
      .geo("location", one.location)
      .time("openedAt", one.opened_at)
      .time("dueAt", one.due_at)
      .time("closedAt", one.closed_at)
      .flag("overdue", one.overdue)
      .flag("supervised", one.supervised)
      .number("rating", one.rating)
      .flag("findingCleared", one.finding_cleared)
      .flag("reopened", one.reopened)
      .time("clearedAt", one.cleared_at)
      .duration("verifyHold", one.verify_hold)
      .json("commands", ids_json(one.commands))
      .json("clocks", clocks_json(one.clocks))
      .json("requests", requests_json(one.requests))
      .json("tasks", tasks_json(one.tasks))
      .text("plan", one.plan)
      .json("checklist", checklist_json(one.checklist))
      .json("timeline", timeline_json(one.timeline))
      .text("code", one.code)
      .text("channel", one.channel)
      .text("description", one.description)
      .text("address", one.address)
      .json("media", texts_json(one.media))
      .text("externalId", one.external_id)
      .text("forwardedTo", one.forwarded_to)
      .number("count", one.count)
      .link("mergedInto", one.merged_into)
      .json("merged", ids_json(one.merged))
      .json("similar", similar_json(one.similar))
      .flag("storm", one.storm)
      .number("clearedCount", one.cleared_count)
      .json("covers", ids_json(one.covers))
      .take();
}

base::Result<Case> case_from(const Entity& entity) {
  TRY(require_type(entity, "Case"));
  Case out;
  out.id = entity.id;
  out.finding = link_field(entity, "finding");
  out.about = link_field(entity, "about");
  out.kind = text_field(entity, "kind");
  out.rule = text_field(entity, "rule");
  out.title = language_field(entity, "title");
  out.severity = TRY(severity_from(text_field(entity, "severity")));
  out.rules = text_field(entity, "rules");
  out.workflow = text_field(entity, "workflow");
  out.state = text_field(entity, "state");
  if (out.state.empty()) return base::fail(base::Errc::invalid, "a case is in some state");
  out.stage = TRY(stage_from(text_field(entity, "stage")));
  out.outcome = TRY(outcome_from(text_field(entity, "outcome")));
  out.category = text_field(entity, "category");
  out.department = text_field(entity, "department");
  out.holder = text_field(entity, "holder");
  out.opened_by = text_field(entity, "openedBy");
  out.worked_by = text_field(entity, "workedBy");
  out.area = text_field(entity, "area");
  out.location = json_field(entity, "location");
  out.opened_at = time_field(entity, "openedAt");
  out.due_at = time_field(entity, "dueAt");
  out.closed_at = time_field(entity, "closedAt");
  out.overdue = entity.flag(Name("overdue"));
  out.supervised = entity.flag(Name("supervised"));
  out.rating = std::uint32_t(entity.number(Name("rating")).value_or(0));
  out.finding_cleared = entity.flag(Name("findingCleared"));
  out.reopened = entity.flag(Name("reopened"));
  out.cleared_at = time_field(entity, "clearedAt");
  out.verify_hold = duration_field(entity, "verifyHold");
  out.commands = TRY(ids_from(json_field(entity, "commands")));
  out.clocks = TRY(clocks_from(json_field(entity, "clocks")));
  out.requests = TRY(requests_from(json_field(entity, "requests")));
  out.tasks = TRY(tasks_from(json_field(entity, "tasks")));
  out.plan = text_field(entity, "plan");
  out.checklist = TRY(checklist_from(json_field(entity, "checklist")));
  out.timeline = TRY(timeline_from(json_field(entity, "timeline")));
  out.code = text_field(entity, "code");
  out.channel = text_field(entity, "channel");
  out.description = text_field(entity, "description");
  out.address = text_field(entity, "address");
  out.media = TRY(texts_from(json_field(entity, "media")));
  out.external_id = text_field(entity, "externalId");
  out.forwarded_to = text_field(entity, "forwardedTo");
  out.count = std::uint32_t(entity.number(Name("count")).value_or(1));
  out.merged_into = link_field(entity, "mergedInto");
  out.merged = TRY(ids_from(json_field(entity, "merged")));
  out.similar = TRY(similar_from(json_field(entity, "similar")));
  out.storm = entity.flag(Name("storm"));
  out.cleared_count = std::uint32_t(entity.number(Name("clearedCount")).value_or(0));
  out.covers = TRY(ids_from(json_field(entity, "covers")));
  return out;
}

}  // namespace cityloop::flow
