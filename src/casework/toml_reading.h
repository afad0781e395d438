// What the readers of casework's TOML files share: ids, names in both languages, closed choices.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/config.h"
#include "flow/finding.h"

namespace cityloop::casework {

inline bool sound_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

inline std::string read_id(base::ConfigTable& table, std::string_view key = "id") {
  std::string id = table.text(key);
  if (!id.empty() && !sound_id(id))
    table.mistake(key, fmt::format("the {} '{}' may hold a-z, 0-9, '_' and '-' only", key, id));
  return id;
}

inline flow::Bilingual read_bilingual(base::ConfigTable& table, std::string_view key) {
  auto both = table.table(key);
  if (!both) return {};
  return {both->text("zh"), both->text("en")};
}

inline flow::Bilingual read_name(base::ConfigTable& table) {
  if (!table.has("name")) table.mistake("name", "'name' is missing: { zh = \"…\", en = \"…\" }");
  return read_bilingual(table, "name");
}

template <class Enum>
Enum read_choice(base::ConfigTable& table, std::string_view key,
                 std::initializer_list<std::pair<std::string_view, Enum>> choices, Enum otherwise) {
  if (!table.has(key)) return otherwise;
  const std::string word = table.text(key);
  std::string known;
  for (const auto& [name, value] : choices) {
    if (word == name) return value;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
  }
  if (!word.empty()) table.mistake(key, fmt::format("'{}' is '{}', and must be one of {}", key, word, known));
  return otherwise;
}

// A note of the timeline has no language of its own.
inline std::string in_both(const flow::Bilingual& text) {
  return text.zh == text.en || text.en.empty() ? text.zh : fmt::format("{} / {}", text.zh, text.en);
}

}  // namespace cityloop::casework
