// /ngsi-ld/v1/jsonldContexts over a desk, a store of contexts and a twin; only the network is made up.
#include "broker/context_routes.h"

#include <thread>

#include "test/broker/workplace.h"

namespace cityloop::broker {
namespace {

using net::Method;
using testing::HasSubstr;

constexpr const char* kPath = "/ngsi-ld/v1/jsonldContexts";
constexpr const char* kUrl = "https://a.example/c.jsonld";
constexpr const char* kBody = R"({"@context": {"x": "https://a.example/x"}})";

class ContextRoutesTest : public testing::Test, public Workplace {
 protected:
  ContextRoutesTest() : Workplace({.name = "jsonld", .notifies = false}) { add_routes(); }

  void restart() {
    close();
    open();
    add_routes();
  }
  void add_routes() {
    router_ = {};
    ContextRoutes{desk()}.add_to(router_);
  }

  net::Response ask(Method method, const std::string& target, std::string body = {},
                    std::string type = "application/json") {
    net::Request request;
    request.method = method;
    const auto mark = target.find('?');
    request.raw_path = target.substr(0, mark);
    auto parsed = net::parse_target(target).value();
    request.path = parsed.path;
    request.query = parsed.query;
    request.headers.emplace_back("authorization", authorization());
    request.headers.emplace_back("host", "city.example:8080");
    if (!body.empty()) request.headers.emplace_back("content-type", type);
    request.body = std::move(body);
    return asked(router_, std::move(request));
  }
  static std::string at(std::string_view id) { return fmt::format("{}/{}", kPath, net::percent_encode(id)); }
  std::string hosts(std::string body) {
    const auto response = ask(Method::post, kPath, std::move(body), "application/ld+json");
    EXPECT_EQ(response.status, 201) << response.body;
    EXPECT_TRUE(response.body.empty());
    return text_of(response, "Location");
  }

