// How days, times of day and ids are written in the files of duty.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/config.h"
#include "base/time.h"
#include "flow/finding.h"

namespace cityloop::duty {

inline constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
inline constexpr int kDayMinutes = 24 * 60;

// "08:30" as minutes; "24:00" is the end of the day.
inline std::optional<int> minute_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  int hour = -1, minute = -1;
  const auto number = [](std::string_view digits, int& out) {
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return problem == std::errc{} && end == digits.data() + digits.size() && out >= 0;
  };
  if (!number(text.substr(0, 2), hour) || !number(text.substr(3), minute) || minute > 59) return std::nullopt;
  const int out = hour * 60 + minute;
  return out <= kDayMinutes ? std::optional(out) : std::nullopt;
}

inline std::string format_minute(int minute) {
  const int of_day = minute == kDayMinutes ? minute : minute % kDayMinutes;
  return fmt::format("{:02}:{:02}", of_day / 60, of_day % 60);
}

inline std::optional<unsigned> weekday_of(std::string_view text) {
  const auto found = std::find(kWeekdays.begin(), kWeekdays.end(), text);
  return found == kWeekdays.end() ? std::nullopt : std::optional(unsigned(found - kWeekdays.begin()));
}

inline unsigned weekday(std::chrono::sys_days day) {
  return std::chrono::weekday(day).c_encoding();
}

inline std::optional<std::chrono::sys_days> date_of(std::string_view text) {
  if (text.size() != 10) return std::nullopt;
  const auto at = base::parse_time(text);
  return at ? std::optional(std::chrono::floor<std::chrono::days>(*at)) : std::nullopt;
}

inline std::string format_date(std::chrono::sys_days day) {
  return base::format_time(base::Instant(day)).substr(0, 10);
}

// A date that the file must give; nothing, with a mistake, when it does not.
inline std::optional<std::chrono::sys_days> read_date(base::ConfigTable& table, std::string_view key) {
  const std::string text = table.text(key);
  if (text.empty()) return std::nullopt;
  const auto date = date_of(text);
  if (!date) table.mistake(key, fmt::format("'{}' is '{}', and must be a date as \"2026-02-14\"", key, text));
  return date;
}

inline int read_minute(base::ConfigTable& table, std::string_view key) {
  const std::string text = table.text(key);
  const auto minute = minute_of(text);
  if (!minute && !text.empty())
    table.mistake(key, fmt::format("'{}' is '{}', and must be a time as \"08:30\"", key, text));
  return minute.value_or(0);
}

inline bool sound_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

inline std::string read_id(base::ConfigTable& table) {
  std::string id = table.text("id");
  if (!id.empty() && !sound_id(id))
    table.mistake("id", fmt::format("the id '{}' may hold a-z, 0-9, '_' and '-' only", id));
  return id;
}

inline flow::Bilingual read_both(base::ConfigTable& table, std::string_view key) {
  auto both = table.table(key);
  if (!both) return {};
  return {both->text("zh"), both->text("en")};
}

inline flow::Bilingual read_name(base::ConfigTable& table) {
  if (!table.has("name")) table.mistake("name", "'name' is missing: { zh = \"…\", en = \"…\" }");
  return read_both(table, "name");
}

template <class Item>
const Item* find_in(const std::vector<Item>& items, std::string_view id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace cityloop::duty
