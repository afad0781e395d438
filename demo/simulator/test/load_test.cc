#include "demo/simulator/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cityloop::demo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Instant kStart = *base::parse_time("2026-05-01T08:00:00Z");

TEST(Load, GivesExactlyWhatWasAskedFor) {
  LoadOptions options;
  options.messages_per_s = 5000;
  options.count = 12'345;
  Load load(options, kStart, {"noise-01", "noise-02"});
  EXPECT_EQ(load.advance(kStart + seconds(1)).size(), 5000u);
  EXPECT_FALSE(load.done());
  EXPECT_EQ(load.advance(kStart + seconds(1)).size(), 0u);
  EXPECT_EQ(load.advance(kStart + seconds(10)).size(), 7345u);
  EXPECT_TRUE(load.done());
  EXPECT_TRUE(load.advance(kStart + seconds(20)).empty());
}

TEST(Load, EveryReadingHasItsOwnTimeAndSomeAreLoud) {
  LoadOptions options;
  options.messages_per_s = 1000;
  options.loud_every = 100;
  Load load(options, kStart, {"noise-01", "noise-02"});
  std::set<Message, decltype([](const Message& a, const Message& b) {
             return std::tie(a.topic, a.payload) < std::tie(b.topic, b.payload);
           })>
      seen;
  int loud = 0;
  for (Message& message : load.advance(kStart + seconds(2))) {
    loud += message.payload.contains("\"LAeq\":110");
    seen.insert(std::move(message));
  }
  EXPECT_EQ(seen.size(), 2000u);
  EXPECT_EQ(loud, 20);
}

TEST(Load, WithoutSensorsOrRateThereIsNone) {
  EXPECT_TRUE(Load({.messages_per_s = 10}, kStart, {}).advance(kStart + seconds(1)).empty());
  EXPECT_TRUE(Load({}, kStart, {"noise-01"}).advance(kStart + seconds(1)).empty());
}

}  // namespace
}  // namespace cityloop::demo
