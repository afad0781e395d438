// Every route of the house asked by everybody, and every step of a case in every state: whoever may not is refused, in
// the way that matrix.txt says, and nothing is written.
#include "test/app/matrix.h"

#include <gmock/gmock.h>

#include <thread>

#include "flow/own_types.h"
#include "test/app/house_fixture.h"
#include "trust/grants.h"

namespace cityloop::app {
namespace {

using base::JsonValue;

constexpr const char* kCity = R"(
name = { zh = "试验区", en = "Testville" }
center = [120.15, 30.25]
bounds = [120.0, 30.0, 120.4, 30.5]
[[department]]
id = "water"
name = { zh = "水务", en = "Water" }
[[department]]
id = "traffic"
name = { zh = "交通", en = "Traffic" }
[[department]]
id = "environment"
name = { zh = "环境", en = "Environment" }
[[department]]
id = "lighting"
name = { zh = "照明", en = "Lighting" }
[[department]]
id = "operations"
name = { zh = "运维", en = "Operations" }
[[area]]
id = "west"
name = { zh = "西片", en = "West" }
polygon = [[120.0, 30.0], [120.1, 30.0], [120.1, 30.5], [120.0, 30.5]]
[[area]]
id = "east"
name = { zh = "东片", en = "East" }
polygon = [[120.1, 30.0], [120.4, 30.0], [120.4, 30.5], [120.1, 30.5]]
[types.WaterObserved]
name = { zh = "水位", en = "Water level" }
main = "waterLevel"
)";
constexpr const char* kKinds = R"(
[intake]
kind = "other"
[[case]]
id = "flooding"
workflow = "city"
name = { zh = "积水", en = "Flooding" }
department = "water"
verify_hold = "0s"
[[case]]
id = "other"
workflow = "city"
name = { zh = "其他", en = "Other" }
verify_hold = "0s"
auto_dispatch = false
)";
// Nobody is refused here for asking often.
constexpr const char* kCivic = R"(
[civic]
jurisdiction = "test.example"
address = "http://127.0.0.1:8080"
contact = { zh = "试验", en = "Test" }
privacy = { zh = "试验", en = "Test" }
[limits]
posts = { per_minute = 60000, burst = 10000 }
uploads = { per_minute = 60000, burst = 10000 }
reads = { per_minute = 60000, burst = 10000 }
keys = { per_minute = 60000, burst = 10000 }
)";
constexpr const char* kParticipation = R"(
[participation]
kind = "proposal"
threshold = 3
comments = "masked"
currency = "CNY"
intro = { zh = "试验", en = "Test" }
privacy = { zh = "试验", en = "Test" }
[limits]
proposals = { per_minute = 60000, burst = 10000 }
comments = { per_minute = 60000, burst = 10000 }
supports = { per_minute = 60000, burst = 10000 }
letters = { per_minute = 60000, burst = 10000 }
ballots = { per_minute = 60000, burst = 10000 }
)";
constexpr const char* kPlace = R"("location":{"type":"Point","coordinates":[120.2,30.25]})";

class MatrixTest : public HouseTest {
 protected:
  MatrixTest() {
    write("city/city.toml", kCity);
    write("city/casework/cases.toml", kKinds);
    write("city/civic.toml", kCivic);
    write("city/participation.toml", kParticipation);
    for (const std::string& package : tabled_packages()) {
      constexpr auto kAll = std::filesystem::copy_options::recursive;
      std::filesystem::copy("domain/" + package + "/test/city", root_ / "city" / package, kAll);
      if (const std::string casework = "domain/" + package + "/casework"; std::filesystem::exists(casework))
        std::filesystem::copy(casework, root_ / "city/casework", kAll);
    }
    for (const char* file : {"workflow_proposal.toml", "categories_proposals.csv"})
      std::filesystem::copy(std::string("demo/district/casework/") + file, root_ / "city/casework" / file);
    close();
    open();
    EXPECT_TRUE(house_->open_participation((root_ / "data").string(), true));
    EXPECT_TRUE(house_->participation()->start());
    house_->participation()->add_to(router_);
    auto loaded = Matrix::load("test/app/matrix.txt");
    EXPECT_TRUE(loaded) << loaded.error().message;
    if (loaded) matrix_ = std::move(*loaded);
    for (const std::string& package : tabled_packages()) {
      const base::Status added = matrix_.add("domain/" + package + "/test/matrix.txt");
      EXPECT_TRUE(added) << package << ": " << added.error().message;
    }
    for (const std::string& who : matrix_.people) shown_[who] = token_of(who);
  }

