#include "broker/subscription_view.h"

#include "base/json_value.h"
#include "notify/notify_loop.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;
using base::JsonWriter;

std::string_view status_word(const JsonValue& definition, flow::Instant now) {
  if (const auto expires = base::parse_time(definition.text_or("expiresAt", "")); expires && now >= *expires) {
    return "expired";
  }
  return definition.boolean_or("isActive", true) ? "active" : "paused";
}

void write_notification(JsonWriter& out, const JsonValue& given, const notify::DeliveryStatus& status) {
  out.object();
  if (given.object()) {
    for (const auto& [key, value] : *given.object()) value.write(out.key(key));
  }
  if (status.times_sent > 0 || status.failing) {
    out.field("status", status.failing ? "failed" : "ok");
    out.field("timesSent", status.times_sent).field("timesFailed", status.times_failed);
  }
  const std::string& reason = status.loss.empty() ? status.last_error : status.loss;
  if (status.failing && !reason.empty()) out.field("lastError", reason);
  const std::pair<std::string_view, flow::Instant> times[] = {{"lastNotification", status.last_notification},
                                                              {"lastSuccess", status.last_success},
                                                              {"lastFailure", status.last_failure}};
  for (const auto& [key, at] : times) {
    if (at != flow::kNever) out.field(key, base::format_time(at));
  }
  out.end();
}

}  // namespace

void choose_context(const Exchange& exchange, notify::Kept& kept) {
  const JsonValue* given = kept.definition.find("jsonldContext");
  kept.shown_json = given && given->text() ? given->dump() : exchange.context_json;
  kept.shown_link = kept.shown_json.empty() ? std::string() : context_url(exchange, kept.shown_json);
}

std::string shown(const Exchange& exchange, std::string_view id, const notify::Kept& kept,
                  const flow::Entity& kept_in) {
  const JsonValue body = notify::presented(kept.definition, *exchange.context);
  JsonWriter out;
  out.object().field("id", id).field("type", "Subscription");
  for (const auto& [key, value] : *body.object()) {
    if (key == "id" || key == "type" || key == "isActive") continue;
    out.key(key);
    if (key == "notification") write_notification(out, value, exchange.tenant.notify.status(kept.id));
    else value.write(out);
  }
  out.field("isActive", body.boolean_or("isActive", true));
  out.field("status", status_word(kept.definition, exchange.tenant.twin.clock().now()));
  if (exchange.option("sysAttrs")) {
    out.field("createdAt", base::format_time(kept_in.created_at));
    out.field("modifiedAt", base::format_time(kept_in.modified_at));
  }
  out.end();
  return out.take();
}

}  // namespace cityloop::broker
