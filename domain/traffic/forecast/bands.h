// Quantiles around the forecasts of any model, from how far off it was on held-out time (split conformal prediction,
// Vovk et al. 2005; with a local scale, Lei et al. 2018).
//
//   Predictions on held-out time, truth ─ learn ─▶ [Bands] ─ quantile(forecast)
//   ─▶ 0.1, 0.5, 0.9
//
// An error is first divided by what is usual for the node and for the level of the forecast (a jammed road is less sure
// than a free one); the quantiles of what remains are kept for each horizon and level. The middle quantile is the
// median, the forecast itself the mean or near it: they differ where errors are lopsided.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "domain/traffic/forecast/panel.h"

namespace cityloop::traffic {

class Bands {
 public:
  Bands() = default;
  // `levels` ascending in (0, 1). Pairs whose truth is not known do not count.
  static base::Result<Bands> learn(const Panel&, const Predictions& held_out, std::vector<double> levels);

  // Of the forecast for a node at the horizon's place in its list.
  float quantile(std::size_t horizon_at, std::size_t node, float forecast, std::size_t level_at) const;
  const std::vector<double>& levels() const { return levels_; }

 private:
  static constexpr std::size_t kBins = 6;  // of the forecast, as a share of the node's mean
  std::size_t bin_of(std::size_t node, float forecast) const;

  std::vector<double> levels_;
  std::vector<float> mean_;       // of each node's truth
  std::vector<float> scale_;      // [horizon][node]
  std::vector<float> quantiles_;  // [horizon][bin][level], of errors in scales
};

}  // namespace cityloop::traffic
