#include "twin/query/q.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "twin/utf8.h"

namespace cityloop::twin {
namespace {

using flow::Attribute;
using flow::AttributeKind;
using flow::Entity;
using flow::Json;
using flow::Name;

flow::Instant at(std::string_view text) {
  return base::parse_time(text).value();
}

Attribute kind(Attribute attribute, AttributeKind kind) {
  attribute.kind = kind;
  return attribute;
}

Entity street() {
  Entity e;
  e.id = flow::EntityId("urn:ngsi-ld:RoadSegment:1");
  e.types = {Name("RoadSegment")};
  e.created_at = at("2024-05-01T08:00:00Z");
  e.modified_at = at("2024-05-02T08:00:00Z");
  Attribute speed = flow::property(Name("speed"), 42.5, at("2024-05-02T07:59:30Z"), Name("KMH"));
  speed.subs.push_back(flow::property(Name("accuracy"), 0.9));
  speed.subs.push_back(flow::property(Name("source"), std::string("loop 7")));
  e.attributes = {speed,
                  flow::property(Name("status"), std::string("OK")),
                  flow::property(Name("open"), true),
                  flow::property(Name("name"), std::string("湖滨路 \"west\"")),
                  flow::property(Name("address"), Json{R"({"city":"Aarhus","geo":{"floor":3,"tags":["a","b"]}})"}),
                  flow::property(Name("lanes"), Json{"[1,2,3]"}),
                  flow::property(Name("built"), std::string("2014-08-18T02:00:00+02:00")),
                  flow::property(Name("opens"), std::string("06:30:00")),
                  flow::property(Name("nothing"), {}),
                  flow::property(Name("surveyed"), Json{R"({"@type":"DateTime","@value":"2020-01-01T00:00:00Z"})"}),
                  flow::relationship(Name("refRoad"), flow::EntityId("urn:ngsi-ld:Road:8")),
                  kind(flow::property(Name("near"), Json{R"(["urn:a:1","urn:a:2"])"}), AttributeKind::relationship),
                  kind(flow::property(Name("title"), Json{R"({"en":"Lake road","zh":"湖滨路"})"}),
                       AttributeKind::language_property),
                  flow::geo_point(Name("location"), 10.2, 56.1)};
  Attribute second = flow::property(Name("level"), 7.0);
  second.dataset_id = Name("urn:sensor:2");
  e.attributes.push_back(flow::property(Name("level"), 3.0));
  e.attributes.push_back(second);
  return e;
}

bool holds(std::string_view q) {
  const auto parsed = Q::parse(q);
  EXPECT_TRUE(parsed.has_value()) << q << ": " << (parsed ? "" : parsed.error().message);
  return parsed && parsed->matches(street());
}

constexpr const char* kTrueOfTheStreet[] = {"speed",
                                            "speed==42.5",
                                            "speed!=42",
                                            "speed>42",
                                            "speed>=42.5",
                                            "speed<43",
                                            "speed<=42.5",
                                            "speed==40..45",
                                            "speed==1,2,42.5",
                                            "speed==1,40..43",
                                            "speed!=1,2,3",
                                            "speed!=43..50",
                                            "speed==4.25e1",
                                            "status==\"OK\"",
                                            "status!=\"BAD\"",
                                            "status==\"A\",\"OK\"",
                                            "status>\"OJ\"",
                                            "status==\"A\"..\"P\"",
                                            "open==true",
                                            "open!=false",
                                            "!error",
                                            "!speed.nothing",
                                            "status~=\"^O.$\"",
                                            "status~=O",
                                            "status!~=\"^X\"",
                                            "name==\"湖滨路 \\\"west\\\"\"",
                                            "name==\"\\u6e56滨路 \\\"west\\\"\"",
                                            "name~=\"湖.路\"",
                                            "address[city]==\"Aarhus\"",
                                            "address.city==\"Aarhus\"",
                                            "address[geo.floor]>2",
                                            "address.geo[floor]==3",
                                            "address[geo.tags]==\"b\"",
                                            "address[geo.tags]!=\"c\"",
                                            "lanes==2",
                                            "lanes!=4",
                                            "lanes>2",
                                            "address",
                                            "built==2014-08-18T00:00:00Z",
                                            "built==2014-08-18",
                                            "built<2014-08-18T00:00:01Z",
                                            "built==\"2014-08-18T00:00:00Z\"",
                                            "built==2014-01-01..2014-12-31",
                                            "opens==06:30:00",
                                            "opens<06:31",
                                            "opens==06:00..07:00Z",
                                            "surveyed==2020-01-01T01:00:00+01:00",
                                            "surveyed>2019-12-31",
                                            "speed.observedAt>2024-05-02T00:00:00Z",
                                            "speed.unitCode==\"KMH\"",
                                            "speed.accuracy>=0.9",
                                            "speed.source~=\"loop \\d+\"",
                                            "createdAt<2024-05-01T08:00:01Z",
                                            "modifiedAt==2024-05-02T08:00:00Z",
                                            "refRoad==urn:ngsi-ld:Road:8",
                                            "refRoad==\"urn:ngsi-ld:Road:8\"",
                                            "refRoad!=urn:ngsi-ld:Road:9",
                                            "near==urn:a:2",
                                            "near!=urn:a:3",
                                            "title[en]==\"Lake road\"",
                                            "title[*]==\"湖滨路\"",
                                            "title==\"湖滨路\"",
                                            "location.type==\"Point\"",
                                            "location[coordinates]==10.2",
                                            "level==7",
                                            "level==3",
                                            "level!=3",
                                            "level.datasetId==\"urn:sensor:2\"",
                                            "nothing",
                                            "nothing!=3",
                                            " speed > 42 ; status == \"OK\" ",
                                            "(speed>100|status==\"OK\");open==true",
                                            "speed>100;status==\"X\"|open==true",
                                            "((((open))))",
                                            "open==true|speed>100;status==\"X\"",
                                            "speed!=\"42.5\""};

TEST(Q, TrueOfTheStreet) {
  for (const char* q : kTrueOfTheStreet) {
    EXPECT_TRUE(holds(q)) << q;
  }
}

TEST(Q, FalseOfTheStreet) {
  for (const char* q : {"error",
                        "!speed",
                        "speed==42",
                        "speed>42.5",
                        "speed<42.5",
                        "speed==43..50",
                        "speed!=40..45",
                        "speed!=1,42.5",
                        "error!=3",
                        "error!~=\"x\"",
                        "error<3",
                        "speed.missing!=3",
                        "status==\"ok\"",
                        "status!=\"OK\"",
                        "status>5",
                        "status<5",
                        "open==false",
                        "open==1",
                        "status~=\"^K\"",
                        "status!~=\"O\"",
                        "address[city]==\"Oslo\"",
                        "address[town]!=\"Oslo\"",
                        "address==\"Aarhus\"",
                        "lanes==4",
                        "lanes!=2",
                        "built>2014-08-18T00:00:00Z",
                        "opens==06:31",
                        "speed.observedAt<2024-05-02T00:00:00Z",
                        "refRoad>\"urn:a\"",
                        "refRoad~=\"Road\"",
                        "refRoad!~=\"nothing\"",
                        "near==urn:a:3",
                        "near!=urn:a:1",
                        "title[da]!=\"x\"",
                        "title==\"Sea road\"",
                        "status.observedAt",
                        "nothing==0",
                        "(speed>100|status==\"OK\");open==false",
                        "speed==\"42.5\"",
                        "speed~=\"42\"",
                        "speed!~=\"4\"",
                        "open!~=\"x\"",
                        "built.nothing!~=\"x\"",
                        "open==true;(speed>100;status==\"X\"|!open)"}) {
    EXPECT_FALSE(holds(q)) << q;
  }
}

TEST(Q, RefusesWithPositionAndWhatWasExpected) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "q, character 1: expected an attribute's name, found the end"},
      {"speed>", "q, character 7: expected a value"},
      {"speed>fast", "q, character 7: expected a value"},
      {"speed>nan", "q, character 7: expected a value"},
      {"speed>1e999", "q, character 7: expected a value"},
      {"湖>1;;路", "q, character 5: expected an attribute's name, found ';'"},
      {"(a>1;b", "q, character 7: expected ')', found the end"},
      {"a>1)", "q, character 4: expected ';', '|' or the end, found ')'"},
      {"a>1 b<2", "q, character 5: expected ';', '|' or the end, found 'b'"},
      {"a==\"open", "q, character 9: expected '\"' to end the text"},
      {"a==\"\\x\"", "after a backslash"},
      {"a==\"\\ud800\"", "after a backslash"},
      {"a>1..2", "no range after an ordering operator"},
      {"a>1,2", "no list after an ordering operator"},
      {"a>true", "after an ordering operator"},
      {"a==1..\"x\"", "of the same kind"},
      {"a==true..false", "of the same kind"},
      {"!a==1", "no comparison after '!attribute'"},
      {"!(a)", "an attribute's name after '!'"},
      {"a[b", "expected ']'"},
      {"a[]", "a name inside"},
      {"a.", "a name after '.'"},
      {"a~=\"(\"", "the pattern '(' is wrong"},
      {"a~=", "a regular expression"},
      {"a~=\"(?=x)\"", "the pattern"},
      {"a{}==1", "an attribute's name, found '}'"},
      {"a{Type:}==1", "an attribute's name, found '}'"},
      {"a{One,Two}==1", "expected '}', found ','"},
      {"a{Type:b==1", "expected '}'"},
      {"a{b}.c==1", "expected ';', '|' or the end, found '.'"},
      {"5>a", "q, character 1: expected an attribute's name, found '5'"},
      {"a=1", "expected ';', '|' or the end, found '='"},
      {"a==\xff", "is not UTF-8"},
  };
  for (const auto& [q, expected] : kCases) {
    const auto parsed = Q::parse(q);
    ASSERT_FALSE(parsed.has_value()) << q;
    EXPECT_NE(parsed.error().message.find(expected), std::string::npos) << q << " said: " << parsed.error().message;
  }
}

