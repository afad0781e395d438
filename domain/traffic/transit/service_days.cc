#include "domain/traffic/transit/service_days.h"

#include <charconv>

#include <fmt/format.h>

namespace cityloop::traffic {
namespace {

using namespace std::chrono;

std::optional<int> digits(std::string_view text) {
  int out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && text.front() != '-';
  return whole ? std::optional(out) : std::nullopt;
}

}  // namespace

base::Instant service_day_start(const base::TimeZone& zone, sys_days day) {
  return zone.to_utc(base::Instant(day) + 12h) - 12h;
}

sys_days local_day(const base::TimeZone& zone, base::Instant at) {
  return floor<days>(zone.to_local(at));
}

std::optional<sys_days> parse_day(std::string_view text) {
  if (text.size() != 8) return std::nullopt;
  const auto y = digits(text.substr(0, 4)), m = digits(text.substr(4, 2)), d = digits(text.substr(6, 2));
  if (!y || !m || !d) return std::nullopt;
  const year_month_day date{year(*y), month(unsigned(*m)), std::chrono::day(unsigned(*d))};
  return date.ok() ? std::optional(sys_days(date)) : std::nullopt;
}

std::string format_day(sys_days day) {
  const year_month_day date(day);
  return fmt::format("{:04}{:02}{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day()));
}

std::optional<std::int32_t> parse_clock(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  const std::size_t n = text.size();
  if (n < 7 || n > 9 || text[n - 3] != ':' || text[n - 6] != ':') return std::nullopt;
  const auto digit = [&](std::size_t i) { return unsigned(text[i]) - '0'; };
  unsigned hours = 0;
  for (std::size_t i = 0; i < n - 6; ++i) {
    if (digit(i) > 9) return std::nullopt;
    hours = hours * 10 + digit(i);
  }
  const unsigned m1 = digit(n - 5), m2 = digit(n - 4), s1 = digit(n - 2), s2 = digit(n - 1);
  if (m1 > 5 || m2 > 9 || s1 > 5 || s2 > 9) return std::nullopt;
  return std::int32_t(hours * 3600 + (m1 * 10 + m2) * 60 + s1 * 10 + s2);
}

std::string format_clock(std::int32_t s) {
  return fmt::format("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

}  // namespace cityloop::traffic
