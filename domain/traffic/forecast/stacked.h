// Several models as one: their weighted mean, with weights and quantiles found on held-out time.
//
//   members ─ fit on the first part, judged on the rest ─▶ weights, Bands ─ fit
//   on all ─▶ [StackedForecaster]
//
// Weights are ≥ 0, sum up to 1, and are a horizon's own: least squares on the last part of the time learned from, so
// the time after it is never looked at.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "domain/traffic/forecast/bands.h"
#include "domain/traffic/forecast/forecaster.h"

namespace cityloop::traffic {

struct StackedOptions {
  std::vector<std::function<ForecasterPtr()>> members;
  double held_out_share{0.2};  // of the time learned from, its end
  std::vector<double> levels{0.1, 0.5, 0.9};
};

class StackedForecaster final : public Forecaster {
 public:
  explicit StackedForecaster(StackedOptions options) : options_(std::move(options)) {}
  std::string name() const override { return "stacked"; }
  base::Status fit(const Panel&, std::size_t until, const std::vector<std::size_t>& horizons) override;
  base::Result<Predictions> predict(const Panel&, const std::vector<std::size_t>& origins) const override;

  const Bands& bands() const { return bands_; }
  const std::vector<ForecasterPtr>& members() const { return members_; }
  // Of the members, at the horizon's place in its list.
  const std::vector<double>& weights(std::size_t horizon_at) const { return weights_[horizon_at]; }
  // What each member says, and what is made of it.
  base::Result<std::vector<Predictions>> ask(const Panel&, const std::vector<std::size_t>& origins) const;
  Predictions mean_of(const std::vector<Predictions>& said) const;

 private:
  StackedOptions options_;
  std::vector<ForecasterPtr> members_;
  std::vector<std::vector<double>> weights_;  // [horizon][member]
  Bands bands_;
};

}  // namespace cityloop::traffic
