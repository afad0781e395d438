#include "flow/entity.h"

#include <algorithm>

#include "base/json_writer.h"

namespace cityloop::flow {

const Attribute* Entity::find(Name name) const {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name && attribute.dataset_id.empty()) return &attribute;
  }
  return nullptr;
}

bool Entity::is_a(Name type) const {
  return std::find(types.begin(), types.end(), type) != types.end();
}

std::string_view Entity::text(Name name) const {
  const Attribute* attribute = find(name);
  const auto* value = attribute ? std::get_if<std::string>(&attribute->value) : nullptr;
  return value ? std::string_view(*value) : std::string_view{};
}

std::optional<double> Entity::number(Name name) const {
  const Attribute* attribute = find(name);
  const auto* value = attribute ? std::get_if<double>(&attribute->value) : nullptr;
  return value ? std::optional(*value) : std::nullopt;
}

Instant Entity::instant(Name name) const {
  const std::string_view value = text(name);
  return value.empty() ? kNever : base::parse_time(value).value_or(kNever);
}

bool Entity::flag(Name name) const {
  const Attribute* attribute = find(name);
  const auto* value = attribute ? std::get_if<bool>(&attribute->value) : nullptr;
  return value && *value;
}

Attribute property(Name name, Value value, Instant observed_at, Name unit_code) {
  Attribute out;
  out.name = name;
  out.value = std::move(value);
  out.observed_at = observed_at;
  out.unit_code = unit_code;
  return out;
}

Attribute relationship(Name name, EntityId object, Instant observed_at) {
  Attribute out = property(name, std::string(object.text()), observed_at);
  out.kind = AttributeKind::relationship;
  return out;
}

Attribute time_property(Name name, Instant at) {
  return property(name, base::format_time(at));
}

Attribute geo_point(Name name, double lon, double lat) {
  base::JsonWriter json;
  json.object().field("type", "Point").key("coordinates").array().number(lon).number(lat).end().end();
  Attribute out = property(name, Json{json.take()});
  out.kind = AttributeKind::geo_property;
  return out;
}

}  // namespace cityloop::flow
