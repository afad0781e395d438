#include "flow/finding.h"

#include <array>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "flow/noun.h"

namespace cityloop::flow {
namespace {

constexpr std::array<std::string_view, 4> kSeverity{"minor", "moderate", "severe", "extreme"};
constexpr std::array<std::string_view, 2> kStatus{"active", "cleared"};

base::Result<FindingStatus> status_from(std::string_view text) {
  for (std::size_t i = 0; i < kStatus.size(); ++i) {
    if (kStatus[i] == text) return FindingStatus(i);
  }
  return base::fail(base::Errc::invalid, "'{}' is not a status of a finding", text);
}

// One neighbour is a relationship; several are a list of URNs.
void write_related(NounWriter& out, const std::vector<EntityId>& related) {
  if (related.size() == 1) out.link("related", related.front());
  if (related.size() < 2) return;
  base::JsonWriter list;
  list.array();
  for (const EntityId id : related) list.text(id.text());
  out.json("related", list.end().take());
}

base::Result<std::vector<EntityId>> related_from(const Entity& entity) {
  const std::string json = json_field(entity, "related");
  if (json.empty()) return std::vector<EntityId>{};
  const base::JsonValue value = TRY(base::JsonValue::parse(json));
  if (const std::string* urn = value.text()) return std::vector{EntityId(*urn)};
  if (!value.array()) return base::fail(base::Errc::invalid, "'related' of a finding is an id or a list of ids");
  std::vector<EntityId> out;
  for (const base::JsonValue& item : *value.array()) {
    if (const std::string* urn = item.text()) out.emplace_back(*urn);
  }
  return out;
}

}  // namespace

std::string_view to_string(Severity severity) {
  return kSeverity[std::size_t(severity)];
}

std::string_view to_string(FindingStatus status) {
  return kStatus[std::size_t(status)];
}

base::Result<Severity> severity_from(std::string_view text) {
  for (std::size_t i = 0; i < kSeverity.size(); ++i) {
    if (kSeverity[i] == text) return Severity(i);
  }
  return base::fail(base::Errc::invalid, "'{}' is not a severity: minor, moderate, severe or extreme", text);
}

Write to_write(const Finding& one) {
  NounWriter out(one.id, "Finding", WriteMode::replace);
  out.text("rule", one.rule).link("about", one.about);
  write_related(out, one.related);
  return out.text("status", to_string(one.status))
      .text("severity", to_string(one.severity))
      .language("title", one.title)
      .time("openedAt", one.opened_at)
      .time("clearedAt", one.cleared_at)
      .json("why", one.why)
      .json("clearedWhy", one.cleared_why)
      .geo("location", one.location)
      .json("response", one.response)
      .take();
}

base::Result<Finding> finding_from(const Entity& entity) {
  TRY(require_type(entity, "Finding"));
  Finding out;
  out.id = entity.id;
  out.rule = text_field(entity, "rule");
  out.about = link_field(entity, "about");
  out.related = TRY(related_from(entity));
  out.status = TRY(status_from(text_field(entity, "status")));
  out.severity = TRY(severity_from(text_field(entity, "severity")));
  out.title = language_field(entity, "title");
  out.opened_at = time_field(entity, "openedAt");
  out.cleared_at = time_field(entity, "clearedAt");
  out.why = json_field(entity, "why");
  out.cleared_why = json_field(entity, "clearedWhy");
  out.location = json_field(entity, "location");
  out.response = json_field(entity, "response");
  return out;
}

}  // namespace cityloop::flow
