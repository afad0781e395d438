#include "broker/source_subscription.h"

#include <algorithm>

#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::Name;

const Name kDefinition("definition");
const Name kContext("context");
constexpr std::string_view kPrefix = "csourceSubscriptions/";

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

base::Result<SourceSubscription> SourceSubscription::read(JsonValue definition, notify::Contexts contexts,
                                                          std::string context) {
  SourceSubscription out;
  out.common = TRY(notify::Subscription::read(definition, std::move(contexts)));
  out.id = out.common.id;
  out.query = TRY(query_of(definition, out.common));
  out.definition = std::move(definition);
  out.context = std::move(context);
  return out;
}

notify::Contexts contexts_of(const std::string& context, twin::ContextStore& store) {
  notify::Contexts out = notify::Contexts::core();
  if (context.empty()) return out;
  const auto resolved = store.resolved(context);
  if (!resolved || !*resolved) return out;
  out.shown = out.asked = **resolved;
  out.shown_json = context;
  return out;
}

base::Result<SourceSubscription> SourceSubscription::from_entity(const flow::Entity& entity,
                                                                 twin::ContextStore& store) {
  const flow::Attribute* kept = entity.find(kDefinition);
  const auto* json = kept ? std::get_if<flow::Json>(&kept->value) : nullptr;
  if (!json) return fail(Errc::corrupt, "{} has no definition", entity.id.text());
  const std::string context(entity.text(kContext));
  auto out = TRY(read(TRY(JsonValue::parse(json->text)), contexts_of(context, store), context));
  out.id = source_subscription_id(entity.id);
  return out;
}

flow::EntityId source_subscription_kept_as(std::string_view id) {
  return flow::EntityId(fmt::format("{}{}", kPrefix, id));
}

std::string source_subscription_id(flow::EntityId kept) {
  std::string_view text = kept.text();
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  return std::string(text);
}

flow::Write to_write(const SourceSubscription& subscription) {
  flow::Write write;
  write.entity = source_subscription_kept_as(subscription.id);
  write.types = {flow::kSourceSubscriptionType};
  write.mode = flow::WriteMode::replace;
  write.attributes = {flow::property(kDefinition, flow::Json{subscription.definition.dump()})};
  if (!subscription.context.empty()) write.attributes.push_back(flow::property(kContext, subscription.context));
  return write;
}

}  // namespace cityloop::broker
