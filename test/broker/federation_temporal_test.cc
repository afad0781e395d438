// Histories that several brokers hold parts of.
#include "test/broker/federation_fixture.h"

namespace cityloop::broker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kTemporal = R"("retrieveTemporal","queryTemporal")";
constexpr const char* kSince2020 = R"(,"observationInterval":{"startAt":"2020-01-01T00:00:00Z"})";

std::string at(int hour, int value) {
  return fmt::format(R"({{"type":"Property","value":{},"observedAt":"2026-05-01T{:02}:00:00Z"}})", value, hour);
}

std::string history(std::string_view id, std::vector<std::string> instances) {
  return fmt::format(R"({{"id":"{}","type":"Bus","speed":[{}]}})", id, fmt::join(instances, ","));
}

std::vector<std::string> values(const JsonValue& entity, std::string_view attribute = "speed") {
  std::vector<std::string> out;
  const JsonValue* list = entity.find(attribute);
  if (!list || !list->array()) return out;
  for (const JsonValue& instance : *list->array()) {
    const JsonValue* value = instance.find("value");
    out.push_back(value ? value->dump() : "-");
  }
  return out;
}

class FederatedHistory : public testing::Test {
 protected:
  FederatedHistory() {
    EXPECT_EQ(broker.post("/temporal/entities", history("urn:bus:1", {at(1, 10), at(3, 30)})).status, 201);
  }
  void registers(std::string_view interval = kSince2020, std::string_view information = kBus,
                 std::string_view mode = "inclusive") {
    broker.registers("s", source.url(), mode, kTemporal, information, interval);
  }
  TestBroker broker;
  Source source;
};

TEST_F(FederatedHistory, OfOneEntityIsPutTogetherInOrderOfTime) {
  registers();
  source.answers(200, history("urn:bus:1", {at(2, 20), at(3, 30), at(4, 40)}));
  const auto response = broker.get("/temporal/entities/urn:bus:1?timerel=after&timeAt=2026-05-01T00:00:00Z");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_THAT(values(json_of(response)), ElementsAre("10", "20", "30", "40"));  // what both tell once
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1/temporal/entities/urn:bus:1");
  EXPECT_EQ(source.last().argument("timerel").value_or(""), "after");
  EXPECT_EQ(source.last().argument("timeAt").value_or(""), "2026-05-01T00:00:00Z");
  EXPECT_EQ(source.last().header("via"), "1.1 here");
  const auto last = broker.get("/temporal/entities/urn:bus:1?lastN=2");
  EXPECT_THAT(values(json_of(last)), ElementsAre("30", "40"));
  EXPECT_EQ(source.last().argument("lastN").value_or(""), "2");
  EXPECT_THAT(values(json_of(broker.get("/temporal/entities/urn:bus:1?local=true"))), ElementsAre("10", "30"));
}

TEST_F(FederatedHistory, ThatOnlyASourceHasIsFoundAndWhatNobodyHasIsNot) {
  registers();
  source.answers(200, history("urn:bus:7", {at(2, 20)}));
  EXPECT_THAT(values(json_of(broker.get("/temporal/entities/urn:bus:7"))), ElementsAre("20"));
  source.answers(404, "");
  EXPECT_EQ(broker.get("/temporal/entities/urn:bus:8").status, 404);
  source.answers(503, "");
  const auto without = broker.get("/temporal/entities/urn:bus:1");
  EXPECT_EQ(without.status, 200);
  EXPECT_THAT(text_of(without, "ngsild-warning"), HasSubstr("ContextSourceRegistration:s"));
}

