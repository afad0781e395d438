// Who is responsible for what lies where: cells, rules, which of them wins, what they lack, and what a case says of it.
#include <gmock/gmock.h>

#include "base/json_value.h"
#include "casework/assignment.h"
#include "casework/responsibility_flaws.h"
#include "test/casework/case_desk.h"

namespace cityloop::casework {
namespace {

using flow::Action;
using flow::ActionStatus;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kKinds = R"(
[[calendar]]
id = "days"
name = { zh = "白天", en = "days" }
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
shifts = ["08:00-20:00"]
[[calendar]]
id = "nights"
name = { zh = "夜间", en = "nights" }
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
shifts = ["20:00-08:00"]
[intake]
kind = "other"
[[case]]
id = "other"
name = { zh = "其他", en = "Other" }
verify_hold = "0s"
auto_dispatch = false
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
department = "water"
verify_hold = "10s"
)";
constexpr const char* kCategories =
    "code,type,class_zh,class_en,name_zh,name_en,condition,department,kind,standard_zh,standard_en,limit,calendar\n"
    "0102,event,市容,Street,暴露垃圾,Litter,,,other,满溢,Full,2h,always\n"
    "0107,event,市容,Street,道路破损,Damaged road,A,,other,塌陷,Sunken,2h,always\n"
    "0101,component,公用,Public,井盖,Cover,,water,other,缺失,Missing,2h,always\n";
constexpr const char* kTitles = "area,cell,category,kind,of,calendar,department,crew,holder\n";

// A row of cells from longitude 120 on, each 0.01 degrees wide: "…001", "…002" of the community 330199001001.
std::string cell(int number, double from, double to, const std::string& holders = R"(["user:patrol"])") {
  return fmt::format(
      R"({{"type":"Feature","properties":{{"code":"330199001001{:03}","name_zh":"格{}","name_en":"Cell {}","holders":{}}},
"geometry":{{"type":"Polygon","coordinates":[[[{},30],[{},30],[{},30.01],[{},30.01],[{},30]]]}}}})",
      number, number, number, holders, from, to, to, from, from);
}

std::string collection(const std::vector<std::string>& features) {
  return fmt::format("{{\"type\":\"FeatureCollection\",\n\"features\":[\n{}\n]}}", fmt::join(features, ",\n"));
}

std::string two_cells() {
  return collection({cell(1, 120, 120.01), cell(2, 120.01, 120.02)});
}

base::Result<CaseRulesPtr> read(const std::string& cells, const std::string& rows,
                                std::vector<std::string> areas = {}) {
  return CaseRules::parse({{"cases.toml", kKinds},
                           {"workflow.toml", test::shipped_workflow()},
                           {"categories.csv", kCategories},
                           {"cells.geojson", cells},
                           {"responsibility.csv", kTitles + rows}},
                          {"UTC", {"water", "roads", "parks", "cleaning"}, std::move(areas)}, "casework");
}

CaseRulesPtr rules_of(const std::string& cells, const std::string& rows) {
  const auto rules = read(cells, rows);
  EXPECT_TRUE(rules) << rules.error().message;
  return rules ? *rules : nullptr;
}

Matter matter(std::string cell, std::string area, std::string category, std::string kind = "other",
              base::Instant at = test::kStart) {
  return {std::move(cell), std::move(area), std::move(category), std::move(kind), at};
}

constexpr const char* kOne = "330199001001001";
constexpr const char* kTwo = "330199001001002";

TEST(Responsibility, APositionLiesInTheSmallestCellThatHoldsIt) {
  const auto rules = rules_of(collection({cell(1, 120, 120.02), cell(2, 120.005, 120.01)}), "");
  const Responsibility& who = rules->responsibility();
  ASSERT_NE(who.cell_at({120.007, 30.005}), nullptr);
  EXPECT_EQ(who.cell_at({120.007, 30.005})->code, kTwo);
  EXPECT_EQ(who.cell_at({120.015, 30.005})->code, kOne);
  EXPECT_EQ(who.cell_at({120.03, 30.005}), nullptr);
  EXPECT_EQ(who.cell_of(R"({"type":"Point","coordinates":[120.015,30.005]})")->code, kOne);
  EXPECT_EQ(who.cell_of(R"({"type":"LineString","coordinates":[[120.006,30.005],[120.009,30.005]]})")->code, kTwo);
  EXPECT_EQ(who.cell_of("nonsense"), nullptr);
  EXPECT_THAT(who.find_cell(kOne)->holders, ElementsAre("user:patrol"));
}

