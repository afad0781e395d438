// Incidents: when they are believed, where they are put, and that the loop writes the same after any restart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json_value.h"
#include "base/rng.h"
#include "domain/traffic/guidance/incident_loop.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::EntityId;
using flow::Finding;

// A street of four segments, from west to east, and its other direction.
EntityId segment_id(int i) {
  return EntityId(fmt::format("urn:ngsi-ld:TrafficFlowObserved:street-{}", i));
}

flow::Change reading(int i, double kmh, base::Instant at, double intensity = 8) {
  flow::Change change;
  change.entity = segment_id(i);
  change.types = {flow::Name("TrafficFlowObserved")};
  change.attributes.push_back({flow::property(flow::Name("intensity"), intensity, at)});
  change.attributes.push_back({flow::property(flow::Name("averageVehicleSpeed"), kmh, at, flow::Name("KMH"))});
  return change;
}

flow::Change described(int i) {
  flow::Change change = reading(i, 50, base::kNever);
  change.attributes.clear();
  change.kind = flow::ChangeKind::created;
  flow::Attribute line = flow::property(
      flow::Name("location"), flow::Json{fmt::format(R"({{"type":"LineString","coordinates":[[{},56],[{},56]]}})",
                                                     10 + 0.01 * i, 10.01 + 0.01 * i)});
  line.kind = flow::AttributeKind::geo_property;
  change.attributes.push_back({line});
  change.attributes.push_back({flow::property(flow::Name("freeFlowSpeed"), 50.0)});
  change.attributes.push_back({flow::property(flow::Name("name"), flow::Text(fmt::format("Street {}", i)))});
  return change;
}

// Three days to learn from, then an incident on segment 2 whose queue reaches 1: one record each minute.
class Story {
 public:
  explicit Story(std::uint64_t seed) : rng_(seed) {
    flow::LogRecord& first = add();
    for (int i = 0; i < 4; ++i) first.changes.push_back(described(i));
    for (int minute = 0; minute < 3 * 24 * 60; minute += 10) usual();
  }
  void usual() {
    now_ += std::chrono::minutes(10);
    flow::LogRecord& record = add();
    for (int i = 0; i < 4; ++i) record.changes.push_back(reading(i, 45 + rng_.normal() * 3, now_));
  }
  void minutes(int count, std::vector<double> speeds) {
    for (int k = 0; k < count; ++k) {
      now_ += std::chrono::minutes(1);
      flow::LogRecord& record = add();
      for (std::size_t i = 0; i < speeds.size(); ++i)
        if (speeds[i] >= 0) record.changes.push_back(reading(int(i), std::max(0.0, speeds[i] + rng_.normal()), now_));
    }
  }
  void quiet(int count) {
    for (int k = 0; k < count; ++k) now_ += std::chrono::minutes(1), add();
  }
  const std::vector<flow::LogRecord>& records() const { return records_; }
  base::Instant now() const { return now_; }
  flow::LogRecord& add() {
    flow::LogRecord& out = records_.emplace_back();
    out.seq = records_.size();
    out.at = now_;
    return out;
  }

 private:
  base::Rng rng_;
  base::Instant now_{base::from_ms(1'700'000'000'000)};
  std::vector<flow::LogRecord> records_;
};

std::vector<Finding> findings(const std::vector<flow::Write>& writes) {
  std::vector<Finding> out;
  for (const flow::Write& write : writes) out.push_back(flow::finding_from(flow::entity_of(write)).value());
  return out;
}

IncidentLoopOptions options() {
  IncidentLoopOptions out;
  out.case_kind = "congestion";
  out.department = "traffic";
  return out;
}

std::vector<flow::Write> play(const std::vector<flow::LogRecord>& records, std::size_t restart_at = ~std::size_t{0}) {
  auto loop = std::make_unique<IncidentLoop>(options());
  twin::Outbox out;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i == restart_at) {
      base::ByteWriter bytes;
      loop->save(bytes);
      loop = std::make_unique<IncidentLoop>(options());
      base::ByteReader in(bytes.view());
      EXPECT_TRUE(loop->load(in));
    }
    loop->on_record(records[i], out);
  }
  return std::move(out.writes);
}

