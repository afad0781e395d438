#include "text/linear.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/rng.h"

namespace cityloop::text {
namespace {

constexpr std::size_t kLanes = 8;  // classes learned side by side: what fits in two registers of every x86-64
using Lanes = std::array<float, kLanes>;

// Learns up to kLanes classes at once.
class Descent {
 public:
  Descent(const SparseRows& rows, std::span<const std::uint16_t> labels, std::span<const std::uint32_t> use,
          const LinearOptions& options, std::size_t first_class, std::size_t classes, const Weights* scale)
      : rows_(rows),
        labels_(labels),
        use_(use.begin(), use.end()),
        options_(options),
        first_(first_class),
        classes_(classes),
        softness_(float(0.5 / options.cost)),
        weights_(rows.columns + 1),
        alpha_(use.size()),
        curve_(use.size()) {
    if (scale) take_scale(*scale);
    for (std::size_t i = 0; i < use_.size(); ++i) curve_[i] = curvature(use_[i]);
  }

  void run() {
    std::vector<std::uint32_t> order(use_.size());
    std::iota(order.begin(), order.end(), 0U);
    base::Rng rng(options_.seed);
    for (std::uint32_t pass = 0; pass < options_.passes_max; ++pass) {
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
      worst_ = 0;
      for (const std::uint32_t i : order) step(i);
      if (worst_ < options_.tolerance) break;
    }
  }

  void give(Weights& out) const {
    for (std::size_t column = 0; column <= rows_.columns; ++column) {
      for (std::size_t c = 0; c < classes_; ++c) out.at(column)[first_ + c] = weights_[column][c];
    }
  }

 private:
  void take_scale(const Weights& scale) {
    scale_.resize(rows_.columns + 1);
    for (std::size_t column = 0; column <= rows_.columns; ++column) {
      for (std::size_t c = 0; c < classes_; ++c) scale_[column][c] = scale.at(column)[first_ + c];
    }
  }

  Lanes curvature(std::uint32_t row) const {
    Lanes sum{};
    for (std::size_t c = 0; c < kLanes; ++c) sum[c] = softness_ + (scale_.empty() ? 1 : scale_[rows_.columns][c]);
    for (std::size_t k = rows_.begin[row]; k < rows_.begin[row + 1]; ++k) {
      const float square = rows_.value[k] * rows_.value[k];
      for (std::size_t c = 0; c < kLanes; ++c) sum[c] += scale_.empty() ? square : square * scale_[rows_.column[k]][c];
    }
    return sum;
  }

  Lanes scores(std::uint32_t row) const {
    Lanes sum = weights_[rows_.columns];
    for (std::size_t k = rows_.begin[row]; k < rows_.begin[row + 1]; ++k) {
      const Lanes& w = weights_[rows_.column[k]];
      for (std::size_t c = 0; c < kLanes; ++c) sum[c] += rows_.value[k] * w[c];
    }
    return sum;
  }

  void move(std::uint32_t row, const Lanes& by) {
    const auto add = [&](std::size_t column, float value) {
      Lanes& w = weights_[column];
      if (scale_.empty()) {
        for (std::size_t c = 0; c < kLanes; ++c) w[c] += by[c] * value;
      } else {
        for (std::size_t c = 0; c < kLanes; ++c) w[c] += by[c] * value * scale_[column][c];
      }
    };
    for (std::size_t k = rows_.begin[row]; k < rows_.begin[row + 1]; ++k) add(rows_.column[k], rows_.value[k]);
    add(rows_.columns, 1);
  }

  // One row: for each class the best that its own multiplier can do, the others left as they are.
  void step(std::uint32_t i) {
    const std::uint32_t row = use_[i];
    const Lanes score = scores(row);
    Lanes by{};
    bool moves = false;
    for (std::size_t c = 0; c < classes_; ++c) {
      const float side = labels_[row] == first_ + c ? 1.0F : -1.0F;
      float& alpha = alpha_[i][c];
      const float slope = side * score[c] - 1 + alpha * softness_;
      const float violation = alpha > 0 ? std::abs(slope) : std::max(0.0F, -slope);
      worst_ = std::max(worst_, double(violation));
      if (violation < 1e-6F) continue;
      const float next = std::max(0.0F, alpha - slope / curve_[i][c]);
      by[c] = side * (next - alpha);
      alpha = next;
      moves = true;
    }
    if (moves) move(row, by);
  }

  const SparseRows& rows_;
  const std::span<const std::uint16_t> labels_;
  const std::vector<std::uint32_t> use_;
  const LinearOptions& options_;
  const std::size_t first_, classes_;
  const float softness_;  // squared hinge: half a cost's inverse on the diagonal
  std::vector<Lanes> weights_;
  std::vector<Lanes> scale_;  // empty: all alike
  std::vector<Lanes> alpha_;  // by place in use_
  std::vector<Lanes> curve_;
  double worst_{0};
};

}  // namespace

Weights train_linear(const SparseRows& rows, std::span<const std::uint16_t> labels, std::size_t classes,
                     std::span<const std::uint32_t> use, const LinearOptions& options, const Weights* scale) {
  Weights out(rows.columns, classes);
  for (std::size_t first = 0; first < classes; first += kLanes) {
    Descent descent(rows, labels, use, options, first, std::min(kLanes, classes - first), scale);
    descent.run();
    descent.give(out);
  }
  return out;
}

Weights bayes_scale(const SparseRows& rows, std::span<const std::uint16_t> labels, std::size_t classes,
                    std::span<const std::uint32_t> use, double smooth) {
  Weights sums(rows.columns, classes, float(smooth));
  std::vector<double> of_class(classes, smooth * double(rows.columns));
  for (const std::uint32_t row : use) {
    const std::size_t label = labels[row];
    for (std::size_t k = rows.begin[row]; k < rows.begin[row + 1]; ++k) {
      sums.at(rows.column[k])[label] += rows.value[k];
      of_class[label] += rows.value[k];
    }
  }
  const double all = std::accumulate(of_class.begin(), of_class.end(), 0.0);
  for (std::size_t column = 0; column < rows.columns; ++column) {
    float* const here = sums.at(column);
    const double everywhere = std::accumulate(here, here + classes, 0.0);
    for (std::size_t c = 0; c < classes; ++c) {
      const double in = here[c] / of_class[c];
      const double out = (everywhere - here[c]) / (all - of_class[c]);
      const double ratio = std::log(in / out);
      here[c] = float(ratio * ratio);
    }
  }
  std::fill_n(sums.at(rows.columns), classes, 1.0F);
  return sums;
}

void score_row(const Weights& weights, std::span<const std::uint32_t> columns, std::span<const float> values,
               std::span<double> scores) {
  const float* const bias = weights.at(weights.columns);
  for (std::size_t c = 0; c < weights.classes; ++c) scores[c] = bias[c];
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const float* const w = weights.at(columns[k]);
    for (std::size_t c = 0; c < weights.classes; ++c) scores[c] += double(values[k]) * w[c];
  }
}

}  // namespace cityloop::text
