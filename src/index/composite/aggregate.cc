#include "index/composite/aggregate.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include <fmt/format.h>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include "index/composite/cluster.h"
#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

using Children = std::vector<std::size_t>;

void share_out(const Frame& frame, const Children& children, std::vector<double>& shares,
               const std::function<double(std::size_t)>& weight_of) {
  double sum = 0;
  for (const std::size_t child : children) sum += weight_of(child);
  for (const std::size_t child : children)
    shares[child] = sum > 0 ? weight_of(child) / sum : frame.nodes[child].weight / double(children.size());
}

// Of the children with some spread; the others weigh nothing.
void share_by_component(const Frame& frame, std::size_t group, const Matrix& scores, std::vector<double>& shares,
                        std::vector<Note>& notes) {
  Children telling;
  for (const std::size_t child : frame.nodes[group].children) {
    const double spread = deviation_of(scores.column(child));
    if (spread > 0) telling.push_back(child);
  }
  if (telling.size() < 2) {
    share_out(frame, frame.nodes[group].children, shares, [](std::size_t) { return 1.0; });
    return;
  }
  const auto n = Eigen::Index(telling.size());
  Eigen::MatrixXd correlation = Eigen::MatrixXd::Identity(n, n);
  for (Eigen::Index a = 0; a < n; ++a) {
    for (Eigen::Index b = 0; b < a; ++b) {
      const double r = correlation_of(scores.column(telling[std::size_t(a)]), scores.column(telling[std::size_t(b)]));
      correlation(a, b) = correlation(b, a) = missing(r) ? 0 : r;
    }
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(correlation);
  const Eigen::VectorXd first = solver.eigenvectors().col(n - 1);
  const double explained = solver.eigenvalues()(n - 1) / double(n);
  std::map<std::size_t, double> weight;
  for (Eigen::Index i = 0; i < n; ++i) weight[telling[std::size_t(i)]] = first(i) * first(i);
  share_out(frame, frame.nodes[group].children, shares,
            [&](std::size_t child) { return weight.contains(child) ? weight[child] : 0.0; });
  notes.push_back({kNone,
                   group,
                   {fmt::format("第一主成分解释方差的 {:.0f}%", 100 * explained),
                    fmt::format("the first principal component explains {:.0f} % of the variance", 100 * explained)}});
}

void share_by_budget(const Frame& frame, std::size_t group, std::vector<double>& shares) {
  const Children& children = frame.nodes[group].children;
  std::map<std::size_t, double> weight;
  for (const Reviewer& reviewer : frame.reviewers) {
    double sum = 0;
    for (const std::size_t child : children) sum += missing(reviewer.points[child]) ? 0 : reviewer.points[child];
    if (!(sum > 0)) continue;
    for (const std::size_t child : children) weight[child] += reviewer.points[child] / sum;
  }
  share_out(frame, children, shares,
            [&](std::size_t child) { return weight.empty() ? frame.nodes[child].weight : weight[child]; });
}

// Column by column: the numbers of one child lie together, and a sum's order is that of the children for every unit.
void mean_scores(AggregateMethod method, const Children& children, std::span<const double> shares, double present_min,
                 std::size_t group, Matrix& scores) {
  const std::size_t n = scores.rows();
  std::vector<double> sum(n, 0), there(n, 0);
  const auto add = [&](std::size_t child, auto term) {
    const double w = shares[child];
    const auto column = std::as_const(scores).column(child);
    for (std::size_t u = 0; u < n; ++u) {
      const double x = column[u];
      sum[u] += missing(x) ? 0 : w * term(x);
      there[u] += missing(x) ? 0 : w;
    }
  };
  for (const std::size_t child : children) {
    if (shares[child] == 0) continue;
    if (method == AggregateMethod::arithmetic) add(child, [](double x) { return x; });
    else if (method == AggregateMethod::geometric) add(child, [](double x) { return x > 0 ? std::log(x) : kMissing; });
    else add(child, [](double x) { return x > 0 ? 1 / x : kMissing; });
  }
  const auto out = scores.column(group);
  for (std::size_t u = 0; u < n; ++u) {
    const bool enough = there[u] > 0 && there[u] >= present_min - 1e-12;
    // 1 but for rounding where nothing is missing: not to divide keeps the last digits.
    const double mean = std::abs(there[u] - 1) < 1e-12 ? sum[u] : sum[u] / there[u];
    const double score = method == AggregateMethod::geometric  ? std::exp(mean)
                         : method == AggregateMethod::harmonic ? 1 / mean
                                                               : mean;
    out[u] = enough ? score : kMissing;
  }
}

// +1 where a wins, -1 where b does.
int pair_won(const Children& children, std::span<const double> shares, const Matrix& scores, std::size_t a,
             std::size_t b) {
  double for_a = 0, for_b = 0;
  for (const std::size_t child : children) {
    const double x = scores.at(a, child), y = scores.at(b, child);
    if (x > y) for_a += shares[child];
    if (x < y) for_b += shares[child];
  }
  return std::abs(for_a - for_b) < 1e-12 ? 0 : for_a > for_b ? 1 : -1;
}

void copeland(const Children& children, std::span<const double> shares, std::span<const std::uint32_t> years,
              double present_min, std::size_t group, Matrix& scores) {
  const std::size_t n = scores.rows();
  std::vector<int> net(n), others(n);
  std::vector<bool> counts(n);
  for (std::size_t u = 0; u < n; ++u) {
    double there = 0;
    for (const std::size_t child : children) there += missing(scores.at(u, child)) ? 0 : shares[child];
    counts[u] = there > 0 && there >= present_min - 1e-12;
  }
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (!counts[a] || !counts[b] || years[a] != years[b]) continue;
      const int won = pair_won(children, shares, scores, a, b);
      net[a] += won, net[b] -= won, ++others[a], ++others[b];
    }
  }
  for (std::size_t u = 0; u < n; ++u) {
    const double net_share = others[u] ? double(net[u]) / others[u] : 0;
    scores.at(u, group) = counts[u] ? 50 * (1 + net_share) : kMissing;
  }
}

