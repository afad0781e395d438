// What guidance answers at HTTP, and to whom.
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json_value.h"
#include "domain/traffic/guidance/advice_routes.h"
#include "domain/traffic/guidance/guidance_routes.h"
#include "domain/traffic/guidance/incident_loop.h"
#include "flow/finding.h"
#include "flow/noun.h"
#include "store/store.h"
#include "twin/twin.h"

namespace cityloop::traffic {
namespace {

using base::JsonValue;
using flow::EntityId;

class GuidanceRoutesTest : public testing::Test {
 protected:
  GuidanceRoutesTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-{}-{}", info->name(), ::getpid());
    std::filesystem::remove_all(folder_);
    clock_.advance_to(base::parse_time("2026-05-01T08:00:00Z").value());
    store_ = store::Store::open(folder_.string()).value();
    twin_ = twin::Twin::open(*store_, clock_, {}).value();
    accounts_ = trust::Accounts::open((folder_ / "accounts.json").string(), clock_).value();
    GuidanceOptions options;
    options.background = false;
    loop_ = std::make_unique<GuidanceLoop>(std::move(options));
    guard_ = std::make_unique<serve::Guard>(*accounts_, policy_);
    GuidanceRoutes{*guard_, *twin_, clock_, *loop_}.add_to(router_);
    AdviceRoutes{*guard_, *twin_}.add_to(router_);
    viewer_ = token("viewer");
  }
  ~GuidanceRoutesTest() override {
    twin_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void put(flow::Write write) {
    twin::Commit commit;
    commit.writes.push_back(std::move(write));
    commit.origin = flow::Name("test");
    EXPECT_TRUE(twin_->commit(std::move(commit)).status);
  }

  std::string token(const std::string& role) {
    trust::Principal principal;
    principal.kind = trust::PrincipalKind::program;
    principal.id = "program:" + role;
    principal.name = {principal.id, principal.id};
    principal.roles = {role};
    return accounts_->put_token(principal).value();
  }
  net::Response ask(std::string path, std::vector<std::pair<std::string, std::string>> query = {}, bool known = true) {
    net::Request request;
    request.path = std::move(path);
    request.query = std::move(query);
    if (known) request.headers.emplace_back("authorization", "Bearer " + viewer_);
    net::Response out;
    router_.dispatch(request, net::Reply([&](net::Response response) { out = std::move(response); }));
    return out;
  }
  // A ring of four one-way streets, each a segment, the first of them slow; and a garage.
  void drive() {
    flow::LogRecord record{.seq = 1, .at = clock_.now(), .origin = {}, .changes = {}};
    const char* const kLines[] = {"[[10,56],[10.02,56]]", "[[10.02,56],[10.02,56.01]]", "[[10.02,56.01],[10,56.01]]",
                                  "[[10,56.01],[10,56]]"};
    for (int i = 0; i < 4; ++i) {
      flow::Change change;
      change.entity = EntityId(fmt::format("urn:ngsi-ld:TrafficFlowObserved:ring-{}", i));
      change.types = {flow::Name("TrafficFlowObserved")};
      flow::Attribute line = flow::property(
          flow::Name("location"), flow::Json{fmt::format(R"({{"type":"LineString","coordinates":{}}})", kLines[i])});
      line.kind = flow::AttributeKind::geo_property;
      change.attributes = {{line},
                           {flow::property(flow::Name("freeFlowSpeed"), 50.0)},
                           {flow::property(flow::Name("name"), flow::Text(fmt::format("Ring {}", i)))},
                           {flow::property(flow::Name("averageVehicleSpeed"), i == 0 ? 10.0 : 48.0, clock_.now())}};
      record.changes.push_back(std::move(change));
    }
    flow::Change garage;
    garage.entity = EntityId("urn:ngsi-ld:OffStreetParking:p1");
    garage.types = {flow::Name("OffStreetParking")};
    garage.attributes = {{flow::geo_point(flow::Name("location"), 10.0199, 56.005)},
                         {flow::property(flow::Name("totalSpotNumber"), 100.0)},
                         {flow::property(flow::Name("occupiedSpotNumber"), 40.0, clock_.now())}};
    record.changes.push_back(std::move(garage));
    twin::Outbox out;
    loop_->on_record(record, out);
    loop_->after_commit(1);
  }
  static JsonValue json(const net::Response& response) { return JsonValue::parse(response.body).value(); }

  std::filesystem::path folder_;
  base::ManualClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<trust::Accounts> accounts_;
  trust::Policy policy_;
  std::unique_ptr<serve::Guard> guard_;
  std::unique_ptr<GuidanceLoop> loop_;
  net::Router router_;
  std::string viewer_;
};

TEST_F(GuidanceRoutesTest, NobodyUnknownIsAnsweredAndWhoIsTooEarlyIsToldSo) {
  for (const char* path : {"/api/v1/traffic/segments", "/api/v1/traffic/incidents", "/api/v1/traffic/parking",
                           "/api/v1/traffic/route", "/api/v1/traffic/advice"})
    EXPECT_EQ(ask(path, {}, false).status, 401) << path;
  EXPECT_EQ(ask("/api/v1/traffic/segments").status, 503);
}

TEST_F(GuidanceRoutesTest, SegmentsAreGeoJsonWithWhatIsDrivenAndHowTheyWereMatched) {
  drive();
  const JsonValue body = json(ask("/api/v1/traffic/segments"));
  ASSERT_EQ(body.find("features")->array()->size(), 4u);
  EXPECT_EQ(body.find("matched")->number_or("matched", 0), 4);
  const JsonValue& first = *(*body.find("features")->array())[0].find("properties");
  EXPECT_EQ(first.text_or("name", ""), "Ring 0");
  EXPECT_EQ(first.text_or("state", ""), "congested");
  EXPECT_EQ(first.number_or("speedKmh", 0), 10);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(first.find("expectedKmh")->is));
}

TEST_F(GuidanceRoutesTest, ARouteIsAdvisedAndBadQuestionsAreAnsweredWithTheReason) {
  drive();
  const JsonValue body = json(ask("/api/v1/traffic/route", {{"from", "10.001,56"}, {"to", "10.02,56.005"}}));
  ASSERT_FALSE(body.find("options")->array()->empty());
  const JsonValue& best = body.find("options")->array()->front();
  EXPECT_GT(best.number_or("foreseenS", 0), 300);  // 1.2 km at 10 km/h and some more
  EXPECT_GE(best.find("line")->find("coordinates")->array()->size(), 3u);
  EXPECT_FALSE(body.find("why")->text_or("zh", "").empty());
  for (const auto& [from, to, status] : {std::tuple("10.001", "10.02,56", 400),
                                         {"x,y", "10.02,56", 400},
                                         {"10,56", "10,156", 400},
                                         {"", "10,56", 400},
                                         {"11,56", "10,56", 404}}) {
    const auto answer = ask("/api/v1/traffic/route", {{"from", from}, {"to", to}});
    EXPECT_EQ(answer.status, status) << from << " " << to << answer.body;
  }
  EXPECT_EQ(ask("/api/v1/traffic/route", {{"from", "10,56"}, {"to", "10.02,56"}, {"depart", "soon"}}).status, 400);
}

TEST_F(GuidanceRoutesTest, IncidentsAreShownWithTheirNumbers) {
  drive();
  flow::Finding finding;
  finding.id = EntityId("urn:ngsi-ld:Finding:traffic-incident:TrafficFlowObserved:ring-0:1");
  finding.rule = kIncidentRule;
  finding.about = EntityId("urn:ngsi-ld:TrafficFlowObserved:ring-0");
  finding.title = {"事件", "Incident"};
  finding.opened_at = clock_.now();
  finding.why = R"({"speedKmh":5,"expectedKmh":45,"expectedBy":"usual","beyondRatio":0.98})";
  finding.location = R"({"type":"LineString","coordinates":[[10,56],[10.02,56]]})";
  put(flow::to_write(finding));
  finding.id = EntityId("urn:ngsi-ld:Finding:other:1");
  finding.rule = "other";
  put(flow::to_write(finding));
  const JsonValue body = json(ask("/api/v1/traffic/incidents"));
  ASSERT_EQ(body.find("incidents")->array()->size(), 1u);
  const JsonValue& one = body.find("incidents")->array()->front();
  EXPECT_EQ(one.number_or("speedKmh", 0), 5);
  EXPECT_TRUE(one.boolean_or("active", false));
  EXPECT_THAT(one.find("why")->text_or("en", ""), testing::HasSubstr("45 is usual at this hour"));
  // Who would rather not go there is led around, or told that there is no other way.
  EXPECT_EQ(
      ask("/api/v1/traffic/route", {{"from", "10.001,56"}, {"to", "10.02,56.005"}, {"avoid", "incidents"}}).status,
      404);
}

TEST_F(GuidanceRoutesTest, AdviceIsShownWithWhatWasPredictedAndWhatWasMeasured) {
  const EntityId sign("urn:ngsi-ld:Device:vms-1"), command("urn:ngsi-ld:Command:traffic-sign-vms-1-1");
  const auto advice = [&](const std::string& id, base::Instant at) {
    flow::NounWriter noun(EntityId("urn:ngsi-ld:TrafficAdvice:" + id), "TrafficAdvice", flow::WriteMode::replace);
    noun.link("refDevice", sign).link("refCommand", command).text("text", "Port").time("madeAt", at);
    noun.language("why", {"拥堵", "Slow"}).number("savedTime", 240);
    return noun;
  };
  flow::NounWriter detour = advice("a", clock_.now());
  detour.own_json(flow::Name("predictedEffect"),
                  R"({"compliance":0.3,"meanWithoutS":1000,"meanWithS":900,"savedVehicleHours":12,"bestShare":0.4})");
  put(detour.take());
  put(advice("b", clock_.now() - std::chrono::hours(1)).take());
  flow::NounWriter outcome(EntityId("urn:ngsi-ld:TrafficOutcome:a"), "TrafficOutcome", flow::WriteMode::replace);
  outcome.link("refAdvice", EntityId("urn:ngsi-ld:TrafficAdvice:a")).text("method", "difference in differences");
  outcome.number("savedShare", 0.08).number("standardError", 0.02).number("roundsBefore", 9).number("roundsAfter", 10);
  put(outcome.take());
  const JsonValue body = json(ask("/api/v1/traffic/advice"));
  ASSERT_EQ(body.find("advice")->array()->size(), 2u);
  const JsonValue &first = (*body.find("advice")->array())[0], &second = (*body.find("advice")->array())[1];
  EXPECT_EQ(first.text_or("id", ""), "urn:ngsi-ld:TrafficAdvice:a");
  EXPECT_NEAR(first.find("predicted")->number_or("savedShare", 0), 0.1, 1e-9);
  EXPECT_NEAR(first.find("measured")->number_or("savedShare", 0), 0.08, 1e-9);
  EXPECT_EQ(first.text_or("status", ""), "proposed");
  for (const char* what : {"predicted", "measured"})
    EXPECT_TRUE(std::holds_alternative<std::monostate>(second.find(what)->is)) << what;
}

TEST_F(GuidanceRoutesTest, GaragesTellWhatIsFreeNowThenAndOnArrival) {
  drive();
  const JsonValue body = json(ask("/api/v1/traffic/parking", {{"from", "10.001,56"}, {"to", "10.02,56.006"}}));
  ASSERT_EQ(body.find("garages")->array()->size(), 1u);
  const JsonValue& one = body.find("garages")->array()->front();
  EXPECT_EQ(one.number_or("free", 0), 60);
  EXPECT_EQ(one.find("forecasts")->array()->size(), 3u);
  EXPECT_GT(one.find("arrival")->number_or("driveS", 0), 300);
  EXPECT_GT(one.find("arrival")->number_or("chance", 0), 0.9);
  EXPECT_FALSE(json(ask("/api/v1/traffic/parking")).find("garages")->array()->front().find("arrival"));
}

}  // namespace
}  // namespace cityloop::traffic
