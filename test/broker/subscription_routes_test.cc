// Subscriptions over the wire: made, shown in each caller's words, changed, removed; and told as they ask.
#include "broker/subscription_routes.h"

#include "test/broker/federation_fixture.h"

namespace cityloop::broker {
namespace {

using testing::HasSubstr;

constexpr const char* kRoot = "/subscriptions";
constexpr const char* kId = "urn:ngsi-ld:Subscription:1";
constexpr const char* kContextUrl = "http://example.org/traffic.jsonld";
constexpr const char* kContext =
    R"({"@context":{"Lorry":"https://example.org/Lorry","pace":"https://example.org/pace"}})";

// A broker that knows one @context of the web.
class TellingBroker final : public TestBroker {
 public:
  TellingBroker() { publish(kContextUrl, kContext); }

  JsonValue shown(std::string_view id = kId, Headers headers = {}) {
    return json_of(get(fmt::format("{}/{}", kRoot, id), std::move(headers)));
  }
  void creates(std::string body, Headers headers = {}) {
    const auto response = post("/entities", std::move(body), std::move(headers));
    ASSERT_EQ(response.status, 201) << response.body;
  }
};

std::string subscription(std::string_view endpoint, std::string_view more = R"("entities":[{"type":"Bus"}])",
                         std::string_view of_endpoint = "", std::string_view id = kId) {
  return fmt::format(R"({{"id":"{}","type":"Subscription",{},"notification":{{"endpoint":{{"uri":"{}/n"{}}}}}}})", id,
                     more, endpoint, of_endpoint);
}

Headers linked() {
  return {{"Link", fmt::format(R"(<{}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json")",
                               kContextUrl)}};
}

TEST(Subscriptions, AreMadeShownAndRemoved) {
  TellingBroker broker;
  const auto made = broker.ask(net::Method::post, kRoot, subscription("http://127.0.0.1:9"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(text_of(made, "location"), fmt::format("/ngsi-ld/v1/subscriptions/{}", kId));
  EXPECT_EQ(broker.ask(net::Method::post, kRoot, subscription("http://127.0.0.1:9")).status, 409);
  const JsonValue shown = broker.shown();
  EXPECT_EQ(shown.text_or("id", ""), kId);
  EXPECT_EQ(shown.text_or("type", ""), "Subscription");
  EXPECT_EQ(shown.text_or("status", ""), "active");
  EXPECT_EQ(shown.find("entities")->dump(), R"([{"type":"Bus"}])");
  EXPECT_FALSE(shown.find("createdAt"));
  const auto with = json_of(broker.ask(net::Method::get, fmt::format("{}/{}?options=sysAttrs", kRoot, kId)));
  EXPECT_TRUE(with.find("createdAt") && with.find("modifiedAt"));
  EXPECT_EQ(broker.ask(net::Method::del, fmt::format("{}/{}", kRoot, kId)).status, 204);
  EXPECT_EQ(broker.ask(net::Method::del, fmt::format("{}/{}", kRoot, kId)).status, 404);
  EXPECT_EQ(broker.ask(net::Method::get, fmt::format("{}/{}", kRoot, kId)).status, 404);
  EXPECT_EQ(broker.ask(net::Method::get, fmt::format("{}/no-uri", kRoot)).status, 400);
  const auto anonymous = broker.ask(
      net::Method::post, kRoot,
      R"({"type":"Subscription","entities":[{"type":"Bus"}],"notification":{"endpoint":{"uri":"http://127.0.0.1:9/n"}}})");
  ASSERT_EQ(anonymous.status, 201) << anonymous.body;
  const std::string where = text_of(anonymous, "location");
  EXPECT_EQ(broker.ask(net::Method::get, where.substr(where.find("/subscriptions"))).status, 200);
}

TEST(Subscriptions, AreListedPageByPage) {
  TellingBroker broker;
  for (int i = 0; i < 5; ++i) {
    const auto text =
        subscription("http://127.0.0.1:9", R"("entities":[{"type":"Bus"}])", "", fmt::format("urn:s:{}", i));
    ASSERT_EQ(broker.ask(net::Method::post, kRoot, text).status, 201);
  }
  const auto page = broker.ask(net::Method::get, fmt::format("{}?limit=2&offset=1&count=true", kRoot));
  EXPECT_EQ(text_of(page, "ngsild-results-count"), "5");
  const JsonValue list = json_of(page);
  ASSERT_EQ(list.array()->size(), 2u);
  EXPECT_EQ(list.array()->front().text_or("id", ""), "urn:s:1");
  EXPECT_EQ(broker.ask(net::Method::get, fmt::format("{}?limit=-1", kRoot)).status, 400);
}

TEST(Subscriptions, ThatAreWrongAreRefusedWithAReason) {
  TellingBroker broker;
  const std::pair<std::string, const char*> wrong[] = {
      {"{", "InvalidRequest"},
      {subscription("http://127.0.0.1:9", R"("entities":[])"), "BadRequestData"},
      {subscription("http://127.0.0.1:9", R"("entities":[{"type":"Bus"}],"expiresAt":"2020-01-01T00:00:00Z")"),
       "BadRequestData"},
      {subscription("http://127.0.0.1:9", R"("entities":[{"type":"Bus"}],"q":"a=<")"), "BadRequestData"},
      {subscription("gopher://x"), "BadRequestData"},
  };
  for (const auto& [body, word] : wrong) {
    const auto response = broker.ask(net::Method::post, kRoot, body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(json_of(response).text_or("type", ""), HasSubstr(word)) << body;
  }
}

TEST(Subscriptions, ChangeByFragments) {
  TellingBroker broker;
  ASSERT_EQ(broker
                .ask(net::Method::post, kRoot,
                     subscription("http://127.0.0.1:9", R"("entities":[{"type":"Bus"}],"q":"a>1","description":"d")"))
                .status,
            201);
  const std::string path = fmt::format("{}/{}", kRoot, kId);
  EXPECT_EQ(broker.ask(net::Method::patch, path, R"({"isActive":false,"q":null,"description":"e"})").status, 204);
  JsonValue shown = broker.shown();
  EXPECT_EQ(shown.text_or("status", ""), "paused");
  EXPECT_EQ(shown.text_or("description", ""), "e");
  EXPECT_FALSE(shown.find("q"));
  EXPECT_EQ(broker.ask(net::Method::patch, path, R"({"entities":null})").status, 400);
  EXPECT_EQ(broker.ask(net::Method::patch, path, R"({"id":"urn:other:1"})").status, 400);
  EXPECT_EQ(broker.ask(net::Method::patch, path, R"({"expiresAt":"2020-01-01T00:00:00Z"})").status, 400);
  EXPECT_EQ(broker.ask(net::Method::patch, fmt::format("{}/urn:s:none", kRoot), R"({"isActive":true})").status, 404);
  shown = broker.shown();
  EXPECT_TRUE(shown.find("entities"));
}

TEST(Subscriptions, SpeakTheWordsOfTheirMaker) {
  TellingBroker broker;
  Source subscriber;
  subscriber.answers(204, "");
  const std::string more = R"("entities":[{"type":"Lorry"}],"watchedAttributes":["pace"],"q":"pace>10")";
  ASSERT_EQ(broker.ask(net::Method::post, kRoot, subscription(subscriber.url(), more), linked()).status, 201);
  broker.creates(R"({"id":"urn:ngsi-ld:Lorry:1","type":"Lorry","pace":{"type":"Property","value":50}})");
  broker.creates(R"({"id":"urn:ngsi-ld:Lorry:2","type":"Lorry","pace":{"type":"Property","value":5}})", linked());
  broker.creates(R"({"id":"urn:ngsi-ld:Lorry:3","type":"Lorry","pace":{"type":"Property","value":50}})", linked());
  ASSERT_TRUE(until([&] { return !subscriber.seen().empty(); }));
  const net::Request told = subscriber.last();
  EXPECT_THAT(std::string(told.header("link")), HasSubstr(kContextUrl));
  const JsonValue body = JsonValue::parse(told.body).value();
  ASSERT_EQ(body.find("data")->array()->size(), 1u);
  const JsonValue& lorry = body.find("data")->array()->front();
  EXPECT_EQ(lorry.text_or("id", ""), "urn:ngsi-ld:Lorry:3");
  EXPECT_EQ(lorry.text_or("type", ""), "Lorry");
  EXPECT_EQ(value_of(lorry, "pace"), "50");
  EXPECT_EQ(subscriber.seen().size(), 1u);
  EXPECT_EQ(broker.shown(kId, linked()).find("watchedAttributes")->dump(), R"(["pace"])");
  EXPECT_EQ(broker.shown().find("watchedAttributes")->dump(), R"(["https://example.org/pace"])");
}

TEST(Subscriptions, ExpireAndAreAwakenedByALaterEnd) {
  TellingBroker broker;
  Source subscriber;
  subscriber.answers(204, "");
  const std::string more = R"("entities":[{"type":"Bus"}],"expiresAt":"2026-05-01T09:00:00Z")";
  ASSERT_EQ(broker.ask(net::Method::post, kRoot, subscription(subscriber.url(), more)).status, 201);
  EXPECT_EQ(broker.shown().text_or("status", ""), "active");
  broker.clock().advance_to(broker.clock().now() + std::chrono::hours(2));
  EXPECT_EQ(broker.shown().text_or("status", ""), "expired");
  broker.creates(R"({"id":"urn:ngsi-ld:Bus:1","type":"Bus","speed":{"type":"Property","value":1}})");
  const std::string path = fmt::format("{}/{}", kRoot, kId);
  EXPECT_EQ(broker.ask(net::Method::patch, path, R"({"expiresAt":"2026-05-01T09:30:00Z"})").status, 400);
  ASSERT_EQ(broker.ask(net::Method::patch, path, R"({"expiresAt":"2026-05-02T00:00:00Z"})").status, 204);
  EXPECT_EQ(broker.shown().text_or("status", ""), "active");
  broker.creates(R"({"id":"urn:ngsi-ld:Bus:2","type":"Bus","speed":{"type":"Property","value":2}})");
  ASSERT_TRUE(until([&] { return !subscriber.seen().empty(); }));
  const JsonValue told = JsonValue::parse(subscriber.last().body).value();
  EXPECT_EQ(told.find("data")->array()->front().text_or("id", ""), "urn:ngsi-ld:Bus:2");
  EXPECT_EQ(subscriber.seen().size(), 1u);
}

TEST(Subscriptions, ThatTheirReceiverDoesNotWantSayWhy) {
  TellingBroker broker;
  Source subscriber;
  subscriber.answers(410, "");
  ASSERT_EQ(broker
                .ask(net::Method::post, kRoot,
                     subscription(subscriber.url(), R"("entities":[{"type":"Bus"}])", R"(,"cooldown":10)"))
                .status,
            201);
  broker.creates(R"({"id":"urn:ngsi-ld:Bus:1","type":"Bus","speed":{"type":"Property","value":50}})");
  ASSERT_TRUE(until([&] { return broker.shown().find("notification")->number_or("timesFailed", 0) == 3; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const JsonValue notification = *broker.shown().find("notification");
  EXPECT_EQ(notification.number_or("timesFailed", 0), 3) << "and not asked for ever";
  EXPECT_EQ(notification.text_or("status", ""), "failed");
  EXPECT_THAT(notification.text_or("lastError", ""), HasSubstr("410"));
}

TEST(Subscriptions, CountWhatTheySentHonestly) {
  TellingBroker broker;
  Source subscriber;
  subscriber.answers(500, "");
  ASSERT_EQ(broker
                .ask(net::Method::post, kRoot,
                     subscription(subscriber.url(), R"("entities":[{"type":"Bus"}])", R"(,"cooldown":10)"))
                .status,
            201);
  broker.creates(R"({"id":"urn:ngsi-ld:Bus:1","type":"Bus","speed":{"type":"Property","value":50}})");
  ASSERT_TRUE(until([&] { return broker.shown().find("notification")->number_or("timesFailed", 0) >= 2; }));
  JsonValue notification = *broker.shown().find("notification");
  EXPECT_EQ(notification.text_or("status", ""), "failed");
  EXPECT_TRUE(notification.find("lastFailure") && notification.find("lastNotification"));
  EXPECT_FALSE(notification.find("lastSuccess"));
  subscriber.answers(204, "");
  ASSERT_TRUE(until([&] { return broker.shown().find("notification")->text_or("status", "") == "ok"; }));
  notification = *broker.shown().find("notification");
  EXPECT_TRUE(notification.find("lastSuccess"));
  EXPECT_EQ(notification.number_or("timesSent", 0), notification.number_or("timesFailed", 0) + 1);
}

}  // namespace
}  // namespace cityloop::broker
