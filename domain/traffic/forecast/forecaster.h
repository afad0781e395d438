// What every forecasting model of the package is: learns from the beginning of a panel, then says what comes.
//
//   Panel [0, until) ─ fit ─▶ [Forecaster] ─ predict(origins) ─▶ Predictions
//
// A fitted model is not changed by predict() and may be read by many threads. predict() looks at no value after an
// origin: a test hides the future and compares. The same panel, span and seed give the same model.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/traffic/forecast/panel.h"

namespace cityloop::traffic {

class Forecaster {
 public:
  virtual ~Forecaster() = default;
  virtual std::string name() const = 0;
  // Learns from steps [0, until) for these horizons (steps ahead, ascending).
  virtual base::Status fit(const Panel&, std::size_t until, const std::vector<std::size_t>& horizons) = 0;
  // An unbiased middle of what is to be expected; NaN where nothing can be said. The horizons are those of fit().
  virtual base::Result<Predictions> predict(const Panel&, const std::vector<std::size_t>& origins) const = 0;
};

using ForecasterPtr = std::unique_ptr<Forecaster>;

}  // namespace cityloop::traffic
