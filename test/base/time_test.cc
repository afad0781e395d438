#include "base/time.h"

#include <gtest/gtest.h>

namespace cityloop::base {
namespace {

TEST(Time, ReadsAndWritesIso8601) {
  EXPECT_EQ(format_time(parse_time("2014-08-18T00:00:00Z").value()), "2014-08-18T00:00:00Z");
  EXPECT_EQ(format_time(parse_time("2014-05-22 09:09:04.145", std::chrono::hours(2)).value()),
            "2014-05-22T07:09:04.145Z");
  EXPECT_EQ(format_time(parse_time("2026-02-28T23:59:59.5+08:00").value()), "2026-02-28T15:59:59.5Z");
  EXPECT_EQ(format_time(parse_time("2026-11-21").value()), "2026-11-21T00:00:00Z");
  EXPECT_EQ(format_time(parse_time("1969-12-31T23:59:59.25Z").value()), "1969-12-31T23:59:59.25Z");
  for (const char* bad :
       {"", "yesterday", "2014-13-01", "2014-02-30T00:00:00Z", "2014-08-18T25:00:00Z", "2014-08-18T00:00:00Zx"}) {
    EXPECT_FALSE(parse_time(bad)) << bad;
  }
}

TEST(Time, ReadsDurationsOfPeopleAndOfIso8601) {
  EXPECT_EQ(parse_duration("90s").value(), std::chrono::seconds(90));
  EXPECT_EQ(parse_duration("1h30m").value(), std::chrono::minutes(90));
  EXPECT_EQ(parse_duration("500ms").value(), std::chrono::milliseconds(500));
  EXPECT_EQ(parse_duration("PT15M").value(), std::chrono::minutes(15));
  EXPECT_EQ(parse_duration("P1DT2H").value(), std::chrono::hours(26));
  EXPECT_EQ(format_duration(std::chrono::minutes(90)), "1h30m");
  for (const char* bad : {"", "fast", "5", "-3s", "5 parsecs"}) EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Time, ZonesKnowSummerTime) {
  const auto zone = TimeZone::load("Europe/Copenhagen");
  if (!zone) GTEST_SKIP() << "no time zone files on this machine: " << zone.error().message;
  const auto utc = [&](const char* local) { return format_time(zone->to_utc(parse_time(local).value())); };
  EXPECT_EQ(utc("2014-08-18T00:00:00"), "2014-08-17T22:00:00Z");
  EXPECT_EQ(utc("2014-12-01T00:00:00"), "2014-11-30T23:00:00Z");
  EXPECT_EQ(utc("2014-10-26T02:30:00"), "2014-10-26T00:30:00Z") << "repeated hour: the offset before the change";
  EXPECT_EQ(utc("2014-03-30T02:30:00"), "2014-03-30T01:30:00Z") << "skipped hour: the offset before the change";
  EXPECT_EQ(utc("2014-10-26T03:30:00"), "2014-10-26T02:30:00Z");
  const auto noon = parse_time("2014-07-01T12:00:00Z").value();
  EXPECT_EQ(zone->to_utc(zone->to_local(noon)), noon);
  EXPECT_FALSE(TimeZone::load("Mars/Olympus"));
  EXPECT_FALSE(TimeZone::load("Europe")) << "a folder";
  EXPECT_FALSE(TimeZone::load("../../etc/passwd"));
}

}  // namespace
}  // namespace cityloop::base
