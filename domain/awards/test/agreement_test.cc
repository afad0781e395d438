#include "domain/awards/panel/agreement.h"

#include <gmock/gmock.h>

namespace cityloop::awards::panel {
namespace {

// Six targets by four judges: P. Shrout, J. Fleiss: Intraclass correlations: uses in assessing rater reliability, 1979.
const std::vector<double> kShroutFleiss{9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7};

std::vector<Score> scores_of(const std::vector<double>& table, std::uint32_t judges) {
  std::vector<Score> out;
  for (std::uint32_t i = 0; i < table.size(); ++i) out.push_back({i / judges, i % judges, table[i]});
  return out;
}

TEST(Agreement, IntraclassCorrelationsAreAsPublished) {
  const auto icc = table_icc(kShroutFleiss, 6, 4, 0.95);
  ASSERT_TRUE(icc) << icc.error().message;
  EXPECT_NEAR(icc->one_1.value, 0.17, 0.005);
  EXPECT_NEAR(icc->two_1.value, 0.29, 0.005);
  EXPECT_NEAR(icc->three_1.value, 0.71, 0.005);
  EXPECT_NEAR(icc->one_k.value, 0.44, 0.005);
  EXPECT_NEAR(icc->two_k.value, 0.62, 0.005);
  EXPECT_NEAR(icc->three_k.value, 0.91, 0.005);
  // Intervals of the same table as R's psych::ICC prints them.
  EXPECT_NEAR(icc->one_1.low, -0.13, 0.005);
  EXPECT_NEAR(icc->one_1.high, 0.72, 0.005);
  EXPECT_NEAR(icc->two_1.low, 0.02, 0.005);
  EXPECT_NEAR(icc->two_1.high, 0.76, 0.005);
  EXPECT_NEAR(icc->three_1.low, 0.34, 0.005);
  EXPECT_NEAR(icc->three_1.high, 0.95, 0.005);
  EXPECT_NEAR(icc->one_k.low, -0.88, 0.005);
  EXPECT_NEAR(icc->two_k.low, 0.07, 0.005);
  EXPECT_NEAR(icc->three_k.low, 0.68, 0.005);
  EXPECT_NEAR(icc->three_k.high, 0.99, 0.005);
}

TEST(Agreement, TheModelsVariancesSayTheSameOfAWholeTable) {
  const auto scores = scores_of(kShroutFleiss, 4);
  const MixedFit fit = *fit_mixed(scores, 6, 4);
  EXPECT_NEAR(fit.proposal_sd * fit.proposal_sd, (11.2417 - 1.0194) / 4, 1e-3);  // from the published mean squares
  EXPECT_NEAR(fit.reviewer_sd * fit.reviewer_sd, (32.4861 - 1.0194) / 6, 1e-3);
  EXPECT_NEAR(fit.error_sd * fit.error_sd, 1.0194, 1e-3);
  const auto model = model_icc(fit, scores);
  ASSERT_TRUE(model);
  const TableIcc table = *table_icc(kShroutFleiss, 6, 4, 0.95);
  EXPECT_NEAR(model->one, table.two_1.value, 1e-4);
  EXPECT_NEAR(model->mean, table.two_k.value, 1e-4);
  EXPECT_NEAR(model->one_adjusted, table.three_1.value, 1e-4);
  EXPECT_NEAR(model->mean_adjusted, table.three_k.value, 1e-4);
  EXPECT_NEAR(model->each, 4, 1e-9);
}

TEST(Agreement, ATableThatIsNotWholeIsRefused) {
  EXPECT_FALSE(table_icc(std::vector<double>{1, 2, 3}, 2, 2, 0.95));
  EXPECT_FALSE(table_icc(std::vector<double>{1, 2}, 1, 2, 0.95));
  EXPECT_FALSE(table_icc(std::vector<double>{1, 2, 2, 3}, 2, 2, 0.95));
  EXPECT_FALSE(table_icc(kShroutFleiss, 6, 4, 1));
}

TEST(Agreement, ReviewersOfTheirOwnInAnyNumberAreReadAsATableWhereItIsOne) {
  const auto scores = scores_of(kShroutFleiss, 4);
  const auto icc = reviews_icc(scores, 0.95);
  ASSERT_TRUE(icc);
  const TableIcc table = *table_icc(kShroutFleiss, 6, 4, 0.95);
  EXPECT_NEAR(icc->one.value, table.one_1.value, 1e-12);
  EXPECT_NEAR(icc->one.low, table.one_1.low, 1e-12);
  EXPECT_NEAR(icc->one.high, table.one_1.high, 1e-12);
  EXPECT_NEAR(icc->mean.low, table.one_k.low, 1e-12);
  EXPECT_EQ(icc->proposals, 6u);
  // One with a single review says nothing and changes nothing; a row less is a table less whole.
  auto uneven = scores;
  uneven.push_back({6, 0, 9});
  EXPECT_EQ(reviews_icc(uneven, 0.95)->one.low, icc->one.low);
  uneven.erase(uneven.begin());
  const auto less = reviews_icc(uneven, 0.95);
  EXPECT_EQ(less->scores, 23u);
  EXPECT_NEAR(less->each, 6 / (5 / 4. + 1 / 3.), 1e-12);
  EXPECT_LT(less->one.low, less->one.value);
  EXPECT_FALSE(reviews_icc(std::vector<Score>{{0, 0, 3}, {1, 1, 4}, {1, 2, 4}}, 0.95)) << "one with two";
  EXPECT_FALSE(reviews_icc(std::vector<Score>{{0, 0, 3}, {0, 1, 3}, {1, 1, 4}, {1, 2, 4}}, 0.95)) << "none differ";
}

// Four observers, twelve units, 0 for missing: K. Krippendorff: Computing Krippendorff's Alpha-Reliability, 2011.
const std::vector<double> kObservers{1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0, 1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3,
                                     0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0, 1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0};

std::vector<Score> observers() {
  std::vector<Score> out;
  for (std::uint32_t i = 0; i < kObservers.size(); ++i)
    if (kObservers[i] > 0) out.push_back({i % 12, i / 12, kObservers[i]});
  return out;
}

TEST(Agreement, AlphaIsAsPublished) {
  const auto alpha = [](Scale scale) { return krippendorff(observers(), {.scale = scale, .draws = 200}); };
  EXPECT_NEAR(alpha(Scale::nominal)->alpha.value, 0.743, 5e-4);
  EXPECT_NEAR(alpha(Scale::ordinal)->alpha.value, 0.815, 5e-4);
  EXPECT_NEAR(alpha(Scale::interval)->alpha.value, 0.849, 5e-4);
  EXPECT_NEAR(alpha(Scale::ratio)->alpha.value, 0.797, 5e-4);
  const Alpha nominal = *alpha(Scale::nominal);
  EXPECT_EQ(nominal.units, 11u);
  EXPECT_EQ(nominal.scores, 40u);
  EXPECT_LT(nominal.alpha.low, 0.743);
  EXPECT_GT(nominal.alpha.high, 0.743);
  EXPECT_EQ(alpha(Scale::nominal)->alpha.low, nominal.alpha.low);
}

TEST(Agreement, WhereNobodyCouldDisagreeThereIsNoAlpha) {
  EXPECT_FALSE(krippendorff(std::vector<Score>{{0, 0, 3}, {0, 1, 3}, {1, 0, 3}, {1, 1, 3}}, {}));
  EXPECT_FALSE(krippendorff(std::vector<Score>{{0, 0, 3}, {1, 1, 4}}, {}));
  EXPECT_FALSE(model_icc(*fit_mixed(std::vector<Score>{{0, 0, 3}, {1, 1, 4}, {2, 1, 4}}, 3, 2), {}));
}

}  // namespace
}  // namespace cityloop::awards::panel
