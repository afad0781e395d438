// Public transport as it runs: boards, headways against hand calculation, and the loop over a synthetic day.
#include <algorithm>
#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "base/json_value.h"
#include "domain/traffic/transit/board.h"
#include "domain/traffic/transit/gtfs_import.h"
#include "domain/traffic/transit/headway.h"
#include "domain/traffic/transit/realtime_json.h"
#include "domain/traffic/transit/realtime_out.h"
#include "domain/traffic/transit/service_days.h"
#include "domain/traffic/transit/synthetic.h"
#include "domain/traffic/transit/transit_loop.h"

namespace cityloop::traffic {
namespace {

using namespace std::chrono_literals;
using base::Instant;

std::shared_ptr<const Schedule> schedule_of(std::map<std::string, std::string> tables) {
  GtfsFiles files;
  files.content = std::move(tables);
  return import_gtfs(files).value().schedule;
}

// One line of four stops, a bus every ten minutes from 08:00 to 09:00.
std::map<std::string, std::string> ten_minutes() {
  std::map<std::string, std::string> out{
      {"agency.txt", "agency_id,agency_name,agency_timezone\nA,Bus,Asia/Shanghai\n"},
      {"stops.txt",
       "stop_id,stop_name,stop_lat,stop_lon\nA,Alley,31.20,121.40\nB,Bridge,31.20,121.41\n"
       "C,Church,31.20,121.42\nD,Dam,31.20,121.43\n"},
      {"routes.txt", "route_id,route_short_name,route_type,route_color\n1,71,3,00AA00\n"},
      {"calendar.txt",
       "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
       "d,1,1,1,1,1,1,1,20260101,20261231\n"},
      {"translations.txt",
       "table_name,field_name,language,translation,field_value\ntrips,trip_headsign,zh,大坝,Dam\n"
       "stops,stop_name,zh,桥,Bridge\n"},
      {"trips.txt", "route_id,service_id,trip_id,trip_headsign\n"},
      {"stop_times.txt", "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"}};
  for (int k = 0; k <= 6; ++k) {
    out["trips.txt"] += fmt::format("1,d,t{},Dam\n", k);
    const int start = 8 * 3600 + k * 600;
    for (int i = 0; i < 4; ++i) {
      const std::string at = format_clock(start + i * 300);
      out["stop_times.txt"] += fmt::format("t{},{},{},{},{}\n", k, at, at, char('A' + i), i + 1);
    }
  }
  return out;
}

class GtfsLive : public testing::Test {
 protected:
  GtfsLive() : schedule_(schedule_of(ten_minutes())), book_(schedule_, {}) {}
  Instant clock(std::string_view text) const { return schedule_->time_of(day_, parse_clock(text).value()); }
  std::int64_t unix_s(std::string_view text) const {
    return std::chrono::floor<std::chrono::seconds>(clock(text)).time_since_epoch().count();
  }
  TripUpdate update(std::string trip, std::string_view at, std::vector<StopUpdate> stops) const {
    TripUpdate out;
    out.id = "u-" + trip;
    out.trip.trip_id = std::move(trip);
    out.trip.start_date = "20260504";
    out.at_s = unix_s(at);
    out.stops = std::move(stops);
    return out;
  }
  static StopUpdate late(std::uint32_t sequence, std::int32_t delay_s) {
    return {sequence, "", StopEvent{delay_s, 0, {}}, {}, StopRelation::scheduled};
  }
  RunId run(int k) const { return {schedule_->trip_of(fmt::format("t{}", k)), day_, 8 * 3600 + k * 600}; }
  std::chrono::sys_days day_{parse_day("20260504").value()};
  std::shared_ptr<const Schedule> schedule_;
  LiveBook book_;
};

TEST_F(GtfsLive, TheBoardShowsWhatComesAndHowItKnows) {
  book_.put("u0", update("t0", "08:04:50", {late(1, 120)}));
  book_.put("u1", update("t1", "08:04:50", {{2, "", {}, {}, StopRelation::skipped}, late(3, 30)}));
  TripUpdate gone = update("t2", "08:04:50", {});
  gone.trip.relation = TripRelation::canceled;
  book_.put("u2", gone);
  book_.put("u3", update("t3", "07:50:00", {late(1, 300)}));  // not heard of for a quarter of an hour
  TripUpdate extra =
      update("x", "08:04:50", {{{}, "B", StopEvent{{}, unix_s("08:08:00"), {}}, {}, StopRelation::scheduled}});
  extra.trip.route_id = "1";
  extra.trip.relation = TripRelation::added;
  book_.put("ux", extra);
  const auto rows = arrivals_board(book_.view(), schedule_->stop_of("B"), clock("08:05:00"), {.window = 41min});
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows[0].trip_id, "t0");  // planned for 08:05, comes at 08:07
  EXPECT_EQ(rows[0].expected, clock("08:07:00"));
  EXPECT_EQ(rows[0].scheduled, clock("08:05:00"));
  EXPECT_EQ(rows[0].source, BoardSource::live);
  EXPECT_EQ(rows[0].line, "71");
  EXPECT_EQ(rows[0].headsign, (flow::Bilingual{"大坝", "Dam"}));
  EXPECT_EQ(rows[1].state, BoardState::added);
  EXPECT_EQ(rows[1].expected, clock("08:08:00"));
  EXPECT_EQ(rows[2].state, BoardState::skipped);
  EXPECT_EQ(rows[3].state, BoardState::cancelled);
  EXPECT_EQ(rows[4].trip_id, "t3");
  EXPECT_EQ(rows[4].source, BoardSource::stale);
  EXPECT_EQ(rows[4].expected, clock("08:35:00"));  // as planned
  EXPECT_EQ(rows[5].source, BoardSource::schedule);
  // Gone at 08:07, the first is on the board no more.
  EXPECT_NE(arrivals_board(book_.view(), schedule_->stop_of("B"), clock("08:07:01"), {})[0].trip_id, "t0");
}

TEST_F(GtfsLive, TheBoardsJsonHasBothLanguagesTheAgeAndTheAlerts) {
  book_.put("u0", update("t0", "08:04:50", {late(1, 120)}));
  ServiceAlert alert;
  alert.id = "A";
  alert.active = {{unix_s("08:00:00"), unix_s("09:00:00")}};
  alert.informed.emplace_back().route_id = "1";
  alert.header = {{"en", "Detour"}, {"zh-CN", "绕行"}};
  book_.put("a", alert);
  alert.informed[0].route_id = "other";
  book_.put("b", alert);
  base::JsonWriter out;
  write_board(out, book_.view(), schedule_->stop_of("B"), clock("08:05:00"), {}, serve::Language::zh);
  const auto json = base::JsonValue::parse(out.str()).value();
  EXPECT_EQ(json.find("stop")->text_or("name", ""), "桥");
  EXPECT_EQ(json.find("stop")->find("lines")->dump(), R"(["71"])");
  const auto& first = json.find("departures")->array()->front();
  EXPECT_EQ(first.text_or("headsign", ""), "大坝");
  EXPECT_EQ(first.find("headsigns")->text_or("en", ""), "Dam");
  EXPECT_EQ(first.number_or("delayS", 0), 120);
  EXPECT_EQ(first.number_or("inS", 0), 120);
  EXPECT_EQ(first.number_or("ageS", 0), 10);
  EXPECT_EQ(first.text_or("status", ""), "live");
  ASSERT_EQ(json.find("alerts")->array()->size(), 1u);
  EXPECT_EQ(json.find("alerts")->array()->front().text_or("zh", ""), "绕行");
}

TEST_F(GtfsLive, WhatGoesOutAsRealtimeReadsAsTheSamePicture) {
  book_.put("u0", update("t0", "08:04:50", {late(1, 120), {4, "", {}, {}, StopRelation::skipped}}));
  TripUpdate gone = update("t2", "08:04:50", {});
  gone.trip.relation = TripRelation::canceled;
  book_.put("u2", gone);
  RealtimeReport report;
  const auto feed =
      read_realtime(write_realtime(realtime_out(book_.view(), RealtimeKind::trip_updates, clock("08:05:00"))), report);
  ASSERT_TRUE(feed);
  EXPECT_EQ(report.refused, 0u);
  LiveBook other(schedule_, {});
  for (const TripUpdate& one : feed->trips) other.put(one.id, one);
  ASSERT_EQ(other.view().runs.size(), book_.view().runs.size());
  for (const auto& [id, run] : book_.view().runs) {
    const traffic::Run* again = other.run(id);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->relation, run->relation);
    for (std::size_t i = run->next; i < run->calls.size(); ++i) {
      EXPECT_EQ(again->calls[i].arrival_delay_s, run->calls[i].arrival_delay_s);
      EXPECT_EQ(again->calls[i].skipped, run->calls[i].skipped);
    }
  }
}

