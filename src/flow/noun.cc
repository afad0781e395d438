#include "flow/noun.h"

#include <algorithm>

#include "base/json_value.h"
#include "base/json_writer.h"

namespace cityloop::flow {
namespace {

using base::JsonValue;
using base::JsonWriter;

Value value_of(std::string_view json_text) {
  const auto parsed = JsonValue::parse(json_text);
  if (!parsed) return std::string(json_text);
  if (const bool* flag = parsed->boolean()) return *flag;
  if (const double* number = parsed->number()) return *number;
  if (const std::string* text = parsed->text()) return *text;
  if (parsed->array() || parsed->object()) return Json{parsed->dump()};
  return std::monostate{};
}

}  // namespace

NounWriter::NounWriter(EntityId id, std::string_view type, WriteMode mode) {
  write_.entity = id;
  write_.mode = mode;
  write_.types = {Name(type)};
}

NounWriter& NounWriter::add(std::string_view name, AttributeKind kind, Value value) {
  Attribute attribute = property(Name(name), std::move(value));
  attribute.kind = kind;
  write_.attributes.push_back(std::move(attribute));
  return *this;
}

NounWriter& NounWriter::text(std::string_view name, std::string_view value) {
  return value.empty() ? *this : add(name, AttributeKind::property, std::string(value));
}

NounWriter& NounWriter::time(std::string_view name, Instant at) {
  return at == kNever ? *this : add(name, AttributeKind::property, base::format_time(at));
}

NounWriter& NounWriter::duration(std::string_view name, Duration d) {
  add(name, AttributeKind::property, std::chrono::duration<double>(d).count());
  write_.attributes.back().unit_code = Name("SEC");
  return *this;
}

NounWriter& NounWriter::number(std::string_view name, double value) {
  return add(name, AttributeKind::property, value);
}

NounWriter& NounWriter::flag(std::string_view name, bool value) {
  return add(name, AttributeKind::property, value);
}

NounWriter& NounWriter::link(std::string_view name, EntityId to) {
  return to.empty() ? *this : add(name, AttributeKind::relationship, std::string(to.text()));
}

NounWriter& NounWriter::language(std::string_view name, const Bilingual& text) {
  if (text.zh.empty() && text.en.empty()) return *this;
  JsonWriter map;
  map.object();
  if (!text.en.empty()) map.field("en", text.en);
  if (!text.zh.empty()) map.field("zh", text.zh);
  return add(name, AttributeKind::language_property, Json{map.end().take()});
}

NounWriter& NounWriter::geo(std::string_view name, std::string_view geojson) {
  return geojson.empty() ? *this : add(name, AttributeKind::geo_property, Json{std::string(geojson)});
}

NounWriter& NounWriter::json(std::string_view name, std::string_view json_text) {
  return json_text.empty() ? *this : add(name, AttributeKind::property, value_of(json_text));
}

std::string text_field(const Entity& entity, std::string_view name) {
  return std::string(entity.text(Name(name)));
}

EntityId link_field(const Entity& entity, std::string_view name) {
  return EntityId(entity.text(Name(name)));
}

Instant time_field(const Entity& entity, std::string_view name) {
  return entity.instant(Name(name));
}

Duration duration_field(const Entity& entity, std::string_view name) {
  return Duration(std::llround(entity.number(Name(name)).value_or(0) * 1e6));
}

Bilingual language_field(const Entity& entity, std::string_view name) {
  const Attribute* attribute = entity.find(Name(name));
  if (!attribute) return {};
  // A text in one language stands for both.
  if (const auto* text = std::get_if<flow::Text>(&attribute->value)) return {*text, *text};
  const auto* json = std::get_if<Json>(&attribute->value);
  const auto map = json ? JsonValue::parse(json->text) : JsonValue{};
  return map ? Bilingual{map->text_or("zh", ""), map->text_or("en", "")} : Bilingual{};
}

std::string json_field(const Entity& entity, std::string_view name) {
  const Attribute* attribute = entity.find(Name(name));
  if (!attribute) return {};
  if (const auto* json = std::get_if<Json>(&attribute->value)) return json->text;
  JsonWriter out;
  if (const auto* text = std::get_if<flow::Text>(&attribute->value)) out.text(*text);
  else if (const auto* number = std::get_if<double>(&attribute->value)) out.number(*number);
  else if (const auto* flag = std::get_if<bool>(&attribute->value)) out.boolean(*flag);
  else out.null();
  return out.take();
}

Entity entity_of(const Write& write) {
  Entity entity;
  entity.id = write.entity;
  entity.types = write.types;
  entity.scopes = write.scopes;
  entity.attributes = write.attributes;
  return entity;
}

Entity entity_after(const Write& known, const Change& change) {
  Entity entity = entity_of(known);
  if (entity.id.empty()) entity.id = change.entity;
  entity.types = change.types;
  for (const AttributeChange& told : change.attributes) {
    if (told.late || !told.now.dataset_id.empty()) continue;
    std::erase_if(entity.attributes, [&](const Attribute& mine) { return mine.name == told.now.name; });
    if (!told.removed) entity.attributes.push_back(told.now);
  }
  return entity;
}

base::Status require_type(const Entity& entity, std::string_view type) {
  if (entity.is_a(Name(type))) return {};
  return base::fail(base::Errc::invalid, "'{}' is no {}", entity.id.text(), type);
}

}  // namespace cityloop::flow
