// Uncertainty, sensitivity, what-if, consistency and change, against analytic answers and brute force.
#include <gtest/gtest.h>

#include <numbers>

#include "base/rng.h"
#include "composite_asem.h"
#include "index/composite/change.h"
#include "index/composite/cluster.h"
#include "index/composite/consistency.h"
#include "index/composite/knapsack.h"
#include "index/composite/statistics.h"
#include "index/composite/uncertainty.h"
#include "index/composite/what_if.h"

namespace cityloop::index {
namespace {

// Ishigami and Homma 1990 with a = 7, b = 0.1: the shares are known in closed form.
TEST(CompositeSobol, SharesOfTheIshigamiFunction) {
  constexpr double kPi = std::numbers::pi;
  const SobolModel model = [](std::span<const double> in, std::span<double> out) {
    const double x = kPi * (2 * in[0] - 1), y = kPi * (2 * in[1] - 1), z = kPi * (2 * in[2] - 1);
    out[0] = std::sin(x) + 7 * std::sin(y) * std::sin(y) + 0.1 * std::pow(z, 4) * std::sin(x);
    out[1] = 3;
  };
  const auto shares = sobol_shares(3, 2, 8192, 1, model, 1);
  const double p4 = std::pow(kPi, 4), p8 = p4 * p4;
  const double variance = 49.0 / 8 + 0.1 * p4 / 5 + 0.01 * p8 / 18 + 0.5;
  const double v1 = 0.5 * std::pow(1 + 0.1 * p4 / 5, 2), v2 = 49.0 / 8, v13 = 0.01 * p8 * (1.0 / 18 - 1.0 / 50);
  const double first[] = {v1 / variance, v2 / variance, 0};
  const double total[] = {(v1 + v13) / variance, v2 / variance, v13 / variance};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(shares[0][i].first, first[i], 0.03) << i;
    EXPECT_NEAR(shares[0][i].total, total[i], 0.03) << i;
    EXPECT_LE(shares[0][i].total_low, shares[0][i].total);
    EXPECT_GE(shares[0][i].total_high, shares[0][i].total);
    EXPECT_EQ(shares[1][i].total, 0);
  }
}

double brute_force(const std::vector<KnapsackItem>& items, double wanted, std::size_t at = 0) {
  if (wanted <= 1e-12) return 0;
  if (at == items.size()) return 1e300;
  double best = 1e300;
  for (double x = 0; x <= items[at].most + 1e-9; x += items[at].step)
    best = std::min(best, x * items[at].cost + brute_force(items, wanted - x * items[at].gain, at + 1));
  return best;
}

TEST(CompositeWhatIf, WholeStepsCostTheLeastThatBruteForceFinds) {
  base::Rng rng(11);
  for (int round = 0; round < 60; ++round) {
    std::vector<KnapsackItem> items;
    double all = 0;
    for (int i = 0; i < 4; ++i) {
      items.push_back({rng.uniform(0.5, 3), rng.uniform(0.5, 3), double(1 + rng.below(5)), 1});
      all += items.back().gain * items.back().most;
    }
    const double wanted = rng.uniform(0.1, 0.95) * all;
    const KnapsackPlan plan = least_cost(items, wanted);
    ASSERT_TRUE(plan.enough && plan.exact);
    EXPECT_NEAR(plan.cost, brute_force(items, wanted), 1e-9);
    EXPECT_GE(plan.gain, wanted * (1 - 1e-9));
  }
  EXPECT_FALSE(least_cost({{1, 1, 2, 0}}, 3).enough);
  EXPECT_NEAR(least_cost({{1, 1, 2, 0}, {3, 1, 1, 0}}, 4).cost, 2, 1e-12);
}

// Scales that stand still, whole steps and costs of all kinds: every combination is tried.
TEST(CompositeWhatIf, ThePlanOfAUnitCostsTheLeastOfAllPlans) {
  base::Rng rng(21);
  for (int round = 0; round < 12; ++round) {
    const double weight[] = {1, 2, 3}, cost[] = {rng.uniform(0.5, 3), rng.uniform(0.5, 3), rng.uniform(0.5, 3)};
    std::string text =
        "id = \"x\"\nname = { zh = \"x\", en = \"x\" }\n[[group]]\ncode = \"g\"\nname = { zh = \"g\", en = \"g\" }\n";
    for (int i = 0; i < 3; ++i)
      text += fmt::format(
          "[[indicator]]\ncode = \"i{}\"\nparent = \"g\"\nname = {{ zh = \"i\", en = \"i\" }}\nweight = {}\nlow = 0\n"
          "high = 10\nstep = 1\ncost = {}\ndirection = \"{}\"\n",
          i, weight[i], cost[i], i == 1 ? "less" : "more");
    const Frame frame = read_frame(text, "x").value();
    std::string data = "unit,i0,i1,i2\n";
    for (int u = 0; u < 8; ++u) data += fmt::format("u{},{},{},{}\n", u, rng.below(11), rng.below(11), rng.below(11));
    const Table table = read_table(data, "x", frame.titles()).value().table;
    const IndexReport report = compute(frame, table).value();
    std::size_t last = 0;
    for (std::size_t u = 1; u < 8; ++u) {
      if (report.scores.at(u, frame.root) < report.scores.at(last, frame.root)) last = u;
    }
    const auto plan = what_if(frame, table, report, last, 4);
    ASSERT_TRUE(plan && plan->reachable);
    EXPECT_TRUE(plan->exact && plan->confirmed);
    const double a = report.raw.at(last, 0), b = 10 - report.raw.at(last, 1), c = report.raw.at(last, 2);
    double least = 1e300;
    for (double x = a; x <= 10; ++x) {
      for (double y = b; y <= 10; ++y) {
        for (double z = c; z <= 10; ++z) {
          if (10 * (x + 2 * y + 3 * z) / 6 < plan->score_wanted - 1e-9) continue;
          least = std::min(least, (x - a) * cost[0] + (y - b) * cost[1] + (z - c) * cost[2]);
        }
      }
    }
    EXPECT_NEAR(plan->cost, least, 1e-9);
  }
}

class CompositeAnalysis : public testing::Test {
 protected:
  void SetUp() override {
    if (!asem::there()) GTEST_SKIP() << "no ASEM data";
    read("");
  }
  void read(std::string_view more) {
    std::string text = asem::frame_text();
    if (!more.empty()) text.insert(text.find("[[indicator]]"), std::string(more) + "\n");
    frame_ = read_frame(text, "asem.toml").value();
    table_ = asem::table(frame_);
    report_ = compute(frame_, table_).value();
  }
  std::size_t unit(std::string_view code) const {
    std::size_t u = 0;
    while (report_.units[u].code != code) ++u;
    return u;
  }
  Variation choices(std::size_t samples) const {
    Variation out;
    out.samples = samples, out.seed = 3, out.weights_percent = 25;
    out.imputation = {ImputeMethod::group_median, ImputeMethod::nearest};
    out.treatment = {TreatMethod::none};
    out.normalisation = {NormaliseMethod::z_score, NormaliseMethod::percentile};
    out.aggregation = {AggregateMethod::geometric, AggregateMethod::harmonic};
    return out;
  }

