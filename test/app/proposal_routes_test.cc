// A department's day from the asking to the worker's list: planned, overruled, accepted, appointed by casework, seen by
// the crew; and refused to everybody else.
#include <gmock/gmock.h>

#include <map>

#include "flow/case.h"
#include "serve/guard.h"
#include "test/app/house_fixture.h"

namespace cityloop::app {
namespace {

using testing::HasSubstr;

constexpr const char* kDutyToml = R"(
[[shift]]
id = "all"
name = { zh = "全天", en = "All day" }
from = "00:00"
until = "24:00"
[[pattern]]
id = "always"
name = { zh = "天天", en = "Every day" }
begins = "2026-01-01"
cycle = ["all"]
[[crew]]
id = "pump-1"
name = { zh = "泵班", en = "Pumps" }
department = "water"
base = [120.15, 30.25]
[[crew]]
id = "road-1"
name = { zh = "路班", en = "Roads" }
department = "traffic"
base = [120.15, 30.25]
[[roster]]
id = "r1"
crew = "pump-1"
pattern = "always"
from = "2026-01-01"
to = "2035-12-31"
[[roster]]
id = "r2"
crew = "road-1"
pattern = "always"
from = "2026-01-01"
to = "2035-12-31"
[[norm]]
service = "30m"
)";
constexpr const char* kPeopleCsv =
    "id,name_zh,name_en,crew,skills,week_hours\nuser:li,李,Li,pump-1,,168\nuser:wu,吴,Wu,road-1,,168\n";
constexpr const char* kStreets = R"({"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"name":"A"},"geometry":{"type":"LineString","coordinates":[[120.15,30.25],[120.15,30.26],[120.16,30.26]]}}]})";

class ProposalRoutesTest : public HouseTest {
 protected:
  ProposalRoutesTest() {
    close();
    write("city/duty/duty.toml", kDutyToml);
    write("city/duty/people.csv", kPeopleCsv);
    write("city/streets.geojson", kStreets);
    write("city/planning.toml",
          "[planning]\nautomatic = false\niterations = 500\n[way]\nstreets = \"streets.geojson\"\n");
    write("city/city.toml",
          std::string(kCityToml) + "[[department]]\nid = \"traffic\"\nname = { zh = \"交通\", en = \"Traffic\" }\n");
    open();
    person("user:zhao", "dispatcher", "water");
  }

  void person(const std::string& id, const std::string& role, const std::string& department,
              std::vector<std::string> areas = {}) {
    trust::Principal principal;
    principal.kind = trust::PrincipalKind::user;
    principal.id = id;
    principal.name = {id, id};
    principal.roles = {role};
    principal.department = department;
    principal.areas = std::move(areas);
    const std::string password = "cityloop-" + id;
    ASSERT_TRUE(accounts_->put_user(principal, password).has_value());
    sessions_[id] = accounts_->sign_in(id, password).value();
  }
  net::Response as(const std::string& who, Method method, const std::string& path, std::string body = "") {
    return ask(
        method, path, "", std::move(body),
        {{"cookie", fmt::format("{}={}", serve::kSessionCookie, sessions_.at(who))}, {"x-cityloop-client", "console"}});
  }
  base::JsonValue read(const net::Response& response, int status = 200) {
    EXPECT_EQ(response.status, status) << response.body;
    return base::JsonValue::parse(response.body).value_or(base::JsonValue{});
  }
  // A case in the hands of the department, at the far end of the street.
  std::string open_case() {
    const auto made = read(ask(Method::post, "/api/v1/cases", token("operator"),
                               R"({"title":{"zh":"积水","en":"Water"},"kind":"flooding","department":"water",
                                   "location":{"type":"Point","coordinates":[120.16,30.26]}})"),
                           201);
    return made.text_or("id", "");
  }
  base::JsonValue plan() {
    for (int i = 0; i < 500; ++i) {
      auto out = read(as("user:zhao", Method::post, "/api/v1/proposals", R"({"department":"water"})"), 201);
      if (!out.find("routes")->array()->empty()) return out;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << "the case was never planned";
    return {};
  }

  std::map<std::string, std::string> sessions_;
};

