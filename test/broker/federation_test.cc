#include "test/broker/federation_fixture.h"

namespace cityloop::broker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string header_of(const net::Request& request, std::string_view name) {
  return std::string(request.header(name));
}

TEST(Federation, WithoutRegistrationsNothingIsAskedOfAnybody) {
  TestBroker broker;
  broker.creates(bus("urn:bus:1", property("speed", 30)));
  EXPECT_EQ(value_of(json_of(broker.get("/entities/urn:bus:1")), "speed"), "30");
  EXPECT_EQ(broker.get("/entities/urn:bus:2").status, 404);
}

TEST(Federation, AnEntityIsPutTogetherFromHereAndThere) {
  TestBroker broker;
  Source source;
  source.answers(200, bus("urn:bus:1", property("seats", 40) + "," +
                                           property("speed", 50, R"(,"observedAt":"2026-05-01T07:59:00Z")")));
  broker.creates(
      bus("urn:bus:1", property("doors", 3) + "," + property("speed", 30, R"(,"observedAt":"2026-05-01T07:00:00Z")")));
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", kBus);
  const auto response = broker.get("/entities/urn:bus:1");
  ASSERT_EQ(response.status, 200);
  const JsonValue entity = json_of(response);
  EXPECT_EQ(value_of(entity, "seats"), "40");
  EXPECT_EQ(value_of(entity, "doors"), "3");
  EXPECT_EQ(value_of(entity, "speed"), "50");  // observed later
  EXPECT_EQ(text_of(response, "ngsild-warning"), "");
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1/entities/urn:bus:1");
  EXPECT_EQ(header_of(source.last(), "via"), "1.1 here");
  EXPECT_EQ(header_of(source.last(), "authorization"), "");  // ours is nobody else's business
  const std::size_t asked = source.seen().size();
  EXPECT_EQ(value_of(json_of(broker.get("/entities/urn:bus:1?local=true")), "speed"), "30");
  EXPECT_EQ(source.seen().size(), asked);
  // What was changed later counts where nothing was observed.
  source.answers(200, bus("urn:bus:1", property("doors", 2, R"(,"modifiedAt":"2020-01-01T00:00:00Z")")));
  EXPECT_EQ(value_of(json_of(broker.get("/entities/urn:bus:1")), "doors"), "3");
  source.answers(200, bus("urn:bus:1", property("doors", 2, R"(,"modifiedAt":"2029-01-01T00:00:00Z")")));
  EXPECT_EQ(value_of(json_of(broker.get("/entities/urn:bus:1")), "doors"), "2");
}

TEST(Federation, OnlyWhatARegistrationNamesIsAskedOfItAndTakenFromIt) {
  TestBroker broker;
  Source source;
  source.answers(200, bus("urn:bus:1", property("speed", 50) + "," + property("secret", 1)));
  broker.registers("s", source.url(), "exclusive", R"("federationOps")", kBus1Speed);
  const JsonValue entity = json_of(broker.get("/entities/urn:bus:1"));
  EXPECT_EQ(value_of(entity, "speed"), "50");
  EXPECT_FALSE(entity.find("secret"));
  EXPECT_EQ(source.last().argument("attrs").value_or(""), "speed");
  const std::size_t asked = source.seen().size();
  EXPECT_EQ(broker.get("/entities/urn:bus:1?attrs=colour").status, 404);
  EXPECT_EQ(broker.get("/entities/urn:bus:2").status, 404);
  EXPECT_EQ(source.seen().size(), asked);
  source.answers(200, R"({"id":"urn:bus:1","type":"Tram","speed":{"type":"Property","value":9}})");
  EXPECT_EQ(broker.get("/entities/urn:bus:1").status, 404);  // not what was registered
}

