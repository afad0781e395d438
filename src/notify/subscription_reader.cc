// Subscriptions from JSON, with every member checked.
#include <algorithm>
#include <array>
#include <cmath>

#include "notify/mqtt_address.h"
#include "notify/subscription.h"

namespace cityloop::notify {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::Result;
using base::Status;
using flow::Name;

constexpr double kSecondsMax = 1e9;
constexpr int kJoinDepthMax = 10;

// One JSON object whose members are asked for by name; `path` stands before them in errors.
class Members {
 public:
  Members(const JsonValue& of, std::string path) : of_(of), path_(std::move(path)) {}

  const JsonValue* find(std::string_view key) const { return of_.find(key); }
  std::string name(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  }

  Result<std::optional<std::string>> text(std::string_view key) const {
    const JsonValue* value = find(key);
    if (!value) return std::nullopt;
    if (!value->text() || value->text()->empty()) return fail(Errc::invalid, "'{}' must be a text", name(key));
    return *value->text();
  }
  Result<std::optional<bool>> flag(std::string_view key) const {
    const JsonValue* value = find(key);
    if (!value) return std::nullopt;
    if (!value->boolean()) return fail(Errc::invalid, "'{}' must be true or false", name(key));
    return *value->boolean();
  }
  // A number above zero, times `unit`.
  Result<std::optional<base::Duration>> duration(std::string_view key, base::Duration unit) const {
    const JsonValue* value = find(key);
    if (!value) return std::nullopt;
    const double* number = value->number();
    if (!number || !(*number > 0) || *number > kSecondsMax) {
      return fail(Errc::invalid, "'{}' must be a number above zero", name(key));
    }
    return base::Duration(std::int64_t(*number * double(unit.count())));
  }
  Result<std::vector<std::string>> texts(std::string_view key, std::string_view of) const {
    std::vector<std::string> out;
    const JsonValue* list = find(key);
    if (!list) return out;
    const auto refusal = [&] { return fail(Errc::invalid, "'{}' must be a list of {}", name(key), of); };
    if (!list->array() || list->array()->empty()) return refusal();
    for (const JsonValue& item : *list->array()) {
      if (!item.text() || item.text()->empty()) return refusal();
      out.push_back(*item.text());
    }
    return out;
  }
  Result<std::vector<Name>> names(std::string_view key) const {
    std::vector<Name> out;
    for (const std::string& text : TRY(texts(key, "attribute names"))) {
      if (text.find_first_of(" <>\"'=;()&?") != text.npos) {
        return fail(Errc::invalid, "'{}': '{}' is no name of an attribute", name(key), text);
      }
      out.emplace_back(text);
    }
    return out;
  }
  Result<std::optional<Members>> object(std::string_view key) const {
    const JsonValue* value = find(key);
    if (!value) return std::nullopt;
    if (!value->object()) return fail(Errc::invalid, "'{}' must be an object", name(key));
    return Members(*value, name(key));
  }