TEST_F(FederatedHistory, IsAskedOnlyOfWhoKnowsThatTime) {
  registers(R"(,"observationInterval":{"startAt":"2020-01-01T00:00:00Z","endAt":"2021-01-01T00:00:00Z"})");
  source.answers(200, history("urn:bus:1", {at(2, 20)}));
  broker.get("/temporal/entities/urn:bus:1?timerel=after&timeAt=2026-05-01T00:00:00Z");
  broker.get("/temporal/entities/urn:bus:1?timerel=before&timeAt=2019-05-01T00:00:00Z");
  broker.get("/temporal/entities/urn:bus:1?timerel=before&timeAt=2026-05-02T00:00:00Z&timeproperty=modifiedAt");
  broker.get("/entities/urn:bus:1");  // one that tells of the past is not asked of the present
  EXPECT_TRUE(source.seen().empty());
  broker.get("/temporal/entities/urn:bus:1?timerel=between&timeAt=2020-05-01T00:00:00Z&endTimeAt=2026-05-01T00:00:00Z");
  EXPECT_EQ(source.seen().size(), 1u);
}

TEST_F(FederatedHistory, QueriesMergePagesAndCount) {
  EXPECT_EQ(broker.post("/temporal/entities", history("urn:bus:2", {at(1, 11)})).status, 201);
  registers(kSince2020, R"({"entities":[{"type":"Bus","idPattern":"urn:bus:.*"}],"propertyNames":["speed"]})");
  source.answers([](const net::Request&) {
    auto response =
        Source::said(200, fmt::format("[{},{}]", history("urn:bus:2", {at(2, 22)}), history("urn:bus:3", {at(2, 33)})));
    response.headers.emplace_back("NGSILD-Results-Count", "2");
    return response;
  });
  const std::string query = "/temporal/entities?type=Bus&timerel=after&timeAt=2026-05-01T00:00:00Z";
  const auto all = broker.get(query + "&count=true");
  ASSERT_EQ(all.status, 200) << all.body;
  const JsonValue body = json_of(all);
  ASSERT_EQ(body.array()->size(), 3u);
  EXPECT_THAT(values((*body.array())[1]), ElementsAre("11", "22"));
  EXPECT_EQ(text_of(all, "ngsild-results-count"), "3");
  EXPECT_EQ(source.last().argument("type").value_or(""), "Bus");
  EXPECT_EQ(source.last().argument("attrs").value_or(""), "speed");
  EXPECT_EQ(source.last().argument("idPattern").value_or(""), "urn:bus:.*");
  const auto page = broker.get(query + "&limit=1&offset=1");
  ASSERT_EQ(json_of(page).array()->size(), 1u);
  EXPECT_EQ(json_of(page).array()->front().text_or("id", ""), "urn:bus:2");
  EXPECT_THAT(text_of(page, "link"), HasSubstr("rel="));
  const auto by_body = broker.post("/temporal/entityOperations/query",
                                   R"({"type":"Query","entities":[{"type":"Bus"},{"type":"Tram"}],
      "temporalQ":{"timerel":"after","timeAt":"2026-05-01T00:00:00Z"}})");
  ASSERT_EQ(by_body.status, 200) << by_body.body;
  EXPECT_EQ(json_of(by_body).array()->size(), 3u);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1/temporal/entityOperations/query");
  const JsonValue sent = JsonValue::parse(source.last().body).value();
  EXPECT_EQ(sent.find("entities")->dump(), R"([{"type":"Bus","idPattern":"urn:bus:.*"}])");
  EXPECT_EQ(sent.find("temporalQ")->text_or("timerel", ""), "after");
  EXPECT_EQ(broker.get("/temporal/entities?type=Bus&timerel=after&timeAt=2026-05-01T00:00:00Z&limit=-1").status, 400);
}

