// Groups among rows of numbers: tiers of cities, personas of people who answered. A seed reproduces every result, and
// the clusters stand in an order that does not hang on it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/composite/matrix.h"

namespace cityloop::index {

struct Clusters {
  std::vector<std::size_t> of;  // by row; kNone (-1) for a row with a missing number
  Matrix centres;               // clusters × columns, the largest cluster first
  std::vector<std::size_t> sizes;
  double within{0};             // squared distance to the centres, all together
  double silhouette{kMissing};  // mean (Rousseeuw 1987), -1 to 1; missing for one cluster
};

// Lloyd's algorithm from k-means++ (Arthur and Vassilvitskii 2007), the best of `starts`. Columns should be of one
// scale. Fewer different rows than k give fewer clusters.
Clusters k_means(const Matrix& rows, std::size_t k, std::uint64_t seed, std::size_t starts = 16);

struct Mixture {
  Clusters clusters;  // each row to its likeliest; centres are the means
  Matrix variances;   // clusters × columns
  std::vector<double> shares;
  Matrix likeliness;                 // rows × clusters, adding up to 1
  double log_likelihood{0}, bic{0};  // Schwarz 1978: the less, the better
};

// Gaussians with a variance of their own for each column, by expectation and maximisation from k-means; variances do
// not fall below 1e-3 of a column's own.
Mixture gaussian_mixture(const Matrix& rows, std::size_t k, std::uint64_t seed);

// One column cut into k classes, 0 the highest numbers; kNone for missing ones. Exact, by dynamic programming (Fisher
// 1958; Wang and Song 2011), O(k n²).
std::vector<std::size_t> natural_classes(std::span<const double> values, std::size_t k);
// Likewise by k_means.
std::vector<std::size_t> k_means_classes(std::span<const double> values, std::size_t k, std::uint64_t seed);

}  // namespace cityloop::index
