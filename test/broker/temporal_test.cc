#include "base/rng.h"
#include "test/broker/temporal_fixture.h"

namespace cityloop::broker {
namespace {

// Three readings of one car, and a brand that has no time.
constexpr std::string_view kCar = R"({"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle",
  "brandName":[{"type":"Property","value":"Volvo"}],
  "speed":[{"type":"Property","value":120,"observedAt":"2018-08-01T12:03:00Z","unitCode":"KMH"},
           {"type":"Property","value":80,"observedAt":"2018-08-01T12:05:00Z","unitCode":"KMH"},
           {"type":"Property","value":100,"observedAt":"2018-08-01T12:07:00Z","unitCode":"KMH"}]})";
constexpr std::string_view kOne = "/entities/urn:ngsi-ld:Vehicle:B9211";
constexpr std::string_view kNoon = "timerel=between&timeAt=2018-08-01T12:00:00Z&endTimeAt=2018-08-01T13:00:00Z";

std::string at(std::string_view base, std::string_view query) {
  return fmt::format("{}?{}", base, query);
}

// The values of an attribute's instances.
std::vector<std::string> values(const JsonValue& entity, std::string_view name, std::string_view member = "value") {
  std::vector<std::string> out;
  const JsonValue* attribute = entity.find(name);
  if (!attribute || !attribute->array()) return out;
  for (const JsonValue& instance : *attribute->array()) {
    const JsonValue* value = instance.find(member);
    out.push_back(value ? value->dump() : "-");
  }
  return out;
}

using testing::ElementsAre;

TEST_F(TemporalTest, AnEvolutionIsCreatedOnceAndAddedToAfterwards) {
  const auto created = ask(Method::post, "/entities", std::string(kCar));
  EXPECT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(text_of(created, "Location"), "/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:Vehicle:B9211");
  EXPECT_EQ(twin().entity_count(), 0u);  // history alone
  const auto again = ask(Method::post, "/entities", R"({"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle",
    "speed":[{"type":"Property","value":90,"observedAt":"2018-08-01T12:09:00Z"}]})");
  EXPECT_EQ(again.status, 204) << again.body;
  for (int life = 0; life < 2; ++life) {
    const JsonValue car = json(kOne);
    EXPECT_EQ(car.text_or("id", ""), "urn:ngsi-ld:Vehicle:B9211");
    EXPECT_EQ(car.text_or("type", ""), "Vehicle");
    EXPECT_THAT(values(car, "speed"), ElementsAre("120", "80", "100", "90"));
    EXPECT_THAT(values(car, "speed", "unitCode"), ElementsAre("\"KMH\"", "\"KMH\"", "\"KMH\"", "-"));
    EXPECT_THAT(values(car, "brandName"), ElementsAre("\"Volvo\""));
    reopen();
  }
}

TEST_F(TemporalTest, TheEvolutionOfTheCitysOwnEntitiesIsKeptErasuresIncluded) {
  change(
      R"({"id":"urn:ngsi-ld:Room:1","type":"Room","temperature":{"type":"Property","value":20,"observedAt":"2026-05-01T08:00:00Z"},
    "in":{"type":"Relationship","object":"urn:ngsi-ld:House:1"},"label":{"type":"LanguageProperty","languageMap":{"en":"hall","zh":"厅"}}})");
  clock().advance_to(base::parse_time("2026-05-01T09:00:00Z").value());
  change(
      R"({"id":"urn:ngsi-ld:Room:1","type":"Room","temperature":{"type":"Property","value":21,"observedAt":"2026-05-01T09:00:00Z"}})");
  const JsonValue room = json("/entities/urn:ngsi-ld:Room:1?options=sysAttrs");
  EXPECT_THAT(values(room, "temperature"), ElementsAre("20", "21"));
  EXPECT_THAT(values(room, "temperature", "modifiedAt"),
              ElementsAre("\"2026-05-01T08:00:00Z\"", "\"2026-05-01T09:00:00Z\""));
  EXPECT_EQ(room.text_or("createdAt", ""), "2026-05-01T08:00:00Z");
  EXPECT_THAT(values(room, "in", "object"), ElementsAre("\"urn:ngsi-ld:House:1\""));
  EXPECT_THAT(values(json("/entities/urn:ngsi-ld:Room:1?lang=zh"), "label"), ElementsAre("\"厅\""));
  clock().advance_to(base::parse_time("2026-05-01T10:00:00Z").value());
  erase("urn:ngsi-ld:Room:1");
  const JsonValue gone = json("/entities/urn:ngsi-ld:Room:1");
  EXPECT_THAT(values(gone, "temperature"), ElementsAre("20", "21", "\"urn:ngsi-ld:null\""));
  EXPECT_THAT(values(gone, "in", "object"), ElementsAre("\"urn:ngsi-ld:House:1\"", "\"urn:ngsi-ld:null\""));
  EXPECT_THAT(values(gone, "in", "deletedAt"), ElementsAre("-", "\"2026-05-01T10:00:00Z\""));
  const JsonValue deleted =
      json("/entities?type=Room&timeproperty=deletedAt&timerel=after&timeAt=2026-05-01T09:30:00Z");
  ASSERT_EQ(deleted.array()->size(), 1u);
  EXPECT_THAT(values(deleted.array()->front(), "temperature"), ElementsAre("\"urn:ngsi-ld:null\""));
}

