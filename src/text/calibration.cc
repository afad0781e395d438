#include "text/calibration.h"

#include <algorithm>
#include <cmath>

namespace cityloop::text {
namespace {

constexpr int kStepsMax = 2000;
constexpr double kLeastSure = 1e-12;  // its logarithm stays a number
constexpr double kGainMin = 1e-7;     // of the loss in ten steps; then it is done

// Adam (Kingma and Ba 2015): no step size to be found for each set of scores.
class Adam {
 public:
  explicit Adam(std::size_t size) : mean_(size), square_(size) {}
  void step(std::span<double> at, std::span<const double> slope) {
    ++steps_;
    const double mean_part = 1 - std::pow(0.9, steps_);
    const double square_part = 1 - std::pow(0.999, steps_);
    for (std::size_t i = 0; i < at.size(); ++i) {
      mean_[i] += 0.1 * (slope[i] - mean_[i]);
      square_[i] += 0.001 * (slope[i] * slope[i] - square_[i]);
      at[i] -= 0.02 * (mean_[i] / mean_part) / (std::sqrt(square_[i] / square_part) + 1e-9);
    }
  }

 private:
  std::vector<double> mean_, square_;
  int steps_{0};
};

void softmax(std::span<double> v) {
  const double most = *std::ranges::max_element(v);
  double sum = 0;
  for (double& x : v) sum += x = std::exp(x - most);
  for (double& x : v) x /= sum;
}

}  // namespace

Calibration::Calibration(std::size_t classes) : classes_(classes), mix_(classes * classes), bias_(classes) {
  for (std::size_t c = 0; c < classes; ++c) mix_[c * classes + c] = 1;
}

void Calibration::apply(std::span<const double> scores, std::span<double> out) const {
  for (std::size_t to = 0; to < classes_; ++to) {
    out[to] = bias_[to];
    for (std::size_t from = 0; from < classes_; ++from) out[to] += mix_[to * classes_ + from] * scores[from];
  }
  softmax(out);
}

double Calibration::loss(std::span<const double> scores, std::span<const std::uint16_t> labels) const {
  std::vector<double> sure(classes_);
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    apply(scores.subspan(i * classes_, classes_), sure);
    sum -= std::log(std::max(sure[labels[i]], kLeastSure));
  }
  return labels.empty() ? 0 : sum / double(labels.size());
}

// Loss and slope over all rows, at given parameters: the temperature's inverse, the biases, and the matrix's distance
// from the temperature.
class Calibration::Fit {
 public:
  Fit(std::span<const double> scores, std::span<const std::uint16_t> labels, std::size_t classes, double stiffness)
      : scores_(scores),
        labels_(labels),
        classes_(classes),
        stiffness_(stiffness),
        at_(1 + classes + classes * classes),
        slope_(at_.size()),
        now_(classes) {
    at_[0] = 2;
  }

  Calibration run() {
    Adam adam(at_.size());
    double best = INFINITY;
    for (int step = 0; step < kStepsMax; ++step) {
      const double loss = measure();
      if (step % 10 == 0) {
        if (best - loss < kGainMin && step > 50) break;
        best = std::min(best, loss);
      }
      adam.step(at_, slope_);
    }
    return now_;
  }

 private:
  void take_parameters() {
    for (std::size_t to = 0; to < classes_; ++to) {
      now_.bias_[to] = at_[1 + to];
      for (std::size_t from = 0; from < classes_; ++from) {
        now_.mix_[to * classes_ + from] = at_[1 + classes_ + to * classes_ + from] + (to == from ? at_[0] : 0);
      }
    }
  }

  double measure() {
    take_parameters();
    std::ranges::fill(slope_, 0.0);
    std::vector<double> sure(classes_);
    double loss = 0;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const auto row = scores_.subspan(i * classes_, classes_);
      now_.apply(row, sure);
      loss -= std::log(std::max(sure[labels_[i]], kLeastSure));
      for (std::size_t to = 0; to < classes_; ++to) {
        const double wrong = sure[to] - (labels_[i] == to ? 1 : 0);
        double* const mix = slope_.data() + 1 + classes_ + to * classes_;
        slope_[0] += wrong * row[to];
        slope_[1 + to] += wrong;
        for (std::size_t from = 0; from < classes_; ++from) mix[from] += wrong * row[from];
      }
    }
    for (std::size_t k = 1; k < at_.size(); ++k) {
      loss += 0.5 * stiffness_ * at_[k] * at_[k];
      slope_[k] += stiffness_ * at_[k];
    }
    for (double& s : slope_) s /= double(labels_.size());
    return loss / double(labels_.size());
  }

  const std::span<const double> scores_;
  const std::span<const std::uint16_t> labels_;
  const std::size_t classes_;
  const double stiffness_;
  std::vector<double> at_, slope_;
  Calibration now_;
};

Calibration Calibration::fit(std::span<const double> scores, std::span<const std::uint16_t> labels, std::size_t classes,
                             double stiffness) {
  return labels.empty() ? Calibration(classes) : Fit(scores, labels, classes, stiffness).run();
}

void Calibration::save(base::ByteWriter& out) const {
  out.varint(classes_);
  for (const double v : mix_) out.f64(v);
  for (const double v : bias_) out.f64(v);
}

base::Result<Calibration> Calibration::load(base::ByteReader& in) {
  const std::uint64_t classes = in.varint();
  if (classes * classes > in.left()) return base::fail(base::Errc::corrupt, "the calibration is damaged");
  Calibration out(classes);
  for (double& v : out.mix_) v = in.f64();
  for (double& v : out.bias_) v = in.f64();
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the calibration is damaged");
  return out;
}

}  // namespace cityloop::text
