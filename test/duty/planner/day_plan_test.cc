#include "duty/planner/day_plan.h"

#include <gmock/gmock.h>

#include <set>

#include "base/rng.h"
#include "flow/noun.h"
#include "solve/check.h"

namespace cityloop::duty {
namespace {

using flow::EntityId;
using flow::Overrule;
using flow::OverruleKind;
using flow::Proposal;
using flow::ProposalRoute;
using flow::ProposalStop;
using flow::StopChange;
using std::chrono::hours;
using std::chrono::minutes;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

const Instant kNow = base::parse_time("2026-03-02T08:00:00Z").value();

// A kilometre is about 0.009 degrees at the equator, where the tests are.
geo::Position km(double east, double north) {
  return {east / 111.195, north / 111.195};
}

class DayPlan : public testing::Test {
 protected:
  DayPlan() {
    input_.department = "water";
    input_.now = kNow;
    input_.settings.iterations = 4000;
    input_.settings.balance = 0;
    input_.settings.detour = 1;
  }

  DayWork& work(const std::string& id, geo::Position at) {
    DayWork one;
    one.work.id = EntityId("urn:ngsi-ld:Case:" + id);
    one.work.department = "water";
    one.work.at = at;
    one.work.standing = Standing::open;
    one.service = minutes(30);
    input_.work.push_back(one);
    return input_.work.back();
  }

  DayCrew& crew(const std::string& id, geo::Position at) {
    DayCrew one;
    one.id = id;
    one.name = {id + "班", id};
    one.members = {"user:" + id};
    one.from = kNow, one.until = kNow + hours(8);
    one.start = one.base = at;
    one.speed_mps = 10;
    input_.crews.push_back(one);
    return input_.crews.back();
  }

  Overrule& overrule(OverruleKind kind, const std::string& task, const std::string& crew) {
    Overrule one;
    one.number = std::uint32_t(input_.overrules.size() + 1);
    one.kind = kind;
    if (!task.empty()) one.task = EntityId("urn:ngsi-ld:Case:" + task);
    one.crew = crew;
    one.by = "user:zhao";
    one.at = kNow;
    input_.overrules.push_back(one);
    return input_.overrules.back();
  }

  Proposal plan() { return plan_day(input_, clock_); }

  static std::vector<std::string> cases_of(const Proposal& plan, const std::string& crew) {
    std::vector<std::string> out;
    for (const ProposalRoute& route : plan.routes) {
      if (route.crew != crew) continue;
      for (const ProposalStop& stop : route.stops) out.emplace_back(stop.task.text().substr(17));
    }
    return out;
  }

  static const ProposalStop* stop_of(const Proposal& plan, const std::string& task) {
    for (const ProposalRoute& route : plan.routes) {
      for (const ProposalStop& stop : route.stops) {
        if (stop.task.text() == "urn:ngsi-ld:Case:" + task) return &stop;
      }
    }
    return nullptr;
  }

  static std::string undone(const Proposal& plan, const std::string& task) {
    for (const flow::ProposalUndone& one : plan.undone) {
      if (one.task.text() == "urn:ngsi-ld:Case:" + task) return one.reason.code;
    }
    return "";
  }

  static std::vector<std::string> why(const ProposalStop* stop) {
    std::vector<std::string> out;
    for (const flow::Because& one : stop->why) {
      EXPECT_FALSE(one.text.zh.empty());
      EXPECT_FALSE(one.text.en.empty());
      out.push_back(one.code);
    }
    return out;
  }

