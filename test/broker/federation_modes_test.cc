// Each operation with each mode of registration: where what of it goes, and what the caller is told (ETSI GS CIM 009,
// clauses 4.3.6.2, 4.3.6.3, 5.6, 5.7, 6.3.17).
#include "test/broker/federation_fixture.h"

namespace cityloop::broker {
namespace {

using testing::HasSubstr;
using testing::Not;

// A broker with one source, registered in one mode: an exclusive one for the speed of one bus, others for all buses.
class Modes : public testing::TestWithParam<const char*> {
 protected:
  Modes() {
    source.answers([](const net::Request& request) {
      if (request.method == net::Method::get) return Source::said(404, "");
      return Source::said(request.method == net::Method::post && request.path.ends_with("/entities") ? 201 : 204, "");
    });
  }
  void registers() {
    const bool reads = mode == "auxiliary";
    broker.registers("s", source.url(), mode, reads ? R"("retrieveOps")" : kAll,
                     mode == "exclusive" ? kBus1Speed : kBus);
  }
  std::size_t writes_sent() const {
    return std::size_t(std::ranges::count_if(source.seen(), [](const net::Request& one) {
      return one.method != net::Method::get && !one.path.ends_with("/query");
    }));
  }
  bool goes_there() const { return mode != "auxiliary"; }
  bool all_of_it() const { return mode == "redirect"; }  // nothing stays here

  const std::string mode{GetParam()};
  TestBroker broker;
  Source source;
};

INSTANTIATE_TEST_SUITE_P(Of, Modes, testing::Values("inclusive", "exclusive", "redirect", "auxiliary"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Modes, CreatingAnEntity) {
  registers();
  const auto made = broker.post("/entities", bus("urn:bus:1", property("speed", 50) + "," + property("seats", 40)));
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(text_of(made, "location"), "/ngsi-ld/v1/entities/urn:bus:1");
  EXPECT_EQ(writes_sent(), goes_there() ? 1u : 0u);
  EXPECT_EQ(broker.held("urn:bus:1").status, all_of_it() ? 404 : 200);
  if (mode == "exclusive") {
    EXPECT_FALSE(json_of(broker.held("urn:bus:1")).find("speed"));
    EXPECT_THAT(source.last().body, Not(HasSubstr("seats")));
  }
}

TEST_P(Modes, ChangingAnEntityInEveryWay) {
  if (mode != "exclusive" && !all_of_it()) {
    broker.creates(bus("urn:bus:1", property("speed", 1) + "," + property("seats", 1)));
  } else if (mode == "exclusive") {
    broker.creates(bus("urn:bus:1", property("seats", 1)));
  }
  registers();
  const std::string both = "{" + property("speed", 2) + "," + property("seats", 2) + "}";
  const std::string one = "/entities/urn:bus:1";
  EXPECT_EQ(broker.patch(one + "/attrs", both).status, 204);
  EXPECT_EQ(broker.post(one + "/attrs", both).status, 204);
  EXPECT_EQ(broker.patch(one, both).status, 204);
  EXPECT_EQ(
      broker.ask(net::Method::put, one, bus("urn:bus:1", property("speed", 3) + "," + property("seats", 3))).status,
      204);
  EXPECT_EQ(broker.patch(one + "/attrs/speed", R"({"value":4})").status, 204);
  EXPECT_EQ(broker.ask(net::Method::put, one + "/attrs/speed", R"({"type":"Property","value":5})").status, 204);
  EXPECT_EQ(broker.del(one + "/attrs/speed").status, 204);
  EXPECT_EQ(writes_sent(), goes_there() ? 7u : 0u);
  if (!all_of_it()) EXPECT_EQ(value_of(json_of(broker.held("urn:bus:1")), "seats"), "3");
  EXPECT_EQ(broker.del(one).status, 204);
  EXPECT_EQ(writes_sent(), goes_there() ? 8u : 0u);
  EXPECT_EQ(broker.held("urn:bus:1").status, 404);
}

TEST_P(Modes, BatchesOfEveryKind) {
  registers();
  const std::string lamp = R"({"id":"urn:lamp:1","type":"Lamp","on":{"type":"Property","value":true}})";
  const auto batch = [&](int value) {
    return fmt::format("[{},{}]", bus("urn:bus:1", property("speed", value) + "," + property("seats", value)), lamp);
  };
  EXPECT_EQ(broker.post("/entityOperations/create", batch(1)).status, 201);
  // Here only the lamp is new to nobody; the source says 204 for what it has.
  for (const char* operation : {"upsert", "upsert?options=update", "update", "merge"}) {
    const auto done = broker.post(fmt::format("/entityOperations/{}", operation), batch(2));
    EXPECT_EQ(done.status, 204) << operation << " " << done.body;
  }
  EXPECT_EQ(writes_sent(), goes_there() ? 5u : 0u);
  for (const net::Request& request : source.seen()) {
    EXPECT_THAT(request.body, Not(HasSubstr("lamp")));
    if (mode == "exclusive") EXPECT_THAT(request.body, Not(HasSubstr("seats")));
  }
  if (!all_of_it()) EXPECT_EQ(value_of(json_of(broker.held("urn:bus:1")), "seats"), "2");
  EXPECT_EQ(broker.held("urn:bus:1").status, all_of_it() ? 404 : 200);
  EXPECT_EQ(broker.post("/entityOperations/delete", R"(["urn:bus:1","urn:lamp:1"])").status, 204);
  EXPECT_EQ(writes_sent(), goes_there() ? 6u : 0u);
}

TEST_P(Modes, ABatchOfWhichASourceRefusesAPartSaysWhich) {
  registers();
  source.answers([](const net::Request&) {
    return Source::said(207, R"({"success":[],"errors":[{"entityId":"urn:bus:1","error":{
      "type":"https://uri.etsi.org/ngsi-ld/errors/BadRequestData","title":"no","detail":"too fast"}}]})");
  });
  const auto done =
      broker.post("/entityOperations/upsert", fmt::format("[{}]", bus("urn:bus:1", property("speed", 1))));
  if (!goes_there()) {
    EXPECT_EQ(done.status, 201);
    return;
  }
  EXPECT_EQ(done.status, 207) << done.body;
  EXPECT_THAT(done.body, HasSubstr("too fast"));
  EXPECT_THAT(done.body, HasSubstr(R"("registrationId":"urn:ngsi-ld:ContextSourceRegistration:s")"));
}

