// Detectors that lie are found out, and believed again once they have told the truth for a while.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "domain/traffic/signal/detector_health.h"

namespace cityloop::traffic {
namespace {

using base::Rng;

// Vehicles pass at random; a detector tells of them every 10 s.
class Road {
 public:
  explicit Road(std::uint64_t seed, double per_s = 0.2) : rng_(seed), per_s_(per_s) {}

  Reading next() {
    now_s_ += 10;
    int passed = 0;
    others_ = before_;
    for (int s = 0; s < 10; ++s) {
      const bool follows = !close_ && rng_.uniform() < per_s_;  // nobody drives a second behind another for long
      passed += follows;
      close_ = follows;
    }
    before_ = passed;
    return {.at_s = now_s_,
            .passed = passed,
            .occupancy = std::min(1.0, passed * 0.08 + rng_.uniform(0, 0.02)),
            .on_lane = passed,
            .queue = passed / 2,
            .speed_mps = passed ? rng_.uniform(5, 14) : 0};
  }
  double others() const { return others_; }  // the next detector sees the same, a reading later
  double now_s() const { return now_s_; }

 private:
  Rng rng_;
  double per_s_;
  double now_s_{1000}, before_{0}, others_{0};
  bool close_{false};
};

// Feeds readings that `spoil` has had its hands on, until there is a verdict; the seconds that took, or -1.
template <class F>
double seconds_to_verdict(DetectorHealth& health, Road& road, F&& spoil, double limit_s = 3600) {
  const double begin_s = road.now_s();
  while (road.now_s() < begin_s + limit_s) {
    Reading reading = road.next();
    spoil(reading);
    health.take(reading, road.others());
    if (!health.honest()) return road.now_s() - begin_s;
  }
  return -1;
}
void honest(Reading&) {}

TEST(SignalDetectorHealth, HonestDetectorsAreBelievedThroughDayAndNight) {
  int distrusted = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    for (const double per_s : {0.0, 0.01, 0.1, 0.3, 0.5}) {
      Road road(seed, per_s);
      DetectorHealth health;
      distrusted += seconds_to_verdict(health, road, honest, 2 * 3600) >= 0;
    }
  }
  EXPECT_EQ(distrusted, 0) << "of 200 detectors over two hours each";
}

TEST(SignalDetectorHealth, WhatCannotBeIsSeenAtOnce) {
  for (const double number : {-1.0, std::numeric_limits<double>::quiet_NaN(), 1e12}) {
    Road road(1);
    DetectorHealth health;
    seconds_to_verdict(health, road, honest, 600);
    EXPECT_EQ(seconds_to_verdict(health, road, [&](Reading& one) { one.passed = number; }), 10);
    EXPECT_EQ(health.verdict().lie, Lie::negative);
  }
  Road road(1);
  DetectorHealth health;
  EXPECT_EQ(seconds_to_verdict(health, road, [](Reading& one) { one.occupancy = 1.5; }), 10);
  EXPECT_THAT(explain(health.verdict()).en, testing::HasSubstr("1.5"));
  EXPECT_THAT(explain(health.verdict()).zh, testing::HasSubstr("1.5"));
}

TEST(SignalDetectorHealth, JumpsThatNoLaneCanCarry) {
  Road road(2);
  DetectorHealth health;
  seconds_to_verdict(health, road, honest, 100);
  EXPECT_EQ(seconds_to_verdict(health, road, [](Reading& one) { one.passed = 40; }), 10);
  EXPECT_EQ(health.verdict().lie, Lie::jumping);
  DetectorHealth queue;
  EXPECT_EQ(seconds_to_verdict(
                queue, road, [&](Reading& one) { one.queue = road.now_s() > 0 ? 30 : 0; }, 30),
            -1)
      << "a first reading may say anything";
  EXPECT_EQ(seconds_to_verdict(queue, road, [](Reading& one) { one.queue = 60; }), 10);
  DetectorHealth flickers;
  int n = 0;
  EXPECT_GT(seconds_to_verdict(flickers, road,
                               [&](Reading& one) { one = {.at_s = one.at_s, .passed = 0, .occupancy = ++n % 2}; }),
            0);
  EXPECT_EQ(flickers.verdict().lie, Lie::jumping);
}

TEST(SignalDetectorHealth, StuckOnStuckOffAndStuckAtANumber) {
  Road road(3);
  DetectorHealth on;
  const double on_s =
      seconds_to_verdict(on, road, [](Reading& one) { one = {.at_s = one.at_s, .passed = 0, .occupancy = 1}; });
  EXPECT_EQ(on.verdict().lie, Lie::stuck);
  EXPECT_LE(on_s, 260);
  DetectorHealth off;
  const double off_s =
      seconds_to_verdict(off, road, [](Reading& one) { one = {.at_s = one.at_s, .passed = 0, .occupancy = 0}; });
  EXPECT_EQ(off.verdict().lie, Lie::stuck) << "while the next detector counts";
  EXPECT_LE(off_s, 400);
  DetectorHealth same;
  const double same_s = seconds_to_verdict(
      same, road, [](Reading& one) { one = {.at_s = one.at_s, .passed = 3, .occupancy = 0.21, .speed_mps = 9}; });
  EXPECT_EQ(same.verdict().lie, Lie::stuck);
  EXPECT_LE(same_s, 260);
}

TEST(SignalDetectorHealth, NobodyAtNightIsNoLie) {
  DetectorHealth health;
  for (int t = 0; t < 6 * 3600; t += 10) {
    health.take({.at_s = double(t), .passed = 0, .occupancy = 0}, 0.0);
    ASSERT_TRUE(health.honest()) << t;
  }
}

TEST(SignalDetectorHealth, WhoCountsEverybodyTwiceIsFoundWithinMinutes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Road road(seed, 0.12);
    DetectorHealth health;
    seconds_to_verdict(health, road, honest, 900);
    const double took_s = seconds_to_verdict(health, road, [](Reading& one) { one.passed = 2 * *one.passed; });
    ASSERT_EQ(health.verdict().lie, Lie::doubled) << seed;
    ASSERT_LE(took_s, 1200) << seed;
    ASSERT_GT(health.verdict().figure, 1.4);
  }
}

