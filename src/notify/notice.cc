#include "notify/notice.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace cityloop::notify {
namespace {

using base::JsonWriter;
using flow::Attribute;
using flow::AttributeChange;
using flow::AttributeKind;
using flow::Change;
using flow::Entity;
using flow::EntityPtr;
using flow::Name;
using flow::Value;

// By AttributeKind.
constexpr std::array<std::string_view, 8> kPrevious = {"previousValue",       "previousValue",     "previousObject",
                                                       "previousLanguageMap", "previousVocab",     "previousJson",
                                                       "previousValueList",   "previousObjectList"};

twin::Rendering rendering_of(const Subscription& subscription, const Lookup& find) {
  twin::Rendering how;
  how.format = subscription.format;
  how.sys_attrs = subscription.sys_attrs;
  how.attributes = subscription.attributes;
  how.projection = subscription.projection;
  how.context = subscription.contexts.shown->is_core() ? nullptr : subscription.contexts.shown.get();
  how.lang = subscription.lang;
  how.datasets = subscription.datasets;
  if (subscription.join == Subscription::Join::in_line) {
    how.join_depth = subscription.join_depth;
    how.linked = &find;
  }
  return how;
}

std::string written(const Subscription& subscription, const Entity& entity, const twin::Rendering& how) {
  if (subscription.endpoint.accept != Accept::geo_json) return twin::to_json(entity, how);
  JsonWriter out;
  twin::render_feature(out, entity, how, Name{});
  return out.take();
}

void add_linked(const Subscription& subscription, const Entity& entity, const Lookup& find, const twin::Rendering& how,
                std::vector<std::string>& out) {
  std::unordered_set<flow::EntityId> seen{entity.id};
  std::vector<EntityPtr> level{std::make_shared<const Entity>(entity)};
  for (int depth = 0; depth < subscription.join_depth && !level.empty(); ++depth) {
    std::vector<EntityPtr> next;
    for (const EntityPtr& one : level) {
      for (const Attribute& attribute : one->attributes) {
        for (const flow::EntityId id : twin::linked_ids(attribute)) {
          if (!seen.insert(id).second) continue;
          if (EntityPtr linked = find(id)) next.push_back(std::move(linked));
        }
      }
    }
    twin::Rendering plain = how;
    plain.attributes.clear();
    plain.projection = {};
    for (const EntityPtr& one : next) out.push_back(written(subscription, *one, plain));
    level = std::move(next);
  }
}

void write_value(JsonWriter& out, const Value& value) {
  if (const double* number = std::get_if<double>(&value)) out.number(*number);
  else if (const auto* text = std::get_if<flow::Text>(&value)) out.text(*text);
  else if (const auto* json = std::get_if<flow::Json>(&value)) out.raw(json->text);
  else if (const bool* flag = std::get_if<bool>(&value)) out.boolean(*flag);
  else out.null();
}

// As the attribute itself would be written: words of a vocabulary in the receiver's, lists of objects as objects.
void write_previous(JsonWriter& out, const Attribute& attribute, const Value& value, const twin::Context* context) {
  std::string scratch;
  const auto* text = std::get_if<flow::Text>(&value);
  if (attribute.kind == AttributeKind::vocab_property && text && context) {
    out.text(context->compact(Name(*text), scratch));
    return;
  }
  const auto* json = std::get_if<flow::Json>(&value);
  const auto list = attribute.kind == AttributeKind::list_relationship && json ? base::JsonValue::parse(json->text)
                                                                               : base::fail(base::Errc::invalid, "");
  if (!list || !list->array()) return write_value(out, value);
  out.array();
  for (const base::JsonValue& item : *list->array()) item.write(out.object().key("object")), out.end();
  out.end();
}

Value gone_value(AttributeKind kind) {
  if (kind == AttributeKind::language_property) return flow::Json{fmt::format(R"({{"@none":"{}"}})", flow::kNullUri)};
  return std::string(flow::kNullUri);
}

// One entity with what is special about its changed attributes: written by hand beside what stays as ever.
class Changed {
 public:
  Changed(const Subscription& subscription, const Change& change, flow::Instant at, const twin::Rendering& how)
      : subscription_(subscription), change_(change), at_(at), how_(how) {}

  std::string written(const Entity& after) {
    Entity usual = after;
    std::vector<Name> special;
    for (const AttributeChange& told : change_.attributes) {
      if (is_special(told) && std::ranges::find(special, told.now.name) == special.end())
        special.push_back(told.now.name);
    }
    std::erase_if(usual.attributes,
                  [&](const Attribute& a) { return std::ranges::find(special, a.name) != special.end(); });
    std::string json = twin::to_json(usual, how_);
    if (special.empty() || json.empty()) return json;
    json.pop_back();
    std::string scratch;
    for (const Name name : special) {
      const std::string instances = this->instances(after, name);
      if (instances.empty()) continue;
      JsonWriter key;
      key.text(how_.context ? how_.context->compact(name, scratch) : name.text());
      if (json.back() != '{') json += ',';
      json.append(key.str()).append(":").append(instances);
    }
    return json + '}';
  }

