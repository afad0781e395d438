#include "notify/subscription.h"

#include <algorithm>

#include "base/json_value.h"

namespace cityloop::notify {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::Result;
using base::Status;
using flow::Name;

Result<std::vector<Name>> names_of(const JsonValue& body, std::string_view key) {
  std::vector<Name> names;
  const JsonValue* list = body.find(key);
  if (!list) return names;
  if (!list->array() || list->array()->empty())
    return fail(Errc::invalid, "'{}' must be a list of attribute names", key);
  for (const JsonValue& item : *list->array()) {
    if (!item.text()) return fail(Errc::invalid, "'{}' must be a list of attribute names", key);
    names.emplace_back(*item.text());
  }
  return names;
}

Status read_entities(const JsonValue& body, Subscription& out) {
  const JsonValue* list = body.find("entities");
  if (!list) return {};
  if (!list->array() || list->array()->empty())
    return fail(Errc::invalid, "'entities' must be a list with at least one selector");
  for (const JsonValue& item : *list->array()) {
    const std::string type = item.text_or("type", "");
    if (type.empty()) return fail(Errc::invalid, "each of 'entities' needs a 'type'");
    EntitySelector selector;
    if (type != "*") selector.type = Name(type);
    if (const std::string id = item.text_or("id", ""); !id.empty()) selector.id = flow::EntityId(id);
    if (const std::string pattern = item.text_or("idPattern", ""); !pattern.empty()) {
      selector.id_pattern = TRY(twin::Pattern::compile(pattern));
    }
    out.entities.push_back(std::move(selector));
  }
  return {};
}

Status read_geo(const JsonValue& body, Subscription& out) {
  const JsonValue* geo = body.find("geoQ");
  if (!geo) return {};
  const std::string georel = geo->text_or("georel", ""), geometry = geo->text_or("geometry", "");
  const std::string property = geo->text_or("geoproperty", "");
  std::string coordinates;
  if (const JsonValue* given = geo->find("coordinates")) coordinates = given->text() ? *given->text() : given->dump();
  const auto argument = [&](std::string_view name) -> std::optional<std::string_view> {
    if (name == "georel") return georel;
    if (name == "geometry") return geometry;
    if (name == "coordinates") return coordinates;
    if (name == "geoproperty" && !property.empty()) return property;
    return std::nullopt;
  };
  out.geo = TRY(twin::parse_filter(argument)).geo;
  return {};
}

Result<twin::Format> format_of(std::string_view text) {
  if (text == "normalized") return twin::Format::normalized;
  if (text == "concise") return twin::Format::concise;
  if (text == "simplified" || text == "keyValues") return twin::Format::simplified;
  return fail(Errc::invalid, "'{}' is no format: normalized, concise or simplified", text);
}

Status read_notification(const JsonValue& body, bool needs_endpoint, Subscription& out) {
  const JsonValue* given = body.find("notification");
  if (!given) {
    if (needs_endpoint) return fail(Errc::invalid, "'notification' is missing");
    return {};
  }
  out.attributes = TRY(names_of(*given, "attributes"));
  out.format = TRY(format_of(given->text_or("format", "normalized")));
  const JsonValue* endpoint = given->find("endpoint");
  if (!endpoint) {
    if (needs_endpoint) return fail(Errc::invalid, "'notification.endpoint' is missing");
    return {};
  }
  out.endpoint = endpoint->text_or("uri", "");
  if (!out.endpoint.starts_with("http://") && !out.endpoint.starts_with("https://")) {
    return fail(Errc::invalid, "'notification.endpoint.uri' must be an http:// or https:// address");
  }
  out.accept = endpoint->text_or("accept", out.accept);
  if (const JsonValue* info = endpoint->find("receiverInfo"); info && info->array()) {
    for (const JsonValue& pair : *info->array()) {
      out.receiver_info.emplace_back(pair.text_or("key", ""), pair.text_or("value", ""));
    }
  }
  return {};
}

}  // namespace

Result<Subscription> Subscription::parse(std::string_view json, bool needs_endpoint) {
  const JsonValue body = TRY(JsonValue::parse(json));
  if (!body.object()) return fail(Errc::invalid, "a subscription is a JSON object");
  Subscription out;
  out.id = body.text_or("id", "");
  if (body.text_or("type", "Subscription") != "Subscription") return fail(Errc::invalid, "'type' must be Subscription");
  out.description = body.text_or("description", "");
  TRY(read_entities(body, out));
  out.watched_attributes = TRY(names_of(body, "watchedAttributes"));
  if (out.entities.empty() && out.watched_attributes.empty()) {
    return fail(Errc::invalid, "a subscription needs 'entities' or 'watchedAttributes'");
  }
  if (const std::string q = body.text_or("q", ""); !q.empty()) out.q = TRY(twin::Q::parse(q));
  TRY(read_geo(body, out));
  TRY(read_notification(body, needs_endpoint, out));
  const double throttling_s = body.number_or("throttling", 0);
  if (!(throttling_s >= 0 && throttling_s < 1e9))
    return fail(Errc::invalid, "'throttling' must be a number of seconds");
  out.throttling = base::Duration(std::int64_t(throttling_s * 1e6));
  if (const std::string expires = body.text_or("expiresAt", ""); !expires.empty()) {
    out.expires_at = TRY(base::parse_time(expires));
  }
  out.active = body.boolean_or("isActive", true);
  return out;
}

bool Subscription::wants(const flow::Change& change, const flow::EntityPtr& entity) const {
  const auto selected = [&](const EntitySelector& selector) {
    if (!selector.type.empty() && !change.is_a(selector.type)) return false;
    if (!selector.id.empty() && selector.id != change.entity) return false;
    return !selector.id_pattern || selector.id_pattern->found_in(change.entity.text());
  };
  if (!entities.empty() && std::none_of(entities.begin(), entities.end(), selected)) return false;
  const auto watched = [&](const flow::AttributeChange& told) {
    if (told.late) return false;  // the entity shows a newer value
    return watched_attributes.empty() ||
           std::find(watched_attributes.begin(), watched_attributes.end(), told.now.name) != watched_attributes.end();
  };
  if (change.kind == flow::ChangeKind::erased) return watched_attributes.empty() && !q && !geo;
  if (std::none_of(change.attributes.begin(), change.attributes.end(), watched)) return false;
  if (!q && !geo) return true;
  if (!entity) return false;
  twin::EntityFilter filter;
  filter.q = q;
  filter.geo = geo;
  return twin::matches(filter, *entity);
}

std::string notification(const Subscription& subscription, std::string_view notification_id, flow::Instant at,
                         const std::vector<std::string>& data) {
  base::JsonWriter out;
  out.object()
      .field("id", notification_id)
      .field("type", "Notification")
      .field("subscriptionId", subscription.id)
      .field("notifiedAt", base::format_time(at));
  out.key("data").array();
  for (const std::string& entity : data) out.raw(entity);
  out.end().end();
  return out.take();
}

}  // namespace cityloop::notify
