#include "domain/traffic/forecast/linear.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

#include "base/rng.h"

namespace cityloop::traffic {
namespace {

constexpr Eigen::Index kBlock = 4096;  // rows that are summed up at once

// Sums over rows of known values: what a column's mean and deviation are.
struct Moments {
  std::vector<double> sum, squares, count;
  explicit Moments(std::size_t columns) : sum(columns), squares(columns), count(columns) {}
  void add(const std::vector<float>& row) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (std::isnan(row[c])) continue;
      sum[c] += double(row[c]);
      squares[c] += double(row[c]) * double(row[c]);
      count[c] += 1;
    }
  }
  double mean(std::size_t c) const { return count[c] > 0 ? sum[c] / count[c] : 0; }
  double deviation(std::size_t c) const {
    const double variance = count[c] > 0 ? squares[c] / count[c] - mean(c) * mean(c) : 0;
    return variance > 1e-9 ? std::sqrt(variance) : 0;
  }
};

}  // namespace

LinearForecaster::Learned LinearForecaster::learn(const Panel& panel, const Features::Around& around, std::size_t until,
                                                  std::size_t horizon) const {
  const std::size_t columns = features_.count();
  std::vector<float> row(columns);
  // The same draw of rows twice: for the moments, and for the sums of products.
  const auto each_row = [&](auto&& take) {
    base::Rng rng(options_.seed * 104729 + horizon);
    for (std::size_t origin = std::size_t(features_.options().window - 1); origin + horizon < until; ++origin)
      for (std::size_t node = 0; node < panel.nodes; ++node) {
        if (rng.uniform() >= options_.row_share) continue;
        const float label =
            panel.at(origin + horizon, node) - around.usual[(origin + horizon - around.first) * panel.nodes + node];
        if (std::isnan(label)) continue;
        features_.row(panel, around, origin, horizon, node, row.data());
        take(label);
      }
  };
  Moments moments(columns);
  double labels = 0;
  double rows = 0;
  each_row([&](float label) {
    moments.add(row);
    labels += double(label);
    rows += 1;
  });
  Learned learned{.mean = std::vector<float>(columns, 0), .factor = std::vector<float>(columns, 0)};
  if (rows == 0) return learned;
  learned.constant = float(labels / rows);
  const auto wide = Eigen::Index(columns);
  Eigen::MatrixXd products = Eigen::MatrixXd::Zero(wide, wide);
  Eigen::VectorXd shared = Eigen::VectorXd::Zero(wide);
  Eigen::MatrixXf block = Eigen::MatrixXf::Zero(kBlock, wide);
  Eigen::VectorXf answer = Eigen::VectorXf::Zero(kBlock);
  Eigen::Index filled = 0;
  const auto sum_up = [&] {
    products += (block.topRows(filled).transpose() * block.topRows(filled)).cast<double>();
    shared += (block.topRows(filled).transpose() * answer.head(filled)).cast<double>();
    filled = 0;
  };
  each_row([&](float label) {
    for (std::size_t c = 0; c < columns; ++c) {
      const double deviation = moments.deviation(c);
      block(filled, Eigen::Index(c)) =
          std::isnan(row[c]) || deviation == 0 ? 0 : float((double(row[c]) - moments.mean(c)) / deviation);
    }
    answer(filled) = label - learned.constant;
    if (++filled == kBlock) sum_up();
  });
  sum_up();
  products.diagonal().array() += options_.ridge * rows;
  const Eigen::VectorXd weights = products.ldlt().solve(shared);
  for (std::size_t c = 0; c < columns; ++c) {
    learned.mean[c] = float(moments.mean(c));
    if (moments.deviation(c) > 0) learned.factor[c] = float(weights(Eigen::Index(c)) / moments.deviation(c));
  }
  return learned;
}

base::Status LinearForecaster::fit(const Panel& panel, std::size_t until, const std::vector<std::size_t>& horizons) {
  if (horizons.empty() || until > panel.steps() || until <= std::size_t(options_.features.window) + horizons.back() + 1)
    return base::fail(base::Errc::invalid, "{} steps are too few to learn from", until);
  features_ = Features(panel, until, options_.features);
  horizons_ = horizons;
  learned_.clear();
  const auto around = features_.around(panel, 0, until, horizons.back(), true);
  for (const std::size_t horizon : horizons) learned_.push_back(learn(panel, around, until, horizon));
  return {};
}

base::Result<Predictions> LinearForecaster::predict(const Panel& panel, const std::vector<std::size_t>& origins) const {
  if (panel.nodes != features_.nodes() || panel.nodes == 0)
    return base::fail(base::Errc::invalid, "{} nodes, but {} were learned", panel.nodes, features_.nodes());
  Predictions out(origins, horizons_, panel.nodes);
  std::vector<float> row(features_.count());
  for (std::size_t at = 0; at < origins.size(); ++at) {
    const auto around = features_.around(panel, origins[at], origins[at] + 1, horizons_.back(), false);
    for (std::size_t h = 0; h < horizons_.size(); ++h)
      for (std::size_t node = 0; node < panel.nodes; ++node) {
        features_.row(panel, around, origins[at], horizons_[h], node, row.data());
        float value =
            learned_[h].constant + around.usual[(origins[at] + horizons_[h] - around.first) * panel.nodes + node];
        for (std::size_t c = 0; c < row.size(); ++c)
          if (!std::isnan(row[c])) value += learned_[h].factor[c] * (row[c] - learned_[h].mean[c]);
        out.block(at, h)[node] = value;
      }
  }
  return out;
}

}  // namespace cityloop::traffic
