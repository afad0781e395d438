// A broker of its own for each test, a receiver that remembers what it was given, and patience.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "net/mqtt.h"
#include "test/net/broker.h"

namespace cityloop::net {

using namespace std::chrono_literals;

template <class Condition>
bool soon(Condition&& holds, std::chrono::milliseconds patience = 20s) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

// Long enough for the broker to take an acknowledgement that left too early.
inline constexpr auto kTimeToBetray = 50ms;

// What a receiver was given, in order; it may be told to refuse.
struct Inbox {
  std::mutex mutex;
  std::vector<std::string> payloads;
  std::vector<std::size_t> batches;
  std::vector<MqttMessage> messages;
  std::atomic<int> refuse_next{0};

  auto receiver() {
    return [this](std::vector<MqttMessage> batch) {
      const std::lock_guard lock(mutex);
      batches.push_back(batch.size());
      if (refuse_next > 0) {
        std::this_thread::sleep_for(kTimeToBetray);
        return --refuse_next, false;
      }
      for (MqttMessage& message : batch) {
        payloads.push_back(message.payload);
        messages.push_back(std::move(message));
      }
      return true;
    };
  }
  std::size_t size() {
    const std::lock_guard lock(mutex);
    return payloads.size();
  }
  std::set<std::string> different() {
    const std::lock_guard lock(mutex);
    return {payloads.begin(), payloads.end()};
  }
};

inline std::set<std::string> numbers(int count) {
  std::set<std::string> out;
  for (int i = 0; i < count; ++i) out.insert(fmt::format("message {}", i));
  return out;
}

class MqttTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Broker::available()) GTEST_SKIP() << "no " << Broker::kProgram << " on this machine (apt install mosquitto)";
    broker_ = Broker::start();
    ASSERT_TRUE(broker_);
  }
  MqttOptions options(std::string client_id, Inbox* inbox = nullptr, std::vector<std::string> filters = {"t/#"}) const {
    MqttOptions out;
    out.port = broker_->port();
    out.client_id = std::move(client_id);
    if (inbox) {
      out.subscriptions = std::move(filters);
      out.on_messages = inbox->receiver();
    }
    return out;
  }
  std::unique_ptr<MqttClient> connect(MqttOptions options) {
    auto client = MqttClient::start(std::move(options)).value();
    EXPECT_TRUE(soon([&] { return client->connected(); })) << client->stats().last_error;
    return client;
  }
  // Publishes and waits until the broker has all of it.
  void publish_all(int count, const std::string& topic = "t/x") {
    std::atomic<int> taken{0};
    const auto publisher = connect(options("publisher"));
    for (int i = 0; i < count; ++i) {
      publisher->publish(topic, fmt::format("message {}", i), [&](bool ok) { taken += ok; });
    }
    ASSERT_TRUE(soon([&] { return taken == count; })) << taken;
  }
  // A session that the broker keeps, with its subscription, so that nothing published later is missed.
  void leave_session(const std::string& client_id) {
    Inbox inbox;
    connect(options(client_id, &inbox));
  }
  std::unique_ptr<Broker> broker_;
};

}  // namespace cityloop::net
