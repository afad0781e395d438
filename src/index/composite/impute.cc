#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "index/composite/stages.h"
#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

constexpr int kRoundsMax = 1000;
constexpr double kStill = 1e-10;  // of a standard deviation

using Vector = Eigen::VectorXd;
using Square = Eigen::MatrixXd;

// By group and year, then by group, then of all.
void impute_by_group(const Matrix& in, Matrix& out, bool median, std::span<const std::string> groups,
                     std::span<const std::string> years) {
  const auto centre = [&](const std::vector<double>& values) { return median ? median_of(values) : mean_of(values); };
  const auto label = [](std::span<const std::string> labels, std::size_t u) {
    return labels.empty() ? std::string{} : labels[u];
  };
  for (std::size_t c = 0; c < in.columns(); ++c) {
    std::map<std::pair<std::string, std::string>, std::vector<double>> of_year;
    std::map<std::string, std::vector<double>> of_group;
    std::vector<double> all;
    for (std::size_t u = 0; u < in.rows(); ++u) {
      if (missing(in.at(u, c))) continue;
      of_year[{label(groups, u), label(years, u)}].push_back(in.at(u, c));
      of_group[label(groups, u)].push_back(in.at(u, c));
      all.push_back(in.at(u, c));
    }
    for (std::size_t u = 0; u < in.rows(); ++u) {
      if (!missing(in.at(u, c)) || all.empty()) continue;
      const auto near = of_year.find({label(groups, u), label(years, u)});
      const auto wide = of_group.find(label(groups, u));
      out.at(u, c) = centre(near != of_year.end() ? near->second : wide != of_group.end() ? wide->second : all);
    }
  }
}

double distance_between(const Matrix& in, const std::vector<double>& spread, std::size_t a, std::size_t b) {
  double sum = 0;
  std::size_t n = 0;
  for (std::size_t c = 0; c < in.columns(); ++c) {
    const double d = in.at(a, c) - in.at(b, c);
    if (missing(d) || !(spread[c] > 0)) continue;
    sum += d * d / (spread[c] * spread[c]), ++n;
  }
  return n ? sum / double(n) : kMissing;
}

void impute_nearest(const Matrix& in, Matrix& out, std::size_t neighbours) {
  std::vector<double> spread;
  for (std::size_t c = 0; c < in.columns(); ++c) {
    const Range range = range_of(in.column(c));
    spread.push_back(range.high - range.low);
  }
  for (std::size_t u = 0; u < in.rows(); ++u) {
    std::vector<std::pair<double, std::size_t>> near;
    for (std::size_t v = 0; v < in.rows(); ++v) {
      const double distance = v == u ? kMissing : distance_between(in, spread, u, v);
      if (!missing(distance)) near.emplace_back(distance, v);
    }
    std::sort(near.begin(), near.end());
    for (std::size_t c = 0; c < in.columns(); ++c) {
      if (!missing(in.at(u, c))) continue;
      double sum = 0;
      std::size_t n = 0;
      for (const auto& [distance, v] : near) {
        if (n == neighbours) break;
        if (!missing(in.at(v, c))) sum += in.at(v, c), ++n;
      }
      if (n) out.at(u, c) = sum / double(n);
    }
  }
}

// Rows that lack the same columns share one regression.
struct Pattern {
  std::vector<Eigen::Index> known, unknown;
  std::vector<std::size_t> rows;
};

