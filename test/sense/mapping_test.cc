#include "sense/mapping.h"

#include "test/sense/sense_fixture.h"

namespace cityloop::sense {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string mistakes(std::string_view toml) {
  const auto read = parse_mapping(toml, "feed.toml");
  return read ? "" : read.error().message;
}

constexpr std::string_view kGood = R"(name = "feed"
kind = "file"
file = "feed.csv"
[[entity]]
type = "T"
id = "urn:ngsi-ld:T:{id}"
observed_at = { from = "time" }
attribute = [
  { name = "speed", unit = "KMH" },
]
)";

std::string with(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

TEST(MappingTest, AGoodFileHasNoMistakes) {
  EXPECT_EQ(mistakes(kGood), "");
}

TEST(MappingTest, EveryMistakeIsToldWithItsLine) {
  const auto all = mistakes(R"(name = "a b"
kind = "carrier pigeon"
tiem_zone = "UTC"
time_zone = "Europe/Atlantis"
from = "yesterday"
[[entity]]
type = "T"
id = "T-{id"
observed_at = { from = "time", format = "%Q" }
attribute = [
  { name = "speed", unit = "furlong/fortnight" },
  { name = "speed", unit_from = "km/h", unit = "CEL" },
  { name = "depth", range = [3, 1] },
  { name = "sum", compute = "a-b" },
  { name = "where", point = ["lon"] },
  { name = "both", from = "a", text = "b" },
  { name = "word", as = "text", unit = "MTR" },
]
)");
  for (const std::string_view expected : {
           "feed.toml:1: 'a b' must be letters, digits, '-' and '_'",
           "feed.toml:2: 'carrier pigeon' is not file, mqtt or table",
           "feed.toml:3: 'tiem_zone' is not known here",
           "feed.toml:4: time zone 'Europe/Atlantis' is not known here",
           "feed.toml:5: 'yesterday' is not a time",
           "feed.toml:8: 'T-{id' must be a URN",
           "feed.toml:8: 'T-{id' has a '{' that is never closed",
           "feed.toml:9: '%Q': only %Y %m %d %H %M %S are known",
           "feed.toml:11: the unit 'furlong/fortnight' is not known",
           "feed.toml:12: 'km/h' cannot be converted to 'CEL': they measure different things",
           "feed.toml:12: the attribute 'speed' stands twice",
           "feed.toml:13: 'range' must be [lowest, highest]",
           "feed.toml:14: 'a-b' must be two columns with + - * or / and blanks between them",
           "feed.toml:15: 'point' must be [longitude column, latitude column]",
           "feed.toml:16: an attribute takes its value from one of",
           "feed.toml:17: 'unit' is for numbers only",
       }) {
    EXPECT_THAT(all, HasSubstr(expected));
  }
}

TEST(MappingTest, WhatIsMissingIsNamed) {
  EXPECT_THAT(mistakes(with("type = \"T\"\n", "")), HasSubstr("feed.toml:4: 'type' is missing"));
  EXPECT_THAT(mistakes(with("observed_at = { from = \"time\" }\n", "")), HasSubstr("'observed_at' is missing"));
  EXPECT_THAT(mistakes("name = \"x\"\nkind = \"file\"\nfile = \"a\"\n"), HasSubstr("no [[entity]] block"));
  EXPECT_THAT(mistakes("name = \"x\"\nkind = \"table\"\n"), HasSubstr("needs a [[static]] block"));
  EXPECT_THAT(mistakes(with("type = \"T\"\n", "type = \"T\"\nknown_only = true\n")),
              HasSubstr("no [[static]] block of this file lists entities of type 'T'"));
  EXPECT_THAT(mistakes("name = "), HasSubstr("feed.toml:1: "));
}

TEST(MappingTest, AWindowInTheZoneOfTheFeed) {
  const auto read = parse_mapping(
      with("kind", "time_zone = \"Europe/Copenhagen\"\nfrom = \"2014-08-18\"\nto = \"2014-09-01T00:00Z\"\nkind"),
      "feed.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ((*read)->from, at("2014-08-17T22:00:00Z"));
  EXPECT_EQ((*read)->to, at("2014-09-01T00:00:00Z"));
  EXPECT_THAT(mistakes(with("kind", "from = \"2014-08-18\"\nto = \"2014-08-18\"\nkind")),
              HasSubstr("feed.toml:3: 'to' must be later than 'from'"));
}

TEST(MappingTest, SubscriptionsOfTopics) {
  const auto read = parse_mapping(R"(name = "m"
kind = "mqtt"
group = "g"
[[entity]]
topic = "city/{kind}/{device}/state"
type = "T"
id = "urn:x:{device}"
observed_at = { from = "at" }
attribute = [{ name = "v" }]
[[entity]]
topic = "city/+/+/state"
type = "U"
id = "urn:y:{id}"
observed_at = { from = "at" }
attribute = [{ name = "v" }]
)",
                                  "feed.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT((*read)->subscriptions(), ElementsAre("$share/g/city/+/+/state"));
}

TEST(TopicTest, Patterns) {
  const auto pattern = TopicPattern::parse("city/{kind}/+/{device}/#").value();
  std::vector<std::string_view> parts;
  EXPECT_TRUE(pattern.match("city/water/x/pump-1/state/now", parts));
  EXPECT_THAT(parts, ElementsAre("water", "pump-1"));
  EXPECT_FALSE(pattern.match("city/water/x", parts));
  EXPECT_FALSE(pattern.match("town/water/x/pump-1/state", parts));
  const auto exact = TopicPattern::parse("a/{b}").value();
  EXPECT_TRUE(exact.match("a/", parts)) << "an empty part is a part";
  EXPECT_THAT(parts, ElementsAre(""));
  EXPECT_FALSE(exact.match("a", parts));
  EXPECT_FALSE(exact.match("a/b/c", parts));
  for (const std::string_view bad : {"", "a/#/b", "a/x{b}/c", "a/{b}/{b}", "a/b+", "a/{}"}) {
    EXPECT_FALSE(TopicPattern::parse(bad)) << bad;
  }
}

TEST(MappingTest, TheDemoCitiesHaveNoMistakes) {
  for (const auto* city : {"demo/district", "demo/aarhus"}) {
    const auto book = FeedBook::load(city, {});
    ASSERT_TRUE(book) << book.error().message;
    EXPECT_GE(book->mappings.size(), 3u) << city;
  }
}

TEST(MappingTest, TheDistrictsTablesAreWholeAndPointAtEachOther) {
  const auto book = FeedBook::load("demo/district", {}).value();
  std::unordered_set<std::string> ids, targets;
  std::size_t rows = 0;
  for (const MappingPtr& mapping : book.mappings) {
    const auto tables = load_tables(*mapping, book.folders);
    ASSERT_TRUE(tables) << tables.error().message;
    EXPECT_TRUE(tables->rejects.empty()) << tables->rejects[0].detail;
    for (const flow::Write& write : tables->writes) {
      ids.emplace(write.entity.text());
      for (const flow::Attribute& attribute : write.attributes) {
        if (attribute.kind == flow::AttributeKind::relationship) targets.insert(std::get<flow::Text>(attribute.value));
      }
    }
    rows += tables->writes.size();
  }
  EXPECT_EQ(rows, ids.size()) << "an id stands twice";
  EXPECT_GE(rows, 140u);
  for (const std::string& target : targets) EXPECT_TRUE(ids.contains(target)) << target;
}

TEST_F(SenseTest, ABookTellsTheMistakesOfAllItsFilesAtOnce) {
  file("feeds/b.toml", with("name = \"feed\"", "name = \"b\"\ncolour = 1"));
  file("feeds/a.toml", with("KMH", "nonsense"));
  file("feeds/c.toml", "this is no TOML");
  file("feeds/notes.txt", "neither is this, and it does not matter");
  const auto book = FeedBook::load(folder_, {});
  ASSERT_FALSE(book);
  EXPECT_THAT(book.error().message, HasSubstr("a.toml:9: the unit 'nonsense' is not known"));
  EXPECT_THAT(book.error().message, HasSubstr("b.toml:2: 'colour' is not known here"));
  EXPECT_THAT(book.error().message, HasSubstr("c.toml:1: "));
}

TEST_F(SenseTest, TwoFeedsOfOneNameAreAMistake) {
  file("feeds/a.toml", kGood);
  file("feeds/b.toml", kGood);
  EXPECT_THAT(FeedBook::load(folder_, {}).error().message, HasSubstr("b.toml:1: the name 'feed' is taken by"));
}

}  // namespace
}  // namespace cityloop::sense
