// What it does when a share of drivers follows a detour: predicted beforehand, measured afterwards.
//
//   advice, flows ─▶ [predict_diversion] ─▶ on the proposal        travel times, before and after ─▶ [did] ─▶
//   TrafficOutcome
//
// Prediction: the usual way is a point queue at its narrowest place (Vickrey 1969), whose capacity is what flows there
// now; the other way slows by the function of the Bureau of Public Roads, t0 (1 + 0.15 (v/c)^4) (1964). Minute by
// minute over the horizon. Coarse on purpose: it is to say whether a detour moves the queue or only shifts it, and how
// many may follow before the other way is no better. Measurement: difference in differences of log travel-time ratios,
// of the corridor against segments elsewhere, so that a rush hour that ends by itself is not counted as a success.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/time.h"

namespace cityloop::traffic {

struct Diversion {
  double usual_free_s{}, usual_now_s{};  // of the usual way, without a queue and now
  double other_free_s{}, other_now_s{};
  double arrivals_vph{};  // that want to go the usual way, and see the sign
  double capacity_vph{};  // of the usual way's narrowest place, as it is now
  double other_capacity_vph{};
  double other_flow_vph{};
  double share{0.3};  // of drivers who follow
  double horizon_s{1800};
};

struct DiversionEffect {
  double mean_without_s{}, mean_with_s{};  // of all who arrive within the horizon
  double usual_with_s{}, other_with_s{};   // at its end
  double saved_vehicle_h{};
  double best_share{};  // that makes the mean least, to a twentieth
};

DiversionEffect predict_diversion(const Diversion&);

struct DidPoint {
  base::Instant at{base::kNever};
  double corridor{}, control{};  // log of travel time against usual
};

struct DidResult {
  std::size_t before{}, after{};
  double change{};             // of the log travel time that is not the rest of the city's: −0.1 is about a tenth less
  double error{};              // standard
  double saved_share() const;  // of the travel time; negative: it takes longer
};

// Errc-free: with fewer than two points on a side nothing can be said, and `before` or `after` shows it.
DidResult did(std::span<const DidPoint>, base::Instant shown_at);

}  // namespace cityloop::traffic
