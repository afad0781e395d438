#include "domain/awards/panel/mixed_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <set>

#include <Eigen/Cholesky>

#include "domain/awards/panel/mixing.h"

namespace cityloop::awards::panel {
namespace {

constexpr std::size_t kReviewersMax = 2'000;
constexpr double kSmallest = 1e-12;  // of the squares of all scores: below, they are fitted without error
constexpr double kRatioMax = 1e4;

// The ratios of the deviations of proposals and of reviewers to that of the error.
struct Ratios {
  double proposal{}, reviewer{};
};

// The equations of the model for given ratios, with the proposals eliminated: reviewers first, then the mean.
struct Equations {
  Eigen::MatrixXd matrix;
  Eigen::VectorXd right;
  double squares{};  // what is left of the scores' squares by the proposals alone
  double log_det{};  // of the proposals' part
};

class Design {
 public:
  Design(std::span<const Score>, std::size_t proposals, std::size_t reviewers);

  Equations equations(Ratios) const;
  double deviance(Ratios) const;
  // Of a proposal with `number` scores: how far the mean of its residuals is trusted, over their number.
  static double weight(double number, Ratios ratios) {
    const double square = ratios.proposal * ratios.proposal;
    return square / (square * number + 1);
  }

  std::span<const Score> scores;
  double centre{}, squares{};       // scores are taken from their mean, for accuracy
  std::vector<double> number, sum;  // by proposal
  std::vector<double> by_reviewer;  // scores of each
  std::vector<std::vector<std::uint32_t>> of_proposal;

 private:
  // Proposals with equally many scores share a weight: what they add to the equations is summed once.
  struct Group {
    double proposals{};
    double sum{}, sum_square{};
    Eigen::MatrixXd meetings;  // of two reviewers on one proposal
    Eigen::VectorXd seen;      // proposals of each reviewer
    Eigen::VectorXd sums;      // of the sums of each reviewer's proposals
  };
  std::map<std::uint32_t, Group> groups_;  // by the number of scores
  Eigen::VectorXd own_sum_;
};

Design::Design(std::span<const Score> all, std::size_t proposals, std::size_t reviewers)
    : scores(all),
      number(proposals),
      sum(proposals),
      by_reviewer(reviewers),
      of_proposal(proposals),
      own_sum_(Eigen::VectorXd::Zero(Eigen::Index(reviewers))) {
  for (const Score& score : all) centre += score.value / double(all.size());
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    const double value = all[i].value - centre;
    number[all[i].proposal] += 1;
    sum[all[i].proposal] += value;
    by_reviewer[all[i].reviewer] += 1;
    own_sum_[all[i].reviewer] += value;
    of_proposal[all[i].proposal].push_back(i);
    squares += value * value;
  }
  const auto size = Eigen::Index(reviewers);
  for (std::size_t p = 0; p < proposals; ++p) {
    if (of_proposal[p].empty()) continue;
    Group& group = groups_[std::uint32_t(of_proposal[p].size())];
    if (group.meetings.size() == 0) {
      group.meetings = Eigen::MatrixXd::Zero(size, size);
      group.seen = group.sums = Eigen::VectorXd::Zero(size);
    }
    group.proposals += 1;
    group.sum += sum[p];
    group.sum_square += sum[p] * sum[p];
    for (const std::uint32_t a : of_proposal[p]) {
      group.seen[all[a].reviewer] += 1;
      group.sums[all[a].reviewer] += sum[p];
      for (const std::uint32_t b : of_proposal[p]) group.meetings(all[a].reviewer, all[b].reviewer) += 1;
    }
  }
}

Equations Design::equations(Ratios ratios) const {
  const auto size = own_sum_.size();
  const double r = ratios.reviewer;
  Equations out{Eigen::MatrixXd::Zero(size + 1, size + 1), Eigen::VectorXd::Zero(size + 1), squares, 0};
  auto among = out.matrix.topLeftCorner(size, size);
  out.right.head(size) = r * own_sum_;
  for (Eigen::Index j = 0; j < size; ++j) among(j, j) = r * r * by_reviewer[std::size_t(j)] + 1;
  for (const auto& [each, group] : groups_) {
    const double w = weight(each, ratios), left = 1 - w * each;
    among -= r * r * w * group.meetings;
    out.matrix.col(size).head(size) += r * left * group.seen;
    out.matrix(size, size) += group.proposals * each * left;
    out.right.head(size) -= r * w * group.sums;
    out.right[size] += left * group.sum;
    out.squares -= w * group.sum_square;
    out.log_det += group.proposals * std::log(ratios.proposal * ratios.proposal * each + 1);
  }
  out.matrix.row(size).head(size) = out.matrix.col(size).head(size);
  return out;
}

double Design::deviance(Ratios ratios) const {
  const Equations it = equations(ratios);
  const Eigen::LLT<Eigen::MatrixXd> factor(it.matrix);
  const double log_det = it.log_det + 2 * factor.matrixLLT().diagonal().array().log().sum();
  const double left = std::max(it.squares - it.right.dot(factor.solve(it.right)), kSmallest * squares);
  const double degrees = double(scores.size()) - 1;
  return log_det + degrees * (1 + std::log(2 * std::numbers::pi * left / degrees));
}

// The lowest point by Nelder and Mead's simplex; the deviance is the same for a ratio and its negative, so there is no
// boundary to mind.
class Search {
 public:
  Search(const Design& design, bool reviewers) : design_(design), size_(reviewers ? 2 : 1) {}