TEST_F(FederatedHistory, OfSeveralStayApartWhereNobodyWantsToSeeTheirIds) {
  EXPECT_EQ(broker.post("/temporal/entities", history("urn:bus:2", {at(1, 11)})).status, 201);
  registers();
  source.answers(200, fmt::format("[{},{}]", history("urn:bus:2", {at(2, 22)}), history("urn:bus:3", {at(2, 33)})));
  const std::string time = "timerel=after&timeAt=2026-05-01T00:00:00Z";
  for (const char* hides : {"pick=speed", "omit=id,type", "omit=id"}) {
    const auto all = broker.get(fmt::format("/temporal/entities?type=Bus&{}&{}", time, hides));
    ASSERT_EQ(all.status, 200) << all.body;
    const JsonValue body = json_of(all);
    ASSERT_EQ(body.array()->size(), 3u) << all.body;
    EXPECT_THAT(values((*body.array())[1]), ElementsAre("11", "22")) << hides;
    for (const JsonValue& one : *body.array()) EXPECT_FALSE(one.find("id")) << hides;
  }
  EXPECT_EQ(source.last().argument("omit"), std::nullopt);
  const auto by_body = broker.post("/temporal/entityOperations/query", R"({"type":"Query","entities":[{"type":"Bus"}],
      "pick":["speed"],"temporalQ":{"timerel":"after","timeAt":"2026-05-01T00:00:00Z"}})");
  ASSERT_EQ(json_of(by_body).array()->size(), 3u) << by_body.body;
  EXPECT_FALSE(json_of(by_body).array()->front().find("id"));
  EXPECT_EQ(JsonValue::parse(source.last().body).value().text_or("pick", ""), "speed,id");
}

TEST_F(FederatedHistory, SimplifiedAndAggregatedHistoriesAreMergedRowByRow) {
  registers();
  source.answers(200, R"({"id":"urn:bus:1","type":"Bus","speed":{"type":"Property",
      "values":[[20,"2026-05-01T02:00:00Z"],[30,"2026-05-01T03:00:00Z"]]}})");
  const JsonValue rows = json_of(broker.get("/temporal/entities/urn:bus:1?options=temporalValues"));
  EXPECT_EQ(rows.find("speed")->find("values")->dump(),
            R"([[10,"2026-05-01T01:00:00Z"],[20,"2026-05-01T02:00:00Z"],[30,"2026-05-01T03:00:00Z"]])");
  source.answers(200, R"({"id":"urn:bus:1","type":"Bus","speed":{"type":"Property",
      "max":[[50,"2026-05-01T00:00:00Z","2026-05-02T00:00:00Z"]],"totalCount":[[4,"2026-05-01T00:00:00Z","2026-05-02T00:00:00Z"]]}})");
  const JsonValue sums =
      json_of(broker.get("/temporal/entities/"
                         "urn:bus:1?options=aggregatedValues&aggrMethods=max,totalCount&aggrPeriodDuration=P1D&timerel="
                         "between&timeAt=2026-05-01T00:00:00Z&endTimeAt=2026-05-02T00:00:00Z"));
  EXPECT_EQ(sums.find("speed")->find("max")->array()->front().array()->front().dump(), "50") << sums.dump();
  EXPECT_EQ(sums.find("speed")->find("totalCount")->array()->front().array()->front().dump(), "6") << sums.dump();
}

TEST_F(FederatedHistory, EndsWhereTheFirstOfThemEnds) {
  registers();
  source.answers([](const net::Request&) {
    auto response = Source::said(206, history("urn:bus:1", {at(0, 5), at(2, 20)}));
    response.headers.emplace_back("Content-Range", "date-time 2026-05-01T00:00:00Z-2026-05-01T02:00:00Z/*");
    return response;
  });
  const auto response = broker.get("/temporal/entities/urn:bus:1?timerel=after&timeAt=2026-04-30T00:00:00Z");
  EXPECT_EQ(response.status, 206);
  EXPECT_THAT(values(json_of(response)), ElementsAre("5", "10", "20"));
  EXPECT_THAT(text_of(response, "content-range"), HasSubstr("-2026-05-01T02:00:00Z/"));
}

TEST_F(FederatedHistory, ACircleEndsAndJsonLdHasItsContextOnce) {
  registers();
  source.answers(200, history("urn:bus:1", {at(2, 20)}));
  EXPECT_EQ(broker.get("/temporal/entities/urn:bus:1", {{"Via", "1.1 here"}}).status, 508);
  const auto response = broker.get("/temporal/entities/urn:bus:1", {{"Accept", "application/ld+json"}});
  EXPECT_THAT(text_of(response, "content-type"), HasSubstr("application/ld+json"));
  EXPECT_TRUE(json_of(response).find("@context"));
}

}  // namespace
}  // namespace cityloop::broker
