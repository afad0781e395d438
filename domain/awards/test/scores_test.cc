#include "domain/awards/panel/scores.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <Eigen/LU>

#include "base/rng.h"

namespace cityloop::awards::panel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Diameters by plate (rows) and sample of penicillin (O. L. Davies, P. L. Goldsmith: Statistical Methods in Research
// and Production, 1972), the crossed example of D. Bates and others on lme4.
constexpr int kPenicillin[24][6] = {
    {27, 23, 26, 23, 23, 21}, {27, 23, 26, 23, 23, 21}, {25, 21, 25, 24, 24, 20}, {26, 23, 25, 23, 23, 20},
    {25, 22, 26, 22, 23, 20}, {24, 22, 25, 23, 22, 19}, {24, 20, 23, 21, 22, 19}, {26, 22, 26, 24, 24, 21},
    {24, 21, 24, 22, 22, 20}, {24, 21, 24, 23, 22, 19}, {26, 23, 26, 24, 24, 21}, {25, 22, 26, 24, 24, 20},
    {26, 24, 26, 24, 25, 22}, {26, 23, 26, 23, 23, 20}, {26, 23, 25, 24, 24, 22}, {25, 22, 25, 23, 23, 20},
    {25, 21, 24, 23, 23, 20}, {25, 22, 24, 23, 23, 19}, {24, 21, 23, 21, 21, 19}, {26, 23, 26, 24, 24, 21},
    {25, 21, 24, 22, 22, 18}, {25, 22, 25, 22, 22, 20}, {24, 21, 24, 22, 24, 19}, {24, 21, 24, 22, 21, 18}};

std::vector<Score> penicillin() {
  std::vector<Score> out;
  for (std::uint32_t p = 0; p < 24; ++p)
    for (std::uint32_t s = 0; s < 6; ++s) out.push_back({p, s, double(kPenicillin[p][s])});
  return out;
}

TEST(MixedModel, AgreesWithThePublishedFitOfPenicillin) {
  const auto fit = fit_mixed(penicillin(), 24, 6);
  ASSERT_TRUE(fit);
  EXPECT_THAT(fit->limits, IsEmpty());
  EXPECT_NEAR(fit->proposal_sd, 0.8467, 5e-5);
  EXPECT_NEAR(fit->reviewer_sd, 1.9316, 5e-5);
  EXPECT_NEAR(fit->error_sd, 0.5499, 5e-5);
  EXPECT_NEAR(fit->mean.value, 22.9722, 5e-5);
  EXPECT_NEAR(fit->mean.error, 0.8086, 5e-5);
  EXPECT_NEAR(fit->deviance, 330.8606, 5e-5);
  EXPECT_NEAR(fit->harshness[0]->value, -2.18705840, 1e-4);
  EXPECT_NEAR(fit->harshness[5]->value, 3.00374477, 1e-4);
}

// Twelve proposals, five reviewers, 36 scores, by a formula that any program can repeat.
std::vector<Score> unbalanced() {
  std::vector<Score> out;
  for (std::uint32_t p = 0; p < 12; ++p) {
    for (std::uint32_t r = 0; r < 5; ++r) {
      if ((p * 7 + r * 3) % 5 >= 3 && r != p % 5) continue;
      out.push_back(
          {p, r, 5 + (p * 37 % 11) / 3.0 - (r * 17 % 5) / 2.0 + ((p * p * 13 + r * 29 + p * r * 7) % 17) / 8.0});
    }
  }
  return out;
}

// What lme4 1.1 gives for the same scores.
TEST(MixedModel, AgreesWithLme4WhereReviewsAreUneven) {
  const auto scores = unbalanced();
  ASSERT_THAT(scores, SizeIs(36));
  const auto fit = fit_mixed(scores, 12, 5);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->proposal_sd, 1.19946119, 1e-4);
  EXPECT_NEAR(fit->reviewer_sd, 0.61870958, 1e-4);
  EXPECT_NEAR(fit->error_sd, 0.52805731, 1e-4);
  EXPECT_NEAR(fit->mean.value, 6.616783502, 1e-4);
  EXPECT_NEAR(fit->mean.error, 0.45190878, 1e-4);
  EXPECT_NEAR(fit->deviance, 97.9288673632, 1e-6);
  EXPECT_NEAR(fit->adjusted[0]->value - fit->mean.value, -1.77944019, 1e-4);
  EXPECT_NEAR(fit->adjusted[8]->value - fit->mean.value, 2.75873489, 1e-4);
  EXPECT_NEAR(fit->harshness[0]->value, -0.795793915, 1e-4);
  EXPECT_NEAR(fit->harshness[2]->value, 0.826933125, 1e-4);
  EXPECT_NEAR(fit->studentised[0], -1.559953610, 1e-3);
  EXPECT_NEAR(fit->studentised[2], 1.047892849, 1e-3);
}