TEST(Responsibility, EveryMistakeIsToldWithItsLine) {
  std::string cells = collection(
      {cell(1, 120, 120.01), cell(1, 120.01, 120.02), cell(2, 120.02, 120.03, R"(["li"])"), cell(3, 120.03, 120.04)});
  cells.replace(cells.find("330199001001003"), 15, "12");
  const auto bad = read(cells,
                        ",,event-99,,,,water,,\n"
                        ",,,pothole,,,water,,\n"
                        "moon,,,,,,water,,\n"
                        ",77,,,,,water,,\n"
                        ",,,,,sometimes,water,,\n"
                        ",,,,,,fire,,\n"
                        ",,event-0102,,,,,crew-1,\n"
                        ",,,,water,,water,,\n"
                        ",,,,,,water,,li\n"
                        ",,,,,,water\n",
                        {"north"});
  ASSERT_FALSE(bad);
  const std::string& told = bad.error().message;
  for (const char* line :
       {"casework/cells.geojson:5: there is a cell 330199001001001 already",
        "casework/cells.geojson:7: a holder of the cell 330199001001002 is no \"user:…\" or \"crew:…\"",
        "casework/cells.geojson:9: '12' is no code of a cell",
        "casework/responsibility.csv:2: no category's code begins with 'event-99'",
        "casework/responsibility.csv:3: there is no case kind 'pothole'",
        "casework/responsibility.csv:4: the city has no policy area 'moon'",
        "casework/responsibility.csv:5: no cell's code begins with '77'",
        "casework/responsibility.csv:6: there is no calendar 'sometimes'",
        "casework/responsibility.csv:7: the city has no department 'fire'",
        "casework/responsibility.csv:8: a row says the department",
        "casework/responsibility.csv:9: a row of a department that has it already ('of') says crew and holder only",
        "casework/responsibility.csv:10: the holder 'li' is no \"user:…\"",
        "casework/responsibility.csv:11: 7 cells where the titles have 9"})
    EXPECT_THAT(told, HasSubstr(line));
  EXPECT_FALSE(read("{", ""));
  EXPECT_FALSE(read(R"({"type":"Feature"})", ""));
  EXPECT_TRUE(read(R"({"type":"FeatureCollection","features":[]})", ""));
}

// The order that responsibility.h gives: each row is more precise than all above it.
TEST(Responsibility, TheMostPreciseRuleWinsWhereverItStands) {
  std::vector<std::string> rows{",,,,,,water,,",
                                ",,,,,days,roads,,",
                                ",,,other,,,parks,,",
                                ",,event,,,,cleaning,,",
                                ",,event-01,,,,water,,",
                                ",,event-0107-A,,,,roads,,",
                                ",,event-0107-A,other,,,parks,,",
                                "north,,,,,,cleaning,,",
                                "north,,event,,,,water,,",
                                ",33,,,,,roads,,",
                                "north,33,,,,,parks,,",
                                fmt::format(",{},,,,,cleaning,,", kOne),
                                fmt::format(",{},event,,,,water,,", kOne),
                                fmt::format(",{},event,,,days,roads,,", kOne)};
  const Matter here = matter(kOne, "north", "event-0107-A");
  for (std::size_t count = 1; count <= rows.size(); ++count) {
    std::vector<std::string> some(rows.begin(), rows.begin() + std::ptrdiff_t(count));
    const std::string wanted = some.back().find("roads") != std::string::npos   ? "roads"
                               : some.back().find("parks") != std::string::npos ? "parks"
                               : some.back().find("water") != std::string::npos ? "water"
                                                                                : "cleaning";
    for (int turn = 0; turn < 2; ++turn) {
      const auto rules = rules_of(two_cells(), fmt::format("{}\n", fmt::join(some, "\n")));
      const Responsible found = rules->responsibility().ask(here, rules->calendars());
      EXPECT_EQ(found.department, wanted) << some.back();
      EXPECT_EQ(found.by->number, turn ? 1u : count);
      EXPECT_THAT(found.others, IsEmpty());
      std::reverse(some.begin(), some.end());
    }
  }
  // What does not hold does not count, however precise.
  const auto rules = rules_of(two_cells(), fmt::format("{}\n", fmt::join(rows, "\n")));
  const auto department = [&](const Matter& m) {
    return rules->responsibility().ask(m, rules->calendars()).department;
  };
  EXPECT_EQ(department(matter(kTwo, "south", "event-0107-A")), "roads") << "the beginning of its cell's code";
  EXPECT_EQ(department(matter("", "south", "event-0107-A")), "parks");
  EXPECT_EQ(department(matter("", "south", "event-0102")), "water");
  EXPECT_EQ(department(matter("", "", "component-0101", "flooding")), "roads") << "by day";
  EXPECT_EQ(department(matter("", "", "component-0101", "flooding", test::kStart + hours(13))), "water") << "by night";
  EXPECT_EQ(department(matter(kOne, "north", "event-0102", "other", test::kStart + hours(13))), "water");
}

