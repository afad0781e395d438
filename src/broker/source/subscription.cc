#include "broker/source/subscription.h"

#include <algorithm>

#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::Name;

// Members of an object as the parameters of a query.
twin::Argument arguments_of(const JsonValue& object, std::map<std::string, std::string, std::less<>>& texts) {
  if (object.object()) {
    for (const auto& [key, value] : *object.object()) texts[key] = value.text() ? *value.text() : value.dump();
  }
  return [&texts](std::string_view name) -> std::optional<std::string_view> {
    const auto found = texts.find(name);
    return found == texts.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  };
}

void add_types(std::string_view text, std::vector<Name>& out) {
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(",|;() "), text.size());
    if (end > 0 && text.substr(0, end) != "*") out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

Interest interest_of(const JsonValue& definition, const notify::Subscription& common) {
  Interest out;
  if (const JsonValue* entities = definition.find("entities"); entities && entities->array()) {
    for (const JsonValue& given : *entities->array()) {
      Selector selector{given.text_or("id", ""), given.text_or("idPattern", ""), {}};
      add_types(given.text_or("type", ""), selector.types);
      out.entities.push_back(std::move(selector));
    }
  }
  // Clause 5.12: without attributes in the notification, all of them are meant.
  if (common.attributes.empty() || common.watched_attributes.empty()) return out;
  out.attributes = common.attributes;
  for (const Name name : common.watched_attributes) {
    if (std::ranges::find(out.attributes, name) == out.attributes.end()) out.attributes.push_back(name);
  }
  return out;
}

namespace {

base::Result<RegistrationQuery> query_of(const JsonValue& definition, const notify::Subscription& common) {
  RegistrationQuery out;
  out.interest = interest_of(definition, common);
  if (const JsonValue* geo = definition.find("geoQ")) {
    std::map<std::string, std::string, std::less<>> texts;
    out.geo = TRY(twin::parse_geo_filter(arguments_of(*geo, texts)));
  }
  if (const JsonValue* temporal = definition.find("temporalQ")) {
    if (!temporal->object()) return fail(Errc::invalid, "'temporalQ' must be an object");
    std::map<std::string, std::string, std::less<>> texts;
    out.temporal = TRY(temporal_of(arguments_of(*temporal, texts)));
    if (!out.temporal) return fail(Errc::invalid, "'temporalQ' needs 'timerel'");
  }
  if (const JsonValue* scopes = definition.find("scopeQ"); scopes && scopes->text()) {
    out.scopes = TRY(twin::parse_scopes(*scopes->text()));
  }
  if (const std::string csf = definition.text_or("csf", ""); !csf.empty()) {
    twin::QReading reading;
    reading.context = common.contexts.asked.get();
    auto parsed = twin::Q::parse(csf, reading);
    if (!parsed) return fail(parsed.error().code, "csf: {}", parsed.error().message);
    out.csf = std::move(*parsed);
  }
  return out;
}

}  // namespace

std::string_view to_string(TriggerReason reason) {
  switch (reason) {
    case TriggerReason::newly_matching: return "newlyMatching";
    case TriggerReason::updated: return "updated";
    case TriggerReason::no_longer_matching: return "noLongerMatching";
  }
  return "";
}

base::Result<SourceSubscription> SourceSubscription::read(std::string id, notify::Kept kept,
                                                          twin::ContextStore& contexts) {
  SourceSubscription out;
  kept.id = notify::kept_as_of_sources(id).text();
  auto common = notify::read(kept, &contexts);
  if (!common && common.error().code == Errc::unavailable) {
    notify::Kept plain = kept;
    plain.shown_json = plain.asked_json = "";
    common = notify::read(plain, &contexts);
  }
  if (!common) return std::unexpected(common.error());
  out.common = std::move(*common);
  const double interval_s = kept.definition.number_or("timeInterval", 0);
  if (interval_s > 0) out.time_interval = base::Duration(std::int64_t(interval_s * 1e6));
  out.query = TRY(query_of(kept.definition, out.common));
  out.id = std::move(id);
  out.kept = std::move(kept);
  return out;
}

base::Result<SourceSubscription> SourceSubscription::from_entity(const flow::Entity& entity,
                                                                 twin::ContextStore& contexts) {
  auto kept = notify::kept_from(entity.id, entity.attributes);
  if (!kept) return fail(Errc::corrupt, "{} has no definition", entity.id.text());
  return read(source_subscription_id(entity.id), std::move(*kept), contexts);
}

std::string source_subscription_id(flow::EntityId kept) {
  const std::string_view none = notify::kept_as_of_sources("").text();
  std::string_view text = kept.text();
  if (text.starts_with(none)) text.remove_prefix(none.size());
  return std::string(text);
}

flow::Write to_write(const SourceSubscription& subscription) {
  flow::Write write = notify::to_write(subscription.kept);
  write.entity = notify::kept_as_of_sources(subscription.id);
  write.types = {flow::kSourceSubscriptionType};
  return write;
}

}  // namespace cityloop::broker