TEST_F(GtfsLive, WaitingIsThatOfTheFormula) {
  HeadwayWatch watch(*schedule_, {});
  const auto nobody = [] { return std::optional<double>{}; };
  // At A, buses 1 to 4 leave 300, 900, 300 and 900 s after the one in front; 600 each were planned.
  double at_s = 0;
  watch.on_passage({run(0), 0, clock("08:00:00"), "v0"}, nobody);
  for (int k = 1; k <= 4; ++k) {
    at_s += k % 2 == 1 ? 300 : 900;
    watch.on_passage({run(k), 0, clock("08:00:00") + std::chrono::seconds(int(at_s)), fmt::format("v{}", k)}, nobody);
  }
  const auto lines = watch.regularity();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].headways, 4u);
  EXPECT_DOUBLE_EQ(lines[0].swt_s, 300);                                             // half of 600
  EXPECT_DOUBLE_EQ(lines[0].awt_s, (2 * 300. * 300 + 2 * 900. * 900) / (2 * 2400));  // 375
  EXPECT_DOUBLE_EQ(lines[0].ewt_s, 75);
  watch.on_time(clock("11:00:00"));
  EXPECT_TRUE(watch.regularity().empty());
}

TEST_F(GtfsLive, BunchingOpensAfterTwoStopsAndClearsWhenTheyPart) {
  HeadwayWatch watch(*schedule_, {});
  const auto behind = [] { return std::optional(1100.0); };
  for (const std::uint32_t call : {0u, 1u, 2u})
    EXPECT_TRUE(watch.on_passage({run(0), call, clock("08:00:00") + call * 300s, "v0"}, behind).empty());
  // 140 s behind the first is under a quarter of ten minutes.
  EXPECT_TRUE(watch.on_passage({run(1), 0, clock("08:02:20"), "v1"}, behind).empty());
  const auto opened = watch.on_passage({run(1), 1, clock("08:07:20"), "v1"}, behind);
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_TRUE(opened[0].opened);
  EXPECT_EQ(opened[0].fault, HeadwayFault::bunching);
  EXPECT_EQ(opened[0].front_urn, "v0");
  EXPECT_DOUBLE_EQ(opened[0].headway_s, 140);
  EXPECT_DOUBLE_EQ(opened[0].planned_s, 600);
  EXPECT_EQ(opened[0].hold_urn, "v1");
  EXPECT_EQ(opened[0].hold_s, 120);  // (1100 − 140) / 2 = 480, bounded
  const auto cleared = watch.on_passage({run(1), 2, clock("08:15:30"), "v1"}, behind);
  ASSERT_EQ(cleared.size(), 1u);
  EXPECT_FALSE(cleared[0].opened);
  EXPECT_EQ(cleared[0].reason, "headway");
}

