#include "broker/source/registration.h"

#include "broker/source/registration_reader.h"
#include "test/broker/federation_fixture.h"

namespace cityloop::broker {
namespace {

using flow::Name;
using testing::HasSubstr;

constexpr const char* kRoot = "/csourceRegistrations";
constexpr const char* kBuses = R"({"id":"urn:ngsi-ld:ContextSourceRegistration:buses",
  "type":"ContextSourceRegistration","endpoint":"http://buses.example","information":[{"entities":[{"type":"Bus"}]}]%})";

std::string buses(std::string_view more = "") {
  std::string text = kBuses;
  return text.replace(text.find('%'), 1, more);
}

Registration parsed(std::string_view json) {
  const auto body = JsonValue::parse(json);
  EXPECT_TRUE(body) << json;
  auto registration = Registration::parse(*body, *twin::Context::core());
  EXPECT_TRUE(registration) << registration.error().message;
  return registration.value_or(Registration{});
}

TEST(Registration, RefusesEachMemberThatIsNotAsTheStandardHasIt) {
  for (const char* more : {
           R"(,"mode":"greedy")",
           R"(,"operations":[])",
           R"(,"operations":["fly"])",
           R"(,"mode":"auxiliary","operations":["redirectionOps"])",
           R"(,"expiresAt":"tomorrow")",
           R"(,"expiresAt":"2030-01-01")",
           R"(,"description":"")",
           R"(,"registrationName":7)",
           R"(,"datasetId":["no uri"])",
           R"(,"location":{"type":"Point","coordinates":[500,0]})",
           R"(,"observationInterval":{"endAt":"2020-01-01T00:00:00Z"})",
           R"(,"managementInterval":{"startAt":"2020-01-01T00:00:00Z","endAt":"2019-01-01T00:00:00Z"})",
           R"(,"refreshRate":"soon")",
           R"(,"management":{"timeout":0})",
           R"(,"management":{"cooldown":"1s"})",
           R"(,"management":{"localOnly":1})",
           R"(,"management":{"cacheDuration":"15m"})",
           R"(,"contextSourceInfo":[{"key":"a"}])",
           R"(,"contextSourceInfo":[{"key":"accept","value":"text/html"}])",
           R"(,"contextSourceInfo":[{"key":"jsonldContext","value":"nowhere"}])",
           R"(,"contextSourceInfo":[{"key":"ngsildConformance","value":"new"}])",
           R"(,"contextSourceAlias":"two words")",
           R"(,"mode":"exclusive")",
           R"(,"power":null)",
           R"(,"power":"urn:ngsi-ld:null")",
       }) {
    const auto body = JsonValue::parse(buses(more));
    ASSERT_TRUE(body) << more;
    EXPECT_FALSE(Registration::parse(*body, *twin::Context::core())) << more;
  }
}