TEST(SignalDetectorHealth, QueueBehindALongRedIsNoLie) {
  DetectorHealth health;
  for (int t = 0; t < 3600; ++t) {
    const int into = t % 180;  // 150 s of red
    const double queue = into < 150 ? 2 + into / 30 : std::max(0, 7 - (into - 150) / 3);
    health.take({.at_s = double(t),
                 .passed = into % 30 == 0 ? 1 : 0,
                 .occupancy = into < 150  ? 1
                              : queue > 0 ? into % 2
                                          : 0,  // they drive off one after the other
                 .on_lane = queue,
                 .queue = queue,
                 .left = into > 150 && into % 3 == 0 ? 1 : 0},
                {});
    ASSERT_TRUE(health.honest()) << t << explain(health.verdict()).en;
  }
}

TEST(SignalDetectorHealth, SilenceAndTheWayBack) {
  DetectorHealth health;
  Road road(5);
  seconds_to_verdict(health, road, honest, 300);
  health.pass(road.now_s() + 59);
  EXPECT_TRUE(health.honest());
  health.pass(road.now_s() + 60);
  EXPECT_EQ(health.verdict().lie, Lie::silent);
  const double back_s = road.now_s() + 60;
  for (int i = 0; i < 6; ++i) road.next();
  while (!health.honest()) health.take(road.next(), {});
  EXPECT_NEAR(road.now_s() - back_s, 300, 10) << "believed again after a clean spell";
  DetectorHealth never;
  never.pass(1000);
  never.pass(1100);
  EXPECT_EQ(never.verdict().lie, Lie::silent) << "one that never spoke";
}

TEST(SignalDetectorHealth, WhatIsSavedJudgesTheSame) {
  Road road(7);
  DetectorHealth health;
  seconds_to_verdict(health, road, honest, 900);
  base::ByteWriter out;
  health.save(out);
  DetectorHealth again;
  base::ByteReader in(out.view());
  ASSERT_TRUE(again.load(in));
  EXPECT_TRUE(in.at_end());
  for (int i = 0; i < 200; ++i) {
    Reading reading = road.next();
    if (i > 20) reading.passed = 2 * *reading.passed;
    health.take(reading, 2.0);
    again.take(reading, 2.0);
    ASSERT_EQ(health.verdict().lie, again.verdict().lie) << i;
    ASSERT_EQ(health.verdict().since_s, again.verdict().since_s) << i;
  }
  EXPECT_FALSE(health.honest());
  base::ByteReader cut(out.view().substr(0, out.view().size() / 2));
  EXPECT_FALSE(again.load(cut));
}

}  // namespace
}  // namespace cityloop::traffic