TEST_F(TemporalTest, AStretchOfTimeAndTheLastOfThem) {
  ask(Method::post, "/entities", std::string(kCar));
  const auto speeds = [&](std::string_view query) { return values(json(at(kOne, query)), "speed"); };
  EXPECT_THAT(speeds("timerel=before&timeAt=2018-08-01T12:05:00Z"), ElementsAre("120"));
  EXPECT_THAT(speeds("timerel=after&timeAt=2018-08-01T12:05:00Z"), ElementsAre("80", "100"));
  EXPECT_THAT(speeds("timerel=between&timeAt=2018-08-01T12:04:00Z&endTimeAt=2018-08-01T12:06:00Z"), ElementsAre("80"));
  EXPECT_THAT(speeds("lastN=2"), ElementsAre("80", "100"));
  EXPECT_THAT(speeds("lastN=1&timerel=before&timeAt=2018-08-01T12:06:00Z"), ElementsAre("80"));
  EXPECT_THAT(speeds("timerel=after&timeAt=2026-05-01T07:00:00Z&timeproperty=modifiedAt"),
              ElementsAre("120", "80", "100"));
  EXPECT_TRUE(speeds("timerel=after&timeAt=2026-05-01T09:00:00Z&timeproperty=createdAt").empty());
  // What has no time holds throughout.
  EXPECT_THAT(values(json(at(kOne, kNoon)), "brandName"), ElementsAre("\"Volvo\""));
}

TEST_F(TemporalTest, FormsOfAnAnswer) {
  ask(Method::post, "/entities", std::string(kCar));
  EXPECT_EQ(
      get(at(kOne, "options=temporalValues&attrs=speed,brandName")).body,
      R"({"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle","brandName":{"type":"Property","values":[["Volvo",""]]},)"
      R"("speed":{"type":"Property","values":[[120,"2018-08-01T12:03:00Z"],[80,"2018-08-01T12:05:00Z"],[100,"2018-08-01T12:07:00Z"]]}})");
  EXPECT_EQ(
      get(at(kOne, "format=temporalValues&pick=id,speed&lastN=1")).body,
      R"({"id":"urn:ngsi-ld:Vehicle:B9211","speed":{"type":"Property","values":[[100,"2018-08-01T12:07:00Z"]]}})");
  EXPECT_EQ(
      get(at(kOne, "options=aggregatedValues&aggrMethods=avg,max&attrs=speed&" + std::string(kNoon))).body,
      R"({"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle","speed":{"type":"Property",)"
      R"("avg":[[100,"2018-08-01T12:00:00Z","2018-08-01T13:00:00Z"]],"max":[[120,"2018-08-01T12:00:00Z","2018-08-01T13:00:00Z"]]}})");
  EXPECT_EQ(
      get(at(kOne,
             "options=aggregatedValues&aggrMethods=sum&aggrPeriodDuration=PT4M&attrs=speed&" + std::string(kNoon)))
          .body,
      R"({"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle","speed":{"type":"Property",)"
      R"("sum":[[120,"2018-08-01T12:00:00Z","2018-08-01T12:04:00Z"],[180,"2018-08-01T12:04:00Z","2018-08-01T12:08:00Z"]]}})");
  const JsonValue concise = json(at(kOne, "options=concise"));
  EXPECT_THAT(values(concise, "speed", "type"), ElementsAre("-", "-", "-"));
  EXPECT_THAT(values(concise, "brandName"), ElementsAre("\"Volvo\""));
  EXPECT_THAT(values(concise, "brandName", "instanceId").front(), testing::StartsWith("\"urn:"));
  EXPECT_EQ(json(at(kOne, "omit=speed")).find("speed"), nullptr);
}

