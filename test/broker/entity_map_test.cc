// Queries that go by an entity map, of entities and of their histories: here, and over sources that have maps of their
// own or none.
#include "test/broker/federation_fixture.h"

namespace cityloop::broker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> ids(const net::Response& response) {
  std::vector<std::string> out;
  const JsonValue body = json_of(response);
  for (const JsonValue& item : body.array() ? *body.array() : JsonValue::Array{}) out.push_back(item.text_or("id", ""));
  return out;
}

std::string map_of(const net::Response& response) {
  return text_of(response, "ngsild-entitymap");
}

TEST(EntityMaps, FixTheEntitiesOfAQueryForItsPages) {
  TestBroker broker;
  for (int i = 1; i <= 3; ++i) broker.creates(bus(fmt::format("urn:bus:{}", i), property("speed", i)));
  const auto first = broker.get("/entities?type=Bus&limit=2&count=true&entityMap=true");
  EXPECT_EQ(first.status, 201);
  EXPECT_THAT(ids(first), ElementsAre("urn:bus:1", "urn:bus:2"));
  EXPECT_EQ(text_of(first, "ngsild-results-count"), "3");
  EXPECT_THAT(text_of(first, "link"), HasSubstr("rel="));
  const std::string map = map_of(first);
  ASSERT_THAT(map, HasSubstr("/ngsi-ld/v1/entityMaps/urn:ngsi-ld:EntityMap:"));
  broker.creates(bus("urn:bus:4", property("speed", 4)));
  const auto second = broker.get("/entities?type=Bus&limit=2&offset=2&count=true", {{"NGSILD-EntityMap", map}});
  EXPECT_EQ(second.status, 200);
  EXPECT_THAT(ids(second), ElementsAre("urn:bus:3"));  // the fourth came later
  EXPECT_EQ(map_of(second), map);
  EXPECT_EQ(text_of(second, "ngsild-results-count"), "3");
  EXPECT_EQ(broker.get("/entities?type=Bus").status, 200);
  EXPECT_EQ(map_of(broker.get("/entities?type=Bus")), "");
}

TEST(EntityMaps, CanBeReadKeptLongerAndTakenAway) {
  TestBroker broker;
  broker.creates(bus("urn:bus:1", property("speed", 1)));
  const auto made = broker.get("/entityMaps?type=Bus&entityMapLifetime=PT1M");
  ASSERT_EQ(made.status, 201) << made.body;
  const JsonValue map = json_of(made);
  EXPECT_EQ(map.text_or("type", ""), "EntityMap");
  EXPECT_EQ(map.find("entityMap")->dump(), R"({"urn:bus:1":["@none"]})");
  EXPECT_EQ(map.text_or("expiresAt", ""), "2026-05-01T08:01:00Z");
  const std::string one = "/entityMaps/" + map.text_or("id", "");
  EXPECT_EQ(map_of(made), "/ngsi-ld/v1" + one);
  EXPECT_EQ(json_of(broker.get(one)).dump(), map.dump());
  EXPECT_EQ(broker.patch(one, R"({"expiresAt":"2026-05-01T08:30:00Z","entityMap":{}})").status, 204);
  EXPECT_EQ(json_of(broker.get(one)).text_or("expiresAt", ""), "2026-05-01T08:30:00Z");
  EXPECT_EQ(json_of(broker.get(one)).find("entityMap")->dump(), R"({"urn:bus:1":["@none"]})");
  EXPECT_EQ(broker.patch(one, R"({"expiresAt":"2020-01-01T00:00:00Z"})").status, 400);
  EXPECT_EQ(broker.patch(one, R"({"expiresAt":7})").status, 400);
  EXPECT_EQ(broker.patch("/entityMaps/urn:no:1", R"({"expiresAt":"2026-05-01T08:30:00Z"})").status, 404);
  EXPECT_EQ(broker.get("/entityMaps/none").status, 400);
  EXPECT_EQ(broker.del(one).status, 204);
  EXPECT_EQ(broker.del(one).status, 404);
  EXPECT_EQ(broker.get(one).status, 404);
  EXPECT_EQ(broker.post("/entityMaps", R"({"type":"Query","entities":[{"type":"Bus"}]})").status, 201);
  EXPECT_EQ(broker.get("/entityMaps").status, 400);  // this would be everything
  EXPECT_EQ(broker.get("/entityMaps?type=Bus&entityMapLifetime=soon").status, 400);
}

