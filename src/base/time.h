// Instants and durations, and how they are written: ISO 8601 in UTC outward, several local forms inward.
//
// An Instant is microseconds since 1970-01-01T00:00:00Z. kNever stands for "not given" and sorts before every real one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::base {

using Duration = std::chrono::microseconds;
using Instant = std::chrono::sys_time<Duration>;

inline constexpr Instant kNever = Instant::min();

constexpr std::int64_t to_us(Instant t) {
  return t.time_since_epoch().count();
}
constexpr std::int64_t to_ms(Instant t) {
  return to_us(t) / 1000;
}
constexpr Instant from_us(std::int64_t us) {
  return Instant(Duration(us));
}
constexpr Instant from_ms(std::int64_t ms) {
  return Instant(Duration(ms * 1000));
}

// "2014-08-18T00:00:00Z", with ".123456" only as far as it is not zero.
std::string format_time(Instant);

// ISO 8601 with 'T' or a blank, seconds and fraction optional, ending in Z, +hh:mm or nothing. With nothing, the time
// is local: utc_offset is subtracted. A date alone is its midnight.
Result<Instant> parse_time(std::string_view, Duration utc_offset = Duration::zero());

// "90s", "15m", "2h", "500ms", "1d", "1h30m", or ISO 8601 "PT15M".
Result<Duration> parse_duration(std::string_view);
std::string format_duration(Duration);  // "1h30m"

// The offset from UTC of an IANA zone ("Europe/Copenhagen", "Asia/Shanghai"), by the machine's zone files.
class TimeZone {
 public:
  static Result<TimeZone> load(std::string_view name);
  static TimeZone utc();

  // A local civil time that a change of the clock skips or repeats takes the offset in force before the change.
  Instant to_utc(Instant local) const;
  Instant to_local(Instant utc) const;
  const std::string& name() const { return name_; }

 private:
  struct Change {
    std::int64_t at_s;      // UTC second from which the offset holds
    std::int32_t offset_s;  // added to UTC to get local time
  };
  std::int32_t offset_at(std::int64_t utc_s) const;

  std::string name_;
  std::vector<Change> changes_;  // ascending; the first holds from the beginning of time
};

}  // namespace cityloop::base
