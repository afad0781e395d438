#include "index/composite/consistency.h"

#include <functional>

#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

constexpr double kRedundant = 0.92, kContrary = -0.4;

void collect_indicators(const Frame& frame, std::size_t node, std::vector<std::size_t>& out) {
  if (node < frame.indicators.size()) out.push_back(node);
  for (const std::size_t child : frame.nodes[node].children) collect_indicators(frame, child, out);
}

double alpha_over(const IndexReport& report, const std::vector<std::size_t>& nodes) {
  std::vector<std::span<const double>> items;
  for (const std::size_t node : nodes) {
    if (count_present(report.scores.column(node)) > 0) items.push_back(report.scores.column(node));
  }
  return cronbach_alpha(items);
}

}  // namespace

Consistency consistency_of(const Frame& frame, const IndexReport& report) {
  Consistency out;
  const auto correlate = [&](std::size_t a, std::size_t b) {
    return Correlation{a, b, correlation_of(report.scores.column(a), report.scores.column(b))};
  };
  for (const std::size_t group : frame.groups_up) {
    const auto& children = frame.nodes[group].children;
    GroupConsistency told{group, alpha_over(report, children), kMissing, {}};
    std::vector<std::size_t> below;
    collect_indicators(frame, group, below);
    told.alpha_of_indicators = alpha_over(report, below);
    for (std::size_t i = 0; i < children.size(); ++i) {
      for (std::size_t j = i + 1; j < children.size(); ++j) {
        told.siblings.push_back(correlate(children[i], children[j]));
        if (told.siblings.back().r > kRedundant) out.redundant.push_back(told.siblings.back());
        if (told.siblings.back().r < kContrary) out.contrary.push_back(told.siblings.back());
      }
    }
    out.groups.push_back(std::move(told));
  }
  for (std::size_t node = 0; node < frame.nodes.size(); ++node) {
    for (std::size_t up = frame.nodes[node].parent; up != kNone; up = frame.nodes[up].parent) {
      out.upwards.push_back(correlate(node, up));
      if (out.upwards.back().r < kContrary) out.contrary.push_back(out.upwards.back());
    }
  }
  return out;
}

}  // namespace cityloop::index