TEST(Registration, RefusesInformationThatSaysNothing) {
  for (const char* information :
       {"[]", "{}", "[{}]", "[7]", R"([{"entities":[]}])", R"([{"entities":[{"id":"urn:x:1"}]}])",
        R"([{"entities":[{"type":"T","id":"no uri"}]}])", R"([{"entities":[{"type":"T","idPattern":"("}]}])",
        R"([{"propertyNames":[]}])", R"([{"relationshipNames":[7]}])", R"([{"entities":[{"type":[]}]}])"}) {
    const auto body = JsonValue::parse(fmt::format(R"({{"endpoint":"http://x","information":{}}})", information));
    ASSERT_TRUE(body) << information;
    EXPECT_FALSE(Registration::parse(*body, *twin::Context::core())) << information;
  }
}

TEST(Registration, AGroupOfOperationsIsItsMembersAndNoOthers) {
  const Operations reads = *operations_named("retrieveOps");
  EXPECT_EQ(reads.count(), 2u);
  EXPECT_TRUE(reads.test(std::size_t(Operation::retrieve_entity)));
  const Registration usual = parsed(buses());
  EXPECT_TRUE(usual.supports(Operation::query_entity));
  EXPECT_FALSE(usual.supports(Operation::create_entity));
  EXPECT_FALSE(parsed(buses(R"(,"operations":["redirectionOps"])")).supports(Operation::create_batch));
  EXPECT_EQ(operations_named("mergeEntity")->count(), 1u);
  EXPECT_FALSE(operations_named("everything"));
}

TEST(Registration, MatchesByTypeIdPatternAndAttribute) {
  const Registration registration = parsed(R"({"endpoint":"http://x","information":[
    {"entities":[{"type":["Bus","Tram"],"idPattern":"^urn:bus:.*"},{"type":"Car","id":"urn:car:1"}],
     "propertyNames":["speed"],"relationshipNames":["driver"]}]})");
  const auto asks = [&](Selector selector, std::vector<Name> attributes = {}) {
    return registration.matches({{std::move(selector)}, std::move(attributes), {}}).size();
  };
  EXPECT_EQ(asks({"", "", {Name("Tram")}}), 1u);
  EXPECT_EQ(asks({"", "", {Name("Plane")}}), 0u);
  EXPECT_EQ(asks({"urn:bus:7", "", {}}), 1u);
  EXPECT_EQ(asks({"urn:car:1", "", {}}), 1u);
  EXPECT_EQ(asks({"urn:car:2", "", {}}), 0u);
  EXPECT_EQ(asks({"urn:car:1", "", {Name("Bus")}}), 0u);
  EXPECT_EQ(asks({"", "^urn:car:", {}}), 2u);  // two patterns: nobody can tell
  EXPECT_EQ(asks({"", "", {Name("Car")}}, {Name("driver")}), 1u);
  EXPECT_EQ(asks({"", "", {Name("Car")}}, {Name("colour")}), 0u);
  EXPECT_EQ(asks({"", "", {Name("Car")}}, {Name("colour"), Name("speed")}), 1u);
}

TEST(Registration, DurationsAreReadAsIso8601HasThem) {
  using registration_reader::iso_duration;
  EXPECT_EQ(iso_duration("PT15M").value(), std::chrono::minutes(15));
  EXPECT_EQ(iso_duration("P1DT12H").value(), std::chrono::hours(36));
  EXPECT_EQ(iso_duration("PT0.5S").value(), std::chrono::milliseconds(500));
  for (const char* bad : {"", "P", "PT", "15M", "P15", "PT-5M", "PTM", "P1H", "pt1m"}) {
    EXPECT_FALSE(iso_duration(bad)) << bad;
  }
}

TEST(RegistrationSet, FindsTheSameByItsTablesAsByAskingEachOne) {
  std::vector<RegistrationPtr> all;
  for (int i = 0; i < 60; ++i) {
    const std::string type = fmt::format("T{}", i % 7);
    std::string entity = fmt::format(R"({{"type":"{}"}})", type);
    if (i % 3 == 1) entity = fmt::format(R"({{"type":"{}","id":"urn:e:{}"}})", type, i % 5);
    if (i % 3 == 2) entity = fmt::format(R"({{"type":"{}","idPattern":"urn:e:[0-{}]"}})", type, i % 4);
    std::string information = fmt::format(R"({{"entities":[{}]}})", entity);
    if (i % 11 == 0) information = R"({"propertyNames":["p"]})";
    Registration one = parsed(fmt::format(R"({{"endpoint":"http://x","information":[{}]}})", information));
    one.id = fmt::format("urn:r:{:03}", i);
    all.push_back(std::make_shared<const Registration>(std::move(one)));
  }
  const RegistrationSet set(all);
  std::vector<Interest> asked{{}, {{}, {Name("p")}, {}}, {{}, {Name("q")}, {}}};
  for (int i = 0; i < 8; ++i) {
    asked.push_back({{{"", "", {Name(fmt::format("T{}", i))}}}, {}, {}});
    asked.push_back({{{fmt::format("urn:e:{}", i), "", {}}}, {}, {}});
    asked.push_back({{{fmt::format("urn:e:{}", i), "", {Name("T2"), Name("T3")}}}, {Name("p")}, {}});
    asked.push_back({{{"", "e:1", {}}, {"urn:e:2", "", {}}}, {}, {}});
  }
  for (const Interest& interest : asked) {
    std::vector<RegistrationPtr> expected;
    for (const RegistrationPtr& one : all) {
      if (!one->matches(interest).empty()) expected.push_back(one);
    }
    EXPECT_EQ(set.matching(interest), expected);
  }
}

TEST(RegistrationRoutes, KeepWhatTheyAreGivenAlsoOverARestart) {
  TestBroker broker;
  const std::string more =
      R"(,"power":220,"description":"all buses","tenant":"depot","expiresAt":"2030-01-01T00:00:00Z")";
  const auto created = broker.post(kRoot, buses(more));
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(text_of(created, "location"),
            "/ngsi-ld/v1/csourceRegistrations/urn:ngsi-ld:ContextSourceRegistration:buses");
  EXPECT_EQ(broker.post(kRoot, buses()).status, 409);
  for (int restart = 0; restart < 2; ++restart) {
    const auto shown = broker.get(std::string(kRoot) + "/urn:ngsi-ld:ContextSourceRegistration:buses");
    EXPECT_EQ(shown.status, 200);
    const JsonValue body = json_of(shown);
    EXPECT_EQ(body.text_or("type", ""), "ContextSourceRegistration");
    EXPECT_EQ(body.text_or("description", ""), "all buses");
    EXPECT_EQ(body.number_or("power", 0), 220);
    EXPECT_EQ(body.find("information")->dump(), R"([{"entities":[{"type":"Bus"}]}])");
    EXPECT_FALSE(body.find("createdAt"));
    EXPECT_EQ(broker.federation().book(*broker.find(""))->snapshot()->all().size(), 1u);
    broker.reopen();
  }
  const auto times = broker.get(std::string(kRoot) + "/urn:ngsi-ld:ContextSourceRegistration:buses?options=sysAttrs");
  EXPECT_EQ(json_of(times).text_or("createdAt", ""), "2026-05-01T08:00:00Z");
  EXPECT_EQ(broker.del(std::string(kRoot) + "/urn:ngsi-ld:ContextSourceRegistration:buses").status, 204);
  EXPECT_EQ(broker.del(std::string(kRoot) + "/urn:ngsi-ld:ContextSourceRegistration:buses").status, 404);
  EXPECT_EQ(broker.get(std::string(kRoot) + "/urn:ngsi-ld:ContextSourceRegistration:buses").status, 404);
  EXPECT_EQ(broker.get(std::string(kRoot) + "/no-uri").status, 400);
}

TEST(RegistrationRoutes, BadBodiesAreRefusedAndNothingIsKept) {
  TestBroker broker;
  for (const char* body : {"{", "[]", "7", R"({"type":"Subscription"})", R"({"type":"ContextSourceRegistration"})"}) {
    EXPECT_EQ(broker.post(kRoot, body).status, 400) << body;
  }
  const auto past = broker.post(kRoot, buses(R"(,"expiresAt":"2020-01-01T00:00:00Z")"));
  EXPECT_EQ(past.status, 400);
  EXPECT_THAT(past.body, HasSubstr("errors/BadRequestData"));
  EXPECT_TRUE(broker.federation().book(*broker.find(""))->snapshot()->all().empty());
}

TEST(RegistrationRoutes, APatchReplacesMembersAndNullRemovesThem) {
  TestBroker broker;
  ASSERT_EQ(broker.post(kRoot, buses(R"(,"description":"old","power":220)")).status, 201);
  const std::string one = std::string(kRoot) + "/urn:ngsi-ld:ContextSourceRegistration:buses";
  EXPECT_EQ(broker
                .patch(one, R"({"description":null,"power":"urn:ngsi-ld:null","endpoint":"http://trams.example",
    "information":[{"entities":[{"type":"Tram"}]}]})")
                .status,
            204);
  const JsonValue body = json_of(broker.get(one));
  EXPECT_FALSE(body.find("description"));
  EXPECT_FALSE(body.find("power"));
  EXPECT_EQ(body.text_or("endpoint", ""), "http://trams.example");
  EXPECT_EQ(broker.patch(one, R"({"endpoint":null})").status, 400);
  EXPECT_EQ(broker.patch(one, R"({"information":7})").status, 400);
  EXPECT_EQ(broker.patch(one, R"({"type":"Other"})").status, 400);
  EXPECT_EQ(broker.patch(std::string(kRoot) + "/urn:no:1", R"({"description":"x"})").status, 404);
  EXPECT_EQ(json_of(broker.get(std::string(kRoot) + "?type=Tram")).array()->size(), 1u);
  EXPECT_EQ(json_of(broker.get(std::string(kRoot) + "?type=Bus")).array()->size(), 0u);
}

TEST(RegistrationRoutes, TheListIsFilteredByAllThatAQueryCanSay) {
  TestBroker broker;
  broker.registers(
      "a", "http://a", "inclusive", R"("federationOps")",
      R"({"entities":[{"type":"Bus","id":"urn:bus:1"}],"propertyNames":["speed"]})",
      R"(,"location":{"type":"Polygon","coordinates":[[[8,47],[9,47],[9,48],[8,48],[8,47]]]},"scope":"/north")");
  broker.registers("b", "http://b", "inclusive", R"("federationOps")", R"({"entities":[{"type":"Bus"}]})",
                   R"(,"power":220)");
  broker.registers("c", "http://c", "inclusive", R"("retrieveTemporal")", R"({"entities":[{"type":"Bus"}]})",
                   R"(,"observationInterval":{"startAt":"2020-01-01T00:00:00Z","endAt":"2021-01-01T00:00:00Z"})");
  broker.registers("d", "http://d", "inclusive", R"("federationOps")",
                   R"({"entities":[{"type":"Tram"}]},{"entities":[{"type":"Car"}]})");
  const auto ids = [&](std::string_view query) {
    const auto response = broker.get(fmt::format("{}?{}", kRoot, query));
    EXPECT_EQ(response.status, 200) << query << response.body;
    std::string out;
    for (const JsonValue& item : *json_of(response).array()) out += item.text_or("id", "").back();
    return out;
  };
  EXPECT_EQ(ids("type=Bus"), "ab");
  EXPECT_EQ(ids("type=Bus,Tram"), "abd");
  EXPECT_EQ(ids("type=Bus&id=urn:bus:2"), "b");
  EXPECT_EQ(ids("type=Bus&idPattern=bus:1$"), "ab");
  EXPECT_EQ(ids("type=Bus&attrs=speed"), "ab");
  EXPECT_EQ(ids("type=Bus&attrs=colour"), "b");
  EXPECT_EQ(ids("type=Bus&q=colour==7"), "b");
  EXPECT_EQ(ids("type=Bus&csf=power%3E200"), "b");
  EXPECT_EQ(ids("type=Bus&scopeQ=/north"), "a");
  EXPECT_EQ(ids("type=Bus&georel=within&geometry=Polygon&coordinates=[[[8.4,47.4],[8.6,47.4],[8.6,47.6],[8.4,47.6],[8."
                "4,47.4]]]"),
            "a");
  EXPECT_EQ(ids("type=Bus&georel=near;maxDistance==1000&geometry=Point&coordinates=[0,0]"), "");
  EXPECT_EQ(ids("type=Bus&timerel=after&timeAt=2020-06-01T00:00:00Z"), "c");
  EXPECT_EQ(ids("type=Bus&timerel=after&timeAt=2022-06-01T00:00:00Z"), "");
  EXPECT_EQ(ids("type=Bus&timerel=between&timeAt=2019-01-01T00:00:00Z&endTimeAt=2020-02-01T00:00:00Z"), "c");
  EXPECT_EQ(ids("type=Bus,Tram&limit=1&offset=1"), "b");
  const auto counted = broker.get(std::string(kRoot) + "?type=Bus,Tram&limit=1&count=true");
  EXPECT_EQ(text_of(counted, "ngsild-results-count"), "3");
  // Only what bears on the question is shown of a registration.
  EXPECT_EQ(json_of(broker.get(std::string(kRoot) + "?type=Car")).array()->front().find("information")->dump(),
            R"([{"entities":[{"type":"Car"}]}])");
  for (const char* bad :
       {"", "?id=urn:bus:1", "?type=Bus&timerel=after", "?type=Bus&timerel=never&timeAt=2020-01-01T00:00:00Z",
        "?type=Bus&csf=a%3D%3C", "?type=Bus&limit=0", "?type=Bus&limit=x", "?type=Bus&id=nothing"}) {
    EXPECT_EQ(broker.get(std::string(kRoot) + bad).status, 400) << bad;
  }
}

TEST(RegistrationRoutes, AnExclusiveSourceSharesItsAttributesWithNobody) {
  TestBroker broker;
  const auto registers = [&](std::string_view id, std::string_view mode, std::string_view information) {
    return broker
        .post(kRoot, fmt::format(R"({{"id":"urn:r:{}","type":"ContextSourceRegistration","mode":"{}",
      "endpoint":"http://x","operations":["redirectionOps"],"information":[{}]}})",
                                 id, mode, information))
        .status;
  };
  const char* one = R"({"entities":[{"type":"Bus","id":"urn:bus:1"}],"propertyNames":["speed"]})";
  const char* other = R"({"entities":[{"type":"Bus","id":"urn:bus:1"}],"propertyNames":["colour"]})";
  const char* whole = R"({"entities":[{"type":"Bus","id":"urn:bus:1"}]})";
  const char* all = R"({"entities":[{"type":"Bus"}]})";
  EXPECT_EQ(registers("1", "exclusive", one), 201);
  EXPECT_EQ(registers("2", "exclusive", one), 409);
  EXPECT_EQ(registers("3", "exclusive", other), 201);
  EXPECT_EQ(registers("4", "redirect", whole), 409);
  EXPECT_EQ(registers("5", "redirect", all), 409);
  EXPECT_EQ(registers("6", "inclusive", all), 201);
  EXPECT_EQ(registers("7", "auxiliary", all), 400);  // asked for more than reading
  EXPECT_EQ(broker.del(std::string(kRoot) + "/urn:r:1").status, 204);
  EXPECT_EQ(broker.del(std::string(kRoot) + "/urn:r:3").status, 204);
  EXPECT_EQ(registers("5", "redirect", all), 201);
  EXPECT_EQ(registers("8", "redirect", all), 201);  // redirects may overlap
  EXPECT_EQ(registers("9", "exclusive", one), 409);
}

