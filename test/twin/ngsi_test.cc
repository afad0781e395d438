#include "twin/ngsi/ngsi.h"

#include <gtest/gtest.h>

#include "base/json_value.h"
#include "base/rng.h"
#include "test/twin/random_entity.h"
#include "twin/utf8.h"

namespace cityloop::twin {
namespace {

using flow::Attribute;
using flow::AttributeKind;
using flow::Json;
using flow::Name;
using flow::Value;
using flow::Write;
using flow::WriteMode;

Write parse(std::string_view json, WriteMode mode = WriteMode::upsert) {
  auto out = parse_entity(json, mode);
  EXPECT_TRUE(out.has_value()) << json << "\n" << (out ? "" : out.error().message);
  return out.value_or(Write{});
}

flow::Entity entity_of(const Write& write) {
  flow::Entity out;
  out.id = write.entity;
  out.types = write.types;
  out.scopes = write.scopes;
  out.attributes = write.attributes;
  return out;
}

std::string body(std::string_view attributes) {
  return fmt::format(R"({{"id":"urn:ngsi-ld:T:1","type":"T"{}{}}})", attributes.empty() ? "" : ",", attributes);
}

const char* const kVehicle = R"({
  "@context": "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld",
  "id": "urn:ngsi-ld:Vehicle:A4567", "type": ["Vehicle", "Asset"], "scope": "/fleet/north",
  "brandName": {"type": "Property", "value": "Mercedes \"湖\""},
  "speed": [
    {"type": "Property", "value": 55, "unitCode": "KMH", "observedAt": "2024-05-02T07:59:30.250Z",
     "source": {"type": "Property", "value": "GPS", "trust": {"type": "Property", "value": 0.9}}},
    {"type": "Property", "value": 54.5, "datasetId": "urn:ngsi-ld:Property:speedometer"}],
  "street": {"type": "LanguageProperty", "languageMap": {"fr": "Grand Place", "nl": ["Grote Markt"]}},
  "parkedAt": {"type": "Relationship", "object": "urn:ngsi-ld:OffStreetParking:1", "objectType": "OffStreetParking",
               "observedAt": "2024-05-02T09:59:30+02:00"},
  "passengers": {"type": "Relationship", "object": ["urn:a:1", "urn:a:2"]},
  "category": {"type": "VocabProperty", "vocab": ["commercial", "bus"]},
  "raw": {"type": "JsonProperty", "json": {"a": [1, null, {"b": 12345678901234567890}]}},
  "lanes": {"type": "ListProperty", "valueList": [1, "two", [3]]},
  "stops": {"type": "ListRelationship", "objectList": [{"object": "urn:a:1"}, {"object": "urn:a:2"}]},
  "location": {"type": "GeoProperty", "value": {"coordinates": [10.5, -3], "type": "Point"}},
  "open": {"type": "Property", "value": true, "createdAt": "2000-01-01T00:00:00Z"},
  "address": {"type": "Property", "value": { "city": "Aarhus", "n": [ 1.50, 2e3 ] }}
})";

