#include "domain/traffic/forecast/stacked.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

namespace cityloop::traffic {
namespace {

constexpr int kRounds = 2000;

// The nearest point whose parts are ≥ 0 and sum up to 1 (Held, Wolfe and Crowder 1974).
Eigen::VectorXd onto_simplex(const Eigen::VectorXd& point) {
  std::vector<double> sorted(point.begin(), point.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  double sum = 0;
  double shift = 0;
  for (std::size_t at = 0; at < sorted.size(); ++at) {
    sum += sorted[at];
    const double next = (sum - 1) / double(at + 1);
    if (sorted[at] > next) shift = next;
  }
  return (point.array() - shift).max(0);
}

// Least squares of the weighted mean of errors: what is minimised is wᵀ E w over the simplex, by projected gradients.
std::vector<double> best_weights(const Eigen::MatrixXd& errors) {
  const Eigen::Index count = errors.rows();
  Eigen::VectorXd weights = Eigen::VectorXd::Constant(count, 1.0 / double(count));
  const double step = 0.5 / std::max(errors.trace(), 1e-12);
  for (int round = 0; round < kRounds; ++round) weights = onto_simplex(weights - 2 * step * errors * weights);
  return {weights.begin(), weights.end()};
}

}  // namespace

base::Result<std::vector<Predictions>> StackedForecaster::ask(const Panel& panel,
                                                              const std::vector<std::size_t>& origins) const {
  std::vector<Predictions> said;
  for (const ForecasterPtr& member : members_) said.push_back(TRY(member->predict(panel, origins)));
  return said;
}

Predictions StackedForecaster::mean_of(const std::vector<Predictions>& said) const {
  Predictions out(said.front().origins, said.front().horizons, said.front().nodes);
  for (std::size_t at = 0; at < out.values.size(); ++at) {
    const std::vector<double>& weights = weights_[at / out.nodes % out.horizons.size()];
    double sum = 0;
    for (std::size_t member = 0; member < said.size(); ++member)
      if (weights[member] > 0) sum += weights[member] * double(said[member].values[at]);
    out.values[at] = float(sum);
  }
  return out;
}

base::Status StackedForecaster::fit(const Panel& panel, std::size_t until, const std::vector<std::size_t>& horizons) {
  if (options_.members.empty()) return base::fail(base::Errc::invalid, "there is no model to stack");
  const auto cut = std::size_t(double(until) * (1 - options_.held_out_share));
  members_.clear();
  for (const auto& make : options_.members) members_.push_back(make());
  for (const ForecasterPtr& member : members_) TRY(member->fit(panel, cut, horizons));
  std::vector<std::size_t> origins;
  for (std::size_t step = cut; step + horizons.back() < until; ++step) origins.push_back(step);
  const std::vector<Predictions> said = TRY(ask(panel, origins));
  weights_.clear();
  const auto count = Eigen::Index(members_.size());
  for (std::size_t h = 0; h < horizons.size(); ++h) {
    Eigen::MatrixXd products = Eigen::MatrixXd::Zero(count, count);
    Eigen::VectorXd error(count);
    double pairs = 0;
    for (std::size_t at = 0; at < origins.size(); ++at)
      for (std::size_t node = 0; node < panel.nodes; ++node) {
        const float truth = panel.at(origins[at] + horizons[h], node);
        for (Eigen::Index m = 0; m < count; ++m)
          error(m) = double(said[std::size_t(m)].block(at, h)[node]) - double(truth);
        if (!error.allFinite()) continue;
        products += error * error.transpose();
        pairs += 1;
      }
    weights_.push_back(best_weights(products / std::max(pairs, 1.0)));
  }
  bands_ = TRY(Bands::learn(panel, mean_of(said), options_.levels));
  for (const ForecasterPtr& member : members_) TRY(member->fit(panel, until, horizons));
  return {};
}

base::Result<Predictions> StackedForecaster::predict(const Panel& panel,
                                                     const std::vector<std::size_t>& origins) const {
  return mean_of(TRY(ask(panel, origins)));
}

}  // namespace cityloop::traffic
