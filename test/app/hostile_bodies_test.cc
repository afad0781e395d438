// Bodies that are broken at any byte, nested too deep, or too much of something: a clear refusal or a good answer,
// never a fault of ours, and the next client is served as if nothing had been.
#include <array>

#include <gtest/gtest.h>

#include "base/json_value.h"
#include "base/rng.h"
#include "broker_fixture.h"

namespace cityloop::app {
namespace {

using net::Method;

struct Sample {
  const char* name;
  Method method;
  const char* path;
  const char* type;
  std::string body;
};

constexpr const char* kEntity =
    R"({"id":"urn:h:1","type":["A","B"],"scope":"/a/b","n":{"type":"Property","value":1.5e3,"unitCode":"KMH","observedAt":)"
    R"("2026-01-01T00:00:00Z","s":{"type":"Relationship","object":"urn:h:2"}},"g":{"type":"GeoProperty","value":{"type":)"
    R"("Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}},"l":{"type":"LanguageProperty","languageMap":{"en":"x","zh":"湖"}},)"
    R"("v":{"vocab":["w"]},"j":{"json":{"a":[null,true]}},"r":{"objectList":[{"object":"urn:h:3"}]},"m":[{"value":1},)"
    R"({"value":2,"datasetId":"urn:d:1"}],"t":"\u00e9\ud83d\ude00"})";