TEST(NgsiParse, EveryKind) {
  const Write write = parse(kVehicle, WriteMode::create);
  const flow::Entity e = entity_of(write);
  EXPECT_EQ(write.mode, WriteMode::create);
  EXPECT_EQ(e.id.text(), "urn:ngsi-ld:Vehicle:A4567");
  EXPECT_EQ(e.types, (std::vector{Name("Vehicle"), Name("Asset")}));
  EXPECT_EQ(e.scopes, std::vector{Name("/fleet/north")});
  EXPECT_EQ(e.text(Name("brandName")), "Mercedes \"湖\"");
  const Attribute& speed = *e.find(Name("speed"));
  EXPECT_EQ(speed.value, Value(55.0));
  EXPECT_EQ(speed.unit_code, Name("KMH"));
  EXPECT_EQ(base::format_time(speed.observed_at), "2024-05-02T07:59:30.25Z");
  EXPECT_EQ(speed.subs[0].subs[0].value, Value(0.9));
  EXPECT_EQ(e.attributes[2].name, Name("speed"));
  EXPECT_EQ(e.attributes[2].dataset_id, Name("urn:ngsi-ld:Property:speedometer"));
  EXPECT_EQ(e.find(Name("street"))->value, Value(Json{R"({"fr":"Grand Place","nl":["Grote Markt"]})"}));
  EXPECT_EQ(e.find(Name("parkedAt"))->value, Value(std::string("urn:ngsi-ld:OffStreetParking:1")));
  EXPECT_EQ(base::format_time(e.find(Name("parkedAt"))->observed_at), "2024-05-02T07:59:30Z");
  EXPECT_EQ(e.find(Name("passengers"))->value, Value(Json{R"(["urn:a:1","urn:a:2"])"}));
  EXPECT_EQ(e.find(Name("category"))->value, Value(Json{R"(["commercial","bus"])"}));
  EXPECT_EQ(e.find(Name("raw"))->value, Value(Json{R"({"a":[1,null,{"b":12345678901234567890}]})"}));
  EXPECT_EQ(e.find(Name("lanes"))->value, Value(Json{R"([1,"two",[3]])"}));
  EXPECT_EQ(e.find(Name("stops"))->value, Value(Json{R"(["urn:a:1","urn:a:2"])"}));
  EXPECT_EQ(e.find(Name("location"))->value, Value(Json{R"({"type":"Point","coordinates":[10.5,-3]})"}));
  EXPECT_EQ(e.find(Name("location"))->value, flow::geo_point(Name("location"), 10.5, -3).value);
  EXPECT_EQ(e.find(Name("open"))->value, Value(true));
  EXPECT_EQ(e.find(Name("address"))->value, Value(Json{R"({"city":"Aarhus","n":[1.5,2000]})"}));
  const AttributeKind kinds[] = {e.find(Name("street"))->kind,   e.find(Name("parkedAt"))->kind,
                                 e.find(Name("category"))->kind, e.find(Name("raw"))->kind,
                                 e.find(Name("lanes"))->kind,    e.find(Name("stops"))->kind,
                                 e.find(Name("location"))->kind};
  const AttributeKind expected[] = {AttributeKind::language_property, AttributeKind::relationship,
                                    AttributeKind::vocab_property,    AttributeKind::json_property,
                                    AttributeKind::list_property,     AttributeKind::list_relationship,
                                    AttributeKind::geo_property};
  EXPECT_TRUE(std::ranges::equal(kinds, expected));
}