TEST(Federation, AnAuxiliarySourceOnlyFillsGaps) {
  TestBroker broker;
  Source source;
  source.answers(200, bus("urn:bus:1", property("speed", 50, R"(,"observedAt":"2030-01-01T00:00:00Z")") + "," +
                                           property("seats", 40)));
  broker.creates(bus("urn:bus:1", property("speed", 30)));
  broker.registers("s", source.url(), "auxiliary", R"("retrieveOps")", kBus);
  const JsonValue entity = json_of(broker.get("/entities/urn:bus:1"));
  EXPECT_EQ(value_of(entity, "speed"), "30");
  EXPECT_EQ(value_of(entity, "seats"), "40");
  EXPECT_EQ(broker.post("/entities/urn:bus:1/attrs", "{" + property("seats", 1) + "}").status, 204);
  EXPECT_EQ(source.last().method, net::Method::get);  // never written to
}

TEST(Federation, AReadGoesOnWithoutSourcesThatAreDeadSlowOrTalkNonsense) {
  TestBroker broker;
  std::atomic<bool> release{false};
  Source slow([&](const net::Request&) {
    until([&] { return release.load(); });
    return Source::said(200, "{}");
  });
  Source mad, angry, good;
  mad.answers(200, "<html>");
  angry.answers(500, "{}");
  good.answers(200, bus("urn:bus:1", property("seats", 40)));
  broker.creates(bus("urn:bus:1", property("speed", 30)));
  broker.registers("a-dead", dead_url(), "inclusive", R"("federationOps")", kBus);
  broker.registers("b-slow", slow.url(), "inclusive", R"("federationOps")", kBus, R"(,"management":{"timeout":200})");
  broker.registers("c-mad", mad.url(), "inclusive", R"("federationOps")", kBus);
  broker.registers("d-angry", angry.url(), "inclusive", R"("federationOps")", kBus);
  broker.registers("e-good", good.url(), "inclusive", R"("federationOps")", kBus);
  const auto response = broker.get("/entities/urn:bus:1");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(value_of(json_of(response), "speed"), "30");
  EXPECT_EQ(value_of(json_of(response), "seats"), "40");
  std::vector<std::string> warnings;
  for (const auto& [name, value] : response.headers) {
    if (name == "ngsild-warning") warnings.push_back(value.substr(0, value.find('"')));
  }
  const std::string urn = "urn:ngsi-ld:ContextSourceRegistration:";
  EXPECT_THAT(warnings, ElementsAre(fmt::format("199 {}a-dead ", urn), fmt::format("199 {}b-slow ", urn),
                                    fmt::format("299 {}d-angry ", urn), fmt::format("111 {}c-mad ", urn)));
  const JsonValue dead = json_of(broker.get("/csourceRegistrations/" + urn + "a-dead"));
  EXPECT_EQ(dead.text_or("status", ""), "failed");
  EXPECT_EQ(dead.number_or("timesSent", 0), 1);
  EXPECT_EQ(dead.number_or("timesFailed", 0), 1);
  const JsonValue fine = json_of(broker.get("/csourceRegistrations/" + urn + "e-good"));
  EXPECT_EQ(fine.text_or("status", ""), "ok");
  EXPECT_TRUE(fine.find("lastSuccess"));
  release = true;
}

TEST(Federation, AFailedSourceIsLeftAloneForItsCooldownAndACachedAnswerIsSaidToBeOld) {
  TestBroker broker;
  Source failing, kept;
  failing.answers(503, "");
  kept.answers(200, bus("urn:bus:1", property("seats", 40)));
  broker.registers("f", failing.url(), "inclusive", R"("federationOps")", kBus, R"(,"management":{"cooldown":60000})");
  broker.registers("k", kept.url(), "inclusive", R"("federationOps")", kBus,
                   R"(,"management":{"cacheDuration":"PT1M"})");
  broker.get("/entities/urn:bus:1");
  const auto again = broker.get("/entities/urn:bus:1");
  EXPECT_EQ(failing.seen().size(), 1u);
  EXPECT_EQ(kept.seen().size(), 1u);
  EXPECT_EQ(value_of(json_of(again), "seats"), "40");
  std::string warnings;
  for (const auto& [name, value] : again.headers) {
    if (name == "ngsild-warning") warnings += value + "\n";
  }
  EXPECT_THAT(warnings, HasSubstr("110 "));
  EXPECT_THAT(warnings, HasSubstr("left alone"));
  broker.clock().advance_to(broker.clock().now() + std::chrono::seconds(61));
  broker.get("/entities/urn:bus:1");
  EXPECT_EQ(failing.seen().size(), 2u);
  EXPECT_EQ(kept.seen().size(), 2u);
}

