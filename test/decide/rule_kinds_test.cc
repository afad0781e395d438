// Each kind of rule, opening and clearing.
#include <gmock/gmock.h>

#include "stream.h"

namespace cityloop::decide::test {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kTank = "urn:ngsi-ld:Tank:1";
constexpr std::string_view kOther = "urn:ngsi-ld:Tank:2";

std::string threshold(const std::string& rest) {
  return head("high", "threshold") + "type = \"Tank\"\n" + rest;
}

TEST(Threshold, OpensAtOnceAndClearsAtOnceWithoutHold) {
  Stream city(threshold("condition = \"level>0.3\"\n"));
  city.read(kTank, "level", 0.2, 0);
  city.read(kTank, "level", 0.4, 10, 0, "MTR");
  city.read(kTank, "level", 0.5, 20);
  city.read(kTank, "level", 0.1, 30);
  EXPECT_EQ(city.story(), (Story{"o 10", "c 30"}));
  const flow::Finding& one = city.written[0];
  EXPECT_EQ(one.id.text(), fmt::format("urn:ngsi-ld:Finding:high:Tank:1:{}", base::to_ms(at(10))));
  EXPECT_EQ(one.about.text(), kTank);
  EXPECT_EQ(one.title.en, "1: 0.4 m (limit 0.3)");
  const auto why = Stream::json(one.why);
  EXPECT_EQ(why.text_or("condition", ""), "level>0.3");
  EXPECT_EQ(why.number_or("limit", 0), 0.3);
  const auto& value = (*why.find("values")->array())[0];
  EXPECT_EQ(value.text_or("entity", ""), kTank);
  EXPECT_EQ(value.number_or("value", 0), 0.4);
  EXPECT_EQ(value.text_or("unitCode", ""), "MTR");
  EXPECT_EQ(value.text_or("observedAt", ""), "2026-03-02T00:00:10Z");
  EXPECT_EQ(Stream::json(city.written[1].cleared_why).text_or("reason", ""), "condition");
  EXPECT_EQ(city.written[1].id, one.id);
  EXPECT_EQ(city.written[1].why, one.why);
}

TEST(Threshold, HysteresisAndHoldMakeOneFindingOfAFlappingValue) {
  Stream city(threshold("condition = \"level>0.3\"\nclear = \"level<0.15\"\nhold = \"30s\"\nclear_hold = \"20s\"\n"));
  for (int i = 0; i < 50; ++i) city.read(kTank, "level", i % 2 ? 0.2 : 0.4, i);  // never above for 30 s
  EXPECT_TRUE(city.written.empty());
  city.read(kTank, "level", 0.4, 100);
  city.read(kTank, "level", 0.35, 120);
  city.read(kTank, "level", 0.4, 130);  // held for 30 s: at 130
  for (int i = 0; i < 50; ++i) city.read(kTank, "level", i % 2 ? 0.2 : 0.4, 131 + i);
  city.read(kTank, "level", 0.1, 200);
  city.read(kTank, "level", 0.2, 210);  // the clear hold is broken off
  city.read(kTank, "level", 0.1, 220);
  city.read(kTank, "level", 0.12, 245);
  EXPECT_EQ(city.story(), (Story{"o 130", "c 240"}));
  EXPECT_EQ(Stream::json(city.written[0].why).text_or("since", ""), base::format_time(at(100)));
}

TEST(Threshold, AHoldEndsByTheClockWithoutAReading) {
  Stream city(threshold("condition = \"level>0.3\"\nhold = \"30s\"\nclear_hold = \"10s\"\n"));
  city.read(kTank, "level", 0.4, 0);
  city.tick(29);
  EXPECT_TRUE(city.written.empty());
  city.tick(30);
  EXPECT_EQ(city.story(), (Story{"o 30"}));
  city.read(kTank, "level", 0.1, 40);
  city.tick(60);
  EXPECT_EQ(city.story(), (Story{"o 30", "c 50"}));
}

TEST(Threshold, AReadingAfterTheHoldFindsItOpenedWithTheValuesOfThatTime) {
  Stream city(threshold("condition = \"level>0.3\"\nhold = \"30s\"\n"));
  city.read(kTank, "level", 0.4, 0);
  city.read(kTank, "level", 0.1, 300);
  EXPECT_EQ(city.story(), (Story{"o 30", "c 300"}));
  EXPECT_THAT(city.written[0].why, HasSubstr("\"value\":0.4"));
}

TEST(Threshold, ASilenceLongerThanGapMaxRestartsTheHold) {
  Stream city(threshold("condition = \"level>0.3\"\nhold = \"60s\"\ngap_max = \"40s\"\n"));
  city.read(kTank, "level", 0.4, 0);
  city.tick(100);
  EXPECT_TRUE(city.written.empty()) << "nobody knows whether it held";
  city.read(kTank, "level", 0.4, 100);
  city.read(kTank, "level", 0.4, 130);
  city.read(kTank, "level", 0.4, 170);
  EXPECT_EQ(city.story(), (Story{"o 160"}));
}

TEST(Threshold, ALateReadingThatBreaksAHoldRestartsIt) {
  Stream city(threshold("condition = \"level>0.3\"\nhold = \"60s\"\n"));
  city.read(kTank, "level", 0.4, 0);
  city.read(kTank, "level", 0.4, 40);
  city.read(kTank, "level", 0.1, 20, 25);  // told at 45
  city.read(kTank, "level", 0.4, 30, 20);  // late too, and changes nothing
  city.tick(99);
  EXPECT_TRUE(city.written.empty());
  city.tick(100);
  EXPECT_EQ(city.story(), (Story{"o 100"}));
  city.read(kTank, "level", 0.1, 35, 75);  // what has happened is not undone
  EXPECT_EQ(city.written.size(), 1u);
  EXPECT_EQ(city.engine.status().rules[0].late, 3u);
}

TEST(Threshold, SeveralAttributesAndOtherValues) {
  Stream city(threshold("condition = \"level>0.3;state==\\\"on\\\"|alarm==true\"\n"));
  city.read(kTank, "level", 0.4, 0);
  city.read(kTank, "state", std::string("off"), 1);
  EXPECT_TRUE(city.written.empty());
  city.read(kTank, "state", std::string("on"), 2);
  city.read(kTank, "level", 0.1, 3);
  city.read(kTank, "alarm", true, 4);
  city.read(kTank, "alarm", false, 5);
  EXPECT_EQ(city.story(), (Story{"o 2", "c 3", "o 4", "c 5"}));
  EXPECT_THAT(city.written[0].why, HasSubstr("\"attribute\":\"state\",\"value\":\"on\""));
}

TEST(Threshold, WhereSelectsEntitiesAndLetsGo) {
  Stream city(threshold("where = \"use==\\\"fire\\\"\"\ncondition = \"level>0.3\"\n"));
  city.read(kTank, "level", 0.4, 0);
  EXPECT_TRUE(city.written.empty());
  city.read(kTank, "use", std::string("fire"), 10);
  city.read(kTank, "use", std::string("rain"), 20);
  EXPECT_EQ(city.story(), (Story{"o 10", "c 20"}));
  EXPECT_THAT(city.written[1].cleared_why, HasSubstr("no longer one that the rule selects"));
}

TEST(Threshold, ResolvesReferencesOfItsResponse) {
  const std::string rule = threshold(
      "condition = \"level>0.3\"\n[rule.response]\ncase = \"flooding\"\ndepartment = "
      "\"water\"\n[rule.response.command]\n"
      "device = \"$ref:pumpedBy\"\nname = \"pump\"\nvalue = { on = true }\n");
  Stream city(rule);
  city.write(kTank,
             {flow::relationship(Name("pumpedBy"), flow::EntityId("urn:ngsi-ld:Device:p")),
              flow::geo_point(Name("location"), 10, 56), flow::property(Name("name"), std::string("North"))},
             0);
  city.read(kTank, "level", 0.4, 1);
  city.read(kOther, "level", 0.4, 2);
  ASSERT_EQ(city.written.size(), 2u);
  EXPECT_EQ(
      city.written[0].response,
      R"({"case":"flooding","department":"water","command":{"device":"urn:ngsi-ld:Device:p","name":"pump","value":{"on":true}}})");
  EXPECT_EQ(city.written[0].location, R"({"type":"Point","coordinates":[10,56]})");
  EXPECT_THAT(city.written[0].title.en, HasSubstr("North: 0.4"));
  EXPECT_EQ(city.written[1].response, R"({"case":"flooding","department":"water"})");
  EXPECT_THAT(city.written[1].why, HasSubstr("\"unresolvedReference\":\"pumpedBy\""));
}

TEST(Threshold, MayCommandTheEntityItself) {
  Stream city(
      threshold("condition = \"level>0.3\"\n[rule.response]\ncase = \"x\"\ncommand = { device = \"$self\", name = "
                "\"valve\", value = 0 }\n"));
  city.read(kTank, "level", 0.4, 1);
  ASSERT_EQ(city.written.size(), 1u);
  EXPECT_EQ(city.written[0].response,
            R"({"case":"x","command":{"device":"urn:ngsi-ld:Tank:1","name":"valve","value":0}})");
}

TEST(Threshold, NamesTheEntityInBothLanguages) {
  Stream city(threshold("condition = \"level>0.3\"\n"));
  flow::Attribute name = flow::property(Name("name"), flow::Json{R"({"en":"North","zh":"北"})"});
  name.kind = flow::AttributeKind::language_property;
  city.write(kTank, {name}, 0);
  city.read(kTank, "level", 0.4, 1);
  ASSERT_EQ(city.written.size(), 1u);
  EXPECT_EQ(city.written[0].title.en, "North: 0.4  (limit 0.3)");
  EXPECT_EQ(city.written[0].title.zh, "北 0.4");
}

TEST(Ratio, OpensOnTheShareOfTwoAttributes) {
  std::string top = head("slow", "ratio");
  top.replace(top.find("{value} {unit}"), 14, "{value} = {percent} %");
  Stream city(top +
              "type = \"Road\"\nnumerator = \"speed\"\ndenominator = \"free\"\ncondition = "
              "\"ratio<0.5;count>3\"\nclear = \"ratio>0.7\"\n");
  const std::string road = "urn:ngsi-ld:Road:1";
  city.read(road, "speed", 20.0, 0);
  city.read(road, "count", 5.0, 1);
  EXPECT_TRUE(city.written.empty()) << "no free-flow speed yet";
  city.read(road, "free", 0.0, 2);
  EXPECT_TRUE(city.written.empty()) << "divided by nothing";
  city.read(road, "free", 50.0, 3);
  city.read(road, "speed", 30.0, 4);
  city.read(road, "speed", 40.0, 5);
  EXPECT_EQ(city.story(), (Story{"o 3", "c 5"}));
  EXPECT_THAT(city.written[0].why, HasSubstr("\"ratio\":0.4"));
  EXPECT_THAT(city.written[0].title.en, HasSubstr("1: 0.4 = 40 %"));
}

TEST(Rate, IsTheChangeOverTheWindow) {
  Stream city(head("rise", "rate") +
              "type = \"Tank\"\nattribute = \"level\"\nper = \"1m\"\nwindow = \"2m\"\ncondition "
              "= \"rate>0.1\"\nclear = \"rate<0.05\"\n");
  city.read(kTank, "level", 0.0, 0);
  city.read(kTank, "level", 0.1, 60);   // 0.1 a minute
  city.read(kTank, "level", 0.3, 120);  // 0.15
  city.read(kTank, "level", 0.3, 180);  // 0.2 over two minutes
  city.read(kTank, "level", 0.3, 240);  // 0
  EXPECT_EQ(city.story(), (Story{"o 120", "c 240"}));
  EXPECT_NEAR(Stream::json(city.written[0].why).number_or("rate", 0), 0.15, 1e-12);
  EXPECT_THAT(city.written[0].why, HasSubstr("\"samples\":3"));
}

TEST(Silence, OpensByTheClockAndClearsWhenHeard) {
  Stream city(head("dead", "silence") + "type = \"Tank\"\nafter = \"60s\"\n");
  city.read(kTank, "level", 1.0, 0);
  for (int s = 1; s <= 50; ++s) city.tick(s);
  city.read(kTank, "other", 1.0, 50);
  city.tick(109);
  EXPECT_TRUE(city.written.empty());
  city.tick(110);
  city.tick(500);
  city.read(kTank, "level", 1.0, 520);
  EXPECT_EQ(city.story(), (Story{"o 110", "c 520"}));
  EXPECT_THAT(city.written[0].why, HasSubstr(base::format_time(at(50))));
  EXPECT_EQ(Stream::json(city.written[1].cleared_why).text_or("reason", ""), "heard again");
}

TEST(Silence, HearsOnlyWhatItNamesAndOnlySoundTimes) {
  Stream city(head("dead", "silence") + "type = \"Tank\"\nattributes = [\"level\"]\nafter = \"60s\"\n");
  city.read(kTank, "battery", 1.0, 0);  // first seen, never heard
  city.read(kTank, "battery", 1.0, 50);
  city.record(at(55), {change_of(kTank, "Tank", {flow::property(Name("level"), 1.0, base::from_us(5))})});
  city.record(at(56), {change_of(kTank, "Tank", {flow::property(Name("level"), 1.0, at(1e8))})});
  city.tick(61);
  EXPECT_EQ(city.story(), (Story{"o 60"}));
  EXPECT_EQ(city.engine.status().bad_time, 2u);
}

TEST(Silence, FindsAGapThatNoTickHasShown) {
  Stream city(head("dead", "silence") + "type = \"Tank\"\nafter = \"60s\"\n");
  city.read(kTank, "level", 1.0, 0);
  city.read(kTank, "level", 1.0, 200);
  EXPECT_EQ(city.story(), (Story{"o 60", "c 200"}));
}

TEST(WindowRule, AveragesOverTheSpanAndForgetsAsTimePasses) {
  Stream city(head("loud", "window") +
              "type = \"Tank\"\nattribute = \"x\"\naggregate = \"avg\"\nwindow = "
              "\"100s\"\nmin_samples = 2\ncondition = \"window>=10\"\n");
  city.read(kTank, "x", 20.0, 0);  // one sample is not enough
  EXPECT_TRUE(city.written.empty());
  city.read(kTank, "x", 4.0, 50);  // 12
  city.tick(99);
  EXPECT_EQ(city.story(), (Story{"o 50"}));
  city.read(kTank, "x", 4.0, 99);  // 9.33
  EXPECT_EQ(city.story(), (Story{"o 50", "c 99"}));
  city.read(kTank, "x", 30.0, 120);  // 4 4 30
  city.tick(155);                    // the first 4 has left at 150: 17
  EXPECT_EQ(city.story(), (Story{"o 50", "c 99", "o 120"}));
  city.tick(400);
  EXPECT_EQ(city.written.size(), 3u) << "too few samples say nothing, not even that it is over";
}

TEST(WindowRule, CountsDownToNothing) {
  Stream city(head("busy", "window") +
              "type = \"Tank\"\nattribute = \"x\"\naggregate = \"count\"\nwindow = "
              "\"60s\"\ncondition = \"window>=3\"\n");
  for (const double s : {0.0, 10.0, 20.0}) city.read(kTank, "x", 1.0, s);
  city.tick(100);
  EXPECT_EQ(city.story(), (Story{"o 20", "c 60"}));
}

TEST(WindowRule, LateReadingsTakeTheirPlace) {
  Stream city(head("loud", "window") +
              "type = \"Tank\"\nattribute = \"x\"\naggregate = \"max\"\nwindow = "
              "\"100s\"\ncondition = \"window>10\"\n");
  city.read(kTank, "x", 1.0, 100);
  city.read(kTank, "x", 99.0, 0, 101);  // older than the window
  EXPECT_TRUE(city.written.empty());
  city.read(kTank, "x", 50.0, 60, 45);  // told at 105, in the window until 160
  city.tick(159);
  EXPECT_EQ(city.story(), (Story{"o 100"}));
  city.tick(160);
  EXPECT_EQ(city.story(), (Story{"o 100", "c 160"}));
  EXPECT_EQ(city.engine.status().rules[0].late, 2u);
  EXPECT_EQ(city.engine.status().rules[0].too_late, 1u);
}

TEST(UnusualRule, LearnsTheHourAndFindsADeparture) {
  Stream city(head("odd", "unusual") +
                  "type = \"Road\"\nattribute = \"x\"\nfloor = 1\nmin_weeks = 2\ncondition = "
                  "\"departure>4\"\n",
              base::TimeZone::load("Asia/Shanghai").value());
  const std::string road = "urn:ngsi-ld:Road:1";
  const auto usual = [](int hour, int i) { return hour % 24 == 8 ? 100.0 + i % 3 : 10.0 + i % 3; };
  const int weeks = 3 * 168;
  for (int hour = 0; hour < weeks; ++hour) {
    for (int i = 0; i < 6; ++i) city.read(road, "x", usual(hour, i), hour * 3600 + i * 600);
  }
  EXPECT_TRUE(city.written.empty());
  city.read(road, "x", 10.0, (weeks + 8) * 3600);  // low for this hour, usual for the one before
  city.read(road, "x", 101.0, (weeks + 8) * 3600 + 600);
  city.read(road, "x", 100.0, (weeks + 9) * 3600);  // and the other way about
  ASSERT_EQ(city.written.size(), 3u);
  EXPECT_EQ(city.story()[0][0], 'o');
  const auto why = Stream::json(city.written[0].why);
  EXPECT_NEAR(why.number_or("departure", 0), 91 / 1.4826, 1);
  const auto& details = *why.find("details");
  EXPECT_EQ(details.text_or("weekday", ""), "Monday");
  EXPECT_EQ(details.number_or("hour", 0), 16) << "by the city's own clock";
  EXPECT_EQ(details.number_or("median", 0), 101);
  EXPECT_EQ(details.number_or("weeks", 0), 3);
}

TEST(UnusualRule, DoesNotLearnWhileSomethingIsFoundButAtLastGivesIn) {
  const std::string rule = head("odd", "unusual") +
                           "type = \"Road\"\nattribute = \"x\"\nfloor = 1\nmin_weeks = "
                           "1\nmin_samples = 2\nsamples_per_hour = 2\nweeks = 2\ncondition = "
                           "\"departure>4\"\nrelearn_after = \"20d\"\n";
  Stream city(rule);
  const std::string road = "urn:ngsi-ld:Road:1";
  const auto week = [&](int n, double value) {
    city.read(road, "x", value, n * 168 * 3600);
    city.read(road, "x", value, n * 168 * 3600 + 1800);
  };
  week(0, 10);
  week(1, 50);
  EXPECT_EQ(city.written.size(), 1u);
  week(2, 50);
  week(3, 50);
  EXPECT_EQ(city.written.size(), 1u) << "two weeks of it are not the usual";
  week(4, 50);  // open for three weeks: learned from now on
  week(5, 50);
  week(6, 50);
  EXPECT_EQ(city.story().size(), 2u);
  EXPECT_EQ(city.story()[1][0], 'c');
}

TEST(UnusualRule, SidesAreAsked) {
  for (const auto& [direction, low, high] : {std::tuple("above", 0u, 1u), {"below", 1u, 0u}, {"both", 1u, 1u}}) {
    for (const bool is_high : {false, true}) {
      Stream city(head("odd", "unusual") + fmt::format("type = \"Road\"\nattribute = \"x\"\nfloor = 1\nmin_weeks = "
                                                       "1\nmin_samples = 1\ndirection = \"{}\"\ncondition = "
                                                       "\"departure>4\"\n",
                                                       direction));
      city.read("urn:ngsi-ld:Road:1", "x", 50.0, 0);
      city.read("urn:ngsi-ld:Road:1", "x", is_high ? 90.0 : 10.0, 168 * 3600);
      EXPECT_EQ(city.written.size(), is_high ? high : low) << direction;
    }
  }
}

}  // namespace
}  // namespace cityloop::decide::test
