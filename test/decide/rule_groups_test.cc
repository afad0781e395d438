// Rules that look at several entities at once.
#include <gmock/gmock.h>

#include "stream.h"

namespace cityloop::decide::test {
namespace {

using ::testing::HasSubstr;

std::string lamp(int i) {
  return fmt::format("urn:ngsi-ld:Lamp:{}", i);
}

// Lamps along a street, 50 m apart.
void place_lamps(Stream& city, int count, std::string_view type = "Lamp") {
  for (int i = 0; i < count; ++i) {
    city.write(fmt::format("urn:ngsi-ld:{}:{}", type, i), {flow::geo_point(Name("location"), 10.0 + i * 0.0008, 56.0)},
               0);
  }
}

const std::string kDark =
    head("dark", "neighbours") + "type = \"Lamp\"\ncondition = \"lux<1\"\nk = 3\ndistance_m = 120\nwithin = \"60s\"\n";

TEST(NeighboursRule, KOfNWithinADistanceAndATime) {
  Stream city(kDark);
  place_lamps(city, 10);
  city.read(lamp(0), "lux", 0.0, 10);
  city.read(lamp(9), "lux", 0.0, 11);
  city.read(lamp(8), "lux", 0.0, 12);
  EXPECT_TRUE(city.written.empty()) << "two here, one there";
  city.read(lamp(1), "lux", 0.0, 20);
  city.read(lamp(2), "lux", 0.0, 30);
  ASSERT_EQ(city.written.size(), 1u);
  EXPECT_EQ(city.written[0].about.text(), lamp(2));
  ASSERT_EQ(city.written[0].related.size(), 2u);
  EXPECT_EQ(city.written[0].related[0].text(), lamp(0));
  EXPECT_EQ(city.written[0].related[1].text(), lamp(1));
  const auto why = Stream::json(city.written[0].why);
  EXPECT_EQ(why.find("details")->number_or("n", 0), 5) << "two on each side and itself";
  city.read(lamp(3), "lux", 0.0, 40);  // next to it: the same matter
  EXPECT_EQ(city.written.size(), 1u);
  city.read(lamp(0), "lux", 9.0, 50);
  city.read(lamp(1), "lux", 9.0, 60);
  EXPECT_EQ(city.written.size(), 1u) << "they count for a minute more";
  city.tick(200);
  // 2 and 3 are left of it from 120 on.
  EXPECT_EQ(city.story(), (Story{"o 30", "c 120"}));
}

TEST(NeighboursRule, ThoseOfDifferentTimesDoNotAddUp) {
  Stream city(kDark);
  place_lamps(city, 3);
  for (int i = 0; i < 3; ++i) {
    city.read(lamp(i), "lux", 0.0, 100 * (i + 1));
    city.read(lamp(i), "lux", 9.0, 100 * (i + 1) + 5);
  }
  city.tick(500);
  EXPECT_TRUE(city.written.empty());
  for (int i = 0; i < 3; ++i) {
    city.read(lamp(i), "lux", 0.0, 600 + 20 * i);
    city.read(lamp(i), "lux", 9.0, 605 + 20 * i);
  }
  city.tick(900);
  EXPECT_EQ(city.story(), (Story{"o 640", "c 665"}));
}

TEST(NeighboursRule, CountsByAnotherRulesFindings) {
  Stream city(head("group", "neighbours") + "rule = \"silent\"\nk = 2\ndistance_m = 120\n" + head("silent", "silence") +
              "type = \"Lamp\"\nafter = \"60s\"\n");
  place_lamps(city, 3);
  for (int i = 0; i < 3; ++i) city.read(lamp(i), "lux", 5.0, 1 + i);
  city.tick(61);
  city.tick(62);
  city.tick(63);
  std::vector<std::string> rules;
  for (const auto& one : city.written) rules.push_back(one.rule + " " + std::string(one.about.text()));
  EXPECT_EQ(rules, (Story{"silent urn:ngsi-ld:Lamp:0", "silent urn:ngsi-ld:Lamp:1", "group urn:ngsi-ld:Lamp:1",
                          "silent urn:ngsi-ld:Lamp:2"}));
  city.read(lamp(0), "lux", 5.0, 70);
  city.read(lamp(2), "lux", 5.0, 71);
  ASSERT_EQ(city.written.size(), 7u);
  EXPECT_EQ(city.written[6].rule, "group");
  EXPECT_EQ(city.story()[6], "c 71");
}

TEST(NeighboursRule, AGroupThatMovesOnIsFoundAnewAndOneThatRecoversIsNot) {
  Stream city(kDark);
  place_lamps(city, 8);
  for (const int i : {2, 3, 4}) city.read(lamp(i), "lux", 0.0, 10 + i);  // around 4: 2 to 6
  for (const int i : {5, 6}) city.read(lamp(i), "lux", 0.0, 20 + i);
  ASSERT_EQ(city.story(), (Story{"o 14"}));
  for (const int i : {2, 3, 4}) city.read(lamp(i), "lux", 9.0, 100 + i);
  city.read(lamp(7), "lux", 0.0, 130);  // 5, 6 and 7, but 5 and 6 are the first group's
  city.tick(400);
  EXPECT_EQ(city.story(), (Story{"o 14", "c 164", "o 164"}));
  for (const int i : {5, 6, 7}) city.read(lamp(i), "lux", 9.0, 500 + i);
  city.tick(900);
  EXPECT_EQ(city.story(), (Story{"o 14", "c 164", "o 164", "c 565"}));
}

TEST(NeighboursRule, AnErasedEntityLeavesTheGroup) {
  Stream city(kDark);
  place_lamps(city, 4);
  for (int i = 0; i < 3; ++i) city.read(lamp(i), "lux", 0.0, 10 + i);
  ASSERT_EQ(city.story(), (Story{"o 12"}));
  city.erase(lamp(0), 20);
  EXPECT_EQ(city.story(), (Story{"o 12", "c 20"})) << "two are too few";
  city.read(lamp(3), "lux", 0.0, 30);
  EXPECT_EQ(city.story(), (Story{"o 12", "c 20", "o 30"}));
  city.erase(lamp(3), 40);
  EXPECT_EQ(city.story().back(), "c 40");
  EXPECT_EQ(Stream::json(city.written.back().cleared_why).text_or("reason", ""), "the entity was erased");
}

TEST(NeighboursRule, WhatIsNotHeardDoesNotCountForEver) {
  Stream city(kDark + "gap_max = \"100s\"\n");
  place_lamps(city, 3);
  for (int i = 0; i < 3; ++i) city.read(lamp(i), "lux", 0.0, 10 + i);
  for (int s = 20; s < 400; s += 10) city.tick(s);
  EXPECT_EQ(city.story(), (Story{"o 12", "c 170"})) << "100 s without a reading, and a minute's grace";
}

const std::string kRainThenWater = head("flood", "sequence") +
                                   "within = \"10m\"\ndistance_m = 2000\n[rule.first]\ntype = \"Rain\"\ncondition = "
                                   "\"mm>5\"\n[rule.then]\ntype = \"Water\"\ncondition = \"level>0.3\"\n";
const std::string kRain = "urn:ngsi-ld:Rain:0";
const std::string kWater = "urn:ngsi-ld:Water:1";

TEST(SequenceRule, FirstThenWithinATimeAndADistance) {
  Stream city(kRainThenWater);
  place_lamps(city, 1, "Rain");
  place_lamps(city, 2, "Water");
  city.read(kWater, "level", 0.4, 10);
  city.read(kRain, "mm", 9.0, 20);
  EXPECT_TRUE(city.written.empty()) << "water, then rain";
  city.read(kWater, "level", 0.1, 30);
  city.read(kRain, "mm", 0.0, 100);
  city.read(kWater, "level", 0.4, 500);
  ASSERT_EQ(city.story(), (Story{"o 500"}));
  EXPECT_EQ(city.written[0].about.text(), kWater);
  ASSERT_EQ(city.written[0].related.size(), 1u);
  EXPECT_EQ(city.written[0].related[0].text(), kRain);
  EXPECT_THAT(city.written[0].why, HasSubstr("\"firstCondition\":\"mm>5\""));
  city.read(kWater, "level", 0.1, 550);
  city.read(kWater, "level", 0.4, 700);
  EXPECT_EQ(city.story(), (Story{"o 500", "c 550"})) << "the rain was 680 s ago";
}

TEST(SequenceRule, TheOneThatCameFirstMayBeToldLast) {
  Stream city(kRainThenWater);
  place_lamps(city, 1, "Rain");
  place_lamps(city, 2, "Water");
  city.read(kRain, "mm", 0.0, 1);
  city.read(kWater, "level", 0.4, 100);
  EXPECT_TRUE(city.written.empty());
  city.read(kRain, "mm", 9.0, 50, 80);
  EXPECT_EQ(city.story(), (Story{"o 100"}));
}

TEST(SequenceRule, OnTheSameEntity) {
  Stream city(head("s", "sequence") +
              "within = \"60s\"\nhold = \"5s\"\n[rule.first]\ntype = \"Door\"\ncondition = "
              "\"open==true\"\n[rule.then]\ntype = \"Door\"\ncondition = \"temp>8\"\n");
  const std::string one = "urn:ngsi-ld:Door:1", two = "urn:ngsi-ld:Door:2";
  city.read(one, "open", true, 0);
  city.read(two, "temp", 9.0, 10);
  city.read(one, "temp", 9.0, 20);
  city.tick(30);
  ASSERT_EQ(city.story(), (Story{"o 25"}));
  EXPECT_EQ(city.written[0].about.text(), one);
  EXPECT_TRUE(city.written[0].related.empty());
}

TEST(SequenceRule, OfOtherRulesFindings) {
  Stream city(head("hot", "threshold") + "type = \"Door\"\ncondition = \"temp>8\"\n" + head("open", "threshold") +
              "type = \"Door\"\ncondition = \"open==true\"\n" + head("both", "sequence") +
              "within = \"60s\"\n[rule.first]\nrule = \"open\"\n[rule.then]\nrule = \"hot\"\n");
  const std::string one = "urn:ngsi-ld:Door:1";
  city.read(one, "open", true, 0);
  city.read(one, "temp", 9.0, 500);
  city.read(one, "temp", 1.0, 510);
  city.read(one, "open", false, 520);
  city.read(one, "temp", 9.0, 590);
  std::vector<std::string> both;
  for (std::size_t i = 0; i < city.written.size(); ++i) {
    if (city.written[i].rule == "both") both.push_back(city.story()[i]);
  }
  EXPECT_EQ(both, (Story{"o 500", "c 510"})) << "open until 520, hot 70 s later";
}

}  // namespace
}  // namespace cityloop::decide::test
