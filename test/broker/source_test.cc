#include <algorithm>

#include "net/mqtt.h"
#include "test/broker/federation_fixture.h"
#include "test/net/broker.h"

namespace cityloop::broker {
namespace {

using testing::ElementsAre;

constexpr const char* kRoot = "/csourceSubscriptions";

std::string subscription(std::string_view endpoint, std::string_view more = "") {
  return fmt::format(R"({{"id":"urn:ngsi-ld:Subscription:1","type":"Subscription","entities":[{{"type":"Bus"}}],
    "notification":{{"endpoint":{{"uri":"{}/told","accept":"application/json"}}}}{}}})",
                     endpoint, more);
}

// What a subscriber was told: reason and the last letter of each registration's id.
std::vector<std::string> told(const Source& subscriber) {
  std::vector<std::string> out;
  for (const net::Request& request : subscriber.seen()) {
    const auto body = JsonValue::parse(request.body).value_or(JsonValue{});
    std::string line = body.text_or("triggerReason", "");
    for (const JsonValue& item : *body.find("data")->array()) line += fmt::format(" {}", item.text_or("id", "").back());
    out.push_back(std::move(line));
  }
  return out;
}

constexpr const char* kTram = R"({"entities":[{"type":"Tram"}]})";

TEST(SourceSubscriptions, TellOfSourcesThatComeChangeAndGo) {
  TestBroker broker;
  Source subscriber;
  subscriber.answers(204, "");
  broker.registers("a", "http://a", "inclusive", R"("federationOps")", kBus);
  broker.registers("t", "http://t", "inclusive", R"("federationOps")", kTram);
  ASSERT_EQ(broker.post(kRoot, subscription(subscriber.url())).status, 201);
  broker.registers("b", "http://b", "inclusive", R"("federationOps")", fmt::format("{},{}", kBus, kTram));
  const std::string b = "/csourceRegistrations/urn:ngsi-ld:ContextSourceRegistration:b";
  EXPECT_EQ(broker.patch(b, R"({"description":"new"})").status, 204);
  EXPECT_EQ(broker.patch(b, fmt::format(R"({{"information":[{}]}})", kTram)).status, 204);
  EXPECT_EQ(broker.patch(b, fmt::format(R"({{"information":[{}]}})", kBus)).status, 204);
  EXPECT_EQ(broker.del(b).status, 204);
  EXPECT_EQ(broker.del("/csourceRegistrations/urn:ngsi-ld:ContextSourceRegistration:t").status, 204);
  EXPECT_TRUE(until([&] { return subscriber.seen().size() >= 6; }));
  EXPECT_THAT(told(subscriber), ElementsAre("newlyMatching a", "newlyMatching b", "updated b", "noLongerMatching b",
                                            "newlyMatching b", "noLongerMatching b"));
  const JsonValue second = JsonValue::parse(subscriber.seen()[1].body).value();
  EXPECT_EQ(second.text_or("type", ""), "ContextSourceNotification");
  EXPECT_EQ(second.text_or("subscriptionId", ""), "urn:ngsi-ld:Subscription:1");
  EXPECT_EQ(second.find("data")->array()->front().find("information")->dump(), fmt::format("[{}]", kBus));
  EXPECT_TRUE(until([&] {
    const JsonValue shown = json_of(broker.get(std::string(kRoot) + "/urn:ngsi-ld:Subscription:1"));
    return shown.find("notification")->number_or("timesSent", 0) == 6 &&
           shown.find("notification")->text_or("status", "") == "ok";
  }));
}

TEST(SourceSubscriptions, WhatASubscriberDoesNotTakeIsTriedAgainInOrder) {
  TestBroker broker;
  Source subscriber;
  std::atomic<int> refused{0};
  subscriber.answers([&](const net::Request&) { return Source::said(refused++ == 0 ? 503 : 200, ""); });
  ASSERT_EQ(broker.post(kRoot, subscription(subscriber.url())).status, 201);
  broker.registers("a", "http://a", "inclusive", R"("federationOps")", kBus);
  broker.registers("b", "http://b", "inclusive", R"("federationOps")", kBus);
  const auto last = [&] { return told(subscriber).empty() ? std::string() : told(subscriber).back(); };
  EXPECT_TRUE(until([&] { return last() == "newlyMatching b"; }));
  // At least once: on a busy machine an answer may come too late to be believed.
  auto seen = told(subscriber);
  EXPECT_GE(std::ranges::count(seen, "newlyMatching a"), 2);
  seen.erase(std::ranges::unique(seen).begin(), seen.end());
  EXPECT_THAT(seen, ElementsAre("newlyMatching a", "newlyMatching b"));
}

