#include "base/time.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace cityloop::base {
namespace {

constexpr std::int64_t kUsPerSecond = 1'000'000;

// Reads exactly `digits` digits; false at anything else.
bool take_number(std::string_view& text, std::size_t digits, int& out) {
  if (text.size() < digits) return false;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  out = value;
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// Fraction of a second in microseconds; digits past the sixth are dropped.
std::int64_t take_fraction(std::string_view& text) {
  std::int64_t us = 0;
  std::int64_t scale = 100'000;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    us += (text.front() - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
  }
  return us;
}

struct Clock {
  int hour{}, minute{}, second{};
  std::int64_t us{};
};

bool take_clock(std::string_view& text, Clock& out) {
  if (!take_number(text, 2, out.hour) || !take(text, ':') || !take_number(text, 2, out.minute)) return false;
  if (take(text, ':')) {
    if (!take_number(text, 2, out.second)) return false;
    if (take(text, '.') || take(text, ',')) out.us = take_fraction(text);
  }
  return out.hour <= 23 && out.minute <= 59 && out.second <= 60;
}

// The zone at the end; `offset` is left alone when there is none.
bool take_zone(std::string_view& text, Duration& offset) {
  if (text.empty()) return true;
  if (take(text, 'Z') || take(text, 'z')) {
    offset = Duration::zero();
    return true;
  }
  const bool minus = text.front() == '-';
  if (!minus && text.front() != '+') return false;
  text.remove_prefix(1);
  int hour = 0, minute = 0;
  if (!take_number(text, 2, hour)) return false;
  take(text, ':');
  if (!text.empty() && !take_number(text, 2, minute)) return false;
  offset = std::chrono::hours(hour) + std::chrono::minutes(minute);
  if (minus) offset = -offset;
  return true;
}

}  // namespace

Result<Instant> parse_time(std::string_view text, Duration utc_offset) {
  const std::string_view whole = text;
  const auto bad = [&] {
    return fail(Errc::invalid, "'{}' is not a time like 2014-08-18T00:00:00Z", whole.substr(0, 40));
  };
  int year = 0, month = 0, day = 0;
  if (!take_number(text, 4, year) || !take(text, '-') || !take_number(text, 2, month) || !take(text, '-') ||
      !take_number(text, 2, day)) {
    return bad();
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                                         std::chrono::day(unsigned(day))};
  if (!date.ok()) return bad();
  Clock clock;
  if (!text.empty()) {
    if (!take(text, 'T') && !take(text, ' ') && !take(text, 't')) return bad();
    if (!take_clock(text, clock) || !take_zone(text, utc_offset) || !text.empty()) return bad();
  }
  const std::int64_t seconds = std::int64_t(std::chrono::sys_days(date).time_since_epoch().count()) * 86400 +
                               std::int64_t{clock.hour} * 3600 + std::int64_t{clock.minute} * 60 + clock.second;
  return from_us(seconds * kUsPerSecond + clock.us) - utc_offset;
}

namespace {

void put_digits(std::string& out, std::uint64_t value, int digits) {
  char text[20];
  for (int i = digits; i > 0; value /= 10) text[--i] = char('0' + value % 10);
  out.append(text, std::size_t(digits));
}

}  // namespace

// Digit by digit: a case has a dozen times, and is written whole with every step.
std::string format_time(Instant t) {
  if (t == kNever) return "never";
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::int64_t us = (t - day).count();
  const std::int64_t s = us / kUsPerSecond;
  std::string out;
  out.reserve(27);
  if (const int year = int(date.year()); year >= 0 && year <= 9999) put_digits(out, std::uint64_t(year), 4);
  else out += fmt::format("{:04}", year);
  const auto part = [&](char before, std::uint64_t value) {
    out += before;
    put_digits(out, value, 2);
  };
  part('-', unsigned(date.month()));
  part('-', unsigned(date.day()));
  part('T', std::uint64_t(s / 3600));
  part(':', std::uint64_t(s / 60 % 60));
  part(':', std::uint64_t(s % 60));
  if (const std::int64_t fraction = us % kUsPerSecond; fraction != 0) {
    out += '.';
    put_digits(out, std::uint64_t(fraction), 6);
    out.erase(out.find_last_not_of('0') + 1);
  }
  out += 'Z';
  return out;
}