TEST(Federation, AnExclusiveSourceGetsItsAttributesAndTheRestStaysHere) {
  TestBroker broker;
  Source source;
  source.answers(201, "");
  broker.registers("s", source.url(), "exclusive", kAll, kBus1Speed);
  const auto created = broker.post("/entities", bus("urn:bus:1", property("speed", 50) + "," + property("seats", 40)));
  EXPECT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(source.last().method, net::Method::post);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1/entities");
  EXPECT_EQ(source.last().body, R"({"id":"urn:bus:1","type":"Bus","speed":{"type":"Property","value":50}})");
  const JsonValue held = json_of(broker.held("urn:bus:1"));
  EXPECT_FALSE(held.find("speed"));
  EXPECT_EQ(value_of(held, "seats"), "40");
  source.answers(204, "");
  EXPECT_EQ(
      broker.patch("/entities/urn:bus:1/attrs", "{" + property("speed", 1) + "," + property("seats", 2) + "}").status,
      204);
  EXPECT_EQ(source.last().body, "{" + property("speed", 1) + "}");
  EXPECT_EQ(value_of(json_of(broker.held("urn:bus:1")), "seats"), "2");
  EXPECT_EQ(broker.patch("/entities/urn:bus:1/attrs/speed", R"({"value":7})").status, 204);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1/entities/urn:bus:1/attrs/speed");
  EXPECT_EQ(source.last().body, R"({"value":7})");
  EXPECT_EQ(broker.del("/entities/urn:bus:1/attrs/speed").status, 204);
  EXPECT_EQ(source.last().method, net::Method::del);
  EXPECT_EQ(broker.del("/entities/urn:bus:1").status, 204);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1/entities/urn:bus:1");
  EXPECT_EQ(broker.held("urn:bus:1").status, 404);
}

TEST(Federation, ARedirectLeavesNothingHere) {
  TestBroker broker;
  Source source;
  source.answers(201, "");
  broker.registers("s", source.url(), "redirect", kAll, kBus);
  const std::string body = bus("urn:bus:1", property("speed", 50));
  const auto created = broker.post("/entities", body);
  EXPECT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(text_of(created, "location"), "/ngsi-ld/v1/entities/urn:bus:1");
  EXPECT_EQ(source.last().body, body);
  EXPECT_EQ(broker.held("urn:bus:1").status, 404);
  source.answers(204, "");
  EXPECT_EQ(broker.ask(net::Method::put, "/entities/urn:bus:1", body).status, 204);
  EXPECT_EQ(broker.patch("/entities/urn:bus:1", "{" + property("speed", 1) + "}").status, 204);
  EXPECT_EQ(broker.del("/entities/urn:bus:1").status, 204);
  EXPECT_EQ(source.seen().size(), 4u);
}

TEST(Federation, AnInclusiveSourceIsToldTheSameAsWeAre) {
  TestBroker broker;
  Source source;
  source.answers(201, "");
  broker.registers("s", source.url(), "inclusive", kAll, kBus);
  EXPECT_EQ(broker.post("/entities", bus("urn:bus:1", property("speed", 50))).status, 201);
  EXPECT_EQ(source.seen().size(), 1u);
  EXPECT_EQ(value_of(json_of(broker.held("urn:bus:1")), "speed"), "50");
  // Here it is there already, at the source it is not: a part of it has been done.
  const auto partly = broker.post("/entities", bus("urn:bus:1", property("speed", 60)));
  EXPECT_EQ(partly.status, 207);
  EXPECT_THAT(partly.body, HasSubstr("errors/AlreadyExists"));
  EXPECT_THAT(partly.body, HasSubstr(R"("success":["urn:bus:1"])"));
  // An entity that only the source has.
  source.answers(204, "");
  EXPECT_EQ(broker.patch("/entities/urn:bus:2/attrs", "{" + property("speed", 1) + "}").status, 204);
  source.answers(404, "");
  EXPECT_EQ(broker.patch("/entities/urn:bus:2/attrs", "{" + property("speed", 1) + "}").status, 404);
  // What we hold of another type is none of its business.
  broker.creates(R"({"id":"urn:lamp:1","type":"Lamp","on":{"type":"Property","value":true}})");
  const std::size_t asked = source.seen().size();
  EXPECT_EQ(broker.patch("/entities/urn:lamp:1/attrs", R"({"on":{"type":"Property","value":false}})").status, 204);
  EXPECT_EQ(source.seen().size(), asked);
}