TEST_P(Modes, ReadingOneAndMany) {
  if (mode == "inclusive" || mode == "auxiliary") broker.creates(bus("urn:bus:1", property("doors", 3)));
  registers();
  source.answers([](const net::Request& request) {
    const std::string one = bus("urn:bus:1", property("speed", 50));
    return Source::said(200, request.path.ends_with("urn:bus:1") ? one : "[" + one + "]");
  });
  EXPECT_EQ(value_of(json_of(broker.get("/entities/urn:bus:1")), "speed"), "50");
  const auto list = broker.get("/entities?type=Bus");
  ASSERT_EQ(json_of(list).array()->size(), 1u) << list.body;
  EXPECT_EQ(value_of(json_of(list).array()->front(), "speed"), "50");
  const auto by_body = broker.post("/entityOperations/query", R"({"type":"Query","entities":[{"type":"Bus"}]})");
  ASSERT_EQ(json_of(by_body).array()->size(), 1u) << by_body.body;
  EXPECT_EQ(value_of(json_of(by_body).array()->front(), "speed"), "50");
  EXPECT_EQ(broker.get("/entities/urn:bus:1?local=true").status,
            mode == "inclusive" || mode == "auxiliary" ? 200 : 404);
}

TEST_P(Modes, TypesAndAttributesWithDetails) {
  if (!goes_there()) return;  // may not be asked for them
  broker.creates(R"({"id":"urn:lamp:1","type":"Lamp","on":{"type":"Property","value":true}})");
  registers();
  source.answers([](const net::Request& request) {
    const std::string& path = request.path;
    if (path.ends_with("/types/Bus")) {
      return Source::said(200, R"({"id":"https://uri.etsi.org/ngsi-ld/default-context/Bus","type":"EntityTypeInfo",
        "typeName":"Bus","entityCount":2,"attributeDetails":[{"id":"https://uri.etsi.org/ngsi-ld/default-context/speed",
        "type":"Attribute","attributeName":"speed","attributeTypes":["Property"]}]})");
    }
    if (path.ends_with("/types")) {
      return Source::said(200, R"([{"id":"https://uri.etsi.org/ngsi-ld/default-context/Bus","type":"EntityType",
        "typeName":"Bus","attributeNames":["speed"]}])");
    }
    if (path.ends_with("/attributes/speed")) {
      return Source::said(200, R"({"id":"https://uri.etsi.org/ngsi-ld/default-context/speed","type":"Attribute",
        "attributeName":"speed","attributeCount":2,"attributeTypes":["Property"],"typeNames":["Bus"]})");
    }
    return Source::said(200, R"([{"id":"https://uri.etsi.org/ngsi-ld/default-context/speed","type":"Attribute",
      "attributeName":"speed","typeNames":["Bus"]}])");
  });
  const auto types = broker.get("/types?details=true");
  EXPECT_EQ(json_of(types).array()->size(), 2u) << types.body;
  EXPECT_EQ(source.last().argument("details").value_or(""), "true");
  EXPECT_EQ(json_of(broker.get("/types/Bus")).number_or("entityCount", 0), 2);
  EXPECT_EQ(json_of(broker.get("/attributes?details=true")).array()->size(), 2u);
  EXPECT_EQ(json_of(broker.get("/attributes/speed")).number_or("attributeCount", 0), 2);
  EXPECT_EQ(broker.get("/types/Bus?local=true").status, 404);
  const auto json_ld = broker.get("/types/Bus", {{"Accept", "application/ld+json"}});
  EXPECT_TRUE(json_of(json_ld).find("@context"));
}