  Ratios lowest() {
    Point best{1, size_ == 2 ? 1.0 : 0.0};
    for (const double step : {0.5, 0.1}) best = descend(best, step);
    for (std::size_t k = 0; k < size_; ++k) {  // nothing at all, where that is as good
      Point zero = best;
      zero[k] = 0;
      if (at(zero) <= at(best) + 1e-7) best = zero;
    }
    return ratios_of(best);
  }

 private:
  using Point = std::array<double, 2>;
  struct Corner {
    Point point{};
    double height{};
  };
  static Ratios ratios_of(const Point& p) {
    return {std::min(std::abs(p[0]), kRatioMax), std::min(std::abs(p[1]), kRatioMax)};
  }
  double at(const Point& point) const { return design_.deviance(ratios_of(point)); }
  Corner between(const Point& a, const Point& b, double share) const {
    Corner out;
    for (std::size_t k = 0; k < size_; ++k) out.point[k] = a[k] + share * (b[k] - a[k]);
    out.height = at(out.point);
    return out;
  }
  Point descend(const Point& from, double step) const;

  const Design& design_;
  std::size_t size_;
};

Search::Point Search::descend(const Point& from, double step) const {
  std::vector<Corner> corners{{from, at(from)}};
  for (std::size_t k = 0; k < size_; ++k) {
    Point point = from;
    point[k] += step * std::max(1.0, std::abs(point[k]));
    corners.push_back({point, at(point)});
  }
  for (int round = 0; round < 200; ++round) {
    std::ranges::sort(corners, {}, &Corner::height);
    Corner& worst = corners.back();
    double span = 0;
    Point middle{};
    for (std::size_t k = 0; k < size_; ++k) {
      for (std::size_t c = 0; c + 1 < corners.size(); ++c) middle[k] += corners[c].point[k] / double(size_);
      for (const Corner& corner : corners)
        span = std::max(span, std::abs(corner.point[k] - corners[0].point[k]) / (1 + std::abs(corner.point[k])));
    }
    if (span < 1e-6 && worst.height - corners[0].height < 1e-7) break;
    const Corner mirrored = between(middle, worst.point, -1);
    if (mirrored.height < corners[0].height) {
      const Corner further = between(middle, worst.point, -2);
      worst = further.height < mirrored.height ? further : mirrored;
      continue;
    }
    if (mirrored.height < corners[corners.size() - 2].height) {
      worst = mirrored;
      continue;
    }
    const Corner nearer = between(middle, (mirrored.height < worst.height ? mirrored : worst).point, 0.5);
    if (nearer.height < std::min(mirrored.height, worst.height)) {
      worst = nearer;
      continue;
    }
    for (std::size_t c = 1; c < corners.size(); ++c) corners[c] = between(corners[0].point, corners[c].point, 0.5);
  }
  return std::ranges::min(corners, {}, &Corner::height).point;
}

base::Status check(std::span<const Score> scores, std::size_t proposals, std::size_t reviewers) {
  if (reviewers > kReviewersMax)
    return base::fail(base::Errc::full, "{} reviewers are more than {}", reviewers, kReviewersMax);
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
  for (const Score& score : scores) {
    if (score.proposal >= proposals || score.reviewer >= reviewers)
      return base::fail(base::Errc::invalid, "a score of reviewer {} for proposal {}, and there are {} and {}",
                        score.reviewer, score.proposal, reviewers, proposals);
    if (!std::isfinite(score.value))
      return base::fail(base::Errc::invalid, "the score of reviewer {} for proposal {} is no number", score.reviewer,
                        score.proposal);
    if (!seen.emplace(score.proposal, score.reviewer).second)
      return base::fail(base::Errc::exists, "reviewer {} has scored proposal {} twice", score.reviewer, score.proposal);
  }
  return {};
}

std::vector<Limit> limits_of(const Design& design) {
  const auto [low, high] = std::ranges::minmax(design.scores, {}, &Score::value);
  if (low.value == high.value) return {Limit::all_alike};
  if (std::ranges::max(design.number) < 2) return {Limit::one_review_each};
  std::vector<Limit> out;
  if (std::ranges::max(design.by_reviewer) < 2) out.push_back(Limit::reviewers_single);
  std::vector<Pair> pairs;
  for (const Score& score : design.scores) pairs.push_back({score.proposal, score.reviewer});
  if (components_of(pairs, design.number.size(), design.by_reviewer.size()) > 1) out.push_back(Limit::apart);
  return out;
}

// Estimates and errors out of the solved equations.
class Teller {
 public:
  Teller(const Design& design, Ratios ratios, MixedFit& out) : design_(design), ratios_(ratios), out_(out) {
    const Equations it = design.equations(ratios);
    const Eigen::LLT<Eigen::MatrixXd> factor(it.matrix);
    middle_ = factor.solve(it.right);
    inverse_ = factor.solve(Eigen::MatrixXd::Identity(it.matrix.rows(), it.matrix.cols()));
    const double left = std::max(it.squares - it.right.dot(middle_), kSmallest * design.squares);
    variance_ = left / (double(design.scores.size()) - 1);
  }

