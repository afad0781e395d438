// Each stage on numbers that can be checked by hand or in closed form.
#include <gtest/gtest.h>

#include "base/rng.h"
#include "index/composite/compute.h"
#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

// One group of two indicators, a (more is better) and b (less is).
Frame two(std::string_view rest = "") {
  return read_frame(std::string(R"(id = "two"
name = { zh = "二", en = "Two" }
[table]
groups = ["region"]
[[group]]
code = "all"
name = { zh = "总", en = "All" }
[[indicator]]
code = "a"
parent = "all"
weight = 3
name = { zh = "甲", en = "A" }
[[indicator]]
code = "b"
parent = "all"
direction = "less"
name = { zh = "乙", en = "B" }
)") + std::string(rest),
                    "two.toml")
      .value();
}

Matrix of(std::initializer_list<std::initializer_list<double>> rows) {
  Matrix out(rows.size(), rows.begin()->size());
  std::size_t r = 0;
  for (const auto& row : rows) {
    std::size_t c = 0;
    for (const double value : row) out.at(r, c++) = value;
    ++r;
  }
  return out;
}

std::vector<double> column(const Matrix& matrix, std::size_t c) {
  return {matrix.column(c).begin(), matrix.column(c).end()};
}

TEST(CompositeStages, MeanAndMedianOfTheGroupFillAndFallBackToAll) {
  const Frame frame = two();
  const std::vector<std::string> groups{"n", "n", "n", "s"}, years{"1", "1", "1", "1"};
  const Matrix in = of({{1, 1}, {5, 2}, {kMissing, 9}, {kMissing, kMissing}});
  std::vector<Note> notes;
  const Matrix mean = impute(frame, in, {ImputeMethod::group_mean, 0, 3, 1}, groups, years, notes);
  EXPECT_EQ(mean.at(2, 0), 3);
  EXPECT_EQ(mean.at(3, 0), 3);
  EXPECT_EQ(mean.at(3, 1), 4);
  const Matrix median = impute(frame, in, {ImputeMethod::group_median, 0, 3, 1}, groups, years, notes);
  EXPECT_EQ(median.at(3, 1), 2);
}

TEST(CompositeStages, TheNearestAreThoseAlikeInWhatBothHave) {
  const Frame frame = two();
  const Matrix in = of({{1, 10}, {1.1, kMissing}, {9, 50}, {9.2, 60}});
  std::vector<Note> notes;
  EXPECT_EQ(impute(frame, in, {ImputeMethod::nearest, kNone, 1, 1}, {}, {}, notes).at(1, 1), 10);
  EXPECT_EQ(impute(frame, in, {ImputeMethod::nearest, kNone, 3, 1}, {}, {}, notes).at(1, 1), 40);
}

// With one column complete and the other with gaps the likelihood has its greatest value in closed form: regression on
// the complete cases (Anderson 1957).
TEST(CompositeStages, ExpectationMaximisationFindsTheClosedForm) {
  const Frame frame = two();
  base::Rng rng(7);
  Matrix in(40, 2);
  double sx = 0, sy = 0, sxx = 0, sxy = 0, n = 0;
  for (std::size_t u = 0; u < 40; ++u) {
    const double x = rng.normal(), y = 2 * x + 1 + 0.5 * rng.normal();
    in.at(u, 0) = x;
    if (u >= 30) continue;
    in.at(u, 1) = y;
    sx += x, sy += y, sxx += x * x, sxy += x * y, ++n;
  }
  const double slope = (sxy - sx * sy / n) / (sxx - sx * sx / n), base = (sy - slope * sx) / n;
  std::vector<Note> notes;
  const Matrix out = impute(frame, in, {ImputeMethod::expectation_maximisation, kNone, 3, 0}, {}, {}, notes);
  for (std::size_t u = 30; u < 40; ++u) EXPECT_NEAR(out.at(u, 1), base + slope * in.at(u, 0), 1e-6);
}

TEST(CompositeStages, WhatNoUnitHasStaysMissingAndIsNoted) {
  const Frame frame = two();
  const Matrix in = of({{1, kMissing}, {2, kMissing}});
  for (const auto method : {ImputeMethod::group_mean, ImputeMethod::nearest, ImputeMethod::expectation_maximisation}) {
    std::vector<Note> notes;
    EXPECT_TRUE(missing(impute(frame, in, {method, kNone, 3, 1}, {}, {}, notes).at(0, 1)));
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_EQ(notes[0].node, 1U);
  }
}