TEST(EntityMaps, OneThatIsGoneIsMadeAnew) {
  TestBroker broker;
  broker.creates(bus("urn:bus:1", property("speed", 1)));
  const auto first = broker.get("/entities?type=Bus&entityMap=true");
  broker.clock().advance_to(broker.clock().now() + std::chrono::minutes(11));
  const auto again = broker.get("/entities?type=Bus", {{"NGSILD-EntityMap", map_of(first)}});
  EXPECT_EQ(again.status, 201);
  EXPECT_THAT(ids(again), ElementsAre("urn:bus:1"));
  EXPECT_NE(map_of(again), map_of(first));
  EXPECT_EQ(broker.get("/entities?type=Bus", {{"NGSILD-EntityMap", "nothing at all"}}).status, 400);
}

TEST(EntityMaps, KnowWhichSourceHasWhichEntity) {
  TestBroker broker;
  Source maps, plain;
  maps.answers([](const net::Request& request) {
    if (request.path.ends_with("/entityMaps")) {
      return Source::said(201,
                          R"({"id":"urn:ngsi-ld:EntityMap:theirs","type":"EntityMap","expiresAt":"2026-05-01T08:10:00Z",
        "entityMap":{"urn:bus:1":["@none"],"urn:bus:5":["urn:x:1"]},"linkedMaps":{}})");
    }
    return Source::said(200, "[" + bus("urn:bus:5", property("speed", 5)) + "]");
  });
  plain.answers([](const net::Request& request) {
    if (request.path.ends_with("/entities"))
      return Source::said(200, "[" + bus("urn:bus:6", property("speed", 6)) + "]");
    return Source::said(404, "");
  });
  broker.creates(bus("urn:bus:1", property("seats", 1)));
  broker.registers("m", maps.url(), "inclusive", R"("federationOps")", kBus);
  broker.registers("p", plain.url(), "inclusive", R"("federationOps")", kBus);
  const JsonValue map = json_of(broker.get("/entityMaps?type=Bus"));
  const std::string urn = "urn:ngsi-ld:ContextSourceRegistration:";
  EXPECT_EQ(map.find("entityMap")->dump(),
            fmt::format(R"({{"urn:bus:1":["@none","{0}m"],"urn:bus:5":["{0}m"],"urn:bus:6":["{0}p"]}})", urn));
  EXPECT_EQ(map.find("linkedMaps")->dump(), fmt::format(R"({{"{}m":"urn:ngsi-ld:EntityMap:theirs"}})", urn));
  const std::size_t asked = plain.seen().size();
  const auto page = broker.get("/entities?type=Bus&limit=1&offset=1",
                               {{"NGSILD-EntityMap", "/ngsi-ld/v1/entityMaps/" + map.text_or("id", "")}});
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(ids(page), ElementsAre("urn:bus:5"));
  EXPECT_EQ(maps.last().argument("id").value_or(""), "urn:bus:5");
  EXPECT_EQ(plain.seen().size(), asked);  // has nothing to do with that page
}

constexpr const char* kAfter = "timerel=after&timeAt=2026-05-01T00:00:00Z";

std::string history(std::string_view id, int value, int hour = 1) {
  return bus(id, fmt::format(R"("speed":[{{"type":"Property","value":{},"observedAt":"2026-05-01T{:02}:00:00Z"}}])",
                             value, hour));
}

class EntityMapsOfHistories : public testing::Test {
 protected:
  void remembers(std::string_view id, int value) {
    ASSERT_EQ(broker.post("/temporal/entities?local=true", history(id, value)).status, 201);
  }
  std::string buses(std::string_view more) { return fmt::format("/temporal/entities?type=Bus&{}&{}", kAfter, more); }
  TestBroker broker;
};

