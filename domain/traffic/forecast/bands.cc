#include "domain/traffic/forecast/bands.h"

#include <algorithm>
#include <cmath>

namespace cityloop::traffic {
namespace {

constexpr double kStiffness = 50;       // pairs that a node's own scale is drawn to the mean by
constexpr std::size_t kBinLeast = 300;  // pairs; a bin with fewer takes those of all

float level_of(std::vector<float>& errors, double level) {
  const double place = std::clamp(level * double(errors.size() + 1) - 1, 0.0, double(errors.size() - 1));
  const auto at = errors.begin() + std::ptrdiff_t(place);
  std::nth_element(errors.begin(), at, errors.end());
  return *at;
}

template <class F>
void each_pair(const Panel& panel, const Predictions& said, std::size_t horizon_at, const F& f) {
  for (std::size_t at = 0; at < said.origins.size(); ++at) {
    const std::size_t then = said.origins[at] + said.horizons[horizon_at];
    if (then >= panel.steps()) continue;
    const float* const forecast = said.block(at, horizon_at);
    for (std::size_t node = 0; node < panel.nodes; ++node)
      if (const float error = panel.at(then, node) - forecast[node]; !std::isnan(error)) f(node, forecast[node], error);
  }
}

}  // namespace

std::size_t Bands::bin_of(std::size_t node, float forecast) const {
  constexpr float kEdges[kBins - 1] = {0.4F, 0.6F, 0.8F, 0.95F, 1.1F};
  const float share = mean_[node] > 0 ? forecast / mean_[node] : 1;
  return std::size_t(std::upper_bound(std::begin(kEdges), std::end(kEdges), share) - std::begin(kEdges));
}

base::Result<Bands> Bands::learn(const Panel& panel, const Predictions& held_out, std::vector<double> levels) {
  Bands made;
  made.levels_ = std::move(levels);
  const std::size_t horizons = held_out.horizons.size();
  made.scale_.assign(horizons * panel.nodes, 1);
  made.mean_.assign(panel.nodes, 0);
  made.quantiles_.assign(horizons * kBins * made.levels_.size(), 0);
  std::vector<double> sum(panel.nodes), count(panel.nodes);
  each_pair(panel, held_out, 0, [&](std::size_t node, float forecast, float error) {
    sum[node] += double(forecast + error);
    count[node] += 1;
  });
  for (std::size_t node = 0; node < panel.nodes; ++node)
    made.mean_[node] = count[node] > 0 ? float(sum[node] / count[node]) : 0;
  for (std::size_t h = 0; h < horizons; ++h) {
    std::fill(sum.begin(), sum.end(), 0);
    std::fill(count.begin(), count.end(), 0);
    double all = 0, pairs = 0;
    each_pair(panel, held_out, h, [&](std::size_t node, float, float error) {
      sum[node] += std::abs(double(error));
      count[node] += 1;
      all += std::abs(double(error));
      pairs += 1;
    });
    if (pairs == 0) return base::fail(base::Errc::invalid, "no forecast of held-out time has a truth beside it");
    for (std::size_t node = 0; node < panel.nodes; ++node)
      made.scale_[h * panel.nodes + node] =
          float(std::max((sum[node] + kStiffness * all / pairs) / (count[node] + kStiffness), 1e-6));
    std::vector<std::vector<float>> errors(kBins + 1);
    each_pair(panel, held_out, h, [&](std::size_t node, float forecast, float error) {
      const float scaled = error / made.scale_[h * panel.nodes + node];
      errors[made.bin_of(node, forecast)].push_back(scaled);
      errors[kBins].push_back(scaled);
    });
    for (std::size_t bin = 0; bin < kBins; ++bin)
      for (std::size_t level = 0; level < made.levels_.size(); ++level)
        made.quantiles_[(h * kBins + bin) * made.levels_.size() + level] =
            level_of(errors[bin].size() < kBinLeast ? errors[kBins] : errors[bin], made.levels_[level]);
  }
  return made;
}

float Bands::quantile(std::size_t horizon_at, std::size_t node, float forecast, std::size_t level_at) const {
  const float scale = scale_[horizon_at * mean_.size() + node];
  return forecast + scale * quantiles_[(horizon_at * kBins + bin_of(node, forecast)) * levels_.size() + level_at];
}

}  // namespace cityloop::traffic
