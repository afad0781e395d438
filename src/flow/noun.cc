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

// A text in one language stands for both.
Bilingual language_of(const Attribute* attribute) {
  if (!attribute) return {};
  if (const auto* text = std::get_if<flow::Text>(&attribute->value)) return {*text, *text};
  const auto* json = std::get_if<Json>(&attribute->value);
  const auto map = json ? JsonValue::parse(json->text) : JsonValue{};
  return map ? Bilingual{map->text_or("zh", ""), map->text_or("en", "")} : Bilingual{};
}

}  // namespace

NounWriter::NounWriter(EntityId id, Name type, WriteMode mode, std::size_t room) {
  write_.entity = id;
  write_.mode = mode;
  write_.types = {type};
  write_.attributes.reserve(room);
}

NounWriter& NounWriter::add(Name name, AttributeKind kind, Value value) {
  Attribute attribute = property(name, std::move(value));
  attribute.kind = kind;
  write_.attributes.push_back(std::move(attribute));
  return *this;
}

NounWriter& NounWriter::text(Name name, std::string_view value) {
  return value.empty() ? *this : add(name, AttributeKind::property, std::string(value));
}

NounWriter& NounWriter::time(Name name, Instant at) {
  return at == kNever ? *this : add(name, AttributeKind::property, base::format_time(at));
}

NounWriter& NounWriter::duration(Name name, Duration d) {
  add(name, AttributeKind::property, std::chrono::duration<double>(d).count());
  write_.attributes.back().unit_code = Name("SEC");
  return *this;
}

NounWriter& NounWriter::number(Name name, double value) {
  return add(name, AttributeKind::property, value);
}

NounWriter& NounWriter::flag(Name name, bool value) {
  return add(name, AttributeKind::property, value);
}

NounWriter& NounWriter::link(Name name, EntityId to) {
  return to.empty() ? *this : add(name, AttributeKind::relationship, std::string(to.text()));
}

NounWriter& NounWriter::language(Name name, const Bilingual& text) {
  if (text.zh.empty() && text.en.empty()) return *this;
  JsonWriter map;
  map.object();
  if (!text.en.empty()) map.field("en", text.en);
  if (!text.zh.empty()) map.field("zh", text.zh);
  return add(name, AttributeKind::language_property, Json{map.end().take()});
}

NounWriter& NounWriter::geo(Name name, std::string_view geojson) {
  return geojson.empty() ? *this : add(name, AttributeKind::geo_property, Json{std::string(geojson)});
}

NounWriter& NounWriter::json(Name name, std::string_view json_text) {
  return json_text.empty() ? *this : add(name, AttributeKind::property, value_of(json_text));
}

NounWriter& NounWriter::own_json(Name name, std::string_view json_text) {
  return json_text.empty() ? *this : add(name, AttributeKind::property, Json{json_text});
}

NounReader& NounReader::text(Name name, std::string& out) {
  return out = entity_.text(name), *this;
}

NounReader& NounReader::time(Name name, Instant& out) {
  return out = entity_.instant(name), *this;
}

NounReader& NounReader::duration(Name name, Duration& out) {
  return out = Duration(std::llround(entity_.number(name).value_or(0) * 1e6)), *this;
}

NounReader& NounReader::flag(Name name, bool& out) {
  return out = entity_.flag(name), *this;
}

NounReader& NounReader::count(Name name, std::uint32_t& out, std::uint32_t otherwise) {
  return out = std::uint32_t(entity_.number(name).value_or(otherwise)), *this;
}

NounReader& NounReader::link(Name name, EntityId& out) {
  return out = EntityId(entity_.text(name)), *this;
}

NounReader& NounReader::language(Name name, Bilingual& out) {
  return out = language_of(entity_.find(name)), *this;
}

NounReader& NounReader::geojson(Name name, std::string& out) {
  return out = json_text(name), *this;
}

bool NounReader::is_left_out(Name name) const {
  return std::find(without_.begin(), without_.end(), name) != without_.end();
}

std::string_view NounReader::json_text(Name name) const {
  const Attribute* attribute = entity_.find(name);
  const auto* json = attribute ? std::get_if<Json>(&attribute->value) : nullptr;
  return json ? json->text.view() : std::string_view{};
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
  return language_of(entity.find(Name(name)));
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
