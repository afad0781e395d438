// How long buses really take between two stops and at them, against the plan: learned from the ones that came before.
//
//   reported calls ─▶ [PaceBook] ─ seconds more than planned ─▶ Predictor
//
// A running mean of a line's hop or dwell in one direction: the first kPlain samples count alike, later ones kShare
// each, so that the peak is known within an hour and forgotten within another. Nothing is said before kLeast samples,
// and one sample counts for kSampleMax_s at most. What is learned counts from the next settle(): until then every
// forecast rests on the same.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

#include "base/bytes.h"
#include "domain/traffic/transit/schedule.h"

namespace cityloop::traffic {

class PaceBook {
 public:
  static constexpr std::uint32_t kLeast = 3, kPlain = 6;
  static constexpr double kShare = 0.15, kSampleMax_s = 600;

  // Of the way to call `call` of the trip (dwell: of the stay there), in seconds more than planned.
  void learn(const Schedule&, TripNo, std::uint32_t call, bool dwell, double more_s);
  std::optional<double> more_s(const Schedule&, TripNo, std::uint32_t call, bool dwell) const;
  void settle() { in_force_ = learned_; }

  void save(base::ByteWriter&, const Schedule&) const;
  base::Status load(base::ByteReader&, const Schedule&);

 private:
  struct Mean {
    double s{0};
    std::uint32_t count{0};
  };
  using Key = std::tuple<RouteNo, std::uint8_t, StopNo, StopNo>;  // from and to; the same twice: the stay there
  using Means = std::map<Key, Mean>;
  static Key key_of(const Schedule&, TripNo, std::uint32_t call, bool dwell);

  Means learned_, in_force_;
};

}  // namespace cityloop::traffic