 private:
  const JsonValue& of_;
  std::string path_;
};

Result<std::string> type_expression(const Members& selector) {
  const JsonValue* type = selector.find("type");
  if (!type) return fail(Errc::invalid, "'{}' is missing", selector.name("type"));
  if (type->array()) {
    std::string joined;
    for (const std::string& one : TRY(selector.texts("type", "type names"))) joined += joined.empty() ? one : "," + one;
    return joined;
  }
  return *TRY(selector.text("type"));
}

Result<twin::EntitySelector> read_selector(const Members& given) {
  twin::EntitySelector out;
  const std::string types = TRY(type_expression(given));
  if (types != "*") {
    twin::EntityFilter filter;
    TRY(twin::parse_types(types, nullptr, filter));
    const auto word = [](std::string_view text) -> Result<std::string> { return std::string(text); };
    out.types = TRY(twin::Selection::parse(given.name("type"), types, word));
  }
  if (const auto id = TRY(given.text("id"))) {
    if (!twin::is_uri(*id)) return fail(Errc::invalid, "'{}': '{}' is no URI", given.name("id"), *id);
    out.id = flow::EntityId(*id);
  }
  if (const auto pattern = TRY(given.text("idPattern"))) {
    auto compiled = twin::Pattern::compile(*pattern);
    if (!compiled) return fail(Errc::invalid, "'{}': {}", given.name("idPattern"), compiled.error().message);
    if (out.id.empty()) out.id_pattern = std::move(*compiled);  // an id says more (clause 5.2.33)
  }
  return out;
}

Status read_entities(const Members& body, Subscription& out) {
  const JsonValue* list = body.find("entities");
  if (!list) return {};
  if (!list->array() || list->array()->empty()) {
    return fail(Errc::invalid, "'entities' must be a list with at least one selector");
  }
  for (std::size_t i = 0; i < list->array()->size(); ++i) {
    const JsonValue& item = (*list->array())[i];
    std::string path = fmt::format("entities[{}]", i);
    if (!item.object()) return fail(Errc::invalid, "'{}' must be an object", path);
    out.entities.push_back(TRY(read_selector(Members(item, std::move(path)))));
  }
  return {};
}

Result<std::optional<twin::GeoFilter>> read_geo(const Members& body) {
  const auto geo = TRY(body.object("geoQ"));
  if (!geo) return std::nullopt;
  std::array<std::optional<std::string>, 4> texts;
  constexpr std::array<std::string_view, 4> kNames = {"georel", "geometry", "geoproperty", "coordinates"};
  for (std::size_t i = 0; i < 3; ++i) texts[i] = TRY(geo->text(kNames[i]));
  const JsonValue* coordinates = geo->find("coordinates");
  if (!texts[0] || !texts[1] || !coordinates) {
    return fail(Errc::invalid, "'geoQ' needs 'georel', 'geometry' and 'coordinates'");
  }
  texts[3] = coordinates->text() ? *coordinates->text() : coordinates->dump();
  auto read = twin::parse_geo_filter([&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = std::ranges::find(kNames, name);
    if (found == kNames.end()) return std::nullopt;
    const auto& text = texts[std::size_t(found - kNames.begin())];
    return text ? std::optional<std::string_view>(*text) : std::nullopt;
  });
  if (!read) return fail(Errc::invalid, "'geoQ': {}", read.error().message);
  return std::move(*read);
}

Status read_filter(const Members& body, Subscription& out) {
  twin::EntityFilter filter;
  filter.selectors = out.entities;
  filter.public_only = true;
  if (const auto q = TRY(body.text("q"))) {
    auto parsed = twin::Q::parse(*q, {out.contexts.asked.get(), TRY(body.names("expandValues"))});
    if (!parsed) return fail(Errc::invalid, "'q': {}", parsed.error().message);
    (parsed->has_links() ? out.linked_q : filter.q) = std::move(*parsed);
  }
  filter.geo = TRY(read_geo(body));
  if (const auto scopes = TRY(body.text("scopeQ"))) {
    auto parsed = twin::parse_scopes(*scopes);
    if (!parsed) return fail(Errc::invalid, "'scopeQ': {}", parsed.error().message);
    filter.scopes = std::move(*parsed);
  }
  out.matcher = std::make_shared<const twin::Matcher>(std::move(filter));
  return {};
}

Result<Triggers> read_triggers(const Members& body) {
  constexpr std::pair<std::string_view, Triggers> kKnown[] = {
      {"entityCreated", Triggers(Trigger::entity_created)},
      {"entityDeleted", Triggers(Trigger::entity_deleted)},
      {"entityUpdated", Triggers(kTriggersUsual | Triggers(Trigger::attribute_deleted))},
      {"attributeCreated", Triggers(Trigger::attribute_created)},
      {"attributeUpdated", Triggers(Trigger::attribute_updated)},
      {"attributeDeleted", Triggers(Trigger::attribute_deleted)}};
  if (!body.find("notificationTrigger")) return kTriggersUsual;
  Triggers out = 0;
  for (const std::string& word : TRY(body.texts("notificationTrigger", "triggers"))) {
    const auto known = std::ranges::find(kKnown, word, [](const auto& pair) { return pair.first; });
    if (known == std::end(kKnown)) return fail(Errc::invalid, "'notificationTrigger': there is no trigger '{}'", word);
    out |= known->second;
  }
  return out;
}

// What is asked of registrations, and of nobody here; still it must be a question.
Status check_csf(const Members& body) {
  const auto csf = TRY(body.text("csf"));
  if (!csf) return {};
  const auto parsed = twin::Q::parse(*csf);
  if (!parsed) return fail(Errc::invalid, "'csf': {}", parsed.error().message);
  return {};
}

Status read_datasets(const Members& body, Subscription& out) {
  const JsonValue* given = body.find("datasetId");
  std::vector<std::string> all;
  if (given && given->text()) all.push_back(*given->text());
  else all = TRY(body.texts("datasetId", "URIs"));
  for (const std::string& dataset : all) {
    if (dataset != "@none" && !twin::is_uri(dataset)) {
      return fail(Errc::invalid, "'datasetId': '{}' is no URI", dataset);
    }
    out.datasets.push_back(dataset == "@none" ? Name{} : Name(dataset));
  }
  return {};
}

// What only names, and what other parts of the house heed.
Status check_the_rest(const Members& body) {
  for (const std::string_view key : {"subscriptionName", "description"}) TRY(body.text(key));
  for (const std::string_view key : {"localOnly", "splitEntities"}) TRY(body.flag(key));
  TRY(body.names("expandValues"));
  const auto context = TRY(body.text("jsonldContext"));
  if (context && !twin::is_uri(*context)) return fail(Errc::invalid, "'jsonldContext': '{}' is no URI", *context);
  return check_csf(body);
}

Result<std::vector<std::pair<std::string, std::string>>> read_info(const Members& endpoint, std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  const JsonValue* list = endpoint.find(key);
  if (!list) return out;
  const auto refusal = [&] {
    return fail(Errc::invalid, "'{}' must be a list of objects with 'key' and 'value'", endpoint.name(key));
  };
  if (!list->array()) return refusal();
  for (const JsonValue& pair : *list->array()) {
    const JsonValue* name = pair.find("key");
    const JsonValue* value = pair.find("value");
    if (!name || !name->text() || name->text()->empty() || !value || !value->text()) return refusal();
    const auto breaks = [](char c) { return std::uint8_t(c) < 0x20 || c == 0x7f; };
    if (std::ranges::any_of(*name->text(), breaks) || std::ranges::any_of(*value->text(), breaks)) return refusal();
    out.emplace_back(*name->text(), *value->text());
  }
  return out;
}

Status read_notifier(const Members& given, Endpoint& out) {
  for (const auto& [key, value] : TRY(read_info(given, "notifierInfo"))) {
    if (key == "MQTT-Version") {
      if (value != "mqtt3.1.1" && value != "mqtt5.0") {
        return fail(Errc::invalid, "'{}': MQTT-Version is mqtt3.1.1 or mqtt5.0", given.name("notifierInfo"));
      }
      out.mqtt_311 = value == "mqtt3.1.1";
    } else if (key == "MQTT-QoS") {
      if (value != "0" && value != "1" && value != "2") {
        return fail(Errc::invalid, "'{}': MQTT-QoS is 0, 1 or 2", given.name("notifierInfo"));
      }
      out.mqtt_qos = value.front() - '0';
    }
  }
  return {};
}

Status read_uri(const Members& given, Endpoint& out) {
  const auto uri = TRY(given.text("uri"));
  if (!uri) return fail(Errc::invalid, "'{}' is missing", given.name("uri"));
  out.uri = *uri;
  const auto refusal = [&](std::string_view why) {
    return fail(Errc::invalid, "'{}': '{}' {}", given.name("uri"), *uri, why);
  };
  if (uri->starts_with("http://") || uri->starts_with("https://")) {
    out.protocol = Protocol::http;
    const std::size_t host = uri->find("//") + 2;
    if (host >= uri->size() || std::string_view("/?#:").find((*uri)[host]) != std::string_view::npos) {
      return refusal("names no host");
    }
    if (std::ranges::any_of(*uri, [](char c) { return std::uint8_t(c) <= 0x20 || c == 0x7f; })) {
      return refusal("is no URI");
    }
  } else if (uri->starts_with("mqtt://") || uri->starts_with("mqtts://")) {
    out.protocol = Protocol::mqtt;
    if (const auto address = MqttAddress::parse(*uri); !address) return refusal(address.error().message);
  } else {
    return refusal("is no address of http, https, mqtt or mqtts");
  }
  return {};
}

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return plain || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

Status read_endpoint(const Members& given, Endpoint& out) {
  TRY(read_uri(given, out));
  const std::string accept = TRY(given.text("accept")).value_or("application/json");
  if (accept == to_string(Accept::json)) out.accept = Accept::json;
  else if (accept == to_string(Accept::json_ld)) out.accept = Accept::json_ld;
  else if (accept == to_string(Accept::geo_json)) out.accept = Accept::geo_json;
  else return fail(Errc::invalid, "'{}': '{}' is not given here", given.name("accept"), accept);
  out.receiver_info = TRY(read_info(given, "receiverInfo"));
  for (const auto& [key, value] : out.receiver_info) {
    if (out.protocol == Protocol::http && !is_token(key)) {
      return fail(Errc::invalid, "'{}': '{}' is no name of a header", given.name("receiverInfo"), key);
    }
  }
  TRY(read_notifier(given, out));
  out.cooldown = TRY(given.duration("cooldown", std::chrono::milliseconds(1)));
  out.timeout = TRY(given.duration("timeout", std::chrono::milliseconds(1)));
  return {};
}

Result<twin::Format> format_of(const Members& given) {
  const auto text = TRY(given.text("format"));
  if (!text || *text == "normalized") return twin::Format::normalized;
  if (*text == "concise") return twin::Format::concise;
  if (*text == "simplified" || *text == "keyValues") return twin::Format::simplified;
  return fail(Errc::invalid, "'{}': '{}' is none of normalized, concise, simplified", given.name("format"), *text);
}

// A list of members, or one text of them.
Result<std::optional<std::string>> members_of(const Members& given, std::string_view key) {
  const JsonValue* value = given.find(key);
  if (!value) return std::nullopt;
  if (value->text()) return given.text(key);
  std::string joined;
  for (const std::string& one : TRY(given.texts(key, "members"))) joined += joined.empty() ? one : "," + one;
  return joined;
}

Status read_join(const Members& given, Subscription& out) {
  if (const auto join = TRY(given.text("join")); join && *join != "none" && *join != "@none") {
    if (*join == "inline") out.join = Subscription::Join::in_line;
    else if (*join == "flat") out.join = Subscription::Join::flat;
    else return fail(Errc::invalid, "'{}' is inline, flat or @none", given.name("join"));
  }
  if (const JsonValue* level = given.find("joinLevel")) {
    const double* number = level->number();
    if (!number || *number < 1 || *number != std::floor(*number)) {
      return fail(Errc::invalid, "'{}' must be a whole number above zero", given.name("joinLevel"));
    }
    out.join_depth = int(std::min<double>(*number, kJoinDepthMax));
  }
  return {};
}

Status read_notification(const Members& body, bool needs_endpoint, Subscription& out) {
  const auto given = TRY(body.object("notification"));
  if (!given) {
    if (needs_endpoint) return fail(Errc::invalid, "'notification' is missing");
    return {};
  }
  out.attributes = TRY(given->names("attributes"));
  const auto pick = TRY(members_of(*given, "pick")), omit = TRY(members_of(*given, "omit"));
  if (pick || omit) out.projection = TRY(twin::Projection::parse(pick, omit, nullptr));
  out.format = TRY(format_of(*given));
  out.sys_attrs = TRY(given->flag("sysAttrs")).value_or(false);
  out.show_changes = TRY(given->flag("showChanges")).value_or(false);
  if (out.show_changes && out.format == twin::Format::simplified) {
    return fail(Errc::invalid, "'notification.showChanges' has no place in the simplified format");
  }
  TRY(read_join(*given, out));
  const auto endpoint = TRY(given->object("endpoint"));
  if (endpoint) return read_endpoint(*endpoint, out.endpoint);
  if (needs_endpoint) return fail(Errc::invalid, "'notification.endpoint' is missing");
  return {};
}

Status read_times(const Members& body, Subscription& out) {
  out.time_interval = TRY(body.duration("timeInterval", std::chrono::seconds(1)));
  if (const auto throttling = TRY(body.duration("throttling", std::chrono::seconds(1)))) out.throttling = *throttling;
  if (out.time_interval && (out.throttling.count() > 0 || !out.watched_attributes.empty())) {
    return fail(Errc::invalid, "'timeInterval' stands neither with 'watchedAttributes' nor with 'throttling'");
  }
  if (const auto expires = TRY(body.text("expiresAt"))) {
    auto at = base::parse_time(*expires);
    if (!at) return fail(Errc::invalid, "'expiresAt': {}", at.error().message);
    out.expires_at = *at;
  }
  out.active = TRY(body.flag("isActive")).value_or(true);
  return {};
}

}  // namespace

