#include "index/composite/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "index/composite/matrix.h"

namespace cityloop::index {
namespace {

struct Moments {
  std::size_t n{};
  double second{}, third{}, fourth{};  // central, divided by n
};

Moments moments_of(std::span<const double> values) {
  Moments out;
  const double mean = mean_of(values);
  for (const double value : values) {
    if (missing(value)) continue;
    const double d = value - mean;
    ++out.n;
    out.second += d * d, out.third += d * d * d, out.fourth += d * d * d * d;
  }
  const auto n = double(out.n);
  out.second /= n, out.third /= n, out.fourth /= n;
  return out;
}

std::vector<double> sorted_present(std::span<const double> values) {
  std::vector<double> out;
  for (const double value : values) {
    if (!missing(value)) out.push_back(value);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// I_x(a, b), by Lentz's evaluation of its continued fraction.
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kEnough = 1e-16;
  const auto away_from_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), out = d;
  for (int m = 1; m <= 500; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d), c = away_from_zero(1 + even / c), out *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d), c = away_from_zero(1 + odd / c), out *= d * c;
    if (std::abs(d * c - 1) < kEnough) break;
  }
  return out;
}

double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

}  // namespace

std::size_t count_present(std::span<const double> values) {
  return std::size_t(std::count_if(values.begin(), values.end(), [](double v) { return !missing(v); }));
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  std::size_t n = 0;
  for (const double value : values) {
    if (!missing(value)) sum += value, ++n;
  }
  return n ? sum / double(n) : kMissing;
}

std::vector<double> quantiles_of(std::span<const double> values, const std::vector<double>& shares) {
  const std::vector<double> sorted = sorted_present(values);
  std::vector<double> out;
  for (const double share : shares) {
    const double at = share * double(std::max<std::size_t>(sorted.size(), 1) - 1);
    const auto below = std::size_t(at);
    const std::size_t above = std::min(below + 1, std::max<std::size_t>(sorted.size(), 1) - 1);
    out.push_back(sorted.empty() ? kMissing : sorted[below] + (at - double(below)) * (sorted[above] - sorted[below]));
  }
  return out;
}

double quantile_of(std::span<const double> values, double share) {
  return quantiles_of(values, {share}).front();
}

double median_of(std::span<const double> values) {
  return quantile_of(values, 0.5);
}

double deviation_of(std::span<const double> values) {
  const Moments m = moments_of(values);
  return m.n < 2 ? kMissing : std::sqrt(m.second * double(m.n) / double(m.n - 1));
}

double skewness_of(std::span<const double> values) {
  const Moments m = moments_of(values);
  if (m.n < 3 || m.second <= 0) return kMissing;
  const auto n = double(m.n);
  return m.third / std::pow(m.second, 1.5) * std::sqrt(n * (n - 1)) / (n - 2);
}

double excess_kurtosis_of(std::span<const double> values) {
  const Moments m = moments_of(values);
  if (m.n < 4 || m.second <= 0) return kMissing;
  const auto n = double(m.n);
  return ((n + 1) * (m.fourth / (m.second * m.second) - 3) + 6) * (n - 1) / ((n - 2) * (n - 3));
}

Range range_of(std::span<const double> values) {
  Range out{kMissing, kMissing};
  for (const double value : values) {
    if (missing(value)) continue;
    if (missing(out.low) || value < out.low) out.low = value;
    if (missing(out.high) || value > out.high) out.high = value;
  }
  return out;
}

double correlation_of(std::span<const double> a, std::span<const double> b) {
  double mean_a = 0, mean_b = 0;
  std::size_t n = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!missing(a[i]) && !missing(b[i])) mean_a += a[i], mean_b += b[i], ++n;
  }
  if (n < 3) return kMissing;
  mean_a /= double(n), mean_b /= double(n);
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (missing(a[i]) || missing(b[i])) continue;
    const double da = a[i] - mean_a, db = b[i] - mean_b;
    aa += da * da, bb += db * db, ab += da * db;
  }
  if (aa <= 0 || bb <= 0) return kMissing;
  return std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0);
}

double cronbach_alpha(const std::vector<std::span<const double>>& items) {
  if (items.size() < 2) return kMissing;
  std::vector<double> total;
  std::vector<std::vector<double>> complete(items.size());
  for (std::size_t row = 0; row < items[0].size(); ++row) {
    double sum = 0;
    for (const auto& item : items) sum += item[row];
    if (missing(sum)) continue;
    total.push_back(sum);
    for (std::size_t i = 0; i < items.size(); ++i) complete[i].push_back(items[i][row]);
  }
  const double whole = deviation_of(total);
  if (missing(whole) || whole <= 0) return kMissing;
  double parts = 0;
  for (const auto& item : complete) parts += std::pow(deviation_of(item), 2);
  const auto k = double(items.size());
  return k / (k - 1) * (1 - parts / (whole * whole));
}

std::vector<double> places_of(std::span<const double> values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!missing(values[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> out(values.size(), kMissing);
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
    for (std::size_t i = first; i <= last; ++i) out[order[i]] = (double(first) + double(last)) / 2 + 1;
    first = last + 1;
  }
  return out;
}

double student_t_probability_beyond(double t, double degrees) {
  return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t));
}

double student_t_two_sided(double confidence, double degrees) {
  double low = 0, high = 1;
  while (student_t_probability_beyond(high, degrees) > 1 - confidence && high < 1e12) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-12 * high; ++i) {
    const double middle = (low + high) / 2;
    (student_t_probability_beyond(middle, degrees) > 1 - confidence ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace cityloop::index
