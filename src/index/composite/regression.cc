#include "index/composite/regression.h"

#include <cmath>

#include <Eigen/Core>
#include <Eigen/LU>
#include <Eigen/QR>

#include "index/composite/matrix.h"
#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using Design = Eigen::MatrixXd;

constexpr double kSingular = 1e-10;

// A first column of ones, then the columns, of the rows that have everything.
struct Data {
  Design x;
  Eigen::VectorXd y;
};

Data complete_rows(const std::vector<std::span<const double>>& columns, std::span<const double> y) {
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < y.size(); ++r) {
    double sum = y[r];
    for (const auto& column : columns) sum += column[r];
    if (!missing(sum)) rows.push_back(r);
  }
  Data out{Design::Ones(Eigen::Index(rows.size()), Eigen::Index(columns.size()) + 1),
           Eigen::VectorXd(Eigen::Index(rows.size()))};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.y(Eigen::Index(i)) = y[rows[i]];
    for (std::size_t c = 0; c < columns.size(); ++c) out.x(Eigen::Index(i), Eigen::Index(c) + 1) = columns[c][rows[i]];
  }
  return out;
}

double deviation(const Eigen::VectorXd& values) {
  return deviation_of({values.data(), std::size_t(values.size())});
}

}  // namespace

Result<Regression> regress(const std::vector<std::span<const double>>& columns, std::span<const double> y,
                           double confidence) {
  const Data data = complete_rows(columns, y);
  const Eigen::Index n = data.x.rows(), k = data.x.cols();
  if (n < k + 1) return fail(Errc::invalid, "{} complete rows are too few for {} columns", n, k - 1);
  // Each column by its length, so that "can be computed from the others" does not hang on units.
  const Eigen::VectorXd lengths = data.x.colwise().norm();
  if (lengths.minCoeff() <= 0) return fail(Errc::invalid, "a column is all zeros");
  const Design scaled = data.x * lengths.cwiseInverse().asDiagonal();
  Eigen::ColPivHouseholderQR<Design> qr(scaled);
  qr.setThreshold(kSingular);
  if (qr.rank() < k) return fail(Errc::invalid, "one of the columns can be computed from the others");
  const Eigen::VectorXd beta = qr.solve(data.y).cwiseQuotient(lengths);
  const Design inverse = (scaled.transpose() * scaled).inverse();
  const double residual = (data.y - data.x * beta).squaredNorm();
  const double total = (data.y.array() - data.y.mean()).matrix().squaredNorm();
  const auto degrees = double(n - k);
  const double variance = residual / degrees, t = student_t_two_sided(confidence, degrees);
  Regression out;
  out.rows = std::size_t(n);
  out.residual_deviation = std::sqrt(variance);
  out.r_squared = total > 0 ? 1 - residual / total : 0;
  out.r_squared_adjusted = 1 - (1 - out.r_squared) * double(n - 1) / degrees;
  for (Eigen::Index i = 0; i < k; ++i) {
    Coefficient told;
    told.value = beta(i);
    told.standard_error = std::sqrt(variance * inverse(i, i)) / lengths(i);
    told.low = told.value - t * told.standard_error, told.high = told.value + t * told.standard_error;
    told.p = told.standard_error > 0 ? student_t_probability_beyond(told.value / told.standard_error, degrees) : 0;
    if (i == 0) {
      out.intercept = told;
      continue;
    }
    const double spread = deviation(data.x.col(i));
    told.standardised = total > 0 ? told.value * spread / deviation(data.y) : 0;
    told.inflation = inverse(i, i) / (lengths(i) * lengths(i)) * spread * spread * double(n - 1);
    out.of.push_back(told);
  }
  return out;
}

}  // namespace cityloop::index