TEST(RegistrationRoutes, WhatIsHeldHereCannotBeAnotherSourcesAlone) {
  TestBroker broker;
  broker.creates(R"({"id":"urn:bus:1","type":"Bus","speed":{"type":"Property","value":30}})");
  const auto registers = [&](std::string_view mode, std::string_view entity, std::string_view attributes) {
    return broker.post(kRoot, fmt::format(R"({{"type":"ContextSourceRegistration","mode":"{}","endpoint":"http://x",
      "information":[{{"entities":[{}]{}}}]}})",
                                          mode, entity, attributes));
  };
  const char* id = R"({"type":"Bus","id":"urn:bus:1"})";
  const auto conflict = registers("exclusive", id, R"(,"propertyNames":["speed"])");
  EXPECT_EQ(conflict.status, 409);
  EXPECT_THAT(conflict.body, HasSubstr("urn:bus:1"));
  EXPECT_EQ(registers("exclusive", id, R"(,"propertyNames":["colour"])").status, 201);
  EXPECT_EQ(registers("redirect", R"({"type":"Bus"})", R"(,"propertyNames":["speed"])").status, 409);
  EXPECT_EQ(
      registers("redirect", R"({"type":"Bus","idPattern":"urn:bus:[2-9]"})", R"(,"propertyNames":["speed"])").status,
      201);
  EXPECT_EQ(registers("redirect", R"({"type":"Tram"})", "").status, 201);
  EXPECT_EQ(registers("inclusive", R"({"type":"Bus"})", "").status, 201);
}

