#include "domain/awards/panel/agreement.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <boost/math/distributions/fisher_f.hpp>

namespace cityloop::awards::panel {
namespace {

// Mean squares of a table: between targets, within them, between judges, and what is left.
struct Squares {
  double targets{}, within{}, judges{}, left{};
};

Squares squares_of(std::span<const double> scores, std::size_t n, std::size_t k) {
  std::vector<double> row(n), column(k);
  double all = 0;
  for (std::size_t i = 0; i < n * k; ++i) {
    row[i / k] += scores[i] / double(k);
    column[i % k] += scores[i] / double(n);
    all += scores[i] / double(n * k);
  }
  Squares out;
  for (std::size_t i = 0; i < n * k; ++i) {
    const double score = scores[i];
    out.targets += std::pow(row[i / k] - all, 2);
    out.within += std::pow(score - row[i / k], 2);
    out.judges += std::pow(column[i % k] - all, 2);
    out.left += std::pow(score - row[i / k] - column[i % k] + all, 2);
  }
  out.targets /= double(n - 1);
  out.within /= double(n * (k - 1));
  out.judges /= double(k - 1);
  out.left /= double((n - 1) * (k - 1));
  return out;
}

double quantile(double share, double above, double below) {
  return boost::math::quantile(boost::math::fisher_f(above, below), share);
}

// For a ratio F of two mean squares: the correlation of single scores, of means, and what the limits of F make of them.
struct Ratio {
  Interval one, mean;
};
Ratio ratio(double f, double above, double below, double k, double share) {
  const auto single = [&](double at) { return std::isinf(at) ? 1 : (at - 1) / (at + k - 1); };
  const auto means = [](double at) { return 1 - 1 / at; };
  const double low = f / quantile(share, above, below), high = f * quantile(share, below, above);
  return {{single(f), single(low), single(high)}, {means(f), means(low), means(high)}};
}

Interval two_way(const Squares& ms, double n, double k, double share) {
  Interval out;
  out.value = (ms.targets - ms.left) / (ms.targets + (k - 1) * ms.left + k * (ms.judges - ms.left) / n);
  const double a = k * out.value / (n * (1 - out.value)), b = 1 + k * out.value * (n - 1) / (n * (1 - out.value));
  const double v = std::pow(a * ms.judges + b * ms.left, 2) /
                   (std::pow(a * ms.judges, 2) / (k - 1) + std::pow(b * ms.left, 2) / ((n - 1) * (k - 1)));
  const double up = quantile(share, n - 1, v), down = quantile(share, v, n - 1);
  const double rest = k * ms.judges + (k * n - k - n) * ms.left;
  out.low = n * (ms.targets - up * ms.left) / (up * rest + n * ms.targets);
  out.high = n * (down * ms.targets - ms.left) / (rest + n * down * ms.targets);
  return out;
}

// Scores that occur, each with a number, and how often each pair of them stands in one unit.
class Coincidences {
 public:
  explicit Coincidences(std::span<const Score> scores);

  std::size_t units() const { return units_.size(); }
  std::size_t scores() const;
  // Alpha of the units drawn; none where all of their scores are the same.
  std::optional<double> alpha(std::span<const std::size_t> drawn, Scale scale) const;

 private:
  double distance(std::size_t a, std::size_t b, Scale scale, const std::vector<double>& below) const;
  std::optional<double> interval_alpha(std::span<const std::size_t> drawn) const;