TEST_F(EntityMapsOfHistories, FixThemForTheirPages) {
  for (int i = 1; i <= 3; ++i) remembers(fmt::format("urn:bus:{}", i), i);
  const auto first = broker.get(buses("limit=2&count=true&entityMap=true"));
  EXPECT_EQ(first.status, 201) << first.body;
  EXPECT_THAT(ids(first), ElementsAre("urn:bus:1", "urn:bus:2"));
  EXPECT_EQ(text_of(first, "ngsild-results-count"), "3");
  EXPECT_THAT(text_of(first, "link"), HasSubstr("rel="));
  const std::string map = map_of(first);
  ASSERT_THAT(map, HasSubstr("/ngsi-ld/v1/entityMaps/urn:ngsi-ld:EntityMap:"));
  remembers("urn:bus:4", 4);
  const auto second = broker.get(buses("limit=2&offset=2&count=true"), {{"NGSILD-EntityMap", map}});
  EXPECT_EQ(second.status, 200) << second.body;
  EXPECT_THAT(ids(second), ElementsAre("urn:bus:3"));  // the fourth came later
  EXPECT_EQ(map_of(second), map);
  EXPECT_EQ(text_of(second, "ngsild-results-count"), "3");
  EXPECT_THAT(ids(broker.get(buses("limit=2&offset=7"), {{"NGSILD-EntityMap", map}})), ElementsAre());
  EXPECT_EQ(broker.get(buses("limit=2")).status, 200);
  EXPECT_EQ(map_of(broker.get(buses("limit=2"))), "");
  const auto by_body = broker.post("/temporal/entityOperations/query?limit=2", R"({"type":"Query",
      "entities":[{"type":"Bus"}],"entityMap":true,
      "temporalQ":{"timerel":"after","timeAt":"2026-05-01T00:00:00Z"}})");
  EXPECT_EQ(by_body.status, 201) << by_body.body;
  EXPECT_THAT(ids(by_body), ElementsAre("urn:bus:1", "urn:bus:2"));
}

TEST_F(EntityMapsOfHistories, AreMadeOfTheirQueriesAndOfNothingElse) {
  remembers("urn:bus:1", 10);
  remembers("urn:bus:2", 20);
  const auto made =
      broker.get(fmt::format("/temporal/entityMaps?type=Bus&q=speed%3E15&{}&entityMapLifetime=PT1M", kAfter));
  ASSERT_EQ(made.status, 201) << made.body;
  const JsonValue map = json_of(made);
  EXPECT_EQ(map.find("entityMap")->dump(), R"({"urn:bus:2":["@none"]})");
  EXPECT_EQ(map.text_or("expiresAt", ""), "2026-05-01T08:01:00Z");
  const std::string one = "/entityMaps/" + map.text_or("id", "");
  EXPECT_EQ(map_of(made), "/ngsi-ld/v1" + one);
  EXPECT_EQ(json_of(broker.get(one)).dump(), map.dump());
  // Of a stretch in which nothing was, and of which stretch nobody says.
  const auto before = broker.get("/temporal/entityMaps?type=Bus&timerel=before&timeAt=2026-05-01T00:00:00Z");
  EXPECT_EQ(json_of(before).find("entityMap")->dump(), "{}");
  EXPECT_EQ(broker.get("/temporal/entityMaps?type=Bus").status, 400);
  EXPECT_EQ(broker.get(fmt::format("/temporal/entityMaps?{}", kAfter)).status, 400);
  EXPECT_EQ(broker
                .post("/temporal/entityMaps", R"({"type":"Query","entities":[{"type":"Bus"}],
      "temporalQ":{"timerel":"after","timeAt":"2026-05-01T00:00:00Z"}})")
                .status,
            201);
  EXPECT_EQ(broker.post("/temporal/entityMaps", R"({"type":"Query","entities":[{"type":"Bus"}]})").status, 400);
  // A map of entities as they are says nothing of histories: one that does is made.
  broker.creates(bus("urn:bus:9", property("speed", 1)));
  const auto now = broker.get("/entities?type=Bus&entityMap=true");
  const auto again = broker.get(buses("limit=5"), {{"NGSILD-EntityMap", map_of(now)}});
  EXPECT_EQ(again.status, 201);
  EXPECT_NE(map_of(again), map_of(now));
  EXPECT_EQ(broker.del(one).status, 204);
  EXPECT_EQ(broker.get(buses("limit=5"), {{"NGSILD-EntityMap", one}}).status, 201);
}

