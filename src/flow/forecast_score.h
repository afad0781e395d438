// How right forecasts were: of one attribute, group, horizon and model, as the truth arrived.
//
//   learn ─ ForecastScore ─▶ twin ─▶ console
//
// Means are of late: what was counted loses half of its weight in a week. Errors are in the attribute's unit, and those
// of persistence (what was measured last stays) are of the very same moments. Sources: pinball loss of Koenker and
// Bassett 1978; its mean over levels, doubled, stands for the CRPS (Gneiting and Raftery 2007); Brier 1950.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::flow {

struct ForecastScore {
  std::string attribute, group, model;
  int minutes{};          // ahead
  double ever{};          // forecasts scored since the beginning
  double count{};         // of late
  double unknown{};       // of late: nothing was measured then
  double mae{}, rmse{};   // of the middle
  double bias{};          // mean of forecast less truth
  double pinball{};       // mean over the levels 0.1, 0.5, 0.9
  double coverage{};      // share between low and high; 0.8 is right
  double under_middle{};  // 0.5 is right
  double persistence_mae{}, persistence_rmse{};
  double crps() const { return 2 * pinball; }  // as far as three levels tell it
  // Better than persistence by this share of its absolute error; below 0: worse.
  double skill() const { return persistence_mae > 0 ? 1 - mae / persistence_mae : 0; }

  struct Bin {                       // of likelihoods said, in tenths
    double said{}, came{}, count{};  // means, and of how many
    friend bool operator==(const Bin&, const Bin&) = default;
  };
  std::string event;
  double judged{};                        // likelihoods, of late
  double brier{}, climate_brier{};        // the latter: had the mean share always been said
  double calls{}, calls_right{}, came{};  // called: a likelihood of a half or more
  std::vector<Bin> reliability;
  Instant updated_at{kNever};
};

// urn:ngsi-ld:ForecastScore:ATTRIBUTE:GROUP:15min:MODEL
EntityId forecast_score_id(const ForecastScore&);
Write to_write(const ForecastScore&);
base::Result<ForecastScore> forecast_score_from(const Entity&);

}  // namespace cityloop::flow
