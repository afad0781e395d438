// A parsed JSON document as a tree, for request bodies, forms and settings. Off the hot path: the twin reads entities
// with simdjson directly.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"

namespace cityloop::base {

class JsonValue {
 public:
  using Array = std::vector<JsonValue>;
  struct Member;                       // key, value
  using Object = std::vector<Member>;  // in document order
  std::variant<std::monostate, bool, double, std::string, Array, Object> is;

  // Refuses malformed UTF-8, trailing text, nesting deeper than 256, and a key that an object has twice.
  static Result<JsonValue> parse(std::string_view);

  const JsonValue* find(std::string_view key) const;  // null when this is no object or has no such key
  std::string text_or(std::string_view key, std::string_view otherwise) const;
  double number_or(std::string_view key, double otherwise) const;
  bool boolean_or(std::string_view key, bool otherwise) const;
  const std::string* text() const { return std::get_if<std::string>(&is); }
  const double* number() const { return std::get_if<double>(&is); }
  const bool* boolean() const { return std::get_if<bool>(&is); }
  const Array* array() const { return std::get_if<Array>(&is); }
  const Object* object() const { return std::get_if<Object>(&is); }

  void write(JsonWriter&) const;
  std::string dump() const;
};

struct JsonValue::Member {
  std::string key;
  JsonValue value;
};

}  // namespace cityloop::base