TEST(CompositeStages, AnOutlierTakesTheNextValueUntilTheTailIsTame) {
  const Frame frame = two();
  Matrix in(12, 2);
  for (std::size_t u = 0; u < 12; ++u) in.at(u, 0) = double(u), in.at(u, 1) = -double(u);
  in.at(11, 0) = 1000, in.at(11, 1) = -1000;
  std::vector<Note> notes;
  std::vector<Treated> told;
  const Matrix out = treat(frame, in, {TreatMethod::winsorise_or_log, 2, 3.5, 5}, told, notes);
  EXPECT_EQ(out.at(11, 0), 10);
  EXPECT_EQ(out.at(11, 1), -10);
  EXPECT_EQ(told[0].winsorised_high, 1U);
  EXPECT_EQ(told[1].winsorised_low, 1U);
  EXPECT_FALSE(told[0].logged);
  EXPECT_EQ(told[0].of(500), 10);
}

TEST(CompositeStages, WhereWinsorisingDoesNotDoTheLogarithmIsTaken) {
  const Frame frame = two();
  Matrix in(20, 2);
  for (std::size_t u = 0; u < 20; ++u) in.at(u, 0) = std::exp(2.0 * double(u)), in.at(u, 1) = -in.at(u, 0);
  std::vector<Note> notes;
  std::vector<Treated> told;
  const Matrix out = treat(frame, in, {TreatMethod::winsorise_or_log, 2, 3.5, 1}, told, notes);
  EXPECT_TRUE(told[0].logged && told[1].logged);
  const double range = std::exp(38.0) - 1;
  EXPECT_NEAR(out.at(3, 0), std::log(std::exp(6.0) - 1 + 0.01 * range), 1e-12);
  EXPECT_NEAR(out.at(19, 0) - out.at(0, 0), std::log(1.01 / 0.01), 1e-9);
  for (std::size_t u = 1; u < 20; ++u) {
    EXPECT_GE(out.at(u, 0), out.at(u - 1, 0));
    EXPECT_LE(out.at(u, 1), out.at(u - 1, 1));
  }
}

TEST(CompositeStages, EveryNormalisationPutsTheBetterHigher) {
  const Frame frame = two("target = 12\n");
  const Frame targets = two("target = 1\n");
  const Matrix in = of({{0, 4}, {5, 8}, {10, 2}});
  std::vector<Treated> treated;
  std::vector<Normalised> lines;
  std::vector<Note> notes;
  treat(frame, in, {}, treated, notes);
  Normalisation how;
  EXPECT_EQ(column(normalise(frame, in, treated, how, lines, notes), 0), (std::vector<double>{0, 50, 100}));
  EXPECT_NEAR(normalise(frame, in, treated, how, lines, notes).at(0, 1), 200.0 / 3, 1e-12);
  EXPECT_EQ(normalise(frame, in, treated, how, lines, notes).at(2, 1), 100);
  EXPECT_NEAR(lines[1].of(4), 200.0 / 3, 1e-12);
  how = {NormaliseMethod::z_score, 0, 100, 50, 10};
  EXPECT_EQ(column(normalise(frame, in, treated, how, lines, notes), 0), (std::vector<double>{40, 50, 60}));
  EXPECT_NEAR(normalise(frame, in, treated, how, lines, notes).at(1, 1),
              50 - 10 * (8 - 14.0 / 3) / deviation_of(in.column(1)), 1e-12);
  how = {NormaliseMethod::rank, 0, 100, 0, 1};
  EXPECT_EQ(column(normalise(frame, in, treated, how, lines, notes), 1), (std::vector<double>{2, 1, 3}));
  how = {NormaliseMethod::percentile, 0, 100, 0, 1};
  EXPECT_EQ(column(normalise(frame, in, treated, how, lines, notes), 0),
            (std::vector<double>{100.0 / 6, 50, 500.0 / 6}));
  how = {NormaliseMethod::target, 0, 100, 0, 1};
  EXPECT_NEAR(normalise(targets, in, treated, how, lines, notes).at(0, 1), 100 * (8 - 4) / 7.0, 1e-12);
}

TEST(CompositeStages, GoalpostsStandWhateverIsSeen) {
  const Frame frame = two("low = 0\nhigh = 5\n");
  const Matrix in = of({{0, 4}, {5, 8}});
  std::vector<Treated> treated;
  std::vector<Normalised> lines;
  std::vector<Note> notes;
  treat(frame, in, {}, treated, notes);
  EXPECT_EQ(column(normalise(frame, in, treated, {}, lines, notes), 1), (std::vector<double>{20, 0}));
}

TEST(CompositeStages, WhatDoesNotTellUnitsApartDoesNotCount) {
  const Frame frame = two();
  const auto read = read_table("unit,a,b\nx,1,7\ny,2,7\n", "t.csv", frame.titles()).value();
  const auto report = compute(frame, read.table);
  ASSERT_TRUE(report);
  EXPECT_EQ(column(report->scores, frame.root), (std::vector<double>{0, 100}));
  ASSERT_FALSE(report->notes.empty());
  EXPECT_EQ(report->notes[0].node, 1U);
}