TEST(Responsibility, CrewAndHolderAreThoseOfTheMostPreciseRuleOfThatDepartment) {
  const auto rules = rules_of(two_cells(),
                              ",,event,,,,cleaning,broom,\n"
                              ",,event-0107,,,,roads,asphalt,user:road\n"
                              ",,event-0102,,,,cleaning,,\n"
                              ",,,flooding,water,,,pumps,\n");
  const Responsibility& who = rules->responsibility();
  const Responsible litter = who.ask(matter(kOne, "", "event-0102"), rules->calendars());
  EXPECT_EQ(litter.department, "cleaning");
  EXPECT_EQ(litter.by->number, 3u);
  EXPECT_EQ(litter.crew, "broom");
  EXPECT_EQ(litter.people_by->number, 1u);
  const Responsible road = who.ask(matter(kOne, "", "event-0107-A"), rules->calendars());
  EXPECT_EQ(road.crew + " " + road.holder, "asphalt user:road");
  EXPECT_EQ(who.ask_people(matter(kOne, "", "", "flooding"), rules->calendars(), "water").crew, "pumps");
  EXPECT_EQ(who.ask_people(matter(kOne, "", "", "flooding"), rules->calendars(), "roads").crew, "");
  EXPECT_EQ(who.ask_people(matter(kOne, "", "event-0107-A"), rules->calendars(), "cleaning").crew, "broom")
      << "whoever decided the department, the crew is of it";
}

TEST(Assignment, APersonBeforeTheFindingsRuleBeforeTheCityBeforeCategoryAndKind) {
  const auto rules = rules_of(two_cells(), fmt::format(",{},event-0102,,,,cleaning,broom,\n", kOne));
  const auto by = [&](const Assignment& one) {
    return fmt::format("{} {} {}", int(one.by), one.who.department, one.who.crew);
  };
  EXPECT_EQ(by(assign(*rules, matter(kOne, "", "event-0102"), true, "parks")), "1 parks ");
  EXPECT_EQ(by(assign(*rules, matter(kOne, "", "event-0102"), true, "cleaning", AssignedBy::response)),
            "2 cleaning broom");
  EXPECT_EQ(by(assign(*rules, matter(kOne, "", "event-0102"), true)), "3 cleaning broom");
  EXPECT_EQ(by(assign(*rules, matter(kTwo, "", "component-0101"), true)), "4 water ");
  EXPECT_EQ(by(assign(*rules, matter(kTwo, "", "", "flooding"), true)), "5 water ");
  const Assignment nobody = assign(*rules, matter(kTwo, "", "event-0102"), true);
  EXPECT_TRUE(nobody.gap());
  base::JsonWriter why;
  write_why(why, nobody);
  EXPECT_EQ(why.str(), fmt::format(R"([{{"code":"gap","cell":"{}","category":"event-0102","kind":"other"}}])", kTwo));
  base::JsonWriter rule;
  write_why(rule, assign(*rules, matter(kOne, "", "event-0102"), true));
  EXPECT_EQ(rule.str(),
            fmt::format(R"([{{"code":"rule","rule":1,"file":"casework/responsibility.csv","line":2,"cell":"{}",)"
                        R"("category":"event-0102","department":"cleaning"}},)"
                        R"({{"code":"rule_people","rule":1,"file":"casework/responsibility.csv","line":2,"cell":"{}",)"
                        R"("category":"event-0102","department":"cleaning","crew":"broom"}}])",
                        kOne, kOne));
  EXPECT_TRUE(assign(*rules, matter("", "", "event-0102"), true).outside);
  EXPECT_FALSE(assign(*rules, matter("", "", "event-0102"), false).outside);
}

