#include "sense/feed_stats.h"

#include "base/json_value.h"
#include "base/paced_clock.h"
#include "sense/ticker.h"
#include "test/sense/sense_fixture.h"

namespace cityloop::sense {
namespace {

using testing::SizeIs;

TEST(FeedStatsTest, AFloodOfOneMistakeLeavesTheTraceOfOthers) {
  RejectRing ring;
  ring.add({base::kNever, Reason::columns, "the one to find", "row", 1});
  for (std::uint64_t i = 0; i < 10'000; ++i) ring.add({base::kNever, Reason::bad_number, "", "x", i});
  EXPECT_THAT(ring.newest_first(Reason::columns), SizeIs(1));
  const auto flood = ring.newest_first(Reason::bad_number);
  EXPECT_THAT(flood, SizeIs(kRejectsKeptOfOneReason));
  EXPECT_EQ(flood.front().line, 9999u);
  EXPECT_EQ(flood.back().line, 9950u);
}

TEST(FeedStatsTest, AtMostTwoHundredAreKept) {
  RejectRing ring;
  for (std::uint64_t i = 0; i < 1000; ++i) ring.add({base::kNever, Reason(i % kReasons), "", "x", i});
  EXPECT_EQ(ring.size(), kRejectsKept);
  const auto all = ring.newest_first();
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].line, 999 - i);
}

TEST(FeedStatsTest, RingAndCountsComeBackFromBytes) {
  RejectRing ring, again;
  ring.add({at("2026-05-01T08:00:00Z"), Reason::future, "detail", "row", 7});
  again.load(ring.save());
  ASSERT_THAT(again.newest_first(), SizeIs(1));
  EXPECT_EQ(again.newest_first()[0].detail, "detail");
  EXPECT_EQ(again.newest_first()[0].at, at("2026-05-01T08:00:00Z"));
  RejectRing damaged;
  damaged.load(ring.save().substr(0, 9));
  EXPECT_EQ(damaged.size(), 0u);

  FeedCounters counts;
  counts.read = 5;
  counts.accept(at("2026-05-01T08:00:00Z"));
  counts.refuse(Reason::quotes);
  counts.refuse(Reason::outside_window);
  base::ByteWriter out;
  counts.save(out);
  base::ByteReader in(out.view());
  EXPECT_EQ(FeedCounters::load(in), counts);
}

TEST(FeedStatsTest, ARowIsCutBetweenCharacters) {
  std::string row;
  while (row.size() < kRejectRowBytes + 10) row += "湖";
  const auto cut = cut_row(row);
  EXPECT_EQ(cut.size(), kRejectRowBytes / 3 * 3);
  EXPECT_EQ(cut, row.substr(0, cut.size()));
}

TEST(FeedStatsTest, TheBoardSaysWhatTheApiPromises) {
  FeedBoard board;
  FeedStats& mqtt = board.add("sensors", FeedKind::mqtt, {"传感器", "Sensors"});
  FeedCounters counts;
  counts.read = 3;
  counts.accept(at("2026-05-01T07:59:30Z"));
  counts.refuse(Reason::unknown_device);
  counts.refuse(Reason::unknown_device);
  mqtt.add(counts);
  mqtt.seen(at("2026-05-01T08:00:00Z"));
  FeedStats& http = board.add("http", FeedKind::http, {"接口", "HTTP"});
  const std::vector<base::Error> refused{{base::Errc::invalid, "no type"}};
  http.count_batch(4, refused, at("2026-05-01T08:00:00Z"));
  EXPECT_EQ(&board.add("http", FeedKind::http, {}), &http);
  EXPECT_EQ(board.find("nobody"), nullptr);

  const auto json = base::JsonValue::parse(board.json(at("2026-05-01T08:00:00Z"))).value();
  ASSERT_TRUE(json.array());
  ASSERT_THAT(*json.array(), SizeIs(2));
  const auto& first = (*json.array())[0];
  EXPECT_EQ(first.text_or("name", ""), "http");
  EXPECT_EQ(first.number_or("read", 0), 5);
  const auto& second = (*json.array())[1];
  EXPECT_EQ(second.text_or("kind", ""), "mqtt");
  EXPECT_EQ(second.text_or("state", ""), "running");
  EXPECT_EQ(second.number_or("lagS", 0), 30);
  EXPECT_EQ(second.text_or("lastSeen", ""), "2026-05-01T08:00:00Z");
  const auto& rejected = *second.find("rejected")->array();
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_EQ(rejected[0].text_or("reason", ""), "unknown_device");
  EXPECT_EQ(rejected[0].number_or("count", 0), 2);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(second.find("progress")->is));
}

