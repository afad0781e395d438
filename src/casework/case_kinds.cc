#include "casework/case_kinds.h"

#include <algorithm>
#include <cmath>

#include "base/json_value.h"
#include "casework/toml_reading.h"

namespace cityloop::casework {
namespace {

using base::ConfigTable;

const Workflow* workflow_of(ConfigTable& table, const KindContext& context) {
  if (!table.has("workflow")) {
    if (context.workflows.size() == 1) return &context.workflows.front();
    table.mistake("workflow", context.workflows.empty() ? "there is no workflow: a file with [workflow]"
                                                        : "'workflow' must say which of the workflows it runs by");
    return nullptr;
  }
  const std::string id = table.text("workflow");
  for (const Workflow& flow : context.workflows) {
    if (flow.id == id) return &flow;
  }
  table.mistake("workflow", fmt::format("there is no workflow '{}'", id));
  return nullptr;
}

void read_limits(ConfigTable& table, const Workflow& flow, CaseKind& kind) {
  for (const Deadline& deadline : flow.deadlines) {
    for (const std::string& key : deadline.limit_keys) {
      if (key == "category" || !table.has(key) || kind.limits.contains(key)) continue;
      const std::string text = table.text(key);
      auto limit = parse_limit(text);
      if (!limit) table.mistake(key, fmt::format("'{}' is '{}': {}", key, text, limit.error().message));
      else if (limit->none()) continue;
      else kind.limits[key] = *limit;
      const bool tells_kind = std::any_of(deadline.escalations.begin(), deadline.escalations.end(),
                                          [](const Escalation& e) { return e.to == "kind"; });
      if (tells_kind && kind.escalate_to.empty())
        table.mistake(key, fmt::format("with '{}', 'escalate_to' must say who is told when it is missed", key));
      if (limit && limit->days == 0 && deadline.main && kind.verify_hold >= limit->time)
        table.mistake("verify_hold", fmt::format("'verify_hold' leaves no time within '{}'", key));
    }
  }
}

void read_options(ConfigTable& table, const Workflow& flow, CaseKind& kind) {
  for (const WorkflowOption& option : flow.options) {
    if (!table.has(option.id)) continue;
    const auto json = base::JsonValue::parse(table.json(option.id));
    const std::string value = !json ? "" : json->text() ? *json->text() : json->dump();
    if (std::find(option.values.begin(), option.values.end(), value) == option.values.end())
      table.mistake(option.id, fmt::format("'{}' is '{}', and must be one of {}", option.id, value,
                                           fmt::join(option.values, ", ")));
    kind.options[option.id] = value;
  }
}

void check_places(ConfigTable& table, const CaseKind& kind, const KindContext& context) {
  const auto& all = context.departments;
  if (!kind.department.empty() && !all.empty() && std::find(all.begin(), all.end(), kind.department) == all.end())
    table.mistake("department", fmt::format("the city has no department '{}'", kind.department));
  if (!context.calendars.find(kind.calendar))
    table.mistake("calendar", fmt::format("there is no calendar '{}'", kind.calendar));
}

}  // namespace

const std::string& CaseKind::option(const Workflow& flow, const std::string& wanted) const {
  static const std::string none;
  if (const auto said = options.find(wanted); said != options.end()) return said->second;
  const WorkflowOption* option = flow.find_option(wanted);
  return option ? option->otherwise : none;
}

CaseKind read_kind(ConfigTable& table, const KindContext& context) {
  CaseKind kind;
  kind.id = read_id(table);
  kind.name = read_name(table);
  kind.department = table.text_or("department", "");
  kind.calendar = table.text_or("calendar", WorkCalendar::kAlways);
  kind.category = table.text_or("category", "");
  kind.verify_hold = table.duration("verify_hold");
  kind.escalate_to = table.text_or("escalate_to", "");
  check_places(table, kind, context);
  if (const Workflow* flow = workflow_of(table, context)) {
    kind.workflow = flow->id;
    read_limits(table, *flow, kind);
    read_options(table, *flow, kind);
  }
  const double most = table.number_or("commands_max", 3);
  if (most < 1 || most > 100 || most != std::floor(most))
    table.mistake("commands_max", "'commands_max' must be a whole number from 1 to 100");
  else kind.commands_max = std::uint32_t(most);
  kind.command_on_close = table.json("command_on_close");
  kind.storm = StormSpec::read(table);
  kind.on_open = read_bilingual(table, "on_open");
  return kind;
}

CaseKind unknown_kind(const std::string& id, const Workflow& flow) {
  CaseKind kind;
  kind.id = id;
  kind.workflow = flow.id;
  kind.options = {{"auto_dispatch", "false"}, {"auto_close", "false"}, {"cleared_early", "ask"}};
  return kind;
}

}  // namespace cityloop::casework