TEST_F(TemporalTest, DatasetsStandBesideEachOther) {
  ask(Method::post, "/entities", R"({"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle",
    "speed":[{"value":1,"observedAt":"2020-01-01T00:00:00Z","datasetId":"urn:d:1"},
             {"value":2,"observedAt":"2020-01-01T00:00:00Z","datasetId":"urn:d:2"},
             {"value":3,"observedAt":"2020-01-01T01:00:00Z","datasetId":"urn:d:1","accuracy":0.5}]})");
  EXPECT_THAT(values(json(kOne), "speed"), ElementsAre("1", "3", "2"));
  EXPECT_THAT(values(json(at(kOne, "datasetId=urn:d:2")), "speed"), ElementsAre("2"));
  EXPECT_THAT(
      values(json(at(kOne, "options=temporalValues")), "speed", "values"),
      ElementsAre(R"([[1,"2020-01-01T00:00:00Z"],[3,"2020-01-01T01:00:00Z"]])", R"([[2,"2020-01-01T00:00:00Z"]])"));
  EXPECT_EQ(refusal(ask(Method::del, at(std::string(kOne) + "/attrs/speed", "datasetId=urn:d:9"))),
            "404 ResourceNotFound");
  EXPECT_EQ(refusal(ask(Method::del, std::string(kOne) + "/attrs/speed")), "404 ResourceNotFound");
  EXPECT_EQ(ask(Method::del, at(std::string(kOne) + "/attrs/speed", "datasetId=urn:d:1")).status, 204);
  EXPECT_THAT(values(json(kOne), "speed"), ElementsAre("2"));
  EXPECT_EQ(ask(Method::del, at(std::string(kOne) + "/attrs/speed", "deleteAll=true")).status, 204);
  EXPECT_EQ(json(kOne).find("speed"), nullptr);
}

TEST_F(TemporalTest, InstancesAreAddedChangedAndErased) {
  ask(Method::post, "/entities", std::string(kCar));
  EXPECT_EQ(ask(Method::post, std::string(kOne) + "/attrs",
                R"({"speed":[{"type":"Property","value":7,"observedAt":"2018-08-01T12:01:00Z"}],
    "colour":{"type":"Property","value":"red"}})")
                .status,
            204);
  JsonValue car = json(kOne);
  EXPECT_THAT(values(car, "speed"), ElementsAre("7", "120", "80", "100"));
  EXPECT_THAT(values(car, "colour"), ElementsAre("\"red\""));
  const auto id = [&](std::string_view name, std::size_t nth) {
    return std::string((*json(kOne).find(name)->array())[nth].text_or("instanceId", ""));
  };
  const std::string second = id("speed", 1), colour = id("colour", 0);
  const std::string path = fmt::format("{}/attrs/speed/{}", kOne, second);
  clock().advance_to(base::parse_time("2026-05-01T09:00:00Z").value());
  EXPECT_EQ(ask(Method::patch, path, R"({"type":"Property","value":121,"observedAt":"2018-08-01T12:03:00Z"})").status,
            204);
  EXPECT_THAT(values(json(kOne), "speed"), ElementsAre("7", "121", "80", "100"));
  EXPECT_EQ(id("speed", 1), second);
  EXPECT_EQ(
      ask(Method::patch, path, R"({"speed":[{"type":"Property","value":122,"observedAt":"2018-08-01T12:30:00Z"}]})")
          .status,
      204);
  EXPECT_THAT(values(json(kOne), "speed"), ElementsAre("7", "80", "100", "122"));
  EXPECT_EQ(id("speed", 3), second);
  car = json(at(kOne, "options=sysAttrs&lastN=1"));
  EXPECT_THAT(values(car, "speed", "createdAt"), ElementsAre("\"2026-05-01T08:00:00Z\""));
  EXPECT_THAT(values(car, "speed", "modifiedAt"), ElementsAre("\"2026-05-01T09:00:00Z\""));
  EXPECT_EQ(ask(Method::del, path).status, 204);
  EXPECT_EQ(refusal(ask(Method::del, path)), "404 ResourceNotFound");
  EXPECT_EQ(refusal(ask(Method::patch, path, R"({"value":1})")), "404 ResourceNotFound");
  EXPECT_EQ(ask(Method::del, fmt::format("{}/attrs/colour/{}", kOne, colour)).status, 204);
  reopen();
  EXPECT_THAT(values(json(kOne), "speed"), ElementsAre("7", "80", "100"));
  EXPECT_EQ(json(kOne).find("colour"), nullptr);
  EXPECT_EQ(ask(Method::del, kOne).status, 204);
  EXPECT_EQ(refusal(get(kOne)), "404 ResourceNotFound");
  EXPECT_EQ(refusal(ask(Method::del, kOne)), "404 ResourceNotFound");
  reopen();
  EXPECT_EQ(refusal(get(kOne)), "404 ResourceNotFound");
}