TEST(SourceSubscriptions, AreKeptOverARestartAndToldAnew) {
  TestBroker broker;
  Source subscriber;
  subscriber.answers(200, "");
  broker.registers("a", "http://a", "inclusive", R"("federationOps")", kBus);
  ASSERT_EQ(broker.post(kRoot, subscription(subscriber.url())).status, 201);
  EXPECT_TRUE(until([&] { return subscriber.seen().size() == 1; }));
  broker.reopen();
  EXPECT_TRUE(until([&] { return subscriber.seen().size() == 2; }));
  EXPECT_THAT(told(subscriber), ElementsAre("newlyMatching a", "newlyMatching a"));
}

TEST(SourceSubscriptions, CountersOutliveARestart) {
  TestBroker broker;
  Source subscriber;
  subscriber.answers(200, "");
  broker.registers("a", "http://a", "inclusive", R"("federationOps")", kBus);
  ASSERT_EQ(broker.post(kRoot, subscription(subscriber.url())).status, 201);
  const auto sent = [&] {
    const JsonValue shown = json_of(broker.get(std::string(kRoot) + "/urn:ngsi-ld:Subscription:1"));
    return shown.find("notification")->number_or("timesSent", 0);
  };
  ASSERT_TRUE(until([&] { return sent() == 1; }));
  broker.reopen();
  EXPECT_TRUE(until([&] { return sent() == 2; }));  // told anew, and counted on
}

TEST(SourceSubscriptions, AskForSourcesOfWhichSomethingHolds) {
  TestBroker broker;
  Source subscriber;
  subscriber.answers(200, "");
  broker.registers("a", "http://a", "inclusive", R"("federationOps")", kBus, R"(,"trust":5)");
  broker.registers("b", "http://b", "inclusive", R"("federationOps")", kBus, R"(,"trust":1)");
  ASSERT_EQ(broker.post(kRoot, subscription(subscriber.url(), R"(,"csf":"trust>2")")).status, 201);
  ASSERT_TRUE(until([&] { return subscriber.seen().size() == 1; }));
  const std::string b = "/csourceRegistrations/urn:ngsi-ld:ContextSourceRegistration:b";
  ASSERT_EQ(broker.patch(b, R"({"trust":7})").status, 204);
  ASSERT_TRUE(until([&] { return subscriber.seen().size() == 2; }));
  ASSERT_EQ(broker.patch(b, R"({"trust":0})").status, 204);
  ASSERT_TRUE(until([&] { return subscriber.seen().size() == 3; }));
  EXPECT_THAT(told(subscriber), ElementsAre("newlyMatching a", "newlyMatching b", "noLongerMatching b"));
}

TEST(SourceSubscriptions, AreToldByMqttToo) {
  if (!net::Broker::available()) GTEST_SKIP() << "no " << net::Broker::kProgram << " on this machine";
  const auto mosquitto = net::Broker::start();
  ASSERT_TRUE(mosquitto);
  std::mutex mutex;
  std::vector<std::string> heard;
  net::MqttOptions options;
  options.port = mosquitto->port();
  options.client_id = fmt::format("sources-{}", ::getpid());
  options.subscriptions = {"sources/#"};
  options.on_messages = [&](std::vector<net::MqttMessage> batch) {
    const std::lock_guard lock(mutex);
    for (const auto& message : batch) heard.push_back(message.payload);
    return true;
  };
  const auto listener = net::MqttClient::start(std::move(options)).value();
  ASSERT_TRUE(until([&] { return listener->connected(); }));
  TestBroker broker;
  broker.registers("a", "http://a", "inclusive", R"("federationOps")", kBus);
  const std::string uri = fmt::format("mqtt://127.0.0.1:{}/sources", mosquitto->port());
  ASSERT_EQ(broker.post(kRoot, subscription(uri)).status, 201);
  ASSERT_TRUE(until([&] {
    const std::lock_guard lock(mutex);
    return !heard.empty();
  }));
  const JsonValue message = JsonValue::parse(heard.front()).value();
  EXPECT_EQ(message.find("metadata")->text_or("Content-Type", ""), "application/json");
  const JsonValue& body = *message.find("body");
  EXPECT_EQ(body.text_or("type", ""), "ContextSourceNotification");
  EXPECT_EQ(body.text_or("triggerReason", ""), "newlyMatching");
  EXPECT_EQ(body.text_or("subscriptionId", ""), "urn:ngsi-ld:Subscription:1");
  EXPECT_EQ(body.find("data")->array()->size(), 1u);
}

