// Ordinary least squares with an intercept: what goes with what, how strongly, and how surely.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace cityloop::index {

struct Coefficient {
  double value{};
  double low{}, high{};  // confidence interval by Student's t
  double standard_error{};
  double p{};             // two-sided
  double standardised{};  // in deviations of y per deviation of x; 0 for the intercept
  double inflation{1};    // variance inflation factor: 1 for one that goes with no other, above 5 it is hard to part
};

struct Regression {
  Coefficient intercept;
  std::vector<Coefficient> of;  // as the columns came
  double r_squared{}, r_squared_adjusted{};
  double residual_deviation{};
  std::size_t rows{};  // that were complete
};

// Rows with a missing number stay out. Refused: fewer complete rows than columns + 2, or columns of which one can be
// computed from the others.
base::Result<Regression> regress(const std::vector<std::span<const double>>& columns, std::span<const double> y,
                                 double confidence = 0.95);

}  // namespace cityloop::index