TEST_F(GtfsLive, AGapOpensAtOnceAndAdvisesTheBusInFront) {
  HeadwayWatch watch(*schedule_, {.hold_max = 600s});
  const auto nobody = [] { return std::optional<double>{}; };
  watch.on_passage({run(0), 0, clock("08:00:00"), "v0"}, nobody);
  watch.on_passage({run(1), 0, clock("08:08:00"), "v1"}, nobody);
  const auto opened = watch.on_passage({run(2), 0, clock("08:26:00"), "v2"}, nobody);  // 1080 s > 1.75 × 600 s
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(opened[0].fault, HeadwayFault::gap);
  EXPECT_EQ(opened[0].hold_urn, "v1");
  EXPECT_EQ(opened[0].hold_s, 300);  // (1080 − 480) / 2
  const auto silent = watch.on_time(clock("08:50:00"));
  ASSERT_EQ(silent.size(), 1u);
  EXPECT_EQ(silent[0].reason, "silent");
}

TEST_F(GtfsLive, ABusThatOvertakesOrComesTwiceOpensNothing) {
  HeadwayWatch watch(*schedule_, {});
  const auto nobody = [] { return std::optional<double>{}; };
  watch.on_passage({run(1), 0, clock("08:10:00"), "v1"}, nobody);
  EXPECT_TRUE(watch.on_passage({run(1), 0, clock("08:10:01"), "v1"}, nobody).empty());
  EXPECT_TRUE(watch.on_passage({run(0), 0, clock("08:09:00"), "v0"}, nobody).empty());
  EXPECT_TRUE(watch.regularity().empty());
}