TEST_F(TemporalTest, QueriesChooseEntitiesByWhatTheyWereInTheStretch) {
  for (int i = 0; i < 5; ++i) {
    ask(Method::post, "/entities",
        fmt::format(R"({{"id":"urn:ngsi-ld:Vehicle:{}","type":"{}","brandName":{{"type":"Property","value":"{}"}},
      "location":[{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{},50]}},"observedAt":"2018-08-01T12:03:00Z"}},
                  {{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{},51]}},"observedAt":"2018-08-01T14:03:00Z"}}],
      "speed":[{{"type":"Property","value":{},"observedAt":"2018-08-01T12:03:00Z"}},
               {{"type":"Property","value":{},"observedAt":"2018-08-01T14:05:00Z"}}]}})",
                    i, i == 4 ? "Bus" : "Vehicle", i % 2 ? "Volvo" : "Mercedes", i, i, i * 10, 100 + i));
  }
  const auto found = [&](std::string query, std::string_view when = kNoon) {
    for (const auto& [from, to] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {">", "%3E"}, {"<", "%3C"}, {"\"", "%22"}, {";speed", "%3Bspeed"}, {"[", "%5B"}, {"]", "%5D"}}) {
      for (auto i = query.find(from); i != query.npos; i = query.find(from, i + to.size()))
        query.replace(i, from.size(), to);
    }
    std::string ids;
    const JsonValue list = json(fmt::format("/entities?{}&{}", query, when));
    for (const JsonValue& entity : *list.array()) ids += entity.text_or("id", "").back();
    return ids;
  };
  EXPECT_EQ(found("type=Vehicle"), "0123");
  EXPECT_EQ(found("type=Bus"), "4");
  EXPECT_EQ(found("type=Vehicle,Bus"), "01234");
  EXPECT_EQ(found("type=Vehicle", "timerel=after&timeAt=2020-01-01T00:00:00Z"), "");
  EXPECT_EQ(found("type=Vehicle&q=speed>15"), "23");
  EXPECT_EQ(found("type=Vehicle&q=speed>99"), "");
  EXPECT_EQ(found("type=Vehicle&q=speed>101", "timerel=after&timeAt=2018-08-01T12:00:00Z"), "23");
  EXPECT_EQ(found("type=Vehicle&q=brandName!=\"Mercedes\";speed>15&attrs=speed"), "3");
  EXPECT_EQ(found("type=Vehicle,Bus&id=urn:ngsi-ld:Vehicle:1,urn:ngsi-ld:Vehicle:4,urn:ngsi-ld:Vehicle:9"), "14");
  EXPECT_EQ(found("type=Vehicle&idPattern=.*[12]$"), "12");
  EXPECT_EQ(found("attrs=speed"), "01234");
  EXPECT_EQ(found("attrs=nothing"), "");
  EXPECT_EQ(found("type=Vehicle&georel=near;maxDistance==1000&geometry=Point&coordinates=[2,50]"), "2");
  EXPECT_EQ(found("type=Vehicle&georel=near;maxDistance==1000&geometry=Point&coordinates=[2,51]"), "");
  EXPECT_EQ(found("type=Vehicle&limit=2"), "01");
  EXPECT_EQ(found("type=Vehicle&limit=2&offset=2"), "23");
  const auto page = get(fmt::format("/entities?type=Vehicle&limit=1&offset=1&count=true&{}", kNoon));
  EXPECT_EQ(text_of(page, "NGSILD-Results-Count"), "4");
  EXPECT_NE(page.headers.end(),
            std::ranges::find_if(page.headers, [](const auto& h) { return h.second.ends_with("rel=\"next\""); }));
  reopen();  // entities that only history knows are found all the same
  EXPECT_EQ(found("type=Vehicle&id=urn:ngsi-ld:Vehicle:1"), "1");
  EXPECT_EQ(found("type=Vehicle&q=speed>15"), "23");
}

