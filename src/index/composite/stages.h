// The stages of a composite index, each a function of numbers alone: a matrix of units × indicators goes in, a new one
// comes out, and what was done is told.
//
//   raw ─▶ denominated ─▶ imputed ─▶ treated ─▶ normalised ─▶ aggregated (index/composite/aggregate.h)
//
// The order and the choices are those of the OECD/JRC Handbook on Constructing Composite Indicators (2008); where the
// handbook leaves room the way of COINr is taken, so that a published index comes out to the last digit.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "index/composite/frame.h"
#include "index/composite/matrix.h"

namespace cityloop::index {

// Something that a reader of the result should know: of a unit, an indicator, both, or neither (kNone each).
struct Note {
  std::size_t unit{kNone}, node{kNone};
  flow::Bilingual text;
};

// Raw numbers by their denominators. A denominator that is missing or 0 leaves the number missing and is noted.
Matrix denominate(const Frame&, const Table&, std::vector<Note>&);

// Fills what is missing. `groups` holds a label for each unit and `years` likewise; both may be empty.
//   group_mean, group_median   of the unit's group in its year; where that has none, of the group, then of all
//   nearest                    mean of the k units nearest by the mean squared difference of what both have, each
//                              indicator divided by its range (after Gower 1971, Troyanskaya et al. 2001)
//   expectation_maximisation   multivariate normal (Dempster, Laird and Rubin 1977; Schafer 1997, ch. 5), one for the
//                              indicators below each group of the frame, with `prior` pseudo-observations of no
//                              covariance, which keep it solvable where there are more indicators than units
// An indicator that no unit has stays missing.
Matrix impute(const Frame&, const Matrix&, const Imputation&, std::span<const std::string> groups,
              std::span<const std::string> years, std::vector<Note>&);

// How one indicator was treated, and by what limits its numbers may be understood again.
struct Treated {
  std::size_t winsorised_low{0}, winsorised_high{0};
  bool logged{false};
  double skewness_before{kMissing}, kurtosis_before{kMissing};
  double skewness{kMissing}, kurtosis{kMissing};
  bool within_limits{true};
  double low{kMissing}, high{kMissing};        // where winsorising cut off: what is beyond is worth as much
  double least{kMissing}, greatest{kMissing};  // seen before it: the logarithm is taken from these
  // A number of this indicator, whoever it may come from, as it would have been treated.
  double of(double value) const;
  // Likewise a target, which may lie beyond what was seen and is not winsorised.
  double of_target(double value) const;
};

// Winsorising: the greatest number (the least, where the tail is on that side) takes the value of the next one, one
// step at a time, until skewness or kurtosis is within its limit. Where `winsorised_max` steps do not do,
// winsorise_or_log takes ln(x - least + 0.01 range) of the original instead, mirrored for a tail below. An indicator
// with goalposts is left as it is: they cut off what lies beyond.
Matrix treat(const Frame&, const Matrix&, const Treatment&, std::vector<Treated>&, std::vector<Note>&);

// How one indicator was made comparable: value ↦ base + slope · value, cut off at low and high; for ranks and
// percentiles there is no such line.
struct Normalised {
  bool linear{false};
  double base{0}, slope{0};
  double low{kMissing}, high{kMissing};  // cut-off of the result; missing: none
  double of(double value) const;         // wants `linear`
};

// More is always better in what comes out.
//   min_max      low + (high - low) (x - least) / (greatest - least); goalposts of an indicator take the place of both
//   z_score      mean + deviation (x - mean of all) / deviation of all
//   rank         places from the worst, 1 to n; those alike share the mean of their places
//   percentile   (place - ½) / n, between low and high (Hazen 1914)
//   target       low + (high - low) (x - worst) / (target - worst), no more than high
// An indicator that does not tell units apart is missing afterwards and is noted.
Matrix normalise(const Frame&, const Matrix&, const std::vector<Treated>&, const Normalisation&,
                 std::vector<Normalised>&, std::vector<Note>&);

}  // namespace cityloop::index
