// How far reviewers agree: intraclass correlations and Krippendorff's alpha, per dimension and for the total.
//
//   scores of one dimension ─▶ [table_icc, model_icc, krippendorff] ─▶ how far ranks can be trusted, on the results
//   page
//
// Intraclass correlations after P. Shrout and J. Fleiss (1979), with the intervals of K. McGraw and S. Wong (1996),
// where everybody judged everything; where they did not, from the variances of the mixed model. Alpha after K.
// Krippendorff (Content Analysis, 2004), which takes any pattern of missing scores; its interval by drawing units with
// replacement, by the seed. Pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/awards/panel/mixed_model.h"

namespace cityloop::awards::panel {

struct Interval {
  double value{}, low{}, high{};
};

// One judge's score, or the mean of all k: by judges of whom each target has others (1), by judges drawn from many and
// the same for all (2), by just these judges (3).
struct TableIcc {
  Interval one_1, two_1, three_1, one_k, two_k, three_k;
};
// targets × judges, row by row, nothing missing; at least two of each. `confidence` such as 0.95.
base::Result<TableIcc> table_icc(std::span<const double> scores, std::size_t targets, std::size_t judges,
                                 double confidence);

// Of one review and of the mean of `each` reviews where every proposal has reviewers of its own, in whatever number:
// ICC(1,1) and ICC(1,k), and how they vary, by means that each count once (J. Thomas, R. Hultquist, 1978): exact where
// all have as many, near it where they have not. How harsh somebody is counts as disagreement.
struct ReviewsIcc {
  Interval one, mean;
  double each{};            // harmonic mean of the reviews of a proposal
  std::size_t proposals{};  // with at least two scores: the others say nothing of agreement
  std::size_t scores{};     // in those
};
// None when fewer than two proposals have two scores, or nothing differs within them or between them.
std::optional<ReviewsIcc> reviews_icc(std::span<const Score>, double confidence);

// Of one review and of the mean of `each` reviews, reviewers drawn from many: ICC(2,1) and ICC(2,k) where the table is
// whole and the variances above zero. And the same where harshness is adjusted for, so that it is no disagreement.
struct ModelIcc {
  double one{}, mean{}, one_adjusted{}, mean_adjusted{};
  double each{};  // harmonic mean of the reviews of a proposal
};
// None when the model cannot be fitted.
std::optional<ModelIcc> model_icc(const MixedFit&, std::span<const Score>);

enum class Scale { nominal, ordinal, interval, ratio };
std::string_view to_string(Scale);

struct Alpha {
  Interval alpha;
  std::size_t units{};   // with at least two scores: the others say nothing of agreement
  std::size_t scores{};  // in those
};
struct AlphaRules {
  Scale scale{Scale::interval};
  double confidence{0.95};
  std::size_t draws{1'000};
  std::uint64_t seed{1};
};
// None when fewer than two units have two scores, or all scores are the same: nothing to agree or disagree on.
std::optional<Alpha> krippendorff(std::span<const Score>, const AlphaRules&);

}  // namespace cityloop::awards::panel