// Henderson's equations, whole and dense, inverted.
TEST(MixedModel, StandardErrorsAreThoseOfTheWholeEquations) {
  const auto scores = unbalanced();
  const MixedFit fit = *fit_mixed(scores, 12, 5);
  const Eigen::Index size = 1 + 12 + 5;
  Eigen::MatrixXd whole = Eigen::MatrixXd::Zero(size, size);
  const auto over = [](double sd, double error) { return error * error / (sd * sd); };
  for (Eigen::Index p = 0; p < 12; ++p) whole(1 + p, 1 + p) = over(fit.proposal_sd, fit.error_sd);
  for (Eigen::Index r = 0; r < 5; ++r) whole(13 + r, 13 + r) = over(fit.reviewer_sd, fit.error_sd);
  for (const Score& score : scores) {
    const Eigen::Index places[] = {0, 1 + score.proposal, 13 + score.reviewer};
    for (const auto a : places)
      for (const auto b : places) whole(a, b) += 1;
  }
  const Eigen::MatrixXd inverse = whole.inverse();
  for (Eigen::Index p = 0; p < 12; ++p) {
    const double variance = inverse(0, 0) + inverse(1 + p, 1 + p) + 2 * inverse(0, 1 + p);
    EXPECT_NEAR(fit.adjusted[std::size_t(p)]->error, fit.error_sd * std::sqrt(variance), 1e-9);
  }
  for (Eigen::Index r = 0; r < 5; ++r)
    EXPECT_NEAR(fit.harshness[std::size_t(r)]->error, fit.error_sd * std::sqrt(inverse(13 + r, 13 + r)), 1e-9);
}

struct Truth {
  std::vector<double> merit, harshness;
  std::vector<Score> scores;
};

Truth made_up(std::uint64_t seed, std::uint32_t proposals, std::uint32_t reviewers, std::uint32_t each) {
  base::Rng rng(seed);
  Truth out;
  for (std::uint32_t p = 0; p < proposals; ++p) out.merit.push_back(7 + 1.0 * rng.normal());
  for (std::uint32_t r = 0; r < reviewers; ++r) out.harshness.push_back(1.5 * rng.normal());
  for (std::uint32_t p = 0; p < proposals; ++p) {
    std::vector<std::uint32_t> by;
    while (by.size() < each) {
      const auto r = std::uint32_t(rng.below(reviewers));
      if (std::ranges::find(by, r) == by.end()) by.push_back(r);
    }
    for (const std::uint32_t r : by) out.scores.push_back({p, r, out.merit[p] - out.harshness[r] + 0.7 * rng.normal()});
  }
  return out;
}

