#include "domain/awards/panel/vote.h"

#include <gmock/gmock.h>

namespace cityloop::awards::panel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> elected(const VoteResult& result) {
  std::vector<std::string> out;
  for (const auto& candidate : result.candidates)
    if (candidate.elected) out.push_back(candidate.code);
  return out;
}

TEST(Vote, WhoHasEnoughSupportersIsANominee) {
  const auto out =
      nominees(std::vector<Nomination>{{"b", "x"}, {"a", "y"}, {"a", "x"}, {"a", "x"}, {"b", "b"}}, {2, false});
  ASSERT_EQ(out.size(), 2u);
  EXPECT_THAT(out[0].supporters, ElementsAre("x", "y"));
  EXPECT_TRUE(out[0].enough);
  EXPECT_THAT(out[1].supporters, ElementsAre("x"));  // one's own does not count
  EXPECT_FALSE(out[1].enough);
}

TEST(Vote, TheMostVotesFillThePlacesAndSpoiltBallotsAreTold) {
  const VoteInput input{
      {"a", "b", "c", "d"}, 8, {{"a", "b"}, {"a", "c"}, {"a"}, {"b"}, {}, {"a", "b", "c"}, {"x"}, {"d", "d"}}};
  const auto out = count_votes(input, {.places = 2, .choices_max = 2});
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_THAT(elected(*out), ElementsAre("a", "b"));
  EXPECT_EQ(out->candidates[0].votes, 3u);
  EXPECT_EQ(out->valid, 4u);
  EXPECT_EQ(out->blank, 1u);
  EXPECT_THAT(out->spoilt_why, ElementsAre(HasSubstr("names 3"), HasSubstr("'x'"), HasSubstr("'d' twice")));
  EXPECT_EQ(out->open_places, 0u);
}

TEST(Vote, BelowTheQuorumOrTheMajorityNobodyIsElected) {
  const VoteInput input{{"a", "b"}, 10, {{"a"}, {"a"}, {"b"}, {"a"}}};
  const auto few = count_votes(input, {});
  EXPECT_FALSE(few->quorate);
  EXPECT_THAT(elected(*few), IsEmpty());
  EXPECT_EQ(few->open_places, 1u);
  EXPECT_THAT(elected(*count_votes(input, {.quorum = 0.4, .majority = 0.75})), ElementsAre("a"));
  EXPECT_THAT(elected(*count_votes(input, {.quorum = 0.4, .majority = 0.8})), IsEmpty());
  EXPECT_THAT(elected(*count_votes({{"a", "b"}, 2, {{}, {}}}, {})), IsEmpty());  // no votes, no winner
}

TEST(Vote, TiesAreDecidedByTheRuleAndByNothingElse) {
  const VoteInput input{{"a", "b", "c", "d"}, 7, {{"a"}, {"a"}, {"a"}, {"b"}, {"b"}, {"c"}, {"c"}}};
  VoteRules rules{.places = 2, .choices_max = 1};
  const auto chair = count_votes(input, rules);
  EXPECT_THAT(elected(*chair), ElementsAre("a"));
  EXPECT_EQ(chair->open_places, 1u);
  EXPECT_TRUE(chair->candidates[1].tied && chair->candidates[2].tied);
  EXPECT_FALSE(chair->candidates[0].tied || chair->candidates[3].tied);
  rules.ties = TieRule::all;
  EXPECT_THAT(elected(*count_votes(input, rules)), ElementsAre("a", "b", "c"));
  rules.ties = TieRule::none;
  EXPECT_THAT(elected(*count_votes(input, rules)), ElementsAre("a"));
  rules.ties = TieRule::lot;
  EXPECT_FALSE(count_votes(input, rules));
  // printf '2026-06-30:b' | sha256sum begins with e4be, :c with d2f6.
  rules.seed = "2026-06-30";
  EXPECT_THAT(elected(*count_votes(input, rules)), ElementsAre("a", "c"));
  rules.places = 3;
  EXPECT_THAT(elected(*count_votes(input, rules)), ::testing::UnorderedElementsAre("a", "b", "c"));
}

TEST(Vote, WhatCannotBeIsRefused) {
  EXPECT_FALSE(count_votes({{"a", "a"}, 1, {}}, {}));
  EXPECT_FALSE(count_votes({{"a"}, 1, {{"a"}, {"a"}}}, {}));
}

}  // namespace
}  // namespace cityloop::awards::panel
