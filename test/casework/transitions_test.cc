#include "casework/transitions.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cityloop::casework {
namespace {

using flow::CaseState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

flow::Case case_in(CaseState state, bool sensed = true) {
  flow::Case one;
  one.id = flow::EntityId("urn:ngsi-ld:Case:flooding:1");
  if (sensed) one.finding = flow::EntityId("urn:ngsi-ld:Finding:deep:1");
  one.state = state;
  return one;
}

std::vector<std::string> verbs(const flow::Case& one, const CaseActor& actor) {
  std::vector<std::string> out;
  for (const AvailableAction& action : available_actions(one, actor)) out.emplace_back(action.verb);
  return out;
}

const CaseActor kOperator{"user:op", true, false}, kWorker{"user:worker", false, true}, kViewer{"user:v"};

TEST(Transitions, OffersWhatStateAndRightsAllow) {
  EXPECT_THAT(verbs(case_in(CaseState::filed), kOperator), ElementsAre("dispatch", "cancel", "note"));
  EXPECT_THAT(verbs(case_in(CaseState::dispatched), kWorker), ElementsAre("accept", "return", "note"));
  EXPECT_THAT(verbs(case_in(CaseState::working), kWorker), ElementsAre("report", "return", "note"));
  EXPECT_THAT(verbs(case_in(CaseState::verifying), kOperator), ElementsAre("verify", "return", "cancel", "note"));
  EXPECT_THAT(verbs(case_in(CaseState::closed), kOperator), ElementsAre("note"));
  EXPECT_THAT(verbs(case_in(CaseState::working), kViewer), IsEmpty());
}

TEST(Transitions, ActiveFindingBarsTheWayToClosed) {
  flow::Case one = case_in(CaseState::verifying);
  const auto close = permitted(one, "close", "user:op");
  ASSERT_FALSE(close);
  EXPECT_THAT(close.error().message, HasSubstr("finding is still active"));
  for (const AvailableAction& action : available_actions(one, kOperator)) {
    if (action.verb == "verify") EXPECT_THAT(action.fields.front().options, ElementsAre("fail"));
  }
  one.finding_cleared = true;
  EXPECT_TRUE(permitted(one, "close", "user:op"));
  EXPECT_THAT(verbs(one, kOperator), ElementsAre("verify", "close", "return", "cancel", "note"));
}

TEST(Transitions, FourEyesForWhatPeopleReport) {
  flow::Case one = case_in(CaseState::reported, false);
  one.timeline.push_back({flow::Instant{}, "user:both", "report", CaseState::reported, "", ""});
  EXPECT_FALSE(permitted(one, "verify", "user:both"));
  EXPECT_FALSE(permitted(one, "close", "user:both"));
  EXPECT_TRUE(permitted(one, "verify", "user:other"));
  EXPECT_THAT(verbs(one, {"user:both", true, true}), ElementsAre("return", "cancel", "note"));
}

// Every offered step is permitted, and every permitted step is offered to whoever has all rights.
TEST(Transitions, OfferAndPermissionAreOneTable) {
  for (int state = 0; state <= int(CaseState::cancelled); ++state) {
    for (const bool sensed : {true, false}) {
      for (const bool cleared : {true, false}) {
        flow::Case one = case_in(CaseState(state), sensed);
        one.finding_cleared = cleared;
        const auto offered = verbs(one, {"user:all", true, true});
        for (const Transition& row : transitions()) {
          const bool permitted_now = bool(permitted(one, row.verb, "user:all"));
          EXPECT_EQ(permitted_now, std::find(offered.begin(), offered.end(), row.verb) != offered.end())
              << row.verb << " in " << flow::to_string(one.state);
        }
      }
    }
  }
}

TEST(Transitions, UnknownStepIsInvalid) {
  const auto unknown = permitted(case_in(CaseState::filed), "teleport", "user:op");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, base::Errc::invalid);
}

}  // namespace
}  // namespace cityloop::casework
