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
#include "base/number.h"
#include "base/result.h"

namespace cityloop::base {

class JsonValue {
 public:
  using Array = std::vector<JsonValue>;
  struct Member;                       // key, value
  using Object = std::vector<Member>;  // in document order
  // A whole number that no double holds: its digits are written again as they came.
  struct Whole {
    Number number;
    std::string digits;
  };
  std::variant<std::monostate, bool, double, std::string, Array, Object, Whole> is;

  // Refuses malformed UTF-8, trailing text, nesting deeper than 256, and a key that an object has twice.
  static Result<JsonValue> parse(std::string_view);

  const JsonValue* find(std::string_view key) const;  // null when this is no object or has no such key
  std::string text_or(std::string_view key, std::string_view otherwise) const;
  double number_or(std::string_view key, double otherwise) const;
  bool boolean_or(std::string_view key, bool otherwise) const;
  const std::string* text() const { return std::get_if<std::string>(&is); }
  const double* number() const {  // or the nearest one
    const auto* const whole = std::get_if<Whole>(&is);
    return whole ? &whole->number.near : std::get_if<double>(&is);
  }
  std::optional<Number> exact_number() const {
    if (const auto* const whole = std::get_if<Whole>(&is)) return whole->number;
    const double* const plain = number();
    return plain ? std::optional<Number>(*plain) : std::nullopt;
  }
  const bool* boolean() const { return std::get_if<bool>(&is); }
  const Array* array() const { return std::get_if<Array>(&is); }
  const Object* object() const { return std::get_if<Object>(&is); }

  void write(JsonWriter&) const;
  std::string dump() const;
};

// The same JSON with each whole number of more than 64 bits as a double ("…" and ".0"): simdjson takes no others.
std::string with_long_numbers_as_doubles(std::string_view json);

struct JsonValue::Member {
  std::string key;
  JsonValue value;
};

}  // namespace cityloop::base
