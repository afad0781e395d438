#include "flow/entity.h"

#include <algorithm>

#include "base/json_writer.h"

namespace cityloop::flow {

Value whole_beyond(std::int64_t value) {
  const base::Number number = base::Number::of(value);
  return number.is_double() ? Value(number.near) : Value(Json{std::to_string(value)});
}

Value whole(std::uint64_t value) {
  if (value <= std::uint64_t(INT64_MAX)) return whole(std::int64_t(value));
  const base::Number number = base::Number::of(value);
  return number.is_double() ? Value(number.near) : Value(Json{std::to_string(value)});
}

std::optional<base::Number> number_in_digits(const Value& value) {
  const Json* const json = std::get_if<Json>(&value);
  if (!json || json->text.starts_with('{') || json->text.starts_with('[')) return std::nullopt;
  return base::Number::of_digits(json->text);
}

SubAttributes::SubAttributes(std::vector<Attribute> list)
    : list_(list.empty() ? nullptr : std::make_unique<std::vector<Attribute>>(std::move(list))) {}

SubAttributes::SubAttributes(const SubAttributes& other)
    : list_(other.empty() ? nullptr : std::make_unique<std::vector<Attribute>>(*other.list_)) {}

SubAttributes& SubAttributes::operator=(const SubAttributes& other) {
  list_ = SubAttributes(other).list_;
  return *this;
}

const std::vector<Attribute>& SubAttributes::list() const {
  static const std::vector<Attribute> none;
  return list_ ? *list_ : none;
}

std::vector<Attribute>& SubAttributes::list() {
  if (!list_) list_ = std::make_unique<std::vector<Attribute>>();
  return *list_;
}

void SubAttributes::push_back(Attribute attribute) {
  list().push_back(std::move(attribute));
}

bool Attribute::operator==(const Attribute& other) const {
  return name == other.name && unit_code == other.unit_code && dataset_id == other.dataset_id && kind == other.kind &&
         value == other.value && observed_at == other.observed_at && created_at == other.created_at &&
         modified_at == other.modified_at && subs.list() == other.subs.list();
}

static_assert(sizeof(Attribute) == 64);

const Attribute* Entity::find(Name name) const {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name && attribute.dataset_id.empty()) return &attribute;
  }
  return nullptr;
}

bool Entity::is_a(Name type) const {
  return types.contains(type);
}

std::string_view Entity::text(Name name) const {
  const Attribute* attribute = find(name);
  const auto* value = attribute ? std::get_if<Text>(&attribute->value) : nullptr;
  return value ? std::string_view(*value) : std::string_view{};
}

std::optional<double> Entity::number(Name name) const {
  const Attribute* attribute = find(name);
  const auto value = attribute ? number_of(attribute->value) : std::nullopt;
  return value ? std::optional(value->near) : std::nullopt;
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