  Frame frame_;
  Table table_;
  IndexReport report_;
};

TEST_F(CompositeAnalysis, RankIntervalsHoldTheirMedianAndASeedReproducesThem) {
  const auto first = vary(frame_, report_, choices(300));
  const auto again = vary(frame_, report_, choices(300));
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->factors.size(), 5U);
  double wide = 0;
  for (std::size_t u = 0; u < first->units.size(); ++u) {
    const RankInterval& told = first->units[u];
    EXPECT_LE(told.low, told.median);
    EXPECT_LE(told.median, told.high);
    EXPECT_EQ(told.nominal, report_.ranks[frame_.root][u]);
    EXPECT_EQ(told.mean, again->units[u].mean);
    wide += told.high - told.low;
  }
  EXPECT_GT(wide / 51, 1);
  EXPECT_GT(first->shift, 0.5);
  EXPECT_EQ(first->units[unit("CHE")].low, 1);
}

TEST_F(CompositeAnalysis, WithTheFramesOwnChoicesAloneTheRanksAreItsOwn) {
  Variation how;
  EXPECT_FALSE(vary(frame_, report_, how));
  how.weights_percent = 1e-9, how.samples = 10;
  const auto told = vary(frame_, report_, how);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->factors, std::vector<std::string>{"weights"});
  EXPECT_EQ(told->shift, 0);
}

TEST_F(CompositeAnalysis, SharesNameTheChoiceThatMatters) {
  Variation how = choices(256);
  how.imputation = {ImputeMethod::group_median};
  const auto told = attribute(frame_, report_, how);
  ASSERT_TRUE(told);
  ASSERT_EQ(told->overall.size(), 5U);
  const std::size_t imputation = 0, aggregation = 4;
  EXPECT_GT(told->overall[aggregation].total, told->overall[imputation].total + 0.1);
  EXPECT_EQ(told->units.size(), 51U);
}