// One multivariate normal over some of the columns.
class Normal {
 public:
  Normal(const Matrix& in, std::vector<std::size_t> columns, double prior)
      : columns_(std::move(columns)), prior_(prior), data_(Eigen::Index(in.rows()), Eigen::Index(columns_.size())) {
    std::map<std::vector<bool>, Pattern> patterns;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      centre_.push_back(mean_of(in.column(columns_[c])));
      const double deviation = deviation_of(in.column(columns_[c]));
      scale_.push_back(deviation > 0 ? deviation : 1);
    }
    for (std::size_t u = 0; u < in.rows(); ++u) add_row(in, u, patterns);
    for (auto& [gaps, pattern] : patterns) patterns_.push_back(std::move(pattern));
  }

  void fit() {
    const Eigen::Index n = data_.cols();
    mean_ = Vector::Zero(n), covariance_ = Square::Identity(n, n);
    step();  // nothing moves yet: it starts from no covariance
    for (int round = 1; round < kRoundsMax; ++round) {
      if (step() < kStill) return;
    }
  }

  void write(Matrix& out) const {
    for (const Pattern& pattern : patterns_) {
      for (const std::size_t row : pattern.rows) {
        for (const Eigen::Index c : pattern.unknown)
          out.at(row, columns_[std::size_t(c)]) =
              centre_[std::size_t(c)] + scale_[std::size_t(c)] * data_(Eigen::Index(row), c);
      }
    }
  }

 private:
  void add_row(const Matrix& in, std::size_t u, std::map<std::vector<bool>, Pattern>& patterns) {
    std::vector<bool> gaps;
    for (const std::size_t c : columns_) gaps.push_back(missing(in.at(u, c)));
    Pattern& pattern = patterns[gaps];
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (pattern.rows.empty()) (gaps[c] ? pattern.unknown : pattern.known).push_back(Eigen::Index(c));
      data_(Eigen::Index(u), Eigen::Index(c)) = gaps[c] ? 0 : (in.at(u, columns_[c]) - centre_[c]) / scale_[c];
    }
    pattern.rows.push_back(u);
  }

  // Fills by regression on what is known, then takes mean and covariance anew. Gives the greatest move of a filled
  // number.
  double step() {
    const Eigen::Index n = data_.cols();
    Square extra = Square::Zero(n, n);
    double moved = 0;
    for (const Pattern& pattern : patterns_) {
      if (pattern.unknown.empty()) continue;
      const Square kk = covariance_(pattern.known, pattern.known), ku = covariance_(pattern.known, pattern.unknown);
      Square beta = Square::Zero(kk.rows(), ku.cols());
      if (kk.rows() > 0) beta = kk.ldlt().solve(ku);
      const Square rest = covariance_(pattern.unknown, pattern.unknown) - ku.transpose() * beta;
      extra(pattern.unknown, pattern.unknown) += double(pattern.rows.size()) * rest;
      for (const std::size_t row : pattern.rows) {
        const Vector known = data_(Eigen::Index(row), pattern.known).transpose() - mean_(pattern.known);
        const Vector filled = mean_(pattern.unknown) + beta.transpose() * known;
        const Vector before = data_(Eigen::Index(row), pattern.unknown).transpose();
        moved = std::max(moved, (filled - before).cwiseAbs().maxCoeff());
        data_(Eigen::Index(row), pattern.unknown) = filled.transpose();
      }
    }
    mean_ = data_.colwise().mean().transpose();
    const Square centred = data_.rowwise() - mean_.transpose();
    covariance_ =
        (centred.transpose() * centred + extra + prior_ * Square::Identity(n, n)) / (double(data_.rows()) + prior_);
    return moved;
  }

  std::vector<std::size_t> columns_;
  double prior_;
  Square data_;
  std::vector<double> centre_, scale_;
  std::vector<Pattern> patterns_;
  Vector mean_;
  Square covariance_;
};

void impute_normal(const Frame& frame, const Matrix& in, Matrix& out, double prior) {
  for (const std::size_t group : frame.groups_up) {
    std::vector<std::size_t> columns;
    bool gaps = false;
    for (const std::size_t child : frame.nodes[group].children) {
      const std::size_t there = child < in.columns() ? count_present(in.column(child)) : 0;
      if (there == 0) continue;
      columns.push_back(child);
      gaps = gaps || there < in.rows();
    }
    if (!gaps) continue;
    Normal normal(in, std::move(columns), prior);
    normal.fit();
    normal.write(out);
  }
}

}  // namespace

Matrix impute(const Frame& frame, const Matrix& in, const Imputation& how, std::span<const std::string> groups,
              std::span<const std::string> years, std::vector<Note>& notes) {
  Matrix out = in;
  switch (how.method) {
    case ImputeMethod::none: break;
    case ImputeMethod::group_mean: impute_by_group(in, out, false, groups, years); break;
    case ImputeMethod::group_median: impute_by_group(in, out, true, groups, years); break;
    case ImputeMethod::nearest: impute_nearest(in, out, how.neighbours); break;
    case ImputeMethod::expectation_maximisation: impute_normal(frame, in, out, how.prior); break;
  }
  for (std::size_t c = 0; c < in.columns(); ++c) {
    if (in.rows() && count_present(in.column(c)) == 0)
      notes.push_back(
          {kNone, c, {"没有任何单位有此项数据，不计入", "no unit has any number of it: it does not count"}});
  }
  return out;
}

}  // namespace cityloop::index
