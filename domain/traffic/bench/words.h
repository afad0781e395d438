// Numbers on the command line of the programs of measurement.
//
//   --seeds 3 ─▶ [whole_number] ─▶ 3            --scale 1.5 ─▶ [number] ─▶ 1.5
//
// A word that is not one number from end to end, or does not fit its type, ends the program: a message on stderr,
// exit 2.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace cityloop::traffic {

[[noreturn]] inline void refuse_word(std::string_view option, std::string_view word, std::string_view wanted) {
  fmt::print(stderr, "{} takes {}, not '{}'\n", option, wanted, word);
  std::exit(2);
}

template <std::integral Whole = int>
Whole whole_number(std::string_view option, std::string_view word) {
  Whole value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size())
    refuse_word(option, word, std::unsigned_integral<Whole> ? "a whole number, not negative" : "a whole number");
  return value;
}

inline double number(std::string_view option, std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || !std::isfinite(value))
    refuse_word(option, word, "a number");
  return value;
}

}  // namespace cityloop::traffic