// Equal but for the rounding of their sums: the order of additions must not part two units.
bool alike(double a, double b) {
  return std::abs(a - b) <= 1e-12 * std::max({1.0, std::abs(a), std::abs(b)});
}

void aggregate_group(const Frame& frame, std::size_t group, std::span<const double> shares, const Aggregation& how,
                     std::span<const std::uint32_t> years, Matrix& scores) {
  const Node& node = frame.nodes[group];
  const AggregateMethod method = how.at(node.level);
  if (method == AggregateMethod::copeland) {
    copeland(node.children, shares, years, how.present_min, group, scores);
    return;
  }
  mean_scores(method, node.children, shares, how.present_min, group, scores);
}

}  // namespace

std::vector<std::uint32_t> numbers_of(std::span<const std::string> labels) {
  std::map<std::string, std::uint32_t> known;
  std::vector<std::uint32_t> out;
  for (const std::string& label : labels)
    out.push_back(known.emplace(label, std::uint32_t(known.size())).first->second);
  return out;
}

Matrix room_for_scores(const Frame& frame, const Matrix& normalised) {
  Matrix out(normalised.rows(), frame.nodes.size());
  for (std::size_t c = 0; c < normalised.columns(); ++c) std::ranges::copy(normalised.column(c), out.column(c).begin());
  return out;
}

std::vector<double> weigh(const Frame& frame, WeightMethod method, const Aggregation& how, const Matrix& normalised,
                          std::span<const std::uint32_t> years, std::vector<Note>& notes) {
  std::vector<double> shares(frame.nodes.size(), 1);
  Matrix scores = room_for_scores(frame, normalised);
  for (const std::size_t group : frame.groups_up) {
    const Children& children = frame.nodes[group].children;
    if (method == WeightMethod::budget) {
      share_by_budget(frame, group, shares);
    } else if (method == WeightMethod::principal_components) {
      share_by_component(frame, group, scores, shares, notes);
      aggregate_group(frame, group, shares, how, years, scores);
    } else {
      const bool given = method == WeightMethod::given;
      share_out(frame, children, shares, [&](std::size_t child) { return given ? frame.nodes[child].weight : 1; });
    }
  }
  return shares;
}

void aggregate(const Frame& frame, std::span<const double> shares, const Aggregation& how,
               std::span<const std::uint32_t> years, Matrix& scores) {
  for (const std::size_t group : frame.groups_up) aggregate_group(frame, group, shares, how, years, scores);
}

std::vector<double> rank(std::span<const double> exact, std::span<const std::uint32_t> years, Ties ties,
                         std::optional<int> decimals) {
  std::vector<double> scores(exact.begin(), exact.end());
  if (decimals) {
    const double scale = std::pow(10, *decimals);
    for (double& score : scores) score = std::round(score * scale) / scale;
  }
  std::vector<std::size_t> order;
  for (std::size_t u = 0; u < scores.size(); ++u) {
    if (!missing(scores[u])) order.push_back(u);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return years[a] != years[b] ? years[a] < years[b] : scores[a] > scores[b];
  });
  std::vector<double> out(scores.size(), kMissing);
  std::size_t year_begin = 0, classes = 0;
  for (std::size_t first = 0; first < order.size();) {
    if (years[order[first]] != years[order[year_begin]]) year_begin = first, classes = 0;
    std::size_t last = first;
    while (last + 1 < order.size() && years[order[last + 1]] == years[order[first]] &&
           alike(scores[order[last + 1]], scores[order[first]]))
      ++last;
    ++classes;
    const auto begin = double(first - year_begin), end = double(last - year_begin);
    const double place = ties == Ties::dense     ? double(classes)
                         : ties == Ties::average ? (begin + end) / 2 + 1
                                                 : begin + 1;
    for (std::size_t i = first; i <= last; ++i) out[order[i]] = place;
    first = last + 1;
  }
  return out;
}

std::vector<std::size_t> tier(const Frame& frame, std::span<const double> scores) {
  std::vector<std::size_t> out(scores.size(), kNone);
  const std::size_t tiers = frame.tiers.size();
  if (frame.tier_method == TierMethod::none || tiers == 0) return out;
  if (frame.tier_method == TierMethod::cut) {
    for (std::size_t u = 0; u < scores.size(); ++u) {
      if (missing(scores[u])) continue;
      for (out[u] = 0; out[u] + 1 < tiers && scores[u] < frame.tiers[out[u]].at_least;) ++out[u];
    }
    return out;
  }
  const bool natural = frame.tier_method == TierMethod::jenks;
  const auto classes = natural ? natural_classes(scores, tiers) : k_means_classes(scores, tiers, frame.tier_seed);
  for (std::size_t u = 0; u < scores.size(); ++u) out[u] = classes[u];
  return out;
}

std::vector<double> shares_of_root(const Frame& frame, std::span<const double> shares) {
  std::vector<double> out(frame.nodes.size(), 1);
  for (auto group = frame.groups_up.rbegin(); group != frame.groups_up.rend(); ++group) {
    for (const std::size_t child : frame.nodes[*group].children) out[child] = out[*group] * shares[child];
  }
  return out;
}

}  // namespace cityloop::index
