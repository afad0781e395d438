// Every route of a whole house, asked by everybody: whoever may not is refused, and counted.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "app/house.h"
#include "base/json_value.h"
#include "flow/own_types.h"

namespace cityloop::app {
namespace {

using net::Method;

constexpr const char* kCityToml = R"(
name = { zh = "试验区", en = "Testville" }
center = [120.15, 30.25]
[[department]]
id = "water"
name = { zh = "水务", en = "Water" }
[types.WaterObserved]
name = { zh = "水位", en = "Water level" }
main = "waterLevel"
warn = 0.2
alarm = 0.3
)";
constexpr const char* kCasesToml = R"(
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
department = "water"
verify_hold = "0s"
)";
constexpr const char* kRulesToml = R"(
[[rule]]
id = "underpass-flooding"
name = { zh = "下穿积水", en = "Underpass flooding" }
kind = "threshold"
type = "WaterObserved"
condition = "waterLevel>0.3"
clear = "waterLevel<0.15"
severity = "severe"
title = { zh = "{about} 积水", en = "{about} is flooding" }
[rule.response]
case = "flooding"
)";

class HouseTest : public testing::Test {
 protected:
  HouseTest() {
    root_ =
        std::filesystem::temp_directory_path() /
        fmt::format("cityloop-house-{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(), ::getpid());
    std::filesystem::remove_all(root_);
    write("city/city.toml", kCityToml);
    write("city/casework/cases.toml", kCasesToml);
    std::filesystem::copy("demo/district/casework/workflow.toml", root_ / "city/casework/workflow.toml");
    write("city/rules/water.toml", kRulesToml);
    auto settings = CitySettings::load((root_ / "city").string());
    if (!settings) throw std::runtime_error(settings.error().message);
    settings_ = std::move(*settings);
    machine_ = Machine::make(settings_, (root_ / "data").string(), "flushed", {}).value();
    intake_ = Intake::open(*machine_, settings_, sense::FeedBook::load(root_ / "city", {}).value(), 1, "", 0).value();
    accounts_ = trust::Accounts::open((root_ / "accounts.json").string(), clock_).value();
    house_ = std::make_unique<House>(settings_, *machine_, *intake_, *accounts_, (root_ / "city").string());
    BrokerOptions context;
    context.data_folder = (root_ / "data").string();
    EXPECT_TRUE(house_->open_broker(context));
    router_ = house_->routes({}, "");
    EXPECT_TRUE(machine_->start());
  }
  ~HouseTest() override {
    intake_->stop();
    machine_->stop();
    router_ = {};
    house_.reset();
    intake_.reset();
    machine_.reset();
    std::filesystem::remove_all(root_);
  }
  void write(const std::string& name, std::string_view content) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << content;
  }
  // A program with one role; gives the token.
  std::string token(const std::string& role, const std::string& department = "") {
    trust::Principal principal;
    principal.kind = trust::PrincipalKind::program;
    principal.id = "program:" + role + department;
    principal.name = {principal.id, principal.id};
    principal.roles = {role};
    principal.department = department;
    return accounts_->put_token(principal).value();
  }
  net::Response ask(Method method, std::string path, const std::string& token, std::string body = "") {
    net::Request request;
    request.method = method;
    if (const auto mark = path.find('?'); mark != std::string::npos) {
      for (std::string_view rest = std::string_view(path).substr(mark + 1); !rest.empty();) {
        const auto end = std::min(rest.find('&'), rest.size());
        const auto pair = rest.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        request.query.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
      path.resize(mark);
    }
    request.path = path;
    request.body = std::move(body);
    if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<net::Response> out;
    router_.dispatch(request, net::Reply([&](net::Response response) {
                       const std::lock_guard lock(mutex);
                       out = std::move(response);
                       answered.notify_one();
                     }));
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return out.has_value(); });
    return *out;
  }
  static std::string reading(double level) {
    return fmt::format(
        R"([{{"id":"urn:ngsi-ld:WaterObserved:u1","type":"WaterObserved","name":{{"type":"LanguageProperty","languageMap":
        {{"zh":"一号下穿","en":"Underpass 1"}}}},"location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[120.15,30.25]}}}},
        "waterLevel":{{"type":"Property","value":{},"unitCode":"MTR","observedAt":"{}"}}}}])",
        level, base::format_time(base::WallClock().now()));
  }
  // The first case, once casework has opened it.
  base::JsonValue wait_for_case(const std::string& token) {
    for (int i = 0; i < 500; ++i) {
      const auto page = base::JsonValue::parse(ask(Method::get, "/api/v1/cases?state=all", token).body).value();
      if (const auto* cases = page.find("cases"); cases && !cases->array()->empty()) return cases->array()->front();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << "no case was opened";
    return {};
  }

  std::filesystem::path root_;
  CitySettings settings_;
  base::WallClock clock_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<trust::Accounts> accounts_;
  std::unique_ptr<House> house_;
  net::Router router_;
};

