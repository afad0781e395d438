// Boosted trees over all nodes at once: one model a horizon, shown what features.h tells.
//
//   Panel [0, until) ─ fit ─▶ [BoostedForecaster] ─ Predictions
//
// The trees learn what is left beside a plain base: the change since now (speeds), or the departure from the usual
// (volumes, whose errors grow with the root of the volume: they are divided by it). Between two horizons that are
// learned the forecast runs straight from one to the other.
#pragma once

#include <string>
#include <vector>

#include "domain/traffic/forecast/booster.h"
#include "domain/traffic/forecast/features.h"
#include "domain/traffic/forecast/forecaster.h"

namespace cityloop::traffic {

enum class Base : std::uint8_t {
  now,    // the value now, or what is usual where it is not known
  usual,  // what is usual then
};

struct BoostedOptions {
  FeatureOptions features;
  BoosterOptions booster;
  Base base{Base::now};
  bool root_scale{false};             // errors are divided by the root of what is usual then
  double scale_power{1};              // rows count by the scale to this power: 2 minimises
                                      // squares of the value itself
  double row_share{0.3};              // of all (step, node), that are learned from
  std::vector<std::size_t> horizons;  // that are learned; empty: all that are asked for
  int models{1};                      // with seeds one after the other, averaged
};

class BoostedForecaster final : public Forecaster {
 public:
  explicit BoostedForecaster(BoostedOptions options) : options_(std::move(options)) {}
  std::string name() const override { return "boosted"; }
  base::Status fit(const Panel&, std::size_t until, const std::vector<std::size_t>& horizons) override;
  base::Result<Predictions> predict(const Panel&, const std::vector<std::size_t>& origins) const override;

  // What each feature helped at a horizon that was learned: (name, share), the most first.
  std::vector<std::pair<std::string, double>> importance(std::size_t horizon) const;
  const Features& features() const { return features_; }

 private:
  struct Learned {
    std::size_t horizon{};
    std::vector<Booster> boosters;
  };
  struct Sample {
    std::vector<float> rows, labels, weights;
  };
  Sample sample(const Panel&, const Features::Around&, std::size_t until, std::size_t horizon,
                std::uint64_t seed) const;
  float base_of(const Panel&, const Features::Around&, std::size_t origin, std::size_t horizon, std::size_t node) const;
  float scale_of(const Features::Around&, std::size_t origin, std::size_t horizon, std::size_t node,
                 std::size_t nodes) const;
  // What is learned at its horizon says of these origins.
  base::Result<std::vector<float>> say(const Learned&, const Panel&, const Features::Around&,
                                       const std::vector<std::size_t>& origins) const;

  BoostedOptions options_;
  Features features_;
  std::vector<std::size_t> horizons_;
  std::vector<Learned> learned_;  // by horizon
};

}  // namespace cityloop::traffic