TEST(RegistrationRoutes, NamesAreShownInEachCallersOwnWords) {
  TestBroker broker;
  broker.publish("http://words/de",
                 R"({"@context":{"Bus":"https://v/Bus","tempo":"https://v/speed","strom":"https://v/power"}})");
  broker.publish("http://words/en",
                 R"({"@context":{"Coach":"https://v/Bus","speed":"https://v/speed","power":"https://v/power"}})");
  const auto link = [](std::string_view url) {
    return Headers{
        {"Link", fmt::format("<{}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"", url)}};
  };
  const auto created =
      broker.post(kRoot, R"({"id":"urn:r:1","type":"ContextSourceRegistration","endpoint":"http://x","strom":5,
    "information":[{"entities":[{"type":"Bus"}],"propertyNames":["tempo"]}]})",
                  link("http://words/de"));
  ASSERT_EQ(created.status, 201) << created.body;
  const JsonValue english = json_of(broker.get(std::string(kRoot) + "/urn:r:1", link("http://words/en")));
  EXPECT_EQ(english.find("information")->dump(), R"([{"entities":[{"type":"Coach"}],"propertyNames":["speed"]}])");
  EXPECT_EQ(english.number_or("power", 0), 5);
  EXPECT_EQ(
      json_of(broker.get(std::string(kRoot) + "?type=Coach&attrs=speed", link("http://words/en"))).array()->size(), 1u);
  EXPECT_EQ(json_of(broker.get(std::string(kRoot) + "?type=Bus")).array()->size(), 0u);
}

}  // namespace
}  // namespace cityloop::broker