Result<Subscription> Subscription::read(const JsonValue& definition, Contexts contexts, bool needs_endpoint) {
  if (!definition.object()) return fail(Errc::invalid, "a subscription is a JSON object");
  const Members body(definition, {});
  Subscription out;
  out.contexts = std::move(contexts);
  if (const auto id = TRY(body.text("id"))) {
    if (!twin::is_uri(*id)) return fail(Errc::invalid, "'id': '{}' is no URI", *id);
    out.id = *id;
  }
  const JsonValue* type = body.find("type");
  if (type ? !type->text() || *type->text() != "Subscription" : needs_endpoint) {
    return fail(Errc::invalid, "'type' must be Subscription");
  }
  TRY(check_the_rest(body));
  TRY(read_entities(body, out));
  out.watched_attributes = TRY(body.names("watchedAttributes"));
  if (out.entities.empty() && out.watched_attributes.empty()) {
    return fail(Errc::invalid, "a subscription needs 'entities' or 'watchedAttributes'");
  }
  out.triggers = TRY(read_triggers(body));
  TRY(read_filter(body, out));
  out.lang = TRY(body.text("lang")).value_or("");
  TRY(read_datasets(body, out));
  TRY(read_times(body, out));
  TRY(read_notification(body, needs_endpoint, out));
  return out;
}

Result<Subscription> Subscription::parse(std::string_view json, bool needs_endpoint) {
  JsonValue body = TRY(JsonValue::parse(json));
  return read(canonical(std::move(body), *twin::Context::core()), Contexts::core(), needs_endpoint);
}

}  // namespace cityloop::notify
