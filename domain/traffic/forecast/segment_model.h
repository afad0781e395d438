// What the forecast loop knows of one stretch of road, and the light models that learn on it as time goes by.
//
//   a speed a step ─ settle ─▶ [SegmentModel] ─ say ─▶ forecasts of the light models ─ with_trees ─▶ quantiles
//
// Models: "persistence" (what is now stays), "seasonal" (what is usual for the hour), "fading" (usual, and of the
// departure now what is still left by then), "linear" (usual, and shares of three departures: the newest, the smoothed
// one, for a single car says little, and the mean of the linked stretches). The shares are least squares with slow
// forgetting, drawn to common ones while a stretch is young. Quantiles follow the champion's errors step by step (Gibbs
// and Candès 2021): a level that is passed too often moves, so coverage holds though the road changes. Boosted trees
// speak beside them from two places (forecast_trees.cc), shown what boosted_row.h tells; where a place is empty its
// value is NaN. How likely congestion is, frequencies and trees say side by side in the same way. Some two kilobytes a
// stretch; a step costs some microseconds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace cityloop::traffic {

inline constexpr std::size_t kLightModels = 4, kSlots = 2, kModels = kLightModels + kSlots;
inline constexpr std::size_t kLinear = 3;  // whose word the trees correct
inline constexpr std::array<const char*, kModels> kModelNames{"persistence", "seasonal", "fading",
                                                              "linear",      "boosted",  "boosted"};
// Who says how likely congestion is: frequencies first, then the trees.
inline constexpr std::size_t kCallers = 1 + kSlots;
inline constexpr std::array<const char*, kCallers> kCallerNames{"frequencies", "boosted", "boosted"};
inline constexpr std::array<std::size_t, 3> kHorizonSteps{3, 6, 12};  // 15, 30, 60 minutes in steps of five
inline constexpr std::size_t kHorizons = kHorizonSteps.size();
inline constexpr std::array<double, 3> kLevels{0.1, 0.5, 0.9};

// What is usual, by kind of day (workday, weekend) and quarter of an hour.
class UsualDay {
 public:
  static constexpr std::size_t kSlots = 96, kBlock = 8, kBlocks = 2 * kSlots / kBlock;
  static constexpr float kRate = 0.04F;  // by which a mean follows once it has seen enough
  struct Cell {
    float mean{0};
    float weight{0};  // values seen
  };

  // The nearest quarter's that was seen within half an hour, of that kind of day before the other; NaN where none was.
  float at(bool weekend, std::size_t slot) const;
  // Returns the block whose cells changed.
  std::size_t learn(bool weekend, std::size_t slot, float value, float rate = kRate);
  const Cell& cell(bool weekend, std::size_t slot) const { return cells_[(weekend ? kSlots : 0) + slot]; }
  void save(std::size_t block, base::ByteWriter&) const;
  void load(std::size_t block, base::ByteReader&);
  bool empty(std::size_t block) const;

 private:
  std::array<Cell, 2 * kSlots> cells_{};
};

class SegmentModel {
 public:
  static constexpr std::size_t kWindow = 12;  // steps that are looked back on
  struct Moment {                             // of a step
    bool weekend{false};
    std::size_t slot{0};  // quarter of an hour
  };
  // What was said of one moment, kept until the truth arrives.
  struct Said {
    std::array<float, 3> departure{};  // then: the newest, the smoothed, that of the neighbours
    std::array<float, kModels> value{};
    std::array<float, 3> quantile{};
    std::array<float, kCallers> call{};  // how likely congestion is
    std::uint16_t bin{0};                // of the calibration of its likelihood
    std::uint8_t champion{0};
    bool known{false};
  };

  // A step has ended with this speed (NaN: nobody was measured) by so many vehicles (0: not told). What was said of it,
  // by horizon, is learned from, and given back to be judged; `known` is false where nothing was.
  std::array<Said, kHorizons> settle(std::uint64_t step, float value, float vehicles, const Moment& now);
  // The departure from the usual by the newest value, while that is fresh; 0 otherwise.
  float departure(const Moment& now) const;
  // Forecasts of the light models for now + horizon; `known` is false where the stretch has never been measured.
  Said say(std::size_t horizon_at, const Moment& now, const Moment& then, float near_departure) const;
  // Whose word is told, and the quantiles around it. A champion that says nothing is spoken for by the linear model.
  void choose(Said&, std::size_t horizon_at, std::size_t champion) const;
  // What a place for trees said is not theirs who have it now; likewise of those that call congestion.
  void forget_slot(std::size_t slot);
  void forget_caller(std::size_t slot);
  void keep(std::uint64_t step, std::size_t horizon_at, const Said& said);
  // Three quarters of an hour without a value, and it says nothing of now.
  bool fresh() const { return silent_steps_ < kFreshSteps; }
  float last() const { return last_; }
  float recent(std::size_t back) const { return recent_[back]; }  // NaN where not measured
  float mean() const { return mean_; }
  float spread() const { return spread_; }
  float vehicles() const { return vehicles_; }
  float usual_vehicles() const { return usual_vehicles_; }
  std::uint32_t silent_steps() const { return silent_steps_; }
  std::uint32_t values() const { return values_; }
  // Whether the last three steps were all under the limit where measured, and two were measured.
  bool congested(float limit) const;

  UsualDay& usual() { return usual_; }
  const UsualDay& usual() const { return usual_; }
  void save(base::ByteWriter&) const;
  // 1: from before there were trees; 2: before they called congestion.
  base::Status load(base::ByteReader&, std::uint8_t version);

 private:
  static constexpr std::uint32_t kFreshSteps = 9;
  static constexpr std::size_t kPending = kHorizonSteps[0] + kHorizonSteps[1] + kHorizonSteps[2];
  struct Sums {                       // of least squares, of a horizon
    std::array<float, 6> products{};  // of departures with each other: the lower triangle, row by row
    std::array<float, 3> then{};      // with the departure that came
  };
  static std::array<float, kWindow> not_measured();
  static std::size_t place(std::uint64_t step, std::size_t horizon_at);
  void learn(std::size_t horizon_at, const Said&, float then);
  float fading_share(std::size_t horizon_at) const;
  std::array<float, 3> linear_shares(std::size_t horizon_at) const;

  UsualDay usual_;
  std::array<Sums, kHorizons> sums_{};
  std::array<std::array<float, 3>, kHorizons> offset_{};  // of the quantiles from the champion's value
  std::array<float, kWindow> recent_ = not_measured();    // the newest first; NaN where not measured
  float last_{0};
  float mean_{0};      // slowly following
  float vehicles_{0};  // in the last step, and as is usual
  float usual_vehicles_{0};
  float smooth_{0};  // departure from the usual, the newest counting most
  float spread_{0};  // mean size of departures, forgetting
  std::uint32_t silent_steps_{kFreshSteps};
  std::uint32_t values_{0};  // ever measured, up to a thousand: the young learn faster
  std::array<Said, kPending> pending_{};
};

}  // namespace cityloop::traffic
