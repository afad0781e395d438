#include "domain/traffic/forecast/calibration.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace cityloop::traffic {
namespace {

std::vector<std::uint32_t> by_score(std::span<const float> scores) {
  std::vector<std::uint32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return scores[a] < scores[b]; });
  return order;
}

struct Pool {
  double score{0}, came{0}, weight{0};
  std::size_t count{0};
  double mean() const { return came / weight; }
  void take(const Pool& other) {
    score += other.score;
    came += other.came;
    weight += other.weight;
    count += other.count;
  }
};

double weight_of(std::span<const float> weights, std::size_t at) {
  return weights.empty() ? 1 : double(weights[at]);
}

}  // namespace

Isotonic Isotonic::fit(std::span<const float> scores, std::span<const std::uint8_t> outcomes, std::size_t pool_least,
                       std::span<const float> weights) {
  std::vector<Pool> pools;
  Pool filling;
  const auto settle = [&pools](Pool pool) {
    while (!pools.empty() && pools.back().mean() >= pool.mean()) {
      pool.take(pools.back());
      pools.pop_back();
    }
    pools.push_back(pool);
  };
  for (const std::uint32_t at : by_score(scores)) {
    const double weight = weight_of(weights, at);
    filling.take({weight * double(scores[at]), weight * double(outcomes[at]), weight, 1});
    if (filling.count < std::max<std::size_t>(pool_least, 1)) continue;
    settle(filling);
    filling = {};
  }
  if (filling.count > 0) {
    if (!pools.empty()) {  // too few for a pool of their own
      filling.take(pools.back());
      pools.pop_back();
    }
    settle(filling);
  }
  Isotonic made;
  for (const Pool& pool : pools) {
    made.at_.push_back(float(pool.score / pool.weight));
    made.value_.push_back(float(pool.mean()));
  }
  return made;
}

float Isotonic::apply(float score) const {
  if (at_.empty()) return score;
  const auto above = std::upper_bound(at_.begin(), at_.end(), score);
  if (above == at_.begin()) return value_.front();
  if (above == at_.end()) return value_.back();
  const auto high = std::size_t(above - at_.begin());
  const float width = at_[high] - at_[high - 1];
  const float part = width > 0 ? (score - at_[high - 1]) / width : 0;
  return value_[high - 1] + part * (value_[high] - value_[high - 1]);
}

std::string Isotonic::to_text() const {
  std::string out;
  for (std::size_t at = 0; at < at_.size(); ++at)
    out += fmt::format("{}{} {}", at == 0 ? "" : " ", at_[at], value_[at]);
  return out;
}

base::Result<Isotonic> Isotonic::from_text(std::string_view text) {
  Isotonic out;
  std::vector<float>* into = &out.at_;
  for (const char* from = text.data(); from != text.data() + text.size();) {
    float read{};
    const auto [end, error] = std::from_chars(from, text.data() + text.size(), read);
    const bool rises = into->empty() || read >= into->back();
    if (error != std::errc{} || !std::isfinite(read) || !rises)
      return base::fail(base::Errc::corrupt, "a calibration is made of rising numbers, not '{}'", text.substr(0, 40));
    into->push_back(read);
    into = into == &out.at_ ? &out.value_ : &out.at_;
    from = end != text.data() + text.size() && *end == ' ' ? end + 1 : end;
  }
  if (out.at_.size() != out.value_.size())
    return base::fail(base::Errc::corrupt, "a calibration is made of pairs of numbers");
  return out;
}

CallCounts count_calls(std::span<const float> probabilities, std::span<const std::uint8_t> outcomes, float threshold) {
  CallCounts counts;
  for (std::size_t at = 0; at < probabilities.size(); ++at)
    counts.add(probabilities[at] >= threshold, outcomes[at] != 0);
  return counts;
}

float best_f1_threshold(std::span<const float> probabilities, std::span<const std::uint8_t> outcomes,
                        std::span<const float> weights) {
  const auto order = by_score(probabilities);
  double positives = 0, hits = 0, calls = 0;
  for (std::size_t at = 0; at < outcomes.size(); ++at) positives += outcomes[at] * weight_of(weights, at);
  double best = -1;
  float threshold = 0.5F;
  for (std::size_t taken = 1; taken <= order.size(); ++taken) {
    const std::uint32_t at = order[order.size() - taken];
    hits += outcomes[at] * weight_of(weights, at);
    calls += weight_of(weights, at);
    if (taken < order.size() && probabilities[order[order.size() - taken - 1]] == probabilities[at]) continue;
    const double f1 = 2 * hits / (calls + positives);
    if (f1 <= best) continue;
    best = f1;
    threshold = probabilities[at];
  }
  return threshold;
}

double average_precision(std::span<const float> probabilities, std::span<const std::uint8_t> outcomes) {
  const auto order = by_score(probabilities);
  const auto positives = double(std::count(outcomes.begin(), outcomes.end(), 1));
  double hits = 0;
  double area = 0;
  for (std::size_t taken = 1; taken <= order.size(); ++taken)
    if (outcomes[order[order.size() - taken]] != 0) {
      hits += 1;
      area += hits / double(taken);
    }
  return positives > 0 ? area / positives : 0;
}

std::vector<Reliability> reliability(std::span<const float> probabilities, std::span<const std::uint8_t> outcomes,
                                     int bins) {
  std::vector<Reliability> points(std::size_t(std::max(bins, 1)));
  for (std::size_t at = 0; at < probabilities.size(); ++at) {
    const int bin = std::clamp(int(probabilities[at] * float(bins)), 0, bins - 1);
    Reliability& point = points[std::size_t(bin)];
    point.said += double(probabilities[at]);
    point.came += outcomes[at];
    ++point.count;
  }
  for (Reliability& point : points)
    if (point.count > 0) {
      point.said /= double(point.count);
      point.came /= double(point.count);
    }
  return points;
}

double calibration_error(const std::vector<Reliability>& points) {
  double error = 0;
  double count = 0;
  for (const Reliability& point : points) {
    error += double(point.count) * std::abs(point.said - point.came);
    count += double(point.count);
  }
  return count > 0 ? error / count : 0;
}

double brier_score(std::span<const float> probabilities, std::span<const std::uint8_t> outcomes) {
  double sum = 0;
  for (std::size_t at = 0; at < probabilities.size(); ++at) {
    const double off = double(probabilities[at]) - double(outcomes[at]);
    sum += off * off;
  }
  return probabilities.empty() ? 0 : sum / double(probabilities.size());
}

}  // namespace cityloop::traffic
