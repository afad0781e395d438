// When working time runs: shifts by day of the week, holidays, make-up days (调休), a rule for the night; and how long
// a deadline is, counted in it.
//
//   calendar.toml ─▶ [WorkCalendar] ─▶ due times of cases
//
//   [[calendar]]
//   id = "office"
//   name = { zh = "工作时间", en = "Office hours" }
//   time_zone = "Asia/Shanghai"                  # left out: the city's
//   days = ["mon", "tue", "wed", "thu", "fri"]
//   shifts = ["08:30-12:00", "14:00-17:30"]      # "22:00-06:00" ends on the next day; "00:00-24:00" is all day
//   [[calendar.special]]                         # other shifts on some days of the week
//   days = ["sat"]
//   shifts = ["09:00-12:00"]
//   [[calendar.holiday]]                         # no work from the first to the last of these days
//   from = "2026-02-15"
//   to = "2026-02-23"                            # left out: one day
//   name = { zh = "春节", en = "Spring Festival" }
//   [[calendar.makeup]]                          # worked although it is no working day
//   day = "2026-02-14"
//   as = "mon"                                   # with that day's shifts
//   [calendar.night]
//   from = "22:00"
//   to = "06:00"
//   rule = "stands"                              # stands: no time runs at night, whatever the shifts say
//                                                # waits: what begins at night begins when the night is over
//
// All arithmetic is exact to the microsecond and runs over real time: a day on which the clocks change has as much
// working time as really passes in its shifts. A shift belongs to the day on which it begins.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/result.h"
#include "flow/finding.h"

namespace cityloop::casework {

using base::Duration;
using base::Instant;

// A length of a deadline as it is written: "4h" of working time, or "5wd", working days. A working-day limit ends at
// the same point of the working time of that many working days later.
struct Limit {
  Duration time{};
  std::uint32_t days{0};
  bool none() const { return time == Duration::zero() && days == 0; }
  friend bool operator==(const Limit&, const Limit&) = default;
};

base::Result<Limit> parse_limit(std::string_view);
std::string format_limit(const Limit&);

class WorkCalendar {
 public:
  static constexpr std::string_view kAlways = "always";

  // Day and night, every day; a working day is 24 hours.
  static WorkCalendar always();
  // Notes its mistakes in the table.
  static WorkCalendar read(base::ConfigTable&, const std::string& city_zone);

  const std::string& id() const { return id_; }
  const flow::Bilingual& name() const { return name_; }

  bool is_working(Instant) const;
  // The first moment by which `work` has passed since `from`; `from` itself when there is nothing to pass.
  Instant add(Instant from, Duration work) const;
  // The working time from `from` to `to`; zero when `to` is not later.
  Duration between(Instant from, Instant to) const;
  // How much working time a deadline has that begins at `from`.
  Duration length(const Limit&, Instant from) const;
  // When a clock begins that is started at `at`: later only under the night rule "waits".
  Instant begin(Instant at) const;

 private:
  using Days = std::chrono::sys_days;  // a local date
  struct Shift {                       // minutes from local midnight; `to` may lie past 24 h
    int from{}, to{};
  };
  struct Span {
    Instant from, to;
  };
  enum class NightRule : std::uint8_t { none, stands, waits };

  void read_days(base::ConfigTable&);
  void read_holidays(base::ConfigTable&);
  void read_night(base::ConfigTable&);
  const std::vector<Shift>& shifts_on(Days) const;
  Instant at(Days, int minute) const;
  Days day_of(Instant) const;
  std::vector<Span> spans_on(Days) const;
  std::vector<Span> nights_around(Days) const;
  // Calls f(span) for working time from `from` on, in order and without overlap, until it gives false.
  template <class F>
  void walk(Instant from, F&& f) const;

  std::string id_;
  flow::Bilingual name_;
  bool always_{false};
  base::TimeZone zone_{base::TimeZone::utc()};
  std::vector<Shift> week_[7];  // Sunday first, as std::chrono counts
  std::map<Days, bool> holidays_;
  std::map<Days, unsigned> makeup_;  // which day of the week it is worked as
  NightRule night_rule_{NightRule::none};
  Shift night_{};
};

// All [[calendar]] blocks of the city, and "always".
class WorkCalendars {
 public:
  WorkCalendars();
  void read(base::ConfigTable& root, const std::string& city_zone);
  const WorkCalendar* find(std::string_view id) const;  // null when there is none
  const WorkCalendar& get(std::string_view id) const;   // "always" when there is none
  const std::vector<WorkCalendar>& all() const { return all_; }

 private:
  std::vector<WorkCalendar> all_;
};

}  // namespace cityloop::casework
