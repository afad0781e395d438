// Receivers that do not want what they are told, and logs that are too short for receivers who stay away: what is lost,
// what is not, and that it is said.
#include <gmock/gmock.h>

#include "test/notify/notify_fixture.h"

namespace cityloop::notify {
namespace {

using testing::HasSubstr;

constexpr const char* kTraffic = R"("entities":[{"type":"TrafficFlowObserved"}])";

class RefusalTest : public NotifyFixture {
 protected:
  void tells_all(int n) {
    subscribe(definition(kSub, receiver_.url(), kTraffic));
    for (int i = 0; i < n; ++i) speed(i);
    settle();
  }
};

TEST_F(RefusalTest, WhatIsNotWantedIsAskedAFewTimesAndTheNextIsTold) {
  std::atomic<int> asked{0};
  receiver_.refuse([&](const net::Request& request) {
    if (request.body.find(R"("value":3})") == std::string::npos) return 0;
    ++asked;
    return 400;
  });
  start();
  tells_all(10);
  ASSERT_TRUE(soon([&] { return all_told(); }));
  EXPECT_EQ(receiver_.values("speed"), (std::vector<double>{0, 1, 2, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(asked, delivery_.refusals_max);
  const DeliveryStatus now = status();
  EXPECT_EQ(now.refused, 1u);
  EXPECT_EQ(now.times_failed, std::uint64_t(delivery_.refusals_max));
  EXPECT_EQ(now.times_sent, 9u + now.times_failed);
  EXPECT_FALSE(now.failing) << "the last one was taken";
  EXPECT_NE(now.last_failure, flow::kNever);
}

TEST_F(RefusalTest, WhoWantsNothingAtAllIsAskedOnceForEachAndNotForEver) {
  receiver_.refuse([](const net::Request&) { return 404; });
  delivery_.box_max = 16;
  start();
  tells_all(200);
  ASSERT_TRUE(soon([&] { return all_told(); }));
  const DeliveryStatus now = status();
  EXPECT_EQ(now.refused, 200u);
  EXPECT_TRUE(now.failing);
  EXPECT_THAT(now.last_error, HasSubstr("404"));
  EXPECT_LE(receiver_.requests, 200 + delivery_.refusals_max * int(delivery_.under_way_max));
  stop();
  reopen();
  receiver_.refuse({});
  start();
  speed(1000);
  ASSERT_TRUE(soon([&] { return receiver_.values("speed").size() == 1; }));
  EXPECT_EQ(status().refused, 200u) << "counters outlive a restart";
  EXPECT_TRUE(soon([&] { return !status().failing; })) << "what it got counts once its answer has come back";
}

TEST_F(RefusalTest, WhoSaysLaterIsToldLater) {
  for (const int later : {408, 425, 429, 500, 503}) {
    std::atomic<int> left{6};
    receiver_.refuse([&](const net::Request&) { return left-- > 0 ? later : 0; });
    start();
    subscribe(definition(kSub, receiver_.url(), kTraffic));
    const std::size_t before = receiver_.entities().size();
    speed(later);
    ASSERT_TRUE(soon([&] { return receiver_.entities().size() == before + 1; })) << later;
    EXPECT_EQ(status().refused, 0u) << later;
    stop();
  }
}

TEST_F(RefusalTest, TheCooldownOfAnEndpointHoldsAfterARefusalToo) {
  receiver_.refuse([](const net::Request&) { return 403; });
  start();
  subscribe(definition(kSub, receiver_.url(), kTraffic, R"("cooldown":60)"));
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) speed(i);
  ASSERT_TRUE(soon([&] { return status().refused == 5; }));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(5 * 60));
}

class ShortLogTest : public NotifyFixture {
 protected:
  // A log in files of 8 kB, trimmed at every snapshot.
  void keep(const twin::LogRetention& retention) {
    options_.keep_log = retention;
    options_.snapshot_every = std::chrono::milliseconds(10);
    options_.tail_records_max = 32;  // what is in memory would be told from there
    twin_.reset();
    store_.reset();
    store::StoreOptions how;
    how.log_file_max_bytes = 8u << 10;
    store_ = store::Store::open(folder_.string(), how).value();
    twin_ = twin::Twin::open(*store_, clock_, options_).value();
  }
  // Writes until the log has been trimmed, or so much that it would have been.
  void write_much(int& number) {
    for (int i = 0; i < 600; ++i) speed(number++);
    settle();
    runner_->run_inside([](twin::Outbox&) {});  // a checkpoint
    for (int i = 0; i < 100 && store_->first_seq() < 400; ++i) {
      speed(number++);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    settle();
  }
};

TEST_F(ShortLogTest, IsKeptForThoseWhoHaveNotBeenToldYet) {
  keep({.keep_for = {}, .keep_bytes = 16u << 10, .bytes_max = {}});
  delivery_.box_max = 16;
  receiver_.feel(Receiver::Mood::refuses);
  start();
  subscribe(definition(kSub, receiver_.url(), kTraffic));
  int number = 0;
  write_much(number);
  EXPECT_LE(store_->first_seq(), 20u) << "its subscriber has read no further";
  receiver_.feel(Receiver::Mood::takes);
  ASSERT_TRUE(soon([&] { return receiver_.values("speed").size() == std::size_t(number) && all_told(); }));
  EXPECT_TRUE(status().loss.empty());
  write_much(number);
  EXPECT_GT(store_->first_seq(), 20u) << "nobody needs the beginning any more";
}

TEST_F(ShortLogTest, IsCutAtItsBoundAndWhoLostSomethingIsToldSo) {
  keep({.keep_for = {}, .keep_bytes = {}, .bytes_max = 24u << 10});
  delivery_.box_max = 16;
  receiver_.feel(Receiver::Mood::refuses);
  start();
  subscribe(definition(kSub, receiver_.url(), kTraffic));
  int number = 0;
  write_much(number);
  ASSERT_GT(store_->first_seq(), 20u);
  receiver_.feel(Receiver::Mood::takes);
  ASSERT_TRUE(soon([&] { return all_told(); }));
  const auto told = receiver_.values("speed");
  EXPECT_LT(told.size(), std::size_t(number));
  EXPECT_EQ(told.back(), number - 1);
  EXPECT_TRUE(status().failing);
  EXPECT_THAT(status().loss, HasSubstr("of the log were removed before they could be told"));
  stop();
  start();
  EXPECT_TRUE(soon([&] { return !status().loss.empty() && all_told(); })) << "a restart does not hide it";
  subscribe(definition(kSub, receiver_.url(), kTraffic));
  EXPECT_TRUE(status().loss.empty()) << "until somebody has taken it in hand";
  EXPECT_FALSE(status().failing);
}

}  // namespace
}  // namespace cityloop::notify
