#include "index/composite/compute.h"

#include <algorithm>

#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

using base::Errc;
using base::fail;
using base::Result;

base::Status check(const Frame& frame, const Table& table, WeightMethod weights) {
  const std::vector<std::string> wanted = frame.titles().numbers;
  if (table.columns != wanted)
    return fail(Errc::invalid, "the table was not read for the frame '{}': its columns are others", frame.id);
  if (table.units.empty()) return fail(Errc::invalid, "there is no unit in the table");
  if (weights == WeightMethod::open)
    return fail(Errc::refused,
                "the weights of '{}' are open: who uses the frame decides them (write a 'weight' for each node and "
                "[weights] method = \"given\", or choose equal, principal_components or budget)",
                frame.id);
  if (weights == WeightMethod::budget && frame.reviewers.empty())
    return fail(Errc::refused, "'{}' has no [[reviewer]]: there are no points to weigh by", frame.id);
  return {};
}

// Units with too little data are named and stay out.
Table screened(const Frame& frame, const Table& table, IndexReport& report) {
  const std::size_t n = frame.indicators.size();
  std::vector<std::size_t> kept;
  for (std::size_t u = 0; u < table.units.size(); ++u) {
    std::size_t there = 0;
    for (std::size_t c = 0; c < n; ++c) there += missing(table.cells.at(u, c)) ? 0 : 1;
    const double share = double(there) / double(n);
    if (there == 0 || share < frame.method.data_share_min) {
      report.left_out.push_back({table.units[u],
                                 {fmt::format("{} 项指标中仅 {} 项有数据", n, there),
                                  fmt::format("{} of {} indicators have a number", there, n)}});
      continue;
    }
    kept.push_back(u);
    report.data_share.push_back(share);
  }
  Table out{{}, table.group_columns, table.columns, Matrix(kept.size(), table.columns.size())};
  for (std::size_t i = 0; i < kept.size(); ++i) {
    out.units.push_back(table.units[kept[i]]);
    for (std::size_t c = 0; c < table.columns.size(); ++c) out.cells.at(i, c) = table.cells.at(kept[i], c);
  }
  return out;
}

void count_cells(IndexReport& report) {
  for (std::size_t c = 0; c < report.imputed.columns(); ++c) {
    const std::size_t before = count_present(report.denominated.column(c));
    const std::size_t after = count_present(report.imputed.column(c));
    report.imputed_cells += after - before;
    report.missing_cells += report.imputed.rows() - after;
  }
}

void note_missing_scores(const Frame& frame, IndexReport& report) {
  for (std::size_t u = 0; u < report.units.size(); ++u) {
    if (missing(report.scores.at(u, frame.root)))
      report.notes.push_back({u, frame.root, {"可用数据不足，无总分", "too little of it is there: no score"}});
  }
}

}  // namespace

std::vector<std::string> imputation_groups(const Frame& frame, const std::vector<Unit>& units, std::size_t group) {
  std::vector<std::string> out;
  for (const Unit& unit : units)
    out.push_back(group < frame.group_titles.size() && group < unit.groups.size() ? unit.groups[group] : "");
  return out;
}

Result<IndexReport> compute(const Frame& frame, const Table& table, const ComputeOptions& options) {
  IndexReport out;
  out.weights = options.weights.value_or(frame.method.weights);
  TRY(check(frame, table, out.weights));
  const Table kept = screened(frame, table, out);
  if (kept.units.empty())
    return fail(Errc::invalid, "none of the {} units has enough data to count", table.units.size());
  out.units = kept.units;
  for (const Unit& unit : out.units) out.years.push_back(unit.year);
  out.year = numbers_of(out.years);
  const Method& method = frame.method;
  out.raw = Matrix(kept.units.size(), frame.indicators.size());
  for (std::size_t c = 0; c < frame.indicators.size(); ++c)
    std::ranges::copy(kept.cells.column(c), out.raw.column(c).begin());
  out.denominated = denominate(frame, kept, out.notes);
  out.imputed = impute(frame, out.denominated, method.imputation,
                       imputation_groups(frame, out.units, method.imputation.group), out.years, out.notes);
  count_cells(out);
  out.treated = treat(frame, out.imputed, method.treatment, out.treatments, out.notes);
  out.normalised = normalise(frame, out.treated, out.treatments, method.normalisation, out.lines, out.notes);
  out.shares = weigh(frame, out.weights, method.aggregation, out.normalised, out.year, out.notes);
  out.shares_of_root = shares_of_root(frame, out.shares);
  out.scores = room_for_scores(frame, out.normalised);
  aggregate(frame, out.shares, method.aggregation, out.year, out.scores);
  for (std::size_t n = 0; n < frame.nodes.size(); ++n)
    out.ranks.push_back(rank(out.scores.column(n), out.year, method.ties, method.decimals));
  out.tiers = tier(frame, out.scores.column(frame.root));
  note_missing_scores(frame, out);
  return out;
}

}  // namespace cityloop::index