TEST(CompositeStages, MeansOfEachKindByHand) {
  const Frame frame = two("[normalisation]\nlow = 1\n");
  const std::vector<double> shares{0.75, 0.25, 1};
  const std::vector<std::uint32_t> years{0, 0};
  Matrix scores = of({{4, 16, kMissing}, {9, kMissing, kMissing}});
  const auto root = [&](AggregateMethod method, double present_min) {
    aggregate(frame, shares, {{method}, present_min}, years, scores);
    return column(scores, 2);
  };
  EXPECT_DOUBLE_EQ(root(AggregateMethod::arithmetic, 0.5)[0], 7);
  EXPECT_DOUBLE_EQ(root(AggregateMethod::arithmetic, 0.5)[1], 9);
  EXPECT_TRUE(missing(root(AggregateMethod::arithmetic, 0.8)[1]));
  EXPECT_NEAR(root(AggregateMethod::geometric, 0.5)[0], std::pow(4, 0.75) * std::pow(16, 0.25), 1e-12);
  EXPECT_NEAR(root(AggregateMethod::harmonic, 0.5)[0], 1 / (0.75 / 4 + 0.25 / 16), 1e-12);
}

TEST(CompositeStages, CopelandCountsPairsWonByMostOfTheWeight) {
  const Frame frame = two();
  const std::vector<double> shares{0.75, 0.25, 1};
  const std::vector<std::uint32_t> years{0, 0, 0, 1};
  Matrix scores = of({{3, 1, kMissing}, {2, 9, kMissing}, {1, 9, kMissing}, {0, 0, kMissing}});
  aggregate(frame, shares, {{AggregateMethod::copeland}, 0.5}, years, scores);
  EXPECT_EQ(column(scores, 2), (std::vector<double>{100, 50, 0, 50}));
}

TEST(CompositeStages, WeightsOfEachKind) {
  const Frame frame = two(R"([[reviewer]]
name = "r"
points = { a = 80, b = 20 }
[[reviewer]]
name = "s"
points = { a = 1, b = 1 }
)");
  const Matrix in = of({{1, 2}, {2, 1}, {3, 5}, {4, 4}});
  const std::vector<std::uint32_t> years{0, 0, 0, 0};
  std::vector<Note> notes;
  const auto shares = [&](WeightMethod method) { return weigh(frame, method, {}, in, years, notes)[0]; };
  EXPECT_DOUBLE_EQ(shares(WeightMethod::given), 0.75);
  EXPECT_DOUBLE_EQ(shares(WeightMethod::equal), 0.5);
  EXPECT_DOUBLE_EQ(shares(WeightMethod::budget), 0.65);
  EXPECT_NEAR(shares(WeightMethod::principal_components), 0.5, 1e-12);
}

TEST(CompositeStages, TiedRanksInEachManner) {
  const std::vector<double> scores{10, 30, 20, 20 + 1e-14, kMissing, 5};
  const std::vector<std::uint32_t> years{0, 0, 0, 0, 0, 1};
  const auto ranks = [&](Ties ties) {
    auto out = rank(scores, years, ties);
    EXPECT_TRUE(missing(out[4]));
    out.erase(out.begin() + 4);
    return out;
  };
  EXPECT_EQ(ranks(Ties::competition), (std::vector<double>{4, 1, 2, 2, 1}));
  EXPECT_EQ(ranks(Ties::dense), (std::vector<double>{3, 1, 2, 2, 1}));
  EXPECT_EQ(ranks(Ties::average), (std::vector<double>{4, 1, 2.5, 2.5, 1}));
}

TEST(CompositeStages, OpenWeightsAreRefusedUntilSomebodyChooses) {
  const Frame frame = two("[weights]\nmethod = \"open\"\n");
  const auto read = read_table("unit,a,b\nx,1,7\ny,2,6\n", "t.csv", frame.titles()).value();
  const auto refused = compute(frame, read.table);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Errc::refused);
  EXPECT_TRUE(compute(frame, read.table, {WeightMethod::equal}));
}

TEST(CompositeStages, UnitsWithTooLittleDataAreNamedAndStayOut) {
  const Frame frame = two("[screening]\ndata_share_min = 0.6\n");
  const auto read = read_table("unit,a,b\nx,1,7\ny,2,6\nz,3,\n", "t.csv", frame.titles()).value();
  const auto report = compute(frame, read.table);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->units.size(), 2U);
  ASSERT_EQ(report->left_out.size(), 1U);
  EXPECT_EQ(report->left_out[0].first.code, "z");
}

}  // namespace
}  // namespace cityloop::index
