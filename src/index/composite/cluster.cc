#include "index/composite/cluster.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "base/rng.h"
#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

constexpr std::size_t kNobody = std::size_t(-1);
constexpr int kRoundsMax = 300;
constexpr double kVarianceLeast = 1e-3;  // of the column's

using Rows = std::vector<std::size_t>;

Rows complete_rows(const Matrix& rows) {
  Rows out;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    bool complete = true;
    for (std::size_t c = 0; c < rows.columns(); ++c) complete = complete && !missing(rows.at(r, c));
    if (complete) out.push_back(r);
  }
  return out;
}

double square_to(const Matrix& rows, std::size_t row, const Matrix& centres, std::size_t centre) {
  double out = 0;
  for (std::size_t c = 0; c < rows.columns(); ++c) {
    const double d = rows.at(row, c) - centres.at(centre, c);
    out += d * d;
  }
  return out;
}

void copy_row(const Matrix& from, std::size_t row, Matrix& to, std::size_t at) {
  for (std::size_t c = 0; c < from.columns(); ++c) to.at(at, c) = from.at(row, c);
}

// Gives how many centres could be found: rows that are all alike have one.
std::size_t seed_centres(const Matrix& rows, const Rows& complete, Matrix& centres, base::Rng& rng) {
  copy_row(rows, complete[rng.below(complete.size())], centres, 0);
  std::vector<double> nearest(complete.size(), std::numeric_limits<double>::infinity());
  std::size_t found = 1;
  for (; found < centres.rows(); ++found) {
    double sum = 0;
    for (std::size_t i = 0; i < complete.size(); ++i)
      sum += nearest[i] = std::min(nearest[i], square_to(rows, complete[i], centres, found - 1));
    if (!(sum > 0)) break;
    double at = rng.uniform() * sum;
    std::size_t chosen = complete.size();
    for (std::size_t i = 0; i < complete.size(); ++i) {
      if (nearest[i] <= 0) continue;
      chosen = i;
      if ((at -= nearest[i]) < 0) break;
    }
    copy_row(rows, complete[chosen], centres, found);
  }
  return found;
}

struct Trial {
  std::vector<std::size_t> of;  // by complete row
  Matrix centres;
  double within{0};
};

bool assign(const Matrix& rows, const Rows& complete, Trial& trial) {
  bool changed = false;
  trial.within = 0;
  for (std::size_t i = 0; i < complete.size(); ++i) {
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < trial.centres.rows(); ++k) {
      const double square = square_to(rows, complete[i], trial.centres, k);
      if (square < least) least = square, best = k;
    }
    changed = changed || trial.of[i] != best;
    trial.of[i] = best;
    trial.within += least;
  }
  return changed;
}

void move_centres(const Matrix& rows, const Rows& complete, Trial& trial) {
  Matrix sums(trial.centres.rows(), rows.columns(), 0);
  std::vector<double> sizes(trial.centres.rows(), 0);
  for (std::size_t i = 0; i < complete.size(); ++i) {
    ++sizes[trial.of[i]];
    for (std::size_t c = 0; c < rows.columns(); ++c) sums.at(trial.of[i], c) += rows.at(complete[i], c);
  }
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    for (std::size_t c = 0; c < rows.columns() && sizes[k] > 0; ++c) trial.centres.at(k, c) = sums.at(k, c) / sizes[k];
  }
}

Trial one_trial(const Matrix& rows, const Rows& complete, std::size_t k, base::Rng& rng) {
  Matrix centres(k, rows.columns());
  const std::size_t found = seed_centres(rows, complete, centres, rng);
  Trial out{std::vector<std::size_t>(complete.size(), kNobody), Matrix(found, rows.columns()), 0};
  for (std::size_t i = 0; i < found; ++i) copy_row(centres, i, out.centres, i);
  for (int round = 0; round < kRoundsMax && assign(rows, complete, out); ++round) move_centres(rows, complete, out);
  return out;
}

double silhouette_of(const Matrix& rows, const Rows& complete, const std::vector<std::size_t>& of,
                     const std::vector<std::size_t>& sizes) {
  constexpr std::size_t kRowsMax = 2000;  // quadratic: of more rows every so many is looked at
  if (sizes.size() < 2) return kMissing;
  const std::size_t stride = (complete.size() + kRowsMax - 1) / kRowsMax;
  double sum = 0;
  std::size_t n = 0;
  for (std::size_t i = 0; i < complete.size(); i += stride, ++n) {
    std::vector<double> total(sizes.size(), 0);
    std::vector<std::size_t> seen(sizes.size(), 0);
    for (std::size_t j = 0; j < complete.size(); j += stride) {
      if (i == j) continue;
      total[of[complete[j]]] += std::sqrt(square_to(rows, complete[i], rows, complete[j]));
      ++seen[of[complete[j]]];
    }
    const std::size_t own = of[complete[i]];
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      if (k != own && seen[k]) nearest = std::min(nearest, total[k] / double(seen[k]));
    }
    if (!seen[own] || std::isinf(nearest)) continue;  // alone: 0
    const double inside = total[own] / double(seen[own]);
    sum += (nearest - inside) / std::max(std::max(nearest, inside), 1e-300);
  }
  return n ? sum / double(n) : kMissing;
}

