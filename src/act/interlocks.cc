#include "act/interlocks.h"

#include <algorithm>
#include <cmath>

#include "base/json_value.h"

namespace cityloop::act {

using base::Errc;
using base::fail;
using flow::Value;

namespace {

std::size_t characters(std::string_view utf8) {
  return std::size_t(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (std::uint8_t(c) & 0xc0) != 0x80; }));
}

base::Status check_range(const CommandSpec& spec, double size, std::string_view of) {
  if (spec.min && size < *spec.min) return fail(Errc::invalid, "{}{} is below {}", of, size, *spec.min);
  if (spec.max && size > *spec.max) return fail(Errc::invalid, "{}{} is above {}", of, size, *spec.max);
  return {};
}

}  // namespace

base::Result<Value> check_value(const CommandSpec& spec, std::string_view value_json) {
  if (value_json.empty()) return fail(Errc::invalid, "'{}' has no value", spec.name);
  const auto parsed = base::JsonValue::parse(value_json);
  if (!parsed) return fail(Errc::invalid, "the value of '{}' is not JSON", spec.name);
  switch (spec.kind) {
    case ValueKind::boolean:
      if (const bool* flag = parsed->boolean()) return Value(*flag);
      return fail(Errc::invalid, "'{}' takes true or false", spec.name);
    case ValueKind::number:
      if (const double* number = parsed->number()) {
        TRY(check_range(spec, *number, ""));
        return Value(*number);
      }
      return fail(Errc::invalid, "'{}' takes a number", spec.name);
    case ValueKind::text:
      if (const std::string* text = parsed->text()) {
        TRY(check_range(spec, double(characters(*text)), "a length of "));
        return Value(*text);
      }
      return fail(Errc::invalid, "'{}' takes a text", spec.name);
  }
  return fail(Errc::invalid, "'{}' takes no value", spec.name);
}

bool needs_approval(const ApprovalRule& rule, base::Instant local) {
  if (rule.when != ApprovalRule::When::outside) return rule.when == ApprovalRule::When::always;
  const auto since_midnight = local - std::chrono::floor<std::chrono::days>(local);
  const int minute = int(std::chrono::floor<std::chrono::minutes>(since_midnight).count());
  const bool inside = rule.from_min < rule.to_min ? minute >= rule.from_min && minute < rule.to_min
                                                  : minute >= rule.from_min || minute < rule.to_min;
  return !inside;
}

bool is_on(const Value& value) {
  if (const bool* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto number = flow::number_of(value)) return number->near != 0;
  if (const auto* text = std::get_if<flow::Text>(&value)) return !text->empty();
  return false;
}

bool same_value(const Value& seen, const Value& wanted, double tolerance) {
  const double* a = std::get_if<double>(&seen);
  const double* b = std::get_if<double>(&wanted);
  return a && b ? std::abs(*a - *b) <= tolerance : seen == wanted;
}

}  // namespace cityloop::act