// A ring of three stops; one bus goes round it, every 16 minutes: each trip ends where the next begins.
TEST(GtfsHeadways, ABusThatEndsATripAndBeginsTheNextIsNoSecondBus) {
  auto tables = ten_minutes();
  tables["trips.txt"] = "route_id,service_id,trip_id,block_id\n";
  tables["stop_times.txt"] = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type\n";
  for (int k = 0; k < 4; ++k) {
    tables["trips.txt"] += fmt::format("1,d,r{},only\n", k);
    for (int i = 0; i < 4; ++i) {
      const std::string at = format_clock(8 * 3600 + k * 960 + i * 300);
      tables["stop_times.txt"] += fmt::format("r{},{},{},{},{},{}\n", k, at, at, "ABCA"[i], i + 1, i == 2 ? 1 : 0);
    }
  }
  const auto schedule = schedule_of(std::move(tables));
  const auto day = parse_day("20260504").value();
  HeadwayWatch watch(*schedule, {.hold_stops = 1});
  const auto nobody = [] { return std::optional<double>{}; };
  const auto run = [&](int k) { return RunId{schedule->trip_of(fmt::format("r{}", k)), day, 8 * 3600 + k * 960}; };
  EXPECT_EQ(watch.planned_headway_s(run(1), 0), 960) << "not the minute since the trip before has come in";
  EXPECT_EQ(watch.planned_headway_s(run(0), 0), std::nullopt);
  for (int k = 0; k < 4; ++k) {
    for (std::uint32_t call = 0; call < 4; ++call) {
      const Instant at = schedule->time_of(day, 8 * 3600 + k * 960 + std::int32_t(call) * 300);
      EXPECT_TRUE(watch.on_passage({run(k), call, at, "v"}, nobody).empty()) << k << ", call " << call;
    }
  }
  const auto lines = watch.regularity();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].headways, 6u) << "three at A, three at B; where nobody boards there are none";
  EXPECT_DOUBLE_EQ(lines[0].ewt_s, 0);
  for (const StopHeadway& one : watch.newest()) EXPECT_EQ(one.state, "even");
}

// A trip of the bus in front that is cancelled makes the gap that passengers meet.
TEST_F(GtfsLive, ACancelledTripLeavesAGap) {
  HeadwayWatch watch(*schedule_, {});
  const auto nobody = [] { return std::optional<double>{}; };
  watch.on_passage({run(0), 0, clock("08:00:00"), "v0"}, nobody);
  const auto opened = watch.on_passage({run(2), 0, clock("08:20:00"), "v2"}, nobody);
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(opened[0].fault, HeadwayFault::gap);
  EXPECT_DOUBLE_EQ(opened[0].planned_s, 600);
}

