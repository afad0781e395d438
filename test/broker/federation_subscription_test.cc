// Subscriptions that go on to sources, and what these tell: between whole brokers, and with sources that fail.
#include "test/broker/federation_fixture.h"

namespace cityloop::broker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string subscription(std::string_view endpoint, std::string_view more = "", std::string_view notification = "") {
  return fmt::format(R"({{"id":"urn:ngsi-ld:Subscription:mine","type":"Subscription","entities":[{{"type":"Bus"}}],
    "notification":{{"endpoint":{{"uri":"{}/told","accept":"application/json"}}{}}}{}}})",
                     endpoint, notification, more);
}

JsonValue body_of(const net::Request& request) {
  return JsonValue::parse(request.body).value_or(JsonValue{});
}

// Requests of one method to a path that begins so.
std::vector<net::Request> asked(const Source& source, net::Method method, std::string_view path) {
  auto all = source.seen();
  std::erase_if(all, [&](const net::Request& one) { return one.method != method || !one.path.starts_with(path); });
  return all;
}

// The values of `attribute` that a receiver was told, in order.
std::vector<std::string> told(const Source& receiver, std::string_view attribute) {
  std::vector<std::string> out;
  for (const net::Request& request : receiver.seen()) {
    const JsonValue body = body_of(request);
    for (const JsonValue& item : *body.find("data")->array()) out.push_back(value_of(item, attribute));
  }
  return out;
}

constexpr std::string_view kThere = "/ngsi-ld/v1/subscriptions";

TEST(ForwardedSubscriptions, WhatASourceTellsReachesTheSubscriberUnderItsOwnSubscription) {
  TestBroker here("here"), there("there");
  Source receiver;
  receiver.answers(200, "");
  here.registers("t", there.url(), "inclusive", R"("federationOps")", kBus, there.way_in());
  ASSERT_EQ(here.post("/subscriptions", subscription(receiver.url())).status, 201);
  ASSERT_TRUE(until([&] { return json_of(there.get("/subscriptions")).array()->size() == 1; }));
  there.creates(bus("urn:bus:1", property("speed", 30)));
  ASSERT_TRUE(until([&] { return receiver.seen().size() == 1; }));
  const JsonValue body = body_of(receiver.last());
  EXPECT_EQ(body.text_or("type", ""), "Notification");
  EXPECT_EQ(body.text_or("subscriptionId", ""), "urn:ngsi-ld:Subscription:mine");
  here.creates(bus("urn:bus:2", property("speed", 40)));  // what is here is told as ever
  ASSERT_TRUE(until([&] { return receiver.seen().size() == 2; }));
  EXPECT_THAT(told(receiver, "speed"), ElementsAre("30", "40"));
  EXPECT_EQ(
      json_of(here.get("/subscriptions/urn:ngsi-ld:Subscription:mine")).find("notification")->number_or("timesSent", 0),
      2);
  ASSERT_EQ(here.del("/subscriptions/urn:ngsi-ld:Subscription:mine").status, 204);
  EXPECT_TRUE(until([&] { return json_of(there.get("/subscriptions")).array()->empty(); }));
}

TEST(ForwardedSubscriptions, ASourceIsAskedForNoMoreThanItsRegistrationSays) {
  TestBroker broker;
  Source source, receiver;
  source.answers(201, "");
  broker.registers(
      "s", source.url(), "inclusive", R"("createSubscription")",
      R"({"entities":[{"type":"Bus","idPattern":"urn:bus:[12]"},{"type":"Tram"}],"propertyNames":["speed"]})");
  broker.registers("q", source.url(), "inclusive", R"("queryEntity")", kBus);  // takes no subscriptions
  ASSERT_EQ(
      broker
          .post("/subscriptions",
                subscription(receiver.url(), R"(,"watchedAttributes":["speed","seats"],"q":"speed>5","throttling":2)",
                             R"(,"attributes":["speed","seats"],"format":"concise")"))
          .status,
      201);
  ASSERT_TRUE(until([&] { return asked(source, net::Method::post, kThere).size() == 1; }));
  const net::Request request = asked(source, net::Method::post, kThere).front();
  EXPECT_EQ(request.header("via"), "1.1 here");
  const JsonValue body = body_of(request);
  EXPECT_EQ(body.text_or("type", ""), "Subscription");
  EXPECT_EQ(body.find("entities")->dump(), R"([{"type":"Bus","idPattern":"urn:bus:[12]"}])");
  EXPECT_EQ(body.find("watchedAttributes")->dump(), R"(["speed"])");
  EXPECT_EQ(body.text_or("q", ""), "speed>5");
  EXPECT_EQ(body.number_or("throttling", 0), 2);
  const JsonValue& notification = *body.find("notification");
  EXPECT_EQ(notification.find("attributes")->dump(), R"(["speed"])");
  EXPECT_EQ(notification.text_or("format", ""), "concise");
  EXPECT_THAT(notification.find("endpoint")->text_or("uri", ""), HasSubstr(broker.url()));
}

