// How likely a stretch of road is congested so many minutes from now.
//
//   speeds, free flow ─ fit ─▶ [CongestionForecaster] ─ probabilities, a
//   threshold ─▶ calls
//
// Congested at a step: of the steps of the last fifteen minutes at least two were measured, and in none of those was
// the speed half of free flow or more. Where nobody was measured nothing is congested. Boosted trees on what features.h
// tells, made into probabilities on the last part of the time learned from (calibration.h), where also the threshold is
// chosen at which precision and recall balance best (F1); then learned once more from all of it.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/traffic/forecast/booster.h"
#include "domain/traffic/forecast/calibration.h"
#include "domain/traffic/forecast/congestion_past.h"
#include "domain/traffic/forecast/features.h"

namespace cityloop::traffic {

struct CongestionDefinition {
  float share_of_free_flow{0.5F};
  int hold_steps{3};
  int measured_least{2};
};

// [step][node]: 1 congested, 0 not; 0 too where free flow is not known (NaN), for there nothing is ever called.
std::vector<std::uint8_t> congested(const Panel&, const std::vector<float>& free_flow, const CongestionDefinition&);

struct CongestionOptions {
  CongestionDefinition definition;
  FeatureOptions features;
  BoosterOptions booster;
  double quiet_share{0.15};     // of the rows without congestion that are learned
                                // from; they count so much more
  int models{1};                // of different seeds
  double held_out_share{0.25};  // of the time learned from, its end: for calibration and threshold
};

class CongestionForecaster {
 public:
  explicit CongestionForecaster(CongestionOptions options) : options_(std::move(options)) {}
  base::Status fit(const Panel&, const std::vector<float>& free_flow, std::size_t until,
                   const std::vector<std::size_t>& horizons);
  base::Result<Predictions> predict(const Panel&, const std::vector<std::size_t>& origins) const;
  float threshold(std::size_t horizon_at) const { return learned_[horizon_at].threshold; }

 private:
  struct Learned {
    std::size_t horizon{};
    std::vector<Booster> boosters;  // their mean
    Isotonic calibration;
    float threshold{0.5F};
  };
  struct Sample {
    std::vector<float> rows, labels, weights;
  };
  std::size_t columns() const { return features_.count() + 4 + CongestionPast::kColumns; }
  // What rows are made of, worked out once for a panel or a stretch of it.
  struct Ground {
    const Panel& panel;
    const CongestionPast::Course& course;
    bool learning;
  };
  void row(const Ground&, const Features::Around&, std::size_t origin, std::size_t horizon, std::size_t node,
           float* out) const;
  void look_back(const Panel&, const std::vector<std::uint8_t>& truth, std::size_t until);
  base::Result<std::vector<Booster>> train(const Ground&, const std::vector<std::uint8_t>& truth, std::size_t until,
                                           std::size_t horizon) const;
  base::Result<std::vector<float>> raw(const std::vector<Booster>&, const Ground&, const Features::Around&,
                                       const std::vector<std::size_t>& origins, std::size_t horizon) const;
  base::Status calibrate(const Ground&, const std::vector<std::uint8_t>& truth, std::size_t from, std::size_t until,
                         Learned&) const;

  CongestionOptions options_;
  Features features_;
  CongestionPast past_;
  std::vector<float> free_flow_;
  std::vector<Learned> learned_;
};

}  // namespace cityloop::traffic