TEST(GtfsSettings, MistakesAreToldWithTheirLines) {
  const auto good = TransitSettings::parse(
      "schedule = \"gtfs.zip\"\n[[realtime]]\nname = \"rt\"\nurl = \"https://x/rt\"\nevery = \"20s\"\n"
      "[headway]\nbunching = 0.2\ncase = \"bus-headway\"\n",
      "/city/traffic/transit.toml");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->schedule, "/city/traffic/gtfs.zip");
  EXPECT_EQ(good->sources[0].every, 20s);
  EXPECT_EQ(good->headway.bunching, 0.2);
  const auto bad = TransitSettings::parse(
      "schedule = \"gtfs.zip\"\n[[realtime]]\nname = \"rt\"\nurl = \"ftp://x\"\n[headway]\nbunching = 2\ngap = "
      "1\nspeed = 1\n",
      "t.toml");
  ASSERT_FALSE(bad);
  for (const std::string_view says :
       {"t.toml:4: a url begins", "t.toml:6: 0 < bunching", "t.toml:7: gap > gap_clear", "speed"})
    EXPECT_TRUE(bad.error().message.contains(says)) << bad.error().message;
}

// A synthetic day, pulled every 30 s, as records of the log.
class GtfsLoop : public testing::Test {
 protected:
  GtfsLoop() : options_{.seed = 9, .lines = 2, .stops = 14, .headway_s = 360, .noise = 0.25, .boarding_s_per_min = 6} {
    schedule_ = schedule_of(synthetic_gtfs(options_));
    runs_ = synthetic_day(*schedule_, day_, options_);
  }
  flow::LogRecord record(flow::Seq seq, Instant at) const {
    flow::LogRecord out;
    out.seq = seq;
    out.at = at;
    out.origin = flow::Name("feed:rt");
    for (const flow::Write& write : realtime_writes("rt", synthetic_realtime(*schedule_, runs_, at), at, {})) {
      flow::Change change;
      change.entity = write.entity;
      change.types = write.types;
      for (const flow::Attribute& one : write.attributes) change.attributes.push_back({.now = one});
      out.changes.push_back(std::move(change));
    }
    return out;
  }
  static std::string text_of(const twin::Outbox& out) {
    std::string text;
    for (const flow::Write& write : out.writes) {
      text += fmt::format("{} ", write.entity.text());
      for (const flow::Attribute& one : write.attributes) {
        text += one.name.text();
        if (const auto* t = std::get_if<flow::Text>(&one.value)) text += t->view();
        else if (const auto* j = std::get_if<flow::Json>(&one.value)) text += j->text.view();
        else if (const auto* n = std::get_if<double>(&one.value)) text += fmt::format("{}", *n);
      }
      text += '\n';
    }
    return text;
  }
  SyntheticOptions options_;
  std::chrono::sys_days day_{parse_day("20260504").value()};
  std::shared_ptr<const Schedule> schedule_;
  std::vector<SyntheticRun> runs_;
  TransitSettings settings_;
};

TEST_F(GtfsLoop, ARestartFromACheckpointGoesOnAsIfThereHadBeenNone) {
  TransitLoop whole(schedule_, settings_);
  auto parts = std::make_unique<TransitLoop>(schedule_, settings_);
  std::size_t findings = 0;
  const Instant begin = schedule_->time_of(day_, 7 * 3600);
  for (flow::Seq seq = 1; seq <= 90; ++seq) {
    const flow::LogRecord one = record(seq, begin + std::chrono::seconds(30) * int(seq));
    twin::Outbox left, right;
    whole.on_record(one, left);
    parts->on_record(one, right);
    ASSERT_EQ(text_of(left), text_of(right)) << seq;
    for (const flow::Write& write : left.writes) findings += write.types.contains(flow::Name("Finding"));
    if (seq % 30 != 0) continue;
    base::ByteWriter state;
    parts->save(state);
    parts = std::make_unique<TransitLoop>(schedule_, settings_);
    base::ByteReader in(state.view());
    ASSERT_TRUE(parts->load(in));
  }
  EXPECT_GT(findings, 0u);
  EXPECT_FALSE(whole.view()->runs.empty());
}

