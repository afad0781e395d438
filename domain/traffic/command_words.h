// The words behind `cityloop traffic VERB`: options with their values, and what was wrong with each, told together.
//
//   --routes 6 --seed 1 ─▶ [CommandWords] ─ text, number, time ─▶ what is wished; check() ─▶ all mistakes, and the
//   usage
#pragma once

#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::traffic {

class CommandWords {
 public:
  // `flags`: options that take no value.
  explicit CommandWords(const std::vector<std::string>& words, const std::vector<std::string>& flags = {});

  // Each is asked for once; what was not said leaves `into` as it is.
  std::string text(const std::string& key);
  void text(const std::string& key, std::string& into);
  bool flag(const std::string& key) { return !text(key).empty(); }
  void time(const std::string& key, base::Instant& into);
  template <class Number>
  void number(const std::string& key, Number& into, double least, double most) {
    const std::string value = text(key);
    if (value.empty()) return;
    Number read{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), read);
    if (error != std::errc{} || end != value.data() + value.size() || !(double(read) >= least && double(read) <= most))
      wrong(fmt::format("--{} is a number from {} to {}, not '{}'", key, least, most, value));
    else into = read;
  }

  void wrong(std::string text);
  // Whatever was said and not asked for is a mistake too.
  base::Status check(std::string_view usage);

 private:
  std::map<std::string, std::string> said_;
  std::string mistakes_;
};

}  // namespace cityloop::traffic