TEST(NgsiParse, Concise) {
  const flow::Entity e =
      entity_of(parse(body(R"("a":5,"b":"x","c":true,"d":[1,2],"e":{"value":5,"unitCode":"KMH","acc":1},
      "f":{"object":"urn:a:b"},"g":{"type":"Point","coordinates":[1,2]},"h":{"street":"x","no":3},
      "i":{"value":{"type":"Point","coordinates":[1,2]}},"j":{"languageMap":{"en":"x"}},"k":[{"value":1},{"value":2,"datasetId":"urn:d:1"}],
      "l":{"vocab":"x"},"m":{"json":null},"n":{"valueList":[]},"o":{"objectList":["urn:a:b"]},"p":[{"x":1}],
      "q":{"@type":"DateTime","@value":"2020-01-01T00:00:00Z"},"r":[])")));
  EXPECT_EQ(e.find(Name("a"))->value, Value(5.0));
  EXPECT_EQ(e.find(Name("b"))->value, Value(std::string("x")));
  EXPECT_EQ(e.find(Name("c"))->value, Value(true));
  EXPECT_EQ(e.find(Name("d"))->value, Value(Json{"[1,2]"}));
  EXPECT_EQ(e.find(Name("e"))->subs[0].name, Name("acc"));
  EXPECT_EQ(e.find(Name("f"))->kind, AttributeKind::relationship);
  EXPECT_EQ(e.find(Name("g"))->kind, AttributeKind::geo_property);
  EXPECT_EQ(e.find(Name("h"))->value, Value(Json{R"({"street":"x","no":3})"}));
  EXPECT_EQ(e.find(Name("i"))->kind, AttributeKind::geo_property);
  EXPECT_EQ(e.find(Name("j"))->kind, AttributeKind::language_property);
  EXPECT_EQ(e.find(Name("k"))->value, Value(1.0));
  EXPECT_EQ(e.find(Name("l"))->kind, AttributeKind::vocab_property);
  EXPECT_EQ(e.find(Name("m"))->value, Value{});
  EXPECT_EQ(e.find(Name("n"))->kind, AttributeKind::list_property);
  EXPECT_EQ(e.find(Name("o"))->kind, AttributeKind::list_relationship);
  EXPECT_EQ(e.find(Name("p"))->value, Value(Json{R"([{"x":1}])"}));
  EXPECT_EQ(e.find(Name("q"))->kind, AttributeKind::property);
  EXPECT_EQ(e.find(Name("r"))->value, Value(Json{"[]"}));
}

std::string nested(int depth) {  // an attribute with so many attributes of attributes
  std::string json = "1";
  for (int i = 0; i < depth; ++i) json = fmt::format(R"({{"value":1,"s":{}}})", json);
  return "\"a\":" + json;
}

using Refusals = std::vector<std::pair<std::string, const char*>>;

void refused(const Refusals& cases) {
  for (const auto& [json, expected] : cases) {
    const auto got = parse_entity(json, WriteMode::upsert);
    ASSERT_FALSE(got.has_value()) << json;
    EXPECT_NE(got.error().message.find(expected), std::string::npos) << json << "\nsaid: " << got.error().message;
  }
}

TEST(NgsiParse, RefusesByTheMembersName) {
  refused({
      {"", "not well-formed JSON"},
      {"[]", "an entity must be a JSON object"},
      {R"({"type":"T"})", "the entity has no 'id'"},
      {R"({"id":"urn:a:1"})", "the entity has no 'type'"},
      {R"({"id":"pump","type":"T"})", "the id 'pump' is no URI"},
      {R"({"id":"urn:a b","type":"T"})", "is no URI"},
      {R"({"id":7,"type":"T"})", "'id' must be a text"},
      {R"({"id":"urn:a:1","id":"urn:a:2","type":"T"})", "'id' stands twice"},
      {R"({"id":"urn:a:1","type":[]})", "'type' must be a text or a list"},
      {R"({"id":"urn:a:1","type":["T",""]})", "'type' must be"},
      {R"({"id":"urn:a:1","type":"T","scope":5})", "'scope' must be"},
      {body(R"("a":1,"a":2)"), "attribute 'a': stands twice"},
      {body(R"("a":{"value":1,"value":2})"), "attribute 'a': 'value' stands twice"},
      {body(R"("a":{"value":1,"b":1,"b":2})"), "attribute 'a.b': stands twice"},
      {body(R"("a":{"value":{"x":1,"x":2}})"), "attribute 'a': the key 'x' stands twice"},
      {body(R"("a":{"type":"Property"})"), "attribute 'a': a Property has no 'value'"},
      {body(R"("a":{"type":"Property","object":"urn:a:b"})"), "attribute 'a': a Property has no 'value'"},
      {body(R"("a":{"type":"Property","value":1,"object":"urn:a:b"})"), "'object' does not belong in a Property"},
      {body(R"("a":{"type":"Proprety","value":1})"), "'Proprety' is no type of attribute"},
      {body(R"("a":{"type":5,"value":1})"), "attribute 'a': 'type' must be a text"},
      {body(R"("a":{"observedAt":"2020-01-01T00:00:00Z"})"), "attribute 'a': has no value"},
      {body(R"("a":null)"), "attribute 'a': null is no value"},
      {body(R"("a":{"value":null})"), "attribute 'a': null is no value"},
      {body(R"("a":{"value":"urn:ngsi-ld:null"})"), "attribute 'a': null is no value"},
      {body(R"("a":{"value":NaN})"), "not well-formed JSON"},
      {body(R"("a":{"value":1e999})"), "not well-formed JSON"},
      {body("\"a\":\"\xff\""), "not well-formed JSON"},
  });
}

TEST(NgsiParse, RefusesMetadataAndValuesByTheMembersName) {
  const std::string deep = "\"a\":" + std::string(70, '[') + std::string(70, ']');
  refused({
      {body(R"("a":{"value":1,"observedAt":"yesterday"})"), "observedAt 'yesterday' is not a time"},
      {body(R"("a":{"value":1,"observedAt":"2020-01-01"})"), "is not a time"},
      {body(R"("a":{"value":1,"observedAt":"2020-13-01T00:00:00Z"})"), "is not a time"},
      {body(R"("a":{"value":1,"observedAt":"2020-01-01T00:00:00"})"), "names no zone"},
      {body(R"("a":{"value":1,"observedAt":7})"), "'observedAt' must be a text"},
      {body(R"("a":{"value":1,"unitCode":7})"), "'unitCode' must be a text"},
      {body(R"("a":{"value":1,"datasetId":"x"})"), "datasetId 'x' is no URI"},
      {body(R"("a":[{"value":1},{"value":2}])"), "attribute 'a[1]': two instances with no datasetId"},
      {body(R"("a":[{"value":1,"datasetId":"urn:d:1"},{"value":2,"datasetId":"urn:d:1"}])"), "datasetId 'urn:d:1'"},
      {body(R"("a":{"value":1,"acc":{"type":"Property"}})"), "attribute 'a.acc': a Property has no 'value'"},
      {body(R"("a":[{"value":1},{"value":2,"datasetId":"urn:d:1","b":{"object":"x"}}])"),
       "attribute 'a[1].b': 'x' is no URI"},
      {body(R"("a":{"type":"Relationship","object":5})"), "attribute 'a': 'the object' is no URI"},
      {body(R"("a":{"type":"Relationship","object":[]})"), "the list of objects is empty"},
      {body(R"("a":{"languageMap":"x"})"), "'languageMap' must be an object"},
      {body(R"("a":{"languageMap":{"en":5}})"), "languageMap 'en' must be a text"},
      {body(R"("a":{"vocab":5})"), "a vocabulary's word"},
      {body(R"("a":{"valueList":5})"), "'valueList' must be a list"},
      {body(R"("a":{"objectList":[5]})"), "is no URI"},
      {body(R"("a":{"type":"GeoProperty","value":5})"), "must be GeoJSON"},
      {body(R"("location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[500,1]}})"),
       "attribute 'location': longitude 500"},
      {body(R"("location":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]})"), "the ring is open"},
      {body(R"("location":{"type":"GeoProperty","value":{"type":"Point"}})"), "no member 'coordinates'"},
      {body(R"("location":"here")"), "attribute 'location': must be a GeoProperty"},
      {body(R"("a b":1)"), "attribute 'a b': no name"},
      {body(R"("":1)"), "no name"},
      {body(R"("https://uri.etsi.org/ngsi-ld/default-context/a!b":1)"), "no name"},  // it would be shown as a!b
      {body(R"("https://uri.etsi.org/ngsi-ld/default-context/":1)"), "no name"},
      {body(deep), "nested deeper than 64"},
      {body(nested(34)), "attributes of attributes deeper than 32"},
      {body("\"a\":" + std::string(5000, '[') + std::string(5000, ']')), "not well-formed JSON"},
  });
  EXPECT_TRUE(parse_entity(body(nested(32)), WriteMode::upsert).has_value());
  EXPECT_TRUE(parse_entity(R"({"id":"urn:a:1","a":1})", WriteMode::update).has_value()) << "no type is needed there";
  std::string many;
  for (int i = 0; i < 4097; ++i) many += fmt::format("{}\"a{}\":1", i ? "," : "", i);
  EXPECT_EQ(parse_entity(body(many), WriteMode::upsert).error().code, base::Errc::full);
}

TEST(NgsiParse, ABadEntityHidesNoGoodOne) {
  const auto batch = parse_entities(
      R"([{"id":"urn:a:1","type":"T","x":1},{"id":"urn:a:2","x":1},5,{"id":"urn:a:3","type":"T","x":{"value":null}},{"id":"urn:a:4","type":"T"}])",
      WriteMode::upsert);
  ASSERT_TRUE(batch.has_value());
  ASSERT_EQ(batch->size(), 5u);
  EXPECT_TRUE((*batch)[0].write.has_value());
  EXPECT_FALSE((*batch)[1].write.has_value());
  EXPECT_EQ((*batch)[1].id, "urn:a:2");
  EXPECT_EQ((*batch)[2].id, "");
  EXPECT_FALSE((*batch)[3].write.has_value());
  EXPECT_TRUE((*batch)[4].write.has_value());
  EXPECT_FALSE(parse_entities("{}", WriteMode::upsert).has_value());
  EXPECT_FALSE(parse_entities("[{]", WriteMode::upsert).has_value());
  EXPECT_TRUE(parse_entities("[]", WriteMode::upsert)->empty());
}

TEST(NgsiParse, Fragments) {
  const auto fragment = parse_fragment(
      R"({"id":"x","type":"T","@context":[],"speed":{"value":3},"b":[{"value":1},{"value":2,"datasetId":"urn:d:1"}]})",
      WriteMode::update);
  ASSERT_TRUE(fragment.has_value());
  EXPECT_EQ(fragment->attributes.size(), 3u);
  EXPECT_FALSE(parse_fragment("[]", WriteMode::update).has_value());
  const auto one = parse_attribute(Name("speed"), R"({"type":"Property","value":3,"unitCode":"KMH"})");
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->front().unit_code, Name("KMH"));
  EXPECT_FALSE(parse_attribute(Name("location"), "3").has_value());
}

TEST(NgsiRender, Normalized) {
  EXPECT_EQ(
      to_json(entity_of(parse(kVehicle))),
      R"({"id":"urn:ngsi-ld:Vehicle:A4567","type":["Vehicle","Asset"],"scope":"/fleet/north",)"
      R"("brandName":{"type":"Property","value":"Mercedes \"湖\""},)"
      R"("speed":[{"type":"Property","value":55,"observedAt":"2024-05-02T07:59:30.25Z","unitCode":"KMH","source":{"type":"Property","value":"GPS","trust":{"type":"Property","value":0.9}}},)"
      R"({"type":"Property","value":54.5,"datasetId":"urn:ngsi-ld:Property:speedometer"}],)"
      R"("street":{"type":"LanguageProperty","languageMap":{"fr":"Grand Place","nl":["Grote Markt"]}},)"
      R"("parkedAt":{"type":"Relationship","object":"urn:ngsi-ld:OffStreetParking:1","observedAt":"2024-05-02T07:59:30Z","objectType":"OffStreetParking"},)"
      R"("passengers":{"type":"Relationship","object":["urn:a:1","urn:a:2"]},)"
      R"("category":{"type":"VocabProperty","vocab":["commercial","bus"]},)"
      R"("raw":{"type":"JsonProperty","json":{"a":[1,null,{"b":12345678901234567890}]}},)"
      R"("lanes":{"type":"ListProperty","valueList":[1,"two",[3]]},)"
      R"("stops":{"type":"ListRelationship","objectList":[{"object":"urn:a:1"},{"object":"urn:a:2"}]},)"
      R"("location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[10.5,-3]}},)"
      R"("open":{"type":"Property","value":true},)"
      R"("address":{"type":"Property","value":{"city":"Aarhus","n":[1.5,2000]}}})");
}