TEST(Federation, WhatSourcesRefuseIsToldWithTheirRegistration) {
  TestBroker broker;
  Source source;
  source.answers(400,
                 R"({"type":"https://uri.etsi.org/ngsi-ld/errors/BadRequestData","title":"no","detail":"too fast"})");
  broker.registers("s", source.url(), "exclusive", kAll, kBus1Speed);
  const std::string both = property("speed", 500) + "," + property("seats", 40);
  const auto partly = broker.post("/entities", bus("urn:bus:1", both));
  EXPECT_EQ(partly.status, 207);
  const JsonValue result = json_of(partly);
  EXPECT_EQ(result.find("success")->dump(), R"(["urn:bus:1"])");
  const JsonValue& error = result.find("errors")->array()->front();
  EXPECT_EQ(error.text_or("registrationId", ""), "urn:ngsi-ld:ContextSourceRegistration:s");
  EXPECT_EQ(error.text_or("entityId", ""), "urn:bus:1");
  EXPECT_EQ(error.find("error")->text_or("detail", ""), "too fast");
  const auto attributes = broker.patch("/entities/urn:bus:1/attrs", "{" + both + "}");
  EXPECT_EQ(attributes.status, 207);
  const JsonValue update = json_of(attributes);
  EXPECT_THAT(update.find("updated")->dump(), HasSubstr("seats"));
  const JsonValue& left = update.find("notUpdated")->array()->front();
  EXPECT_THAT(left.text_or("attributeName", ""), HasSubstr("speed"));
  EXPECT_EQ(left.text_or("reason", ""), "too fast");
  EXPECT_EQ(left.text_or("registrationId", ""), "urn:ngsi-ld:ContextSourceRegistration:s");
  // Nothing but the source's part: its refusal is ours.
  const auto whole = broker.patch("/entities/urn:bus:1/attrs", "{" + property("speed", 500) + "}");
  EXPECT_EQ(whole.status, 400);
  EXPECT_THAT(whole.body, HasSubstr("too fast"));
}

TEST(Federation, AWriteToADeadOrSlowSourceSaysSo) {
  TestBroker broker;
  std::atomic<bool> release{false};
  Source slow([&](const net::Request&) {
    until([&] { return release.load(); });
    return Source::said(204, "");
  });
  broker.registers("d", dead_url(), "exclusive", kAll, kBus1Speed);
  broker.registers("s", slow.url(), "exclusive", kAll,
                   R"({"entities":[{"type":"Bus","id":"urn:bus:1"}],"propertyNames":["seats"]})",
                   R"(,"management":{"timeout":150})");
  EXPECT_EQ(broker.patch("/entities/urn:bus:1/attrs", "{" + property("speed", 1) + "}").status, 502);
  const auto late = broker.patch("/entities/urn:bus:1/attrs", "{" + property("seats", 1) + "}");
  EXPECT_EQ(late.status, 504) << late.body;
  release = true;
}

TEST(Federation, AnOperationThatAProxiedSourceDoesNotTakePartInIsAConflict) {
  TestBroker broker;
  Source source;
  broker.registers("s", source.url(), "exclusive", R"("retrieveOps")", kBus1Speed);
  const auto only = broker.post("/entities", bus("urn:bus:1", property("speed", 50)));
  EXPECT_EQ(only.status, 409);
  EXPECT_THAT(only.body, HasSubstr("errors/Conflict"));
  const auto partly = broker.post("/entities", bus("urn:bus:1", property("speed", 50) + "," + property("seats", 4)));
  EXPECT_EQ(partly.status, 207);
  EXPECT_THAT(partly.body, HasSubstr("ContextSourceRegistration:s"));
  EXPECT_EQ(value_of(json_of(broker.held("urn:bus:1")), "seats"), "4");
  EXPECT_TRUE(source.seen().empty());
}

TEST(Federation, AQueryMergesListsAndAsksNoFurtherThanARegistrationGoes) {
  TestBroker broker;
  Source one, other;
  one.answers(200, "[" + bus("urn:bus:1", property("seats", 40)) + "," + bus("urn:bus:2", property("seats", 41)) + "]");
  other.answers(200, "[" + bus("urn:bus:2", property("doors", 3)) + "," + bus("urn:bus:3", property("doors", 2)) + "]");
  broker.creates(bus("urn:bus:1", property("speed", 30)));
  broker.creates(bus("urn:bus:9", property("speed", 90)));
  broker.registers("a", one.url(), "inclusive", R"("federationOps")",
                   R"({"entities":[{"type":"Bus"},{"type":"Tram"}],"propertyNames":["seats"]})");
  broker.registers("b", other.url(), "inclusive", R"("federationOps")",
                   R"({"entities":[{"type":"Bus","idPattern":"urn:bus:[23]"}],"propertyNames":["doors"]})");
  const auto response = broker.get("/entities?type=Bus,Ship&count=true");
  ASSERT_EQ(response.status, 200);
  std::vector<std::string> found;
  for (const JsonValue& item : *json_of(response).array()) found.push_back(item.text_or("id", ""));
  EXPECT_THAT(found, ElementsAre("urn:bus:1", "urn:bus:9", "urn:bus:2", "urn:bus:3"));
  const JsonValue body = json_of(response);
  EXPECT_EQ(value_of((*body.array())[0], "speed"), "30");
  EXPECT_EQ(value_of((*body.array())[0], "seats"), "40");
  EXPECT_EQ(value_of((*body.array())[2], "seats"), "41");
  EXPECT_EQ(value_of((*body.array())[2], "doors"), "3");
  EXPECT_EQ(one.last().path, "/ngsi-ld/v1/entities");
  EXPECT_EQ(one.last().argument("type").value_or(""), "Bus");
  EXPECT_EQ(one.last().argument("attrs").value_or(""), "seats");
  EXPECT_EQ(other.last().argument("idPattern").value_or(""), "urn:bus:[23]");
  EXPECT_EQ(one.seen().size(), 1u);  // its trams are not asked for
  const auto paged = broker.get("/entities?type=Bus&limit=2&offset=1");
  found.clear();
  for (const JsonValue& item : *json_of(paged).array()) found.push_back(item.text_or("id", ""));
  EXPECT_THAT(found, ElementsAre("urn:bus:9", "urn:bus:2"));
  EXPECT_EQ(one.last().argument("limit").value_or(""), "4");  // up to this page's end, and one to know of a next
  EXPECT_EQ(json_of(broker.get("/entities?type=Bus&local=true")).array()->size(), 2u);
}

TEST(Federation, FiltersWaitForTheWholeWhereEntitiesAreSaidToBeSplit) {
  TestBroker broker;
  Source source([](const net::Request& request) {
    if (request.argument("q")) return Source::said(200, "[]");  // the source alone cannot tell
    return Source::said(
        200, "[" + bus("urn:bus:1", property("seats", 40)) + "," + bus("urn:bus:2", property("seats", 40)) + "]");
  });
  broker.creates(bus("urn:bus:1", property("speed", 30)));
  broker.creates(bus("urn:bus:2", property("speed", 90)));
  broker.registers("a", source.url(), "inclusive", R"("federationOps")", kBus);
  const auto ids = [&](std::string_view query) {
    std::vector<std::string> out;
    for (const JsonValue& item : *json_of(broker.get(query)).array()) out.push_back(item.text_or("id", ""));
    return out;
  };
  EXPECT_THAT(ids("/entities?type=Bus&q=speed%3C50;seats==40&splitEntities=true"), ElementsAre("urn:bus:1"));
  EXPECT_THAT(ids("/entities?type=Bus&q=speed%3C50"), ElementsAre("urn:bus:1"));
  EXPECT_EQ(source.last().argument("q").value_or(""), "speed<50");
}

TEST(Federation, ABatchGoesInPartsToThoseWhoHoldThem) {
  TestBroker broker;
  Source batches, singles;
  batches.answers([](const net::Request& request) {
    return request.path.ends_with("/create") ? Source::said(201, R"(["urn:bus:1","urn:bus:2"])")
                                             : Source::said(204, "");
  });
  singles.answers(201, "");
  broker.registers("b", batches.url(), "redirect", R"("createBatch","deleteBatch","retrieveOps")", kBus);
  broker.registers("s", singles.url(), "redirect", R"("createEntity","deleteEntity","retrieveOps")",
                   R"({"entities":[{"type":"Tram"}]})");
  const std::string lamp = R"({"id":"urn:lamp:1","type":"Lamp","on":{"type":"Property","value":true}})";
  const std::string tram = R"({"id":"urn:tram:1","type":"Tram","speed":{"type":"Property","value":5}})";
  const auto created =
      broker.post("/entityOperations/create", fmt::format("[{},{},{},{}]", bus("urn:bus:1", property("speed", 1)), lamp,
                                                          tram, bus("urn:bus:2", property("speed", 2))));
  EXPECT_EQ(created.status, 201) << created.body;
  for (const char* id : {"urn:bus:1", "urn:bus:2", "urn:lamp:1", "urn:tram:1"})
    EXPECT_THAT(created.body, HasSubstr(id));
  ASSERT_EQ(batches.seen().size(), 1u);
  EXPECT_EQ(batches.last().body,
            fmt::format("[{},{}]", bus("urn:bus:1", property("speed", 1)), bus("urn:bus:2", property("speed", 2))));
  EXPECT_EQ(singles.last().path, "/ngsi-ld/v1/entities");
  EXPECT_EQ(singles.last().body, tram);
  EXPECT_EQ(broker.held("urn:bus:1").status, 404);
  EXPECT_EQ(broker.held("urn:lamp:1").status, 200);
  // One source fails: the others stand.
  singles.answers(503, "");
  const auto partly = broker.post("/entityOperations/delete", R"(["urn:bus:1","urn:lamp:1","urn:tram:1"])");
  EXPECT_EQ(partly.status, 207);
  const JsonValue result = json_of(partly);
  EXPECT_THAT(result.find("success")->dump(), HasSubstr("urn:lamp:1"));
  EXPECT_THAT(result.find("success")->dump(), HasSubstr("urn:bus:1"));
  bool told = false;
  for (const JsonValue& error : *result.find("errors")->array()) {
    told = told || (error.text_or("entityId", "") == "urn:tram:1" &&
                    error.text_or("registrationId", "") == "urn:ngsi-ld:ContextSourceRegistration:s");
  }
  EXPECT_TRUE(told) << partly.body;
  EXPECT_EQ(broker.held("urn:lamp:1").status, 404);
}

TEST(Federation, AQueryInABodyIsForwardedAsOneAndNoFurtherThanARegistrationGoes) {
  TestBroker broker;
  Source batches, singles;
  batches.answers(200, "[" + bus("urn:bus:1", property("seats", 40)) + "]");
  singles.answers(200, "[" + bus("urn:bus:2", property("seats", 41)) + "]");
  broker.registers("b", batches.url(), "inclusive", R"("queryBatch")", kBus);
  broker.registers("s", singles.url(), "inclusive", R"("queryEntity")", kBus);
  const auto response = broker.post("/entityOperations/query",
                                    R"({"type":"Query","entities":[{"type":"Bus"},{"type":"Tram"}],"q":"seats>1"})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(json_of(response).array()->size(), 2u);
  EXPECT_EQ(batches.last().path, "/ngsi-ld/v1/entityOperations/query");
  EXPECT_EQ(batches.last().body, R"({"type":"Query","entities":[{"type":"Bus"}],"q":"seats>1"})");
  EXPECT_EQ(singles.last().method, net::Method::get);
  EXPECT_EQ(singles.last().argument("type").value_or(""), "Bus");
}

TEST(Federation, APurgeGoesToSourcesThatTakePartAndToldIsWhoDoesNot) {
  TestBroker broker;
  Source source, other;
  source.answers(204, "");
  broker.creates(bus("urn:bus:1", property("speed", 30)));
  broker.registers("p", source.url(), "inclusive", R"("purgeEntity")", kBus);
  EXPECT_EQ(broker.del("/entities?type=Bus").status, 204);
  EXPECT_EQ(source.last().method, net::Method::del);
  EXPECT_EQ(source.last().argument("type").value_or(""), "Bus");
  EXPECT_EQ(broker.held("urn:bus:1").status, 404);
  broker.registers("r", other.url(), "redirect", R"("retrieveOps")", kBus);
  const auto partly = broker.del("/entities?type=Bus");
  EXPECT_EQ(partly.status, 207);
  EXPECT_THAT(partly.body, HasSubstr("ContextSourceRegistration:r"));
  EXPECT_TRUE(other.seen().empty());
}

TEST(Federation, ASourceIsSpokenToAsItsRegistrationSays) {
  TestBroker broker;
  broker.publish(
      "http://words/theirs",
      R"({"@context":{"tempo":"https://uri.etsi.org/ngsi-ld/default-context/speed","Omnibus":"https://uri.etsi.org/ngsi-ld/default-context/Bus"}})");
  Source source;
  source.answers(200, R"({"id":"urn:bus:1","type":"Omnibus","tempo":{"type":"Property","value":50}})");
  broker.registers(
      "s", source.url() + "/", "exclusive", kAll, kBus1Speed,
      R"(,"tenant":"depot","management":{"localOnly":true},"contextSourceInfo":[{"key":"X-Key","value":"k1"},
        {"key":"X-User","value":"urn:ngsi-ld:request"},{"key":"X-None","value":"urn:ngsi-ld:request"},
        {"key":"Content-Length","value":"7"},{"key":"jsonldContext","value":"http://words/theirs"}])");
  const auto response = broker.get("/entities/urn:bus:1?attrs=speed", {{"X-User", "li"}});
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(value_of(json_of(response), "speed"), "50");
  EXPECT_EQ(json_of(response).text_or("type", ""), "Bus");
  const net::Request asked = source.last();
  EXPECT_EQ(asked.argument("attrs").value_or(""), "tempo");
  EXPECT_EQ(asked.argument("local").value_or(""), "true");
  EXPECT_EQ(header_of(asked, "ngsild-tenant"), "depot");
  EXPECT_EQ(header_of(asked, "x-key"), "k1");
  EXPECT_EQ(header_of(asked, "x-user"), "li");
  EXPECT_EQ(header_of(asked, "x-none"), "");
  EXPECT_THAT(header_of(asked, "link"), HasSubstr("<http://words/theirs>"));
  source.answers(204, "");
  EXPECT_EQ(broker.patch("/entities/urn:bus:1/attrs", "{" + property("speed", 1) + "}").status, 204);
  EXPECT_EQ(source.last().body, R"({"tempo":{"type":"Property","value":1}})");
  EXPECT_EQ(broker.patch("/entities/urn:bus:1/attrs/speed", R"({"value":7})").status, 204);
  EXPECT_EQ(source.last().path, "/ngsi-ld/v1/entities/urn:bus:1/attrs/tempo");
}

TEST(Federation, TypesAndAttributesOfSourcesAreListedWithOurs) {
  TestBroker broker;
  Source source([](const net::Request& request) {
    if (request.path.ends_with("/types")) {
      return Source::said(200, R"({"id":"urn:x:1","type":"EntityTypeList","typeList":["Bus","Aeroplane"]})");
    }
    return Source::said(200, R"({"id":"urn:x:2","type":"AttributeList","attributeList":["wings"]})");
  });
  broker.creates(bus("urn:bus:1", property("speed", 30)));
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", R"({"entities":[{"type":"Aeroplane"}]})");
  EXPECT_EQ(json_of(broker.get("/types")).find("typeList")->dump(), R"(["Aeroplane","Bus"])");
  EXPECT_EQ(json_of(broker.get("/attributes")).find("attributeList")->dump(), R"(["speed","wings"])");
  EXPECT_EQ(json_of(broker.get("/types?local=true")).find("typeList")->dump(), R"(["Bus"])");
}

TEST(Federation, ARequestThatGoesInACircleEnds) {
  TestBroker here("here"), there("there");
  here.creates(bus("urn:bus:1", property("speed", 30)));
  there.creates(bus("urn:bus:1", property("seats", 40)));
  here.registers("t", there.url(), "inclusive", kAll, kBus, there.way_in());
  there.registers("h", here.url(), "inclusive", kAll, kBus, here.way_in());
  for (TestBroker* broker : {&here, &there}) {
    const auto response = broker->get("/entities/urn:bus:1");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(value_of(json_of(response), "speed"), "30");
    EXPECT_EQ(value_of(json_of(response), "seats"), "40");
    EXPECT_EQ(json_of(broker->get("/entities?type=Bus")).array()->size(), 1u);
  }
  // Asked directly, with ourselves in Via.
  const auto refused = here.get("/entities/urn:bus:1", {{"Via", "1.1 there, 1.1 here (a comment)"}});
  EXPECT_EQ(refused.status, 508);
  EXPECT_THAT(refused.body, HasSubstr("Via"));
  // A source that says who it is, is not asked at all when the request comes from it.
  there.del("/csourceRegistrations/urn:ngsi-ld:ContextSourceRegistration:h");
  there.registers("h", here.url(), "inclusive", kAll, kBus, here.way_in() + R"(,"contextSourceAlias":"here")");
  const auto sent = [&] {
    const auto shown = there.get("/csourceRegistrations/urn:ngsi-ld:ContextSourceRegistration:h");
    return json_of(shown).number_or("timesSent", 0);
  };
  EXPECT_EQ(here.get("/entities/urn:bus:1").status, 200);
  EXPECT_EQ(sent(), 0);
  EXPECT_EQ(there.get("/entities/urn:bus:1").status, 200);
  EXPECT_EQ(sent(), 1);
}

TEST(Federation, ARegistrationThatHasExpiredIsNotAsked) {
  TestBroker broker;
  Source source;
  source.answers(200, bus("urn:bus:1", property("seats", 40)));
  broker.registers("s", source.url(), "inclusive", R"("federationOps")", kBus,
                   R"(,"expiresAt":"2026-05-01T09:00:00Z")");
  EXPECT_EQ(broker.get("/entities/urn:bus:1").status, 200);
  broker.clock().advance_to(base::parse_time("2026-05-01T09:00:01Z").value());
  EXPECT_EQ(broker.get("/entities/urn:bus:1").status, 404);
  EXPECT_EQ(source.seen().size(), 1u);
}

TEST(Federation, ManyCallersAtOnceEachGetTheirOwnAnswer) {
  TestBroker broker;
  Source source([](const net::Request& request) {
    const std::string id = request.path.substr(request.path.rfind('/') + 1);
    return Source::said(200, bus(id, property("seats", int(std::strtol(id.c_str() + id.rfind(':') + 1, nullptr, 10)))));
  });
  broker.registers("s", source.url(), "redirect", R"("federationOps")", kBus);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 25; ++i) {
        const int number = caller * 100 + i;
        const auto response = broker.get(fmt::format("/entities/urn:bus:{}", number));
        if (response.status != 200 || value_of(json_of(response), "seats") != fmt::format("{}", number)) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace cityloop::broker
