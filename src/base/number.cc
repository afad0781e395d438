#include "base/number.h"

#include <charconv>

namespace cityloop::base {
namespace {

constexpr double kTwo63 = 9223372036854775808.0, kTwo64 = 18446744073709551616.0;

}  // namespace

Number Number::of(std::int64_t value) {
  Number out(static_cast<double>(value));
  if (out.near == kTwo63) out.rest = std::int32_t(value - INT64_MAX) - 1;
  else out.rest = std::int32_t(value - std::int64_t(out.near));
  return out;
}

Number Number::of(std::uint64_t value) {
  Number out(static_cast<double>(value));
  if (out.near == kTwo64) out.rest = -std::int32_t(UINT64_MAX - value) - 1;
  else out.rest = std::int32_t(std::int64_t(value - std::uint64_t(out.near)));
  return out;
}

std::optional<Number> Number::of_digits(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(begin, end, whole); read.ec == std::errc{}) {
    return read.ptr == end ? std::optional(of(whole)) : std::nullopt;
  }
  std::uint64_t large = 0;
  const auto read = std::from_chars(begin, end, large);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(of(large)) : std::nullopt;
}

}  // namespace cityloop::base