TEST_F(CompositeAnalysis, TheLeastCostOfFiveRanksIsExactAndConfirmed) {
  const std::size_t who = unit("CZE");
  const auto plan = what_if(frame_, table_, report_, who, 5);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->reachable);
  EXPECT_TRUE(plan->confirmed);
  EXPECT_EQ(plan->rank_wanted, plan->rank_now - 5);
  EXPECT_LE(plan->rank_reached, plan->rank_wanted);
  EXPECT_NEAR(plan->score_reached, plan->score_wanted, 1e-9);
  // With a cost of 1 a point the dearest points are those with the least share of the root: all of it comes from the
  // greatest.
  double most = 0;
  for (std::size_t i = 0; i < frame_.indicators.size(); ++i) most = std::max(most, report_.shares_of_root[i]);
  if (plan->exact) EXPECT_NEAR(plan->cost, (plan->score_wanted - plan->score_now) / most, 1e-6);
}

TEST_F(CompositeAnalysis, AGeometricIndexIsSearchedAndConfirmed) {
  std::string text = asem::frame_text();
  text.replace(text.find("method = \"min_max\""), 18, "method = \"min_max\"\nlow = 1");
  text.replace(text.find("method = \"arithmetic\""), 21, "method = \"geometric\"");
  frame_ = read_frame(text, "asem.toml").value();
  report_ = compute(frame_, table_).value();
  const auto plan = what_if(frame_, table_, report_, unit("POL"), 3);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_FALSE(plan->exact);
  EXPECT_TRUE(plan->reachable && plan->confirmed);
  EXPECT_LE(plan->rank_reached, plan->rank_now - 3);
  EXPECT_GE(plan->score_reached, plan->score_wanted - 1e-9);
}

TEST_F(CompositeAnalysis, WhatCannotBeReachedSaysSo) {
  std::string text = asem::frame_text();
  for (std::size_t at = 0; (at = text.find("[[indicator]]\n", at)) != std::string::npos;)
    text.insert(at += 14, "change_max = 1e-9\n");
  frame_ = read_frame(text, "asem.toml").value();
  report_ = compute(frame_, table_).value();
  const auto plan = what_if(frame_, table_, report_, unit("BGR"), 20);
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->reachable);
  EXPECT_FALSE(what_if(frame_, table_, report_, unit("CHE"), 1));
}

TEST_F(CompositeAnalysis, ConsistencyOfTheWholeAndItsParts) {
  const Consistency told = consistency_of(frame_, report_);
  EXPECT_EQ(told.groups.size(), 11U);
  EXPECT_EQ(told.groups.back().group, frame_.root);
  EXPECT_EQ(told.groups.back().siblings.size(), 1U);
  EXPECT_EQ(told.upwards.size(), 49U * 3 + 8 * 2 + 2);
  for (const Correlation& pair : told.redundant) EXPECT_GT(pair.r, 0.92);
  // k/(k-1) (1 - Σ var/var of the sum) is 2r/(1 + r) for two items of one variance: near it for two of nearly one.
  const double r = told.groups.back().siblings[0].r;
  EXPECT_NEAR(told.groups.back().alpha, 2 * r / (1 + r), 0.1);
}

TEST_F(CompositeAnalysis, WhatSetsAUnitApartAddsUp) {
  for (const char* method : {"arithmetic", "geometric", "harmonic"}) {
    std::string text = asem::frame_text();
    text.replace(text.find("method = \"min_max\""), 18, "method = \"min_max\"\nlow = 1");
    text.replace(text.find("method = \"arithmetic\""), 21, fmt::format("method = \"{}\"", method));
    frame_ = read_frame(text, "asem.toml").value();
    report_ = compute(frame_, table_).value();
    for (const std::size_t u : {unit("CHE"), unit("CHN")}) {
      const auto told = against_mean(frame_, report_, u);
      ASSERT_TRUE(told);
      double sum = 0;
      for (std::size_t i = 0; i < frame_.indicators.size(); ++i) sum += told->parts[i];
      EXPECT_NEAR(sum, told->whole, 1e-9) << method;
      EXPECT_NEAR(told->parts[frame_.node("Conn")] + told->parts[frame_.node("Sust")], told->whole, 1e-9);
      EXPECT_GT(std::abs(told->whole), 1);
    }
  }
}