  void tell();

 private:
  Eigen::Index last() const { return middle_.size() - 1; }
  double reviewer(std::size_t r) const { return ratios_.reviewer * middle_[Eigen::Index(r)]; }
  // How much of the mean and of the reviewers is in mean + proposal; sparse, by place.
  std::vector<std::pair<Eigen::Index, double>> parts_of(std::size_t proposal) const;
  double variance(const std::vector<std::pair<Eigen::Index, double>>& parts) const;
  void tell_proposal(std::size_t proposal);

  const Design& design_;
  Ratios ratios_;
  MixedFit& out_;
  Eigen::VectorXd middle_;
  Eigen::MatrixXd inverse_;
  double variance_{};
};

std::vector<std::pair<Eigen::Index, double>> Teller::parts_of(std::size_t proposal) const {
  const double w = Design::weight(design_.number[proposal], ratios_);
  std::vector<std::pair<Eigen::Index, double>> out{{last(), 1 - w * design_.number[proposal]}};
  for (const std::uint32_t i : design_.of_proposal[proposal])
    out.emplace_back(design_.scores[i].reviewer, -w * ratios_.reviewer);
  return out;
}

double Teller::variance(const std::vector<std::pair<Eigen::Index, double>>& parts) const {
  double sum = 0;
  for (const auto& [a, x] : parts)
    for (const auto& [b, y] : parts) sum += x * y * inverse_(a, b);
  return sum;
}

void Teller::tell_proposal(std::size_t proposal) {
  const double w = Design::weight(design_.number[proposal], ratios_), mean = middle_[last()];
  double sum = 0;
  for (const std::uint32_t i : design_.of_proposal[proposal]) {
    const Score& score = design_.scores[i];
    sum += score.value - design_.centre - mean - reviewer(score.reviewer);
  }
  const double merit = design_.centre + mean + w * sum;
  auto parts = parts_of(proposal);
  out_.adjusted[proposal] = Estimate{merit, std::sqrt(variance_ * (w + variance(parts)))};
  parts.emplace_back(0, 0);
  for (const std::uint32_t i : design_.of_proposal[proposal]) {
    const Score& score = design_.scores[i];
    parts.back() = {Eigen::Index(score.reviewer), ratios_.reviewer};
    const double spread = 1 - w - variance(parts);  // of the residual; over that of the error
    out_.expected[i] = merit + reviewer(score.reviewer);
    if (spread > 1e-9) out_.studentised[i] = (score.value - out_.expected[i]) / std::sqrt(variance_ * spread);
  }
}

void Teller::tell() {
  out_.error_sd = std::sqrt(variance_);
  out_.proposal_sd = ratios_.proposal * out_.error_sd;
  out_.reviewer_sd = ratios_.reviewer * out_.error_sd;
  out_.deviance = design_.deviance(ratios_);
  out_.mean = {design_.centre + middle_[last()], std::sqrt(variance_ * inverse_(last(), last()))};
  for (std::size_t r = 0; r < design_.by_reviewer.size(); ++r) {
    if (design_.by_reviewer[r] == 0) continue;
    const double error = ratios_.reviewer * std::sqrt(variance_ * inverse_(Eigen::Index(r), Eigen::Index(r)));
    out_.harshness[r] = Estimate{-reviewer(r), error};
  }
  for (std::size_t p = 0; p < design_.number.size(); ++p)
    if (design_.number[p] > 0) tell_proposal(p);
}

}  // namespace

