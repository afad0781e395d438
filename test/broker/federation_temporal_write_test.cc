// Histories written together with sources: each operation with each mode of registration, where what of it goes, and
// what the caller is told (ETSI GS CIM 009, clauses 4.3.6.2, 4.3.6.3, 5.6.11 to 5.6.16).
#include "test/broker/federation_fixture.h"

namespace cityloop::broker {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kWrites = R"("upsertTemporal","appendAttrsTemporal","deleteAttrsTemporal",
    "updateAttrInstanceTemporal","deleteAttrInstanceTemporal","deleteTemporal")";
const std::string kAll1 = "/temporal/entities/urn:bus:1";

std::string at(int hour, int value) {
  return fmt::format(R"({{"type":"Property","value":{},"observedAt":"2026-05-01T{:02}:00:00Z"}})", value, hour);
}

std::string two_attributes(int hour) {
  return fmt::format(R"("speed":[{}],"seats":[{}])", at(hour, hour), at(hour, 40 + hour));
}

class TemporalModes : public testing::TestWithParam<const char*> {
 protected:
  TemporalModes() {
    source.answers([](const net::Request& request) {
      return Source::said(request.method == net::Method::post && request.path.ends_with("/entities") ? 201 : 204, "");
    });
  }
  void registers(std::string_view operations = kWrites) {
    broker.registers("s", source.url(), mode, operations, mode == "exclusive" ? kBus1Speed : kBus);
  }
  net::Response here(std::string_view query = "") { return broker.get(fmt::format("{}?local=true{}", kAll1, query)); }
  void makes_here() {
    ASSERT_EQ(broker.post("/temporal/entities?local=true", bus("urn:bus:1", two_attributes(1))).status, 201);
  }
  // The one instance of an attribute that is here.
  std::string instance_here(std::string_view attribute) {
    const JsonValue entity = json_of(here());
    const JsonValue* list = entity.find(attribute);
    return list && list->array() && !list->array()->empty() ? list->array()->front().text_or("instanceId", "") : "";
  }

  const std::string mode{GetParam()};
  TestBroker broker;
  Source source;
};

