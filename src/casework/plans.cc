#include "casework/plans.h"

#include "base/json_writer.h"
#include "casework/toml_reading.h"

namespace cityloop::casework {
namespace {

using base::ConfigTable;

flow::Bilingual read_text(ConfigTable& table, std::string_view key) {
  if (!table.has(key)) table.mistake(key, fmt::format("'{}' is missing: {{ zh = \"…\", en = \"…\" }}", key));
  return read_bilingual(table, key);
}

void read_lists(ConfigTable& table, Plan& plan) {
  for (ConfigTable& item : table.tables("check")) {
    flow::CheckItem check{.id = read_id(item), .text = read_text(item, "text")};
    for (const flow::CheckItem& other : plan.checks) {
      if (other.id == check.id) item.mistake("id", fmt::format("there is a check '{}' already", check.id));
    }
    plan.checks.push_back(std::move(check));
  }
  for (ConfigTable& call : table.tables("call")) plan.calls.push_back({read_name(call), call.text("phone")});
  for (ConfigTable& item : table.tables("resource")) {
    Plan::Resource resource{read_name(item), read_bilingual(item, "place"), item.number_or("amount", 1)};
    if (resource.amount <= 0) item.mistake("amount", "'amount' must be more than nothing");
    plan.resources.push_back(std::move(resource));
  }
}

}  // namespace

std::string Plan::PlanCommand::given() const {
  return base::JsonWriter().object().field("device", device).field("name", name).key("value").raw(value).end().take();
}

Plan read_plan(ConfigTable& table) {
  Plan plan;
  plan.id = read_id(table);
  plan.name = read_name(table);
  plan.kinds = table.texts("kinds");
  if (plan.kinds.empty()) table.mistake("kinds", "'kinds' is missing: which kinds of case bring this plan");
  if (table.has("severity")) {
    const auto severity = flow::severity_from(table.text("severity"));
    if (severity) plan.severity = *severity;
    else table.mistake("severity", severity.error().message);
  }
  read_lists(table, plan);
  for (ConfigTable& item : table.tables("command")) {
    Plan::PlanCommand command{item.text("device"), item.text("name"), item.json("value"), read_text(item, "why")};
    if (!command.device.empty() && !command.device.starts_with("urn:"))
      item.mistake("device", fmt::format("'{}' is no URN of a device", command.device));
    if (command.value.empty()) item.mistake("value", "'value' is missing");
    plan.commands.push_back(std::move(command));
  }
  return plan;
}

}  // namespace cityloop::casework