TEST(ForwardedSubscriptions, FollowWhatChangesHereAndWhoIsRegistered) {
  TestBroker broker;
  Source source, receiver;
  source.answers(
      [](const net::Request& request) { return Source::said(request.method == net::Method::post ? 201 : 204, ""); });
  ASSERT_EQ(broker.post("/subscriptions", subscription(receiver.url())).status, 201);
  broker.registers("s", source.url(), "redirect", R"("federationOps")", kBus);  // later than the subscription
  ASSERT_TRUE(until([&] { return asked(source, net::Method::post, kThere).size() == 1; }));
  const std::string remote = body_of(asked(source, net::Method::post, kThere).front()).text_or("id", "");
  const std::string mine = "/subscriptions/urn:ngsi-ld:Subscription:mine";
  ASSERT_EQ(broker.patch(mine, R"({"q":"speed>5","description":"new"})").status, 204);
  ASSERT_TRUE(until([&] { return asked(source, net::Method::patch, kThere).size() == 1; }));
  const net::Request change = asked(source, net::Method::patch, kThere).front();
  EXPECT_EQ(change.path, fmt::format("{}/{}", kThere, remote));
  EXPECT_EQ(body_of(change).text_or("q", ""), "speed>5");
  EXPECT_FALSE(body_of(change).find("id"));
  ASSERT_EQ(broker.patch(mine, R"({"q":null})").status, 204);
  ASSERT_TRUE(until([&] { return asked(source, net::Method::patch, kThere).size() == 2; }));
  EXPECT_THAT(asked(source, net::Method::patch, kThere).back().body, HasSubstr(R"("q":null)"));
  ASSERT_EQ(broker.del("/csourceRegistrations/urn:ngsi-ld:ContextSourceRegistration:s").status, 204);
  ASSERT_TRUE(until([&] { return asked(source, net::Method::del, kThere).size() == 1; }));
  EXPECT_EQ(asked(source, net::Method::del, kThere).front().path, fmt::format("{}/{}", kThere, remote));
}

TEST(ForwardedSubscriptions, ARestartForgetsNoneAndAsksForNoneTwice) {
  TestBroker broker;
  Source source, receiver;
  receiver.answers(200, "");
  std::atomic<bool> away{true};
  std::atomic<int> taken{0};
  source.answers([&](const net::Request&) {
    if (away) return Source::said(503, "");
    ++taken;
    return Source::said(201, "");
  });
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", kBus);
  ASSERT_EQ(broker.post("/subscriptions", subscription(receiver.url())).status, 201);
  ASSERT_TRUE(until([&] { return !asked(source, net::Method::post, kThere).empty(); }));
  broker.reopen([&] { away = false; });  // not done yet: tried again
  ASSERT_TRUE(until([&] { return taken == 1; }));
  const JsonValue body = body_of(asked(source, net::Method::post, kThere).back());
  const std::size_t made = source.seen().size();
  broker.reopen();  // done: nothing is asked again, and the address still holds
  const std::string uri = body.find("notification")->find("endpoint")->text_or("uri", "");
  const std::string token = uri.substr(uri.rfind('/') + 1);
  const auto took =
      broker.post("/sourceNotifications/" + token,
                  R"({"id":"urn:n:1","type":"Notification","subscriptionId":"x","notifiedAt":"2026-05-01T08:00:00Z",
      "data":[{"id":"urn:bus:1","type":"Bus","speed":{"type":"Property","value":7}}]})");
  EXPECT_EQ(took.status, 204) << took.body;
  ASSERT_TRUE(until([&] { return receiver.seen().size() == 1; }));
  EXPECT_THAT(told(receiver, "speed"), ElementsAre("7"));
  EXPECT_EQ(source.seen().size(), made);
  EXPECT_EQ(broker.post("/sourceNotifications/0123", "{}").status, 404);
}

TEST(ForwardedSubscriptions, OneThatIsForHereAloneOrCameFromThereGoesNowhere) {
  TestBroker broker;
  Source source, receiver;
  source.answers(201, "");
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", kBus, R"(,"contextSourceAlias":"there")");
  ASSERT_EQ(broker.post("/subscriptions?local=true", subscription(receiver.url())).status, 201);
  std::string other = subscription(receiver.url());
  other.replace(other.find(":mine"), 5, ":from");
  ASSERT_EQ(broker.post("/subscriptions", other, {{"Via", "1.1 there"}}).status, 201);
  std::string third = subscription(receiver.url());
  third.replace(third.find(":mine"), 5, ":free");
  ASSERT_EQ(broker.post("/subscriptions", third).status, 201);
  ASSERT_TRUE(until([&] { return !source.seen().empty(); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(source.seen().size(), 1u);
}

TEST(ForwardedSubscriptions, EntitiesSaidToBeSplitAreToldWhole) {
  TestBroker here("here"), there("there");
  Source receiver;
  receiver.answers(200, "");
  here.registers("t", there.url(), "inclusive", R"("federationOps")", kBus, there.way_in());
  here.creates(bus("urn:bus:1", property("seats", 40)));
  here.creates(bus("urn:bus:2", property("seats", 10)));
  ASSERT_EQ(here.post("/subscriptions", subscription(receiver.url(), R"(,"splitEntities":true,"q":"seats>20")",
                                                     R"(,"format":"simplified")"))
                .status,
            201);
  ASSERT_TRUE(until([&] { return json_of(there.get("/subscriptions")).array()->size() == 1; }));
  there.creates(bus("urn:bus:2", property("speed", 50)));
  there.creates(bus("urn:bus:1", property("speed", 30)));
  ASSERT_TRUE(until([&] { return !receiver.seen().empty(); }));
  const JsonValue body = body_of(receiver.last());
  EXPECT_EQ(body.find("data")->dump(), R"([{"id":"urn:bus:1","type":"Bus","seats":40,"speed":30}])");
}

}  // namespace
}  // namespace cityloop::broker
