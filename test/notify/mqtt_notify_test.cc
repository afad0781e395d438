// Notifications by MQTT, to a real broker (ETSI GS CIM 009, clause 7).
#include <gmock/gmock.h>

#include "net/mqtt.h"
#include "test/net/broker.h"
#include "test/notify/notify_fixture.h"

namespace cityloop::notify {
namespace {

class MqttNotifyTest : public NotifyFixture {
 protected:
  void SetUp() override {
    if (!net::Broker::available()) GTEST_SKIP() << "no " << net::Broker::kProgram << " on this machine";
    broker_ = net::Broker::start();
    ASSERT_TRUE(broker_);
  }
  void TearDown() override {
    stop();
    listener_.reset();
  }
  void listen() {
    net::MqttOptions options;
    options.port = broker_->port();
    options.client_id = fmt::format("listener-{}", ::getpid());
    options.subscriptions = {"city/#"};
    options.on_messages = [this](std::vector<net::MqttMessage> batch) {
      const std::lock_guard lock(mutex_);
      for (auto& message : batch) heard_.push_back(std::move(message));
      return true;
    };
    listener_ = net::MqttClient::start(std::move(options)).value();
    ASSERT_TRUE(soon([&] { return listener_->connected(); }));
  }
  std::vector<net::MqttMessage> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  std::string url(std::string_view topic) const {
    return fmt::format("mqtt://127.0.0.1:{}/{}", broker_->port(), topic);
  }

  std::unique_ptr<net::Broker> broker_;
  std::unique_ptr<net::MqttClient> listener_;
  std::mutex mutex_;
  std::vector<net::MqttMessage> heard_;
};

TEST_F(MqttNotifyTest, EachVersionAndQualityOfServiceIsSpoken) {
  listen();
  start();
  int expected = 0;
  for (const char* version : {"mqtt3.1.1", "mqtt5.0"}) {
    for (const char* qos : {"0", "1", "2"}) {
      subscribe(definition(fmt::format("urn:s:{}", expected), url(fmt::format("city/{}", expected)),
                           R"("entities":[{"type":"TrafficFlowObserved"}])",
                           fmt::format(R"("receiverInfo":[{{"key":"X-Key","value":"open"}}],
            "notifierInfo":[{{"key":"MQTT-Version","value":"{}"}},{{"key":"MQTT-QoS","value":"{}"}}])",
                                       version, qos)));
      ++expected;
    }
  }
  for (int i = 0; i < 20; ++i) speed(i);
  ASSERT_TRUE(soon([&] { return heard().size() >= std::size_t(20 * expected); })) << heard().size();
  std::map<std::string, std::vector<double>> values;
  for (const net::MqttMessage& message : heard()) {
    const auto payload = base::JsonValue::parse(message.payload).value();
    ASSERT_TRUE(payload.find("metadata") && payload.find("body"));
    EXPECT_EQ(payload.find("metadata")->text_or("Content-Type", ""), "application/json");
    EXPECT_EQ(payload.find("metadata")->text_or("X-Key", ""), "open");
    EXPECT_TRUE(payload.find("metadata")->find("Link"));
    const auto& entity = payload.find("body")->find("data")->array()->front();
    values[message.topic].push_back(entity.find("speed")->number_or("value", -1));
  }
  std::vector<double> all;
  for (int i = 0; i < 20; ++i) all.push_back(i);
  EXPECT_EQ(values.size(), std::size_t(expected));
  for (const auto& [topic, mine] : values) EXPECT_EQ(mine, all) << topic;
}

TEST_F(MqttNotifyTest, ABrokerThatWasAwayIsToldAllWhenItIsBack) {
  start();
  broker_->end();
  const auto subscribe_as = [&](bool active) {
    subscribe(definition(kSub, url("city/x"),
                         fmt::format(R"("entities":[{{"type":"TrafficFlowObserved"}}],"isActive":{})", active),
                         R"("notifierInfo":[{"key":"MQTT-QoS","value":"1"}],"timeout":500)"));
  };
  subscribe_as(true);
  for (int i = 0; i < 30; ++i) speed(i);
  ASSERT_TRUE(soon([&] { return status().times_failed >= 2; }));
  subscribe_as(false);  // until somebody listens there: what a broker takes before goes to nobody
  ASSERT_TRUE(broker_->begin());
  listen();
  subscribe_as(true);
  ASSERT_TRUE(soon([&] { return heard().size() >= 30 && all_told(); })) << heard().size() << status().last_error;
}

}  // namespace
}  // namespace cityloop::notify
