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

// What a case consists of, for both ways: NounWriter takes it from `one`, NounReader puts it there.
template <class Io, class One>
void members(Io& io, One& one) {
  io.link("finding"_name, one.finding)
      .link("about"_name, one.about)
      .text("kind"_name, one.kind)
      .text("rule"_name, one.rule)
      .language("title"_name, one.title)
      .choice("severity"_name, one.severity, to_string, severity_from)
      .text("rules"_name, one.rules)
      .text("workflow"_name, one.workflow)
      .text("state"_name, one.state)
      .choice("stage"_name, one.stage, to_string, stage_from)
      .choice("outcome"_name, one.outcome, to_string, outcome_from)
      .text("category"_name, one.category)
      .text("department"_name, one.department)
      .text("holder"_name, one.holder)
      .text("openedBy"_name, one.opened_by)
      .text("workedBy"_name, one.worked_by)
      .text("area"_name, one.area)
      .text("cell"_name, one.cell)
      .text("crew"_name, one.crew)
      .time("plannedAt"_name, one.planned_at)
      .geojson("location"_name, one.location)
      .time("openedAt"_name, one.opened_at)
      .time("dueAt"_name, one.due_at)
      .time("closedAt"_name, one.closed_at)
      .flag("overdue"_name, one.overdue)
      .flag("supervised"_name, one.supervised)
      .count("rating"_name, one.rating)
      .flag("findingCleared"_name, one.finding_cleared)
      .flag("reopened"_name, one.reopened)
      .time("clearedAt"_name, one.cleared_at)
      .duration("verifyHold"_name, one.verify_hold)
      .list("commands"_name, one.commands, ids_json, ids_from)
      .list("clocks"_name, one.clocks, clocks_json, clocks_from)
      .list("requests"_name, one.requests, requests_json, requests_from)
      .list("tasks"_name, one.tasks, tasks_json, tasks_from)
      .text("plan"_name, one.plan)
      .list("checklist"_name, one.checklist, checklist_json, checklist_from)
      .list("timeline"_name, one.timeline, timeline_json, timeline_from)
      .text("code"_name, one.code)
      .text("channel"_name, one.channel)
      .text("description"_name, one.description)
      .text("address"_name, one.address)
      .list("media"_name, one.media, texts_json, texts_from)
      .text("externalId"_name, one.external_id)
      .text("forwardedTo"_name, one.forwarded_to)
      .count("count"_name, one.count, 1)
      .link("mergedInto"_name, one.merged_into)
      .list("merged"_name, one.merged, ids_json, ids_from)
      .list("similar"_name, one.similar, similar_json, similar_from)
      .flag("storm"_name, one.storm)
      .count("clearedCount"_name, one.cleared_count)
      .list("covers"_name, one.covers, ids_json, ids_from);
  if (std::is_same_v<Io, NounReader> || one.turn > 0) io.count("turn"_name, one.turn);
}

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

// The entity is this and nothing else, so that a holder or a time that no longer holds does not stay behind; the log
// tells what has changed.
Write to_write(const Case& one) {
  NounWriter out(one.id, "Case"_name, WriteMode::become, 52);
  members(out, one);
  return out.take();
}

Write clocks_write(const Case& one) {
  NounWriter out(one.id, "Case"_name, WriteMode::upsert, 4);
  out.time("dueAt"_name, one.due_at).flag("overdue"_name, one.overdue);
  out.own_json("clocks"_name, clocks_json(one.clocks)).own_json("timeline"_name, timeline_json(one.timeline));
  return out.take();
}

namespace {

base::Result<Case> read_case(const Entity& entity, NounReader in) {
  TRY(require_type(entity, "Case"));
  Case out;
  out.id = entity.id;
  members(in, out);
  TRY(in.done());
  if (out.state.empty()) return base::fail(base::Errc::invalid, "a case is in some state");
  return out;
}

}  // namespace

base::Result<Case> case_from(const Entity& entity) {
  return read_case(entity, NounReader(entity));
}

base::Result<Case> case_head_from(const Entity& entity) {
  return read_case(entity, NounReader(entity, {"timeline"_name, "clocks"_name}));
}

}  // namespace cityloop::flow
