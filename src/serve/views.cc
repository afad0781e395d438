#include "serve/views.h"

#include "base/json_value.h"
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

Language language_of(const net::Request& request) {
  const std::string_view wish = request.argument("lang").value_or(request.header("accept-language"));
  return wish.starts_with("zh") ? Language::zh : Language::en;
}

std::string Names::of(const flow::Entity& entity) const {
  const flow::Attribute* name = entity.find(kName);
  if (const auto* text = name ? std::get_if<flow::Text>(&name->value) : nullptr; text && !text->empty()) return *text;
  if (const auto* texts = name ? std::get_if<flow::Json>(&name->value) : nullptr) {
    const auto map = base::JsonValue::parse(texts->text);
    const std::string_view wanted = language == Language::zh ? "zh" : "en", other = wanted == "zh" ? "en" : "zh";
    if (map) {
      const std::string found = map->text_or(wanted, map->text_or(other, ""));
      if (!found.empty()) return found;
    }
  }
  const std::string_view id = entity.id.text();
  return std::string(id.substr(id.rfind(':') + 1));
}

std::string Names::of(EntityId id) const {
  if (id.empty()) return {};
  if (const flow::EntityPtr entity = twin.get(id)) return of(*entity);
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
  else if (const auto* text = std::get_if<flow::Text>(&attribute.value)) out.text(*text);
  else if (flow::number_of(attribute.value)) out.raw(std::get<flow::Json>(attribute.value).text);
  else out.null();
  if (!attribute.unit_code.empty()) out.field("unitCode", attribute.unit_code.text());
  if (attribute.observed_at != flow::kNever) out.field("observedAt", base::format_time(attribute.observed_at));
  out.end();
}

void write(JsonWriter& out, const flow::Finding& finding, const Names& names) {
  out.object().field("id", finding.id.text()).field("rule", finding.rule);
  out.field("about", finding.about.text()).field("aboutName", names.of(finding.about));
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

void write_summary_fields(JsonWriter& out, const flow::Case& c, const Names& names) {
  out.field("id", c.id.text());
  write_link(out, "finding", c.finding);
  out.field("about", c.about.text()).field("aboutName", names.of(c.about));
  out.field("kind", c.kind).field("rule", c.rule);
  write(out.key("title"), c.title);
  out.field("severity", to_string(c.severity))
      .field("state", c.state)
      .field("stage", to_string(c.stage))
      .field("outcome", to_string(c.outcome));
  out.field("category", c.category).field("supervised", c.supervised).field("rating", c.rating);
  out.field("department", c.department).field("holder", c.holder).field("area", c.area);
  write_raw(out, "location", c.location);
  write_time(out, "openedAt", c.opened_at);
  write_time(out, "dueAt", c.due_at);
  write_time(out, "closedAt", c.closed_at);
  out.field("overdue", c.overdue);
  out.field("code", c.code).field("channel", c.channel).field("address", c.address).field("count", c.count);
  out.field("storm", c.storm).field("photos", c.media.size()).field("similarCount", c.similar.size());
  write_link(out, "mergedInto", c.merged_into);
  if (!c.forwarded_to.empty()) out.field("forwardedTo", c.forwarded_to);
  if (!c.cell.empty()) out.field("cell", c.cell);
  if (!c.crew.empty()) out.field("crew", c.crew);
  if (c.planned_at != flow::kNever) write_time(out, "plannedAt", c.planned_at);
  if (c.turn > 0) out.field("turn", c.turn);
}

void write_summary(JsonWriter& out, const flow::Case& c, const Names& names) {
  out.object();
  write_summary_fields(out, c, names);
  out.end();
}

void write(JsonWriter& out, const flow::Command& command, const Names& names) {
  out.object().field("id", command.id.text());
  out.field("device", command.device.text()).field("deviceName", names.of(command.device));
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
