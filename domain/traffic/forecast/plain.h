// The forecasts that any other must beat: what is now stays; what is usual comes; and the way from the one to the
// other.
//
//   Panel ─▶ [Persistence], [Seasonal], [Fading] ─▶ Predictions
#pragma once

#include <vector>

#include "domain/traffic/forecast/forecaster.h"
#include "domain/traffic/forecast/profile.h"

namespace cityloop::traffic {

// The last known value, at most a day old.
class Persistence final : public Forecaster {
 public:
  std::string name() const override { return "persistence"; }
  base::Status fit(const Panel&, std::size_t until, const std::vector<std::size_t>& horizons) override;
  base::Result<Predictions> predict(const Panel&, const std::vector<std::size_t>& origins) const override;

 private:
  std::vector<std::size_t> horizons_;
};

// What is usual for the hour and the kind of day.
class Seasonal final : public Forecaster {
 public:
  explicit Seasonal(ProfileOptions options = {}) : options_(options) {}
  std::string name() const override { return "seasonal"; }
  base::Status fit(const Panel&, std::size_t until, const std::vector<std::size_t>& horizons) override;
  base::Result<Predictions> predict(const Panel&, const std::vector<std::size_t>& origins) const override;

 private:
  ProfileOptions options_;
  Profile profile_;
  std::vector<std::size_t> horizons_;
};

// The usual value, and of the departure from it as much as is still there after so long: a share of each node's own for
// each horizon, by least squares over the days learned from.
class Fading final : public Forecaster {
 public:
  explicit Fading(ProfileOptions options = {}) : options_(options) {}
  std::string name() const override { return "fading"; }
  base::Status fit(const Panel&, std::size_t until, const std::vector<std::size_t>& horizons) override;
  base::Result<Predictions> predict(const Panel&, const std::vector<std::size_t>& origins) const override;

 private:
  ProfileOptions options_;
  Profile profile_;
  std::vector<std::size_t> horizons_;
  std::vector<float> kept_;  // [horizon][node], 0 … 1
};

}  // namespace cityloop::traffic