INSTANTIATE_TEST_SUITE_P(Of, TemporalModes, testing::Values("inclusive", "exclusive", "redirect"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(TemporalModes, MakingAHistoryAndAddingToIt) {
  registers();
  const auto made = broker.post("/temporal/entities", bus("urn:bus:1", two_attributes(1)));
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(text_of(made, "location"), "/ngsi-ld/v1/temporal/entities/urn:bus:1");
  ASSERT_EQ(source.seen().size(), 1u);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1/temporal/entities");
  EXPECT_THAT(source.last().body, HasSubstr("speed"));
  EXPECT_EQ(source.last().body.find("seats") == std::string::npos, mode == "exclusive");
  EXPECT_EQ(here().status, mode == "redirect" ? 404 : 200);
  EXPECT_EQ(json_of(here()).find("speed") != nullptr, mode == "inclusive");

  const auto added = broker.post(kAll1 + "/attrs", "{" + two_attributes(2) + "}");
  EXPECT_EQ(added.status, 204) << added.body;
  ASSERT_EQ(source.seen().size(), 2u);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1" + kAll1 + "/attrs");
  EXPECT_EQ(source.last().body.find("seats") == std::string::npos, mode == "exclusive");
  if (mode != "redirect") EXPECT_EQ(json_of(here()).find("seats")->array()->size(), 2u);
  EXPECT_EQ(broker.post("/temporal/entities", bus("urn:bus:1", two_attributes(3))).status,
            mode == "redirect" ? 201 : 204);  // it is known here, or the source says that it is new to it
}

TEST_P(TemporalModes, AttributesAndWholeHistoriesGo) {
  makes_here();
  registers();
  EXPECT_EQ(broker.del(kAll1 + "/attrs/speed?deleteAll=true").status, 204);
  ASSERT_EQ(source.seen().size(), 1u);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1" + kAll1 + "/attrs/speed");
  EXPECT_EQ(source.last().argument("deleteAll").value_or(""), "true");
  // What is an exclusive source's, or a redirect's, is not held here: so it is not looked for.
  EXPECT_EQ(json_of(here()).find("speed") == nullptr, mode == "inclusive");
  EXPECT_EQ(broker.del(kAll1 + "/attrs/seats").status, 204);
  EXPECT_EQ(source.seen().size(), mode == "exclusive" ? 1u : 2u);

  EXPECT_EQ(broker.del(kAll1).status, 204);
  EXPECT_EQ(source.last().method, net::Method::del);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1" + kAll1);
  EXPECT_EQ(here().status, 404);
}

TEST_P(TemporalModes, AnInstanceIsInOnePlace) {
  makes_here();
  const std::string mine = instance_here("speed");
  registers();
  const std::string theirs = kAll1 + "/attrs/speed/urn:instance:9", ours = kAll1 + "/attrs/speed/" + mine;
  EXPECT_EQ(broker.patch(theirs, R"({"speed":[{"type":"Property","value":9}]})").status, 204);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1" + theirs);
  EXPECT_THAT(source.last().body, HasSubstr("9"));
  EXPECT_EQ(broker.del(theirs).status, 204);
  EXPECT_EQ(source.last().method, net::Method::del);
  source.answers(404, "");
  EXPECT_EQ(broker.del(theirs).status, 404);
  // One of ours, which an inclusive source does not know; behind an exclusive one or a redirect nobody looks for it.
  EXPECT_EQ(broker.patch(ours, R"({"speed":[{"type":"Property","value":8}]})").status, mode == "inclusive" ? 204 : 404);
  EXPECT_EQ(broker.del(ours).status, mode == "inclusive" ? 204 : 404);
}

TEST_P(TemporalModes, WhatASourceRefusesIsToldBesideWhatWasDone) {
  registers();
  source.answers(400,
                 R"({"type":"https://uri.etsi.org/ngsi-ld/errors/BadRequestData","title":"no","detail":"too fast"})");
  const auto made = broker.post("/temporal/entities", bus("urn:bus:1", two_attributes(1)));
  if (mode == "redirect") {
    EXPECT_EQ(made.status, 400) << made.body;
    EXPECT_THAT(made.body, HasSubstr("too fast"));
    return;
  }
  EXPECT_EQ(made.status, 207) << made.body;
  EXPECT_EQ(text_of(made, "location"), "/ngsi-ld/v1/temporal/entities/urn:bus:1");
  EXPECT_THAT(made.body, HasSubstr(R"("success":["urn:bus:1"])"));
  EXPECT_THAT(made.body, HasSubstr(R"("registrationId":"urn:ngsi-ld:ContextSourceRegistration:s")"));
  const auto added = broker.post(kAll1 + "/attrs", "{" + two_attributes(2) + "}");
  EXPECT_EQ(added.status, 207) << added.body;
  EXPECT_THAT(json_of(added).find("notUpdated")->dump(), HasSubstr("too fast"));
  EXPECT_THAT(json_of(added).find("updated")->dump(), HasSubstr("seats"));
}

TEST_P(TemporalModes, AnOperationThatASourceDoesNotTake) {
  registers(R"("retrieveTemporal")");
  const auto made = broker.post("/temporal/entities", bus("urn:bus:1", two_attributes(1)));
  EXPECT_EQ(made.status, mode == "inclusive" ? 201 : mode == "exclusive" ? 207 : 409) << made.body;
  if (mode != "inclusive") EXPECT_THAT(made.body, HasSubstr("Conflict"));
  EXPECT_TRUE(source.seen().empty());
  EXPECT_EQ(broker.post("/temporal/entities?local=true", bus("urn:bus:2", two_attributes(1))).status, 201);
}

class TemporalWrites : public testing::Test {
 protected:
  TestBroker broker;
  Source source;
};

TEST_F(TemporalWrites, GoWhereTheirTypeIsKnownAndNoFurther) {
  broker.registers("s", source.url(), "redirect", kWrites, kBus);
  const std::string lamp = R"({"id":"urn:lamp:1","type":"Lamp","on":[)" + at(1, 1) + "]}";
  EXPECT_EQ(broker.post("/temporal/entities", lamp).status, 201);
  EXPECT_EQ(broker.post("/temporal/entities/urn:lamp:1/attrs", R"({"on":[)" + at(2, 0) + "]}").status, 204);
  EXPECT_EQ(broker.del("/temporal/entities/urn:lamp:1/attrs/on").status, 204);
  EXPECT_EQ(broker.del("/temporal/entities/urn:lamp:1").status, 204);
  EXPECT_TRUE(source.seen().empty()) << "a lamp is no bus, as history knows";
}

TEST_F(TemporalWrites, AreRefusedBeforeTheyGoAnywhereAndDoNotGoInACircle) {
  broker.registers("s", source.url(), "redirect", kWrites, kBus);
  EXPECT_EQ(broker.post("/temporal/entities", R"({"id":"bus","type":"Bus"})").status, 400);
  EXPECT_EQ(broker.post(kAll1 + "/attrs", "{}").status, 400);
  EXPECT_EQ(broker.del("/temporal/entities/bus").status, 400);
  EXPECT_EQ(broker.del(kAll1 + "/attrs/le%28vel").status, 400);
  EXPECT_EQ(broker.patch(kAll1 + "/attrs/speed/first", R"({"speed":[{"type":"Property","value":9}]})").status, 400);
  EXPECT_EQ(broker.post("/temporal/entities", bus("urn:bus:1", two_attributes(1)), {{"Via", "1.1 here"}}).status, 508);
  EXPECT_TRUE(source.seen().empty());
  source.answers(204, "");
  EXPECT_EQ(broker.post("/temporal/entities", bus("urn:bus:1", two_attributes(1)), {{"Via", "1.1 there"}}).status, 204);
  EXPECT_EQ(source.last().header("via"), "1.1 there, 1.1 here");
}

TEST_F(TemporalWrites, SpeakASourcesOwnWords) {
  broker.publish("http://words/theirs",
                 R"({"@context":{"Velo":"https://uri.etsi.org/ngsi-ld/default-context/speed"}})");
  broker.registers("s", source.url(), "redirect", kWrites, kBus,
                   R"(,"contextSourceInfo":[{"key":"jsonldContext","value":"http://words/theirs"}])");
  source.answers(204, "");
  EXPECT_EQ(broker.del(kAll1 + "/attrs/speed/urn:instance:1").status, 204);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1" + kAll1 + "/attrs/Velo/urn:instance:1");
  EXPECT_EQ(broker.patch(kAll1 + "/attrs/speed/urn:instance:1", R"({"speed":[{"type":"Property","value":9}]})").status,
            204);
  EXPECT_THAT(source.last().body, HasSubstr(R"("Velo":[{)"));
  EXPECT_EQ(broker.del(kAll1 + "/attrs/speed").status, 204);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1" + kAll1 + "/attrs/Velo");
  EXPECT_EQ(broker.post(kAll1 + "/attrs", "{" + two_attributes(1) + "}").status, 204);
  EXPECT_THAT(source.last().body, HasSubstr(R"("Velo":[{)"));
  EXPECT_THAT(source.last().body, Not(HasSubstr("speed")));
}

TEST_F(TemporalWrites, ReachAnotherBrokersHistory) {
  TestBroker there("there");
  broker.registers("t", there.url(), "redirect", std::string(kWrites) + R"(,"retrieveTemporal","queryTemporal")", kBus,
                   there.way_in() + R"(,"observationInterval":{"startAt":"2020-01-01T00:00:00Z"})");
  EXPECT_EQ(broker.post("/temporal/entities", bus("urn:bus:1", two_attributes(1))).status, 201);
  EXPECT_EQ(broker.post(kAll1 + "/attrs", "{" + two_attributes(2) + "}").status, 204);
  EXPECT_EQ(broker.get(kAll1 + "?local=true").status, 404);
  const JsonValue all = json_of(broker.get(kAll1));
  ASSERT_EQ(all.find("speed")->array()->size(), 2u) << all.dump();
  const std::string id = all.find("speed")->array()->front().text_or("instanceId", "");
  EXPECT_EQ(broker.patch(kAll1 + "/attrs/speed/" + id, R"({"speed":[{"type":"Property","value":77}]})").status, 204);
  EXPECT_THAT(there.get(kAll1).body, HasSubstr("77"));
  EXPECT_EQ(broker.del(kAll1 + "/attrs/seats").status, 204);
  EXPECT_FALSE(json_of(there.get(kAll1)).find("seats"));
  EXPECT_EQ(broker.del(kAll1).status, 204);
  EXPECT_EQ(there.get(kAll1).status, 404);
  EXPECT_EQ(broker.del(kAll1).status, 404);
}

}  // namespace
}  // namespace cityloop::broker