  // Domain packages with routes: each brings its table, and what a city must say for them to be there.
  static std::vector<std::string> tabled_packages() {
    std::vector<std::string> out;
    if (!std::filesystem::is_directory("domain")) return out;
    for (const auto& entry : std::filesystem::directory_iterator("domain"))
      if (std::filesystem::exists(entry.path() / "test/matrix.txt")) out.push_back(entry.path().filename().string());
    std::ranges::sort(out);
    return out;
  }

  std::string token_of(const std::string& who) {
    if (who == "nobody") return "";
    if (who == "forged") return "forged-token-of-a-stranger";
    trust::Principal principal;
    principal.kind = who == "device" ? trust::PrincipalKind::device : trust::PrincipalKind::program;
    std::string id = who;
    std::ranges::replace(id, '@', '.');
    principal.id = (who == "device" ? "device:" : "program:") + id;
    principal.name = {who, who};
    const std::string place = who.find('@') == std::string::npos ? "" : who.substr(who.find('@') + 1);
    const std::string role = who.substr(0, who.find('@'));
    // A device may do what a device may, whatever its roles say.
    principal.roles = {role == "officer" ? "data_officer" : role == "device" ? "admin" : role};
    if (place == "west") principal.areas = {"west"};
    else if (role == "dispatcher" || role == "worker" || role == "inspector")
      principal.department = place.empty() ? "water" : place;
    return accounts_->put_token(principal).value();
  }
  JsonValue json(const net::Response& response) {
    auto parsed = JsonValue::parse(response.body);
    EXPECT_TRUE(parsed) << response.body;
    return parsed.value_or(JsonValue{});
  }
  // What it took to come there is not what is tested: it must succeed.
  JsonValue must(const net::Response& response) {
    EXPECT_LT(response.status, 300) << response.body;
    return json(response);
  }
  std::string report(const std::string& who) {
    return must(ask(Method::post, "/api/v1/cases", shown_.at(who), fmt::format(R"({{"title":"a hole",{}}})", kPlace)))
        .text_or("id", "");
  }
  JsonValue step(const std::string& id, const std::string& who, const std::string& verb,
                 const std::string& fields = "{}") {
    return must(ask(Method::post, "/api/v1/cases/" + id + "/actions", shown_.at(who),
                    fmt::format(R"({{"verb":"{}","note":"because","fields":{}}})", verb, fields)));
  }
  std::size_t written() const { return machine_->twin().entity_count(); }

  Matrix matrix_;
  std::map<std::string, std::string> shown_;  // token by name
};

std::string path_of(const std::string& pattern, const std::string& case_id) {
  std::string out = pattern;
  for (std::size_t at; (at = out.find('{')) != std::string::npos;) {
    const bool of_case = pattern.starts_with("/api/v1/cases/{id}") || pattern == "/api/v1/moderation/{id}";
    out.replace(at, out.find('}') - at + 1, of_case ? case_id : "x");
  }
  return out;
}

const HouseTest::Headers kOurPages{{"x-cityloop-client", "console"}};

class Deaf final : public net::WebSocket {
 public:
  bool send(std::shared_ptr<const std::string>) override { return true; }
  void close(int, std::string_view) override {}
  std::size_t queued_bytes() const override { return 0; }
};

TEST_F(MatrixTest, EveryRoleAndEveryRouteHasItsLine) {
  std::set<std::string> known;
  for (const std::string& who : matrix_.people) known.insert(who == "officer" ? "data_officer" : who);
  for (const auto& row : trust::grants::kTable)
    EXPECT_TRUE(known.contains(std::string(row.role))) << "the role '" << row.role << "' has no column in matrix.txt";
  std::set<std::pair<std::string, std::string>> routes;
  for (const auto& route : router_.routes()) {
    const std::string method = route.web_socket ? "SOCKET" : std::string(to_string(route.method));
    routes.emplace(method, route.pattern);
    EXPECT_TRUE(matrix_.find(method, route.pattern)) << "matrix.txt says nothing of " << method << ' ' << route.pattern;
  }
  for (const Matrix::Route& row : matrix_.routes)
    EXPECT_TRUE(routes.contains({row.method, row.pattern})) << "matrix.txt:" << row.line << ": there is no such route";
}