 private:
  bool is_shown(Name name) const {
    if (!how_.attributes.empty() && std::ranges::find(how_.attributes, name) == how_.attributes.end()) return false;
    return how_.projection.shows(name);
  }
  bool is_shown(const Attribute& instance) const {
    return how_.datasets.empty() || std::ranges::find(how_.datasets, instance.dataset_id) != how_.datasets.end();
  }
  bool is_special(const AttributeChange& told) const {
    if (told.late || !is_shown(told.now.name) || !is_shown(told.now)) return false;
    if (told.removed) return subscription_.listens_to(Trigger::attribute_deleted);
    return subscription_.show_changes && told.before.has_value();
  }

  const AttributeChange* told_of(const Attribute& instance) const {
    for (const AttributeChange& told : change_.attributes) {
      const bool same = told.now.name == instance.name && told.now.dataset_id == instance.dataset_id;
      if (same && !told.late && !told.removed) return &told;
    }
    return nullptr;
  }

  std::string instances(const Entity& after, Name name) const {
    std::vector<std::string> out;
    for (const Attribute& attribute : after.attributes) {
      if (attribute.name != name || !is_shown(attribute)) continue;
      const AttributeChange* told = told_of(attribute);
      out.push_back(instance(attribute, told && told->before ? &*told->before : nullptr, false));
    }
    for (const AttributeChange& told : change_.attributes) {
      if (told.now.name != name || !told.removed || !is_special(told)) continue;
      Attribute gone;
      gone.name = name;
      gone.kind = told.now.kind;
      gone.dataset_id = told.now.dataset_id;
      gone.value = gone_value(gone.kind);
      out.push_back(instance(gone, &told.now.value, true));
    }
    if (out.empty()) return {};
    if (out.size() == 1) return out.front();
    return fmt::format("[{}]", fmt::join(out, ","));
  }

  // Members beside its value need an object, also where the value could stand alone.
  std::string instance(const Attribute& attribute, const Value* previous, bool gone) const {
    const bool told = subscription_.show_changes && previous;
    JsonWriter plain;
    if (how_.format == twin::Format::simplified) {
      if (gone) plain.text(flow::kNullUri);
      else twin::render_attribute(plain, attribute, how_);
      return plain.take();
    }
    twin::Rendering how = how_;
    if (gone) how.lang.clear();
    twin::render_attribute(plain, attribute, how);
    std::string json = plain.take();
    if (!told && !(gone && how_.sys_attrs)) return json;
    if (json.front() != '{' || attribute.kind == AttributeKind::geo_property) {
      how.format = twin::Format::normalized;
      JsonWriter full;
      twin::render_attribute(full, attribute, how);
      json = full.take();
    }
    json.pop_back();
    if (told) {
      JsonWriter value;
      write_previous(value, attribute, *previous, how_.context);
      json += fmt::format(R"(,"{}":{})", kPrevious[std::size_t(attribute.kind)], value.str());
    }
    if (gone && how_.sys_attrs) json += fmt::format(R"(,"deletedAt":"{}")", base::format_time(at_));
    return json + '}';
  }

  const Subscription& subscription_;
  const Change& change_;
  const flow::Instant at_;
  const twin::Rendering& how_;
};

// A Feature whose properties say what they were.
std::string changed_feature(const Subscription& subscription, const Change& change, const Entity& after,
                            flow::Instant at, twin::Rendering how) {
  static const Name kId("id"), kLocation("location");
  how.projection.omit.push_back(kId);
  const Attribute* place = after.find(kLocation);
  JsonWriter out;
  out.object().field("id", after.id.text()).field("type", "Feature").key("geometry");
  if (place && place->kind == AttributeKind::geo_property) write_value(out, place->value);
  else out.null();
  out.key("properties").raw(Changed(subscription, change, at, how).written(after));
  out.end();
  return out.take();
}

std::string gone_entity(const Subscription& subscription, const Change& change, flow::Instant at,
                        const twin::Context* context) {
  JsonWriter out;
  out.object().field("id", change.entity.text());
  const bool feature = subscription.endpoint.accept == Accept::geo_json;
  if (feature) out.field("type", "Feature").key("geometry").null().key("properties").object();
  std::string scratch;
  const auto type = [&](Name name) { out.text(context ? context->compact(name, scratch) : name.text()); };
  out.key("type");
  if (change.types.size() == 1) {
    type(change.types.front());
  } else {
    out.array();
    for (const Name name : change.types) type(name);
    out.end();
  }
  out.field("deletedAt", base::format_time(at));
  if (feature) out.end();
  out.end();
  return out.take();
}

}  // namespace

