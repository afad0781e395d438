// A number as it is compared: exact for every double, and for every whole number of 64 bits too.
//
// Most whole numbers beyond 2^53 (identifiers, nanoseconds since 1970) are no doubles. Who keeps such a number keeps
// its digits; who compares it compares this.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cityloop::base {

struct Number {
  double near{};        // the nearest double
  std::int32_t rest{};  // what a whole number is beyond it: 0 wherever a double holds it

  constexpr Number() = default;
  constexpr Number(double value) : near(value) {}
  static Number of(std::int64_t);
  static Number of(std::uint64_t);
  // Digits, perhaps behind a '-', of a whole number of 64 bits; nothing for any other text.
  static std::optional<Number> of_digits(std::string_view);

  bool is_double() const { return rest == 0; }
  // The nearest double never falls as numbers rise, so it decides wherever it differs.
  friend constexpr auto operator<=>(const Number&, const Number&) = default;
};

// Every whole number up to here is a double.
inline constexpr std::int64_t kWholeMax = std::int64_t{1} << 53;
constexpr bool is_small(std::int64_t value) {
  return value >= -kWholeMax && value <= kWholeMax;
}

}  // namespace cityloop::base