TEST_F(CompositeAnalysis, TwoYearsAreComparedByIndicator) {
  Table both = table_;
  both.units.insert(both.units.end(), table_.units.begin(), table_.units.end());
  both.cells = Matrix(102, both.columns.size());
  base::Rng rng(5);
  for (std::size_t u = 0; u < 51; ++u) {
    both.units[u + 51].year = "2019";
    for (std::size_t c = 0; c < both.columns.size(); ++c) {
      both.cells.at(u, c) = table_.cells.at(u, c);
      both.cells.at(u + 51, c) = table_.cells.at(u, c) * (c < 49 ? rng.uniform(0.9, 1.15) : 1);
    }
  }
  const auto report = compute(frame_, both);
  ASSERT_TRUE(report);
  const auto changes = compare_years(frame_, *report, "2018", "2019");
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), 51U);
  for (const YearChange& change : *changes) {
    const double whole = report->scores.at(change.after, frame_.root) - report->scores.at(change.before, frame_.root);
    double sum = change.score.rest;
    for (std::size_t i = 0; i < frame_.indicators.size(); ++i) sum += change.score.parts[i];
    EXPECT_NEAR(sum, whole, 1e-9);
    EXPECT_NEAR(change.score.rest, 0, 1e-9);
    EXPECT_LE(change.rank_after, 51);
  }
  EXPECT_FALSE(compare_years(frame_, *report, "2017", "2019"));
}

TEST(CompositeStatistics, StudentsTAsInItsTables) {
  EXPECT_NEAR(student_t_two_sided(0.95, 10), 2.228138852, 1e-8);
  EXPECT_NEAR(student_t_two_sided(0.99, 1), 63.65674116, 1e-6);
  EXPECT_NEAR(student_t_two_sided(0.95, 1e6), 1.959966, 1e-5);
  EXPECT_NEAR(student_t_probability_beyond(2.228138852, 10), 0.05, 1e-9);
}

TEST(CompositeCluster, NaturalBreaksAreTheBestOfAllPartitions) {
  base::Rng rng(2);
  for (int round = 0; round < 20; ++round) {
    std::vector<double> values;
    for (int i = 0; i < 12; ++i) values.push_back(rng.uniform(0, 10));
    const auto classes = natural_classes(values, 3);
    std::vector<double> sorted = values;
    std::sort(sorted.rbegin(), sorted.rend());
    const auto cost = [](std::span<const double> part) {
      double sum = 0, mean = 0;
      for (const double v : part) mean += v / double(part.size());
      for (const double v : part) sum += (v - mean) * (v - mean);
      return sum;
    };
    double best = 1e300;
    for (std::size_t i = 1; i < 11; ++i) {
      for (std::size_t j = i + 1; j < 12; ++j) {
        const std::span<const double> all(sorted);
        best = std::min(best, cost(all.subspan(0, i)) + cost(all.subspan(i, j - i)) + cost(all.subspan(j)));
      }
    }
    double ours = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      std::vector<double> part;
      for (std::size_t i = 0; i < 12; ++i) {
        if (classes[i] == k) part.push_back(values[i]);
      }
      ours += cost(part);
    }
    EXPECT_NEAR(ours, best, 1e-9);
  }
}

TEST(CompositeCluster, ClustersFarApartAreFoundByBothWhateverTheSeed) {
  base::Rng rng(9);
  Matrix rows(90, 2);
  for (std::size_t r = 0; r < 90; ++r) {
    const std::size_t which = r < 45 ? 0 : r < 75 ? 1 : 2;
    rows.at(r, 0) = rng.normal() + (which == 1 ? 12 : 0);
    rows.at(r, 1) = rng.normal() + (which == 2 ? 12 : 0);
  }
  rows.at(4, 1) = kMissing;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const Clusters means = k_means(rows, 3, seed);
    const Mixture mixture = gaussian_mixture(rows, 3, seed);
    EXPECT_EQ(means.sizes, (std::vector<std::size_t>{44, 30, 15}));
    EXPECT_EQ(mixture.clusters.of, means.of);
    EXPECT_EQ(means.of[4], kNone);
    EXPECT_GT(means.silhouette, 0.7);
    EXPECT_NEAR(mixture.shares[0] + mixture.shares[1] + mixture.shares[2], 1, 1e-9);
    EXPECT_LT(mixture.bic, gaussian_mixture(rows, 1, seed).bic);
  }
}

}  // namespace
}  // namespace cityloop::index
