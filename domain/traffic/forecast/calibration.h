// Makes probabilities mean what they say: of a hundred calls at 0.7, seventy come true.
//
//   scores and what came of them, on held-out time ─▶ [Isotonic] ─▶
//   probabilities
//
// Isotonic regression by pooling adjacent violators (Zadrozny and Elkan 2002): the best non-decreasing map from score
// to frequency. Between the middles of two pools it runs straight.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::traffic {

class Isotonic {
 public:
  Isotonic() = default;  // leaves scores as they are
  // `pool_least`: so many pairs at least behind each step of the map. `weights` may be empty: all the same.
  static Isotonic fit(std::span<const float> scores, std::span<const std::uint8_t> outcomes,
                      std::size_t pool_least = 200, std::span<const float> weights = {});
  float apply(float score) const;
  // The corners of the map, "score value score value …".
  std::string to_text() const;
  static base::Result<Isotonic> from_text(std::string_view);

 private:
  std::vector<float> at_, value_;  // ascending
};

// Of a set of calls at a threshold.
struct CallCounts {
  std::uint64_t hits{0}, false_alarms{0}, misses{0}, rejections{0};
  void add(bool called, bool came) { ++(came ? (called ? hits : misses) : (called ? false_alarms : rejections)); }
  double precision() const { return hits + false_alarms == 0 ? 0 : double(hits) / double(hits + false_alarms); }
  double recall() const { return hits + misses == 0 ? 0 : double(hits) / double(hits + misses); }
  double f1() const { return hits == 0 ? 0 : 2 * precision() * recall() / (precision() + recall()); }
  std::uint64_t all() const { return hits + false_alarms + misses + rejections; }
  double accuracy() const { return all() == 0 ? 0 : double(hits + rejections) / double(all()); }
};

CallCounts count_calls(std::span<const float> probabilities, std::span<const std::uint8_t> outcomes, float threshold);
// The threshold at which F1 is best: chosen on held-out time, never where it is judged.
float best_f1_threshold(std::span<const float> probabilities, std::span<const std::uint8_t> outcomes,
                        std::span<const float> weights = {});
// Area under the curve of precision over recall (average precision).
double average_precision(std::span<const float> probabilities, std::span<const std::uint8_t> outcomes);

// A point of the calibration plot: calls whose probability lies in a bin.
struct Reliability {
  double said{}, came{};  // mean probability, share that came true
  std::uint64_t count{};
};
std::vector<Reliability> reliability(std::span<const float> probabilities, std::span<const std::uint8_t> outcomes,
                                     int bins = 10);
// Mean distance of said and came, by counts (expected calibration error), and mean squared error (Brier).
double calibration_error(const std::vector<Reliability>&);
double brier_score(std::span<const float> probabilities, std::span<const std::uint8_t> outcomes);

}  // namespace cityloop::traffic
