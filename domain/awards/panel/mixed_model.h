// Scores freed of how harsh each reviewer is: score = mean + proposal + reviewer + error, all but the mean random.
//
//   scores of one dimension ─▶ [fit_mixed] ─▶ MixedFit ─▶ standings, agreement, flags for the panel
//
// Variances by restricted maximum likelihood, as lme4 finds them (D. Bates, M. Mächler, B. Bolker, S. Walker: Fitting
// Linear Mixed-Effects Models Using lme4, 2015); effects are best linear unbiased predictions with their standard
// errors. A proposal with few or doubtful reviews is drawn towards the mean, as it should be. Proposals are eliminated
// and the rest is dense over reviewers: 50,000 scores by 300 reviewers in a second, 2,000 reviewers in minutes. What
// the data cannot tell is said in `limits`, never made up. Standard errors take the variances as known. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <Eigen/Core>

#include "base/result.h"
#include "base/rng.h"

namespace cityloop::awards::panel {

struct Score {
  std::uint32_t proposal{}, reviewer{};
  double value{};
};

enum class Limit : std::uint8_t {
  no_scores,         // fewer than three, or all by one reviewer on one proposal
  all_alike,         // every score is the same: nothing to adjust
  one_review_each,   // no proposal has two reviews: harshness cannot be told from merit
  reviewers_single,  // no reviewer scored two proposals: what they are like goes into the error
  apart,             // the panel falls into parts; between parts, proposals are taken to be alike on the mean
  no_harshness,      // reviewers differ no more than by chance
  no_merit,          // proposals differ no more than by chance: each is drawn to the mean wholly
};
std::string_view to_string(Limit);

struct Estimate {
  double value{}, error{};
};

struct MixedFit {
  std::vector<Limit> limits;
  bool usable{};  // false after the first three limits: nothing below is set then but the mean
  Estimate mean;
  double proposal_sd{}, reviewer_sd{}, error_sd{};
  double deviance{};                               // minus twice the restricted log-likelihood
  std::vector<std::optional<Estimate>> adjusted;   // by proposal: mean + its effect; none without scores
  std::vector<std::optional<Estimate>> harshness;  // by reviewer: how much lower they score than the panel
  std::vector<double> expected;                    // by score: mean + proposal + reviewer
  std::vector<double> studentised;                 // by score: its residual in its own standard errors

  bool has(Limit limit) const;
};

// Proposals and reviewers are numbered from 0. Refuses numbers beyond, values that are no numbers, one reviewer twice
// on one proposal, and more than 2,000 reviewers.
base::Result<MixedFit> fit_mixed(std::span<const Score>, std::size_t proposals, std::size_t reviewers);

// Draws of what the proposals are worth, all together, given the scores: for confidence in ranks.
class MeritSampler {
 public:
  MeritSampler(const MixedFit&, std::span<const Score>, std::size_t proposals, std::size_t reviewers);
  // By proposal; one without scores is drawn from all proposals there might be.
  void draw(base::Rng&, std::vector<double>& merit) const;

 private:
  std::span<const Score> scores_;
  double error_sd_, proposal_ratio_, reviewer_ratio_, centre_;
  std::vector<double> number_, sum_;  // by proposal
  Eigen::VectorXd middle_;            // of reviewers and mean
  Eigen::MatrixXd factor_;            // lower; of their precision
};

}  // namespace cityloop::awards::panel