TEST_F(EntityMapsOfHistories, KnowWhichSourceHasWhich) {
  Source maps, plain;
  maps.answers([](const net::Request& request) {
    if (request.path.ends_with("/temporal/entityMaps")) {
      return Source::said(201, R"({"id":"urn:ngsi-ld:EntityMap:theirs","type":"EntityMap",
        "expiresAt":"2026-05-01T08:10:00Z","entityMap":{"urn:bus:1":["@none"],"urn:bus:5":["urn:x:1"]},"linkedMaps":{}})");
    }
    return Source::said(200, "[" + history("urn:bus:5", 55) + "," + history("urn:bus:1", 12, 2) + "]");
  });
  plain.answers([](const net::Request& request) {
    if (request.path.ends_with("/temporal/entities")) return Source::said(200, "[" + history("urn:bus:6", 66) + "]");
    return Source::said(404, "");
  });
  remembers("urn:bus:1", 11);
  const std::string since = R"(,"observationInterval":{"startAt":"2020-01-01T00:00:00Z"})";
  broker.registers("m", maps.url(), "inclusive", R"("queryTemporal","createEntityMapQueryTemporal")", kBus, since);
  broker.registers("p", plain.url(), "inclusive", R"("queryTemporal")", kBus, since);
  broker.registers("now", plain.url(), "inclusive", R"("federationOps")", kBus);
  const auto made = broker.get(fmt::format("/temporal/entityMaps?type=Bus&{}", kAfter));
  ASSERT_EQ(made.status, 201) << made.body;
  const JsonValue map = json_of(made);
  const std::string urn = "urn:ngsi-ld:ContextSourceRegistration:";
  EXPECT_EQ(map.find("entityMap")->dump(),
            fmt::format(R"({{"urn:bus:1":["@none","{0}m"],"urn:bus:5":["{0}m"],"urn:bus:6":["{0}p"]}})", urn));
  EXPECT_EQ(map.find("linkedMaps")->dump(), fmt::format(R"({{"{}m":"urn:ngsi-ld:EntityMap:theirs"}})", urn));
  EXPECT_EQ(maps.last().argument("timerel").value_or(""), "after");
  const std::size_t asked = plain.seen().size();
  EXPECT_EQ(asked, 1u) << "who tells of the present is not asked of the past";
  const auto page = broker.get(buses("limit=2"), {{"NGSILD-EntityMap", map_of(made)}});
  EXPECT_EQ(page.status, 200) << page.body;
  EXPECT_THAT(ids(page), ElementsAre("urn:bus:1", "urn:bus:5"));
  EXPECT_EQ(json_of(page).array()->front().find("speed")->array()->size(), 2u);  // ours and theirs
  EXPECT_EQ(maps.last().path, "/ngsi-ld/v1/temporal/entities");
  EXPECT_EQ(maps.last().argument("id").value_or(""), "urn:bus:1,urn:bus:5");
  EXPECT_FALSE(maps.last().argument("entityMap"));
  EXPECT_EQ(plain.seen().size(), asked);  // has nothing to do with that page
  EXPECT_THAT(ids(broker.get(buses("limit=2&offset=2"), {{"NGSILD-EntityMap", map_of(made)}})),
              ElementsAre("urn:bus:6"));
}

}  // namespace
}  // namespace cityloop::broker