// The refused come first, while nothing else writes.
TEST_F(MatrixTest, EveryRouteIsOpenToThoseItIsForAndToNobodyElse) {
  const std::string opened = must(ask(Method::post, "/api/v1/cases", shown_.at("supervisor"),
                                      fmt::format(R"({{"title":"water","kind":"flooding",{}}})", kPlace)))
                                 .text_or("id", "");
  const auto socket_status = [&](const std::string& pattern, const std::string& shown) {
    net::Request request;
    request.path = pattern;
    if (!shown.empty()) request.headers.emplace_back("authorization", "Bearer " + shown);
    const net::WebSocketHandler* const handler = router_.find_web_socket(request);
    const auto made = (*handler)(request, std::make_shared<Deaf>());
    return made ? 101 : made.error().status;
  };
  machine_->settle();
  const std::size_t before = written();
  std::size_t denied = 0, let_in = 0;
  for (const bool wanted : {false, true}) {
    for (const auto& route : router_.routes()) {
      const std::string method = route.web_socket ? "SOCKET" : std::string(to_string(route.method));
      const Matrix::Route* const row = matrix_.find(method, route.pattern);
      if (!row) continue;  // told by the test above
      for (std::size_t i = 0; i < matrix_.people.size(); ++i) {
        const std::string& who = matrix_.people[i];
        const char mark = matrix_.rights.at(row->right)[i];
        if ((mark == '+') != wanted) continue;
        const int status = route.web_socket ? socket_status(route.pattern, shown_.at(who))
                                            : ask(route.method, path_of(route.pattern, opened), shown_.at(who),
                                                  row->body.empty() ? "{}" : row->body, kOurPages)
                                                  .status;
        const bool stranger = who == "nobody" || who == "forged";
        const std::string what = fmt::format("{} {} by {} (matrix.txt:{})", method, route.pattern, who, row->line);
        if (!wanted) EXPECT_EQ(status, stranger || mark == 'x' ? 401 : 403) << what;
        else EXPECT_TRUE(status != 401 && status != 403 && status < 500) << what << ": " << status;
        ++(wanted ? let_in : denied);
      }
    }
    if (!wanted) EXPECT_EQ(written(), before) << "what was refused has left something";
  }
  EXPECT_GT(denied, 500u);
  EXPECT_GT(let_in, 500u);
}

// A case's life, and at each of its states everybody tries everything.
class StepMatrix : public MatrixTest {
 protected:
  struct Standing {
    std::string id, state, department;
    bool held{false};
  };
  Standing standing(const std::string& id) {
    const JsonValue one = must(ask(Method::get, "/api/v1/cases/" + id, shown_.at("admin")));
    return {id, one.text_or("state", ""), one.text_or("department", ""), !one.text_or("holder", "").empty()};
  }
  static constexpr const char* kReporter = "worker@traffic";

  bool reads(const std::string& who, const Standing& at) const {
    if (who == "operator" || who == "supervisor" || who == "admin" || who == kReporter) return true;
    if (who == "dispatcher" || who == "dispatcher@traffic") return true;
    return who == "worker" && at.department == "water";
  }
  static bool is_party(const Matrix::Step& step, const std::string& who, const Standing& at) {
    const bool own = at.department == "water";
    if (who == kReporter) return step.by.contains("reporter");
    if (who == "dispatcher") return own && step.by.contains("dispatcher");
    if (who == "worker") return (own && step.by.contains("worker")) || (at.held && step.by.contains("holder"));
    return step.by.contains(who);
  }
  static constexpr int kNotNow = 1;  // for another sort of case: 409, or 400 where its form says so first
  // 0: may be taken, which is for other tests.
  int expected(const Matrix::Step& step, const std::string& who, const Standing& at) const {
    if (who == "nobody" || who == "forged") return 401;
    if (!reads(who, at)) return 403;
    const bool here = step.from.contains(at.state), elsewhere = step.elsewhere.contains(at.state);
    if (!here && !elsewhere) return 409;
    if (!is_party(step, who, at)) return 403;
    return elsewhere ? kNotNow : 0;
  }
  void everybody_tries_everything(const std::string& id) {
    const Standing at = standing(id);
    seen_.insert(at.state);
    machine_->settle();
    const std::size_t before = written();
    for (const Matrix::Step& step : matrix_.steps) {
      for (const std::string& who : matrix_.people) {
        const int status = expected(step, who, at);
        if (status == 0) continue;
        const auto answer = ask(Method::post, "/api/v1/cases/" + id + "/actions", shown_.at(who),
                                fmt::format(R"({{"verb":"{}","note":"because"}})", step.verb));
        const bool right = status == kNotNow ? answer.status == 409 || answer.status == 400 : answer.status == status;
        EXPECT_TRUE(right) << answer.status << " and not " << status << ": " << step.verb << " in " << at.state
                           << " by " << who << " (matrix.txt:" << step.line << "): " << answer.body;
        ++denied_;
      }
    }
    EXPECT_EQ(written(), before) << "a refused step has left something in " << at.state;
  }