TEST(MixedModel, RecoversTheTruthWithinItsStandardErrors) {
  const Truth truth = made_up(5, 600, 60, 5);
  const MixedFit fit = *fit_mixed(truth.scores, 600, 60);
  EXPECT_NEAR(fit.proposal_sd, 1.0, 0.1);
  EXPECT_NEAR(fit.reviewer_sd, 1.5, 0.35);
  EXPECT_NEAR(fit.error_sd, 0.7, 0.03);
  // The mean of the panel's harshness cannot be seen: merits are known but for it.
  double square = 0, raw_square = 0, adjusted_square = 0;
  std::vector<double> raw(600);
  for (const Score& score : truth.scores) raw[score.proposal] += score.value / 5;
  for (std::size_t p = 0; p < 600; ++p) {
    const double off = fit.adjusted[p]->value - truth.merit[p];
    square += off * off / (fit.adjusted[p]->error * fit.adjusted[p]->error) / 600;
    raw_square += (raw[p] - truth.merit[p]) * (raw[p] - truth.merit[p]) / 600;
    adjusted_square += off * off / 600;
  }
  EXPECT_GT(square, 0.3);
  EXPECT_LT(square, 3);
  EXPECT_LT(adjusted_square, raw_square / 2);
}

TEST(MixedModel, SaysWhatTheDataCannotTell) {
  const MixedFit single = *fit_mixed(std::vector<Score>{{0, 0, 7}, {1, 0, 8}, {2, 1, 5}, {3, 1, 9}}, 4, 2);
  EXPECT_FALSE(single.usable);
  EXPECT_THAT(single.limits, ElementsAre(Limit::one_review_each));
  const MixedFit alike = *fit_mixed(std::vector<Score>{{0, 0, 7}, {0, 1, 7}, {1, 0, 7}, {1, 1, 7}}, 2, 2);
  EXPECT_FALSE(alike.usable);
  EXPECT_THAT(alike.limits, ElementsAre(Limit::all_alike));
  const MixedFit strangers = *fit_mixed(std::vector<Score>{{0, 0, 7}, {0, 1, 6}, {1, 2, 3}, {1, 3, 4}}, 2, 4);
  EXPECT_TRUE(strangers.usable);
  EXPECT_TRUE(strangers.has(Limit::reviewers_single));
  std::vector<Score> two_parts{{0, 0, 7}, {0, 1, 6}, {1, 0, 5}, {1, 1, 5}, {2, 2, 8}, {2, 3, 9}, {3, 2, 5}, {3, 3, 7}};
  EXPECT_TRUE(fit_mixed(two_parts, 4, 4)->has(Limit::apart));
  two_parts.push_back({3, 0, 5});
  EXPECT_FALSE(fit_mixed(two_parts, 4, 4)->has(Limit::apart));
  EXPECT_FALSE(fit_mixed({}, 3, 3)->usable);
  // Without a trace of error: no number that is none.
  std::vector<Score> exact;
  for (std::uint32_t p = 0; p < 5; ++p)
    for (std::uint32_t r = 0; r < 4; ++r) exact.push_back({p, r, 3.0 + p - r});
  const MixedFit sharp = *fit_mixed(exact, 5, 4);
  EXPECT_TRUE(std::isfinite(sharp.adjusted[0]->value) && std::isfinite(sharp.adjusted[0]->error));
  EXPECT_NEAR(sharp.adjusted[4]->value - sharp.adjusted[0]->value, 4, 1e-3);
  EXPECT_EQ(fit_mixed(std::vector<Score>{{0, 0, 1}, {0, 0, 2}}, 1, 1).error().code, base::Errc::exists);
  EXPECT_EQ(fit_mixed(std::vector<Score>{{0, 5, 1}}, 1, 1).error().code, base::Errc::invalid);
}

SheetsInput sheets_of(const Truth& truth, std::size_t proposals, std::size_t reviewers) {
  SheetsInput out{proposals, reviewers, {}, {}};
  for (const Score& score : truth.scores)
    out.sheets.push_back({score.proposal, score.reviewer, {std::clamp(score.value, 0.0, 10.0)}});
  return out;
}

