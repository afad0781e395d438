#include "base/json_value.h"

#include <algorithm>

#include <simdjson.h>

namespace cityloop::base {
namespace {

constexpr std::size_t kDepthMax = 256;

template <class Int>
void take_whole(Int value, JsonValue& out) {
  const Number number = Number::of(value);
  if (number.is_double()) out.is = number.near;
  else out.is = JsonValue::Whole{number, std::to_string(value)};
}

Result<JsonValue> from_dom(const simdjson::dom::element& element) {
  using Type = simdjson::dom::element_type;
  JsonValue out;
  switch (element.type()) {
    case Type::NULL_VALUE: break;
    case Type::BOOL: out.is = bool(element); break;
    case Type::INT64: take_whole(element.get_int64().value_unsafe(), out); break;
    case Type::UINT64: take_whole(element.get_uint64().value_unsafe(), out); break;
    case Type::DOUBLE: out.is = element.get_double().value_unsafe(); break;
    case Type::STRING: out.is = std::string(std::string_view(element)); break;
    case Type::ARRAY: {
      JsonValue::Array items;
      for (const auto child : simdjson::dom::array(element)) items.push_back(TRY(from_dom(child)));
      out.is = std::move(items);
      break;
    }
    case Type::OBJECT: {
      JsonValue::Object members;
      for (const auto [key, child] : simdjson::dom::object(element)) {
        const bool twice = std::any_of(members.begin(), members.end(), [&](const auto& m) { return m.key == key; });
        if (twice) return fail(Errc::invalid, "the key '{}' stands twice in one object", key);
        members.push_back({std::string(key), TRY(from_dom(child))});
      }
      out.is = std::move(members);
      break;
    }
  }
  return out;
}

}  // namespace

Result<JsonValue> JsonValue::parse(std::string_view text) {
  simdjson::dom::parser parser;
  if (const auto error = parser.allocate(std::max<std::size_t>(text.size(), 64), kDepthMax)) {
    return fail(Errc::full, "{}", simdjson::error_message(error));
  }
  simdjson::dom::element root;
  auto error = parser.parse(simdjson::padded_string(text)).get(root);
  if (error == simdjson::NUMBER_ERROR) {
    error = parser.parse(simdjson::padded_string(with_long_numbers_as_doubles(text))).get(root);
  }
  if (error) {
    return fail(Errc::malformed, "not well-formed JSON: {}", simdjson::error_message(error));
  }
  return from_dom(root);
}

std::string with_long_numbers_as_doubles(std::string_view json) {
  constexpr std::size_t kShort = 18;  // digits that always fit
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (inside || (!is_digit(c) && c != '-')) {
      if (inside && c == '\\' && i + 1 < json.size()) out += json[i++];
      else if (c == '"') inside = !inside;
      out += json[i++];
      continue;
    }
    std::size_t whole = i + (c == '-' ? 1 : 0);
    while (whole < json.size() && is_digit(json[whole])) ++whole;
    std::size_t end = whole;  // of the number as a whole
    while (end < json.size() && (is_digit(json[end]) || std::string_view("+-.eE").contains(json[end]))) ++end;
    const std::string_view number = json.substr(i, end - i);
    out += number;
    if (whole == end && number.size() > kShort && !Number::of_digits(number)) out += ".0";
    i = end;
  }
  return out;
}

const JsonValue* JsonValue::find(std::string_view key) const {
  if (const Object* members = object()) {
    for (const auto& [name, value] : *members) {
      if (name == key) return &value;
    }
  }
  return nullptr;
}

std::string JsonValue::text_or(std::string_view key, std::string_view otherwise) const {
  const JsonValue* value = find(key);
  return std::string(value && value->text() ? std::string_view(*value->text()) : otherwise);
}

double JsonValue::number_or(std::string_view key, double otherwise) const {
  const JsonValue* value = find(key);
  return value && value->number() ? *value->number() : otherwise;
}

bool JsonValue::boolean_or(std::string_view key, bool otherwise) const {
  const JsonValue* value = find(key);
  return value && value->boolean() ? *value->boolean() : otherwise;
}

void JsonValue::write(JsonWriter& out) const {
  if (const bool* flag = boolean()) {
    out.boolean(*flag);
  } else if (const auto* const whole = std::get_if<Whole>(&is)) {
    out.raw(whole->digits);
  } else if (const double* n = number()) {
    out.number(*n);
  } else if (const std::string* t = text()) {
    out.text(*t);
  } else if (const Array* items = array()) {
    out.array();
    for (const JsonValue& item : *items) item.write(out);
    out.end();
  } else if (const Object* members = object()) {
    out.object();
    for (const auto& [name, value] : *members) value.write(out.key(name));
    out.end();
  } else {
    out.null();
  }
}

std::string JsonValue::dump() const {
  JsonWriter out;
  write(out);
  return out.take();
}

}  // namespace cityloop::base
