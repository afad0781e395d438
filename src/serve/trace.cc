#include "serve/trace.h"

#include <algorithm>
#include <map>

#include "base/json_value.h"
#include "flow/command.h"
#include "serve/city.h"
#include "serve/dossier/case_trail.h"
#include "serve/views.h"
#include "twin/apply.h"

namespace cityloop::serve {
namespace {

using base::JsonValue;
using base::JsonWriter;
using flow::Bilingual;
using flow::Instant;

struct Step {
  Instant at;
  std::string_view stage;
  Bilingual title;
  std::string by;
  std::string entity;
  std::string detail;  // JSON object
};

// The readings that a finding names as its reason, each a step of its own.
void add_readings(std::vector<Step>& steps, const std::string& why, std::string_view stage, const Bilingual& title) {
  const auto parsed = JsonValue::parse(why);
  const JsonValue* values = parsed ? parsed->find("values") : nullptr;
  if (!values || !values->array()) return;
  for (const JsonValue& value : *values->array()) {
    const auto at = base::parse_time(value.text_or("observedAt", ""));
    if (at) steps.push_back({*at, stage, title, "", value.text_or("entity", ""), value.dump()});
  }
}

void add_finding(std::vector<Step>& steps, const flow::Finding& finding) {
  add_readings(steps, finding.why, "reading", {"读数", "Reading"});
  steps.push_back({finding.opened_at, "finding", finding.title, "rule:" + finding.rule, std::string(finding.id.text()),
                   finding.why.empty() ? "{}" : finding.why});
  if (finding.cleared_at == flow::kNever) return;
  add_readings(steps, finding.cleared_why, "effect", {"恢复读数", "Reading after"});
  steps.push_back({finding.cleared_at,
                   "verification",
                   {"孪生确认情况已解除", "The twin sees it cleared"},
                   "rule:" + finding.rule,
                   std::string(finding.id.text()),
                   finding.cleared_why.empty() ? "{}" : finding.cleared_why});
}

Bilingual title_of(std::string_view verb) {
  constexpr struct {
    std::string_view verb, zh, en;
  } kTitles[] = {{"file", "立案", "Filed"},
                 {"dispatch", "派遣", "Dispatched"},
                 {"accept", "受理", "Accepted"},
                 {"report", "反馈", "Reported done"},
                 {"verify", "核查", "Verifying"},
                 {"close", "结案", "Closed"},
                 {"return", "退回", "Returned"},
                 {"cancel", "撤销", "Cancelled"},
                 {"escalate", "升级", "Escalated"},
                 {"command", "指令", "Command"},
                 {"note", "备注", "Note"},
                 {"remind", "临期提醒", "Deadline near"},
                 {"take_up", "立案", "Taken up"},
                 {"merge", "合并", "Merged"},
                 {"unmerge", "撤销合并", "Merge undone"},
                 {"absorb", "并入重复件", "Duplicates taken in"},
                 {"forward", "移交", "Forwarded"},
                 {"ask_reporter", "请上报人补充", "Reporter asked"}};
  for (const auto& title : kTitles) {
    if (title.verb == verb) return {std::string(title.zh), std::string(title.en)};
  }
  return {std::string(verb), std::string(verb)};
}

void add_case_steps(std::vector<Step>& steps, const flow::Case& c) {
  for (const flow::CaseStep& line : c.timeline) {
    JsonWriter detail;
    detail.object().field("verb", line.verb).field("to", line.to).field("note", line.note);
    detail.field("code", line.code).end();
    const bool last = !c.is_open() && line.at >= c.closed_at && line.to == c.state;
    const std::string_view stage = last ? "closed" : line.verb == "verify" ? "verification" : "case";
    steps.push_back({line.at, stage, title_of(line.verb), line.by, std::string(c.id.text()), detail.take()});
  }
}

void add_command(std::vector<Step>& steps, const flow::Command& command) {
  JsonWriter asked;
  asked.object().field("device", command.device.text()).field("name", command.name).key("value");
  asked.raw(command.value.empty() ? "null" : command.value).field("status", to_string(command.status)).end();
  const Instant sent = command.sent_at == flow::kNever ? command.requested_at : command.sent_at;
  steps.push_back({sent,
                   "command",
                   {"下发指令", "Command sent"},
                   command.approved_by.empty() ? command.requested_by : command.approved_by,
                   std::string(command.device.text()),
                   asked.take()});
  if (command.answered_at == flow::kNever) return;
  JsonWriter answer;
  answer.object().field("status", to_string(command.status)).field("reason", command.reason);
  answer.field("attempts", command.attempts).end();
  steps.push_back({command.answered_at,
                   "receipt",
                   {"设备回执", "The device's receipt"},
                   "",
                   std::string(command.device.text()),
                   answer.take()});
}

// As they are in the twin; those that went with their case to the archive, as the log told of them last.
std::vector<flow::EntityPtr> find_all(const twin::Twin& twin, const flow::Case& c,
                                      const std::vector<flow::EntityId>& ids) {
  std::vector<flow::EntityPtr> out;
  TrailWish wish{.case_id = std::string(c.id.text())};
  for (const flow::EntityId id : ids) {
    out.push_back(twin.get(id));
    if (!out.back()) wish.also.emplace_back(id.text());
  }
  if (wish.also.empty()) return out;
  const auto told = records_of(twin, twin.head(), wish);
  if (!told) return out;
  std::map<flow::EntityId, flow::EntityPtr> former;
  for (const TrailRecord& record : told->records) {
    for (const flow::Change& change : record.is.changes) {
      flow::EntityPtr& one = former[change.entity];
      if (change.kind != flow::ChangeKind::erased) one = twin::replay(one, change, record.is.at);
    }
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!out[i]) out[i] = former[ids[i]];
  }
  return out;
}

}  // namespace

std::string trace_json(const twin::Twin& twin, const flow::Case& c) {
  std::vector<Step> steps;
  std::vector<flow::EntityId> ids = c.commands;
  if (!c.finding.empty()) ids.push_back(c.finding);
  add_case_steps(steps, c);
  for (const flow::EntityPtr& entity : find_all(twin, c, ids)) {
    if (!entity) continue;
    if (const auto finding = flow::finding_from(*entity)) add_finding(steps, *finding);
    else if (const auto command = flow::command_from(*entity)) add_command(steps, *command);
  }
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.at < b.at; });
  JsonWriter out;
  out.object().key("steps").array();
  for (const Step& step : steps) {
    out.object().field("stage", step.stage).field("at", base::format_time(step.at));
    write(out.key("title"), step.title);
    out.field("by", step.by).field("entity", step.entity).key("detail").raw(step.detail).end();
  }
  out.end().end();
  return out.take();
}

}  // namespace cityloop::serve
