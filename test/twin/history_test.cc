#include "twin/history.h"

#include "base/rng.h"
#include "test/twin/twin_fixture.h"

namespace cityloop::twin {
namespace {

using flow::EntityId;
using flow::Name;

TEST(Series, RunsReadBackExactlyAndSmall) {
  base::Rng rng(1);
  std::vector<Sample> speeds, odd;
  auto at = base::from_ms(1'400'000'000'000);
  for (int i = 0; i < 240; ++i) {
    at += std::chrono::minutes(5);
    speeds.push_back({at, double(rng.below(120))});
    odd.push_back({at + std::chrono::milliseconds(rng.below(999)), rng.normal()});
  }
  const std::string bytes = encode_samples(speeds);
  EXPECT_EQ(decode_samples(bytes).value(), speeds);
  EXPECT_LT(bytes.size(), 240 * 3.5);
  EXPECT_EQ(decode_samples(encode_samples(odd)).value(), odd);
  EXPECT_FALSE(decode_samples(std::string_view(bytes).substr(0, 100)));
}

TEST(Series, ThinningKeepsTheExtremes) {
  std::vector<Sample> samples;
  for (int i = 0; i < 10'000; ++i) samples.push_back({base::from_ms(i * 1000), std::sin(i * 0.01)});
  samples[5003].value = 99;
  samples[7001].value = -99;
  const auto thinned = thin(samples, 200);
  EXPECT_LE(thinned.size(), 200u);
  EXPECT_TRUE(std::any_of(thinned.begin(), thinned.end(), [](const Sample& s) { return s.value == 99; }));
  EXPECT_TRUE(std::any_of(thinned.begin(), thinned.end(), [](const Sample& s) { return s.value == -99; }));
}

class HistoryTest : public TwinFixture {
 protected:
  std::vector<Sample> read(History& history) {
    SeriesQuery query;
    query.entity = EntityId("urn:ngsi-ld:T:1");
    query.attribute = Name("speed");
    query.points_max = 1'000'000;
    return history.samples(query).value();
  }
  void wait_for(LoopRunner& runner) {
    while (runner.done() < twin_->head()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
};

TEST_F(HistoryTest, EverySampleIsThereBeforeAndAfterARestartLateOnesInTheirPlace) {
  std::vector<Sample> expected;
  base::Rng rng(3);
  const auto begin = clock_.now();
  std::vector<int> order;
  for (int i = 0; i < 2000; ++i) order.push_back(i);
  for (std::size_t i = 0; i + 7 < order.size(); i += 5) std::swap(order[i], order[i + rng.below(7)]);
  {
    History history(*store_);
    LoopRunner runner(*twin_, history, {.checkpoint_every = std::chrono::milliseconds(20)});
    ASSERT_TRUE(runner.start());
    for (const int i : order) put(reading("urn:ngsi-ld:T:1", i % 90, begin + std::chrono::minutes(i)));
    wait_for(runner);
    EXPECT_EQ(read(history).size(), 2000u);
  }
  for (int i = 0; i < 2000; ++i) expected.push_back({begin + std::chrono::minutes(i), double(i % 90)});
  reopen();
  History history(*store_);
  LoopRunner runner(*twin_, history);
  ASSERT_TRUE(runner.start());
  wait_for(runner);
  EXPECT_EQ(read(history), expected);
  SeriesQuery hour{EntityId("urn:ngsi-ld:T:1"), Name("speed"), begin + std::chrono::minutes(600),
                   begin + std::chrono::minutes(660)};
  EXPECT_EQ(history.samples(hour).value().size(), 60u);
}

}  // namespace
}  // namespace cityloop::twin