TEST(ReasonTest, EveryReasonHasANameAndTextsInBothLanguages) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kReasons; ++i) {
    names.insert(to_string(Reason(i)));
    EXPECT_EQ(reason_from(to_string(Reason(i))), Reason(i));
    EXPECT_FALSE(text_of(Reason(i)).zh.empty());
    EXPECT_FALSE(text_of(Reason(i)).en.empty());
  }
  EXPECT_EQ(names.size(), kReasons);
  EXPECT_FALSE(reason_from("because"));
}

TEST(TickerTest, OneTickASecondUnlessSomethingElseWasRecorded) {
  ListSink sink;
  base::ManualClock wall(at("2026-05-01T08:00:00.4Z"));
  base::Instant last = base::kNever;
  sink.after_commit = [&](const twin::Commit& commit) { last = commit.at; };
  Ticker ticker(sink, wall, [&] { return last; });
  EXPECT_TRUE(ticker.beat());
  EXPECT_FALSE(ticker.beat()) << "the second has its record";
  wall.advance_to(at("2026-05-01T08:00:01.9Z"));
  last = at("2026-05-01T08:00:01.1Z");
  EXPECT_FALSE(ticker.beat());
  wall.advance_to(at("2026-05-01T08:00:02Z"));
  EXPECT_TRUE(ticker.beat());
  ASSERT_THAT(sink.commits, SizeIs(2));
  EXPECT_EQ(sink.commits[1].at, at("2026-05-01T08:00:02Z"));
  EXPECT_TRUE(sink.commits[1].tick);
  sink.refuse_next = 1;
  wall.advance_to(at("2026-05-01T08:00:03Z"));
  EXPECT_FALSE(ticker.beat());
}

TEST(TickerTest, OnItsOwnThread) {
  ListSink sink;
  const base::WallClock wall;
  std::atomic<int> ticks{0};
  std::atomic<std::int64_t> last{base::to_us(base::kNever)};
  sink.after_commit = [&](const twin::Commit& commit) { ++ticks, last = base::to_us(commit.at); };
  Ticker ticker(sink, wall, [&] { return base::from_us(last); });
  ticker.start();
  for (int i = 0; i < 400 && ticks < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ticker.stop();
  EXPECT_GE(ticks, 2);
}

TEST(TickerTest, ACityThatGoesFasterTicksMoreOftenByItsOwnSeconds) {
  ListSink sink;
  const base::WallClock wall;
  const base::PacedClock city({20, wall.now()}, wall);
  std::atomic<int> ticks{0};
  std::atomic<std::int64_t> last{base::to_us(base::kNever)};
  sink.after_commit = [&](const twin::Commit& commit) { ++ticks, last = base::to_us(commit.at); };
  const base::Instant begun = city.now();
  Ticker ticker(sink, city, [&] { return base::from_us(last); }, 20);
  ticker.start();
  for (int i = 0; i < 400 && ticks < 3; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ticker.stop();
  ASSERT_GE(sink.commits.size(), 3u);
  EXPECT_GE(sink.commits[2].at - begun, std::chrono::seconds(3)) << "a tenth of a second of ours is two of the city";
}

}  // namespace
}  // namespace cityloop::sense
