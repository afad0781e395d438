#include "serve/views.h"

#include "flow/own_types.h"
#include "serve/city.h"

namespace cityloop::serve {
namespace {

using base::JsonWriter;
using flow::EntityId;
using flow::Name;

const Name kName("name");

void write_raw(JsonWriter& out, std::string_view key, std::string_view json) {
  if (!json.empty()) out.key(key).raw(json);
}

void write_link(JsonWriter& out, std::string_view key, EntityId id) {
  if (id.empty()) out.key(key).null();
  else out.field(key, id.text());
}

}  // namespace

std::string display_name(const flow::Entity& entity) {
  if (const std::string_view name = entity.text(kName); !name.empty()) return std::string(name);
  const std::string_view id = entity.id.text();
  return std::string(id.substr(id.rfind(':') + 1));
}

std::string display_name(const twin::Twin& twin, EntityId id) {
  if (id.empty()) return {};
  if (const flow::EntityPtr entity = twin.get(id)) return display_name(*entity);
  return std::string(id.text().substr(id.text().rfind(':') + 1));
}

void write_time(JsonWriter& out, std::string_view key, flow::Instant at) {
  if (at == flow::kNever) out.key(key).null();
  else out.field(key, base::format_time(at));
}

void write_reading(JsonWriter& out, const flow::Attribute& attribute) {
  out.object().field("attribute", attribute.name.text()).key("value");
  if (const double* number = std::get_if<double>(&attribute.value)) out.number(*number);
  else if (const bool* flag = std::get_if<bool>(&attribute.value)) out.boolean(*flag);
  else if (const auto* text = std::get_if<std::string>(&attribute.value)) out.text(*text);
  else out.null();
  if (!attribute.unit_code.empty()) out.field("unitCode", attribute.unit_code.text());
  if (attribute.observed_at != flow::kNever) out.field("observedAt", base::format_time(attribute.observed_at));
  out.end();
}

EntityId case_of(const twin::Twin& twin, const flow::Finding& finding) {
  EntityId found;
  twin.each(flow::kCaseType, [&](const flow::EntityPtr& entity) {
    if (entity->text(Name("finding")) == finding.id.text()) found = entity->id;
    return found.empty();
  });
  return found;
}

void write(JsonWriter& out, const flow::Finding& finding, const twin::Twin& twin) {
  out.object().field("id", finding.id.text()).field("rule", finding.rule);
  out.field("about", finding.about.text()).field("aboutName", display_name(twin, finding.about));
  out.key("related").array();
  for (const EntityId id : finding.related) out.text(id.text());
  out.end();
  out.field("status", to_string(finding.status)).field("severity", to_string(finding.severity));
  write(out.key("title"), finding.title);
  write_time(out, "openedAt", finding.opened_at);
  write_time(out, "clearedAt", finding.cleared_at);
  write_raw(out, "why", finding.why);
  write_raw(out, "clearedWhy", finding.cleared_why);
  write_raw(out, "location", finding.location);
  out.end();
}

void write_summary_fields(JsonWriter& out, const flow::Case& c, const twin::Twin& twin) {
  out.field("id", c.id.text());
  write_link(out, "finding", c.finding);
  out.field("about", c.about.text()).field("aboutName", display_name(twin, c.about));
  out.field("kind", c.kind).field("rule", c.rule);
  write(out.key("title"), c.title);
  out.field("severity", to_string(c.severity))
      .field("state", to_string(c.state))
      .field("outcome", to_string(c.outcome));
  out.field("department", c.department).field("holder", c.holder).field("area", c.area);
  write_raw(out, "location", c.location);
  write_time(out, "openedAt", c.opened_at);
  write_time(out, "dueAt", c.due_at);
  write_time(out, "closedAt", c.closed_at);
  out.field("overdue", c.overdue);
}

void write_summary(JsonWriter& out, const flow::Case& c, const twin::Twin& twin) {
  out.object();
  write_summary_fields(out, c, twin);
  out.end();
}

void write(JsonWriter& out, const flow::Command& command, const twin::Twin& twin) {
  out.object().field("id", command.id.text());
  out.field("device", command.device.text()).field("deviceName", display_name(twin, command.device));
  out.field("name", command.name).key("value").raw(command.value.empty() ? "null" : command.value);
  write_link(out, "forCase", command.for_case);
  out.field("requestedBy", command.requested_by).field("approvedBy", command.approved_by);
  out.field("status", to_string(command.status)).field("reason", command.reason).field("attempts", command.attempts);
  write_time(out, "requestedAt", command.requested_at);
  write_time(out, "sentAt", command.sent_at);
  write_time(out, "answeredAt", command.answered_at);
  out.end();
}

}  // namespace cityloop::serve