namespace {

Result<Duration> unit_duration(std::string_view unit, double amount, std::string_view whole) {
  double us = 0;
  if (unit == "ms") us = 1e3;
  else if (unit == "s" || unit == "S") us = 1e6;
  else if (unit == "m" || unit == "min" || unit == "M") us = 60e6;
  else if (unit == "h" || unit == "H") us = 3600e6;
  else if (unit == "d" || unit == "D") us = 86400e6;
  else if (unit == "w" || unit == "W") us = 7 * 86400e6;
  else return fail(Errc::invalid, "'{}' is not a duration like 90s, 15m or 1h30m", whole);
  return Duration(std::int64_t(amount * us));
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const std::string_view whole = text;
  take(text, 'P');
  Duration total{};
  if (text.empty()) return fail(Errc::invalid, "an empty duration");
  while (!text.empty()) {
    if (take(text, 'T')) continue;
    double amount = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    if (error != std::errc{} || amount < 0)
      return fail(Errc::invalid, "'{}' is not a duration like 90s or 1h30m", whole);
    text.remove_prefix(std::size_t(end - text.data()));
    std::size_t letters = 0;
    while (letters < text.size() && (text[letters] < '0' || text[letters] > '9')) ++letters;
    std::string_view unit = text.substr(0, letters);
    if (unit.size() > 1 && unit.back() == 'T') unit.remove_suffix(1);
    total += TRY(unit_duration(unit, amount, whole));
    text.remove_prefix(letters);
  }
  return total;
}

std::string format_duration(Duration d) {
  std::int64_t us = d.count();
  if (us == 0) return "0s";
  std::string out;
  if (us < 0) out += '-', us = -us;
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {{86400 * kUsPerSecond, "d"},
                                                             {3600 * kUsPerSecond, "h"},
                                                             {60 * kUsPerSecond, "m"},
                                                             {kUsPerSecond, "s"},
                                                             {1000, "ms"},
                                                             {1, "us"}};
  for (const auto& [size, name] : kUnits) {
    if (us >= size) out += fmt::format("{}{}", us / size, name), us %= size;
  }
  return out;
}

TimeZone TimeZone::utc() {
  TimeZone zone;
  zone.name_ = "UTC";
  zone.changes_ = {{INT64_MIN, 0}};
  return zone;
}

namespace {

std::int64_t big_endian(const char* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | std::uint8_t(bytes[i]);
  return count == 8 ? std::int64_t(value) : std::int64_t(std::int32_t(std::uint32_t(value)));
}

struct TzifHeader {
  std::int64_t isutc, isstd, leap, times, types, chars;
};

TzifHeader tzif_header(const char* at) {
  return {big_endian(at + 20, 4), big_endian(at + 24, 4), big_endian(at + 28, 4),
          big_endian(at + 32, 4), big_endian(at + 36, 4), big_endian(at + 40, 4)};
}

}  // namespace

// TZif version 2 (RFC 8536): a version 1 block to be skipped, then the 64-bit one.
Result<TimeZone> TimeZone::load(std::string_view name) {
  if (name == "UTC" || name == "Z") return utc();
  if (name.empty() || name.front() == '/' || name.find("..") != name.npos) {
    return fail(Errc::invalid, "'{}' is not a time zone's name", name);
  }
  // A folder's name ("Asia") opens, and throws when it is read.
  const std::filesystem::path path = fmt::format("/usr/share/zoneinfo/{}", name);
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none))
    return fail(Errc::not_found, "time zone '{}' is not known here", name);
  std::ifstream file(path, std::ios::binary);
  const std::string data((std::istreambuf_iterator<char>(file)), {});
  if (data.size() < 88 || data.compare(0, 4, "TZif") != 0)
    return fail(Errc::not_found, "time zone '{}' is not known here", name);
  const TzifHeader v1 = tzif_header(data.data());
  const std::size_t skip = std::size_t(44 + v1.times * 5 + v1.types * 6 + v1.chars + v1.leap * 8 + v1.isstd + v1.isutc);
  if (data.size() < skip + 44) return fail(Errc::corrupt, "the file of time zone '{}' is cut short", name);
  const TzifHeader v2 = tzif_header(data.data() + skip);
  const std::size_t times = skip + 44;
  const std::size_t kinds = times + std::size_t(v2.times) * 8;
  const std::size_t types = kinds + std::size_t(v2.times);
  if (data.size() < types + std::size_t(v2.types) * 6 || v2.types == 0) {
    return fail(Errc::corrupt, "the file of time zone '{}' is cut short", name);
  }
  const auto offset = [&](std::size_t type) { return std::int32_t(big_endian(&data[types + type * 6], 4)); };
  TimeZone zone;
  zone.name_ = name;
  zone.changes_.push_back({INT64_MIN, offset(0)});
  for (std::size_t i = 0; i < std::size_t(v2.times); ++i) {
    zone.changes_.push_back({big_endian(&data[times + i * 8], 8), offset(std::uint8_t(data[kinds + i]))});
  }
  return zone;
}

std::int32_t TimeZone::offset_at(std::int64_t utc_s) const {
  auto after = std::upper_bound(changes_.begin() + 1, changes_.end(), utc_s,
                                [](std::int64_t at, const Change& change) { return at < change.at_s; });
  return std::prev(after)->offset_s;
}

Instant TimeZone::to_utc(Instant local) const {
  const std::int64_t local_s = to_us(local) / kUsPerSecond;
  const std::int32_t before = offset_at(local_s - 86400);  // offset a day earlier: in force before any change near here
  const std::int32_t guess = offset_at(local_s - before);
  const bool consistent = offset_at(local_s - guess) == guess;
  const bool before_holds = offset_at(local_s - before) == before;
  return local - std::chrono::seconds(before_holds || !consistent ? before : guess);
}

Instant TimeZone::to_local(Instant utc) const {
  return utc + std::chrono::seconds(offset_at(to_us(utc) / kUsPerSecond));
}

}  // namespace cityloop::base
