// A ridge regression over all nodes at once on what features.h tells, one a horizon.
//
//   Panel [0, until) ─ fit ─▶ [LinearForecaster] ─ Predictions
//
// It learns the departure from the usual. Columns are brought to mean 0 and deviation 1; what is not known counts as
// the mean. Quick to learn and to run: what trees must beat to be worth their cost.
#pragma once

#include <string>
#include <vector>

#include "domain/traffic/forecast/features.h"
#include "domain/traffic/forecast/forecaster.h"

namespace cityloop::traffic {

struct LinearOptions {
  FeatureOptions features;
  double ridge{0.001};    // of the rows' count
  double row_share{0.5};  // of all (step, node), that are learned from
  std::uint64_t seed{1};
};

class LinearForecaster final : public Forecaster {
 public:
  explicit LinearForecaster(LinearOptions options) : options_(std::move(options)) {}
  std::string name() const override { return "linear"; }
  base::Status fit(const Panel&, std::size_t until, const std::vector<std::size_t>& horizons) override;
  base::Result<Predictions> predict(const Panel&, const std::vector<std::size_t>& origins) const override;

 private:
  struct Learned {
    std::vector<float> mean, factor;  // a column: weight over deviation
    float constant{0};
  };
  Learned learn(const Panel&, const Features::Around&, std::size_t until, std::size_t horizon) const;

  LinearOptions options_;
  Features features_;
  std::vector<std::size_t> horizons_;
  std::vector<Learned> learned_;
};

}  // namespace cityloop::traffic
