// Timetables: import with all that is wrong in real feeds, queries over days, export that imports as the same.
#include <gtest/gtest.h>

#include <set>

#include "base/rng.h"
#include "domain/traffic/transit/gtfs_archive.h"
#include "domain/traffic/transit/gtfs_export.h"
#include "domain/traffic/transit/gtfs_import.h"
#include "domain/traffic/transit/service_days.h"
#include "domain/traffic/transit/synthetic.h"

namespace cityloop::traffic {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

std::map<std::string, std::string> small_feed() {
  return {{"agency.txt",
           "agency_id,agency_name,agency_timezone,agency_url\nA,City "
           "Bus,Europe/Copenhagen,https://x.dk\n"},
          {"stops.txt",
           "\xef\xbb\xbfstop_id,stop_name,stop_lat,stop_lon,location_"
           "type,parent_station\r\n"
           "ST,\"Central, station\",56.15,10.20,1,\r\nP1,\"Platform "
           "\"\"1\"\"\",56.1501,10.2001,0,ST\r\n"
           "B,Bridge,56.16,10.21,,\r\nC,Church,56.17,10.22,,\r\nD,Dam,"
           "56.19,10.24,,\r\n"},
          {"routes.txt", "route_id,route_short_name,route_type,route_color\n1,1A,3,FF0000\n"},
          {"calendar.txt",
           "service_id,monday,tuesday,wednesday,thursday,friday,"
           "saturday,sunday,start_date,end_date\n"
           "wk,1,1,1,1,1,0,0,20260101,20261231\nall,1,1,1,1,1,1,1,"
           "20260101,20261231\n"},
          {"calendar_dates.txt", "service_id,date,exception_type\nwk,20260501,2\nwk,20260502,1\n"},
          {"trips.txt",
           "route_id,service_id,trip_id,trip_headsign\n1,wk,t1,Dam\n1,"
           "all,night,Dam\n1,all,often,Dam\n"},
          {"stop_times.txt",
           "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
           "t1,8:00:00,08:00:00,P1,1\nt1,,,B,2\nt1,,,C,3\nt1,08:30:00,08:30:00,D,"
           "4\n"
           "night,23:50:00,23:50:00,P1,10\nnight,24:10:00,24:11:00,C,20\nnight,25:"
           "00:00,25:00:00,D,30\n"
           "often,06:00:00,06:00:00,P1,1\noften,06:20:00,06:20:00,D,2\n"},
          {"frequencies.txt",
           "trip_id,start_time,end_time,headway_secs\noften,10:"
           "00:00,11:00:00,900\n"},
          {"translations.txt",
           "table_name,field_name,language,translation,field_"
           "value\ntrips,trip_headsign,zh,水坝,Dam\n"}};
}

GtfsImport import_of(std::map<std::string, std::string> tables) {
  GtfsFiles files;
  files.content = std::move(tables);
  auto out = import_gtfs(files);
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out ? std::move(*out) : GtfsImport{std::make_shared<Schedule>(), {}};
}

base::Instant at_utc(std::string_view text) {
  return base::parse_time(text).value();
}
sys_days day_of(std::string_view text) {
  return parse_day(text).value();
}

TEST(GtfsSchedule, ReadsTheQuirksOfRealFeeds) {
  const auto [schedule, report] = import_of(small_feed());
  EXPECT_EQ(report.refused(), 0u);
  EXPECT_EQ(schedule->text(schedule->stops[0].name), "Central, station");
  EXPECT_EQ(schedule->text(schedule->stops[1].name), "Platform \"1\"");
  EXPECT_EQ(schedule->stops[1].parent, StopNo{0});
  EXPECT_EQ(schedule->stop_times(), 9u);
  EXPECT_EQ(schedule->platforms_of(schedule->stop_of("ST")), std::vector{schedule->stop_of("P1")});
  EXPECT_EQ(schedule->translated("trips", "trip_headsign", {}, schedule->trips[0].headsign, "zh"), "水坝");
}

TEST(GtfsSchedule, IdsWithDoubledQuotesAreFoundAgainFromOtherTables) {
  auto feed = small_feed();
  feed["stops.txt"] += "\"the \"\"long\"\" pier, at its far end\",Pier,56.20,10.25,,\r\n";
  feed["trips.txt"] +=
      "1,wk,\"the \"\"late\"\" one, by the water\",Pier\n1,wk,\"another \"\"late\"\" one, by the water\",Pier\n";
  for (const char* trip : {"the", "another"})
    feed["stop_times.txt"] += fmt::format(
        "\"{0} \"\"late\"\" one, by the water\",21:00:00,21:00:00,B,1\n"
        "\"{0} \"\"late\"\" one, by the water\",21:30:00,21:30:00,\"the \"\"long\"\" pier, at its far end\",2\n",
        trip);
  const auto in = import_of(feed);
  EXPECT_EQ(in.report.refused(), 0u);
  const auto trip = in.schedule->trip_of("the \"late\" one, by the water");
  ASSERT_NE(trip, kNo<TripNo>);
  EXPECT_EQ(in.schedule->call(trip, 1).stop, in.schedule->stop_of("the \"long\" pier, at its far end"));
  EXPECT_NE(in.schedule->trip_of("another \"late\" one, by the water"), kNo<TripNo>);
}

TEST(GtfsSchedule, MissingTimesAreInterpolatedByTheWay) {
  const auto [schedule, report] = import_of(small_feed());
  const TripNo trip = schedule->trip_of("t1");
  // The legs are about 1.27, 1.27 and 2.54 km: a quarter, a quarter and a half of 30 minutes.
  EXPECT_NEAR(schedule->call(trip, 1).arrival_s, 450, 15);
  EXPECT_NEAR(schedule->call(trip, 2).arrival_s, 900, 15);
  EXPECT_TRUE(schedule->call(trip, 1).flags.interpolated);
  EXPECT_FALSE(schedule->call(trip, 3).flags.interpolated);
}

TEST(GtfsSchedule, ABadRowIsToldWithItsLineAndHidesNoOther) {
  auto tables = small_feed();
  tables["stops.txt"] +=
      "X,Nowhere,95.0,10.0,,\r\nB,Bridge "
      "again,56.0,10.0,,\r\nY,\"open,56.0,10.0,,\r\nE,End,56.2,10.25,,\r\n";
  tables["trips.txt"] += "9,wk,t9,?\n1,none,t8,?\n1,wk,t7,?\n";
  tables["stop_times.txt"] +=
      "t1,08:40:00,08:35:00,E,5\nt1,08:45:00,08:45:00,"
      "Q,6\nt1,8h50,,E,7\nlost,09:00:00,09:00:00,E,1\n"
      "t1,08:20:00,08:20:00,E,8\nt1,09:00:00,09:00:00,"
      "ST,9\nt1,09:00:00,09:00:00,E,9\n";
  const auto [schedule, report] = import_of(tables);
  std::string told;
  for (const auto& problem : report.problems()) told += problem.text() + "\n";
  for (const std::string_view line :
       {"stops.txt:7: '95.0', '10.0' is no position", "stops.txt:8: the id 'B' stands", "stops.txt:9: a quoted cell",
        "trips.txt:5: there is no route '9'", "trips.txt:6: there is no service 'none'",
        "trips.txt:7: the trip 't7' calls at 0 stops", "stop_times.txt:11: departs at",
        "stop_times.txt:12: there is no stop 'Q'", "stop_times.txt:13: '8h50' is no time",
        "stop_times.txt:14: there is no trip 'lost'", "stop_times.txt:15: arrives at 08:20:00, before",
        "stop_times.txt:16: nobody boards at 'ST'"}) {
    EXPECT_TRUE(told.contains(line)) << line << "\nin\n" << told;
  }
  EXPECT_EQ(report.refused(), 12u) << told;
  EXPECT_NE(schedule->stop_of("E"), kNo<StopNo>);
  EXPECT_EQ(schedule->calls_of(schedule->trip_of("t1")),
            5u);  // the last row is sound
}

TEST(GtfsSchedule, AFloodOfOneMistakeIsCountedWholeAndListedShort) {
  auto tables = small_feed();
  for (int i = 0; i < 5000; ++i) tables["stop_times.txt"] += fmt::format("ghost,09:00:00,09:00:00,B,{}\n", i);
  const auto [schedule, report] = import_of(tables);
  EXPECT_EQ(report.kinds().at("stop_times.txt: trip").refused, 5000u);
  EXPECT_EQ(report.problems().size(), GtfsReport::kListed);
}

TEST(GtfsSchedule, AFeedWithoutWhatItNeedsIsRefusedWithTheReason) {
  for (const auto& [file, says] : {std::pair("trips.txt", "no trips.txt"), std::pair("agency.txt", "no agency.txt")}) {
    GtfsFiles files;
    files.content = small_feed();
    files.content.erase(file);
    const auto out = import_gtfs(files);
    ASSERT_FALSE(out);
    EXPECT_TRUE(out.error().message.contains(says)) << out.error().message;
  }
  GtfsFiles files;
  files.content = small_feed();
  files.content["agency.txt"] = "agency_name,agency_timezone\nX,Mars/Olympus\n";
  EXPECT_FALSE(import_gtfs(files));
}

TEST(GtfsSchedule, ServiceFollowsTheWeekAndItsExceptions) {
  const auto [schedule, report] = import_of(small_feed());
  const TripNo trip = schedule->trip_of("t1");
  EXPECT_TRUE(schedule->runs_on(trip, day_of("20260504")));   // a Monday
  EXPECT_FALSE(schedule->runs_on(trip, day_of("20260503")));  // a Sunday
  EXPECT_FALSE(schedule->runs_on(trip, day_of("20260501")));  // a Friday taken out
  EXPECT_TRUE(schedule->runs_on(trip, day_of("20260502")));   // a Saturday put in
  EXPECT_FALSE(schedule->runs_on(trip, day_of("20270104")));
}

TEST(GtfsSchedule, OnTheDaysOfTheClockChangeTimesAreThoseOfTheClock) {
  const auto zone = base::TimeZone::load("Europe/Copenhagen").value();
  // 2026-03-29 has 23 hours: noon minus 12 h is 23:00 of the day before.
  EXPECT_EQ(service_day_start(zone, day_of("20260329")), at_utc("2026-03-28T22:00:00Z"));
  EXPECT_EQ(service_day_start(zone, day_of("20260329")) + 8h,
            at_utc("2026-03-29T06:00:00Z"));  // 08:00 summer time
  // 2026-10-25 has 25 hours.
  EXPECT_EQ(service_day_start(zone, day_of("20261025")), at_utc("2026-10-24T23:00:00Z"));
  EXPECT_EQ(service_day_start(zone, day_of("20261025")) + 8h, at_utc("2026-10-25T07:00:00Z"));
  EXPECT_EQ(service_day_start(zone, day_of("20260601")), at_utc("2026-05-31T22:00:00Z"));
}

TEST(GtfsSchedule, DeparturesOfANightTripBelongToTheDayBefore) {
  const auto [schedule, report] = import_of(small_feed());
  // 00:11 local on Tuesday the 5th of May is 22:11 UTC on the 4th.
  const auto out =
      schedule->departures(schedule->stop_of("C"), at_utc("2026-05-04T22:00:00Z"), at_utc("2026-05-04T22:30:00Z"), 10);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(schedule->text(schedule->trips[at(out[0].trip)].id), "night");
  EXPECT_EQ(out[0].day, day_of("20260504"));
  EXPECT_EQ(out[0].arrival, at_utc("2026-05-04T22:10:00Z"));
  EXPECT_EQ(out[0].departure, at_utc("2026-05-04T22:11:00Z"));
}

TEST(GtfsSchedule, AStationGivesItsPlatformsAndFrequenciesRepeatATrip) {
  const auto [schedule, report] = import_of(small_feed());
  const auto out =
      schedule->departures(schedule->stop_of("ST"), at_utc("2026-05-04T08:00:00Z"), at_utc("2026-05-04T09:30:00Z"), 10);
  ASSERT_EQ(out.size(), 4u);  // 10:00, 10:15, 10:30, 10:45 local; its own 06:00 is a pattern, not a run
  EXPECT_EQ(out[3].departure, at_utc("2026-05-04T08:45:00Z"));
  EXPECT_EQ(schedule->runs_of_day(day_of("20260504")).size(), 6u);
}

// A night line by frequency, past 24:00, of the service days on whose mornings the clock changes: repetitions go on by
// the time that passes, and 26:00 is no 02:00 on the clock then.
TEST(GtfsSchedule, FrequenciesPast24RunThroughTheClockChange) {
  auto tables = small_feed();
  tables["frequencies.txt"] = "trip_id,start_time,end_time,headway_secs,exact_times\noften,25:00:00,28:00:00,3600,1\n";
  tables["calendar_dates.txt"] = "service_id,date,exception_type\nall,20261024,2\n";
  const auto check = [](const Schedule& schedule) {
    const auto departures = [&](std::string_view from, std::string_view until) {
      std::vector<base::Instant> out;
      for (const Departure& one : schedule.departures(schedule.stop_of("P1"), at_utc(from), at_utc(until), 20))
        if (schedule.text(schedule.trips[at(one.trip)].id) == "often") out.push_back(one.departure);
      return out;
    };
    // Summer time begins on the 29th of March at 01:00 UTC: 01:00, then 03:00 and 04:00 on the clock.
    EXPECT_EQ(
        departures("2026-03-28T23:30:00Z", "2026-03-29T03:00:00Z"),
        (std::vector{at_utc("2026-03-29T00:00:00Z"), at_utc("2026-03-29T01:00:00Z"), at_utc("2026-03-29T02:00:00Z")}));
    // It ends on the 25th of October; the service day before is taken out by an exception.
    EXPECT_TRUE(departures("2026-10-24T21:30:00Z", "2026-10-25T05:00:00Z").empty());
    EXPECT_EQ(departures("2026-10-25T23:30:00Z", "2026-10-26T04:00:00Z").size(), 3U);
  };
  const auto first = import_of(tables);
  check(*first.schedule);
  check(*import_of(export_gtfs(*first.schedule)).schedule);
}

// A plain search over every trip and day, against the one by patterns and halving.
TEST(GtfsSchedule, DeparturesAreThoseOfAPlainSearch) {
  SyntheticOptions options{.seed = 5, .lines = 3, .stops = 12, .headway_s = 1200};
  const auto schedule = import_of(synthetic_gtfs(options)).schedule;
  for (const std::string_view from_text : {"2026-05-01T22:50:00Z", "2026-05-02T16:10:00Z", "2026-05-03T23:59:00Z"}) {
    const base::Instant from = at_utc(from_text), until = from + 47min;
    for (std::uint32_t stop = 0; stop < schedule->stops.size(); stop += 5) {
      std::multiset<std::pair<base::Instant, std::string>> plain, quick;
      for (std::uint32_t t = 0; t < schedule->trips.size(); ++t) {
        for (sys_days day = day_of("20260429"); day < day_of("20260506"); day += std::chrono::days(1)) {
          if (!schedule->runs_on(TripNo{t}, day)) continue;
          for (std::size_t i = 0; i < schedule->calls_of(TripNo{t}); ++i) {
            const Call& call = schedule->call(TripNo{t}, i);
            const base::Instant leaves = schedule->time_of(day, schedule->trips[t].start_s + call.departure_s);
            if (call.stop == StopNo{stop} && leaves >= from && leaves < until)
              plain.emplace(leaves, schedule->text(schedule->trips[t].id));
          }
        }
      }
      for (const Departure& d : schedule->departures(StopNo{stop}, from, until, 1000))
        quick.emplace(d.departure, schedule->text(schedule->trips[at(d.trip)].id));
      EXPECT_EQ(plain, quick);
      EXPECT_FALSE(from_text == "2026-05-02T16:10:00Z" && quick.empty());
    }
  }
}

TEST(GtfsSchedule, WhatIsExportedImportsAsTheSame) {
  auto tables = small_feed();
  tables["shapes.txt"] =
      "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence,shape_dist_"
      "traveled\nS,56.15,10.2,0,0\nS,56.19,10.24,5,5.125\n";
  tables["transfers.txt"] = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nB,C,2,120\n";
  tables["feed_info.txt"] =
      "feed_publisher_name,feed_publisher_url,feed_lang,"
      "feed_start_date\n\"A, B\",https://x,en,20260101\n";
  for (const auto& feed : {tables, synthetic_gtfs({.seed = 2, .lines = 2, .stops = 8, .headway_s = 3600}),
                           synthetic_gtfs({.seed = 3, .lines = 2, .by_frequency = true, .shapes = false})}) {
    const auto first = import_of(feed);
    const auto once = export_gtfs(*first.schedule);
    const auto zip = write_gtfs_zip(once, at_utc("2026-05-01T00:00:00Z"));
    ASSERT_TRUE(zip);
    const auto files = read_gtfs_zip(*zip);
    ASSERT_TRUE(files) << files.error().message;
    const auto second = import_gtfs(*files);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->report.refused(), 0u);
    EXPECT_EQ(second->report.warned(), 0u);
    EXPECT_EQ(export_gtfs(*second->schedule), once);
    EXPECT_EQ(second->schedule->calls, first.schedule->calls);
    EXPECT_EQ(second->schedule->stop_times(), first.schedule->stop_times());
    EXPECT_EQ(second->schedule->shape_points, first.schedule->shape_points);
    ASSERT_EQ(second->schedule->stops.size(), first.schedule->stops.size());
    for (std::size_t i = 0; i < first.schedule->stops.size(); ++i)
      EXPECT_EQ(second->schedule->stops[i].spot, first.schedule->stops[i].spot);
  }
}