geo::Area area(const std::string& name, double from, double to) {
  return {name, {geo::ShapeKind::polygon, {{{from, 30}, {to, 30}, {to, 30.01}, {from, 30.01}, {from, 30}}}}};
}

std::vector<std::string> told(const std::vector<Flaw>& flaws) {
  std::vector<std::string> out;
  for (const Flaw& flaw : flaws) {
    EXPECT_FALSE(flaw.text.zh.empty() || flaw.text.en.empty());
    out.push_back(fmt::format("{} {} {} {}{}", to_string(flaw.kind), fmt::join(flaw.cells, "+"),
                              fmt::join(flaw.rules, "+"), flaw.category, flaw.area));
  }
  return out;
}

TEST(ResponsibilityFlaws, CellsThatOverlapAndHolesInTheCitysAreasArePolygons) {
  const auto rules = rules_of(collection({cell(1, 120, 120.01), cell(2, 120.009, 120.02)}), ",,,,,,water,,\n");
  const auto flaws = flaws_of(*rules, {area("north", 120, 120.025)}, test::kStart);
  ASSERT_THAT(told(flaws), ElementsAre(fmt::format("cells_overlap {}+{}  ", kOne, kTwo), "cells_hole   north"));
  ASSERT_TRUE(flaws[0].shape && flaws[1].shape);
  EXPECT_NEAR(flaws[0].area_m2, geo::area_m2(area("", 120.009, 120.01).shape), 500);
  EXPECT_TRUE(geo::within(*flaws[0].shape, area("", 120.00899, 120.01001).shape) ||
              geo::distance_m(*flaws[0].shape, geo::Position{120.0095, 30.005}) == 0);
  EXPECT_NEAR(flaws[1].area_m2, geo::area_m2(area("", 120.02, 120.025).shape), 500);
  EXPECT_EQ(geo::distance_m(*flaws[1].shape, geo::Position{120.022, 30.005}), 0);
  EXPECT_THAT(told(flaws_of(*rules_of(two_cells(), ",,,,,,water,,\n"), {area("north", 120, 120.02)}, test::kStart)),
              IsEmpty());
}

TEST(ResponsibilityFlaws, ACategoryThatNobodyHasSomewhereOrAtSomeHoursIsAGap) {
  const auto lacks = [](const std::string& rows) {
    return told(flaws_of(*rules_of(two_cells(), rows), {area("north", 120, 120.02)}, test::kStart));
  };
  EXPECT_THAT(lacks(fmt::format(",{},event-0102,,,,cleaning,,\n,,event-0107,,,,roads,,\n", kOne)),
              ElementsAre(fmt::format("no_rule {}  event-0102", kTwo)));
  EXPECT_THAT(lacks("north,,event,,,,cleaning,,\n"), IsEmpty());
  EXPECT_THAT(lacks(",,event-0107,,,,roads,,\n,,event-0102,,,days,cleaning,,\n"),
              ElementsAre(fmt::format("no_rule {}+{}  event-0102", kOne, kTwo)));
  EXPECT_THAT(lacks(",,event-0107,,,,roads,,\n,,event-0102,,,days,cleaning,,\n,,event-0102,,,nights,parks,,\n"),
              IsEmpty());
  EXPECT_THAT(lacks(",,component,,,,parks,,\n").size(), 2u)
      << "both events, and no component: its category names water";
}