TEST(GuidanceIncident, ABlockedSegmentOpensOneFindingWhereTheCauseLiesAndClearsWhenItFlows) {
  Story story(1);
  const auto from = story.now();
  story.minutes(15, {45, 12, 5, 46});  // 2 stands, its queue reaches 1, beyond it the road is free
  story.minutes(20, {45, 44, 45, 46});
  const auto all = findings(play(story.records()));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].about, segment_id(2));
  EXPECT_EQ(all[0].rule, kIncidentRule);
  EXPECT_EQ(all[0].status, flow::FindingStatus::active);
  EXPECT_LE(all[0].opened_at - from, std::chrono::minutes(5));
  EXPECT_THAT(all[0].related, testing::ElementsAre(segment_id(1)));
  EXPECT_THAT(all[0].title.en, testing::HasSubstr("Street 2"));
  EXPECT_FALSE(all[0].title.zh.empty());
  const auto why = base::JsonValue::parse(all[0].why).value();
  EXPECT_NEAR(why.number_or("expectedKmh", 0), 45, 4);
  EXPECT_EQ(why.text_or("expectedBy", ""), "usual");
  EXPECT_GT(why.number_or("beyondRatio", 0), 0.9);
  EXPECT_EQ(base::JsonValue::parse(all[0].response).value().text_or("case", ""), "congestion");
  EXPECT_EQ(all[1].id, all[0].id);
  EXPECT_EQ(all[1].status, flow::FindingStatus::cleared);
  EXPECT_EQ(base::JsonValue::parse(all[1].cleared_why).value().text_or("reason", ""), "condition");
}

TEST(GuidanceIncident, NeitherOneSlowReadingNorASlowRoadBeyondNorAnEmptyRoadIsAnIncident) {
  Story one(2);
  one.minutes(1, {45, 45, 5, 45});
  one.minutes(10, {45, 45, 44, 45});
  EXPECT_TRUE(play(one.records()).empty());
  Story beyond(3);  // 3 is slow as well and its own cause: only it is told
  beyond.minutes(15, {45, 45, 8, 6});
  const auto all = findings(play(beyond.records()));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].about, segment_id(3));
  Story empty(4);
  for (int i = 0; i < 20; ++i) {
    empty.quiet(1);
    empty.add().changes.push_back(reading(2, 3, empty.now(), 0));  // a speed where nobody was measured
  }
  EXPECT_TRUE(play(empty.records()).empty());
}

TEST(GuidanceIncident, AJamThatComesEveryDayIsNotToldOfEveryDayButARoadThatStandsIs) {
  Story story(10);
  for (int day = 0; day < 5; ++day) {
    story.minutes(25, {45, 45, 24, 45});  // slow for a while, at the same hour
    for (int minute = 0; minute < 24 * 60 - 25; minute += 10) story.usual();
  }
  const auto opened = [&](double usual_climb) {
    IncidentLoopOptions how = options();
    how.watch.usual_climb = usual_climb;
    IncidentLoop loop(how);
    twin::Outbox out;
    for (const auto& record : story.records()) loop.on_record(record, out);
    return loop.counters().opened;
  };
  const auto known = opened(1.5);
  EXPECT_LT(known, opened(0));
  story.minutes(30, {45, 45, 45, 45});
  story.minutes(40, {45, 45, 0, 45});
  EXPECT_EQ(opened(1.5), known + 1);
}