// The largest first; of two alike the one with the greater centre.
std::vector<std::size_t> order_of(const Matrix& centres, const std::vector<std::size_t>& sizes) {
  std::vector<std::size_t> out(sizes.size());
  std::iota(out.begin(), out.end(), 0);
  std::sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    if (sizes[a] != sizes[b]) return sizes[a] > sizes[b];
    for (std::size_t c = 0; c < centres.columns(); ++c) {
      if (centres.at(a, c) != centres.at(b, c)) return centres.at(a, c) > centres.at(b, c);
    }
    return false;
  });
  return out;
}

Clusters in_order(const Matrix& rows, const Rows& complete, const Trial& trial) {
  std::vector<std::size_t> sizes(trial.centres.rows(), 0), place(trial.centres.rows());
  for (const std::size_t k : trial.of) ++sizes[k];
  const auto order = order_of(trial.centres, sizes);
  Clusters out{
      std::vector<std::size_t>(rows.rows(), kNobody), Matrix(order.size(), rows.columns()), {}, trial.within, kMissing};
  for (std::size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    copy_row(trial.centres, order[i], out.centres, i);
    out.sizes.push_back(sizes[order[i]]);
  }
  for (std::size_t i = 0; i < complete.size(); ++i) out.of[complete[i]] = place[trial.of[i]];
  out.silhouette = silhouette_of(rows, complete, out.of, out.sizes);
  return out;
}

// Expectation: how likely each row is to come from each Gaussian. Gives the logarithm of the likelihood.
double expect(const Matrix& rows, const Rows& complete, Mixture& mixture) {
  const std::size_t k = mixture.shares.size();
  double out = 0;
  std::vector<double> log_of(k);
  for (const std::size_t row : complete) {
    for (std::size_t j = 0; j < k; ++j) {
      log_of[j] = std::log(mixture.shares[j]);
      for (std::size_t c = 0; c < rows.columns(); ++c) {
        const double d = rows.at(row, c) - mixture.clusters.centres.at(j, c), v = mixture.variances.at(j, c);
        log_of[j] -= 0.5 * (d * d / v + std::log(2 * std::numbers::pi * v));
      }
    }
    const double most = *std::max_element(log_of.begin(), log_of.end());
    double sum = 0;
    for (const double value : log_of) sum += std::exp(value - most);
    out += most + std::log(sum);
    for (std::size_t j = 0; j < k; ++j) mixture.likeliness.at(row, j) = std::exp(log_of[j] - most) / sum;
  }
  return out;
}

void maximise(const Matrix& rows, const Rows& complete, const std::vector<double>& floor, Mixture& mixture) {
  for (std::size_t j = 0; j < mixture.shares.size(); ++j) {
    double weight = 1e-12;
    for (const std::size_t row : complete) weight += mixture.likeliness.at(row, j);
    mixture.shares[j] = weight / double(complete.size());
    for (std::size_t c = 0; c < rows.columns(); ++c) {
      double sum = 0, square = 0;
      for (const std::size_t row : complete) sum += mixture.likeliness.at(row, j) * rows.at(row, c);
      const double mean = sum / weight;
      for (const std::size_t row : complete)
        square += mixture.likeliness.at(row, j) * (rows.at(row, c) - mean) * (rows.at(row, c) - mean);
      mixture.clusters.centres.at(j, c) = mean;
      mixture.variances.at(j, c) = std::max(square / weight, floor[c]);
    }
  }
}

void label_by_likeliness(const Matrix& rows, const Rows& complete, Mixture& mixture) {
  mixture.clusters.sizes.assign(mixture.shares.size(), 0);
  for (const std::size_t row : complete) {
    std::size_t best = 0;
    for (std::size_t j = 1; j < mixture.shares.size(); ++j) {
      if (mixture.likeliness.at(row, j) > mixture.likeliness.at(row, best)) best = j;
    }
    mixture.clusters.of[row] = best;
    ++mixture.clusters.sizes[best];
  }
  mixture.clusters.within = 0;
  for (const std::size_t row : complete)
    mixture.clusters.within += square_to(rows, row, mixture.clusters.centres, mixture.clusters.of[row]);
  mixture.clusters.silhouette = silhouette_of(rows, complete, mixture.clusters.of, mixture.clusters.sizes);
}