TEST(NgsiRender, Simplified) {
  EXPECT_EQ(
      to_json(entity_of(parse(kVehicle)), {.format = Format::simplified}),
      R"({"id":"urn:ngsi-ld:Vehicle:A4567","type":["Vehicle","Asset"],"scope":"/fleet/north","brandName":"Mercedes \"湖\"",)"
      R"("speed":{"dataset":{"@none":55,"urn:ngsi-ld:Property:speedometer":54.5}},)"
      R"("street":{"languageMap":{"fr":"Grand Place","nl":["Grote Markt"]}},"parkedAt":"urn:ngsi-ld:OffStreetParking:1",)"
      R"("passengers":["urn:a:1","urn:a:2"],"category":{"vocab":["commercial","bus"]},"raw":{"json":{"a":[1,null,{"b":12345678901234567890}]}},)"
      R"("lanes":[1,"two",[3]],"stops":["urn:a:1","urn:a:2"],)"
      R"("location":{"type":"Point","coordinates":[10.5,-3]},"open":true,"address":{"city":"Aarhus","n":[1.5,2000]}})");
}

TEST(NgsiRender, ConciseSysAttrsAndPick) {
  flow::Entity e =
      entity_of(parse(body(R"("a":5,"b":{"value":5,"unitCode":"KMH"},"g":{"type":"Point","coordinates":[1,2]},
      "h":{"x":1},"i":{"object":"urn:a:b"},"k":{"type":"Property","value":{"type":"Point","coordinates":[1,2]}},"l":[1,2])")));
  EXPECT_EQ(
      to_json(e, {.format = Format::concise}),
      R"({"id":"urn:ngsi-ld:T:1","type":"T","a":5,"b":{"value":5,"unitCode":"KMH"},"g":{"type":"Point","coordinates":[1,2]},)"
      R"("h":{"value":{"x":1}},"i":{"object":"urn:a:b"},"k":{"type":"Property","value":{"type":"Point","coordinates":[1,2]}},"l":[1,2]})");
  e.created_at = base::parse_time("2024-01-01T00:00:00Z").value();
  e.modified_at = base::parse_time("2024-01-02T00:00:00Z").value();
  e.attributes[0].created_at = e.created_at;
  EXPECT_EQ(
      to_json(e, {.format = Format::normalized, .sys_attrs = true, .attributes = {Name("a")}}),
      R"({"id":"urn:ngsi-ld:T:1","type":"T","a":{"type":"Property","value":5,"createdAt":"2024-01-01T00:00:00Z"},)"
      R"("createdAt":"2024-01-01T00:00:00Z","modifiedAt":"2024-01-02T00:00:00Z"})");
  EXPECT_EQ(to_json(e, {.attributes = {Name("a")}}),
            R"({"id":"urn:ngsi-ld:T:1","type":"T","a":{"type":"Property","value":5}})");
}

// What we write we read back the same, in both forms that can be read, whatever the entity.
TEST(NgsiRoundTrip, RandomEntities) {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    base::Rng rng(seed);
    const flow::Entity e = test::random_entity(rng);
    for (const Format format : {Format::normalized, Format::concise}) {
      const std::string json = to_json(e, {.format = format});
      const auto back = parse_entity(json, WriteMode::replace);
      ASSERT_TRUE(back.has_value()) << "seed " << seed << ": " << json << "\n" << back.error().message;
      EXPECT_EQ(back->entity, e.id);
      EXPECT_EQ(back->types, e.types);
      EXPECT_EQ(back->scopes, e.scopes);
      ASSERT_EQ(back->attributes, e.attributes) << "seed " << seed << ": " << json;
      EXPECT_EQ(to_json(entity_of(*back), {.format = format}), json);
    }
    EXPECT_TRUE(base::JsonValue::parse(to_json(e, {.format = Format::simplified, .sys_attrs = true})).has_value());
  }
}

// Bytes changed, cut and doubled: an answer each time, and what is taken is written as JSON again.
TEST(NgsiParse, SurvivesMutations) {
  constexpr std::string_view kBytes = "[]{},:.-+0159eE\"\\tfnu \xff\x80\xe6";
  base::Rng rng(42);
  int good = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string text = kVehicle;
    if (rng.below(3) == 0) {
      base::Rng entity(rng.next());
      text = to_json(test::random_entity(entity), {.format = Format(rng.below(3))});
    }
    for (std::uint64_t n = 1 + rng.below(3); n > 0 && !text.empty(); --n) {
      const std::size_t at = rng.below(text.size());
      switch (rng.below(4)) {
        case 0: text[at] = kBytes[rng.below(kBytes.size())]; break;
        case 1: text.erase(at, 1 + rng.below(20)); break;
        case 2: text.insert(at, text.substr(rng.below(text.size()), rng.below(40))); break;
        default: text.insert(at, 1, kBytes[rng.below(kBytes.size())]);
      }
    }
    const auto got = parse_entity(text, WriteMode::upsert);
    if (!got) {
      EXPECT_FALSE(got.error().message.empty());
      EXPECT_FALSE(first_bad_utf8(got.error().message)) << text;
      continue;
    }
    ++good;
    const std::string again = to_json(entity_of(*got));
    const auto back = parse_entity(again, WriteMode::upsert);
    ASSERT_TRUE(back.has_value()) << text << "\n" << again << "\n" << back.error().message;
    ASSERT_EQ(back->attributes, got->attributes) << text << "\n" << again;
  }
  EXPECT_GT(good, 3000);
}

}  // namespace
}  // namespace cityloop::twin
