#include "domain/traffic/forecast/boosted.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"

namespace cityloop::traffic {

float BoostedForecaster::base_of(const Panel& panel, const Features::Around& around, std::size_t origin,
                                 std::size_t horizon, std::size_t node) const {
  const std::size_t at = origin - around.first;
  if (options_.base == Base::usual) return around.usual[(at + horizon) * panel.nodes + node];
  const float value = panel.at(origin, node);
  return std::isnan(value) ? around.usual[at * panel.nodes + node] : value;
}

float BoostedForecaster::scale_of(const Features::Around& around, std::size_t origin, std::size_t horizon,
                                  std::size_t node, std::size_t nodes) const {
  if (!options_.root_scale) return 1;
  return std::sqrt(std::max(around.usual[(origin - around.first + horizon) * nodes + node], 1.0F));
}

BoostedForecaster::Sample BoostedForecaster::sample(const Panel& panel, const Features::Around& around,
                                                    std::size_t until, std::size_t horizon, std::uint64_t seed) const {
  Sample sample;
  base::Rng rng(seed * 1'000'003 + horizon);
  std::vector<float> row(features_.count());
  for (std::size_t origin = std::size_t(features_.options().window - 1); origin + horizon < until; ++origin)
    for (std::size_t node = 0; node < panel.nodes; ++node) {
      if (rng.uniform() >= options_.row_share) continue;
      const float scale = scale_of(around, origin, horizon, node, panel.nodes);
      const float label = (panel.at(origin + horizon, node) - base_of(panel, around, origin, horizon, node)) / scale;
      if (std::isnan(label)) continue;
      features_.row(panel, around, origin, horizon, node, row.data());
      sample.rows.insert(sample.rows.end(), row.begin(), row.end());
      sample.labels.push_back(label);
      if (options_.root_scale) sample.weights.push_back(float(std::pow(scale, options_.scale_power)));
    }
  if (sample.weights.empty()) return sample;
  double mean = 0;  // weights of mean 1, so that what a leaf must weigh stays a
                    // number of rows
  for (const float weight : sample.weights) mean += double(weight) / double(sample.weights.size());
  for (float& weight : sample.weights) weight = float(double(weight) / mean);
  return sample;
}

base::Status BoostedForecaster::fit(const Panel& panel, std::size_t until, const std::vector<std::size_t>& horizons) {
  if (horizons.empty() || until > panel.steps() ||
      until <= std::size_t(features_.options().window) + horizons.back() + 1)
    return base::fail(base::Errc::invalid, "{} steps are too few to learn from", until);
  features_ = Features(panel, until, options_.features);
  horizons_ = horizons;
  learned_.clear();
  const auto around = features_.around(panel, 0, until, horizons.back(), true);
  for (const std::size_t horizon : options_.horizons.empty() ? horizons : options_.horizons) {
    Learned learned{.horizon = horizon, .boosters = {}};
    for (int model = 0; model < options_.models; ++model) {
      BoosterOptions booster = options_.booster;
      booster.seed += std::uint64_t(model);
      const Sample rows = sample(panel, around, until, horizon, booster.seed);
      learned.boosters.push_back(
          TRY(Booster::train({rows.rows, features_.count()}, rows.labels, rows.weights, booster)));
    }
    learned_.push_back(std::move(learned));
  }
  return {};
}

base::Result<std::vector<float>> BoostedForecaster::say(const Learned& learned, const Panel& panel,
                                                        const Features::Around& around,
                                                        const std::vector<std::size_t>& origins) const {
  std::vector<float> rows(origins.size() * panel.nodes * features_.count());
  float* to = rows.data();
  for (const std::size_t origin : origins)
    for (std::size_t node = 0; node < panel.nodes; ++node, to += features_.count())
      features_.row(panel, around, origin, learned.horizon, node, to);
  std::vector<float> said(origins.size() * panel.nodes, 0);
  for (const Booster& booster : learned.boosters) {
    const std::vector<float> values = TRY(booster.predict({rows, features_.count()}));
    for (std::size_t at = 0; at < said.size(); ++at) said[at] += values[at] / float(learned.boosters.size());
  }
  for (std::size_t at = 0; at < origins.size(); ++at)
    for (std::size_t node = 0; node < panel.nodes; ++node) {
      float& value = said[at * panel.nodes + node];
      value = value * scale_of(around, origins[at], learned.horizon, node, panel.nodes) +
              base_of(panel, around, origins[at], learned.horizon, node);
    }
  return said;
}

base::Result<Predictions> BoostedForecaster::predict(const Panel& panel,
                                                     const std::vector<std::size_t>& origins) const {
  if (panel.nodes != features_.nodes() || panel.nodes == 0)
    return base::fail(base::Errc::invalid, "{} nodes, but {} were learned", panel.nodes, features_.nodes());
  Predictions out(origins, horizons_, panel.nodes);
  constexpr std::size_t kAtOnce = 64;  // origins: bounds the memory of the rows
  for (std::size_t from = 0; from < origins.size(); from += kAtOnce) {
    const std::vector<std::size_t> some(origins.begin() + std::ptrdiff_t(from),
                                        origins.begin() + std::ptrdiff_t(std::min(from + kAtOnce, origins.size())));
    const auto [least, most] = std::minmax_element(some.begin(), some.end());
    const auto around = features_.around(panel, *least, *most + 1, horizons_.back(), false);
    std::vector<std::vector<float>> said;
    for (const Learned& learned : learned_) said.push_back(TRY(say(learned, panel, around, some)));
    for (std::size_t h = 0; h < horizons_.size(); ++h) {
      std::size_t above = 0;
      while (above + 1 < learned_.size() && learned_[above].horizon < horizons_[h]) ++above;
      const std::size_t below = above > 0 && learned_[above].horizon > horizons_[h] ? above - 1 : above;
      const float part = below == above ? 0
                                        : float(horizons_[h] - learned_[below].horizon) /
                                              float(learned_[above].horizon - learned_[below].horizon);
      for (std::size_t at = 0; at < some.size(); ++at) {
        float* const to = out.block(from + at, h);
        for (std::size_t node = 0; node < panel.nodes; ++node)
          to[node] = (1 - part) * said[below][at * panel.nodes + node] + part * said[above][at * panel.nodes + node];
      }
    }
  }
  return out;
}

std::vector<std::pair<std::string, double>> BoostedForecaster::importance(std::size_t horizon) const {
  std::vector<std::pair<std::string, double>> shares;
  for (const Learned& learned : learned_) {
    if (learned.horizon != horizon) continue;
    const std::vector<double> gains = learned.boosters.front().importance(features_.count());
    for (std::size_t at = 0; at < gains.size(); ++at) shares.emplace_back(features_.names()[at], gains[at]);
  }
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return shares;
}

}  // namespace cityloop::traffic
