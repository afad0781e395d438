// The count: by hand where it is small, against a slow and simple count where it is not.
#include "participation/count.h"

#include <algorithm>
#include <numeric>

#include <gmock/gmock.h>

#include "base/rng.h"

namespace cityloop::participation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Places = std::vector<std::uint32_t>;

CountInput city_of(std::initializer_list<double> costs, double budget,
                   std::vector<std::vector<std::uint32_t>> ballots) {
  CountInput out;
  out.budget = money_from(budget);
  for (const double cost : costs) out.projects.push_back({fmt::format("P{}", out.projects.size()), money_from(cost)});
  out.ballots = std::move(ballots);
  out.seed = "seed";
  return out;
}

std::vector<Places> times(std::size_t count, const Places& ballot) {
  return std::vector<Places>(count, ballot);
}

std::vector<Places> both(std::vector<Places> a, const std::vector<Places>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(Count, GreedyTakesTheMostVotesAndSkipsWhatTheMoneyDoesNotPayFor) {
  const CountInput input = city_of({60, 50, 30, 10}, 100, both(times(3, {0}), both(times(2, {1, 2}), times(1, {2}))));
  const CountResult result = count(input, CountRule::greedy);
  EXPECT_THAT(votes_of(input), ElementsAre(3, 2, 3, 0));
  EXPECT_THAT(result.elected, ElementsAre(2, 0)) << "three votes each: the cheaper one first";
  EXPECT_EQ(result.spent, money_from(90));
  EXPECT_EQ(result.happy, 6U);
  ASSERT_EQ(result.steps.size(), 4U);
  EXPECT_EQ(result.steps[2].why, CountStep::Why::too_dear);
  EXPECT_EQ(result.steps[3].why, CountStep::Why::no_votes);
  EXPECT_EQ(result.steps[3].left, money_from(10));
}

TEST(Count, GreedyPerCostTakesTheMostVotesForTheMoney) {
  const CountInput input = city_of({90, 10, 20}, 100, both(times(8, {0}), both(times(2, {1}), times(3, {2}))));
  EXPECT_THAT(count(input, CountRule::greedy).elected, ElementsAre(0, 1));
  EXPECT_THAT(count(input, CountRule::greedy_per_cost).elected, ElementsAre(1, 2)) << "0.2, 0.15 and 0.089 a unit";
}

// The example by which the method is usually told: a majority with the same list takes everything by votes, and only
// its share by equal shares.
TEST(Count, AMinorityGetsItsShareByEqualShares) {
  const CountInput input = city_of({10, 10, 10, 10, 10, 10}, 30, both(times(60, {0, 1, 2}), times(30, {3, 4, 5})));
  EXPECT_THAT(count(input, CountRule::greedy).elected, UnorderedElementsAre(0, 1, 2));
  const CountResult result = count(input, CountRule::equal_shares);
  Places majority, minority;
  for (const std::uint32_t project : result.elected) (project < 3 ? majority : minority).push_back(project);
  EXPECT_EQ(majority.size(), 2U);
  EXPECT_EQ(minority.size(), 1U);
  EXPECT_EQ(result.happy, 90U);
  EXPECT_EQ(result.spent, money_from(30));
}

TEST(Count, WhatIsLeftGoesToTheMostVotes) {
  // Two voters have 50 each. Nobody alone pays for anything but the first project; what is left pays for the second.
  const CountInput input = city_of({40, 60}, 100, {{0}, {1}});
  const CountResult result = count(input, CountRule::equal_shares);
  EXPECT_THAT(result.elected, UnorderedElementsAre(0, 1));
  EXPECT_EQ(result.spent, money_from(100));
  for (const CountStep& step : result.steps) EXPECT_TRUE(step.chosen());
}

TEST(Count, ThePaymentIsTheLeastAtWhichTheSupportersReachTheCost) {
  // Three voters of 10 each. Project 0 costs 12 for voters 0, 1, 2: 4 each. Then project 1 costs 12 for 0 and 1: 6
  // each.
  const CountInput input = city_of({12, 12}, 30, {{0, 1}, {0, 1}, {0}});
  const CountResult result = count(input, CountRule::equal_shares);
  EXPECT_THAT(result.elected, ElementsAre(0, 1));
  EXPECT_EQ(result.steps[0].each, money_from(4));
  EXPECT_DOUBLE_EQ(*result.steps[0].effective, 3);
  EXPECT_EQ(result.steps[1].each, money_from(6));
  EXPECT_DOUBLE_EQ(*result.steps[1].effective, 2);
}

TEST(Count, NobodyOrNothingIsNoTrouble) {
  for (const CountRule rule : kCountRules) {
    EXPECT_THAT(count(city_of({10}, 100, {}), rule).elected, IsEmpty());
    EXPECT_THAT(count(city_of({}, 100, {{}, {}}), rule).elected, IsEmpty());
    EXPECT_THAT(count(city_of({200}, 100, {{0}}), rule).elected, IsEmpty());
    EXPECT_THAT(count(city_of({100}, 100, {{0}, {}, {}}), rule).elected, ElementsAre(0));
  }
}

TEST(Count, TiesAreBrokenByTheSeedAndByNothingElse) {
  CountInput input = city_of({50, 50, 50, 50}, 100, {{0}, {1}, {2}, {3}});
  std::set<Places> seen;
  for (int seed = 0; seed < 40; ++seed) {
    input.seed = std::to_string(seed);
    const Places once = count(input, CountRule::greedy).elected;
    EXPECT_EQ(count(input, CountRule::greedy).elected, once);
    std::ranges::reverse(input.ballots);  // in whichever order they lie
    EXPECT_EQ(count(input, CountRule::greedy).elected, once);
    seen.insert(once);
  }
  EXPECT_GT(seen.size(), 5U) << "another seed, another lot";
}

// One run of equal shares with a fixed share, as the paper tells it, in rational numbers approximated by long doubles.
Places slow_shares(const CountInput& input, Money share) {
  std::vector<long double> purse(input.ballots.size(), (long double)share);
  std::vector<bool> open(input.projects.size(), true);
  const auto votes = votes_of(input);
  Places out;
  for (;;) {
    int best = -1;
    long double best_rho = 0;
    for (std::uint32_t project = 0; project < open.size(); ++project) {
      if (!open[project] || votes[project] == 0) continue;
      std::vector<long double> purses;
      for (std::size_t voter = 0; voter < purse.size(); ++voter) {
        if (std::ranges::count(input.ballots[voter], project)) purses.push_back(purse[voter]);
      }
      const auto cost = (long double)input.projects[project].cost;
      if (std::accumulate(purses.begin(), purses.end(), 0.0L) < cost) continue;
      long double low = 0, high = cost;
      for (int i = 0; i < 200; ++i) {
        const long double middle = (low + high) / 2;
        long double sum = 0;
        for (const long double one : purses) sum += std::min(one, middle);
        (sum >= cost ? high : low) = middle;
      }
      const long double rho = high / cost;
      const bool tied = best >= 0 && std::abs(rho - best_rho) < 1e-7L * rho;
      const auto before = std::uint32_t(std::max(best, 0));
      const bool wins_tie =
          tied && (votes[project] != votes[before] ? votes[project] > votes[before]
                                                   : input.projects[project].cost < input.projects[before].cost);
      if (best < 0 || wins_tie || (!tied && rho < best_rho)) best = int(project), best_rho = rho;
    }
    if (best < 0) return out;
    out.push_back(std::uint32_t(best));
    open[std::size_t(best)] = false;
    const long double payment = best_rho * (long double)input.projects[std::size_t(best)].cost;
    for (std::size_t voter = 0; voter < purse.size(); ++voter) {
      if (std::ranges::count(input.ballots[voter], std::uint32_t(best)))
        purse[voter] -= std::min(purse[voter], payment);
    }
  }
}

class RandomCity : public testing::TestWithParam<int> {
 protected:
  // Costs that differ much, so that ratios do not tie.
  CountInput make() {
    base::Rng rng(std::uint64_t(GetParam()) * 7919 + 1);
    CountInput out;
    const std::size_t projects = 3 + rng.below(8), voters = 5 + rng.below(60);
    for (std::size_t i = 0; i < projects; ++i)
      out.projects.push_back({fmt::format("P{}", i), Money(1'000'000 + rng.below(99'999'999))});
    out.budget = Money(80'000'000 + rng.below(300'000'000));
    for (std::size_t i = 0; i < voters; ++i) {
      Places ballot;
      for (std::uint32_t p = 0; p < projects; ++p) {
        if (rng.below(100) < 35) ballot.push_back(p);
      }
      out.ballots.push_back(ballot);
    }
    out.seed = std::to_string(GetParam());
    return out;
  }
};

TEST_P(RandomCity, EqualSharesElectsWhatTheSlowCountElects) {
  const CountInput input = make();
  const CountResult result = count(input, CountRule::equal_shares);
  ASSERT_TRUE(result.share);
  Places first;
  for (const CountStep& step : result.steps) {
    if (step.why == CountStep::Why::elected) first.push_back(step.project);
  }
  EXPECT_EQ(first, slow_shares(input, *result.share));
}

TEST_P(RandomCity, EveryRuleStaysWithinTheBudgetAndLeavesNothingThatItCouldPayFor) {
  const CountInput input = make();
  const auto votes = votes_of(input);
  for (const CountRule rule : kCountRules) {
    const CountResult result = count(input, rule);
    Money spent = 0;
    for (const std::uint32_t project : result.elected) spent += input.projects[project].cost;
    EXPECT_EQ(spent, result.spent);
    EXPECT_LE(spent, input.budget);
    EXPECT_EQ(result.steps.size(), input.projects.size()) << "each project is told of once";
    for (std::uint32_t project = 0; project < input.projects.size(); ++project) {
      if (std::ranges::count(result.elected, project) || votes[project] == 0) continue;
      EXPECT_GT(input.projects[project].cost, input.budget - spent) << to_string(rule);
    }
  }
}

// A group that agrees on projects which its share of the money pays for gets at least one of them.
TEST_P(RandomCity, WhoAgreesAndCouldPayIsNotLeftEmpty) {
  const CountInput input = make();
  const CountResult result = count(input, CountRule::equal_shares);
  const auto voting = std::ranges::count_if(input.ballots, [](const Places& ballot) { return !ballot.empty(); });
  if (voting == 0) return;
  for (std::uint32_t project = 0; project < input.projects.size(); ++project) {
    Places group;
    for (std::uint32_t voter = 0; voter < input.ballots.size(); ++voter) {
      if (std::ranges::count(input.ballots[voter], project)) group.push_back(voter);
    }
    const Money theirs = Money(group.size()) * (input.budget / Money(voting));
    if (group.empty() || theirs < input.projects[project].cost) continue;
    const bool one_has_something = std::ranges::any_of(group, [&](std::uint32_t voter) {
      return std::ranges::any_of(input.ballots[voter],
                                 [&](std::uint32_t chosen) { return std::ranges::count(result.elected, chosen) > 0; });
    });
    EXPECT_TRUE(one_has_something) << "project " << project;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomCity, testing::Range(0, 60));

}  // namespace
}  // namespace cityloop::participation
