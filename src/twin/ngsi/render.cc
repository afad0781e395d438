// Writing NGSI-LD.
#include "twin/ngsi/ngsi.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <span>

#include "base/json_value.h"
#include "twin/ngsi/merge.h"
#include "twin/ngsi/names.h"

namespace cityloop::twin {
namespace {

using base::JsonWriter;
using flow::Attribute;
using flow::AttributeKind;
using flow::Name;
using flow::Value;

void write_value(JsonWriter& out, const Value& value) {
  if (const double* number = std::get_if<double>(&value)) out.number(*number);
  else if (const auto* text = std::get_if<flow::Text>(&value)) out.text(*text);
  else if (const auto* json = std::get_if<flow::Json>(&value)) out.raw(json->text);
  else if (const bool* flag = std::get_if<bool>(&value)) out.boolean(*flag);
  else out.null();
}

// ["a","b"] as [{"object":"a"},{"object":"b"}]. The list is ours: compact, of texts only.
void write_object_list(JsonWriter& out, const Value& value) {
  const auto* json = std::get_if<flow::Json>(&value);
  if (!json || !json->text.starts_with('[')) return write_value(out, value);
  const std::string_view list = json->text.view();
  std::string text = "[";
  bool inside = false;
  for (std::size_t i = 1; i + 1 < list.size(); ++i) {
    const char c = list[i];
    if (c == '"' && !inside) text += "{\"object\":";
    text += c;
    if (inside && c == '\\') text += list[++i];
    else if (c == '"' && std::exchange(inside, !inside)) text += '}';
  }
  out.raw(text + ']');
}

// The shape {"type": …, "coordinates": …}, which a reader would take for a geometry.
bool looks_like_geometry(const Value& value) {
  const auto* json = std::get_if<flow::Json>(&value);
  return json && json->text.starts_with('{') && json->text.view().contains("\"coordinates\":");
}

// Whether the concise form may be the bare value, so that reading it gives the same attribute back.
bool can_stand_bare(const Attribute& attribute, bool sys_attrs) {
  const bool plain = attribute.unit_code.empty() && attribute.dataset_id.empty() && attribute.subs.empty() &&
                     attribute.observed_at == flow::kNever &&
                     (!sys_attrs || (attribute.created_at == flow::kNever && attribute.modified_at == flow::kNever));
  if (!plain) return false;
  if (attribute.kind == AttributeKind::geo_property) return true;
  if (attribute.kind != AttributeKind::property || attribute.value.index() == 0) return false;
  const auto* json = std::get_if<flow::Json>(&attribute.value);
  return !json || !json->text.view().contains('{');
}

void write_instant(JsonWriter& out, std::string_view name, flow::Instant at) {
  if (at == kNullInstant) out.field(name, ngsi::kNull);
  else if (at != flow::kNever) out.field(name, base::format_time(at));
}

// Attributes of one name together, those of the datasets that are wanted.
template <class Write>
void each_group(std::span<const Attribute> attributes, std::span<const Name> datasets, bool top, const Write& write) {
  const auto wanted = [&](const Attribute& a) {
    return !top || datasets.empty() || std::ranges::find(datasets, a.dataset_id) != datasets.end();
  };
  const bool single = std::ranges::all_of(attributes, [](const Attribute& a) { return a.dataset_id.empty(); });
  std::vector<const Attribute*> group;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const auto same = [&](const Attribute& other) { return other.name == attributes[i].name; };
    if (!single && std::ranges::any_of(attributes.first(i), same)) continue;  // written with its first instance
    group.clear();
    if (wanted(attributes[i])) group.push_back(&attributes[i]);
    if (!single) {
      for (const Attribute& other : attributes.subspan(i + 1)) {
        if (same(other) && wanted(other)) group.push_back(&other);
      }
    }
    if (!group.empty()) write(std::span<const Attribute* const>(group));
  }
}

// The language that serves the wish best: "fr,en;q=0.8,*" in its order of preference; else the one without a name, else
// the first.
std::optional<std::pair<std::string, base::JsonValue>> spoken(const Value& value, std::string_view wish) {
  const auto* json = std::get_if<flow::Json>(&value);
  const auto map = json ? base::JsonValue::parse(json->text) : base::fail(base::Errc::invalid, "");
  if (!map || !map->object() || map->object()->empty()) return std::nullopt;
  std::vector<std::pair<double, std::string_view>> wishes;
  while (!wish.empty()) {
    const auto end = std::min(wish.find(','), wish.size());
    std::string_view item = wish.substr(0, end);
    wish.remove_prefix(std::min(end + 1, wish.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    const auto semicolon = std::min(item.find(';'), item.size());
    const auto weight = item.find("q=", semicolon);
    const double q = weight == item.npos ? 1 : std::strtod(std::string(item.substr(weight + 2)).c_str(), nullptr);
    wishes.emplace_back(q, item.substr(0, semicolon));
  }
  std::ranges::stable_sort(wishes, [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [q, language] : wishes) {
    if (const base::JsonValue* text = map->find(language)) return std::pair(std::string(language), *text);
    for (const auto& [key, text] : *map->object()) {
      if (key.size() > language.size() && key.starts_with(language) && key[language.size()] == '-')
        return std::pair(key, text);
      if (language.size() > key.size() && language.starts_with(key) && language[key.size()] == '-')
        return std::pair(key, text);
    }
  }
  if (const base::JsonValue* text = map->find("@none")) return std::pair(std::string("@none"), *text);
  return std::pair(map->object()->front().key, map->object()->front().value);
}

// Writes entities and attributes in one form for one caller.
class Writer {
 public:
  Writer(JsonWriter& out, const Rendering& how) : out_(out), how_(how), depth_(how.join_depth) {}

  void entity(const flow::Entity& entity) {
    out_.object();
    if (shows(kId)) out_.field("id", entity.id.text());
    if (shows(kType)) names("type", entity.types, true);
    if (shows(kScope)) names("scope", entity.scopes, false);
    attributes(entity.attributes, true);
    times(entity);
    out_.end();
  }

  void feature(const flow::Entity& entity, Name geometry) {
    static const Name kLocation("location");
    const Name place = geometry.empty() ? kLocation : geometry;
    out_.object();
    out_.field("id", entity.id.text()).field("type", "Feature").key("geometry");
    // Of several instances the one that is asked for, or the default one (clause 4.5.16.1).
    const auto held = std::ranges::find_if(entity.attributes, [&](const Attribute& a) {
      const bool chosen = how_.datasets.empty() ? a.dataset_id.empty()
                                                : std::ranges::find(how_.datasets, a.dataset_id) != how_.datasets.end();
      return chosen && a.name == place && a.kind == AttributeKind::geo_property;
    });
    if (held == entity.attributes.end()) out_.null();
    else write_value(out_, held->value);
    out_.key("properties").object();
    if (shows(kType)) names("type", entity.types, true);
    if (shows(kScope)) names("scope", entity.scopes, false);
    attributes(entity.attributes, true);
    times(entity);
    out_.end().end();
  }

  void group(std::span<const Attribute* const> group) {
    const bool many = group.size() > 1;
    if (how_.format == Format::simplified) {
      if (!many && group.front()->dataset_id.empty()) return simplified(*group.front());
      out_.object().key("dataset").object();
      for (const Attribute* attribute : group) {
        out_.key(attribute->dataset_id.empty() ? std::string_view("@none") : attribute->dataset_id.text());
        simplified(*attribute);
      }
      out_.end().end();
      return;
    }
    if (many) out_.array();
    for (const Attribute* attribute : group) instance(*attribute);
    if (many) out_.end();
  }

  void names(std::string_view key, const std::vector<Name>& names, bool types) {
    if (names.empty()) return;
    out_.key(key);
    const auto text = [&](Name name) { return types ? shown(name) : name.text(); };
    if (names.size() == 1) {
      out_.text(text(names.front()));
      return;
    }
    out_.array();
    for (const Name name : names) out_.text(text(name));
    out_.end();
  }

 private:
  static inline const Name kId{"id"}, kType{"type"}, kScope{"scope"}, kCreatedAt{"createdAt"},
      kModifiedAt{"modifiedAt"}, kExpiresAt{"expiresAt"}, kObjectType{ngsi::kObjectType};

  bool shows(Name member) const { return how_.projection.empty() || how_.projection.shows(member); }
  std::string_view shown(Name name) { return how_.context ? how_.context->compact(name, scratch_) : name.text(); }

  void times(const flow::Entity& entity) {
    if (entity.expires_at != flow::kNever && shows(kExpiresAt)) write_instant(out_, "expiresAt", entity.expires_at);
    if (!how_.sys_attrs) return;
    if (shows(kCreatedAt)) write_instant(out_, "createdAt", entity.created_at);
    if (shows(kModifiedAt)) write_instant(out_, "modifiedAt", entity.modified_at);
  }

  void attributes(std::span<const Attribute> all, bool top) {
    each_group(all, how_.datasets, top, [&](std::span<const Attribute* const> group) {
      const Attribute& first = *group.front();
      if (top && !how_.attributes.empty() && std::ranges::find(how_.attributes, first.name) == how_.attributes.end()) {
        return;
      }
      if (top && !shows(first.name)) return;
      out_.key(shown(first.name));
      if (!top && first.name == kObjectType && first.kind == AttributeKind::vocab_property) vocab(first.value);
      else this->group(group);
    });
  }

  void instance(const Attribute& attribute) {
    if (!how_.lang.empty() && attribute.kind == AttributeKind::language_property) return in_language(attribute);
    const bool concise = how_.format == Format::concise;
    if (concise && can_stand_bare(attribute, how_.sys_attrs)) return write_value(out_, attribute.value);
    out_.object();
    const bool property = attribute.kind == AttributeKind::property;
    if (!concise || (property && looks_like_geometry(attribute.value))) {
      out_.field("type", ngsi::words_of(attribute.kind).type);
    }
    held_value(attribute);
    metadata(attribute);
    if (attribute.kind == AttributeKind::relationship || attribute.kind == AttributeKind::list_relationship) {
      linked(attribute);
    }
    out_.end();
  }

  void metadata(const Attribute& attribute) {
    write_instant(out_, "observedAt", attribute.observed_at);
    if (!attribute.unit_code.empty()) out_.field("unitCode", attribute.unit_code.text());
    if (!attribute.dataset_id.empty()) out_.field("datasetId", attribute.dataset_id.text());
    if (how_.sys_attrs) {
      write_instant(out_, "createdAt", attribute.created_at);
      write_instant(out_, "modifiedAt", attribute.modified_at);
    }
    attributes(attribute.subs, false);
  }

  // Clause 4.5.18: one language of many, as a Property that names it.
  void in_language(const Attribute& attribute) {
    const auto text = spoken(attribute.value, how_.lang);
    out_.object();
    if (how_.format == Format::normalized) out_.field("type", "Property");
    if (text) text->second.write(out_.key("value"));
    else write_value(out_.key("value"), attribute.value);
    if (text) out_.field("lang", text->first);
    metadata(attribute);
    out_.end();
  }

  void held_value(const Attribute& attribute) {
    out_.key(ngsi::words_of(attribute.kind).value);
    if (attribute.kind == AttributeKind::list_relationship) write_object_list(out_, attribute.value);
    else if (attribute.kind == AttributeKind::vocab_property) vocab(attribute.value);
    else write_value(out_, attribute.value);
  }

  void vocab(const Value& value) {
    if (!how_.context) return write_value(out_, value);
    if (const auto* text = std::get_if<flow::Text>(&value)) {
      out_.text(shown(Name(*text)));
      return;
    }
    const auto* json = std::get_if<flow::Json>(&value);
    const auto words = json ? base::JsonValue::parse(json->text) : base::fail(base::Errc::invalid, "");
    if (!words || !words->array()) return write_value(out_, value);
    out_.array();
    for (const base::JsonValue& word : *words->array()) {
      if (word.text()) out_.text(shown(Name(*word.text())));
    }
    out_.end();
  }

  // Clause 4.5.4: the value alone where a reader can tell what it is, else under the name of its member.
  void simplified(const Attribute& attribute) {
    if (!how_.lang.empty() && attribute.kind == AttributeKind::language_property) {
      const auto text = spoken(attribute.value, how_.lang);
      if (text) return text->second.write(out_);
    }
    const bool relates =
        attribute.kind == AttributeKind::relationship || attribute.kind == AttributeKind::list_relationship;
    if (relates && depth_ > 0 && linked_inside(attribute)) return;
    const bool alone = relates || attribute.kind == AttributeKind::property ||
                       attribute.kind == AttributeKind::geo_property || attribute.kind == AttributeKind::list_property;
    if (alone) return write_value(out_, attribute.value);
    out_.object().key(ngsi::words_of(attribute.kind).value);
    if (attribute.kind == AttributeKind::vocab_property) vocab(attribute.value);
    else write_value(out_, attribute.value);
    out_.end();
  }

  std::vector<flow::EntityPtr> targets(const Attribute& attribute) const {
    std::vector<flow::EntityPtr> out;
    if (depth_ <= 0 || !how_.linked) return out;
    for (const flow::EntityId id : linked_ids(attribute)) {
      if (how_.contained_by && std::ranges::find(*how_.contained_by, id) != how_.contained_by->end()) continue;
      if (const flow::EntityPtr entity = (*how_.linked)(id)) out.push_back(entity);
    }
    return out;
  }

  // Clause 4.5.23.2: the linked entities inside the relationship.
  void linked(const Attribute& attribute) {
    const auto found = targets(attribute);
    if (found.empty()) return;
    const bool list =
        attribute.kind == AttributeKind::list_relationship || !std::holds_alternative<flow::Text>(attribute.value);
    out_.key(attribute.kind == AttributeKind::list_relationship ? "entityList" : "entity");
    write_linked(attribute.name, found, list);
  }

  bool linked_inside(const Attribute& attribute) {
    const auto found = targets(attribute);
    if (found.empty()) return false;
    write_linked(attribute.name, found, !std::holds_alternative<flow::Text>(attribute.value));
    return true;
  }

  void write_linked(Name name, const std::vector<flow::EntityPtr>& found, bool list) {
    --depth_;
    Rendering inner = how_;
    inner.join_depth = depth_;
    inner.attributes.clear();
    inner.projection = how_.projection.behind(name);
    if (list) out_.array();
    for (const flow::EntityPtr& entity : found) Writer(out_, inner).entity(*entity);
    if (list) out_.end();
    ++depth_;
  }

  JsonWriter& out_;
  const Rendering& how_;
  int depth_;
  std::string scratch_;
};

}  // namespace

std::string_view kind_word(AttributeKind kind) {
  return ngsi::words_of(kind).type;
}

namespace {

template <class Visit>
void each_linked(const Attribute& attribute, const Visit& visit) {
  if (attribute.kind != AttributeKind::relationship && attribute.kind != AttributeKind::list_relationship) return;
  if (const auto* text = std::get_if<flow::Text>(&attribute.value)) return visit(text->view());
  const auto* json = std::get_if<flow::Json>(&attribute.value);
  const auto list = json ? base::JsonValue::parse(json->text) : base::fail(base::Errc::invalid, "");
  if (!list || !list->array()) return;
  for (const base::JsonValue& item : *list->array()) {
    if (item.text()) visit(std::string_view(*item.text()));
  }
}

}  // namespace

std::vector<flow::EntityId> linked_ids(const Attribute& attribute) {
  std::vector<flow::EntityId> out;
  each_linked(attribute, [&](std::string_view urn) {
    if (const auto id = flow::EntityId::lookup(urn); !id.empty()) out.push_back(id);
  });
  return out;
}

std::vector<std::string> linked_urns(const Attribute& attribute) {
  std::vector<std::string> out;
  each_linked(attribute, [&](std::string_view urn) { out.emplace_back(urn); });
  return out;
}

void render(JsonWriter& out, const flow::Entity& entity, const Rendering& how) {
  Writer(out, how).entity(entity);
}

std::string to_json(const flow::Entity& entity, const Rendering& how) {
  JsonWriter out;
  render(out, entity, how);
  return out.take();
}

void render_attribute(JsonWriter& out, const Attribute& attribute, const Rendering& how) {
  const Attribute* const one = &attribute;
  Writer(out, how).group({&one, 1});
}

void render_feature(JsonWriter& out, const flow::Entity& entity, const Rendering& how, Name geometry) {
  Writer(out, how).feature(entity, geometry);
}

void render_types(JsonWriter& out, const std::vector<Name>& types, const Context* context) {
  Rendering how;
  how.context = context;
  Writer(out, how).names("type", types, true);
}

}  // namespace cityloop::twin