std::vector<Sample> samples() {
  const std::string entity = kEntity;
  const std::string fragment = entity.substr(entity.find("\"scope\""));
  return {
      {"create", Method::post, "/entities", "application/json", entity},
      {"json_ld", Method::post, "/entities", "application/ld+json",
       R"({"@context":{"A":"https://e.example/A","p":{"@id":"https://e.example/p/","@prefix":true}},"id":"urn:h:4","type":"A","p:x":1})"},
      {"merge", Method::patch, "/entities/urn:h:0", "application/merge-patch+json", "{" + fragment},
      {"update", Method::patch, "/entities/urn:h:0/attrs", "application/json", "{" + fragment},
      {"append", Method::post, "/entities/urn:h:0/attrs", "application/json", "{" + fragment},
      {"partial", Method::patch, "/entities/urn:h:0/attrs/n", "application/json",
       R"({"value":{"a":[1,"x"]},"q":{"value":2}})"},
      {"replace", Method::put, "/entities/urn:h:0/attrs/n", "application/json",
       R"([{"type":"Property","value":{"a":[1,"x"]}}])"},
      {"batch", Method::post, "/entityOperations/upsert", "application/json", "[" + entity + "]"},
      {"delete", Method::post, "/entityOperations/delete", "application/json", R"(["urn:h:8","urn:h:9"])"},
      {"query", Method::post, "/entityOperations/query", "application/json",
       R"~({"type":"Query","entities":[{"type":"A"}],"q":"n>1;(m==2|t~=\"x\")","geoQ":{"georel":"near;maxDistance==5","geometry":"Point","coordinates":[1,2]}})~"},
      {"context", Method::post, "/jsonldContexts", "application/json",
       R"({"@context":[{"a":"https://e.example/a","b":{"@id":"a:b"}}]})"},
      {"subscription", Method::post, "/subscriptions", "application/json",
       R"({"type":"Subscription","entities":[{"type":"A"}],"q":"n>1","notification":{"endpoint":{"uri":"http://127.0.0.1:9/x"}}})"},
      {"temporal", Method::post, "/temporal/entities", "application/json", entity},
  };
}

class HostileBodies : public testing::TestWithParam<std::size_t> {
 protected:
  HostileBodies() : broker_(fmt::format("hostile-{}", samples()[GetParam()].name)), sample_(samples()[GetParam()]) {
    ask(Method::post, "/entities", "application/json", R"({"id":"urn:h:0","type":"A","n":1,"m":2})");
  }
  net::Response ask(Method method, std::string_view path, std::string_view type, std::string body) {
    net::Request request;
    request.method = method;
    request.path = fmt::format("/ngsi-ld/v1{}", path);
    request.headers.emplace_back("content-type", type);
    request.body = std::move(body);
    return broker_.ask(std::move(request));
  }
  // Every answer is one of a client's fault or a good one, and says what was wrong.
  void send(const std::string& body) {
    const net::Response got = ask(sample_.method, sample_.path, sample_.type, body);
    ASSERT_TRUE(got.status >= 200 && (got.status < 500 || got.status == 503)) << got.status << " " << got.body << "\n"
                                                                              << body;
    if (got.status < 400) return;
    const auto problem = base::JsonValue::parse(got.body);
    ASSERT_TRUE(problem) << got.body;
    ASSERT_TRUE(problem->text_or("type", "").starts_with("https://uri.etsi.org/ngsi-ld/errors/")) << got.body;
    ASSERT_FALSE(problem->text_or("detail", "").empty()) << got.body;
  }
  void is_well() { EXPECT_EQ(ask(Method::get, "/entities/urn:h:0", "", {}).status, 200); }

  BrokerFixture broker_;
  Sample sample_;
};

TEST_P(HostileBodies, AsTheyAreTheyAreTaken) {
  const net::Response got = ask(sample_.method, sample_.path, sample_.type, sample_.body);
  EXPECT_TRUE((got.status >= 200 && got.status < 300) || got.status == 207) << got.status << got.body;
}

TEST_P(HostileBodies, CutAtEachByte) {
  for (std::size_t end = 0; end < sample_.body.size(); ++end) send(sample_.body.substr(0, end));
  is_well();
}

TEST_P(HostileBodies, ChangedAtEachByte) {
  constexpr std::array<char, 10> kSigns{'\0', '"', '{', ']', ',', ':', '\\', '\xff', '9', '-'};
  base::Rng rng(7);
  for (std::size_t at = 0; at < sample_.body.size(); ++at) {
    std::string body = sample_.body;
    body[at] = char(body[at] ^ char(1u << rng.below(8)));
    send(body);
    body[at] = kSigns[at % kSigns.size()];
    send(body);
    body = sample_.body;
    body.erase(at, 1 + rng.below(3));
    send(body);
  }
  is_well();
}

TEST_P(HostileBodies, NestedTenThousandDeep) {
  constexpr std::size_t kDeep = 10'000;
  for (const auto& [open, inner, close] :
       {std::tuple("[", "1", "]"), std::tuple("{\"a\":", "1", "}"), std::tuple("{\"value\":", "1", "}"),
        std::tuple("[{\"@context\":", "{}", "}]"), std::tuple("{\"coordinates\":", "[]", "}"),
        std::tuple("[", "", "")}) {
    std::string nested;
    for (std::size_t i = 0; i < kDeep; ++i) nested += open;
    nested += inner;
    for (std::size_t i = 0; i < kDeep; ++i) nested += close;
    send(nested);
    for (const std::string_view place :
         {"1.5e3", "\"urn:h:1\"", "[\"A\"]", "{\"en\":\"x\"", "\"n>1\"", "{\"a\":[1,\"x\"]}", "\"a:b\""}) {
      const auto at = sample_.body.find(place);
      if (at != sample_.body.npos) send(std::string(sample_.body).replace(at, place.size(), nested));
    }
  }
  is_well();
}

TEST_P(HostileBodies, TooMuchOfSomething) {
  const auto many = [](std::string_view item, std::size_t times) {
    std::string out;
    out.reserve(item.size() * times);
    for (std::size_t i = 0; i < times; ++i) out += item;
    return out;
  };
  const std::string long_text = many("x", 1 << 20);
  send(R"({"id":"urn:h:1","type":"A","a":")" + long_text + "\"}");
  send(R"({"id":"urn:)" + long_text + R"(","type":"A"})");
  send(R"({"id":"urn:h:1","type":")" + long_text + "\"}");
  send(R"({"id":"urn:h:1","type":"A",")" + long_text + "\":1}");
  send(R"({"id":"urn:h:1","type":"A","a":1)" + many("0", 1 << 20) + "}");
  send(R"({"id":"urn:h:1","type":"A","a":[)" + many("{},", 100'000) + "1]}");
  send(R"({"type":"Query","entities":[{"type":"A"}],"q":")" + many("(", 1'000'000) + "\"}");
  send(R"({"type":"Query","entities":[)" + many(R"({"type":"A"},)", 10'000) + R"({"type":"A"}],"q":"n>1"})");
  std::string fields;
  for (int i = 0; i < 20'000; ++i) fields += fmt::format(R"(,"a{}":{})", i, i);
  send(R"({"id":"urn:h:1","type":"A")" + fields + "}");
  send(R"({"id":"urn:h:1","type":"A","a":{"value":{"x":1)" + fields + "}}}");
  is_well();
}

INSTANTIATE_TEST_SUITE_P(All, HostileBodies, testing::Range<std::size_t>(0, samples().size()),
                         [](const auto& info) { return samples()[info.param].name; });

}  // namespace
}  // namespace cityloop::app
