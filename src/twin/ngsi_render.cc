// Writing NGSI-LD.
#include "twin/ngsi.h"

#include <algorithm>
#include <span>

#include "twin/ngsi_names.h"

namespace cityloop::twin {
namespace {

using base::JsonWriter;
using flow::Attribute;
using flow::AttributeKind;
using flow::Name;
using flow::Value;

void write_value(JsonWriter& out, const Value& value) {
  if (const double* number = std::get_if<double>(&value)) out.number(*number);
  else if (const auto* text = std::get_if<std::string>(&value)) out.text(*text);
  else if (const auto* json = std::get_if<flow::Json>(&value)) out.raw(json->text);
  else if (const bool* flag = std::get_if<bool>(&value)) out.boolean(*flag);
  else out.null();
}

// ["a","b"] as [{"object":"a"},{"object":"b"}]. The list is ours: compact, of texts only.
void write_object_list(JsonWriter& out, const Value& value) {
  const auto* json = std::get_if<flow::Json>(&value);
  if (!json || json->text.empty() || json->text.front() != '[') return write_value(out, value);
  std::string text = "[";
  bool inside = false;
  for (std::size_t i = 1; i + 1 < json->text.size(); ++i) {
    const char c = json->text[i];
    if (c == '"' && !inside) text += "{\"object\":";
    text += c;
    if (inside && c == '\\') text += json->text[++i];
    else if (c == '"' && std::exchange(inside, !inside)) text += '}';
  }
  out.raw(text + ']');
}

void write_held_value(JsonWriter& out, const Attribute& attribute) {
  out.key(ngsi::words_of(attribute.kind).value);
  if (attribute.kind == AttributeKind::list_relationship) write_object_list(out, attribute.value);
  else write_value(out, attribute.value);
}

// The shape {"type": …, "coordinates": …}, which a reader would take for a geometry.
bool looks_like_geometry(const Value& value) {
  const auto* json = std::get_if<flow::Json>(&value);
  return json && json->text.starts_with('{') && json->text.find("\"coordinates\":") != std::string::npos;
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
  return !json || json->text.find('{') == std::string::npos;
}

void write_instant(JsonWriter& out, std::string_view name, flow::Instant at) {
  if (at != flow::kNever) out.field(name, base::format_time(at));
}

template <class Write>
void each_group(std::span<const Attribute> attributes, const Write& write) {
  const bool single = std::ranges::all_of(attributes, [](const Attribute& a) { return a.dataset_id.empty(); });
  std::vector<const Attribute*> group;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    group.assign(1, &attributes[i]);
    if (!single) {
      const auto same = [&](const Attribute& other) { return other.name == attributes[i].name; };
      if (std::ranges::any_of(attributes.first(i), same)) continue;  // written with its first instance
      for (const Attribute& other : attributes.subspan(i + 1)) {
        if (same(other)) group.push_back(&other);
      }
    }
    write(std::span<const Attribute* const>(group));
  }
}

void write_attributes(JsonWriter&, std::span<const Attribute>, const Rendering&, bool top);

void write_instance(JsonWriter& out, const Attribute& attribute, const Rendering& how) {
  const bool concise = how.format == Format::concise;
  if (concise && can_stand_bare(attribute, how.sys_attrs)) return write_value(out, attribute.value);
  out.object();
  const bool property = attribute.kind == AttributeKind::property;
  if (!concise || (property && looks_like_geometry(attribute.value))) {
    out.field("type", ngsi::words_of(attribute.kind).type);
  }
  write_held_value(out, attribute);
  write_instant(out, "observedAt", attribute.observed_at);
  if (!attribute.unit_code.empty()) out.field("unitCode", attribute.unit_code.text());
  if (!attribute.dataset_id.empty()) out.field("datasetId", attribute.dataset_id.text());
  if (how.sys_attrs) {
    write_instant(out, "createdAt", attribute.created_at);
    write_instant(out, "modifiedAt", attribute.modified_at);
  }
  write_attributes(out, attribute.subs, how, false);
  out.end();
}

// Clause 4.5.4: the value alone where a reader can tell what it is, else under the name of its member.
void write_simplified(JsonWriter& out, const Attribute& attribute) {
  const bool alone = attribute.kind == AttributeKind::property || attribute.kind == AttributeKind::geo_property ||
                     attribute.kind == AttributeKind::relationship;
  if (alone) return write_value(out, attribute.value);
  out.object().key(ngsi::words_of(attribute.kind).value);
  write_value(out, attribute.value);
  out.end();
}

void write_group(JsonWriter& out, std::span<const Attribute* const> group, const Rendering& how) {
  const bool many = group.size() > 1;
  if (how.format == Format::simplified) {
    if (!many && group.front()->dataset_id.empty()) return write_simplified(out, *group.front());
    out.object().key("dataset").object();
    for (const Attribute* attribute : group) {
      out.key(attribute->dataset_id.empty() ? std::string_view("@none") : attribute->dataset_id.text());
      write_simplified(out, *attribute);
    }
    out.end().end();
    return;
  }
  if (many) out.array();
  for (const Attribute* attribute : group) write_instance(out, *attribute, how);
  if (many) out.end();
}

void write_attributes(JsonWriter& out, std::span<const Attribute> attributes, const Rendering& how, bool top) {
  static const Name kObjectType(ngsi::kObjectType);
  each_group(attributes, [&](std::span<const Attribute* const> group) {
    const Attribute& first = *group.front();
    if (top && !how.attributes.empty() && std::ranges::find(how.attributes, first.name) == how.attributes.end()) return;
    out.key(first.name.text());
    if (!top && first.name == kObjectType && first.kind == AttributeKind::vocab_property) {
      write_value(out, first.value);
    } else {
      write_group(out, group, how);
    }
  });
}

void write_names(JsonWriter& out, std::string_view key, const std::vector<Name>& names) {
  if (names.empty()) return;
  out.key(key);
  if (names.size() == 1) {
    out.text(names.front().text());
    return;
  }
  out.array();
  for (const Name name : names) out.text(name.text());
  out.end();
}

}  // namespace

void render(JsonWriter& out, const flow::Entity& entity, const Rendering& how) {
  out.object().field("id", entity.id.text());
  write_names(out, "type", entity.types);
  write_names(out, "scope", entity.scopes);
  write_attributes(out, entity.attributes, how, true);
  if (how.sys_attrs) {
    write_instant(out, "createdAt", entity.created_at);
    write_instant(out, "modifiedAt", entity.modified_at);
  }
  out.end();
}

std::string to_json(const flow::Entity& entity, const Rendering& how) {
  JsonWriter out;
  render(out, entity, how);
  return out.take();
}

void render_attribute(JsonWriter& out, const Attribute& attribute, const Rendering& how) {
  const Attribute* const one = &attribute;
  write_group(out, {&one, 1}, how);
}

}  // namespace cityloop::twin