TEST(FederatedWrites, AnUpsertAtASourceWithoutBatchesMakesOrChangesEachEntity) {
  TestBroker broker;
  Source source([](const net::Request& request) {
    const bool make = request.path.ends_with("/entities");
    return Source::said(make && request.body.find("urn:bus:1") != std::string::npos ? 409 : make ? 201 : 204, "");
  });
  broker.registers("s", source.url(), "redirect", R"("createEntity","replaceEntity","appendAttrs")", kBus);
  const std::string batch =
      fmt::format("[{},{}]", bus("urn:bus:1", property("speed", 1)), bus("urn:bus:2", property("speed", 2)));
  const auto done = broker.post("/entityOperations/upsert", batch);
  EXPECT_EQ(done.status, 201) << done.body;
  EXPECT_EQ(done.body, R"(["urn:bus:2"])");
  EXPECT_EQ(source.last().method, net::Method::put);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1/entities/urn:bus:1");
  EXPECT_EQ(source.last().body, bus("urn:bus:1", property("speed", 1)));
  broker.post("/entityOperations/upsert?options=update", batch);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1/entities/urn:bus:1/attrs");
}

TEST(FederatedReads, SourcesAreChosenByTheirOwnProperties) {
  TestBroker broker;
  Source near, far;
  near.answers(200, bus("urn:bus:1", property("seats", 1)));
  far.answers(200, bus("urn:bus:1", property("doors", 1)));
  broker.registers("n", near.url(), "inclusive", R"("federationOps")", kBus, R"(,"trust":5,"owner":"city")");
  broker.registers("f", far.url(), "inclusive", R"("federationOps")", kBus, R"(,"trust":1)");
  const JsonValue entity = json_of(broker.get("/entities/urn:bus:1?csf=trust%3E2"));
  EXPECT_TRUE(entity.find("seats"));
  EXPECT_FALSE(entity.find("doors"));
  EXPECT_FALSE(near.last().argument("csf"));
  broker.get("/entities?type=Bus&csf=owner==%22city%22");
  EXPECT_EQ(far.seen().size(), 0u);
  EXPECT_EQ(json_of(broker.get("/csourceRegistrations?type=Bus&csf=trust%3C2")).array()->size(), 1u);
  EXPECT_EQ(broker.get("/csourceRegistrations?type=Bus&csf=trust%3C").status, 400);
}

TEST(FederatedReads, WhatASourceInOtherWordsGivesIsFilteredHere) {
  TestBroker broker;
  broker.publish(
      "http://words/theirs",
      R"({"@context":{"tempo":"https://uri.etsi.org/ngsi-ld/default-context/speed","Omnibus":"https://uri.etsi.org/ngsi-ld/default-context/Bus"}})");
  Source source;
  source.answers(200, R"([{"id":"urn:bus:1","type":"Omnibus","tempo":{"type":"Property","value":50}},
    {"id":"urn:bus:2","type":"Omnibus","tempo":{"type":"Property","value":5}}])");
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", kBus,
                   R"(,"contextSourceInfo":[{"key":"jsonldContext","value":"http://words/theirs"}])");
  const JsonValue list = json_of(broker.get("/entities?type=Bus&q=speed%3E20"));
  ASSERT_EQ(list.array()->size(), 1u);
  EXPECT_EQ(list.array()->front().text_or("id", ""), "urn:bus:1");
  EXPECT_EQ(source.last().argument("type").value_or(""), "Omnibus");
}

TEST(FederatedReads, CountersAndStatusOfASourceOutliveARestart) {
  TestBroker broker;
  Source source;
  source.answers(503, "");
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", kBus);
  broker.get("/entities/urn:bus:1");
  source.answers(200, bus("urn:bus:1", property("seats", 1)));
  broker.get("/entities/urn:bus:1");
  const std::string path = "/csourceRegistrations/urn:ngsi-ld:ContextSourceRegistration:s";
  const auto kept = [&] { return json_of(broker.get(path)); };
  ASSERT_EQ(kept().number_or("timesSent", 0), 2);
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));  // kept every second
  broker.reopen();
  EXPECT_EQ(kept().number_or("timesSent", 0), 2);
  EXPECT_EQ(kept().number_or("timesFailed", 0), 1);
  EXPECT_EQ(kept().text_or("status", ""), "ok");
  EXPECT_TRUE(kept().find("lastSuccess"));
  EXPECT_TRUE(kept().find("lastFailure"));
}

}  // namespace
}  // namespace cityloop::broker