TEST(SourceSubscriptions, AreToldPeriodicallyWhereTheyAskForIt) {
  TestBroker broker;
  Source subscriber;
  subscriber.answers(200, "");
  broker.registers("a", "http://a", "inclusive", R"("federationOps")", kBus);
  ASSERT_EQ(broker.post(kRoot, subscription(subscriber.url(), R"(,"timeInterval":1)")).status, 201);
  EXPECT_TRUE(until([&] { return subscriber.seen().size() >= 2; }));
  EXPECT_EQ(told(subscriber).front(), "newlyMatching a");
  EXPECT_EQ(told(subscriber).at(1), "updated a");
}

TEST(SourceSubscriptions, CanBeListedChangedPausedAndTakenAway) {
  TestBroker broker;
  Source subscriber;
  subscriber.answers(200, "");
  ASSERT_EQ(broker.post(kRoot, subscription(subscriber.url(), R"(,"description":"old")")).status, 201);
  EXPECT_EQ(broker.post(kRoot, subscription(subscriber.url())).status, 409);
  const std::string one = std::string(kRoot) + "/urn:ngsi-ld:Subscription:1";
  EXPECT_EQ(json_of(broker.get(kRoot)).array()->size(), 1u);
  EXPECT_EQ(json_of(broker.get(one)).text_or("status", ""), "active");
  EXPECT_EQ(broker.patch(one, R"({"isActive":false,"description":null})").status, 204);
  EXPECT_EQ(json_of(broker.get(one)).text_or("status", ""), "paused");
  EXPECT_FALSE(json_of(broker.get(one)).find("description"));
  broker.registers("a", "http://a", "inclusive", R"("federationOps")", kBus);
  EXPECT_EQ(broker.patch(one, R"({"isActive":true})").status, 204);
  EXPECT_TRUE(until([&] { return !subscriber.seen().empty(); }));
  EXPECT_THAT(told(subscriber), ElementsAre("newlyMatching a"));  // once, when it went on
  EXPECT_EQ(broker.patch(std::string(kRoot) + "/urn:no:1", R"({"isActive":true})").status, 404);
  EXPECT_EQ(broker.del(one).status, 204);
  EXPECT_EQ(broker.del(one).status, 404);
  EXPECT_EQ(broker.get(one).status, 404);
  for (const char* bad : {"{", "[]", R"({"type":"Subscription"})", R"({"type":"Other"})"}) {
    EXPECT_EQ(broker.post(kRoot, bad).status, 400) << bad;
  }
}

TEST(SourceIdentity, SaysWhoThisBrokerIs) {
  TestBroker broker("lepus");
  broker.clock().advance_to(broker.clock().now() + std::chrono::seconds(90061));
  const JsonValue body = json_of(broker.get("/info/sourceIdentity"));
  EXPECT_EQ(body.text_or("type", ""), "ContextSourceIdentity");
  EXPECT_EQ(body.text_or("contextSourceAlias", ""), "lepus");
  EXPECT_EQ(body.text_or("contextSourceUptime", ""), "P1DT1H1M1S");
  EXPECT_EQ(body.text_or("contextSourceTimeAt", ""), "2026-05-02T09:01:01Z");
}

}  // namespace
}  // namespace cityloop::broker
