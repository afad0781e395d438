// Why one score differs from another: a difference divided among the indicators so that the parts add up to it.
//
//   between two years of a unit ─▶ what changed by which indicator        between a unit and the mean ─▶ what sets it
//   apart
//
// Each aggregation has a slope between two points that makes the parts add up exactly, and slopes multiply along the
// tree: arithmetic w; geometric w L(y0, y1) / L(x0, x1) with the logarithmic mean L (Ang 2004, LMDI); harmonic
// w y0 y1 / (x0 x1). Copeland scores hang on the other units too and are not divided.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/composite/compute.h"
#include "index/composite/frame.h"

namespace cityloop::index {

struct Difference {
  double whole{kMissing};
  std::vector<double>
      parts;       // by node: what it brings to the root's difference; a group's is the sum of its children's
  double rest{0};  // of the whole, from numbers that are missing on one side; else 0 but for rounding
};
// `before` and `after` hold a score per node. Refused for Copeland, and where the root has no score on either side.
base::Result<Difference> difference_of(const Frame&, std::span<const double> shares, const Aggregation&,
                                       std::span<const double> before, std::span<const double> after);

struct YearChange {
  std::size_t before{}, after{};  // units of the report
  double rank_before{kMissing}, rank_after{kMissing};
  Difference score;
};
// Every unit that both years have.
base::Result<std::vector<YearChange>> compare_years(const Frame&, const IndexReport&, std::string_view before,
                                                    std::string_view after);

// A unit against one that has the mean of every indicator (of the same year).
base::Result<Difference> against_mean(const Frame&, const IndexReport&, std::size_t unit);

std::vector<double> row_of(const Matrix&, std::size_t unit);

}  // namespace cityloop::index