TEST_F(TemporalTest, ABodyAsksTheSame) {
  ask(Method::post, "/entities", std::string(kCar));
  const auto query = [&](std::string_view members, std::string_view parameters = "") {
    return ask(Method::post, fmt::format("/entityOperations/query{}", parameters),
               fmt::format(R"({{"type":"Query",{}}})", members));
  };
  const auto plain = query(R"("entities":[{"type":"Vehicle"}],"attrs":["speed"],"q":"speed>110",
    "temporalQ":{"timerel":"between","timeAt":"2018-08-01T12:00:00Z","endTimeAt":"2018-08-01T13:00:00Z","lastN":2})");
  ASSERT_EQ(plain.status, 200) << plain.body;
  EXPECT_EQ(plain.body, "[]");  // of the last two none is over 110
  const auto values = query(R"("entities":[{"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle"}],"attrs":["speed"],
    "temporalQ":{"timerel":"after","timeAt":"2018-08-01T12:04:00Z"})",
                            "?options=temporalValues");
  EXPECT_EQ(
      values.body,
      R"([{"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle","speed":{"type":"Property","values":[[80,"2018-08-01T12:05:00Z"],[100,"2018-08-01T12:07:00Z"]]}}])");
  const auto sums = query(
      R"("entities":[{"type":"Vehicle"}],"attrs":["speed"],"temporalQ":{"timerel":"after","timeAt":"2018-08-01T12:00:00Z"},
    "aggrParams":{"aggrMethods":["sum"],"aggrPeriodDuration":"PT1H"})",
      "?options=aggregatedValues");
  EXPECT_EQ(
      sums.body,
      R"([{"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle","speed":{"type":"Property","sum":[[300,"2018-08-01T12:00:00Z","2018-08-01T13:00:00Z"]]}}])");
  EXPECT_EQ(
      query(
          R"("entities":[{"type":"Vehicle","id":"urn:ngsi-ld:Vehicle:none"}],"temporalQ":{"timerel":"after","timeAt":"2018-08-01T12:00:00Z"})")
          .body,
      "[]");
  for (
      const char* const bad :
      {R"("entities":[{"type":"Vehicle"}])", R"("entities":[{"type":"Vehicle"}],"temporalQ":3)",
       R"("entities":[{"type":"Vehicle"}],"temporalQ":{"timerel":"after"})",
       R"("temporalQ":{"timerel":"after","timeAt":"2018-08-01T12:00:00Z"})",
       R"("entities":[{"type":"Vehicle"}],"temporalQ":{"timerel":"after","timeAt":"2018-08-01T12:00:00Z","more":1})"}) {
    EXPECT_EQ(refusal(query(bad)), "400 BadRequestData") << bad;
  }
}

