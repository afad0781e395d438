// What the running loop knows of congestion on a stretch, and what it keeps of it.
#include "domain/traffic/forecast/segment_jams.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "domain/traffic/forecast/boosted_row.h"
#include "domain/traffic/forecast/forecast_loop.h"

namespace cityloop::traffic {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kLimit = 40;

// A stretch fed step by step; the first step is midnight of a workday.
struct Stretch {
  void feed(float speed) {
    const SegmentModel::Moment now{.weekend = false, .slot = std::size_t(step / 3 % 96)};
    ++step;
    model.settle(step, speed, 5, now);
    jams.settle(step, speed, kLimit, model.congested(kLimit), now);
  }
  void feed(int steps, float speed) {
    for (int i = 0; i < steps; ++i) feed(speed);
  }

  std::uint64_t step{0};
  SegmentModel model;
  SegmentJams jams;
};

TEST(SegmentJams, TellsHowLongItHasBeenSlowAndHowLongSinceItWasCongested) {
  Stretch stretch;
  EXPECT_EQ(stretch.jams.since_jam(), 288) << "never yet is as long as a day";
  stretch.feed(4, 70);
  EXPECT_FALSE(stretch.jams.slow());
  stretch.feed(1, 20);
  EXPECT_EQ(stretch.jams.slow_for(), 1);
  EXPECT_FALSE(stretch.jams.congested()) << "a step is no quarter of an hour";
  stretch.feed(2, 20);
  EXPECT_EQ(stretch.jams.slow_for(), 3);
  EXPECT_TRUE(stretch.jams.congested());
  stretch.feed(1, kNan);
  EXPECT_EQ(stretch.jams.slow_for(), 3) << "nobody was measured: as it was";
  EXPECT_TRUE(stretch.jams.congested()) << "two of three were";
  stretch.feed(1, 70);
  EXPECT_FALSE(stretch.jams.slow());
  EXPECT_EQ(stretch.jams.since_jam(), 1);
  EXPECT_EQ(stretch.jams.jams_of(12), 2);
  stretch.feed(400, 70);
  EXPECT_EQ(stretch.jams.since_jam(), 288);
  EXPECT_EQ(stretch.jams.jams_of(24), 0);
}

TEST(SegmentJams, KnowsYesterdayAboutTheMomentForeseenAndWhatIsUsualThen) {
  // Congested from 8:05 to 8:30 each day, for five days; it is 7:55 on the sixth.
  Stretch stretch;
  for (int step = 0; step < 5 * 288 + 95; ++step) {
    const int of_day = step % 288;
    stretch.feed(of_day >= 94 && of_day < 102 ? 20.0F : 70.0F);  // the third slow step is a jam
  }
  EXPECT_EQ(stretch.jams.jams_yesterday(3), 5) << "8:10: from 7:55 to 8:25 all but the first two";
  EXPECT_EQ(stretch.jams.jams_yesterday(6), 5) << "8:25: from 8:10 to 8:40 all but the last two";
  EXPECT_EQ(stretch.jams.jams_yesterday(12), 0) << "8:55: from 8:40";
  const SegmentModel::Moment eight{.weekend = false, .slot = 33}, noon{.weekend = false, .slot = 48};
  EXPECT_GT(stretch.jams.usual_then(eight), 0.3);
  EXPECT_LT(stretch.jams.usual_then(noon), 0.02);
  EXPECT_LT(stretch.jams.usual_then({.weekend = true, .slot = 33}), 0.05) << "no weekend has been seen";
  EXPECT_GT(stretch.jams.any_day_then(33), 0.3);
  EXPECT_NEAR(stretch.jams.mean(), 30.0F / (5 * 288), 0.005F);
}

TEST(SegmentJams, OfASilenceNothingIsKnownButThatItWasLong) {
  Stretch stretch;
  stretch.feed(10, 20);
  ASSERT_TRUE(stretch.jams.congested());
  stretch.step += 288;  // nothing came for a day, and the loop passed it over
  stretch.jams.settle(stretch.step + 1, 70, kLimit, false, {});
  EXPECT_FALSE(stretch.jams.slow());
  EXPECT_EQ(stretch.jams.since_jam(), 288);
  EXPECT_EQ(stretch.jams.jams_of(24), 0);
  EXPECT_EQ(stretch.jams.jams_of(292), 3) << "the last of the ten stand where they were";
}

TEST(SegmentJams, IsKeptWholeAndADamagedRowIsRefused) {
  base::Rng rng(5);
  Stretch stretch;
  for (int step = 0; step < 700; ++step) stretch.feed(rng.uniform() < 0.2 ? kNan : rng.uniform() < 0.4 ? 20.0F : 60.0F);
  base::ByteWriter out;
  stretch.jams.save(out);
  SegmentJams again;
  base::ByteReader in(out.view());
  ASSERT_TRUE(again.load(in));
  EXPECT_TRUE(in.at_end());
  for (std::size_t block = 0; block < UsualDay::kBlocks; ++block) {
    base::ByteWriter day;
    stretch.jams.usual().save(block, day);
    base::ByteReader read(day.view());
    again.usual().load(block, read);
  }
  const auto told = [](const SegmentJams& jams) {
    std::vector<float> row(call_columns().size());
    SegmentModel::Said said{};
    write_call_row({}, jams, {.horizon_at = 1}, {.limit_kmh = kLimit}, said, row.data());
    for (float& value : row)
      if (std::isnan(value)) value = -1;
    return row;
  };
  EXPECT_EQ(told(again), told(stretch.jams));
  base::ByteReader cut(out.view().substr(0, out.view().size() - 1));
  EXPECT_FALSE(again.load(cut));
}

TEST(SegmentJams, RowsFromBeforeCongestionWasCalledAreRead) {
  // The encoding of before ends with the model, and tells nothing of how likely congestion was said to be.
  base::ByteWriter stretch, shared;
  stretch.u8(2);
  stretch.f64(80);
  stretch.text("10.0000 56.0000");
  stretch.text("10.1000 56.0000");
  SegmentModel().save(stretch);
  shared.u8(2);
  shared.varint(5'000'000);
  for (int bin = 0; bin < 60; ++bin) shared.f64(1), shared.f64(4);
  for (int back = 0; back < 4; ++back) shared.f64(0.5);
  ForecastLoop loop;
  base::ByteReader stretch_in(stretch.view()), shared_in(shared.view());
  EXPECT_TRUE(loop.load_row("surn:ngsi-ld:TrafficFlowObserved:road", stretch_in));
  EXPECT_TRUE(stretch_in.at_end());
  EXPECT_TRUE(loop.load_row("c", shared_in));
  EXPECT_TRUE(shared_in.at_end());
  EXPECT_EQ(loop.segments(), 1U);
  base::ByteWriter later;
  later.u8(4);
  base::ByteReader later_in(later.view());
  EXPECT_FALSE(loop.load_row("c", later_in));
}

}  // namespace
}  // namespace cityloop::traffic