TEST(GtfsArchive, RefusesWhatLeavesItsFolderAndWhatUnpacksTooFar) {
  const auto when = at_utc("2026-05-01T00:00:00Z");
  for (const std::string_view name : {"../stops.txt", "/etc/stops.txt", "a/../../stops.txt", "C:\\stops.txt"}) {
    const auto zip = write_gtfs_zip({{std::string(name), "x"}}, when);
    ASSERT_TRUE(zip);
    const auto files = read_gtfs_zip(*zip);
    ASSERT_FALSE(files) << name;
    EXPECT_TRUE(files.error().message.contains("leaves its folder")) << files.error().message;
  }
  const auto bomb = write_gtfs_zip({{"stops.txt", std::string(2 << 20, 'a')}}, when).value();
  EXPECT_TRUE(read_gtfs_zip(bomb));
  const auto refused = read_gtfs_zip(bomb, {.ratio_max = 100, .ratio_free_bytes = 1 << 18});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("unpacks to more than")) << refused.error().message;
  EXPECT_FALSE(read_gtfs_zip(bomb, {.file_bytes_max = 1000}));
  EXPECT_FALSE(read_gtfs_zip("this is no ZIP"));
  std::string cut = bomb.substr(0, bomb.size() / 2);
  EXPECT_FALSE(read_gtfs_zip(cut));
}

