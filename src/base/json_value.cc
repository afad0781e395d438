#include "base/json_value.h"

#include <algorithm>

#include <simdjson.h>

namespace cityloop::base {
namespace {

constexpr std::size_t kDepthMax = 256;

Result<JsonValue> from_dom(const simdjson::dom::element& element) {
  using Type = simdjson::dom::element_type;
  JsonValue out;
  switch (element.type()) {
    case Type::NULL_VALUE: break;
    case Type::BOOL: out.is = bool(element); break;
    case Type::INT64:
    case Type::UINT64:
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
  if (const auto error = parser.parse(simdjson::padded_string(text)).get(root)) {
    return fail(Errc::malformed, "not well-formed JSON: {}", simdjson::error_message(error));
  }
  return from_dom(root);
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