// classes[v] by descending mean of the clusters of one column.
std::vector<std::size_t> highest_first(const Clusters& clusters) {
  std::vector<std::size_t> order(clusters.sizes.size()), place(clusters.sizes.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return clusters.centres.at(a, 0) > clusters.centres.at(b, 0); });
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<std::size_t> out = clusters.of;
  for (std::size_t& k : out) {
    if (k != kNobody) k = place[k];
  }
  return out;
}

}  // namespace

Clusters k_means(const Matrix& rows, std::size_t k, std::uint64_t seed, std::size_t starts) {
  const Rows complete = complete_rows(rows);
  if (complete.empty() || k == 0) return {std::vector<std::size_t>(rows.rows(), kNobody), {}, {}, 0, kMissing};
  base::Rng rng(seed);
  Trial best;
  for (std::size_t start = 0; start < starts; ++start) {
    Trial trial = one_trial(rows, complete, std::min(k, complete.size()), rng);
    if (start == 0 || trial.within < best.within) best = std::move(trial);
  }
  return in_order(rows, complete, best);
}

Mixture gaussian_mixture(const Matrix& rows, std::size_t k, std::uint64_t seed) {
  constexpr double kStill = 1e-9;
  Mixture out;
  out.clusters = k_means(rows, k, seed);
  const Rows complete = complete_rows(rows);
  const std::size_t found = out.clusters.sizes.size(), d = rows.columns();
  std::vector<double> floor;
  for (std::size_t c = 0; c < d; ++c)
    floor.push_back(std::max(kVarianceLeast * std::pow(deviation_of(rows.column(c)), 2), 1e-12));
  out.variances = Matrix(found, d), out.shares.assign(found, 0), out.likeliness = Matrix(rows.rows(), found);
  for (const std::size_t row : complete) {
    for (std::size_t j = 0; j < found; ++j) out.likeliness.at(row, j) = out.clusters.of[row] == j ? 1 : 0;
  }
  for (int round = 0; round < kRoundsMax && found; ++round) {
    maximise(rows, complete, floor, out);
    const double before = out.log_likelihood;
    out.log_likelihood = expect(rows, complete, out);
    if (round > 0 && std::abs(out.log_likelihood - before) < kStill * std::abs(before)) break;
  }
  label_by_likeliness(rows, complete, out);
  const double parameters = double(found * 2 * d + found) - 1;
  out.bic = parameters * std::log(double(complete.size())) - 2 * out.log_likelihood;
  return out;
}

std::vector<std::size_t> natural_classes(std::span<const double> values, std::size_t k) {
  std::vector<std::size_t> order, out(values.size(), kNobody);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!missing(values[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  const std::size_t n = order.size();
  if (n == 0 || k == 0) return out;
  k = std::min(k, n);
  std::vector<double> sum(n + 1, 0), square(n + 1, 0);
  const double middle = mean_of(values);  // sums of squares about it lose no digits
  for (std::size_t i = 0; i < n; ++i) {
    const double d = values[order[i]] - middle;
    sum[i + 1] = sum[i] + d, square[i + 1] = square[i] + d * d;
  }
  const auto cost = [&](std::size_t from, std::size_t to) {  // of one class of [from, to)
    const double s = sum[to] - sum[from];
    return square[to] - square[from] - s * s / double(to - from);
  };
  const double never = std::numeric_limits<double>::infinity();
  std::vector<std::vector<double>> best(k + 1, std::vector<double>(n + 1, never));
  std::vector<std::vector<std::size_t>> from(k + 1, std::vector<std::size_t>(n + 1, 0));
  best[0][0] = 0;
  for (std::size_t classes = 1; classes <= k; ++classes) {
    for (std::size_t to = classes; to <= n; ++to) {
      for (std::size_t begin = classes - 1; begin < to; ++begin) {
        const double c = best[classes - 1][begin] + cost(begin, to);
        if (c < best[classes][to]) best[classes][to] = c, from[classes][to] = begin;
      }
    }
  }
  for (std::size_t classes = k, to = n; classes > 0; to = from[classes--][to]) {
    for (std::size_t i = from[classes][to]; i < to; ++i) out[order[i]] = classes - 1;
  }
  return out;
}

std::vector<std::size_t> k_means_classes(std::span<const double> values, std::size_t k, std::uint64_t seed) {
  Matrix rows(values.size(), 1);
  std::ranges::copy(values, rows.column(0).begin());
  return highest_first(k_means(rows, k, seed));
}

}  // namespace cityloop::index