  std::set<std::string> seen_;
  std::size_t denied_{0};
};

TEST_F(StepMatrix, EveryStepOfTheWorkflowHasItsLine) {
  std::set<std::string> lines, verbs;
  for (const Matrix::Step& step : matrix_.steps) lines.insert(step.verb);
  const casework::Workflow& flow = *settings_.case_rules->find_workflow("city");
  for (const casework::Transition& one : flow.transitions) {
    if (one.event.empty()) verbs.insert(one.verb);
  }
  EXPECT_EQ(lines, verbs);
}

TEST_F(StepMatrix, InEveryStateEachStepIsRefusedToWhoeverMayNotTakeIt) {
  const std::string id = report(kReporter);
  everybody_tries_everything(id);
  step(id, "operator", "ask_reporter");
  everybody_tries_everything(id);
  step(id, kReporter, "answer");
  step(id, "operator", "take_up", R"({"kind":"other"})");
  everybody_tries_everything(id);
  step(id, "operator", "dispatch", R"({"department":"water"})");
  everybody_tries_everything(id);
  step(id, "worker", "accept");
  everybody_tries_everything(id);
  step(id, "worker", "suspend");
  step(id, "supervisor", "grant", R"({"request":"1"})");
  everybody_tries_everything(id);
  step(id, "worker", "resume");
  step(id, "supervisor", "grant", R"({"request":"2"})");
  step(id, "worker", "report");
  everybody_tries_everything(id);
  step(id, "operator", "verify", R"({"result":"pass"})");
  everybody_tries_everything(id);

  const std::string outside = report(kReporter), unwanted = report(kReporter), false_alarm = report(kReporter);
  step(outside, "operator", "forward", R"({"body":"the railway"})");
  everybody_tries_everything(outside);
  step(unwanted, "operator", "refuse");
  everybody_tries_everything(unwanted);
  step(false_alarm, "operator", "take_up", R"({"kind":"flooding"})");
  step(false_alarm, "dispatcher", "cancel");
  step(false_alarm, "operator", "grant", R"({"request":"1"})");
  everybody_tries_everything(false_alarm);
  const std::string twice = report(kReporter);
  step(twice, "operator", "merge", fmt::format(R"({{"into":"{}"}})", outside));
  everybody_tries_everything(twice);

  EXPECT_THAT(seen_,
              testing::UnorderedElementsAre("received", "asked", "filed", "dispatched", "working", "suspended",
                                            "reported", "closed", "forwarded", "refused", "cancelled", "merged"));
  EXPECT_GT(denied_, 4000u);
}

// Whoever asked never decides, and only those whom the workflow names do.
TEST_F(StepMatrix, ARequestIsDecidedByThoseWhomTheWorkflowNamesAndNeverByWhoeverAsked) {
  const std::string id = report(kReporter);
  step(id, "operator", "take_up", R"({"kind":"flooding"})");
  step(id, "worker", "suspend");
  const std::set<std::string> may = {"supervisor", "admin"};
  for (const char* verb : {"grant", "deny"}) {
    for (const std::string& who : matrix_.people) {
      if (may.contains(who)) continue;
      const auto answer = ask(Method::post, "/api/v1/cases/" + id + "/actions", shown_.at(who),
                              fmt::format(R"({{"verb":"{}","note":"because","fields":{{"request":"1"}}}})", verb));
      const int status = who == "nobody" || who == "forged" ? 401 : who == "worker" ? 409 : 403;  // the worker asked
      EXPECT_EQ(answer.status, status) << verb << " by " << who << ": " << answer.body;
    }
  }
  for (const std::string& who : matrix_.people) {
    if (who == "worker" || who == "nobody" || who == "forged") continue;
    const auto answer = ask(Method::post, "/api/v1/cases/" + id + "/actions", shown_.at(who),
                            R"({"verb":"withdraw","note":"because","fields":{"request":"1"}})");
    EXPECT_EQ(answer.status, 403) << "withdrawn by " << who << ": " << answer.body;
  }
  step(id, "supervisor", "grant", R"({"request":"1"})");
}

}  // namespace
}  // namespace cityloop::app