TEST_F(TemporalTest, WhatIsTooMuchForOneAnswerIsCutAtOneMoment) {
  reopen(4);
  std::string speeds, heats;
  for (int i = 0; i < 10; ++i) {
    speeds += fmt::format(R"({}{{"value":{},"observedAt":"2020-01-01T00:0{}:00Z"}})", i ? "," : "", i, i);
    if (i % 3 == 0)
      heats += fmt::format(R"({}{{"value":{},"observedAt":"2020-01-01T00:0{}:30Z"}})", i ? "," : "", i, i);
  }
  ask(Method::post, "/entities",
      fmt::format(R"({{"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle","speed":[{}],"heat":[{}]}})", speeds, heats));
  const auto first = get(at(kOne, "timerel=after&timeAt=2019-12-31T00:00:00Z"));
  EXPECT_EQ(first.status, 206);
  EXPECT_EQ(text_of(first, "Content-Range"), "date-time 2019-12-31T00:00:00Z-2020-01-01T00:03:00Z/*");
  EXPECT_THAT(values(*JsonValue::parse(first.body), "speed"), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(values(*JsonValue::parse(first.body), "heat"), ElementsAre("0"));
  const auto next = get(at(kOne, "timerel=after&timeAt=2020-01-01T00:07:00Z"));
  EXPECT_EQ(next.status, 200);
  EXPECT_THAT(values(*JsonValue::parse(next.body), "speed"), ElementsAre("7", "8", "9"));
  const auto last = get("/entities?type=Vehicle&timerel=before&timeAt=2020-01-01T01:00:00Z&lastN=6");
  EXPECT_EQ(last.status, 206);
  EXPECT_EQ(text_of(last, "Content-Range"), "date-time 2020-01-01T01:00:00Z-2020-01-01T00:06:00Z/6");
  EXPECT_THAT(values(JsonValue::parse(last.body)->array()->front(), "speed"), ElementsAre("6", "7", "8", "9"));
  EXPECT_EQ(get(at(kOne, "lastN=4")).status, 200);
  // Summed up is all of it.
  EXPECT_EQ(
      get(at(kOne, "options=aggregatedValues&aggrMethods=totalCount&attrs=speed")).body,
      R"({"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle","speed":{"type":"Property","totalCount":[[10,"2020-01-01T00:00:00Z","2020-01-01T00:09:00Z"]]}})");
}

TEST_F(TemporalTest, RefusalsSayWhatIsWrong) {
  ask(Method::post, "/entities", std::string(kCar));
  const std::vector<std::pair<std::string, std::string>> gets{
      {"/entities/urn:ngsi-ld:none", "404 ResourceNotFound"},
      {"/entities/nouri", "400 BadRequestData"},
      {"/entities?type=Vehicle", "400 BadRequestData"},
      {at("/entities", kNoon), "400 BadRequestData"},
      {"/entities?type=Vehicle&timerel=after", "400 BadRequestData"},
      {"/entities?type=Vehicle&timerel=between&timeAt=2018-08-01T12:00:00Z", "400 BadRequestData"},
      {"/entities?type=Vehicle&timerel=after&timeAt=now", "400 BadRequestData"},
      {at("/entities", std::string(kNoon) + "&type=Vehicle&limit=-1"), "400 BadRequestData"},
      {at("/entities", std::string(kNoon) + "&type=Vehicle&q=speed%3E%3E"), "400 BadRequestData"},
      {at(kOne, "options=aggregatedValues"), "400 BadRequestData"},
      {at(kOne, "options=aggregatedValues&aggrMethods=median"), "400 BadRequestData"},
      {at(kOne, "options=aggregatedValues,temporalValues&aggrMethods=avg"), "400 BadRequestData"},
      {at(kOne, "options=aggregatedValues&aggrMethods=avg&aggrPeriodDuration=1h"), "400 BadRequestData"},
      {at(kOne, "lastN=x"), "400 BadRequestData"},
      {at(kOne, "timeproperty=x"), "400 BadRequestData"},
      {at(kOne, "options=unheard"), "400 BadRequestData"},
  };
  for (const auto& [target, expected] : gets) EXPECT_EQ(refusal(get(target)), expected) << target;
  const std::vector<std::tuple<Method, std::string, std::string, std::string>> writes{
      {Method::post, "/entities", R"({"type":"Vehicle"})", "400 BadRequestData"},
      {Method::post, "/entities", R"({"id":"urn:a:b"})", "400 BadRequestData"},
      {Method::post, "/entities", R"({"id":"urn:a:b","type":"T","speed":[{"type":"Property"}]})", "400 BadRequestData"},
      {Method::post, "/entities", R"({"id":"urn:a:b",)", "400 InvalidRequest"},
      {Method::post, "/entities/urn:ngsi-ld:none/attrs", R"({"a":[{"type":"Property","value":1}]})",
       "404 ResourceNotFound"},
      {Method::post, std::string(kOne) + "/attrs", R"({})", "400 BadRequestData"},
      {Method::del, "/entities/urn:ngsi-ld:none", "", "404 ResourceNotFound"},
      {Method::del, std::string(kOne) + "/attrs/none", "", "404 ResourceNotFound"},
      {Method::del, std::string(kOne) + "/attrs/speed/urn:none:1", "", "404 ResourceNotFound"},
      {Method::del, std::string(kOne) + "/attrs/speed/none", "", "400 BadRequestData"},
      {Method::patch, std::string(kOne) + "/attrs/speed/urn:none:1", R"({"type":"Property","value":1})",
       "404 ResourceNotFound"},
      {Method::patch, std::string(kOne) + "/attrs/speed/urn:none:1", R"([])", "400 BadRequestData"},
      {Method::post, "/entities", R"({"id":"urn:a:b","type":"Case"})", "403 OperationNotAllowed"},
  };
  for (const auto& [method, target, body, expected] : writes) {
    EXPECT_EQ(refusal(ask(method, target, body)), expected) << target << " " << body;
  }
}

TEST_F(TemporalTest, NamesAreTheCallersOwn) {
  const std::string context = R"("@context":[{"ex":"https://example.org/","velocity":"ex:velocity","Car":"ex:Car"}])";
  const auto created = ask(
      Method::post, "/entities",
      R"({"id":"urn:ngsi-ld:Car:1","type":"Car","velocity":[{"type":"Property","value":5,"observedAt":"2020-01-01T00:00:00Z"}],)" +
          context + "}",
      "application/ld+json");
  ASSERT_EQ(created.status, 201) << created.body;
  const JsonValue bare = json("/entities/urn:ngsi-ld:Car:1");
  EXPECT_EQ(bare.text_or("type", ""), "https://example.org/Car");
  EXPECT_THAT(values(bare, "https://example.org/velocity"), ElementsAre("5"));
  const auto asked = ask(Method::post, "/entityOperations/query?options=temporalValues",
                         R"({"type":"Query","entities":[{"type":"Car"}],"q":"velocity==5",
    "temporalQ":{"timerel":"after","timeAt":"2019-01-01T00:00:00Z"},)" +
                             context + "}",
                         "application/ld+json");
  ASSERT_EQ(asked.status, 200) << asked.body;
  const JsonValue car = JsonValue::parse(asked.body)->array()->front();
  EXPECT_EQ(car.text_or("type", ""), "Car");
  ASSERT_NE(car.find("velocity"), nullptr) << asked.body;
  EXPECT_NE(car.find("@context"), nullptr);
}

