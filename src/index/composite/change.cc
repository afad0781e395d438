#include "index/composite/change.h"

#include <cmath>
#include <map>

#include "index/composite/aggregate.h"

namespace cityloop::index {
namespace {

using base::Errc;
using base::fail;
using base::Result;

double logarithmic_mean(double a, double b) {
  // Near each other the quotient loses its digits; the series does not.
  const double d = b / a - 1;
  return std::abs(d) < 1e-6 ? a * (1 + d / 2 - d * d / 12) : (b - a) / std::log(b / a);
}

double slope(AggregateMethod method, double share, double x0, double x1, double y0, double y1) {
  if (method == AggregateMethod::geometric) return share * logarithmic_mean(y0, y1) / logarithmic_mean(x0, x1);
  if (method == AggregateMethod::harmonic) return share * (y0 * y1) / (x0 * x1);
  return share;
}

// Weights of children that are missing go to the others, as in aggregate().
double there(const Node& node, std::span<const double> shares, std::span<const double> scores) {
  double sum = 0;
  for (const std::size_t child : node.children) sum += missing(scores[child]) ? 0 : shares[child];
  return sum;
}

}  // namespace

std::vector<double> row_of(const Matrix& matrix, std::size_t unit) {
  std::vector<double> out;
  for (std::size_t c = 0; c < matrix.columns(); ++c) out.push_back(matrix.at(unit, c));
  return out;
}

Result<Difference> difference_of(const Frame& frame, std::span<const double> shares, const Aggregation& how,
                                 std::span<const double> before, std::span<const double> after) {
  for (const std::size_t group : frame.groups_up) {
    if (how.at(frame.nodes[group].level) == AggregateMethod::copeland)
      return fail(Errc::unsupported, "a Copeland score hangs on the other units and is not divided among indicators");
  }
  Difference out;
  out.whole = after[frame.root] - before[frame.root];
  if (missing(out.whole)) return fail(Errc::not_found, "there is no score on one side");
  std::vector<double> slopes(frame.nodes.size(), 0);
  slopes[frame.root] = 1;
  out.parts.assign(frame.nodes.size(), 0);
  for (auto group = frame.groups_up.rbegin(); group != frame.groups_up.rend(); ++group) {
    const Node& node = frame.nodes[*group];
    if (missing(after[*group] - before[*group])) continue;
    const double weight = (there(node, shares, before) + there(node, shares, after)) / 2;
    for (const std::size_t child : node.children) {
      if (missing(after[child] - before[child]) || shares[child] == 0) continue;
      slopes[child] = slopes[*group] * slope(how.at(node.level), shares[child] / weight, before[child], after[child],
                                             before[*group], after[*group]);
    }
  }
  out.rest = out.whole;
  for (std::size_t i = 0; i < frame.indicators.size(); ++i) {
    const double moved = after[i] - before[i];
    if (missing(moved)) continue;
    out.parts[i] = slopes[i] * moved;
    out.rest -= out.parts[i];
    for (std::size_t up = frame.nodes[i].parent; up != kNone; up = frame.nodes[up].parent)
      out.parts[up] += out.parts[i];
  }
  return out;
}

Result<std::vector<YearChange>> compare_years(const Frame& frame, const IndexReport& report, std::string_view before,
                                              std::string_view after) {
  std::map<std::string, std::size_t> earlier;
  for (std::size_t u = 0; u < report.units.size(); ++u) {
    if (report.years[u] == before) earlier[report.units[u].code] = u;
  }
  if (earlier.empty()) return fail(Errc::not_found, "there is no unit of the year '{}'", before);
  std::vector<YearChange> out;
  for (std::size_t u = 0; u < report.units.size(); ++u) {
    const auto found = earlier.find(report.units[u].code);
    if (report.years[u] != after || found == earlier.end()) continue;
    const auto score = difference_of(frame, report.shares, frame.method.aggregation,
                                     row_of(report.scores, found->second), row_of(report.scores, u));
    if (!score && score.error().code == Errc::unsupported) return std::unexpected(score.error());
    if (!score) continue;
    const auto& ranks = report.ranks[frame.root];
    out.push_back({found->second, u, ranks[found->second], ranks[u], *score});
  }
  if (out.empty()) return fail(Errc::not_found, "no unit has a score in both '{}' and '{}'", before, after);
  return out;
}

Result<Difference> against_mean(const Frame& frame, const IndexReport& report, std::size_t unit) {
  Matrix mean(1, frame.nodes.size());
  for (std::size_t c = 0; c < frame.indicators.size(); ++c) {
    double sum = 0, n = 0;
    for (std::size_t u = 0; u < report.units.size(); ++u) {
      const double value = report.scores.at(u, c);
      if (report.year[u] == report.year[unit] && !missing(value)) sum += value, ++n;
    }
    if (n > 0) mean.at(0, c) = sum / n;
  }
  const std::uint32_t year[] = {0};
  aggregate(frame, report.shares, frame.method.aggregation, year, mean);
  return difference_of(frame, report.shares, frame.method.aggregation, row_of(mean, 0), row_of(report.scores, unit));
}

}  // namespace cityloop::index