TEST(ResponsibilityFlaws, TwoRowsOfTheSameConditionsThatSayDifferentThingsCollide) {
  const auto collide = [](const std::string& rows) {
    return told(flaws_of(*rules_of(two_cells(), ",,event,,,,parks,,\n" + rows), {}, test::kStart));
  };
  EXPECT_THAT(collide(",,event-0102,,,,cleaning,,\n,,event-0102,,,,roads,,\n"),
              ElementsAre("rules_collide  2+3 event-0102"));
  EXPECT_THAT(collide(",,event-0102,,,,cleaning,a,\n,,event-0102,,,,cleaning,b,\n"),
              ElementsAre("rules_collide  2+3 event-0102"));
  EXPECT_THAT(collide(",,event-0102,,,,cleaning,,\n,,event-0102,,,,cleaning,,\n"), IsEmpty());
  EXPECT_THAT(collide(",,event-0102,,,days,cleaning,,\n,,event-0102,,,nights,roads,,\n"), IsEmpty());
  EXPECT_THAT(collide(",,event-0102,,,days,cleaning,,\n,,event-0102,,,always,roads,,\n"),
              ElementsAre("rules_collide  2+3 event-0102"));
}

TEST(ResponsibilityFlaws, LakesideHasNone) {
  const auto rules = CaseRules::load_folder("demo/district/casework", {"Asia/Shanghai", {}});
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_GE((*rules)->responsibility().cells().size(), 24u);
  const std::vector<geo::Area> areas{
      {"lakeside",
       {geo::ShapeKind::polygon,
        {{{120.137, 30.2425}, {120.1685, 30.2425}, {120.1685, 30.2675}, {120.137, 30.2675}, {120.137, 30.2425}}}}}};
  EXPECT_THAT(told(flaws_of(**rules, areas, test::kStart)), IsEmpty());
}

TEST(Escalations, MayGoToWhoIsOnDuty) {
  const auto with = [](const std::string& to) {
    std::string flow = test::shipped_workflow();
    const std::string plain = "to = \"supervisor\"";
    flow.replace(flow.find(plain), plain.size(), fmt::format("to = \"{}\"", to));
    return CaseRules::parse({{"cases.toml", kKinds}, {"workflow.toml", flow}}, {"UTC", {"water", "roads"}});
  };
  EXPECT_TRUE(with("on-duty:water"));
  const auto wrong = with("on-duty:moon");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("'on-duty:moon' is no role and no department"));
}

// What a case says of itself.

class ResponsibilityTest : public testing::Test, protected test::CaseDesk {
 protected:
  ResponsibilityTest()
      : CaseDesk(kKinds, {{"categories.csv", kCategories},
                          {"cells.geojson", two_cells()},
                          {"responsibility.csv", kTitles + std::string(",,event-0102,,,,cleaning,broom,user:sweeper\n"
                                                                       ",,event-0107,,,,roads,asphalt,\n"
                                                                       ",,,,parks,,,gardeners,\n")}}) {}

  static std::string at(double lon) {
    return fmt::format(R"("location":{{"type":"Point","coordinates":[{},30.005]}})", lon);
  }
  flow::Case file(const std::string& fields, const std::string& verb = "file") {
    const Action filed = act({}, verb, "user:op1", "", fields);
    EXPECT_EQ(filed.status, ActionStatus::done) << filed.reason;
    return get_case(filed.target);
  }
  static const flow::CaseStep* step_of(const flow::Case& one, std::string_view code) {
    const flow::CaseStep* found = nullptr;
    for (const flow::CaseStep& step : one.timeline) {
      if (step.code == code) found = &step;
    }
    return found;
  }
  // Somebody who works for these crews.
  Action act_for_crew(EntityId target, std::string verb, std::string by, std::vector<std::string> crews) {
    Action action;
    action.id = EntityId(fmt::format("urn:ngsi-ld:Action:crew-{}", ++actions));
    action.target = target;
    action.verb = std::move(verb);
    action.by = std::move(by);
    action.roles = {"worker"};
    action.department = "elsewhere";
    action.crews = std::move(crews);
    action.at = city.now();
    city.write({to_write(action)}, action.by);
    return flow::action_from(*city.get(action.id)).value();
  }
};