TEST_F(GtfsLoop, FindingsOpenWhereBusesBunchedAndAllClearBySilence) {
  settings_.case_kind = "transit-headway";
  TransitLoop loop(schedule_, settings_);
  // What really happened: departures of consecutive buses closer than a quarter of the plan at two stops in a row.
  std::map<std::pair<RouteNo, int>, std::vector<const SyntheticRun*>> lines;
  for (const SyntheticRun& run : runs_) {
    const Trip& trip = schedule_->trips[at(run.trip)];
    if (!run.cancelled) lines[{trip.route, trip.direction}].push_back(&run);
  }
  const std::int32_t from_s = 7 * 3600, until_s = 7 * 3600 + 4500;
  std::set<std::string> bunched;
  for (const auto& [line, buses] : lines) {
    for (std::size_t k = 1; k < buses.size(); ++k) {
      int row = 0;
      for (std::size_t i = 0; i + 1 < buses[k]->departure_s.size(); ++i) {
        const int apart = buses[k]->departure_s[i] - buses[k - 1]->departure_s[i];
        const bool seen = buses[k - 1]->start_s > from_s + 60 && buses[k]->departure_s[i] < until_s - 120;
        row = seen && apart < 0.22 * options_.headway_s ? row + 1 : 0;
        if (row >= 3) bunched.insert("urn:ngsi-ld:Vehicle:rt:" + buses[k]->vehicle);
      }
    }
  }
  ASSERT_FALSE(bunched.empty());
  std::set<std::string> opened, open_now;
  flow::Seq seq = 0;
  const auto look = [&](const twin::Outbox& out) {
    for (const flow::Write& write : out.writes) {
      if (!write.types.contains(flow::Name("Finding"))) continue;
      flow::Entity entity;
      entity.id = write.entity;
      entity.types = write.types;
      entity.attributes = write.attributes;
      const flow::Finding one = flow::finding_from(entity).value();
      EXPECT_FALSE(one.title.zh.empty() || one.title.en.empty());
      EXPECT_EQ(one.response, R"({"case":"transit-headway"})");
      if (one.status == flow::FindingStatus::active) {
        EXPECT_TRUE(open_now.insert(std::string(one.id.text())).second);
        if (one.rule == "transit-bunching") opened.insert(std::string(one.about.text()));
      } else {
        EXPECT_EQ(open_now.erase(std::string(one.id.text())), 1u);
      }
    }
  };
  for (std::int32_t s = from_s; s < until_s; s += 30) {
    twin::Outbox out;
    loop.on_record(record(++seq, schedule_->time_of(day_, s)), out);
    look(out);
  }
  std::size_t found = 0;
  for (const std::string& urn : bunched) found += opened.contains(urn);
  EXPECT_EQ(found, bunched.size());
  EXPECT_FALSE(open_now.empty());
  flow::LogRecord tick;
  tick.at = schedule_->time_of(day_, until_s + 3600);
  tick.seq = ++seq;
  twin::Outbox out;
  loop.on_record(tick, out);
  look(out);
  EXPECT_TRUE(open_now.empty());
}

TEST_F(GtfsLoop, ADamagedCheckpointIsAReason) {
  TransitLoop loop(schedule_, settings_);
  twin::Outbox out;
  loop.on_record(record(1, schedule_->time_of(day_, 8 * 3600)), out);
  base::ByteWriter state;
  loop.save(state);
  for (std::size_t cut = 0; cut < state.view().size(); cut += 997) {
    TransitLoop other(schedule_, settings_);
    base::ByteReader in(state.view().substr(0, cut));
    EXPECT_FALSE(other.load(in)) << cut;
  }
}

}  // namespace
}  // namespace cityloop::traffic