void render_change(const Subscription& subscription, const Change& change, const EntityPtr& after, flow::Instant at,
                   const Lookup& find, std::vector<std::string>& out) {
  const twin::Rendering how = rendering_of(subscription, find);
  if (!after) {
    out.push_back(gone_entity(subscription, change, at, how.context));
    return;
  }
  const bool removed = subscription.listens_to(Trigger::attribute_deleted) &&
                       std::ranges::any_of(change.attributes, &AttributeChange::removed);
  const bool plain = !subscription.show_changes && !removed;
  if (plain) out.push_back(written(subscription, *after, how));
  else if (subscription.endpoint.accept == Accept::geo_json)
    out.push_back(changed_feature(subscription, change, *after, at, how));
  else out.push_back(Changed(subscription, change, at, how).written(*after));
  if (subscription.join == Subscription::Join::flat) add_linked(subscription, *after, find, how, out);
}

void render_state(const Subscription& subscription, const EntityPtr& entity, const Lookup& find,
                  std::vector<std::string>& out) {
  const twin::Rendering how = rendering_of(subscription, find);
  out.push_back(written(subscription, *entity, how));
  if (subscription.join == Subscription::Join::flat) add_linked(subscription, *entity, find, how, out);
}

namespace {

bool same_name(std::string_view one, std::string_view other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
  return std::ranges::equal(one, other, {}, lower, lower);
}

// Those that belong to the transport are its own to say.
bool is_of_transport(std::string_view name) {
  constexpr std::string_view kOwn[] = {"Host",       "Content-Length", "Transfer-Encoding",
                                       "Connection", "Upgrade",        "Expect"};
  return std::ranges::any_of(kOwn, [&](std::string_view own) { return same_name(own, name); });
}

// Clause 6.3.8: JSON brings its @context by a Link, JSON-LD in the body; GeoJSON too, unless `Prefer` has it otherwise.
bool has_context_inside(const Subscription& subscription) {
  if (subscription.endpoint.accept != Accept::geo_json) return subscription.endpoint.accept == Accept::json_ld;
  return std::ranges::none_of(subscription.endpoint.receiver_info, [](const auto& header) {
    return same_name(header.first, "prefer") && header.second.find("body=json") != std::string::npos;
  });
}

}  // namespace

std::string notification(const Subscription& subscription, std::string_view notification_id, flow::Instant at,
                         const std::vector<std::string>& data) {
  JsonWriter out;
  const bool sources = subscription.of_sources && !data.empty();
  out.object().field("id", notification_id);
  out.field("type", sources ? "ContextSourceNotification" : "Notification").field("subscriptionId", subscription.id);
  out.field("notifiedAt", base::format_time(at));
  if (sources) out.key("triggerReason").raw(data.front());
  if (has_context_inside(subscription)) {
    out.key("@context");
    if (subscription.contexts.shown_json.empty()) out.text(twin::kCoreContextUrl);
    else out.raw(subscription.contexts.shown_json);
  }
  out.key("data");
  const bool features = subscription.endpoint.accept == Accept::geo_json && !sources;
  if (features) out.object().field("type", "FeatureCollection").key("features");
  out.array();
  for (std::size_t i = sources ? 1 : 0; i < data.size(); ++i) out.raw(data[i]);
  out.end();
  if (features) out.end();
  out.end();
  return out.take();
}

Headers headers_of(const Subscription& subscription, std::string_view tenant) {
  Headers out;
  out.emplace_back("Content-Type", std::string(to_string(subscription.endpoint.accept)));
  if (!has_context_inside(subscription)) {
    const std::string_view link = subscription.contexts.shown_link.empty()
                                      ? twin::kCoreContextUrl
                                      : std::string_view(subscription.contexts.shown_link);
    out.emplace_back(
        "Link", fmt::format(R"(<{}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json")", link));
  }
  if (!tenant.empty()) out.emplace_back("NGSILD-Tenant", std::string(tenant));
  for (const auto& [key, value] : subscription.endpoint.receiver_info) {
    const auto same = [&](const auto& header) { return same_name(header.first, key); };
    if (!is_of_transport(key) && std::ranges::none_of(out, same)) out.emplace_back(key, value);
  }
  return out;
}

std::string mqtt_payload(const Headers& metadata, std::string_view notification_json) {
  JsonWriter out;
  out.object().key("metadata").object();
  for (const auto& [key, value] : metadata) out.field(key, value);
  out.end().key("body").raw(notification_json).end();
  return out.take();
}

}  // namespace cityloop::notify
