#include "serve/body.h"

#include <algorithm>

namespace cityloop::serve {
namespace {

using base::JsonValue;

bool is_of(const JsonValue& value, JsonType type) {
  switch (type) {
    case JsonType::text: return value.text() != nullptr;
    case JsonType::number: return value.number() != nullptr;
    case JsonType::boolean: return value.boolean() != nullptr;
    case JsonType::list: return value.array() != nullptr;
    case JsonType::texts:
      return value.array() && std::ranges::all_of(*value.array(), [](const JsonValue& one) { return one.text(); });
    case JsonType::object: return value.object() != nullptr;
  }
  return false;
}

}  // namespace

base::Status check_types(const JsonValue& body, std::initializer_list<std::pair<std::string_view, JsonType>> members) {
  if (!body.object()) return base::fail(base::Errc::invalid, "the body must be a JSON object");
  for (const auto& [name, type] : members) {
    constexpr std::string_view kNames[] = {"a text", "a number",        "true or false",
                                           "a list", "a list of texts", "an object"};
    const JsonValue* const value = body.find(name);
    const bool absent = !value || std::holds_alternative<std::monostate>(value->is);
    if (!absent && !is_of(*value, type))
      return base::fail(base::Errc::invalid, "'{}' must be {}", name, kNames[std::size_t(type)]);
  }
  return {};
}

}  // namespace cityloop::serve
