// What people ask of their duty, who decides, and what is refused.
#include "duty/duty_loop.h"

#include <gmock/gmock.h>

#include "flow/noun.h"
#include "test/casework/small_city.h"
#include "test/duty/duty_city.h"

namespace cityloop::duty {
namespace {

using flow::Action;
using flow::ActionStatus;
using std::chrono::hours;
using test::at;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DutyLoopTest : public testing::TestWithParam<bool> {
 protected:
  DutyLoopTest() { city.write({test::duty_rules()->to_write(test::kStart)}, "app"); }

  test::SmallCity<DutyLoop> city{[] { return std::make_unique<DutyLoop>(); }, GetParam()};
  int actions{0};

  // boss: supervisor; disp.water and disp.parks dispatch; op operates; all else have no role.
  Action act(std::string verb, std::string by, EntityId target, std::string fields, std::string note = "") {
    Action action;
    action.id = EntityId(fmt::format("urn:ngsi-ld:Action:{}", ++actions));
    action.verb = "duty_" + std::move(verb);
    action.by = "user:" + by;
    if (by == "boss") action.roles = {"supervisor"};
    else if (by.starts_with("disp.")) action.roles = {"dispatcher"}, action.department = by.substr(5);
    else action.roles = {"worker"}, action.department = "water";
    action.target = target;
    action.fields = std::move(fields);
    action.note = std::move(note);
    action.at = city.now();
    city.write({to_write(action)}, action.by);
    return flow::action_from(*city.get(action.id)).value();
  }
  DutyChange ask(const std::string& by, const std::string& fields) {
    const Action done = act("ask", by, {}, fields);
    EXPECT_EQ(done.status, ActionStatus::done) << done.reason;
    const auto entity = city.get(done.target);
    return entity ? change_from(*entity).value() : DutyChange{};
  }
  std::string why_not(const std::string& by, const std::string& fields) {
    const Action done = act("ask", by, {}, fields);
    EXPECT_EQ(done.status, ActionStatus::refused) << fields;
    return done.reason;
  }
  std::string decide(const std::string& verb, const std::string& by, const DutyChange& change,
                     const std::string& note = "") {
    const Action done = act(verb, by, change.id, "", note);
    return done.status == ActionStatus::done ? "done" : done.reason;
  }
  DutyChange now(const DutyChange& change) { return change_from(*city.get(change.id)).value(); }
};

constexpr const char* kLeave =
    R"({"kind":"leave","person":"me","from":"2026-03-04T00:00:00Z","until":"2026-03-05T00:00:00Z"})";

TEST_P(DutyLoopTest, LeaveIsAskedForAndGrantedBySomebodyElse) {
  const DutyChange leave = ask("bo", kLeave);
  EXPECT_EQ(leave.status, ChangeStatus::requested);
  EXPECT_EQ(leave.person + " " + leave.crew + " " + leave.department, "user:bo blue water");
  EXPECT_THAT(decide("grant", "bo", leave), HasSubstr("it is not for user:bo"));
  EXPECT_THAT(decide("grant", "disp.parks", leave), HasSubstr("it is not for"));
  EXPECT_EQ(decide("grant", "disp.water", leave), "done");
  EXPECT_EQ(now(leave).status, ChangeStatus::granted);
  EXPECT_EQ(now(leave).decided_by, "user:disp.water");
  EXPECT_EQ(decide("deny", "boss", leave, "late"), "it is granted already");
  EXPECT_THAT(why_not("bo", kLeave), HasSubstr("in that time already"));
}

TEST_P(DutyLoopTest, ADenialSaysWhyAndWhatWaitsMayBeWithdrawn) {
  const DutyChange one = ask("bo", kLeave);
  EXPECT_THAT(decide("deny", "boss", one), HasSubstr("needs 'note'"));
  EXPECT_EQ(decide("deny", "boss", one, "we are too few"), "done");
  EXPECT_EQ(now(one).reason, "we are too few");
  const DutyChange other = ask("bo", kLeave);
  EXPECT_THAT(decide("withdraw", "ban", other), HasSubstr("it is not for"));
  EXPECT_EQ(decide("withdraw", "bo", other), "done");
  EXPECT_EQ(now(other).status, ChangeStatus::withdrawn);
  EXPECT_EQ(decide("grant", "boss", other), "it is withdrawn already");
}

TEST_P(DutyLoopTest, SicknessHoldsAtOnceAndEndsWhenTheyAreBack) {
  const DutyChange ill =
      ask("disp.water",
          R"({"kind":"sickness","person":"user:bo","from":"2026-03-02T07:00:00Z","until":"2026-03-06T00:00:00Z"})");
  EXPECT_EQ(ill.status, ChangeStatus::granted);
  EXPECT_THAT(
      why_not(
          "bo",
          R"({"kind":"sickness","person":"user:ban","from":"2026-03-02T07:00:00Z","until":"2026-03-06T00:00:00Z"})"),
      HasSubstr("it is not for user:bo"));
  city.jump(hours(24));
  EXPECT_EQ(decide("withdraw", "bo", ill), "done");
  EXPECT_EQ(now(ill).status, ChangeStatus::granted) << "until then they were away";
  EXPECT_EQ(now(ill).until, test::kStart + hours(24));
}

TEST_P(DutyLoopTest, AStandInAgreesBeforeItIsGranted) {
  const DutyChange change = ask(
      "gao",
      R"({"kind":"stand_in","person":"me","from":"2026-03-09T08:00:00Z","until":"2026-03-09T08:01:00Z","other":"user:rui"})");
  EXPECT_EQ(change.until, at("2026-03-09T16:00:00Z")) << "as the roster says";
  EXPECT_FALSE(change.agreed);
  EXPECT_EQ(change.department, "parks");
  EXPECT_THAT(decide("grant", "disp.parks", change), HasSubstr("user:rui has not agreed yet"));
  EXPECT_THAT(decide("agree", "gao", change), HasSubstr("it is not for"));
  EXPECT_EQ(decide("agree", "rui", change), "done");
  EXPECT_THAT(decide("grant", "rui", change), HasSubstr("it is not for"));
  EXPECT_EQ(decide("grant", "disp.parks", change), "done");
  EXPECT_EQ(now(change).status, ChangeStatus::granted);
}

TEST_P(DutyLoopTest, WhatWouldBookSomebodyTwiceOrForTooLongIsRefused) {
  EXPECT_THAT(
      why_not(
          "gao",
          R"({"kind":"stand_in","person":"me","from":"2026-03-03T08:00:00Z","until":"2026-03-03T16:00:00Z","other":"user:ban"})"),
      HasSubstr("Ban has a shift of blue then"));
  EXPECT_THAT(
      why_not(
          "gao",
          R"({"kind":"stand_in","person":"me","from":"2026-03-03T09:00:00Z","until":"2026-03-03T16:00:00Z","other":"user:ban"})"),
      HasSubstr("no shift that begins then"));
  EXPECT_THAT(
      why_not("ban",
              R"({"kind":"overtime","person":"me","from":"2026-03-03T16:00:00Z","until":"2026-03-03T17:00:00Z"})"),
      HasSubstr("41 hours in that week, and may work 40"));
  EXPECT_THAT(
      why_not("ban",
              R"({"kind":"overtime","person":"me","from":"2026-03-03T10:00:00Z","until":"2026-03-03T12:00:00Z"})"),
      HasSubstr("has a shift of blue then"));
  EXPECT_THAT(
      why_not("ban",
              R"({"kind":"overtime","person":"me","from":"2026-03-01T10:00:00Z","until":"2026-03-01T12:00:00Z"})"),
      HasSubstr("begun already"));
  const DutyChange extra =
      ask("bin", R"({"kind":"overtime","person":"me","from":"2026-03-03T16:00:00Z","until":"2026-03-03T18:00:00Z"})");
  EXPECT_EQ(extra.crew, "blue");
  EXPECT_EQ(decide("grant", "disp.water", extra), "done");
}

TEST_P(DutyLoopTest, WhatWasAskedForIsLookedAtAgainWhenItIsGranted) {
  const DutyChange change = ask(
      "ren",
      R"({"kind":"stand_in","person":"user:rui","other":"me","from":"2026-03-03T22:00:00Z","until":"2026-03-04T06:00:00Z"})");
  EXPECT_TRUE(change.agreed) << "whoever offers to stand in has agreed";
  const DutyChange ill =
      ask("ren", R"({"kind":"sickness","person":"me","from":"2026-03-03T00:00:00Z","until":"2026-03-04T12:00:00Z"})");
  EXPECT_EQ(decide("grant", "disp.water", change), "Ren is away in that time");
  EXPECT_EQ(decide("withdraw", "ren", ill), "done");
  EXPECT_EQ(decide("grant", "disp.water", change), "done");
}

TEST_P(DutyLoopTest, ASwapIsWithinADepartmentAndBothSidesFit) {
  EXPECT_THAT(
      why_not(
          "rui",
          R"({"kind":"swap","person":"me","from":"2026-03-03T22:00:00Z","until":"2026-03-04T06:00:00Z","other":"user:gao","otherFrom":"2026-03-06T08:00:00Z"})"),
      HasSubstr("within a department"));
  const DutyChange swap = ask(
      "rui",
      R"({"kind":"swap","person":"me","from":"2026-03-03T22:00:00Z","until":"2026-03-04T06:00:00Z","other":"user:ren","otherFrom":"2026-03-05T22:00:00Z"})");
  EXPECT_EQ(swap.other_until, at("2026-03-06T06:00:00Z"));
  EXPECT_EQ(decide("agree", "ren", swap), "done");
  EXPECT_EQ(decide("grant", "disp.water", swap), "done");
  EXPECT_THAT(
      why_not(
          "rui",
          R"({"kind":"stand_in","person":"me","other":"user:bin","from":"2026-03-03T22:00:00Z","until":"2026-03-04T06:00:00Z"})"),
      HasSubstr("no shift that begins then"))
      << "it is Ren's by now";
}

TEST_P(DutyLoopTest, NonsenseIsRefused) {
  for (const char* fields :
       {"{}", R"({"kind":"holiday","person":"me","from":"2026-03-04T00:00:00Z","until":"2026-03-05T00:00:00Z"})",
        R"({"kind":"leave","person":"me","from":"2026-03-05T00:00:00Z","until":"2026-03-04T00:00:00Z"})",
        R"({"kind":"leave","person":"user:nobody","from":"2026-03-04T00:00:00Z","until":"2026-03-05T00:00:00Z"})",
        R"({"kind":"leave","person":"me","from":"2026-01-04T00:00:00Z","until":"2026-01-05T00:00:00Z"})",
        R"({"kind":"leave","person":"me","from":"2026-03-04T00:00:00Z","until":"2028-03-05T00:00:00Z"})", "[1]", "{"})
    EXPECT_FALSE(why_not("bo", fields).empty());
  EXPECT_EQ(act("grant", "boss", EntityId("urn:ngsi-ld:DutyChange:none"), "").status, ActionStatus::refused);
  EXPECT_THAT(city.all("urn:cityloop:DutyChange"), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(AliveAndFromItsCheckpoint, DutyLoopTest, testing::Bool());

TEST(DutyLoop, WithoutRulesNothingCanBeAsked) {
  test::SmallCity<DutyLoop> city([] { return std::make_unique<DutyLoop>(); });
  Action action;
  action.id = EntityId("urn:ngsi-ld:Action:1");
  action.verb = "duty_ask";
  action.by = "user:bo";
  action.fields = kLeave;
  city.write({to_write(action)}, "user:bo");
  EXPECT_THAT(flow::action_from(*city.get(action.id))->reason, HasSubstr("no duty rules"));
}

TEST(DutyLoop, WhoDecidesStandsInTheTableOfGrants) {
  EXPECT_TRUE(plans_for({"user:x", {"dispatcher"}, "water"}, "water"));
  EXPECT_FALSE(plans_for({"user:x", {"dispatcher"}, "water"}, "parks"));
  EXPECT_TRUE(plans_for({"user:x", {"operator"}, ""}, "parks"));
  EXPECT_FALSE(plans_for({"user:x", {"worker", "viewer", "nobody"}, "water"}, "water"));
}

}  // namespace
}  // namespace cityloop::duty
