// Quantiles of many values in little room, from which values can be taken away again.
//
// A histogram over logarithmic bins (DDSketch, Masson, Rim and Lee 2019): a quantile is off by at most kSketchError of
// itself, whatever the distribution. Which bins there are follows from the values alone and not from their order, so
// two sketches add up, and adding and taking away in any order gives the same. Values nearer to zero than 1e-9 count as
// zero. A hundred values need some hundred bins of eight bytes, a million of them hardly more.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace cityloop::index {

inline constexpr double kSketchError = 0.01;

class Sketch {
 public:
  void add(double value, std::int32_t times = 1) { put(bin_of(value), times); }
  void remove(double value) { put(bin_of(value), -1); }  // of one that was added
  void merge(const Sketch&);
  std::uint64_t count() const { return count_; }
  // 0 … 1; nothing of no values.
  std::optional<double> quantile(double) const;

  void save(base::ByteWriter&) const;
  void load(base::ByteReader&);
  friend bool operator==(const Sketch&, const Sketch&) = default;

 private:
  struct Bin {
    std::int32_t key;
    std::int32_t count;
    friend bool operator==(const Bin&, const Bin&) = default;
  };
  static std::int32_t bin_of(double value);
  static double value_of(std::int32_t key);
  void put(std::int32_t key, std::int32_t times);

  std::vector<Bin> bins_;  // by key
  std::uint64_t count_{0};
};

}  // namespace cityloop::index
