// How far off forecasts are, summed up pair by pair.
#pragma once

#include <cmath>
#include <cstdint>

namespace cityloop::traffic {

// Pairs of which either is not known do not count.
struct ErrorSum {
  double squares{0}, absolute{0}, bias{0};
  std::uint64_t count{0};

  void add(double forecast, double truth) {
    const double error = forecast - truth;
    if (std::isnan(error)) return;
    squares += error * error;
    absolute += std::abs(error);
    bias += error;
    ++count;
  }
  void add(const ErrorSum& more) {
    squares += more.squares;
    absolute += more.absolute;
    bias += more.bias;
    count += more.count;
  }
  double rmse() const { return count == 0 ? 0 : std::sqrt(squares / double(count)); }
  double mae() const { return count == 0 ? 0 : absolute / double(count); }
  double mean_bias() const { return count == 0 ? 0 : bias / double(count); }
};

// How far a quantile forecast is off (Koenker and Bassett 1978): its expectation is least at the true quantile.
inline double pinball_loss(double quantile, double forecast, double truth) {
  return truth >= forecast ? quantile * (truth - forecast) : (1 - quantile) * (forecast - truth);
}

}  // namespace cityloop::traffic
