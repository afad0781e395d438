#include "flow/case.h"

#include <array>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "flow/noun.h"

namespace cityloop::flow {
namespace {

constexpr std::array<std::string_view, 7> kState{"filed",     "dispatched", "working",  "reported",
                                                 "verifying", "closed",     "cancelled"};
constexpr std::array<std::string_view, 3> kOutcome{"open", "confirmed", "false_alarm"};

base::Result<CaseState> state_from(std::string_view text) {
  for (std::size_t i = 0; i < kState.size(); ++i) {
    if (kState[i] == text) return CaseState(i);
  }
  return base::fail(base::Errc::invalid, "'{}' is not a state of a case", text);
}

base::Result<CaseOutcome> outcome_from(std::string_view text) {
  for (std::size_t i = 0; i < kOutcome.size(); ++i) {
    if (kOutcome[i] == text) return CaseOutcome(i);
  }
  return base::fail(base::Errc::invalid, "'{}' is not an outcome of a case", text);
}

std::string timeline_json(const std::vector<CaseStep>& steps) {
  base::JsonWriter out;
  out.array();
  for (const CaseStep& step : steps) {
    out.object().field("at", base::format_time(step.at)).field("by", step.by).field("verb", step.verb);
    out.field("to", to_string(step.to));
    if (!step.note.empty()) out.field("note", step.note);
    if (!step.code.empty()) out.field("code", step.code);
    out.end();
  }
  return out.end().take();
}

base::Result<std::vector<CaseStep>> timeline_from(std::string_view json) {
  std::vector<CaseStep> out;
  if (json.empty()) return out;
  const base::JsonValue steps = TRY(base::JsonValue::parse(json));
  if (!steps.array()) return base::fail(base::Errc::invalid, "the timeline of a case is a list of steps");
  for (const base::JsonValue& step : *steps.array()) {
    CaseStep& one = out.emplace_back();
    one.at = TRY(base::parse_time(step.text_or("at", "")));
    one.by = step.text_or("by", "");
    one.verb = step.text_or("verb", "");
    one.to = TRY(state_from(step.text_or("to", "")));
    one.note = step.text_or("note", "");
    one.code = step.text_or("code", "");
  }
  return out;
}

std::string commands_json(const std::vector<EntityId>& commands) {
  if (commands.empty()) return {};
  base::JsonWriter out;
  out.array();
  for (const EntityId command : commands) out.text(command.text());
  return out.end().take();
}

base::Result<std::vector<EntityId>> commands_from(std::string_view json) {
  std::vector<EntityId> out;
  if (json.empty()) return out;
  const base::JsonValue list = TRY(base::JsonValue::parse(json));
  if (!list.array()) return base::fail(base::Errc::invalid, "the commands of a case are a list of ids");
  for (const base::JsonValue& item : *list.array()) {
    if (const std::string* urn = item.text()) out.emplace_back(*urn);
  }
  return out;
}

}  // namespace

std::string_view to_string(CaseState state) {
  return kState[std::size_t(state)];
}

std::string_view to_string(CaseOutcome outcome) {
  return kOutcome[std::size_t(outcome)];
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
      .text("state", to_string(one.state))
      .text("outcome", to_string(one.outcome))
      .text("department", one.department)
      .text("holder", one.holder)
      .text("area", one.area)
      .geo("location", one.location)
      .time("openedAt", one.opened_at)
      .time("dueAt", one.due_at)
      .time("closedAt", one.closed_at)
      .flag("overdue", one.overdue)
      .flag("findingCleared", one.finding_cleared)
      .time("clearedAt", one.cleared_at)
      .duration("verifyHold", one.verify_hold)
      .json("commands", commands_json(one.commands))
      .json("timeline", timeline_json(one.timeline))
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
  out.state = TRY(state_from(text_field(entity, "state")));
  out.outcome = TRY(outcome_from(text_field(entity, "outcome")));
  out.department = text_field(entity, "department");
  out.holder = text_field(entity, "holder");
  out.area = text_field(entity, "area");
  out.location = json_field(entity, "location");
  out.opened_at = time_field(entity, "openedAt");
  out.due_at = time_field(entity, "dueAt");
  out.closed_at = time_field(entity, "closedAt");
  out.overdue = entity.flag(Name("overdue"));
  out.finding_cleared = entity.flag(Name("findingCleared"));
  out.cleared_at = time_field(entity, "clearedAt");
  out.verify_hold = duration_field(entity, "verifyHold");
  out.commands = TRY(commands_from(json_field(entity, "commands")));
  out.timeline = TRY(timeline_from(json_field(entity, "timeline")));
  return out;
}

}  // namespace cityloop::flow