std::string_view to_string(Limit limit) {
  switch (limit) {
    case Limit::no_scores: return "no_scores";
    case Limit::all_alike: return "all_alike";
    case Limit::one_review_each: return "one_review_each";
    case Limit::reviewers_single: return "reviewers_single";
    case Limit::apart: return "apart";
    case Limit::no_harshness: return "no_harshness";
    case Limit::no_merit: return "no_merit";
  }
  return "";
}

bool MixedFit::has(Limit limit) const {
  return std::ranges::find(limits, limit) != limits.end();
}

base::Result<MixedFit> fit_mixed(std::span<const Score> scores, std::size_t proposals, std::size_t reviewers) {
  TRY(check(scores, proposals, reviewers));
  MixedFit out;
  out.adjusted.resize(proposals);
  out.harshness.resize(reviewers);
  out.expected.resize(scores.size());
  out.studentised.resize(scores.size());
  const Design design(scores, proposals, reviewers);
  out.mean.value = design.centre;
  out.limits = scores.size() < 3 ? std::vector{Limit::no_scores} : limits_of(design);
  if (out.has(Limit::no_scores) || out.has(Limit::all_alike) || out.has(Limit::one_review_each)) return out;
  out.usable = true;
  const Ratios ratios = Search(design, !out.has(Limit::reviewers_single)).lowest();
  if (ratios.reviewer == 0 && !out.has(Limit::reviewers_single)) out.limits.push_back(Limit::no_harshness);
  if (ratios.proposal == 0) out.limits.push_back(Limit::no_merit);
  Teller(design, ratios, out).tell();
  return out;
}

MeritSampler::MeritSampler(const MixedFit& fit, std::span<const Score> scores, std::size_t proposals,
                           std::size_t reviewers)
    : scores_(scores),
      error_sd_(fit.error_sd),
      proposal_ratio_(fit.proposal_sd / fit.error_sd),
      reviewer_ratio_(fit.reviewer_sd / fit.error_sd) {
  const Design design(scores, proposals, reviewers);
  const Equations it = design.equations({proposal_ratio_, reviewer_ratio_});
  const Eigen::LLT<Eigen::MatrixXd> factor(it.matrix);
  middle_ = factor.solve(it.right);
  factor_ = factor.matrixL();
  centre_ = design.centre;
  number_ = design.number;
  sum_ = design.sum;
}

void MeritSampler::draw(base::Rng& rng, std::vector<double>& merit) const {
  const Eigen::Index last = middle_.size() - 1;
  Eigen::VectorXd at(middle_.size());
  for (double& value : at) value = rng.normal();
  factor_.triangularView<Eigen::Lower>().transpose().solveInPlace(at);
  at = middle_ + error_sd_ * at;
  merit = sum_;
  for (const Score& score : scores_) merit[score.proposal] -= at[last] + reviewer_ratio_ * at[score.reviewer];
  for (std::size_t p = 0; p < merit.size(); ++p) {
    const double w = Design::weight(number_[p], {proposal_ratio_, reviewer_ratio_});
    merit[p] = centre_ + at[last] + w * merit[p] + error_sd_ * std::sqrt(w) * rng.normal();
  }
}

}  // namespace cityloop::awards::panel