TEST(GuidanceIncident, NothingIsOpenedWhileNothingIsExpected) {
  IncidentOptions quick;
  quick.learn_for = {};
  quick.limit = 12;
  const auto opened = [&](int known_min) {
    IncidentWatch watch(quick);
    int out = 0;
    for (int minute = 0; minute < 20; ++minute) {
      const bool slow = minute > 5;
      out += watch
                 .see({.segment = 0,
                       .at = base::from_ms(std::int64_t{60'000} * minute),
                       .speed_kmh = slow ? 2.0 : 45.0,
                       .expected_kmh = minute < known_min ? 45.0 : 0.0,
                       .spread_kmh = 3,
                       .free_flow_kmh = 50})
                 .opened.has_value();
    }
    return out;
  };
  EXPECT_EQ(opened(20), 1);
  for (int known_min = 0; known_min <= 8; ++known_min) EXPECT_EQ(opened(known_min), 0) << known_min;
}

TEST(GuidanceIncident, ASegmentThatIsNewIsOnlyLearnedFrom) {
  Story story(11);
  IncidentLoopOptions wary = options();
  wary.watch.learn_for = std::chrono::hours(24 * 30);
  story.minutes(15, {45, 12, 5, 46});
  IncidentLoop loop(wary);
  twin::Outbox out;
  for (const auto& record : story.records()) loop.on_record(record, out);
  EXPECT_TRUE(out.writes.empty());
}

TEST(GuidanceIncident, ATakenRoadThatNobodyLeavesIsSeenWhereAnEmptyOneIsNot) {
  const auto told = [](double occupancy) {
    Story story(12);
    for (int i = 0; i < 15; ++i) {
      story.quiet(1);
      flow::Change standing = reading(2, 0, story.now(), 0);
      standing.attributes.push_back({flow::property(flow::Name("occupancy"), occupancy, story.now())});
      story.add().changes.push_back(standing);
      story.add().changes.push_back(reading(3, 45, story.now()));
    }
    return !findings(play(story.records())).empty();
  };
  EXPECT_TRUE(told(0.3));
  EXPECT_FALSE(told(0));
}

TEST(GuidanceIncident, WhatWasForecastIsNoIncident) {
  Story told(5);
  flow::LogRecord& record = told.add();
  flow::Change forecast;
  forecast.entity = EntityId(fmt::format("urn:ngsi-ld:Forecast:averageVehicleSpeed:{}", segment_id(2).text()));
  forecast.types = {flow::Name("Forecast")};
  std::string steps = "[";
  for (int minute = 0; minute <= 40; minute += 10)
    steps += fmt::format(R"({}{{"validAt":"{}","low":3,"middle":6,"high":12,"model":"linear"}})", minute ? "," : "",
                         base::format_time(told.now() + std::chrono::minutes(minute)));
  forecast.attributes.push_back({flow::property(flow::Name("steps"), flow::Json{steps + "]"})});
  record.changes.push_back(forecast);
  told.minutes(15, {45, 45, 6, 45});
  EXPECT_TRUE(play(told.records()).empty());
}

TEST(GuidanceIncident, ASegmentThatFallsSilentOrGoesIsCleared) {
  Story silent(6);
  silent.minutes(10, {45, 45, 5, 45});
  silent.quiet(60);
  auto all = findings(play(silent.records()));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(all[1].cleared_why, testing::HasSubstr("silent"));
  Story gone(7);
  gone.minutes(10, {45, 45, 5, 45});
  flow::Change erased;
  erased.entity = segment_id(2);
  erased.types = {flow::Name("TrafficFlowObserved")};
  erased.kind = flow::ChangeKind::erased;
  gone.add().changes.push_back(erased);
  all = findings(play(gone.records()));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(all[1].cleared_why, testing::HasSubstr("erased"));
}

TEST(GuidanceIncident, ARestartAnywhereChangesNothingThatIsWritten) {
  Story story(8);
  story.minutes(15, {45, 12, 5, 46});
  story.minutes(20, {45, 44, 45, 46});
  story.minutes(12, {4, 45, 45, -1});
  story.quiet(50);
  const auto text = [](const std::vector<flow::Write>& writes) {
    std::string out;
    for (const Finding& one : findings(writes))
      out +=
          fmt::format("{} {} {} {} {}\n", one.id.text(), to_string(one.status), one.why, one.cleared_why, one.title.en);
    return out;
  };
  const std::string whole = text(play(story.records()));
  EXPECT_THAT(whole, testing::HasSubstr("cleared"));
  for (std::size_t at = story.records().size() - 95; at < story.records().size(); at += 3)
    EXPECT_EQ(text(play(story.records(), at)), whole) << at;
}

TEST(GuidanceIncident, ADamagedCheckpointIsRefused) {
  Story story(9);
  IncidentLoop loop(options());
  twin::Outbox out;
  for (const auto& record : story.records()) loop.on_record(record, out);
  base::ByteWriter bytes;
  loop.save(bytes);
  for (std::size_t size = 0; size < bytes.view().size(); size += 97) {
    IncidentLoop other(options());
    base::ByteReader in(bytes.view().substr(0, size));
    EXPECT_FALSE(other.load(in)) << size;
  }
}

TEST(GuidanceIncident, SegmentsFollowOnThoseThatEndWhereTheyBegin) {
  std::vector<Segment> all(5);
  const geo::Position a{10, 56}, b{10.01, 56}, c{10.02, 56}, d{10.01, 56.01};
  const geo::Position ends[5][2] = {{a, b}, {b, c}, {b, d}, {b, a}, {c, b}};
  for (std::size_t i = 0; i < 5; ++i) all[i].line = {ends[i][0], ends[i][1]};
  const auto next = downstream_of(all);
  EXPECT_THAT(next[0], testing::ElementsAre(1, 2));  // not back to a
  EXPECT_THAT(next[1], testing::IsEmpty());
  EXPECT_THAT(next[4], testing::ElementsAre(2, 3));
}

}  // namespace
}  // namespace cityloop::traffic