// Where an IRI ends and its path goes on.
TEST(Q, NamesMayBeIris) {
  const auto path = [](std::string_view text) {
    const Q q = Q::parse(text).value();
    std::string out(q.root().path.attribute.text());
    for (const QStep& step : q.root().path.below) out += " | " + step.text;
    for (const QStep& step : q.root().path.trailing) out += " [ " + step.text;
    return out;
  };
  EXPECT_EQ(path("https://uri.etsi.org/ngsi-ld/default-context/speed>3"), "speed");
  EXPECT_EQ(path("https://a.b/v1.0/c.unitCode"), "https://a.b/v1.0/c | unitCode");
  EXPECT_EQ(path("https://a.b/c#d.e[f.g]==1"), "https://a.b/c#d | e [ f [ g");
  EXPECT_EQ(path("https://a.b/c.https://d.e/f.observedAt"), "https://a.b/c | https://d.e/f | observedAt");
  EXPECT_EQ(path("a.https://d.e/f"), "a | https://d.e/f");
  EXPECT_EQ(path("ex:a.b"), "ex:a | b");
  EXPECT_EQ(path("https://a.b/c==1..2"), "https://a.b/c");
}

TEST(Q, LinkedEntitiesAreAskedBehindTheirTypes) {
  const auto link = [](std::string_view text) {
    const Q q = Q::parse(text).value();
    std::string out(q.root().path.attribute.text());
    for (const QPath* at = &q.root().path; at->link; at = at->link->path.get()) {
      out += " {";
      for (const Name type : at->link->types) out += fmt::format("{} ", type.text());
      out += fmt::format("-> {}", at->link->path->attribute.text());
    }
    return fmt::format("{} {}", q.link_depth(), out);
  };
  EXPECT_EQ(link("sensor{humidity}==40"), "1 sensor {-> humidity");
  EXPECT_EQ(link("sensor{Device:humidity}==40"), "1 sensor {Device -> humidity");
  EXPECT_EQ(link("sensor{Device,Probe:humidity.unitCode}==\"P1\""), "1 sensor {Device Probe -> humidity");
  EXPECT_EQ(link("a{T:b{c{U:d[e]}}}"), "3 a {T -> b {-> c {U -> d");
  EXPECT_EQ(link("a{https://x.y/T:https://x.y/b}"), "1 a {https://x.y/T -> https://x.y/b");
  EXPECT_EQ(link("a{https://x.y/b}"), "1 a {-> https://x.y/b");
  EXPECT_EQ(Q::parse("a>1;b{c}|d")->link_depth(), 1);
  EXPECT_EQ(Q::parse("a>1")->link_depth(), 0);
}

