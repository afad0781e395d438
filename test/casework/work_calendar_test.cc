#include "casework/work_calendar.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace cityloop::casework {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Instant at(std::string_view text) {
  return base::parse_time(text).value();
}

// Everything about the calendars of a file, with "kind" of mistakes in the second.
base::Result<WorkCalendar> read(const std::string& body) {
  auto config = base::Config::parse(body, "calendar.toml").value();
  auto root = config.root();
  auto tables = root.tables("calendar");
  WorkCalendar out = WorkCalendar::read(tables.at(0), "Asia/Shanghai");
  if (const auto checked = config.check(); !checked) return std::unexpected(checked.error());
  return out;
}

constexpr const char* kOffice = R"(
[[calendar]]
id = "office"
name = { zh = "工作时间", en = "Office hours" }
days = ["mon", "tue", "wed", "thu", "fri"]
shifts = ["08:30-12:00", "14:00-17:30"]
[[calendar.holiday]]
name = { zh = "春节", en = "Spring Festival" }
from = "2026-02-15"
to = "2026-02-23"
[[calendar.makeup]]
day = "2026-02-14"
as = "mon"
[[calendar.makeup]]
day = "2026-02-28"
as = "mon"
)";

// Times of the office are written in the city's own: +08:00.
TEST(WorkCalendar, CountsShiftsAndStandsStillBetweenThem) {
  const WorkCalendar office = read(kOffice).value();
  const Instant monday = at("2026-03-02T08:30:00+08:00");
  EXPECT_EQ(office.add(monday, minutes(1)), at("2026-03-02T08:31:00+08:00"));
  EXPECT_EQ(office.add(monday, hours(3) + minutes(30)), at("2026-03-02T12:00:00+08:00")) << "to the end of the shift";
  EXPECT_EQ(office.add(monday, hours(3) + minutes(31)), at("2026-03-02T14:01:00+08:00"));
  EXPECT_EQ(office.add(monday, hours(7)), at("2026-03-02T17:30:00+08:00"));
  EXPECT_EQ(office.add(monday, hours(7) + std::chrono::microseconds(1)),
            at("2026-03-03T08:30:00+08:00") + std::chrono::microseconds(1));
  EXPECT_EQ(office.add(at("2026-03-06T17:00:00+08:00"), hours(1)), at("2026-03-09T09:00:00+08:00")) << "over a weekend";
  EXPECT_EQ(office.add(at("2026-03-07T03:00:00+08:00"), minutes(5)), at("2026-03-09T08:35:00+08:00"));
  EXPECT_EQ(office.between(at("2026-03-06T17:00:00+08:00"), at("2026-03-09T09:00:00+08:00")), hours(1));
  EXPECT_EQ(office.between(at("2026-03-07T00:00:00+08:00"), at("2026-03-08T23:00:00+08:00")), Duration::zero());
  EXPECT_EQ(office.between(monday, at("2026-03-01T00:00:00+08:00")), Duration::zero());
  EXPECT_TRUE(office.is_working(monday));
  EXPECT_FALSE(office.is_working(at("2026-03-02T12:00:00+08:00")));
  EXPECT_FALSE(office.is_working(at("2026-03-07T10:00:00+08:00")));
}

TEST(WorkCalendar, HolidaysStandStillAndMakeupDaysRun) {
  const WorkCalendar office = read(kOffice).value();
  EXPECT_TRUE(office.is_working(at("2026-02-14T09:00:00+08:00"))) << "a Saturday that is worked";
  EXPECT_FALSE(office.is_working(at("2026-02-16T09:00:00+08:00"))) << "a Monday that is not";
  EXPECT_EQ(office.add(at("2026-02-14T17:00:00+08:00"), hours(1)), at("2026-02-24T09:00:00+08:00"));
  EXPECT_EQ(office.between(at("2026-02-13T00:00:00+08:00"), at("2026-03-01T00:00:00+08:00")),
            hours(7) * (1 + 1 + 4 + 1));
}