  DayInput input_;
  base::WallClock clock_;
};

TEST_F(DayPlan, EachCaseGoesToTheCrewNearItAndSaysWhy) {
  crew("west", km(0, 0)), crew("east", km(10, 0));
  work("a", km(1, 0)), work("b", km(2, 0)), work("c", km(9, 0));
  const Proposal plan = this->plan();
  EXPECT_THAT(cases_of(plan, "west"), testing::UnorderedElementsAre("a", "b"));
  EXPECT_THAT(cases_of(plan, "east"), ElementsAre("c"));
  const ProposalStop* a = stop_of(plan, "a");
  EXPECT_THAT(why(a), Contains("nearest"));
  EXPECT_THAT(why(a), Contains("next_best"));
  EXPECT_EQ(a->instead, "east");
  EXPECT_NEAR(stop_of(plan, "c")->travel_m, 1000, 5);
  EXPECT_EQ(stop_of(plan, "c")->arrive_at, stop_of(plan, "c")->begin_at);
  EXPECT_EQ(plan.figures.planned, 3u);
  EXPECT_EQ(plan.figures.undone, 0u);
  EXPECT_THAT(plan.notes, Contains(Field(&flow::Because::code, "straight"))) << "no streets are known";
}

TEST_F(DayPlan, WhatCannotBePlannedSaysWhyAndHidesNothingElse) {
  crew("west", km(0, 0)).skills = {"pump"};
  work("good", km(1, 0));
  work("nowhere", {}).work.at.reset();
  work("skilled", km(1, 0)).skills = {"electric"};
  work("far", km(2000, 0));
  overrule(OverruleKind::exclude_case, "left", "");
  work("left", km(1, 1));
  const Proposal plan = this->plan();
  EXPECT_THAT(cases_of(plan, "west"), ElementsAre("good"));
  EXPECT_EQ(undone(plan, "nowhere"), "no_place");
  EXPECT_EQ(undone(plan, "skilled"), "no_skill");
  EXPECT_EQ(undone(plan, "far"), "shift_over");
  EXPECT_EQ(undone(plan, "left"), "excluded");
  EXPECT_EQ(plan.figures.cases, 5u);
}

TEST_F(DayPlan, WithNobodyOnDutyAllIsUndoneAndSaysSo) {
  work("a", km(1, 0));
  const Proposal plan = this->plan();
  EXPECT_THAT(plan.routes, IsEmpty());
  EXPECT_EQ(undone(plan, "a"), "no_crew");
  EXPECT_THAT(plan.notes, Contains(Field(&flow::Because::code, "no_crew")));
}

TEST_F(DayPlan, ADeadlineIsKeptThoughItCostsWay) {
  crew("west", km(0, 0));
  work("near", km(0.5, 0)).work.due_at = kNow + hours(7);
  work("far", km(6, 0)).work.due_at = kNow + minutes(45);
  const Proposal plan = this->plan();
  EXPECT_THAT(cases_of(plan, "west"), ElementsAre("far", "near"));
  EXPECT_EQ(plan.figures.late, 0u);
  EXPECT_EQ(plan.figures.in_time, 2u);
  EXPECT_EQ(plan.figures.overdue_avoided, 2) << "nothing is appointed yet";
  EXPECT_THAT(why(stop_of(plan, "far")), Contains("in_time"));
}

TEST_F(DayPlan, WhatCannotBeInTimeIsDoneLateRatherThanNever) {
  crew("west", km(0, 0));
  work("a", km(1, 0)).work.due_at = kNow + minutes(40);
  work("b", km(1, 0.1)).work.due_at = kNow + minutes(40);
  auto& overdue = work("c", km(1, -0.1)).work;
  overdue.due_at = kNow - hours(1), overdue.overdue = true;
  const Proposal plan = this->plan();
  EXPECT_THAT(plan.undone, IsEmpty());
  EXPECT_EQ(plan.figures.late, 2u) << "one of the two, and what was late already";
  EXPECT_GT(stop_of(plan, "c")->late_s, 3600);
}

TEST_F(DayPlan, WhatHasBegunIsDoneFirstByWhoBeganItAndIsNotMoved) {
  crew("west", km(0, 0)), crew("east", km(10, 0));
  auto& begun = work("begun", km(5, 0)).work;
  begun.standing = Standing::begun;
  begun.worker = "user:east";
  begun.begun_at = kNow - minutes(10);
  work("next", km(5, 0.2));
  auto& theirs = work("theirs", km(1, 0)).work;
  theirs.standing = Standing::begun;
  theirs.worker = "user:somebody.else";
  const Proposal plan = this->plan();
  EXPECT_THAT(cases_of(plan, "east"), ElementsAre("begun", "next"));
  const ProposalStop* stop = stop_of(plan, "begun");
  EXPECT_TRUE(stop->begun);
  EXPECT_EQ(stop->begin_at, kNow) << "the crew is there";
  EXPECT_EQ(stop->depart_at, kNow + minutes(20)) << "ten of its thirty minutes are over";
  EXPECT_EQ(stop_of(plan, "theirs"), nullptr);
  EXPECT_EQ(undone(plan, "theirs"), "") << "it is in the hands of somebody who is not planned for";
}

TEST_F(DayPlan, AnOverruleIsObeyed) {
  crew("west", km(0, 0)), crew("east", km(10, 0)), crew("north", km(5, 5));
  work("a", km(1, 0)), work("b", km(9, 0)), work("c", km(9, 1));
  input_.work[0].skills = {"pump"};
  overrule(OverruleKind::pin, "a", "east");
  overrule(OverruleKind::exclude_crew, "", "north");
  overrule(OverruleKind::order, "", "east").tasks = {EntityId("urn:ngsi-ld:Case:c"), EntityId("urn:ngsi-ld:Case:a")};
  const Proposal plan = this->plan();
  EXPECT_THAT(cases_of(plan, "east"), testing::Contains("a"));
  const auto east = cases_of(plan, "east");
  ASSERT_GE(east.size(), 2u);
  EXPECT_EQ(east[0], "c");
  EXPECT_EQ(east[1], "a");
  EXPECT_THAT(cases_of(plan, "north"), IsEmpty());
  EXPECT_THAT(why(stop_of(plan, "a")), Contains("pinned"));
  for (const Overrule& rule : plan.overruled) EXPECT_TRUE(rule.obeyed) << rule.number << " " << rule.reason.text.en;
  EXPECT_THAT(plan.overruled, SizeIs(3));
}

TEST_F(DayPlan, AnOverruleThatCannotBeObeyedSaysWhyAndOneWithoutObjectEnds) {
  crew("west", km(0, 0));
  work("a", km(1, 0));
  overrule(OverruleKind::pin, "a", "gone");
  overrule(OverruleKind::pin, "ended", "west");
  overrule(OverruleKind::exclude_crew, "", "west").until = kNow - minutes(1);
  const Proposal plan = this->plan();
  EXPECT_EQ(undone(plan, "a"), "pinned_off_duty");
  ASSERT_THAT(plan.overruled, SizeIs(1));
  EXPECT_FALSE(plan.overruled[0].obeyed);
  EXPECT_EQ(plan.overruled[0].reason.code, "off_duty");
}

TEST_F(DayPlan, WhatIsAppointedStaysInAPlanMadeByItselfAndMovesForAPersonOnlyWhereItPays) {
  crew("west", km(0, 0)), crew("east", km(30, 0));
  auto& appointed = work("a", km(1, 0)).work;
  appointed.crew = "east";
  appointed.appointed = flow::Appointment{"east", kNow + minutes(50), 1};
  input_.by_person = false;
  EXPECT_THAT(cases_of(plan(), "east"), ElementsAre("a"));
  input_.by_person = true;
  const Proposal moved = plan();
  EXPECT_THAT(cases_of(moved, "west"), ElementsAre("a")) << "58 km less are worth a change";
  EXPECT_EQ(stop_of(moved, "a")->change, StopChange::crew);
  EXPECT_EQ(moved.figures.changed_crew, 1u);
  input_.settings.change_m = 200'000;
  const Proposal kept = plan();
  EXPECT_THAT(cases_of(kept, "east"), ElementsAre("a"));
  EXPECT_THAT(why(stop_of(kept, "a")), Contains("kept"));
  EXPECT_EQ(stop_of(kept, "a")->change, StopChange::same);
}

TEST_F(DayPlan, ChangesAgainstWhatIsAppointedAreTold) {
  crew("west", km(0, 0));
  const auto appoint = [&](const std::string& id, geo::Position at, Duration after, std::uint32_t turn) {
    auto& one = work(id, at).work;
    one.crew = "west";
    one.appointed = flow::Appointment{"west", kNow + after, turn};
  };
  appoint("a", km(1, 0), minutes(2), 1);
  appoint("b", km(2, 0), minutes(34), 2);
  appoint("c", km(3, 0), hours(6), 3);
  work("new", km(4, 0));
  work("unreachable", km(3000, 0)).work.appointed = flow::Appointment{"west", kNow, 9};
  const Proposal plan = this->plan();
  EXPECT_EQ(stop_of(plan, "a")->change, StopChange::same);
  EXPECT_EQ(stop_of(plan, "c")->change, StopChange::time);
  EXPECT_EQ(stop_of(plan, "new")->change, StopChange::new_one);
  EXPECT_EQ(plan.figures.dropped, 1u);
}

TEST_F(DayPlan, NobodyIsGivenMuchMoreThanAFairShare) {
  input_.settings.balance = 1.5;
  crew("one", km(0, 0)), crew("two", km(0.1, 0)), crew("three", km(0.2, 0));
  for (int i = 0; i < 12; ++i) work("w" + std::to_string(i), km(1 + 0.01 * i, 0));
  const Proposal plan = this->plan();
  EXPECT_THAT(plan.undone, IsEmpty());
  for (const ProposalRoute& route : plan.routes) EXPECT_LE(route.stops.size(), 6u) << route.crew;
  EXPECT_THAT(plan.routes, SizeIs(testing::Ge(2)));
}

TEST_F(DayPlan, CrewsWithAreasWorkThereAndOthersHelpWhereNobodyLooksAfter) {
  crew("north", km(0, 5)).areas = {"north"};
  crew("south", km(0, -5)).areas = {"south"};
  work("n", km(0, -4)).work.area = "north";
  work("s", km(0, 4)).work.area = "south";
  auto& between = work("x", km(0, 4.5)).work;
  between.area = "west";
  const Proposal plan = this->plan();
  EXPECT_THAT(cases_of(plan, "north"), testing::UnorderedElementsAre("n", "x"));
  EXPECT_THAT(cases_of(plan, "south"), ElementsAre("s"));
  EXPECT_THAT(why(stop_of(plan, "n")), Contains("own_area"));
  EXPECT_THAT(plan.notes, Contains(Field(&flow::Because::code, "areas_uncovered")));
}

// A river with one bridge between two banks: straight lines would send the wrong crew.
TEST_F(DayPlan, WaysGoOverTheStreets) {
  geo::StreetNetwork network;
  const auto street = [&](std::vector<geo::Position> line, std::vector<std::uint64_t> joints) {
    geo::Street one;
    one.line = std::move(line), one.joints = std::move(joints);
    one.speed_kmh = 36;
    one.along = one.against = geo::ModeSet::all();
    network.streets.push_back(one);
  };
  street({km(0, 0), km(5, 0)}, {1, 2});
  street({km(0, 1), km(5, 1)}, {3, 4});
  street({km(5, 0), km(5, 1)}, {2, 4});
  geo::StreetSpeeds speeds;
  speeds.car_share = 1;
  input_.streets = geo::StreetWeights::make(geo::StreetGraph::make(network), geo::TravelMode::car, speeds);
  crew("over.the.river", km(0, 1)), crew("this.bank", km(3, 0));
  work("a", km(0, 0));
  work("off", km(2, 9));
  const Proposal plan = this->plan();
  EXPECT_THAT(cases_of(plan, "this.bank"), Contains("a"));
  EXPECT_NEAR(stop_of(plan, "a")->travel_m, 3000, 10);
  EXPECT_THAT(plan.notes, Contains(Field(&flow::Because::code, "off_streets"))) << "one place lies far from any street";
}

TEST_F(DayPlan, TheSameDayGivesTheSamePlanAndALaterOneBeginsWithItsRoutes) {
  base::Rng rng(5);
  for (int i = 0; i < 8; ++i) crew("c" + std::to_string(i), km(rng.uniform(0, 20), rng.uniform(0, 20)));
  for (int i = 0; i < 60; ++i) {
    auto& one = work("w" + std::to_string(i), km(rng.uniform(0, 20), rng.uniform(0, 20))).work;
    if (i % 3 == 0) one.due_at = kNow + minutes(60 + std::int64_t(rng.below(300)));
  }
  const Proposal first = plan(), second = plan();
  ASSERT_EQ(first.routes.size(), second.routes.size());
  for (std::size_t i = 0; i < first.routes.size(); ++i) {
    EXPECT_EQ(cases_of(first, first.routes[i].crew), cases_of(second, first.routes[i].crew));
  }
  // Without any more search the plan before is the plan.
  input_.before = first.routes;
  input_.settings.iterations = 1;
  const Proposal third = plan();
  EXPECT_LE(third.figures.distance_m, first.figures.distance_m * 1.02);
}

// Whatever comes, a plan is one that can be carried out, each case in it stands once, and none is lost.
TEST_F(DayPlan, RandomDaysGivePlansInWhichEachCaseStandsOnce) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    base::Rng rng(seed);
    input_.work.clear(), input_.crews.clear(), input_.overrules.clear();
    input_.settings.iterations = 500;
    input_.settings.balance = rng.below(2) ? 1.3 : 0;
    input_.by_person = rng.below(2) == 0;
    const int crews = int(rng.below(5)), cases = int(rng.below(25));
    for (int i = 0; i < crews; ++i) {
      DayCrew& one = crew("c" + std::to_string(i), km(rng.uniform(0, 9), rng.uniform(0, 9)));
      one.from = kNow + minutes(std::int64_t(rng.below(3)) * 60);
      if (rng.below(2)) one.skills = {"pump"};
      if (rng.below(3) == 0) one.areas = {"north"};
      one.until = one.from + minutes(30 + std::int64_t(rng.below(400)));
    }
    for (int i = 0; i < cases; ++i) {
      DayWork& one = work("w" + std::to_string(i), km(rng.uniform(0, 9), rng.uniform(0, 9)));
      one.work.severity = flow::Severity(rng.below(4));
      one.work.overdue = rng.below(5) == 0;
      one.work.area = rng.below(2) ? "north" : "south";
      if (rng.below(2)) one.work.due_at = kNow + minutes(std::int64_t(rng.below(400)) - 60);
      if (rng.below(6) == 0) one.work.at.reset();
      if (rng.below(3) == 0) one.skills = {"pump"};
      if (rng.below(5) == 0) one.work.appointed = flow::Appointment{"c0", kNow + minutes(30), 1}, one.work.crew = "c0";
      if (rng.below(8) == 0) {
        one.work.standing = Standing::begun;
        one.work.worker = "user:c" + std::to_string(rng.below(3));
        one.work.begun_at = kNow - minutes(std::int64_t(rng.below(60)));
      }
      if (rng.below(6) == 0) overrule(OverruleKind::pin, "w" + std::to_string(i), "c" + std::to_string(rng.below(5)));
      if (rng.below(9) == 0) overrule(OverruleKind::exclude_case, "w" + std::to_string(i), "");
      if (rng.below(9) == 0)
        overrule(OverruleKind::order, "", "c" + std::to_string(rng.below(4))).tasks = {
            one.work.id, EntityId("urn:ngsi-ld:Case:w" + std::to_string(rng.below(25)))};
    }
    const Proposal plan = this->plan();
    std::set<EntityId> seen;
    for (const ProposalRoute& route : plan.routes) {
      Instant before = flow::kNever;
      for (const ProposalStop& stop : route.stops) {
        EXPECT_TRUE(seen.insert(stop.task).second) << "seed " << seed;
        EXPECT_GE(stop.arrive_at, before) << "seed " << seed;
        EXPECT_GE(stop.begin_at, stop.arrive_at);
        before = stop.depart_at;
      }
    }
    for (const flow::ProposalUndone& one : plan.undone) {
      EXPECT_TRUE(seen.insert(one.task).second) << "seed " << seed;
      EXPECT_FALSE(one.reason.text.zh.empty());
    }
    for (const DayWork& one : input_.work) {
      if (one.work.standing == Standing::open) EXPECT_TRUE(seen.contains(one.work.id)) << "seed " << seed;
    }
    for (const flow::Because& note : plan.notes) EXPECT_NE(note.code, "trouble") << seed << " " << note.text.en;
    EXPECT_TRUE(flow::proposal_from(flow::entity_of(flow::to_write(plan))).has_value());
  }
}

TEST(PlanningSettings, TellEveryMistakeAndHoldWithoutAFile) {
  EXPECT_TRUE(PlanningSettings::load("/nowhere/planning.toml").has_value());
  EXPECT_TRUE(PlanningSettings::load("demo/district/planning.toml").has_value());
  const auto wrong = PlanningSettings::parse(
      "[planning]\nthink = \"1ms\"\nthreds = 2\n[way]\nmode = \"boat\"\ndetour = 0.5\n", "planning.toml");
  ASSERT_FALSE(wrong.has_value());
  for (const char* line : {"planning.toml:2", "planning.toml:3", "planning.toml:5", "planning.toml:6"})
    EXPECT_NE(wrong.error().message.find(line), std::string::npos) << wrong.error().message;
}

}  // namespace
}  // namespace cityloop::duty