TEST(Q, WordsOfTheContextNeedNoQuotes) {
  Entity e;
  e.attributes = {flow::property(Name("kind"), flow::Text("Male"))};
  EXPECT_FALSE(Q::parse("kind==Male").has_value());
  EXPECT_TRUE(Q::parse("kind==Male", {nullptr, {Name("kind")}})->matches(e));
  EXPECT_TRUE(Q::parse("kind==Female,Male", {nullptr, {Name("kind")}})->matches(e));
  EXPECT_FALSE(Q::parse("kind==Male;other==Male", {nullptr, {Name("kind")}}).has_value());
}

TEST(Q, KnowsWhatIsOnlyTheSystemsOwn) {
  EXPECT_FALSE(Q::parse("createdAt>2020-01-01;!modifiedAt|expiresAt")->names_attribute());
  EXPECT_TRUE(Q::parse("createdAt>2020-01-01;speed")->names_attribute());
}

TEST(Q, IsBounded) {
  const std::string deep = std::string(1000, '(') + "a" + std::string(1000, ')');
  EXPECT_EQ(Q::parse(deep).error().code, base::Errc::full);
  EXPECT_TRUE(Q::parse(std::string(64, '(') + "a" + std::string(64, ')')).has_value());
  std::string many = "a", list = "a==1", path = "a";
  for (int i = 0; i < 1001; ++i) many += ";a", list += ",1", path += ".a";
  EXPECT_EQ(Q::parse(many).error().code, base::Errc::full);
  EXPECT_EQ(Q::parse(list).error().code, base::Errc::full);
  EXPECT_FALSE(Q::parse(path).has_value());
  EXPECT_EQ(Q::parse(std::string(20'000, 'a')).error().code, base::Errc::full);
  EXPECT_FALSE(Q::parse("a~=\"(((a{1,100}){1,100}){1,100})\"").has_value());
}

TEST(Q, OverATable) {
  const flow::Value speed = 30.0, address = Json{R"({"city":"Aarhus"})"};
  const Q::Lookup table = [&](Name name) -> const flow::Value* {
    return name == Name("speed") ? &speed : name == Name("address") ? &address : nullptr;
  };
  EXPECT_TRUE(Q::parse("speed<50;!humidity;address[city]==\"Aarhus\"")->matches(table));
  EXPECT_FALSE(Q::parse("humidity!=3")->matches(table));
  EXPECT_FALSE(Q::parse("speed.observedAt>2020-01-01T00:00:00Z")->matches(table));
}

TEST(Q, SaysWhatItAsksAbout) {
  const Q q = Q::parse("b>1;(a<2|b.c==3);!d").value();
  EXPECT_EQ(q.attributes(), (std::vector{Name("a"), Name("b"), Name("d")}));
  EXPECT_EQ(q.text(), "b>1;(a<2|b.c==3);!d");
}

TEST(Q, GivesSimpleComparisonsAway) {
  const auto simple = Q::parse("speed<50")->simple();
  ASSERT_TRUE(simple.has_value());
  EXPECT_EQ(simple->attribute, Name("speed"));
  EXPECT_EQ(simple->op, QOperator::less);
  EXPECT_EQ(simple->value, 50);
  EXPECT_TRUE(simple->holds(49.9));
  EXPECT_FALSE(simple->holds(50));
  const auto both = Q::parse("(speed<50;(flow>=3));level!=1")->conjunction();
  ASSERT_TRUE(both.has_value());
  ASSERT_EQ(both->size(), 3u);
  EXPECT_EQ((*both)[1].attribute, Name("flow"));
  EXPECT_EQ((*both)[2].op, QOperator::unequal);
  for (const char* q : {"a==1..2", "a==1,2", "a.b>1", "a[b]>1", "a>\"x\"", "a", "!a", "createdAt>5", "a<1|b<2"}) {
    EXPECT_FALSE(Q::parse(q)->simple().has_value()) << q;
    EXPECT_FALSE(Q::parse(q)->conjunction().has_value()) << q;
  }
}

// Every order of six numbers against every operator, so that a swapped sign cannot hide.
TEST(Q, NumbersComparePerOperator) {
  for (const double v : {-1.5, 0.0, 2.0, 1e300}) {
    for (const double limit : {-1.5, 0.0, 2.0, 1e300}) {
      Entity e;
      e.attributes = {flow::property(Name("x"), v)};
      const auto says = [&](const char* op) { return Q::parse(fmt::format("x{}{}", op, limit))->matches(e); };
      EXPECT_EQ(says("=="), v == limit);
      EXPECT_EQ(says("!="), v != limit);
      EXPECT_EQ(says("<"), v < limit);
      EXPECT_EQ(says("<="), v <= limit);
      EXPECT_EQ(says(">"), v > limit);
      EXPECT_EQ(says(">="), v >= limit);
    }
  }
}

// A random tree of `;` and `|` over flags, written with only the brackets that it needs, and its truth by itself.
struct Tree {
  std::string text;
  bool truth{};
  bool is_any{};
};

Tree random_tree(base::Rng& rng, std::uint32_t flags, int depth) {
  if (depth == 0 || rng.below(4) == 0) {
    const auto flag = rng.below(8);
    const bool set = flags >> flag & 1;
    switch (rng.below(3)) {
      case 0: return {fmt::format("f{}==true", flag), set, false};
      case 1: return {fmt::format("f{}!=true", flag), !set, false};
      default: return {fmt::format("n{}>0", flag), set, false};
    }
  }
  const bool any = rng.below(2);
  Tree out{"", !any, any};
  for (std::uint64_t n = 2 + rng.below(3); n > 0; --n) {
    const Tree part = random_tree(rng, flags, depth - 1);
    out.text += out.text.empty() ? "" : any ? "|" : ";";
    out.text += !any && part.is_any ? "(" + part.text + ")" : part.text;
    out.truth = any ? out.truth || part.truth : out.truth && part.truth;
  }
  return out;
}

TEST(Q, RandomTreesAreTrueAsTheyShould) {
  base::Rng rng(5);
  int holding = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto flags = std::uint32_t(rng.next());
    Entity e;
    for (int f = 0; f < 8; ++f) {
      e.attributes.push_back(flow::property(Name(fmt::format("f{}", f)), bool(flags >> f & 1)));
      e.attributes.push_back(flow::property(Name(fmt::format("n{}", f)), flags >> f & 1 ? 1.0 : -1.0));
    }
    const Tree tree = random_tree(rng, flags, 4);
    const auto q = Q::parse(tree.text);
    ASSERT_TRUE(q.has_value()) << tree.text << ": " << q.error().message;
    ASSERT_EQ(q->matches(e), tree.truth) << tree.text;
    holding += tree.truth;
  }
  EXPECT_GT(holding, 1000);
  EXPECT_LT(holding, 4000);
}

TEST(Q, SurvivesMutations) {
  constexpr std::string_view kSeeds[] = {"speed>=42.5;(status==\"OK\"|!error);address[geo.floor]==1..5,7",
                                         "name~=\"湖.*路\"|title[*]!~=x;built<2014-08-18",
                                         "speed.observedAt>2024-05-02T00:00:00Z;refRoad==urn:a:1,urn:a:2",
                                         "opens==06:00..07:00Z|lanes==1,2,3;open==true"};
  constexpr std::string_view kBytes = ";|()!<>=~.,[]\"\\ :-+0159eTZ{}*?u\xff\xe6\x00";
  base::Rng rng(9);
  const Entity e = street();
  int good = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string text(kSeeds[rng.below(4)]);
    for (std::uint64_t n = 1 + rng.below(4); n > 0 && !text.empty(); --n) {
      const std::size_t at = rng.below(text.size());
      switch (rng.below(4)) {
        case 0: text[at] = kBytes[rng.below(kBytes.size())]; break;
        case 1: text.erase(at, 1 + rng.below(8)); break;
        case 2: text.insert(at, text.substr(rng.below(text.size()), rng.below(20))); break;
        default: text.insert(at, 1, kBytes[rng.below(kBytes.size())]);
      }
    }
    const auto q = Q::parse(text);
    if (!q) {
      EXPECT_FALSE(q.error().message.empty());
      EXPECT_FALSE(first_bad_utf8(q.error().message)) << text;
      continue;
    }
    ++good;
    const bool entity = q->matches(e);
    EXPECT_EQ(q->matches(e), entity);
    q->matches([&](Name name) { return e.find(name) ? &e.find(name)->value : nullptr; });
    EXPECT_FALSE(q->attributes().empty());
  }
  EXPECT_GT(good, 3000);
}

}  // namespace
}  // namespace cityloop::twin