  // Number, sum and sum of squares of a unit's scores: all that squared differences hang on.
  struct Moments {
    double number{}, sum{}, squares{};
  };
  std::vector<double> values_;
  std::vector<std::vector<std::size_t>> units_;  // scores by their place in values_
  std::vector<Moments> moments_;                 // by unit
};

Coincidences::Coincidences(std::span<const Score> scores) {
  std::map<std::uint32_t, std::vector<double>> units;
  for (const Score& score : scores) {
    values_.push_back(score.value);
    units[score.proposal].push_back(score.value);
  }
  std::ranges::sort(values_);
  const auto again = std::ranges::unique(values_);
  values_.erase(again.begin(), again.end());
  for (const auto& [unit, of] : units) {
    if (of.size() < 2) continue;
    std::vector<std::size_t>& places = units_.emplace_back();
    for (const double value : of)
      places.push_back(std::size_t(std::ranges::lower_bound(values_, value) - values_.begin()));
    std::ranges::sort(places);
    Moments& all = moments_.emplace_back();
    for (const double value : of) all.number += 1, all.sum += value, all.squares += value * value;
  }
}

std::size_t Coincidences::scores() const {
  std::size_t out = 0;
  for (const auto& unit : units_) out += unit.size();
  return out;
}

// `below`: for ordinal scales, how many scores lie below the middle of each value's own.
double Coincidences::distance(std::size_t a, std::size_t b, Scale scale, const std::vector<double>& below) const {
  const double x = values_[a], y = values_[b];
  switch (scale) {
    case Scale::nominal: return a != b;
    case Scale::ordinal: return std::pow(below[a] - below[b], 2);
    case Scale::interval: return std::pow(x - y, 2);
    case Scale::ratio: return x + y == 0 ? 0 : std::pow((x - y) / (x + y), 2);
  }
  return 0;
}

// The sum of squared differences over all pairs is number × squares − sum², so a draw costs one step a unit.
std::optional<double> Coincidences::interval_alpha(std::span<const std::size_t> drawn) const {
  Moments all;
  double observed = 0;
  for (const std::size_t u : drawn) {
    const Moments& one = moments_[u];
    all.number += one.number, all.sum += one.sum, all.squares += one.squares;
    observed += 2 * (one.number * one.squares - one.sum * one.sum) / (one.number - 1);
  }
  const double expected = 2 * (all.number * all.squares - all.sum * all.sum);
  if (expected <= 1e-9 * all.number * all.squares) return std::nullopt;
  return 1 - (all.number - 1) * observed / expected;
}

std::optional<double> Coincidences::alpha(std::span<const std::size_t> drawn, Scale scale) const {
  if (scale == Scale::interval) return interval_alpha(drawn);
  std::vector<double> count(values_.size()), below(values_.size());
  double total = 0;
  for (const std::size_t u : drawn) {
    for (const std::size_t value : units_[u]) ++count[value];
    total += double(units_[u].size());
  }
  double before = 0;
  for (std::size_t v = 0; v < count.size(); ++v) {
    below[v] = before + count[v] / 2;
    before += count[v];
  }
  double observed = 0, expected = 0;
  for (const std::size_t u : drawn) {
    const auto& unit = units_[u];
    double sum = 0;
    for (std::size_t i = 0; i < unit.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) sum += distance(unit[i], unit[j], scale, below);
    observed += 2 * sum / double(unit.size() - 1);
  }
  for (std::size_t a = 0; a < count.size(); ++a) {
    for (std::size_t b = 0; b < a && count[a] > 0; ++b)
      expected += 2 * count[a] * count[b] * distance(a, b, scale, below);
  }
  if (expected == 0) return std::nullopt;
  return 1 - (total - 1) * observed / expected;
}

}  // namespace

base::Result<TableIcc> table_icc(std::span<const double> scores, std::size_t targets, std::size_t judges,
                                 double confidence) {
  if (targets < 2 || judges < 2 || scores.size() != targets * judges)
    return base::fail(base::Errc::invalid,
                      "{} scores of {} targets by {} judges: at least two of each are needed, and "
                      "every score",
                      scores.size(), targets, judges);
  if (!(confidence > 0 && confidence < 1))
    return base::fail(base::Errc::invalid, "a confidence of {} does not lie between 0 and 1", confidence);
  const auto n = double(targets), k = double(judges);
  const Squares ms = squares_of(scores, targets, judges);
  if (!(ms.left > 0 && ms.within > 0))
    return base::fail(base::Errc::invalid,
                      "the judges differ by nothing but their level: there is no error to compare "
                      "with");
  const double share = (1 + confidence) / 2;
  const Ratio one = ratio(ms.targets / ms.within, n - 1, n * (k - 1), k, share);
  const Ratio three = ratio(ms.targets / ms.left, n - 1, (n - 1) * (k - 1), k, share);
  const Interval two = two_way(ms, n, k, share);
  const auto of_means = [&](double single) { return k * single / (1 + (k - 1) * single); };
  return TableIcc{one.one,   two, three.one, one.mean, {of_means(two.value), of_means(two.low), of_means(two.high)},
                  three.mean};
}

std::optional<ReviewsIcc> reviews_icc(std::span<const Score> scores, double confidence) {
  std::map<std::uint32_t, std::vector<double>> reviews;
  for (const Score& score : scores) reviews[score.proposal].push_back(score.value);
  std::erase_if(reviews, [](const auto& one) { return one.second.size() < 2; });
  if (reviews.size() < 2) return std::nullopt;
  const auto n = double(reviews.size());
  ReviewsIcc out;
  out.proposals = reviews.size();
  std::vector<double> means;
  double within = 0, inverse = 0;
  for (const auto& [proposal, of] : reviews) {
    const auto number = double(of.size());
    means.push_back(std::accumulate(of.begin(), of.end(), 0.0) / number);
    for (const double value : of) within += std::pow(value - means.back(), 2);
    inverse += 1 / number / n;
    out.scores += of.size();
  }
  const double centre = std::accumulate(means.begin(), means.end(), 0.0) / n, below = double(out.scores) - n;
  double between = 0;
  for (const double mean : means) between += std::pow(mean - centre, 2) / (n - 1);
  if (!(within > 0 && between > 0)) return std::nullopt;
  out.each = 1 / inverse;
  const Ratio found = ratio(out.each * between / (within / below), n - 1, below, out.each, (1 + confidence) / 2);
  out.one = found.one;
  out.mean = found.mean;
  return out;
}

std::optional<ModelIcc> model_icc(const MixedFit& fit, std::span<const Score> scores) {
  if (!fit.usable) return std::nullopt;
  std::map<std::uint32_t, double> reviews;
  for (const Score& score : scores) ++reviews[score.proposal];
  double inverse = 0;
  for (const auto& [proposal, number] : reviews) inverse += 1 / number / double(reviews.size());
  const double merit = fit.proposal_sd * fit.proposal_sd, error = fit.error_sd * fit.error_sd;
  const double harsh = fit.reviewer_sd * fit.reviewer_sd, k = 1 / inverse;
  return ModelIcc{merit / (merit + harsh + error), merit / (merit + (harsh + error) / k), merit / (merit + error),
                  merit / (merit + error / k), k};
}

std::string_view to_string(Scale scale) {
  switch (scale) {
    case Scale::nominal: return "nominal";
    case Scale::ordinal: return "ordinal";
    case Scale::interval: return "interval";
    case Scale::ratio: return "ratio";
  }
  return "";
}

std::optional<Alpha> krippendorff(std::span<const Score> scores, const AlphaRules& rules) {
  const Coincidences table(scores);
  if (table.units() < 2) return std::nullopt;
  std::vector<std::size_t> drawn(table.units());
  for (std::size_t u = 0; u < drawn.size(); ++u) drawn[u] = u;
  const std::optional<double> alpha = table.alpha(drawn, rules.scale);
  if (!alpha) return std::nullopt;
  Alpha out{{*alpha, *alpha, *alpha}, table.units(), table.scores()};
  base::Rng rng(rules.seed);
  std::vector<double> draws;
  for (std::size_t draw = 0; draw < rules.draws; ++draw) {
    for (std::size_t& unit : drawn) unit = rng.below(table.units());
    if (const auto value = table.alpha(drawn, rules.scale)) draws.push_back(*value);
  }
  if (draws.empty()) return out;
  std::ranges::sort(draws);
  const auto tail = std::size_t((1 - rules.confidence) / 2 * double(draws.size()));
  out.alpha.low = draws[tail];
  out.alpha.high = draws[draws.size() - 1 - tail];
  return out;
}

}  // namespace cityloop::awards::panel