TEST_F(TemporalTest, RandomRequestsAreAnsweredAndNeverWithAFaultOfOurs) {
  ask(Method::post, "/entities", std::string(kCar));
  base::Rng rng(4711);
  const std::string seeds[] = {
      std::string(kCar), R"({"speed":[{"type":"Property","value":7,"observedAt":"2018-08-01T12:01:00Z"}]})",
      R"({"type":"Query","entities":[{"type":"Vehicle"}],"q":"speed>1","temporalQ":{"timerel":"after","timeAt":"2018-08-01T12:00:00Z","lastN":3},"aggrParams":{"aggrMethods":"avg"}})"};
  const auto spoil = [&](std::string text) {
    for (std::uint64_t i = rng.below(6); i > 0 && !text.empty(); --i) {
      const auto where = rng.below(text.size());
      if (rng.below(2)) text[where] = char(rng.next());
      else text.erase(where, 1 + rng.below(8));
    }
    return text;
  };
  const std::pair<Method, std::string> routes[] = {
      {Method::post, "/entities"},
      {Method::post, std::string(kOne) + "/attrs"},
      {Method::post, "/entityOperations/query"},
      {Method::post, "/entityOperations/query?options=aggregatedValues"},
      {Method::patch, std::string(kOne) + "/attrs/speed/urn:ngsi-ld:Instance:0"}};
  for (int i = 0; i < 1500; ++i) {
    const auto& [method, path] = routes[rng.below(std::size(routes))];
    const auto response = ask(method, path, spoil(seeds[rng.below(std::size(seeds))]));
    EXPECT_LT(response.status, 500) << response.body;
  }
  EXPECT_EQ(get(kOne).status, 200);
}

}  // namespace
}  // namespace cityloop::broker
