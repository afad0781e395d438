// Every route of a whole house, asked by everybody: whoever may not is refused, and counted.
#include <gmock/gmock.h>

#include "flow/own_types.h"
#include "test/app/house_fixture.h"

namespace cityloop::app {
namespace {

// A source of other brokers has no account: the address itself, which nobody could guess, is what it shows.
bool open_to_all(const net::Router::Route& route) {
  return route.pattern == "/ngsi-ld/v1/sourceNotifications/{token}" || route.pattern == "/api/v1/session" ||
         route.pattern == "/api/v1/session/demo-users" || route.pattern == "/healthz" ||
         route.pattern == "/{rest...}" || route.pattern.starts_with("/public/v1/") ||
         route.pattern.starts_with("/open311/v2/");
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
        "GET /api/v1/cases/{id}/suggestion",
        "GET /api/v1/suggestion-scores",
        "GET /api/v1/cases/{id}/findings",
        "POST /api/v1/cap",
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
        "GET /api/v1/case-statistics",
        "GET /api/v1/case-statistics/{measure}/cases",
        "GET /api/v1/notices",
        "POST /api/v1/media",
        "GET /api/v1/media/{id}",
        "GET /api/v1/moderation",
        "PUT /api/v1/moderation/{id}",
        "GET /api/v1/cases/{id}/contact"}},
      {"operator",
       {"POST /api/v1/cap", "POST /ngsi-ld/v1/entities", "POST /ngsi-ld/v1/subscriptions",
        "PATCH /ngsi-ld/v1/entities/{id}"}},
      {"integrator",
       {"GET /api/v1/cases", "GET /api/v1/cases/{id}/findings", "POST /api/v1/cases/{id}/actions",
        "POST /api/v1/commands", "GET /api/v1/devices"}},
      {"planner",
       {"POST /ngsi-ld/v1/entities", "POST /api/v1/cases", "POST /api/v1/cap", "GET /api/v1/cases",
        "GET /api/v1/commands", "POST /api/v1/feeds/{name}/control", "GET /api/v1/operations"}},
      {"worker", {"POST /api/v1/cap", "POST /api/v1/feeds/{name}/control", "POST /ngsi-ld/v1/entities"}},
      {"data_officer", {"POST /api/v1/cases", "POST /api/v1/cap", "GET /api/v1/cases"}},
      {"supervisor",
       {"POST /api/v1/cap", "POST /ngsi-ld/v1/entityOperations/delete", "POST /api/v1/feeds/{name}/control"}}};
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
  const std::string counts = "/api/v1/case-statistics", behind = counts + "/open/cases?key=water";
  EXPECT_THAT(ask(Method::get, counts, worker).body, testing::HasSubstr("\"total\":{\"open\":1,"));
  EXPECT_THAT(ask(Method::get, counts, stranger).body, testing::HasSubstr("\"total\":{\"open\":0,"));
  EXPECT_THAT(ask(Method::get, behind, worker).body, testing::HasSubstr(id));
  EXPECT_THAT(ask(Method::get, behind, stranger).body, testing::HasSubstr("\"total\":0"));
  EXPECT_EQ(ask(Method::get, counts + "/happiness/cases", worker).status, 404);
  EXPECT_EQ(ask(Method::get, counts + "?by=colour", worker).status, 400);
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
