// Turns a classifier's scores into confidences that mean what they say: of a hundred verdicts at 0.9, ninety are right.
//
//   scores of texts that were not learned from ─ [fit_calibration] ─▶ Calibration ─▶ Classifier
//
// Softmax over all scores, mixed by a small matrix that pays for being far from a plain temperature (matrix scaling,
// Guo et al. 2017): with few texts it is a temperature, with many it also learns which classes are taken for which.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cityloop::text {

class Calibration {
 public:
  // Before anything is known: softmax of the scores as they are.
  explicit Calibration(std::size_t classes = 0);

  // `scores` are rows of `classes` numbers, `labels` what was right. `stiffness` is what a unit of distance from the
  // temperature costs, in texts.
  static Calibration fit(std::span<const double> scores, std::span<const std::uint16_t> labels, std::size_t classes,
                         double stiffness = 10);

  // Sums up to 1; `confidences` has one place a class.
  void apply(std::span<const double> scores, std::span<double> confidences) const;
  // Mean of minus the logarithm of the confidence in what was right.
  double loss(std::span<const double> scores, std::span<const std::uint16_t> labels) const;

  std::size_t classes() const { return classes_; }
  void save(base::ByteWriter&) const;
  static base::Result<Calibration> load(base::ByteReader&);

 private:
  class Fit;
  std::size_t classes_;
  std::vector<double> mix_;   // classes × classes, by the class that is made
  std::vector<double> bias_;  // one a class
};

}  // namespace cityloop::text
