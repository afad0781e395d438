#include "flow/alert.h"

#include <array>

#include "flow/case_parts.h"
#include "flow/noun.h"

namespace cityloop::flow {
namespace {

constexpr std::array<std::string_view, 3> kKind{"Alert", "Update", "Cancel"};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '@';
    if (plain) out += c;
    else out += fmt::format("%{:02X}", std::uint8_t(c));
  }
  return out;
}

}  // namespace

std::string_view to_string(AlertKind kind) {
  return kKind[std::size_t(kind)];
}

EntityId alert_id(std::string_view sender, std::string_view identifier) {
  return EntityId(fmt::format("urn:ngsi-ld:Alert:{}:{}", escaped(sender), escaped(identifier)));
}

Write to_write(const Alert& alert) {
  return NounWriter(alert.id, "Alert", WriteMode::create)
      .text("sender", alert.sender)
      .text("identifier", alert.identifier)
      .text("msgType", to_string(alert.kind))
      .text("status", alert.status)
      .json("references", ids_json(alert.references))
      .text("category", alert.category)
      .text("event", alert.event)
      .json("eventCode", texts_json(alert.codes))
      .text("urgency", alert.urgency)
      .text("severity", alert.severity)
      .text("certainty", alert.certainty)
      .language("headline", alert.headline)
      .language("description", alert.description)
      .language("instruction", alert.instruction)
      .text("senderName", alert.sender_name)
      .text("web", alert.web)
      .text("areaDesc", alert.area)
      .geo("location", alert.location)
      .time("sent", alert.sent_at)
      .time("onset", alert.onset_at)
      .time("expires", alert.expires_at)
      .take();
}

base::Result<Alert> alert_from(const Entity& entity) {
  TRY(require_type(entity, "Alert"));
  Alert out;
  out.id = entity.id;
  out.sender = text_field(entity, "sender");
  out.identifier = text_field(entity, "identifier");
  const std::string kind = text_field(entity, "msgType");
  if (kind == to_string(AlertKind::update)) out.kind = AlertKind::update;
  else if (kind == to_string(AlertKind::cancel)) out.kind = AlertKind::cancel;
  else if (kind != to_string(AlertKind::alert))
    return base::fail(base::Errc::invalid, "the alert '{}' is no CAP message: its msgType is '{}'", entity.id.text(),
                      kind);
  out.status = text_field(entity, "status");
  out.references = TRY(ids_from(json_field(entity, "references")));
  out.category = text_field(entity, "category");
  out.event = text_field(entity, "event");
  out.codes = TRY(texts_from(json_field(entity, "eventCode")));
  out.urgency = text_field(entity, "urgency");
  out.severity = text_field(entity, "severity");
  out.certainty = text_field(entity, "certainty");
  out.headline = language_field(entity, "headline");
  out.description = language_field(entity, "description");
  out.instruction = language_field(entity, "instruction");
  out.sender_name = text_field(entity, "senderName");
  out.web = text_field(entity, "web");
  out.area = text_field(entity, "areaDesc");
  out.location = json_field(entity, "location");
  out.sent_at = time_field(entity, "sent");
  out.onset_at = time_field(entity, "onset");
  out.expires_at = time_field(entity, "expires");
  return out;
}

}  // namespace cityloop::flow
