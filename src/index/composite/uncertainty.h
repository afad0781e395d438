// How much a ranking hangs on the choices behind it: every choice is drawn again and again, and the index computed
// anew.
//
//   Frame + Table + Variation ──▶ [Alternatives] ──▶ ranks of one draw ──▶ [vary] intervals, [attribute] Sobol shares
//
// What is drawn (each only where there is more than one choice): imputation, treatment, normalisation, the weights
// (each between so many per cent less and more than it is, then divided by their sum), aggregation. A seed reproduces
// it all. A weight that was itself computed (principal components) is varied about what it came to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "index/composite/compute.h"
#include "index/composite/frame.h"
#include "index/composite/sobol.h"

namespace cityloop::index {

// The index under other choices than the frame's. Not for two threads: it keeps what it has computed.
class Alternatives {
 public:
  // `frame` and `report` must outlive it. Choices of `how` are added to the frame's own.
  Alternatives(const Frame& frame, const IndexReport& report, const Variation& how);

  // What is varied, in this order: of "imputation", "treatment", "normalisation", "weights", "aggregation".
  const std::vector<std::string>& factors() const { return factors_; }
  // The root's scores for one number in [0, 1) per factor. Where an aggregation wants positive numbers and the
  // normalisation gives others, each indicator is carried onto 1…100 first.
  std::span<const double> scores(std::span<const double> draw);

 private:
  using Key = std::tuple<ImputeMethod, TreatMethod, NormaliseMethod, bool>;
  Matrix& scores_with(const Key&);  // the normalised indicators in place, the groups as they were last computed
  std::vector<double> shares_for(double draw) const;

  const Frame& frame_;
  const IndexReport& report_;
  Variation how_;
  std::vector<std::string> factors_;
  std::map<Key, Matrix> scores_;
};

struct RankInterval {
  double nominal{kMissing};                                // as the frame has it
  double low{kMissing}, median{kMissing}, high{kMissing};  // 5 %, 50 %, 95 % of all draws
  double mean{kMissing};
  std::vector<double>
      tier_shares;  // of the draws in each tier; empty where tiers are cut at fixed scores or there are none
};

struct Uncertainty {
  std::size_t samples{0};
  std::uint64_t seed{0};
  std::vector<std::string> factors;
  std::vector<RankInterval> units;  // as IndexReport::units
  double shift{0};                  // mean over draws and units of |rank - nominal rank|
};
// Hears which part of all draws is done, from 0 to 1; false: it is not wanted any more.
using DrawsDone = std::function<bool(double)>;
// Refused where nothing is varied; Errc::unavailable where it was stopped.
base::Result<Uncertainty> vary(const Frame&, const IndexReport&, const Variation&, const DrawsDone& = {});

struct Sensitivity {
  std::size_t samples{0};
  std::vector<std::string> factors;
  std::vector<SobolShare> overall;             // by factor: of the mean |rank - nominal rank|, with intervals
  std::vector<std::vector<SobolShare>> units;  // by unit, then factor: of its rank
};
base::Result<Sensitivity> attribute(const Frame&, const IndexReport&, const Variation&, const DrawsDone& = {});

}  // namespace cityloop::index