TEST(GtfsArchive, ASingleFolderAroundTheTablesIsTakenOff) {
  std::map<std::string, std::string> inside;
  for (const auto& [name, text] : small_feed()) inside["feed-2026/" + name] = text;
  inside["__MACOSX/feed-2026/stops.txt"] = "litter";
  const auto files = read_gtfs_zip(write_gtfs_zip(inside, at_utc("2026-05-01T00:00:00Z")).value());
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_TRUE(import_gtfs(*files));
}

// Any bytes in place of any table: an error or a schedule, never more.
TEST(GtfsSchedule, BrokenBytesAreAReasonAndNeverACrash) {
  base::Rng rng(7);
  const auto whole = synthetic_gtfs({.seed = 4, .lines = 1, .stops = 5, .headway_s = 7200});
  for (int round = 0; round < 300; ++round) {
    GtfsFiles files;
    files.content = whole;
    for (int hits = 0; hits < 6; ++hits) {
      auto table = files.content.begin();
      std::advance(table, long(rng.below(files.content.size())));
      if (table->second.empty()) continue;
      const std::size_t at = rng.below(table->second.size());
      if (rng.below(3) == 0) table->second.resize(at);
      else
        table->second[at] = char(
            "\",\n\r\0\xff"
            "9-x"[rng.below(10)]);
    }
    const auto out = import_gtfs(files);
    if (!out) continue;
    for (std::uint32_t s = 0; s < out->schedule->stops.size(); ++s)
      (void)out->schedule->departures(StopNo{s}, at_utc("2026-05-04T00:00:00Z"), at_utc("2026-05-04T01:00:00Z"), 50);
  }
}

}  // namespace
}  // namespace cityloop::traffic
