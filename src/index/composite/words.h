// What the readers of this room's TOML files share: names in both languages, closed choices.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config.h"
#include "flow/finding.h"

namespace cityloop::index {

inline flow::Bilingual read_both(base::ConfigTable& table, std::string_view key) {
  auto both = table.table(key);
  if (!both) return {};
  return {both->text("zh"), both->text("en")};
}

inline flow::Bilingual read_both_needed(base::ConfigTable& table, std::string_view key) {
  if (!table.has(key)) table.mistake(key, fmt::format("'{}' is missing: {{ zh = \"…\", en = \"…\" }}", key));
  return read_both(table, key);
}

template <class Enum>
using Choices = std::vector<std::pair<std::string_view, Enum>>;

template <class Enum>
Enum choice_of(base::ConfigTable& table, std::string_view key, std::string_view word, const Choices<Enum>& choices,
               Enum otherwise) {
  std::string known;
  for (const auto& [name, value] : choices) {
    if (word == name) return value;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
  }
  table.mistake(key, fmt::format("'{}' is '{}', and must be one of {}", key, word, known));
  return otherwise;
}

template <class Enum>
Enum read_choice(base::ConfigTable& table, std::string_view key, const Choices<Enum>& choices, Enum otherwise) {
  if (!table.has(key)) return otherwise;
  const std::string word = table.text(key);
  return choice_of(table, key, word, choices, otherwise);
}

template <class Enum>
std::vector<Enum> read_choices(base::ConfigTable& table, std::string_view key, const Choices<Enum>& choices) {
  std::vector<Enum> out;
  for (const std::string& word : table.texts(key)) out.push_back(choice_of(table, key, word, choices, Enum{}));
  return out;
}

template <class Enum>
std::string_view word_of(const Choices<Enum>& choices, Enum value) {
  for (const auto& [name, known] : choices) {
    if (known == value) return name;
  }
  return "";
}

}  // namespace cityloop::index