  net::Router router_;
};

TEST_F(ContextRoutesTest, AHostedContextIsServedAsItWasGiven) {
  const std::string location = hosts(kBody);
  ASSERT_TRUE(location.starts_with(std::string(kPath) + "/")) << location;
  const auto whole = ask(Method::get, location);
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.content_type, "application/ld+json");
  EXPECT_EQ(whole.body, kBody);
  EXPECT_EQ(ask(Method::get, location + "?details=false").body, kBody);
  restart();
  EXPECT_EQ(ask(Method::get, location).body, kBody) << "after a restart";
  EXPECT_EQ(ask(Method::get, at("http://city.example:8080" + location)).body, kBody) << "by its whole address";
  EXPECT_EQ(contexts().resolve(fmt::format("\"http://elsewhere{}\"", location)).value()->expand_text("x"),
            "https://a.example/x");
}

TEST_F(ContextRoutesTest, DetailsTellWhatItIsAndHowItIsUsed) {
  const std::string location = hosts(kBody);
  const std::string id = location.substr(location.rfind('/') + 1);
  clock().advance_to(clock().now() + std::chrono::minutes(1));
  ASSERT_TRUE(contexts().resolve(fmt::format("\"http://elsewhere{}\"", location)));
  const auto response = ask(Method::get, location + "?details=true");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  const auto details = json_of(response);
  EXPECT_EQ(details.text_or("URL", ""), "http://city.example:8080" + location);
  EXPECT_EQ(details.text_or("localId", ""), id);
  EXPECT_EQ(details.text_or("kind", ""), "Hosted");
  EXPECT_EQ(details.text_or("timestamp", ""), "2026-05-01T08:00:00Z");
  EXPECT_EQ(details.text_or("lastUsage", ""), "2026-05-01T08:01:00Z");
  EXPECT_EQ(details.number_or("numberOfHits", 0), 1);
}

TEST_F(ContextRoutesTest, WhatIsNoContextIsRefused) {
  for (const auto& [body, status, word] : std::vector<std::tuple<std::string, int, std::string>>{
           {R"({"x": "https://a.example/x"})", 400, "BadRequestData"},
           {"[]", 400, "BadRequestData"},
           {R"({"@context": 3})", 400, "BadRequestData"},
           {R"({"@context": {"x": 3}})", 400, "BadRequestData"},
           {"{\"@context\"", 400, "InvalidRequest"},
           {"", 400, "InvalidRequest"}}) {
    const auto response = ask(Method::post, kPath, body);
    EXPECT_EQ(response.status, status) << body;
    EXPECT_THAT(response.body, HasSubstr("https://uri.etsi.org/ngsi-ld/errors/" + word)) << body;
  }
  EXPECT_EQ(ask(Method::post, kPath, kBody, "text/plain").status, 415);
  EXPECT_EQ(json_of(ask(Method::get, kPath)).array()->size(), 0U);
}

TEST_F(ContextRoutesTest, TheListMayBeOfAKindAndInDetail) {
  publish(kUrl, kBody);
  ASSERT_TRUE(contexts().resolve(fmt::format("\"{}\"", kUrl)));
  const std::string hosted = hosts(kBody);
  const std::string list = R"([{"y":"https://y.example/y"},"https://b.example/c"])";
  const std::string implicit = contexts().keep(list).value();
  const auto all = json_of(ask(Method::get, kPath));
  ASSERT_TRUE(all.array());
  EXPECT_EQ(all.array()->size(), 3U);
  const auto only = [&](std::string_view kind) {
    return json_of(ask(Method::get, fmt::format("{}?kind={}", kPath, kind))).dump();
  };
  EXPECT_EQ(only("Cached"), fmt::format(R"(["{}"])", kUrl));
  EXPECT_EQ(only("Hosted"), fmt::format(R"(["http://city.example:8080{}"])", hosted));
  EXPECT_EQ(only("ImplicitlyCreated"), fmt::format(R"(["http://city.example:8080{}/{}"])", kPath, implicit));
  const auto details = json_of(ask(Method::get, std::string(kPath) + "?details=true&kind=ImplicitlyCreated"));
  ASSERT_EQ(details.array()->size(), 1U);
  EXPECT_EQ(details.array()->front().text_or("kind", ""), "ImplicitlyCreated");
  EXPECT_EQ(details.array()->front().find("extraInfo")->dump(), R"({"imports":["https://b.example/c"]})");
  for (const char* wrong : {"?details=yes", "?kind=Unkind", "?kind=", "?what=1", "?details="}) {
    EXPECT_EQ(ask(Method::get, std::string(kPath) + wrong).status, 400) << wrong;
  }
}

TEST_F(ContextRoutesTest, ACopyIsNotServedButToldOf) {
  publish(kUrl, kBody);
  ASSERT_TRUE(contexts().resolve(fmt::format("\"{}\"", kUrl)));
  const auto whole = ask(Method::get, at(kUrl));
  EXPECT_EQ(whole.status, 422);
  EXPECT_THAT(whole.body, HasSubstr("errors/OperationNotSupported"));
  const auto details = ask(Method::get, at(kUrl) + "?details=true");
  EXPECT_EQ(details.status, 200);
  EXPECT_EQ(json_of(details).text_or("kind", ""), "Cached");
  EXPECT_EQ(json_of(details).text_or("URL", ""), kUrl);
}

TEST_F(ContextRoutesTest, WhatIsNotHereIsNotFound) {
  for (const std::string& path : {at("nothing"), at("nothing") + "?details=true", at(kUrl)}) {
    const auto response = ask(Method::get, path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_THAT(response.body, HasSubstr("errors/ResourceNotFound"));
  }
  EXPECT_EQ(ask(Method::del, at("nothing")).status, 404);
  EXPECT_EQ(ask(Method::del, at("nothing") + "?reload=true").status, 404);
}

TEST_F(ContextRoutesTest, ErasedIsGoneAndReloadedIsNew) {
  publish(kUrl, kBody);
  ASSERT_TRUE(contexts().resolve(fmt::format("\"{}\"", kUrl)));
  const auto meaning = [&] {
    const auto context = contexts().resolve(fmt::format("\"{}\"", kUrl));
    return context ? (*context)->expand_text("x") : context.error().message;
  };
  {
    publish(kUrl, R"({"@context": {"x": "https://new.example/x"}})");
  }
  EXPECT_EQ(meaning(), "https://a.example/x");
  const auto reloaded = ask(Method::del, at(kUrl) + "?reload=true");
  EXPECT_EQ(reloaded.status, 204) << reloaded.body;
  EXPECT_EQ(meaning(), "https://new.example/x");
  {
    unpublish(kUrl);
  }
  const auto failed = ask(Method::del, at(kUrl) + "?reload=true");
  EXPECT_EQ(failed.status, 503);
  EXPECT_THAT(failed.body, HasSubstr("errors/LdContextNotAvailable"));
  EXPECT_EQ(meaning(), "https://new.example/x") << "the old one stays";
  EXPECT_EQ(ask(Method::del, at(kUrl) + "?reload=maybe").status, 400);
  EXPECT_EQ(ask(Method::del, at(kUrl)).status, 204);
  EXPECT_EQ(ask(Method::get, at(kUrl) + "?details=true").status, 404);

  const std::string location = hosts(kBody);
  const auto refused = ask(Method::del, location + "?reload=true");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("errors/BadRequestData"));
  EXPECT_EQ(ask(Method::del, location).status, 204);
  EXPECT_EQ(ask(Method::get, location).status, 404);
  restart();
  EXPECT_EQ(ask(Method::get, location).status, 404) << "after a restart";
}

TEST_F(ContextRoutesTest, RequestsThatWaitForAContextDoNotHoldUpOthers) {
  std::mutex mutex;
  std::vector<twin::ContextStore::Fetched> hanging;
  open_desk([&](const std::string& url, const twin::ContextStore::Fetched& done) {
    if (url.starts_with("https://a.example")) return done(std::string(kBody));
    const std::lock_guard lock(mutex);
    hanging.push_back(done);
  });
  add_routes();
  std::atomic<int> answered{0};
  const auto speak = [&](std::string url, const std::function<void(int)>& done) {
    net::Request request;
    request.path = kPath;
    request.headers = {{"authorization", authorization()},
                       {"link", fmt::format("<{}>; rel=\"http://www.w3.org/ns/json-ld#context\"", url)}};
    router_.dispatch(request, net::Reply([done](const net::Response& response) { done(response.status); }));
  };
  for (int i = 0; i < 50; ++i) speak(fmt::format("https://hangs.example/{}", i), [&](int) { ++answered; });
  std::promise<int> other;
  speak(kUrl, [&](int status) { other.set_value(status); });
  EXPECT_EQ(other.get_future().get(), 200);
  EXPECT_EQ(ask(Method::post, kPath, kBody).status, 201);  // what waits for the disk goes on too
  EXPECT_EQ(answered, 0);
  while (answered < 50) {
    std::vector<twin::ContextStore::Fetched> now;
    {
      const std::lock_guard lock(mutex);
      now.swap(hanging);
    }
    for (const auto& done : now) done(base::fail(base::Errc::unavailable, "too late"));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace
}  // namespace cityloop::broker