TEST_F(ProposalRoutesTest, FromThePlanToTheWorkersList) {
  person("user:li", "worker", "water");
  const std::string id = open_case();
  const auto proposal = plan();
  const std::string path = "/api/v1/proposals/" + proposal.text_or("id", "");
  const auto& route = proposal.find("routes")->array()->front();
  EXPECT_EQ(route.text_or("crew", ""), "pump-1");
  const auto& stop = route.find("stops")->array()->front();
  EXPECT_EQ(stop.text_or("case", ""), id);
  EXPECT_EQ(stop.text_or("change", ""), "new");
  EXPECT_EQ(stop.find("title")->text_or("en", ""), "Water");
  EXPECT_FALSE(stop.find("why")->array()->empty());
  const auto listed = read(as("user:zhao", Method::get, "/api/v1/proposals?status=open"));
  EXPECT_EQ(listed.number_or("total", 0), 1);
  EXPECT_EQ(read(as("user:zhao", Method::get, path)).text_or("id", ""), proposal.text_or("id", ""));

  const auto accepted = read(as("user:zhao", Method::post, path + "/actions", R"({"verb":"accept"})"));
  EXPECT_EQ(accepted.text_or("status", ""), "accepted");
  EXPECT_EQ(accepted.find("routes")->array()->front().find("stops")->array()->front().text_or("appointed", ""), "done");
  const auto c = flow::case_from(*machine_->twin().get(flow::EntityId(id))).value();
  EXPECT_EQ(c.crew, "pump-1");
  EXPECT_EQ(c.turn, 1u);
  EXPECT_NE(c.planned_at, flow::kNever);
  EXPECT_EQ(c.timeline.back().by, "user:zhao");

  base::JsonValue day;
  for (int i = 0; i < 200; ++i) {
    day = read(as("user:li", Method::get, "/api/v1/my-day"));
    if (!day.find("stops")->array()->empty()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(day.text_or("crew", ""), "pump-1");
  ASSERT_EQ(day.find("stops")->array()->size(), 1u);
  EXPECT_EQ(day.find("stops")->array()->front().text_or("case", ""), id);
  EXPECT_EQ(read(as("user:zhao", Method::get, "/api/v1/my-day?crew=pump-1")).text_or("crew", ""), "pump-1");
}

TEST_F(ProposalRoutesTest, WaysGoOverTheStreetsThatTheCityNames) {
  close();
  ASSERT_TRUE(std::filesystem::exists(root_ / "city/streets.geojson"));
  auto settings = CitySettings::load((root_ / "city").string());
  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_TRUE(settings->load_streets((root_ / "city").string()).has_value());
  EXPECT_EQ(settings->streets.weights->graph().pieces(), 1u);
  write("city/streets.geojson", "{}");
  EXPECT_FALSE(settings->load_streets((root_ / "city").string()).has_value()) << "a file that is named must be one";
  write("city/streets.geojson", kStreets);
  open();
  person("user:zhao", "dispatcher", "water");
  open_case();
  const auto proposal = plan();
  const auto lines = as("user:zhao", Method::get, "/api/v1/proposals/" + proposal.text_or("id", "") + "/lines");
  EXPECT_EQ(lines.status, 200) << lines.body;
  EXPECT_THAT(lines.body, HasSubstr("LineString"));
  const auto state = read(as("user:zhao", Method::get, "/api/v1/planning"));
  ASSERT_EQ(state.find("departments")->array()->size(), 1u) << "a dispatcher sees their own department's planning";
  EXPECT_EQ(state.find("departments")->array()->front().text_or("department", ""), "water");
}

TEST_F(ProposalRoutesTest, WhoIsOverruledIsToldAndThePlanObeys) {
  const std::string id = open_case();
  const auto proposal = plan();
  const std::string path = "/api/v1/proposals/" + proposal.text_or("id", "") + "/actions";
  const auto without = read(as("user:zhao", Method::post, path,
                               fmt::format(R"({{"verb":"exclude","case":"{}","note":"later","replan":true}})", id)));
  EXPECT_EQ(without.find("undone")->array()->front().find("reason")->text_or("code", ""), "excluded");
  EXPECT_EQ(without.find("overruled")->array()->front().text_or("by", ""), "user:zhao");
  EXPECT_EQ(as("user:zhao", Method::post, path, R"({"verb":"accept"})").status, 409) << "it is outdated";
  for (const char* body :
       {"{", "{}", R"({"verb":"dance"})", R"({"verb":"pin","case":"urn:ngsi-ld:Case:none","crew":"pump-1"})",
        R"({"verb":"exclude","cases":7})", R"({"verb":"release","overrule":-1})", R"({"verb":"exclude","case":7})",
        R"({"verb":"accept","replan":"yes"})", R"({"verb":"reorder","cases":[1]})", "[]"}) {
    const auto refused = as("user:zhao", Method::post, path, body);
    EXPECT_GE(refused.status, 400) << body;
    EXPECT_LT(refused.status, 500) << body;
  }
}

TEST_F(ProposalRoutesTest, EverybodyElseIsRefused) {
  person("user:chen", "dispatcher", "traffic"), person("user:wu", "worker", "traffic");
  person("user:other", "worker", "water");
  open_case();
  const std::string path = "/api/v1/proposals/" + plan().text_or("id", "");
  const std::string replan = R"({"department":"water"})", accept = R"({"verb":"accept"})";
  EXPECT_EQ(as("user:chen", Method::get, path).status, 403) << "another department's";
  EXPECT_EQ(as("user:chen", Method::get, path + "/lines").status, 403);
  EXPECT_EQ(as("user:chen", Method::post, path + "/actions", accept).status, 403);
  EXPECT_EQ(as("user:chen", Method::post, "/api/v1/proposals", replan).status, 403);
  EXPECT_EQ(as("user:chen", Method::get, "/api/v1/proposals?department=water").status, 403);
  EXPECT_EQ(read(as("user:chen", Method::get, "/api/v1/proposals")).number_or("total", -1), 0);
  EXPECT_EQ(as("user:chen", Method::get, "/api/v1/my-day?crew=pump-1").status, 403);
  EXPECT_EQ(as("user:wu", Method::get, "/api/v1/my-day?crew=pump-1").status, 403) << "another crew's worker";
  EXPECT_EQ(as("user:other", Method::get, "/api/v1/my-day").status, 404) << "a worker without a crew";
  EXPECT_EQ(as("user:other", Method::get, "/api/v1/my-day?crew=pump-1").status, 403);
  EXPECT_EQ(as("user:other", Method::get, "/api/v1/my-day?crew=no-such").status, 403);
  person("user:west", "operator", "", {"west"});
  EXPECT_EQ(as("user:west", Method::get, path).status, 403) << "who is bound to an area sees no whole department";
  EXPECT_EQ(as("user:west", Method::post, "/api/v1/proposals", replan).status, 403);
  EXPECT_EQ(read(as("user:west", Method::get, "/api/v1/proposals")).number_or("total", -1), 0);
  for (const char* role : {"worker", "viewer", "integrator", "planner", "data_officer"}) {
    const std::string its = token(role, "water");
    EXPECT_EQ(ask(Method::get, "/api/v1/planning", its).status, 403) << role;
    EXPECT_EQ(ask(Method::get, "/api/v1/proposals", its).status, 403) << role;
    EXPECT_EQ(ask(Method::post, "/api/v1/proposals", its, replan).status, 403) << role;
    EXPECT_EQ(ask(Method::get, path, its).status, 403) << role;
    EXPECT_EQ(ask(Method::get, path + "/lines", its).status, 403) << role;
    EXPECT_EQ(ask(Method::post, path + "/actions", its, accept).status, 403) << role;
    EXPECT_EQ(ask(Method::get, "/api/v1/my-day?crew=pump-1", its).status, 403) << role;
  }
  for (const char* open : {"/api/v1/planning", "/api/v1/proposals", "/api/v1/my-day"})
    EXPECT_EQ(ask(Method::get, open, "").status, 401) << open;
  EXPECT_EQ(ask(Method::get, path, token("operator")).status, 200) << "operators plan for every department";
  EXPECT_EQ(ask(Method::get, "/ngsi-ld/v1/entities/" + path.substr(18), token("admin")).status, 404)
      << "the standard API gives no proposals away";
}

}  // namespace
}  // namespace cityloop::app