TEST(WorkCalendar, WorkingDaysEndAtTheSamePointOfTheWork) {
  const WorkCalendar office = read(kOffice).value();
  const auto due = [&](std::string_view from, std::uint32_t days) {
    return office.add(at(from), office.length({Duration::zero(), days}, at(from)));
  };
  EXPECT_EQ(due("2026-03-02T10:00:00+08:00", 1), at("2026-03-03T10:00:00+08:00"));
  EXPECT_EQ(due("2026-03-06T15:00:00+08:00", 1), at("2026-03-09T15:00:00+08:00"));
  EXPECT_EQ(due("2026-02-13T15:00:00+08:00", 2), at("2026-02-24T15:00:00+08:00")) << "the make-up day counts";
  EXPECT_EQ(due("2026-03-02T10:00:00+08:00", 5), at("2026-03-09T10:00:00+08:00"));
  EXPECT_EQ(due("2026-03-07T10:00:00+08:00", 1), at("2026-03-09T17:30:00+08:00"))
      << "from a free day: a whole day of work, to the end of the last shift";
  EXPECT_EQ(WorkCalendar::always().length({Duration::zero(), 2}, at("2026-03-07T10:00:00Z")), hours(48));
}

TEST(WorkCalendar, DaysOnWhichTheClocksChangeHaveTheirRealHours) {
  const WorkCalendar night = read(R"(
[[calendar]]
id = "night"
name = { zh = "夜班", en = "Night shift" }
time_zone = "Europe/Copenhagen"
days = ["sat", "sun"]
shifts = ["22:00-06:00"]
)")
                                 .value();
  // 2026-03-29 02:00 → 03:00: the shift of Saturday has seven hours; 2026-10-25 03:00 → 02:00: nine.
  const Instant spring = at("2026-03-28T21:00:00Z"), autumn = at("2026-10-24T20:00:00Z");
  EXPECT_EQ(night.between(spring, spring + hours(12)), hours(7));
  EXPECT_EQ(night.between(autumn, autumn + hours(12)), hours(9));
  EXPECT_EQ(night.add(spring, hours(7)), at("2026-03-29T04:00:00Z"));
  EXPECT_EQ(night.add(spring, hours(7) + minutes(1)), at("2026-03-29T20:01:00Z"));
  EXPECT_EQ(night.add(autumn, hours(9)), at("2026-10-25T05:00:00Z"));
  const WorkCalendar skipped = read(R"(
[[calendar]]
id = "skipped"
name = { zh = "凌晨", en = "Small hours" }
time_zone = "Europe/Copenhagen"
days = ["sun"]
shifts = ["02:00-03:00"]
)")
                                   .value();
  EXPECT_EQ(skipped.between(at("2026-03-28T00:00:00Z"), at("2026-03-30T00:00:00Z")), Duration::zero())
      << "the hour that is skipped has no time in it";
}

TEST(WorkCalendar, NightRules) {
  const std::string base = R"(
[[calendar]]
id = "all"
name = { zh = "全天", en = "All day" }
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
shifts = ["00:00-24:00"]
[calendar.night]
from = "22:00"
to = "06:00"
rule = ")";
  const WorkCalendar stands = read(base + "stands\"\n").value(), waits = read(base + "waits\"\n").value();
  const Instant evening = at("2026-03-02T21:00:00+08:00"), night = at("2026-03-02T23:30:00+08:00");
  EXPECT_EQ(stands.add(evening, hours(2)), at("2026-03-03T07:00:00+08:00"));
  EXPECT_EQ(stands.add(night, hours(1)), at("2026-03-03T07:00:00+08:00"));
  EXPECT_EQ(stands.begin(night), night);
  EXPECT_EQ(waits.add(evening, hours(2)), at("2026-03-02T23:00:00+08:00")) << "what runs already runs on";
  EXPECT_EQ(waits.begin(night), at("2026-03-03T06:00:00+08:00"));
  EXPECT_EQ(waits.begin(at("2026-03-03T05:59:59+08:00")), at("2026-03-03T06:00:00+08:00"));
  EXPECT_EQ(waits.begin(evening), evening);
  EXPECT_EQ(waits.begin(at("2026-03-03T06:00:00+08:00")), at("2026-03-03T06:00:00+08:00"));
}

