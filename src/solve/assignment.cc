#include "solve/assignment.h"

#include <algorithm>
#include <cmath>

namespace cityloop::solve {
namespace {

constexpr std::uint32_t kNobody = ~0u;

// Rows are added one by one; each time the cheapest way to make room is found by Dijkstra's algorithm over reduced
// costs, which the potentials keep from being negative.
class Matcher {
 public:
  Matcher(std::size_t rows, std::size_t columns, const std::vector<double>& costs)
      : columns_(columns), costs_(costs), row_potential_(rows), column_potential_(columns), row_of_(columns, kNobody) {}

  void add(std::uint32_t row);
  std::uint32_t row_of(std::size_t column) const { return row_of_[column]; }

 private:
  double reduced(std::uint32_t row, std::size_t column) const {
    return costs_[row * columns_ + column] - row_potential_[row] - column_potential_[column];
  }

  std::size_t columns_;
  const std::vector<double>& costs_;
  std::vector<double> row_potential_, column_potential_;
  std::vector<std::uint32_t> row_of_;
};

void Matcher::add(std::uint32_t row) {
  std::vector<double> way(columns_, kForbidden);       // the cheapest way found to a column
  std::vector<std::uint32_t> from(columns_, kNobody);  // the column before it
  std::vector<bool> final(columns_);
  std::vector<std::size_t> reached;
  std::uint32_t at_row = row;
  std::uint32_t at_column = kNobody;
  double length = 0;
  for (;;) {
    std::size_t next = columns_;
    for (std::size_t c = 0; c < columns_; ++c) {
      if (final[c]) continue;
      if (const double to = length + reduced(at_row, c); to < way[c]) {
        way[c] = to;
        from[c] = at_column;
      }
      if (next == columns_ || way[c] < way[next]) next = c;
    }
    length = way[next];
    final[next] = true;
    at_column = std::uint32_t(next);
    if (row_of_[next] == kNobody) break;
    reached.push_back(next);
    at_row = row_of_[next];
  }
  row_potential_[row] += length;
  for (const std::size_t c : reached) {
    row_potential_[row_of_[c]] += length - way[c];
    column_potential_[c] -= length - way[c];
  }
  for (std::uint32_t c = at_column; c != kNobody; c = from[c]) row_of_[c] = from[c] == kNobody ? row : row_of_[from[c]];
}

struct Range {
  double least{0};
  double most{0};
};

base::Result<Range> range_of(const Costs& costs) {
  Range range;
  bool any = false;
  for (const double cost : costs.of) {
    if (std::isnan(cost) || cost == -kForbidden)
      return base::fail(base::Errc::invalid, "a cost must be a number or kForbidden, not {}", cost);
    if (cost == kForbidden) continue;
    range = any ? Range{std::min(range.least, cost), std::max(range.most, cost)} : Range{cost, cost};
    any = true;
  }
  if (range.most - range.least > 1e12)
    return base::fail(base::Errc::invalid, "costs from {} to {} lie too far apart", range.least, range.most);
  return range;
}

}  // namespace

base::Result<Assignment> assign(const Costs& costs) {
  if (costs.of.size() != costs.rows * costs.columns)
    return base::fail(base::Errc::invalid, "{} costs for {} rows and {} columns", costs.of.size(), costs.rows,
                      costs.columns);
  const Range range = TRY(range_of(costs));
  // A forbidden pair costs more than all others together could save, so it is taken only where nothing else is left.
  const bool across = costs.rows <= costs.columns;
  const std::size_t rows = across ? costs.rows : costs.columns, columns = across ? costs.columns : costs.rows;
  const double forbidden = (range.most - range.least + 1) * (double(rows) + 1);
  std::vector<double> shifted(costs.of.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      const double cost = across ? costs.at(r, c) : costs.at(c, r);
      shifted[r * columns + c] = cost == kForbidden ? forbidden : cost - range.least;
    }
  }
  Matcher matcher(rows, columns, shifted);
  for (std::uint32_t r = 0; r < rows; ++r) matcher.add(r);
  Assignment out;
  out.column_of.resize(costs.rows);
  for (std::uint32_t c = 0; c < columns; ++c) {
    if (matcher.row_of(c) == kNobody) continue;
    const std::uint32_t row = across ? matcher.row_of(c) : c, column = across ? c : matcher.row_of(c);
    if (costs.at(row, column) == kForbidden) continue;
    out.column_of[row] = column;
    out.cost += costs.at(row, column);
    ++out.pairs;
  }
  return out;
}

}  // namespace cityloop::solve