TEST_F(ResponsibilityTest, ACaseNamesItsCellItsCrewAndWhy) {
  const flow::Case one = file(R"({"title":"垃圾","category":"event-0102",)" + at(120.015) + "}");
  EXPECT_EQ(one.cell, kTwo);
  EXPECT_EQ(one.area, "north");
  EXPECT_EQ(one.department, "cleaning");
  EXPECT_EQ(one.crew, "broom");
  EXPECT_EQ(one.planned_at, kNever);
  const flow::CaseStep* why = step_of(one, "responsible");
  ASSERT_NE(why, nullptr);
  EXPECT_EQ(why->by, kLoop);
  EXPECT_THAT(why->note, HasSubstr("by rule 1, category event-0102"));
  EXPECT_THAT(why->given, HasSubstr(R"("code":"rule","rule":1)"));
  bool told = false;
  for (const auto& notice : city.all("Notice")) told |= notice->text(flow::Name("to")) == "user:sweeper";
  EXPECT_TRUE(told) << "whom the rule names hears of it";
  EXPECT_EQ(city.loop().stats().in_gap, 0u);
}

TEST_F(ResponsibilityTest, AWishOverrulesAndAGapIsCountedAndTold) {
  const flow::Case wished = file(R"({"title":"x","category":"event-0102","department":"parks",)" + at(120.005) + "}");
  EXPECT_EQ(wished.department, "parks");
  EXPECT_EQ(wished.crew, "gardeners");
  EXPECT_THAT(step_of(wished, "responsible")->given, HasSubstr(R"({"code":"wish","department":"parks"})"));
  const flow::Case lost = file(R"({"title":"x","kind":"other",)" + at(121) + "}");
  EXPECT_EQ(lost.department, "");
  EXPECT_EQ(lost.cell, "");
  const flow::CaseStep* gap = step_of(lost, "responsibility_gap");
  ASSERT_NE(gap, nullptr);
  EXPECT_THAT(gap->given, HasSubstr("outside_cells"));
  EXPECT_EQ(city.loop().stats().in_gap, 1u);
  EXPECT_EQ(city.loop().stats().outside_cells, 1u);
}

TEST_F(ResponsibilityTest, WhatItIsTakenUpAsAndWhereDecidesAnew) {
  const flow::Case report = file(R"({"description":"here",)" + at(120.005) + "}", "open");
  EXPECT_EQ(report.department, "");
  ASSERT_EQ(act(report.id, "take_up", "user:op1", "", R"({"category":"event-0107-A",)" + at(120.015) + "}").status,
            ActionStatus::done);
  const flow::Case taken = get_case(report.id);
  EXPECT_EQ(taken.department, "roads");
  EXPECT_EQ(taken.crew, "asphalt");
  EXPECT_EQ(taken.cell, kTwo);
  EXPECT_THAT(step_of(taken, "responsible")->given, HasSubstr(R"("rule":2)"));
  ASSERT_EQ(act(report.id, "dispatch", "user:op1", "", R"({"department":"parks"})").status, ActionStatus::done);
  EXPECT_EQ(get_case(report.id).crew, "gardeners") << "another department's crew";
  const flow::Case other = file(R"({"description":"there"})", "open");
  EXPECT_EQ(act(other.id, "take_up", "user:op1", "", R"({"location":{"type":"Point","coordinates":[500,30]}})").status,
            ActionStatus::refused);
}

TEST_F(ResponsibilityTest, ARestartChangesNothingOfIt) {
  const flow::Case one = file(R"({"title":"x","category":"event-0102",)" + at(120.015) + "}");
  city.restart();
  EXPECT_EQ(act(one.id, "dispatch", "user:op1", "", R"({"department":"roads"})").status, ActionStatus::done);
  const flow::Case now = get_case(one.id);
  EXPECT_EQ(now.department + " " + now.crew + " " + now.cell, std::string("roads  ") + kTwo);
}