// A source of other brokers has no account: the address itself, which nobody could guess, is what it shows.
bool open_to_all(const net::Router::Route& route) {
  return route.pattern == "/ngsi-ld/v1/sourceNotifications/{token}" || route.pattern == "/api/v1/session" ||
         route.pattern == "/api/v1/session/demo-users" || route.pattern == "/healthz" || route.pattern == "/{rest...}";
}

std::string example_of(std::string pattern) {
  for (std::size_t at; (at = pattern.find('{')) != std::string::npos;)
    pattern.replace(at, pattern.find('}') - at + 1, "x");
  return pattern;
}

TEST_F(HouseTest, NobodyUnknownIsServedOnAnyRoute) {
  std::size_t walked = 0;
  for (const auto& route : router_.routes()) {
    if (open_to_all(route) || route.web_socket) continue;
    for (const char* shown : {"", "forged-token"}) {
      EXPECT_EQ(ask(route.method, example_of(route.pattern), shown, "{}").status, 401)
          << to_string(route.method) << ' ' << route.pattern;
    }
    ++walked;
  }
  EXPECT_GE(walked, 35u);
}

// What each role may do at all, route by route, written down apart from the policy's own table.
TEST_F(HouseTest, EachRoleIsRefusedWhereItHasNoBusiness) {
  const std::map<std::string, std::vector<std::string>> refused = {
      {"viewer",
       {"POST /ngsi-ld/v1/entities",
        "DELETE /ngsi-ld/v1/entities/{id}",
        "POST /ngsi-ld/v1/entityOperations/upsert",
        "POST /ngsi-ld/v1/subscriptions",
        "GET /api/v1/cases",
        "POST /api/v1/cases",
        "GET /api/v1/cases/{id}",
        "POST /api/v1/cases/{id}/actions",
        "GET /api/v1/cases/{id}/trace",
        "GET /api/v1/commands",
        "POST /api/v1/commands",
        "POST /api/v1/commands/{id}/actions",
        "GET /api/v1/devices",
        "POST /api/v1/feeds/{name}/control",
        "GET /api/v1/rules",
        "POST /api/v1/rules/{id}/backtest",
        "GET /api/v1/operations",
        "GET /metrics",
        "GET /api/v1/feeds/{name}/rejects",
        "GET /api/v1/case-rules",
        "GET /api/v1/notices"}},
      {"operator", {"POST /ngsi-ld/v1/entities", "POST /ngsi-ld/v1/subscriptions", "PATCH /ngsi-ld/v1/entities/{id}"}},
      {"integrator",
       {"GET /api/v1/cases", "POST /api/v1/cases/{id}/actions", "POST /api/v1/commands", "GET /api/v1/devices"}},
      {"planner",
       {"POST /ngsi-ld/v1/entities", "GET /api/v1/cases", "GET /api/v1/commands", "POST /api/v1/feeds/{name}/control",
        "GET /api/v1/operations"}},
      {"supervisor", {"POST /ngsi-ld/v1/entityOperations/delete", "POST /api/v1/feeds/{name}/control"}}};
  for (const auto& [role, routes] : refused) {
    const std::string shown = token(role);
    for (const std::string& line : routes) {
      const std::size_t blank = line.find(' ');
      bool found = false;
      for (const auto& route : router_.routes()) {
        if (to_string(route.method) != line.substr(0, blank) || route.pattern != line.substr(blank + 1)) continue;
        found = true;
        EXPECT_EQ(ask(route.method, example_of(route.pattern), shown, "{}").status, 403) << role << ": " << line;
      }
      EXPECT_TRUE(found) << "there is no route " << line;
    }
  }
  const auto operations = ask(Method::get, "/api/v1/operations", token("admin"));
  EXPECT_THAT(operations.body, testing::HasSubstr("\"role\":\"viewer\""));
}