TEST(Standings, RankIntervalsHoldTheTruth) {
  const Truth truth = made_up(11, 200, 30, 5);
  const SheetsInput input = sheets_of(truth, 200, 30);
  ScoreRules rules;
  rules.draws = 500;
  const auto out = standings_of(input, rules);
  ASSERT_TRUE(out) << out.error().message;
  std::size_t inside = 0;
  double top = 0;
  for (std::size_t p = 0; p < 200; ++p) {
    const auto rank = 1 + std::ranges::count_if(truth.merit, [&](double merit) { return merit > truth.merit[p]; });
    inside += rank >= out->proposals[p].rank_low && rank <= out->proposals[p].rank_high;
    top += out->proposals[p].top_share;
  }
  EXPECT_GT(inside, 165u);  // nine tenths of 200, and what chance does to that
  EXPECT_LT(inside, 195u);
  EXPECT_NEAR(top, 10, 1e-9);
  EXPECT_EQ(standings_of(input, rules)->proposals[7].rank_low, out->proposals[7].rank_low);
}

TEST(Standings, AScoreThatFitsNothingIsFlagged) {
  SheetsInput input = sheets_of(made_up(2, 80, 12, 5), 80, 12);
  input.sheets[33].scores[0] = *input.sheets[33].scores[0] > 5 ? 0.0 : 10.0;
  const auto out = standings_of(input, {});
  ASSERT_TRUE(out);
  ASSERT_THAT(out->outliers, Not(IsEmpty()));
  EXPECT_EQ(out->outliers[0].sheet, 33u);
  EXPECT_GT(std::abs(out->outliers[0].studentised), 4);
}

TEST(Standings, BandsBonusTiesAndWhatIsIncomplete) {
  ScoreRules rules;
  rules.dimensions = {{"innovation", 1}, {"impact", 3}};
  rules.by_adjusted = false;
  rules.bonus_max = 2;
  rules.bands = {{"high", 30}, {"low", -1e9}, {"middle", 20}};
  SheetsInput input{4, 2, {}, {0, 5, 0, 0}};
  input.sheets = {{0, 0, {8, 8}},  {0, 1, {6, 8}}, {1, 0, {7, 7}}, {1, 1, {5, 8}},
                  {2, 0, {6, {}}}, {2, 1, {4, 4}}, {3, 0, {9, {}}}};
  const auto out = standings_of(input, rules);
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_THAT(out->incomplete, ElementsAre(4u, 6u));
  EXPECT_EQ(out->proposals[0].raw, 31);
  EXPECT_EQ(out->proposals[1].raw, 28.5);
  EXPECT_EQ(out->proposals[1].bonus, 2);
  EXPECT_EQ(out->proposals[1].final_score, 30.5);
  EXPECT_EQ(out->proposals[1].band, 0u);
  EXPECT_EQ(out->proposals[2].final_score, 16);
  EXPECT_EQ(out->proposals[2].band, 1u);
  EXPECT_EQ(out->proposals[2].reviews, 1u);
  EXPECT_EQ(out->proposals[3].rank, std::nullopt);
  EXPECT_EQ(out->dimensions[0].raw[3], 9);
  EXPECT_EQ(out->proposals[0].rank, 1u);
  input.bonus[1] = 0.5;
  input.sheets[3].scores[0] = 9.0;  // 30.5 + 0.5 = 31
  const auto tied = standings_of(input, rules);
  EXPECT_THAT(tied->ties, ElementsAre(ElementsAre(0u, 1u)));
  EXPECT_EQ(tied->proposals[1].rank, 1u);
  EXPECT_TRUE(tied->proposals[1].tied);
  EXPECT_EQ(tied->proposals[2].rank, 3u);
  input.sheets[1].scores[1] = 10.5;
  const auto refused = standings_of(input, rules);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("sheet 1, 'impact': 10.5"));
}

}  // namespace
}  // namespace cityloop::awards::panel
