#include "notify/subscription.h"

#include <gmock/gmock.h>

#include "base/rng.h"
#include "notify/mqtt_address.h"
#include "notify/notice.h"
#include "notify/subscription_index.h"

namespace cityloop::notify {
namespace {

using base::JsonValue;
using flow::Attribute;
using flow::AttributeChange;
using flow::Change;
using flow::ChangeKind;
using flow::EntityId;
using flow::Name;
using testing::HasSubstr;

std::string with(const std::string& more, const std::string& notification = {}, const std::string& endpoint = {}) {
  return fmt::format(
      R"({{"type":"Subscription",{},"notification":{{{}"endpoint":{{"uri":"http://127.0.0.1:9/n"{}}}}}}})", more,
      notification.empty() ? "" : notification + ",", endpoint.empty() ? "" : "," + endpoint);
}
const std::string kAny = R"("entities":[{"type":"T"}])";

struct Wrong {
  std::string text;
  const char* member;  // that the refusal names
};

TEST(Subscription, RefusesWhatIsWrongByTheNameOfTheMember) {
  const Wrong all[] = {
      {"[]", "object"},
      {R"({"entities":[{"type":"T"}]})", "type"},
      {R"({"type":"Entity","entities":[{"type":"T"}]})", "type"},
      {with(R"("entities":[])"), "entities"},
      {with(R"("description":"nothing to watch")"), "watchedAttributes"},
      {with(R"("entities":[{"id":"urn:x:1"}])"), "entities[0].type"},
      {with(R"("entities":[{"type":"T","id":"no uri"}])"), "entities[0].id"},
      {with(R"("entities":[{"type":"T","idPattern":"("}])"), "entities[0].idPattern"},
      {with(R"("entities":[{"type":"(A"}])"), "type"},
      {with(R"("entities":["T"])"), "entities[0]"},
      {with(kAny + R"(,"id":"no uri")"), "id"},
      {with(kAny + R"(,"subscriptionName":7)"), "subscriptionName"},
      {with(kAny + R"(,"watchedAttributes":[])"), "watchedAttributes"},
      {with(kAny + R"(,"watchedAttributes":"speed")"), "watchedAttributes"},
      {with(kAny + R"(,"watchedAttributes":["a b"])"), "watchedAttributes"},
      {with(kAny + R"(,"notificationTrigger":["entityMoved"])"), "notificationTrigger"},
      {with(kAny + R"(,"q":"a=<")"), "q"},
      {with(kAny + R"(,"q":5)"), "q"},
      {with(kAny + R"(,"scopeQ":"/a//(")"), "scopeQ"},
      {with(kAny + R"(,"geoQ":{"georel":"near;maxDistance==10","geometry":"Point"})"), "geoQ"},
      {with(kAny + R"(,"geoQ":{"georel":"near;maxDistance==x","geometry":"Point","coordinates":[1,2]})"), "geoQ"},
      {with(kAny + R"(,"geoQ":{"georel":"within","geometry":"Blob","coordinates":[1,2]})"), "geoQ"},
      {with(kAny + R"(,"expiresAt":"tomorrow")"), "expiresAt"},
      {with(kAny + R"(,"isActive":"yes")"), "isActive"},
      {with(kAny + R"(,"throttling":-1)"), "throttling"},
      {with(kAny + R"(,"throttling":"5")"), "throttling"},
      {with(kAny + R"(,"timeInterval":0)"), "timeInterval"},
      {with(kAny + R"(,"timeInterval":5,"throttling":5)"), "timeInterval"},
      {with(kAny + R"(,"timeInterval":5,"watchedAttributes":["a"])"), "timeInterval"},
      {with(kAny + R"(,"datasetId":["x y"])"), "datasetId"},
      {with(kAny, R"("format":"xml")"), "format"},
      {with(kAny, R"("attributes":[])"), "attributes"},
      {with(kAny, R"("showChanges":true,"format":"keyValues")"), "showChanges"},
      {with(kAny, R"("join":"sideways")"), "join"},
      {with(kAny, R"("join":"inline","joinLevel":0)"), "joinLevel"},
      {with(kAny, {}, R"("accept":"text/html")"), "accept"},
      {with(kAny, {}, R"("cooldown":-5)"), "cooldown"},
      {with(kAny, {}, R"("timeout":"long")"), "timeout"},
      {with(kAny, {}, R"("receiverInfo":{"a":"b"})"), "receiverInfo"},
      {with(kAny, {}, R"("receiverInfo":[{"key":"a b","value":"c"}])"), "receiverInfo"},
      {with(kAny + R"(,"csf":"a==")"), "csf"},
      {with(kAny + R"(,"splitEntities":"yes")"), "splitEntities"},
      {with(kAny + R"(,"localOnly":1)"), "localOnly"},
      {with(kAny + R"(,"expandValues":[])"), "expandValues"},
      {with(kAny + R"(,"jsonldContext":"none")"), "jsonldContext"},
      {with(kAny, {}, R"("receiverInfo":[{"key":"a","value":"b\r\nc: d"}])"), "receiverInfo"},
      {with(kAny, {}, R"("notifierInfo":[{"key":"MQTT-QoS","value":"3"}])"), "notifierInfo"},
      {with(kAny, {}, R"("notifierInfo":[{"key":"MQTT-Version","value":"mqtt4"}])"), "notifierInfo"},
      {fmt::format(R"({{"type":"Subscription",{}}})", kAny), "notification"},
      {fmt::format(R"({{"type":"Subscription",{},"notification":{{}}}})", kAny), "endpoint"},
      {fmt::format(R"({{"type":"Subscription",{},"notification":{{"endpoint":{{}}}}}})", kAny), "uri"},
      {fmt::format(R"({{"type":"Subscription",{},"notification":{{"endpoint":{{"uri":"ftp://x"}}}}}})", kAny), "uri"},
      {fmt::format(R"({{"type":"Subscription",{},"notification":{{"endpoint":{{"uri":"mqtt://x"}}}}}})", kAny), "uri"},
  };
  for (const Wrong& one : all) {
    const auto read = Subscription::parse(one.text);
    ASSERT_FALSE(read) << one.text;
    EXPECT_THAT(read.error().message, HasSubstr(one.member)) << one.text;
    EXPECT_EQ(read.error().code, base::Errc::invalid) << one.text;
  }
}

TEST(Subscription, ReadsAllThatTheStandardKnows) {
  const auto read = Subscription::parse(with(
      R"("id":"urn:s:1","subscriptionName":"n","description":"d","entities":[{"type":"(A,B);C"},{"type":"*","idPattern":"^urn:x"}],
      "watchedAttributes":["a","b"],"notificationTrigger":["entityCreated","attributeDeleted"],"q":"a>5","scopeQ":"/x/#",
      "geoQ":{"georel":"near;maxDistance==100","geometry":"Point","coordinates":[10,56]},"csf":"endpoint==\"x\"",
      "isActive":false,"expiresAt":"2030-01-01T00:00:00Z","throttling":1.5,"datasetId":["urn:d:1","@none"],"lang":"fr")",
      R"("attributes":["a"],"format":"concise","sysAttrs":true,"showChanges":true,"join":"inline","joinLevel":2)",
      R"("accept":"application/ld+json","timeout":700,"cooldown":250,"receiverInfo":[{"key":"A","value":"b"}],
      "notifierInfo":[{"key":"MQTT-QoS","value":"2"},{"key":"MQTT-Version","value":"mqtt3.1.1"}])"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->id, "urn:s:1");
  EXPECT_EQ(read->entities.size(), 2u);
  EXPECT_TRUE(read->listens_to(Trigger::entity_created));
  EXPECT_TRUE(read->listens_to(Trigger::attribute_deleted));
  EXPECT_FALSE(read->listens_to(Trigger::attribute_updated));
  EXPECT_EQ(read->throttling, std::chrono::milliseconds(1500));
  EXPECT_FALSE(read->active);
  EXPECT_EQ(read->endpoint.timeout, std::chrono::milliseconds(700));
  EXPECT_EQ(read->endpoint.cooldown, std::chrono::milliseconds(250));
  EXPECT_EQ(read->endpoint.mqtt_qos, 2);
  EXPECT_TRUE(read->endpoint.mqtt_311);
  EXPECT_EQ(read->endpoint.accept, Accept::json_ld);
  EXPECT_EQ(read->join_depth, 2);
}

TEST(Subscription, AFragmentChangesWhatItNamesAndNullRemoves) {
  JsonValue definition =
      JsonValue::parse(
          R"({"q":"a>5","description":"d","notification":{"format":"concise","endpoint":{"uri":"http://x/"}}})")
          .value();
  merge(definition, JsonValue::parse(R"({"q":null,"description":"e","isActive":false,
                                        "notification":{"format":"urn:ngsi-ld:null","endpoint":{"accept":"application/ld+json"}}})")
                        .value());
  EXPECT_EQ(
      definition.dump(),
      R"({"description":"e","notification":{"endpoint":{"uri":"http://x/","accept":"application/ld+json"}},"isActive":false})");
  merge(definition, JsonValue::parse(R"({"notification":{"attributes":null,"endpoint":{"uri":"http://y/"}}})").value());
  EXPECT_EQ(definition.find("notification")->dump(), R"({"endpoint":{"uri":"http://y/"}})");
}

Attribute number(std::string_view name, double value, bool fresh) {
  Attribute out = flow::property(Name(name), value);
  out.created_at = base::from_us(1'000'000);
  out.modified_at = fresh ? out.created_at : base::from_us(2'000'000);
  return out;
}

flow::EntityPtr entity(std::vector<Attribute> attributes) {
  auto out = std::make_shared<flow::Entity>();
  out->id = EntityId("urn:ngsi-ld:T:1");
  out->types = {Name("T")};
  out->attributes = std::move(attributes);
  return out;
}

Change change(ChangeKind kind, std::vector<AttributeChange> attributes) {
  return {EntityId("urn:ngsi-ld:T:1"), kind, {Name("T")}, {}, std::move(attributes), flow::kNever};
}

Subscription listening_to(const std::string& triggers, const std::string& more = kAny) {
  return Subscription::parse(
             with(triggers.empty() ? more : fmt::format(R"({},"notificationTrigger":[{}])", more, triggers)))
      .value();
}

TEST(Subscription, IsTriggeredByWhatItListensTo) {
  const auto after = entity({number("a", 1, false)});
  const Change made = change(ChangeKind::created, {{number("a", 1, true)}});
  const Change added = change(ChangeKind::updated, {{number("a", 1, true)}});
  const Change updated = change(ChangeKind::updated, {{number("a", 2, false), false, false, flow::Value(1.0)}});
  const Change removed = change(ChangeKind::updated, {{number("a", 2, false), true}});
  const Change late = change(ChangeKind::updated, {{number("a", 2, false), false, true}});
  const Change erased = change(ChangeKind::erased, {});
  struct Row {
    const char* triggers;
    bool made, added, updated, removed, erased;
  };
  const Row rows[] = {{"", true, true, true, false, false},
                      {R"("entityCreated")", true, false, false, false, false},
                      {R"("entityUpdated")", true, true, true, true, false},
                      {R"("entityDeleted")", false, false, false, false, true},
                      {R"("attributeCreated")", true, true, false, false, false},
                      {R"("attributeUpdated")", false, false, true, false, false},
                      {R"("attributeDeleted")", false, false, false, true, false}};
  for (const Row& row : rows) {
    const Subscription mine = listening_to(row.triggers);
    EXPECT_EQ(mine.wants(made, after), row.made) << row.triggers;
    EXPECT_EQ(mine.wants(added, after), row.added) << row.triggers;
    EXPECT_EQ(mine.wants(updated, after), row.updated) << row.triggers;
    EXPECT_EQ(mine.wants(removed, after), row.removed) << row.triggers;
    EXPECT_EQ(mine.wants(erased, nullptr), row.erased) << row.triggers;
    EXPECT_FALSE(mine.wants(late, after)) << row.triggers;
  }
}

TEST(Subscription, WatchesOnlyWhatItNames) {
  const auto after = entity({number("a", 1, false), number("b", 9, false)});
  const Change of_b = change(ChangeKind::updated, {{number("b", 9, false), false, false, flow::Value(1.0)}});
  EXPECT_FALSE(listening_to("", kAny + R"(,"watchedAttributes":["a"])").wants(of_b, after));
  EXPECT_TRUE(listening_to("", kAny + R"(,"watchedAttributes":["a","b"])").wants(of_b, after));
  EXPECT_TRUE(listening_to("", R"("watchedAttributes":["b"])").wants(of_b, after));
  EXPECT_FALSE(listening_to("", kAny + R"(,"q":"a>5")").wants(of_b, after));
  EXPECT_FALSE(listening_to("", R"("entities":[{"type":"T;U"}])").wants(of_b, after));
  EXPECT_TRUE(listening_to("", R"("entities":[{"type":"U"},{"type":"*","idPattern":":T:"}])").wants(of_b, after));
  EXPECT_FALSE(listening_to("", R"("entities":[{"type":"T","id":"urn:ngsi-ld:T:2"}])").wants(of_b, after));
}

TEST(SubscriptionIndex, FindsWhomAChangeMayConcernAndNobodyElse) {
  const std::string forms[] = {
      kAny,
      R"("entities":[{"type":"U"}])",
      R"("entities":[{"type":"T"}],"watchedAttributes":["a"])",
      R"("entities":[{"type":"T"}],"watchedAttributes":["b"])",
      R"("watchedAttributes":["a"])",
      R"("entities":[{"type":"T","id":"urn:ngsi-ld:T:1"}])",
      R"("entities":[{"type":"T","id":"urn:ngsi-ld:T:2"}])",
      R"("entities":[{"type":"*","idPattern":"x"}])",
      R"("entities":[{"type":"U"},{"type":"V;T"}])",
  };
  SubscriptionIndex index;
  const auto nobody = [] { return static_cast<const flow::Entity*>(nullptr); };
  std::vector<Subscription> all;
  for (const std::string& form : forms) {
    all.push_back(listening_to("", form));
    index.add(SubscriptionIndex::Handle(all.size() - 1), all.back());
  }
  std::vector<SubscriptionIndex::Handle> found;
  index.find(change(ChangeKind::updated, {{number("a", 1, false)}}), nobody, found);
  EXPECT_THAT(found, testing::IsSupersetOf({0u, 2u, 4u, 5u, 7u}));
  for (const SubscriptionIndex::Handle other : {1u, 3u, 6u}) EXPECT_THAT(found, testing::Not(testing::Contains(other)));
  index.remove(0, all[0]);
  index.remove(5, all[5]);
  index.find(change(ChangeKind::updated, {{number("a", 1, false)}}), nobody, found);
  EXPECT_THAT(found, testing::Not(testing::Contains(0u)));
  EXPECT_THAT(found, testing::Not(testing::Contains(5u)));
}

// Subscriptions by the thousand with conditions of every kind: whoever wants an entity is among those found, and few
// others are.
TEST(SubscriptionIndex, ConditionsOnValuesAndPlacesLeaveNobodyOutAndFindFewOthers) {
  base::Rng rng(20260501);
  SubscriptionIndex index;
  std::vector<Subscription> all;
  const auto add = [&](const std::string& more) {
    all.push_back(listening_to("", R"("entities":[{"type":"T"}],)" + more));
    index.add(SubscriptionIndex::Handle(all.size() - 1), all.back());
  };
  for (int i = 0; i < 1500; ++i) {
    const double low = rng.uniform(0, 1000), high = low + rng.uniform(0, 5), lon = rng.uniform(9, 10);
    switch (rng.below(7)) {
      case 0: add(fmt::format(R"("q":"a=={}")", rng.below(1000))); break;
      case 1: add(fmt::format(R"("q":"a=={}..{}")", low, high)); break;
      case 2: add(fmt::format(R"("q":"a>{};b<5")", 990 + low / 50)); break;
      case 3: add(fmt::format(R"("q":"a<={}")", low / 100)); break;
      case 4: add(fmt::format(R"("q":"name==\"n{}\"")", rng.below(1000))); break;
      case 5: add(fmt::format(R"("q":"a=={}|b==2")", rng.below(1000))); break;
      default:
        add(fmt::format(R"("geoQ":{{"georel":"near;maxDistance==200","geometry":"Point","coordinates":[{},56]}})",
                        lon));
    }
  }
  const auto an_entity = [&] {
    Attribute a = number("a", double(rng.below(1000)), false),
              name = flow::property(Name("name"), flow::Value(flow::Text(fmt::format("n{}", rng.below(1000)))));
    if (rng.below(10) == 0) a.value = flow::Text("not a number");
    if (rng.below(10) == 0) a.value = flow::Json{"[5,700]"};
    std::vector<Attribute> attributes{a, name, flow::geo_point(Name("location"), rng.uniform(9, 10), 56)};
    if (rng.below(4) == 0) attributes.push_back(number("b", 2, false));
    if (rng.below(20) == 0) attributes.back() = number("c", 1, false);
    return entity(std::move(attributes));
  };
  std::vector<SubscriptionIndex::Handle> found;
  const auto check = [&](const flow::EntityPtr& after) {
    const Change of = change(ChangeKind::updated, {{number("a", 1, false)}});
    index.find(of, [&] { return after.get(); }, found);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].matcher && all[i].wants(of, after)) {
        EXPECT_TRUE(std::ranges::binary_search(found, SubscriptionIndex::Handle(i))) << i;
      }
    }
    return found.size();
  };
  std::size_t asked = 0;
  for (int i = 0; i < 300; ++i) asked += check(an_entity());
  EXPECT_LT(asked, 300u * 500u) << "of 1,500";
  const auto usual = entity({number("a", 500.5, false), flow::geo_point(Name("location"), 20, 56)});
  EXPECT_LT(check(usual), 260u) << "those joined by | and hardly another";
  for (std::size_t i = 0; i < all.size(); i += 2) {
    index.remove(SubscriptionIndex::Handle(i), all[i]);
    all[i].matcher = nullptr;
  }
  for (int i = 0; i < 100; ++i) check(an_entity());
  for (const SubscriptionIndex::Handle handle : found) EXPECT_EQ(handle % 2, 1u);
}

JsonValue told(const Subscription& subscription, const Change& of, const flow::EntityPtr& after) {
  std::vector<std::string> out;
  render_change(subscription, of, after, base::from_us(3'000'000), [](EntityId) { return flow::EntityPtr{}; }, out);
  return JsonValue::parse(out.at(0)).value();
}

TEST(Notice, ShowsWhatValuesWereBefore) {
  const auto after = entity({number("a", 2, false), number("b", 9, false)});
  const Change of = change(ChangeKind::updated, {{number("a", 2, false), false, false, flow::Value(1.0)}});
  for (const char* format : {"normalized", "concise"}) {
    const auto subscription =
        Subscription::parse(with(kAny, fmt::format(R"("showChanges":true,"format":"{}")", format)));
    const JsonValue entity = told(*subscription, of, after);
    const JsonValue* a = entity.find("a");
    ASSERT_TRUE(a) << entity.dump();
    EXPECT_EQ(a->number_or("value", 0), 2) << entity.dump();
    EXPECT_EQ(a->number_or("previousValue", 0), 1) << entity.dump();
    const JsonValue* b = entity.find("b");
    ASSERT_TRUE(b);
    EXPECT_FALSE(b->find("previousValue"));
  }
}

TEST(Notice, ShowsRelationshipsLanguagesAndWhatWasRemoved) {
  Attribute to = flow::relationship(Name("to"), EntityId("urn:x:2"));
  Attribute name;
  name.name = Name("name");
  name.kind = flow::AttributeKind::language_property;
  name.value = flow::Json{R"({"en":"old"})"};
  const auto subscription =
      Subscription::parse(with(kAny + R"(,"notificationTrigger":["entityUpdated"])", R"("showChanges":true)"));
  const JsonValue entity_json =
      told(*subscription,
           change(ChangeKind::updated, {{to, false, false, flow::Value(std::string("urn:x:1"))}, {name, true}}),
           entity({to}));
  EXPECT_EQ(entity_json.find("to")->text_or("previousObject", ""), "urn:x:1");
  EXPECT_EQ(entity_json.find("name")->find("languageMap")->text_or("@none", ""), "urn:ngsi-ld:null");
  EXPECT_EQ(entity_json.find("name")->find("previousLanguageMap")->text_or("en", ""), "old");
  const auto usual = Subscription::parse(with(kAny));
  EXPECT_FALSE(told(*usual, change(ChangeKind::updated, {{name, true}}), entity({to})).find("name"));
}

TEST(Notice, IsWrittenAsTheReceiverTakesIt) {
  const auto ld = Subscription::parse(with(kAny, {}, R"("accept":"application/ld+json")"));
  const auto body = JsonValue::parse(notification(*ld, "urn:n:1", base::from_us(0), {R"({"id":"urn:x:1"})"})).value();
  EXPECT_TRUE(body.find("@context"));
  EXPECT_EQ(headers_of(*ld, "").size(), 1u);
  const auto geo = Subscription::parse(with(kAny, {}, R"("accept":"application/geo+json")"));
  std::vector<std::string> data;
  Attribute place = flow::geo_point(Name("location"), 10, 56);
  render_state(*geo, entity({place}), [](EntityId) { return flow::EntityPtr{}; }, data);
  const auto features = JsonValue::parse(notification(*geo, "urn:n:1", base::from_us(0), data)).value();
  EXPECT_EQ(features.find("data")->text_or("type", ""), "FeatureCollection");
  EXPECT_EQ(features.find("data")->find("features")->array()->front().text_or("type", ""), "Feature");
}

TEST(Notice, GeoJsonSaysWhatValuesWereBeforeAndBringsItsContextAsItsReceiverPrefers) {
  const auto geo = Subscription::parse(with(kAny, R"("showChanges":true)", R"("accept":"application/geo+json")"));
  const auto after = entity({number("a", 2, false), flow::geo_point(Name("location"), 10, 56)});
  const JsonValue feature =
      told(*geo, change(ChangeKind::updated, {{number("a", 2, false), false, false, flow::Value(1.0)}}), after);
  EXPECT_EQ(feature.text_or("type", ""), "Feature");
  EXPECT_EQ(feature.find("geometry")->text_or("type", ""), "Point");
  const JsonValue* properties = feature.find("properties");
  ASSERT_TRUE(properties);
  EXPECT_EQ(properties->text_or("type", ""), "T");
  EXPECT_FALSE(properties->find("id"));
  EXPECT_EQ(properties->find("a")->number_or("previousValue", 0), 1);
  const auto has_link = [](const Subscription& subscription) {
    return std::ranges::any_of(headers_of(subscription, ""), [](const auto& header) { return header.first == "Link"; });
  };
  EXPECT_FALSE(has_link(*geo));
  EXPECT_TRUE(JsonValue::parse(notification(*geo, "urn:n:1", base::from_us(0), {})).value().find("@context"));
  const auto plain = Subscription::parse(
      with(kAny, {}, R"("accept":"application/geo+json","receiverInfo":[{"key":"Prefer","value":"body=json"}])"));
  EXPECT_TRUE(has_link(*plain));
  EXPECT_FALSE(JsonValue::parse(notification(*plain, "urn:n:1", base::from_us(0), {})).value().find("@context"));
}

TEST(Notice, SaysItsOwnHeadersItself) {
  const auto subscription = Subscription::parse(with(
      kAny, {},
      R"("receiverInfo":[{"key":"content-type","value":"text/plain"},{"key":"Content-Length","value":"5"},{"key":"host","value":"x"},
                         {"key":"X-Key","value":"open"}])"));
  const Headers headers = headers_of(*subscription, "north");
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) names.push_back(name);
  EXPECT_THAT(names, testing::ElementsAre("Content-Type", "Link", "NGSILD-Tenant", "X-Key"));
  EXPECT_EQ(headers.front().second, "application/json");
}

TEST(Notice, EachFormatIsTheOneAskedFor) {
  const auto after = entity({number("a", 2, false)});
  const Change of = change(ChangeKind::updated, {{number("a", 2, false)}});
  const auto in = [&](std::string_view params) {
    return told(*Subscription::parse(with(kAny, std::string(params))), of, after).dump();
  };
  EXPECT_EQ(in(R"("format":"normalized")"), R"({"id":"urn:ngsi-ld:T:1","type":"T","a":{"type":"Property","value":2}})");
  EXPECT_EQ(in(R"("format":"concise")"), R"({"id":"urn:ngsi-ld:T:1","type":"T","a":2})");
  EXPECT_EQ(in(R"("format":"simplified")"), R"({"id":"urn:ngsi-ld:T:1","type":"T","a":2})");
  EXPECT_EQ(in(R"("format":"keyValues")"), R"({"id":"urn:ngsi-ld:T:1","type":"T","a":2})");
  EXPECT_EQ(in(R"("format":"keyValues","attributes":["b"])"), R"({"id":"urn:ngsi-ld:T:1","type":"T"})");
  EXPECT_EQ(in(R"("format":"keyValues","pick":["a"])"), R"({"a":2})");
  EXPECT_EQ(in(R"("format":"keyValues","omit":["a","type"])"), R"({"id":"urn:ngsi-ld:T:1"})");
}

TEST(Notice, LanguagesAndDatasetsAreTheOnesAskedFor) {
  Attribute name;
  name.name = Name("name");
  name.kind = flow::AttributeKind::language_property;
  name.value = flow::Json{R"({"en":"lake","da":"sø"})"};
  Attribute one = number("a", 1, false), two = number("a", 2, false);
  two.dataset_id = Name("urn:d:2");
  const auto after = entity({name, one, two});
  const Change of = change(ChangeKind::updated, {{one}});
  const auto in_danish = Subscription::parse(with(kAny + R"(,"lang":"da")", R"("attributes":["name"])"));
  EXPECT_EQ(told(*in_danish, of, after).find("name")->dump(), R"({"type":"Property","value":"sø","lang":"da"})");
  const auto second = Subscription::parse(with(kAny + R"(,"datasetId":"urn:d:2")", R"("attributes":["a"])"));
  EXPECT_EQ(told(*second, of, after).find("a")->dump(), R"({"type":"Property","value":2,"datasetId":"urn:d:2"})");
  const auto usual = Subscription::parse(with(kAny + R"(,"datasetId":["@none"])", R"("attributes":["a"])"));
  EXPECT_EQ(told(*usual, of, after).find("a")->dump(), R"({"type":"Property","value":1})");
}

TEST(MqttAddress, IsReadAndRefused) {
  const auto full = MqttAddress::parse("mqtts://li:se%40cret@broker.city:8884/city/noise").value();
  EXPECT_TRUE(full.tls);
  EXPECT_EQ(full.user, "li");
  EXPECT_EQ(full.password, "se@cret");
  EXPECT_EQ(full.host, "broker.city");
  EXPECT_EQ(full.port, 8884);
  EXPECT_EQ(full.topic, "city/noise");
  EXPECT_EQ(MqttAddress::parse("mqtt://h/t").value().port, 1883);
  EXPECT_EQ(MqttAddress::parse("mqtts://h/t").value().port, 8883);
  EXPECT_EQ(MqttAddress::parse("mqtt://[::1]:77/t").value().host, "::1");
  for (const char* bad : {"http://h/t", "mqtt://h", "mqtt://h/", "mqtt:///t", "mqtt://h:x/t", "mqtt://h:0/t",
                          "mqtt://h:99999/t", "mqtt://h/a+b", "mqtt://h/#"}) {
    EXPECT_FALSE(MqttAddress::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace cityloop::notify