// For any calendar, start and length: what add gives has exactly that much work before it, and no earlier moment has.
TEST(WorkCalendar, AddAndBetweenAreInverse) {
  std::vector<WorkCalendar> calendars{WorkCalendar::always(), read(kOffice).value()};
  calendars.push_back(read(R"(
[[calendar]]
id = "odd"
name = { zh = "杂", en = "Odd" }
time_zone = "America/New_York"
days = ["mon", "wed"]
shifts = ["23:15-07:45", "09:00-09:01"]
[[calendar.special]]
days = ["tue", "sun"]
shifts = ["00:00-24:00"]
[calendar.night]
from = "01:30"
to = "03:10"
)")
                          .value());
  base::Rng rng(7);
  const std::int64_t start = base::to_us(at("2026-01-01T00:00:00Z"));
  for (int i = 0; i < 4000; ++i) {
    const WorkCalendar& calendar = calendars[rng.below(calendars.size())];
    const Instant from = base::from_us(start + std::int64_t(rng.below(366ull * 86400 * 1000000)));
    const Duration work(std::int64_t(1 + rng.below(60ull * 3600 * 1000000)));
    const Instant due = calendar.add(from, work);
    ASSERT_EQ(calendar.between(from, due), work) << calendar.id() << " " << base::format_time(from);
    ASSERT_EQ(calendar.between(from, due - std::chrono::microseconds(1)), work - std::chrono::microseconds(1));
    const Instant middle =
        base::from_us(base::to_us(from) + std::int64_t(rng.below(std::uint64_t((due - from).count()) + 1)));
    ASSERT_EQ(calendar.between(from, middle) + calendar.between(middle, due), work) << "no time is lost by a pause";
  }
}

TEST(WorkCalendar, TellsEveryMistakeWithItsLine) {
  const auto bad = read(R"([[calendar]]
id = "Bad!"
name = { zh = "坏", en = "Bad" }
time_zone = "Mars/Base"
days = ["mon", "moonday"]
shifts = ["08:00-12:00", "11:00-13:00", "25:00-26:00"]
[[calendar.holiday]]
from = "2026-02-30"
[[calendar.holiday]]
from = "2026-02-10"
to = "2026-02-01"
[[calendar.makeup]]
day = "2026-03-01"
as = "sun"
[calendar.night]
from = "22:00"
to = "nine"
rule = "sleeps"
)");
  ASSERT_FALSE(bad);
  for (const char* mistake :
       {"calendar.toml:2: the id 'Bad!'", "calendar.toml:4:", "calendar.toml:5: 'moonday'",
        "calendar.toml:6: '25:00-26:00' is no shift", "calendar.toml:6: two shifts of one day overlap",
        "calendar.toml:8: 'from' is '2026-02-30'", "calendar.toml:11: a holiday ends",
        "calendar.toml:14: 'sun' has no shifts", "calendar.toml:16: the night", "calendar.toml:18: 'rule'"}) {
    EXPECT_NE(bad.error().message.find(mistake), std::string::npos) << mistake << "\nis not in\n"
                                                                    << bad.error().message;
  }
}

TEST(Limit, ReadsHoursAndWorkingDays) {
  EXPECT_EQ(parse_limit("4h").value(), (Limit{hours(4), 0}));
  EXPECT_EQ(parse_limit("5wd").value(), (Limit{Duration::zero(), 5}));
  for (const char* wrong : {"0wd", "wd", "5 parsecs", "", "-3wd", "99999wd"}) EXPECT_FALSE(parse_limit(wrong)) << wrong;
  EXPECT_EQ(format_limit({hours(4), 0}), "4h");
  EXPECT_EQ(format_limit({Duration::zero(), 5}), "5wd");
}

}  // namespace
}  // namespace cityloop::casework
