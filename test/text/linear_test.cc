#include "text/linear.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "text/calibration.h"

namespace cityloop::text {
namespace {

struct Data {
  SparseRows rows;
  std::vector<std::uint16_t> labels;
  std::vector<std::uint32_t> all;
};

// Each class has words of its own, and all share many; a share of the labels is wrong.
Data some_data(std::size_t classes, std::size_t rows, double wrong, std::uint64_t seed) {
  Data out;
  base::Rng rng(seed);
  out.rows.columns = classes * 20 + 100;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto label = std::uint16_t(rng.below(classes));
    std::vector<std::uint32_t> columns;
    for (int k = 0; k < 4; ++k) columns.push_back(std::uint32_t(label * 20 + rng.below(20)));
    for (int k = 0; k < 8; ++k) columns.push_back(std::uint32_t(classes * 20 + rng.below(100)));
    std::ranges::sort(columns);
    columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    for (const std::uint32_t column : columns) {
      out.rows.column.push_back(column);
      out.rows.value.push_back(float(1 / std::sqrt(double(columns.size()))));
    }
    out.rows.end_row();
    out.labels.push_back(rng.uniform() < wrong ? std::uint16_t(rng.below(classes)) : label);
    out.all.push_back(std::uint32_t(r));
  }
  return out;
}

std::vector<double> scores_of(const Weights& weights, const SparseRows& rows, std::size_t row) {
  std::vector<double> out(weights.classes);
  const std::size_t from = rows.begin[row], size = rows.begin[row + 1] - from;
  score_row(weights, std::span(rows.column).subspan(from, size), std::span(rows.value).subspan(from, size), out);
  return out;
}

double accuracy(const Weights& weights, const Data& data) {
  std::size_t right = 0;
  for (std::size_t r = 0; r < data.rows.rows(); ++r) {
    const auto scores = scores_of(weights, data.rows, r);
    right += std::size_t(std::ranges::max_element(scores) - scores.begin()) == data.labels[r] ? 1 : 0;
  }
  return double(right) / double(data.rows.rows());
}

// What squared hinge loss with its penalty amounts to for one class.
double objective(const Weights& w, const Data& data, std::uint16_t label, double cost) {
  double out = 0;
  for (std::size_t column = 0; column <= w.columns; ++column) out += 0.5 * w.at(column)[label] * w.at(column)[label];
  for (std::size_t r = 0; r < data.rows.rows(); ++r) {
    const double side = data.labels[r] == label ? 1 : -1;
    const double short_of = std::max(0.0, 1 - side * scores_of(w, data.rows, r)[label]);
    out += cost * short_of * short_of;
  }
  return out;
}

TEST(Linear, LearnsClassesThatCanBeParted) {
  for (const std::size_t classes : {2u, 7u, 8u, 11u}) {
    const Data learn = some_data(classes, 600, 0, 1), fresh = some_data(classes, 600, 0, 2);
    const Weights weights = train_linear(learn.rows, learn.labels, classes, learn.all, {});
    EXPECT_GT(accuracy(weights, fresh), 0.97) << classes;
  }
}

TEST(Linear, NoStepAsideIsBetter) {
  const Data data = some_data(3, 300, 0.1, 3);
  LinearOptions options;
  options.passes_max = 2000;
  options.tolerance = 1e-4;
  const Weights best = train_linear(data.rows, data.labels, 3, data.all, options);
  base::Rng rng(5);
  for (std::uint16_t label = 0; label < 3; ++label) {
    const double lowest = objective(best, data, label, options.cost);
    for (int k = 0; k < 20; ++k) {
      Weights aside = best;
      for (float& w : aside.is) w += float(0.02 * rng.normal());
      EXPECT_GT(objective(aside, data, label, options.cost), lowest - 1e-3);
    }
  }
}

TEST(Linear, OnlyTheRowsToBeUsedAreLearnedFrom) {
  Data data = some_data(3, 400, 0, 4);
  const std::vector<std::uint32_t> half(data.all.begin(), data.all.begin() + 200);
  const Weights before = train_linear(data.rows, data.labels, 3, half, {});
  for (std::size_t r = 200; r < 400; ++r) data.labels[r] = std::uint16_t((data.labels[r] + 1) % 3);
  EXPECT_EQ(before.is, train_linear(data.rows, data.labels, 3, half, {}).is);
}

TEST(Linear, TheSameSeedGivesTheSameWeights) {
  const Data data = some_data(5, 300, 0.1, 6);
  LinearOptions other;
  other.seed = 2;
  const Weights first = train_linear(data.rows, data.labels, 5, data.all, {});
  EXPECT_EQ(first.is, train_linear(data.rows, data.labels, 5, data.all, {}).is);
  EXPECT_NE(first.is, train_linear(data.rows, data.labels, 5, data.all, other).is);
}

TEST(Linear, BayesRatiosAreLargeWhereAClassHasAColumnToItself) {
  const Data data = some_data(3, 900, 0, 7);
  const Weights scale = bayes_scale(data.rows, data.labels, 3, data.all, 0.1);
  double own = 0, shared = 0;
  for (std::uint32_t column = 0; column < 20; ++column) own += scale.at(column)[0];
  for (std::uint32_t column = 60; column < 80; ++column) shared += scale.at(column)[0];
  EXPECT_GT(own, 20 * shared);
  EXPECT_EQ(scale.at(scale.columns)[2], 1) << "the bias is free";
  const Weights weights = train_linear(data.rows, data.labels, 3, data.all, {}, &scale);
  EXPECT_GT(accuracy(weights, some_data(3, 600, 0, 8)), 0.97);
}

TEST(Calibration, ConfidencesMeanWhatTheySay) {
  // Scores whose right temperature is 3: labels are drawn by softmax(3 s).
  constexpr std::size_t kClasses = 4, kRows = 8000;
  base::Rng rng(9);
  std::vector<double> scores(kClasses * kRows);
  std::vector<std::uint16_t> labels;
  Calibration right(kClasses);
  std::vector<double> sure(kClasses), scaled(kClasses);
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kClasses; ++c) {
      scores[r * kClasses + c] = rng.normal() * 0.6;
      scaled[c] = 3 * scores[r * kClasses + c];
    }
    right.apply(scaled, sure);
    double draw = rng.uniform();
    std::uint16_t label = 0;
    while (label + 1u < kClasses && draw >= sure[label]) draw -= sure[label++];
    labels.push_back(label);
  }
  const Calibration fitted = Calibration::fit(scores, labels, kClasses);
  EXPECT_LT(fitted.loss(scores, labels), Calibration(kClasses).loss(scores, labels));
  double gap = 0;
  std::vector<double> said(10), met(10);
  for (std::size_t r = 0; r < kRows; ++r) {
    fitted.apply(std::span(scores).subspan(r * kClasses, kClasses), sure);
    const auto best = std::size_t(std::ranges::max_element(sure) - sure.begin());
    const auto tenth = std::min<std::size_t>(9, std::size_t(sure[best] * 10));
    said[tenth] += sure[best];
    met[tenth] += best == labels[r] ? 1 : 0;
    EXPECT_NEAR(std::accumulate(sure.begin(), sure.end(), 0.0), 1, 1e-9);
  }
  for (std::size_t t = 0; t < 10; ++t) gap += std::abs(said[t] - met[t]) / kRows;
  EXPECT_LT(gap, 0.02);
}

TEST(Calibration, IsTheSameAfterSaving) {
  const std::vector<double> scores{1, 0, 0, 1, 1, 0, 0, 1, 0.2, 0.1};
  const std::vector<std::uint16_t> labels{0, 1, 0, 1, 1};
  const Calibration fitted = Calibration::fit(scores, labels, 2);
  base::ByteWriter out;
  fitted.save(out);
  base::ByteReader in(out.view());
  const auto back = Calibration::load(in);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->loss(scores, labels), fitted.loss(scores, labels));
  base::ByteReader cut(out.view().substr(0, 20));
  EXPECT_FALSE(Calibration::load(cut));
}

}  // namespace
}  // namespace cityloop::text
