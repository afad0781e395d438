// Trains the boosted trees that call congestion, from rows of the same replay as those that foresee speeds (trainer.h).
//
//   ForecastLoop ─ rows, congested or not ─▶ [CallRows] ─▶ [CallTrainer] ─▶ NAME-congestion.{ubj,toml}
//
// Congestion is rare: its rows are kept before others, of which a share counts so much more where room is short. The
// last part of the time is halved: from its first half come the maps from scores to likelihoods and the thresholds, by
// its second half they are judged, beside the loop's frequencies. Then it is learned anew from all of it, and mapped by
// what the trees of before said of the whole last part.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/traffic/forecast/booster.h"
#include "domain/traffic/forecast/model_file.h"
#include "domain/traffic/forecast/row_draw.h"

namespace cityloop::traffic {

class CallRows {
 public:
  struct One {
    std::uint64_t origin{};
    std::size_t horizon_at{};
    float weight{}, frequency{};  // what the loop's frequencies said
    std::uint8_t came{};
  };

  // `share`: of the rows without congestion.
  CallRows(std::uint64_t from, double share, std::uint64_t seed);
  bool wants(std::uint64_t step) const { return step >= from_; }
  void said(std::string_view segment, std::uint64_t step, std::size_t horizon_at, std::span<const float> row,
            float frequency);
  void came(std::string_view segment, std::uint64_t step, bool congested);

  const std::vector<One>& ones() const { return ones_; }
  std::span<const float> row(std::size_t at) const;

 private:
  struct Waiting {
    std::uint64_t step{};  // when it is told
    One one;
    std::vector<float> row;
  };

  std::uint64_t from_;
  double quiet_share_, jam_share_;
  std::uint64_t seed_;
  BySegment<std::vector<Waiting>> segments_;
  std::vector<One> ones_;
  std::vector<float> values_;  // side by side
};

class CallTrainer {
 public:
  using Progress = std::function<bool(double share)>;

  // `cut`: the step at which the part begins that is held out; `last`: the last step of all.
  CallTrainer(const CallRows& rows, BoosterOptions trees, std::uint64_t cut, std::uint64_t last);
  // Not found: there is too little congestion to learn from.
  base::Status judge(const Progress&);
  base::Result<std::string> learn(const Progress&) const;  // the .ubj; after judge()
  const std::vector<ModelNote::HeldOutCalls>& held_out() const { return held_out_; }

 private:
  struct Sample {
    std::vector<std::size_t> at;  // of the rows
    std::vector<float> values, labels, weights;
  };
  template <class Wanted>
  Sample sample_of(const Wanted&) const;
  base::Result<Booster> train(const Sample&, const Progress&) const;

  const CallRows& rows_;
  BoosterOptions trees_;
  std::uint64_t cut_, middle_;
  std::array<Isotonic, kHorizons> calibration_;
  std::vector<ModelNote::HeldOutCalls> held_out_;
};

}  // namespace cityloop::traffic
