// What must come through although the broker was not there for a while, and that much comes through in order.
#include <filesystem>

#include "test/net/mqtt_fixture.h"

namespace cityloop::net {
namespace {

// A broker that writes its sessions down when it ends and reads them when it begins.
class MqttRestartTest : public MqttTest {
 protected:
  void SetUp() override {
    if (!Broker::available()) GTEST_SKIP() << "no " << Broker::kProgram << " on this machine (apt install mosquitto)";
    static std::atomic<int> count{0};
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-broker-kept-{}-{}", ::getpid(), ++count);
    std::filesystem::create_directories(folder_);
    broker_ = Broker::start(fmt::format("persistence true\npersistence_location {}/", folder_.string()));
    ASSERT_TRUE(broker_);
  }
  void TearDown() override {
    broker_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::filesystem::path folder_;
};

TEST_F(MqttRestartTest, NothingIsLostWhenTheBrokerRestartsUnderTraffic) {
  constexpr int kRestarts = 3, kEach = 2000, kCount = kRestarts * kEach;
  Inbox inbox;
  std::atomic<int> taken{0}, refused{0};  // outlive the client that counts in them
  const auto subscriber = connect(options("s", &inbox));
  const auto publisher = connect(options("p"));
  for (int restart = 0; restart < kRestarts; ++restart) {
    ASSERT_TRUE(soon([&] { return subscriber->connected() && publisher->connected(); }));
    for (int i = 0; i < kEach; ++i) {
      publisher->publish("t/x", fmt::format("message {}", restart * kEach + i),
                         [&](bool ok) { ++(ok ? taken : refused); });
    }
    ASSERT_TRUE(soon([&] { return taken > restart * kEach + 100; })) << "some of them are on their way";
    broker_->end(SIGTERM);
    ASSERT_TRUE(soon([&] { return !subscriber->connected() && !publisher->connected(); }));
    ASSERT_TRUE(broker_->begin()) << "on the same port";
  }
  ASSERT_TRUE(soon([&] { return taken == kCount; })) << taken << " taken, " << refused << " refused";
  ASSERT_TRUE(soon([&] { return inbox.different().size() == std::size_t(kCount); })) << inbox.different().size();
  EXPECT_EQ(inbox.different(), numbers(kCount));
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(publisher->stats().published, std::uint64_t(kCount));
  EXPECT_EQ(subscriber->stats().disconnects, std::uint64_t(kRestarts));
  EXPECT_EQ(subscriber->stats().connects, std::uint64_t(kRestarts) + 1);
}

TEST_F(MqttRestartTest, WhatWaitedForAnAbsentSubscriberOutlivesTheBrokersRestart) {
  leave_session("s");
  publish_all(500);
  broker_->end(SIGTERM);
  ASSERT_TRUE(broker_->begin());
  Inbox inbox;
  const auto subscriber = connect(options("s", &inbox));
  ASSERT_TRUE(soon([&] { return inbox.size() == 500; })) << inbox.size();
  EXPECT_EQ(inbox.different(), numbers(500));
}

TEST_F(MqttRestartTest, WhatIsPublishedBeforeTheBrokerIsThereArrivesInOrder) {
  leave_session("s");
  broker_->end(SIGTERM);
  std::atomic<int> taken{0};
  const auto early = MqttClient::start(options("early")).value();
  for (int i = 0; i < 200; ++i) {
    early->publish("t/x", fmt::format("message {}", i), [&](bool ok) { taken += ok; });
  }
  ASSERT_TRUE(soon([&] { return !early->stats().last_error.empty(); }));
  EXPECT_EQ(taken, 0);
  EXPECT_EQ(early->stats().connects, 0u);
  ASSERT_TRUE(broker_->begin());
  ASSERT_TRUE(soon([&] { return taken == 200; })) << taken;
  Inbox inbox;
  const auto subscriber = connect(options("s", &inbox));
  ASSERT_TRUE(soon([&] { return inbox.size() == 200; })) << inbox.size();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(inbox.payloads[std::size_t(i)], fmt::format("message {}", i));
}

TEST_F(MqttTest, TwentyThousandArriveEachOnceAndInOrder) {
  constexpr std::size_t kCount = 20'000;
  Inbox inbox;
  std::atomic<std::size_t> taken{0}, refused{0};
  const auto subscriber = connect(options("s", &inbox));
  const auto publisher = connect(options("p"));
  for (std::size_t i = 0; i < kCount; ++i) {
    // Ahead of the broker by less than the queue holds.
    ASSERT_TRUE(soon([&] { return i - taken < 5'000; }, 60s));
    publisher->publish("t/x", fmt::format("message {}", i), [&](bool ok) { ++(ok ? taken : refused); });
  }
  ASSERT_TRUE(soon([&] { return inbox.size() >= kCount; }, 60s)) << inbox.size();
  ASSERT_TRUE(soon([&] { return subscriber->stats().acknowledged == kCount; }));
  ASSERT_TRUE(soon([&] { return taken == kCount; })) << taken;
  EXPECT_EQ(inbox.size(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) ASSERT_EQ(inbox.payloads[i], fmt::format("message {}", i));
  EXPECT_EQ(refused, 0u);
  EXPECT_LT(inbox.batches.size(), kCount) << "some came together";
}

}  // namespace
}  // namespace cityloop::net
