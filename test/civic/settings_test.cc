// civic.toml read again while the city runs, and which other sites' pages may read what is public.
#include "civic_city.h"

namespace cityloop::civic {
namespace {

using testing::HasSubstr;
using testing::Not;

class SettingsTest : public CivicCity {
 protected:
  void SetUp() override {
    settings_file_ = (folder_ / "civic.toml").string();
    write(toml());
    settings_ = CivicSettings::load(settings_file_, rules_.get()).value();
    open();
  }
  void write(const std::string& text) { ASSERT_TRUE(base::write_file_atomic(settings_file_, text)); }
  std::string changed(std::string_view from, std::string_view to) const {
    std::string text = toml();
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos);
    return text.replace(at, from.size(), to);
  }
  JsonValue shown() { return json(Method::get, "/api/v1/civic-settings", "", {.token = token("operator")}); }
  void await_version(const std::string& other_than) {
    for (int i = 0; i < 2000 && shown().text_or("version", "") == other_than; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    civic_->settle();
  }
};

TEST_F(SettingsTest, AChangeIsInForceWithoutARestart) {
  post("light", "灯不亮");
  post("other", "路上有坑");
  civic_->settle();
  EXPECT_EQ(json(Method::get, "/public/v1/reports").number_or("total", 0), 2);
  const std::string before = shown().text_or("version", "");
  // Street lights are nobody else's business any more; and there is one more thing to report.
  write(changed("sensed = true", "private = true") +
        "[[service]]\ncode = \"new\"\nkind = \"other\"\nname = { zh = \"新\", en = \"New\" }\n");
  await_version(before);
  const JsonValue list = json(Method::get, "/public/v1/reports");
  EXPECT_EQ(list.number_or("total", 0), 1);
  EXPECT_THAT(list.dump(), Not(HasSubstr("灯不亮")));
  EXPECT_EQ(json(Method::get, "/public/v1/services").find("services")->array()->size(), 5U);
  EXPECT_EQ(post("new", "something").find("report")->text_or("status", ""), "received");
  EXPECT_EQ(shown().text_or("mistakes", "x"), "");
  // And back.
  const std::string second = shown().text_or("version", "");
  write(toml());
  await_version(second);
  EXPECT_EQ(shown().text_or("version", ""), before);
  EXPECT_THAT(ask(Method::get, "/public/v1/reports").body, HasSubstr("灯不亮"));
}

TEST_F(SettingsTest, MistakesLeaveTheOldOnesInForceAndAreTold) {
  const std::string before = shown().text_or("version", "");
  write(changed("kind = \"noise\"", "kind = \"nothing\"") + "[push]\nsubject = \"nobody\"\n");
  for (int i = 0; i < 2000 && shown().text_or("mistakes", "").empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const JsonValue now = shown();
  EXPECT_THAT(now.text_or("mistakes", ""), HasSubstr("there is no case kind 'nothing'"));
  EXPECT_THAT(now.text_or("mistakes", ""), HasSubstr("civic.toml:"));
  EXPECT_EQ(now.text_or("version", ""), before);
  EXPECT_EQ(counter("civic_settings_mistaken"), 1);
  post("noise", "太吵");
  std::filesystem::remove(settings_file_);
  for (int i = 0; i < 2000 && shown().text_or("mistakes", "").find("gone") == std::string::npos; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_THAT(shown().text_or("mistakes", ""), HasSubstr("is gone"));
  write(toml());
  for (int i = 0; i < 2000 && counter("civic_settings_mistaken") > 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(shown().text_or("mistakes", "x"), "");
}

TEST_F(SettingsTest, LimitsChangeWithThem) {
  EXPECT_EQ(ask(Method::get, "/public/v1/reports").status, 200);
  const std::string before = shown().text_or("version", "");
  write(changed("reads = { per_minute = 60000, burst = 10000 }", "reads = { per_minute = 1, burst = 1 }"));
  await_version(before);
  int refused = 0;
  for (int i = 0; i < 400 && refused == 0; ++i) {
    refused += ask(Method::get, "/public/v1/reports").status == 429 ? 1 : 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_GT(refused, 0);
}

TEST_F(SettingsTest, OnlyWhoReadsCasesSeesThem) {
  EXPECT_EQ(ask(Method::get, "/api/v1/civic-settings").status, 401);
  EXPECT_EQ(ask(Method::get, "/api/v1/civic-settings", "", {.token = token("integrator")}).status, 403);
}

TEST(CivicSettings, MistakesOfPushOriginsAndSurveysAreToldWithTheirLines) {
  const auto read = CivicSettings::parse(R"([push]
subject = "nobody"
hosts = ["*.ok.example", "not a host"]
[cors]
origins = ["https://app.example", "https://app.example/path"]
[surveys]
group_min = 2
[[survey]]
id = "a b"
name = { zh = "甲", en = "A" }
after = ["never"]
services = ["none"]
share = 2
open = "0s"
[[survey.question]]
id = "x"
type = "maybe"
name = { zh = "乙", en = "B" }
[[survey.question]]
id = "x"
type = "choice"
name = { zh = "丙", en = "C" }
[[survey]]
id = "empty"
name = { zh = "丁", en = "D" }
)",
                                         "civic.toml", nullptr);
  ASSERT_FALSE(read);
  for (const char* told : {"civic.toml:2:", "civic.toml:3:", "civic.toml:5:", "civic.toml:7:", "civic.toml:9:",
                           "civic.toml:11:", "civic.toml:12:", "civic.toml:13:", "civic.toml:14:", "civic.toml:17:",
                           "civic.toml:20:", "needs its", "'after' or 'steps'", "from 1 to 20"})
    EXPECT_THAT(read.error().message, HasSubstr(told));
}

class CorsTest : public CivicCity {
 protected:
  std::string toml() const override {
    return std::string(kCivicToml) + "[cors]\norigins = [\"https://app.example\", \"http://localhost:5173\"]\n";
  }
  Response from(Method method, const std::string& path, const std::string& origin, const std::string& wish = "") {
    Ask how;
    if (!origin.empty()) how.headers.emplace_back("origin", origin);
    if (!wish.empty()) how.headers.emplace_back("access-control-request-method", wish);
    return ask(method, path, "", how);
  }
  static std::string cors_of(const Response& response) {
    std::string out;
    for (const auto& [name, value] : response.headers) {
      if (name.starts_with("Access-Control-")) out += name + ": " + value + "\n";
    }
    return out;
  }
};

TEST_F(CorsTest, PagesThatTheCityNamesMayReadWhatIsPublic) {
  for (const char* path : {"/public/v1/reports", "/public/v1/services", "/public/v1/map", "/open311/v2/services.json",
                           "/open311/v2/requests.xml", "/public/v1/follow/nothing", "/public/v1/nothing"}) {
    const Response named = from(Method::get, path, "https://app.example");
    EXPECT_EQ(header(named, "Access-Control-Allow-Origin"), "https://app.example") << path;
    EXPECT_EQ(header(named, "Vary"), "Origin") << path;
    EXPECT_THAT(header(named, "Access-Control-Expose-Headers"), HasSubstr("Retry-After"));
    for (const char* other : {"", "https://evil.example", "https://app.example.evil.example", "http://app.example",
                              "null", "https://APP.example", "https://app.example:444"}) {
      const Response foreign = from(Method::get, path, other);
      EXPECT_EQ(cors_of(foreign), "") << path << " " << other;
      EXPECT_EQ(header(foreign, "Vary"), "Origin");  // a cache must not give it the other's answer
    }
  }
  // Also what is not sent again.
  const std::string tag = header(from(Method::get, "/public/v1/reports", ""), "ETag");
  const Response same = ask(Method::get, "/public/v1/reports", "",
                            {.headers = {{"if-none-match", tag}, {"origin", "https://app.example"}}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(header(same, "Access-Control-Allow-Origin"), "https://app.example");
}

TEST_F(CorsTest, APreflightSaysWhatMayBeSentAndNeverCredentials) {
  const Response may = from(Method::options, "/public/v1/reports", "https://app.example", "POST");
  EXPECT_EQ(may.status, 204);
  EXPECT_EQ(header(may, "Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_THAT(header(may, "Access-Control-Allow-Methods"), HasSubstr("POST"));
  EXPECT_THAT(header(may, "Access-Control-Allow-Headers"), HasSubstr("Idempotency-Key"));
  EXPECT_FALSE(header(may, "Access-Control-Max-Age").empty());
  EXPECT_THAT(header(from(Method::options, "/public/v1/follow/x/push", "https://app.example", "DELETE"),
                     "Access-Control-Allow-Methods"),
              HasSubstr("DELETE"));
  EXPECT_EQ(cors_of(from(Method::options, "/public/v1/reports", "https://evil.example", "POST")), "");
  EXPECT_THAT(cors_of(from(Method::options, "/public/v1/nothing", "https://app.example", "GET")),
              Not(HasSubstr("Allow-Methods")));
  for (const Method method : {Method::get, Method::options})
    EXPECT_THAT(cors_of(from(method, "/public/v1/reports", "https://app.example", "GET")),
                Not(HasSubstr("Credentials")));
}

TEST_F(CorsTest, StaffsApiIsNeverReadableFromElsewhere) {
  for (const net::Router::Route& route : router_->routes()) {
    if (!route.pattern.starts_with("/api/")) continue;
    std::string path = route.pattern;
    for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{'))
      path.replace(at, path.find('}') + 1 - at, "x");
    for (const Method method : {route.method, Method::options}) {
      const Response response = from(method, path, "https://app.example", "GET");
      EXPECT_EQ(cors_of(response), "") << path;
    }
  }
  EXPECT_EQ(cors_of(from(Method::get, "/public/v1/../../api/v1/moderation", "https://app.example")).find("Methods"),
            std::string::npos);
}

class CorsForAllTest : public CorsTest {
 protected:
  std::string toml() const override { return std::string(kCivicToml) + "[cors]\norigins = [\"*\"]\n"; }
};

TEST_F(CorsForAllTest, AnyPageWhereTheCitySaysSo) {
  for (const char* origin : {"https://anyone.example", ""})
    EXPECT_EQ(header(from(Method::get, "/public/v1/reports", origin), "Access-Control-Allow-Origin"), "*");
}

class NoCorsTest : public CorsTest {
 protected:
  std::string toml() const override { return kCivicToml; }
};

TEST_F(NoCorsTest, NobodyWhereTheCitySaysNothing) {
  EXPECT_EQ(cors_of(from(Method::get, "/public/v1/reports", "https://app.example")), "");
  EXPECT_EQ(cors_of(from(Method::options, "/public/v1/reports", "https://app.example", "POST")), "");
}

}  // namespace
}  // namespace cityloop::civic