TEST_F(ResponsibilityTest, AppointingNamesCrewTimeAndTurnAndAnewOverrules) {
  const flow::Case one = file(R"({"title":"x","category":"event-0102",)" + at(120.005) + "}");
  ASSERT_EQ(act(one.id, "dispatch", "user:op1", "", R"({"department":"roads"})").status, ActionStatus::done);
  const auto refused = [&](const char* fields) {
    const Action asked = act(one.id, "appoint", "user:op1", "", fields);
    EXPECT_EQ(asked.status, ActionStatus::refused) << fields;
    return asked.reason;
  };
  EXPECT_THAT(refused("{}"), HasSubstr("'crew' or 'holder'"));
  EXPECT_THAT(refused(R"({"crew":"asphalt","planned_at":"soon"})"), HasSubstr("soon"));
  EXPECT_THAT(refused(R"({"crew":"a crew"})"), HasSubstr("no id of a crew"));
  EXPECT_THAT(refused(R"({"crew":"asphalt","turn":-1})"), Not(IsEmpty()));
  EXPECT_EQ(act(one.id, "appoint", "citizen", "", R"({"crew":"asphalt"})").status, ActionStatus::refused);
  ASSERT_EQ(act(one.id, "appoint", "user:op1", "", R"({"crew":"asphalt","planned_at":"2026-03-02T10:00:00Z","turn":3})")
                .status,
            ActionStatus::done);
  flow::Case now = get_case(one.id);
  EXPECT_EQ(now.state, "dispatched");
  EXPECT_EQ(now.crew, "asphalt");
  EXPECT_EQ(now.planned_at, test::kStart + hours(2));
  EXPECT_EQ(now.turn, 3u);
  EXPECT_EQ(now.timeline.back().verb, "appoint");
  EXPECT_THAT(now.timeline.back().given, HasSubstr(R"("turn":3)"));
  city.restart();
  ASSERT_EQ(act(one.id, "appoint", "user:op1", "", R"({"crew":"tar","holder":"user:road"})").status,
            ActionStatus::done);
  now = get_case(one.id);
  EXPECT_EQ(now.crew + " " + now.holder, "tar user:road");
  EXPECT_EQ(now.planned_at, kNever);
  EXPECT_EQ(now.turn, 0u);
}

TEST_F(ResponsibilityTest, WhoWorksForTheCrewMayAcceptAndTheAppointmentEndsWithTheWork) {
  const flow::Case one = file(R"({"title":"x","category":"event-0107-A",)" + at(120.005) + "}");
  ASSERT_EQ(act(one.id, "dispatch", "user:op1", "", R"({"department":"parks"})").status, ActionStatus::done);
  const char* wish = R"({"crew":"asphalt","planned_at":"2026-03-02T10:00:00Z","turn":1})";
  ASSERT_EQ(act(one.id, "appoint", "user:op1", "", wish).status, ActionStatus::done);
  EXPECT_EQ(act_for_crew(one.id, "accept", "user:stranger", {"broom"}).status, ActionStatus::refused);
  const Action accepted = act_for_crew(one.id, "accept", "user:roller", {"broom", "asphalt"});
  ASSERT_EQ(accepted.status, ActionStatus::done) << accepted.reason;
  flow::Case now = get_case(one.id);
  EXPECT_EQ(now.state, "working");
  EXPECT_EQ(now.holder, "user:roller");
  EXPECT_EQ(now.crew, "asphalt") << "it stays while they work";
  EXPECT_EQ(now.timeline.back().role, "crew");
  ASSERT_EQ(act_for_crew(one.id, "report", "user:roller", {"asphalt"}).status, ActionStatus::done);
  now = get_case(one.id);
  EXPECT_EQ(now.crew, "");
  EXPECT_EQ(now.planned_at, kNever);
  EXPECT_EQ(now.turn, 0u);
}

TEST_F(ResponsibilityTest, WhoeverTakesItFromTheDepartmentTakesItFromItsCrew) {
  const flow::Case one = file(R"({"title":"x","category":"event-0107-A",)" + at(120.005) + "}");
  ASSERT_EQ(act(one.id, "dispatch", "user:op1", "", R"({"department":"cleaning"})").status, ActionStatus::done);
  ASSERT_EQ(act(one.id, "appoint", "user:op1", "", R"({"crew":"broom","turn":2})").status, ActionStatus::done);
  ASSERT_EQ(act(one.id, "return", "user:worker", "not ours").status, ActionStatus::done);
  ASSERT_EQ(act(one.id, "grant", "user:boss", "", R"({"request":1})").status, ActionStatus::done);
  const flow::Case now = get_case(one.id);
  EXPECT_EQ(now.state, "filed");
  EXPECT_EQ(now.department + now.crew, "");
  EXPECT_EQ(now.turn, 0u);
}

}  // namespace
}  // namespace cityloop::casework