TEST_F(HouseTest, AReadingBecomesACaseThatItsDepartmentWorksOnAndTheTwinCloses) {
  const std::string program = token("integrator"), operator_token = token("operator");
  const std::string worker = token("worker", "water"), stranger = token("worker", "traffic");
  EXPECT_EQ(ask(Method::post, "/ngsi-ld/v1/entityOperations/upsert", program, reading(0.5)).status, 201);
  const auto opened = wait_for_case(operator_token);
  const std::string id = opened.text_or("id", "");
  EXPECT_EQ(opened.text_or("department", ""), "water");
  EXPECT_EQ(opened.text_or("aboutName", ""), "Underpass 1");
  const std::string path = "/api/v1/cases/" + id;
  EXPECT_EQ(ask(Method::get, path, stranger).status, 403) << "another department's case";
  EXPECT_EQ(ask(Method::post, path + "/actions", stranger, R"({"verb":"accept"})").status, 403);
  EXPECT_EQ(
      ask(Method::post, path + "/actions", worker, R"({"verb":"dispatch","fields":{"department":"traffic"}})").status,
      403);
  const auto accepted = ask(Method::post, path + "/actions", worker, R"({"verb":"accept"})");
  EXPECT_EQ(accepted.status, 200) << accepted.body;
  EXPECT_THAT(accepted.body, testing::HasSubstr("\"state\":\"working\""));
  const auto early = ask(Method::post, path + "/actions", operator_token, R"({"verb":"close"})");
  EXPECT_EQ(early.status, 409) << "the water still stands: " << early.body;
  const auto reported = ask(Method::post, path + "/actions", worker, R"({"verb":"report","note":"pumped dry"})");
  EXPECT_EQ(reported.status, 200) << reported.body;
  EXPECT_EQ(ask(Method::post, "/ngsi-ld/v1/entityOperations/upsert", program, reading(0.05)).status, 204);
  std::string state;
  for (int i = 0; i < 500 && state != "closed"; ++i) {
    machine_->twin().commit({.writes = {}, .origin = flow::Name("test"), .tick = true});
    state = base::JsonValue::parse(ask(Method::get, path, operator_token).body)->text_or("state", "");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(state, "closed");
  const auto trace = ask(Method::get, path + "/trace", operator_token).body;
  for (const char* stage : {"reading", "finding", "case", "verification", "closed"}) {
    EXPECT_THAT(trace, testing::HasSubstr(fmt::format("\"stage\":\"{}\"", stage)));
  }
}

TEST_F(HouseTest, TheLoopsOwnEntitiesAreNeitherWrittenNorReadThroughTheContextApi) {
  const std::string admin = token("admin");
  const auto made = ask(Method::post, "/ngsi-ld/v1/entities", admin, R"({"id":"urn:ngsi-ld:Case:x","type":"Case"})");
  EXPECT_EQ(made.status, 403) << made.body;
  ask(Method::post, "/ngsi-ld/v1/entityOperations/upsert", admin, reading(0.5));
  const std::string id = wait_for_case(admin).text_or("id", "");
  EXPECT_EQ(ask(Method::get, "/ngsi-ld/v1/entities/" + id, admin).status, 404);
  EXPECT_EQ(ask(Method::get, "/ngsi-ld/v1/entities?type=Case", admin).body, "[]");
  EXPECT_EQ(ask(Method::del, "/ngsi-ld/v1/entities/" + id, admin).status, 403);
}

TEST_F(HouseTest, OneBadEntityOfABatchIsToldAndTheOthersStand) {
  const std::string program = token("integrator");
  const auto answer =
      ask(Method::post, "/ngsi-ld/v1/entityOperations/upsert", program,
          R"([{"id":"urn:ngsi-ld:T:1","type":"T","a":{"type":"Property","value":1}},{"id":"no urn","type":"T"}])");
  EXPECT_EQ(answer.status, 207) << answer.body;
  EXPECT_EQ(ask(Method::get, "/ngsi-ld/v1/entities/urn:ngsi-ld:T:1", program).status, 200);
  const auto feeds = ask(Method::get, "/api/v1/feeds", program).body;
  EXPECT_THAT(feeds, testing::HasSubstr("\"name\":\"http\""));
  EXPECT_EQ(ask(Method::post, "/ngsi-ld/v1/entityOperations/upsert", program, "[{]").status, 400);
}

// A socket that keeps what it is sent.
class KeptSocket final : public net::WebSocket {
 public:
  bool send(std::shared_ptr<const std::string> text) override {
    const std::lock_guard lock(mutex_);
    sent_.push_back(*text);
    return true;
  }
  void close(int code, std::string_view) override { closed = code; }
  std::size_t queued_bytes() const override { return 0; }
  bool heard(std::string_view words) {
    for (int i = 0; i < 500; ++i) {
      {
        const std::lock_guard lock(mutex_);
        for (const std::string& text : sent_) {
          if (text.find(words) != std::string::npos) return true;
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  std::atomic<int> closed{0};

 private:
  std::mutex mutex_;
  std::vector<std::string> sent_;
};

TEST_F(HouseTest, WebSocketsTellOnlyWhoMayHear) {
  const auto open = [&](const std::string& path, const std::string& shown, const std::shared_ptr<KeptSocket>& socket) {
    net::Request request;
    request.path = path;
    if (!shown.empty()) request.headers.emplace_back("authorization", "Bearer " + shown);
    const net::WebSocketHandler* handler = router_.find_web_socket(request);
    EXPECT_TRUE(handler) << path;
    return (*handler)(request, socket);
  };
  const std::string integrator = token("integrator"), viewer = token("viewer"), supervisor = token("supervisor");
  for (const char* path : {"/api/v1/live", "/api/v1/subscribe"}) {
    const auto refused = open(path, "", std::make_shared<KeptSocket>());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, 401);
  }
  EXPECT_EQ(open("/api/v1/subscribe", viewer, std::make_shared<KeptSocket>()).error().status, 403);

  const auto told = std::make_shared<KeptSocket>(), onlooker = std::make_shared<KeptSocket>();
  const auto boss = std::make_shared<KeptSocket>(), confused = std::make_shared<KeptSocket>();
  auto subscriber = open("/api/v1/subscribe", integrator, told).value();
  subscriber.on_message(R"({"entities":[{"type":"WaterObserved"}],"q":"waterLevel>0.3"})");
  open("/api/v1/subscribe", integrator, confused)->on_message("{}");
  EXPECT_EQ(confused->closed, 1003);
  const std::string wishes = R"({"subscribe":["entities","findings","cases"]})";
  open("/api/v1/live", viewer, onlooker)->on_message(wishes);
  open("/api/v1/live", supervisor, boss)->on_message(wishes);
  ask(Method::post, "/ngsi-ld/v1/entityOperations/upsert", integrator, reading(0.5));
  EXPECT_TRUE(told->heard("\"type\":\"Notification\""));
  EXPECT_TRUE(boss->heard("\"kind\":\"case\""));
  EXPECT_TRUE(onlooker->heard("\"kind\":\"finding\""));
  EXPECT_TRUE(onlooker->heard("\"kind\":\"entities\""));
  EXPECT_FALSE(onlooker->heard("\"kind\":\"case\"")) << "a viewer may not read cases";
}

TEST_F(HouseTest, ARuleFileWithAMistakeLeavesTheOldRulesInForceAndSaysWhy) {
  house_->watch_rules();
  const std::string admin = token("admin");
  write("city/rules/water.toml", std::string(kRulesToml) + "holdd = \"5s\"\n");
  std::string page;
  for (int i = 0; i < 500 && page.find("holdd") == std::string::npos; ++i) {
    page = ask(Method::get, "/api/v1/rules", admin).body;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_THAT(page, testing::HasSubstr("holdd"));
  EXPECT_THAT(page, testing::HasSubstr("\"id\":\"underpass-flooding\""));
  house_->stop_watching();
}

}  // namespace
}  // namespace cityloop::app
