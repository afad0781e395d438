#include "index/composite/sobol.h"

#include <algorithm>

#include "base/rng.h"
#include "index/composite/matrix.h"
#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

constexpr std::size_t kBootstraps = 200;

// Outputs of all runs: samples × outputs for A, for B, and for A with each column of B in turn.
struct Runs {
  Matrix a, b;
  std::vector<Matrix> mixed;
};

Runs run_all(std::size_t inputs, std::size_t outputs, std::size_t n, std::uint64_t seed, const SobolModel& model) {
  base::Rng rng(seed);
  Runs out{Matrix(n, outputs), Matrix(n, outputs), std::vector<Matrix>(inputs, Matrix(n, outputs))};
  std::vector<double> a(inputs), b(inputs), result(outputs);
  const auto keep = [&](std::size_t sample, std::span<const double> in, Matrix& into) {
    model(in, result);
    for (std::size_t o = 0; o < outputs; ++o) into.at(sample, o) = result[o];
  };
  for (std::size_t sample = 0; sample < n; ++sample) {
    for (double& u : a) u = rng.uniform();
    for (double& u : b) u = rng.uniform();
    keep(sample, a, out.a);
    keep(sample, b, out.b);
    for (std::size_t i = 0; i < inputs; ++i) {
      std::swap(a[i], b[i]);
      keep(sample, a, out.mixed[i]);
      std::swap(a[i], b[i]);
    }
  }
  return out;
}

// Of the samples `chosen`, or of all where it is empty.
SobolShare share_of(std::span<const double> a, std::span<const double> b, std::span<const double> mixed,
                    std::span<const std::size_t> chosen) {
  const std::size_t n = chosen.empty() ? a.size() : chosen.size();
  const auto at = [&](std::size_t i) { return chosen.empty() ? i : chosen[i]; };
  double sum = 0, square = 0, first = 0, total = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[at(i)] + b[at(i)];
  const double mean = sum / double(2 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const double fa = a[at(i)] - mean, fb = b[at(i)] - mean, fm = mixed[at(i)] - mean;
    square += fa * fa + fb * fb;
    first += fb * (fm - fa);
    total += (fa - fm) * (fa - fm) / 2;
  }
  const double variance = square / double(2 * n);
  if (!(variance > 0)) return {};
  return {first / double(n) / variance, total / double(n) / variance, 0, 0, 0, 0};
}

void add_interval(std::span<const double> a, std::span<const double> b, std::span<const double> mixed, base::Rng& rng,
                  SobolShare& share) {
  std::vector<double> firsts, totals;
  std::vector<std::size_t> chosen(a.size());
  for (std::size_t round = 0; round < kBootstraps; ++round) {
    for (std::size_t& i : chosen) i = rng.below(a.size());
    const SobolShare one = share_of(a, b, mixed, chosen);
    firsts.push_back(one.first), totals.push_back(one.total);
  }
  share.first_low = quantile_of(firsts, 0.025), share.first_high = quantile_of(firsts, 0.975);
  share.total_low = quantile_of(totals, 0.025), share.total_high = quantile_of(totals, 0.975);
}

}  // namespace

std::vector<std::vector<SobolShare>> sobol_shares(std::size_t inputs, std::size_t outputs, std::size_t n,
                                                  std::uint64_t seed, const SobolModel& model,
                                                  std::size_t with_intervals) {
  const Runs runs = run_all(inputs, outputs, n, seed, model);
  base::Rng rng(seed + 1);
  std::vector<std::vector<SobolShare>> out(outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) {
      const auto a = runs.a.column(o), b = runs.b.column(o), mixed = runs.mixed[i].column(o);
      SobolShare share = share_of(a, b, mixed, {});
      share.first_low = share.first_high = share.first, share.total_low = share.total_high = share.total;
      if (o < with_intervals) add_interval(a, b, mixed, rng, share);
      out[o].push_back(share);
    }
  }
  return out;
}

}  // namespace cityloop::index
