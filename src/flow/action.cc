#include "flow/action.h"

#include <array>

#include "flow/case_parts.h"
#include "flow/noun.h"

namespace cityloop::flow {
namespace {

constexpr std::array<std::string_view, 3> kStatus{"requested", "done", "refused"};

}  // namespace

std::string_view to_string(ActionStatus status) {
  return kStatus[std::size_t(status)];
}

Write to_write(const Action& action) {
  return NounWriter(action.id, "Action", WriteMode::upsert)
      .link("target", action.target)
      .text("verb", action.verb)
      .text("by", action.by)
      .json("roles", texts_json(action.roles))
      .text("department", action.department)
      .json("crews", texts_json(action.crews))
      .text("note", action.note)
      .json("fields", action.fields)
      .text("status", to_string(action.status))
      .text("reason", action.reason)
      .time("at", action.at)
      .take();
}

base::Result<Action> action_from(const Entity& entity) {
  TRY(require_type(entity, "Action"));
  Action out;
  out.id = entity.id;
  out.target = link_field(entity, "target");
  out.verb = text_field(entity, "verb");
  out.by = text_field(entity, "by");
  out.roles = TRY(texts_from(json_field(entity, "roles")));
  out.department = text_field(entity, "department");
  out.crews = TRY(texts_from(json_field(entity, "crews")));
  out.note = text_field(entity, "note");
  out.fields = json_field(entity, "fields");
  out.reason = text_field(entity, "reason");
  out.at = time_field(entity, "at");
  if (out.verb.empty()) return base::fail(base::Errc::invalid, "the action '{}' has no verb", entity.id.text());
  if (out.by.empty()) return base::fail(base::Errc::invalid, "the action '{}' does not say by whom", entity.id.text());
  const std::string status = text_field(entity, "status");
  for (std::size_t i = 0; i < kStatus.size(); ++i) {
    if (kStatus[i] == status) return out.status = ActionStatus(i), out;
  }
  return base::fail(base::Errc::invalid, "'{}' is not a status of an action", status);
}

}  // namespace cityloop::flow
