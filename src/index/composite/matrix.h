// Units by indicators: numbers in columns that lie together, since nearly all that is done to them is done to one
// indicator at a time. A number that is not there is NaN (`kMissing`) and is never taken for zero.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace cityloop::index {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
inline bool missing(double value) {
  return std::isnan(value);
}

class Matrix {
 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t columns, double value = kMissing)
      : rows_(rows), columns_(columns), cells_(rows * columns, value) {}

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  double& at(std::size_t row, std::size_t column) { return cells_[column * rows_ + row]; }
  double at(std::size_t row, std::size_t column) const { return cells_[column * rows_ + row]; }
  std::span<double> column(std::size_t i) { return std::span(cells_).subspan(i * rows_, rows_); }
  std::span<const double> column(std::size_t i) const { return std::span(cells_).subspan(i * rows_, rows_); }

 private:
  std::size_t rows_{0}, columns_{0};
  std::vector<double> cells_;
};

}  // namespace cityloop::index
