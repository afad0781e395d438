// One task to each crew at the least total cost: the linear assignment problem.
//
//   costs by row and column ─▶ [assign] ─▶ the column of each row
//
// Shortest augmenting paths with potentials (Jonker and Volgenant): exact, O(rows² · columns), no randomness; 200 crews
// and 1,000 tasks take some milliseconds. For routes of several tasks see solver.h.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/result.h"

namespace cityloop::solve {

inline constexpr double kForbidden = std::numeric_limits<double>::infinity();

struct Costs {
  std::size_t rows{};
  std::size_t columns{};
  std::vector<double> of;  // row by row; finite (also negative), or kForbidden
  double at(std::size_t row, std::size_t column) const { return of[row * columns + column]; }
};

struct Assignment {
  std::vector<std::optional<std::uint32_t>> column_of;  // by row; none: left over
  std::size_t pairs{};
  double cost{};
};

// As many pairs as are possible, and among those assignments one of the least cost. Refuses sizes that do not fit, NaN,
// minus infinity, and costs that differ by more than 1e12 (beyond that sums of them are not exact enough).
base::Result<Assignment> assign(const Costs&);

}  // namespace cityloop::solve
