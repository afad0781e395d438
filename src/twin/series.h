// A run of samples of one series as bytes, and back: times as differences of differences, values as scaled whole
// numbers where they have few decimals (as sensors' readings do), else as they are.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/entity.h"

namespace cityloop::twin {

struct Sample {
  flow::Instant at;  // kept to the millisecond
  double value;
  friend bool operator==(const Sample&, const Sample&) = default;
};

std::string encode_samples(std::span<const Sample>);
base::Result<std::vector<Sample>> decode_samples(std::string_view);

}  // namespace cityloop::twin
