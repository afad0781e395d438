// From score sheets to standings: raw and adjusted scores, ranks with their confidence, ties, bands, bonus, flags.
//
//   sheets, rules of the cycle, bonus ─▶ [standings_of] ─▶ Standings ─▶ the panel, which decides
//
// Each dimension and the total (the weighted sum of all dimensions) are fitted by a mixed model of their own
// (mixed_model.h). A sheet that lacks a dimension counts in those that it has and not in the total; it is listed. The
// final score is the total, adjusted or raw as the rules say, rounded, and the bonus on top; equal final scores share a
// rank (1, 2, 2, 4) and are listed as ties, for the machine breaks none. Rank intervals come from draws of the merits
// of all proposals together, by the seed; the bonus counts in them. Where the model cannot be fitted, standings are by
// raw scores and `total.fit.limits` says why. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/awards/panel/mixed_model.h"

namespace cityloop::awards::panel {

struct ScoreRules {
  struct Dimension {
    std::string code;
    double weight{1};
  };
  struct Band {
    std::string code;
    double from{};  // final scores of this and above, up to the next band
  };
  std::vector<Dimension> dimensions{{"score", 1}};
  double low{0}, high{10};  // of a score in a dimension
  std::vector<Band> bands;  // any order
  double bonus_max{0};
  bool by_adjusted{true};
  int decimals{2};         // of final scores
  double outlier_from{3};  // studentised residual
  std::size_t draws{2'000};
  double interval{0.9};  // how much of the draws a rank interval holds
  std::size_t top{10};   // how many places are to be given
  std::uint64_t seed{1};
};
// 9 excellent, 7 good, 6 fairly good, 5 pass, below ordinary.
std::vector<ScoreRules::Band> five_bands();

struct Sheet {
  std::uint32_t proposal{}, reviewer{};
  std::vector<std::optional<double>> scores;  // by dimension
};

struct SheetsInput {
  std::size_t proposals{}, reviewers{};
  std::vector<Sheet> sheets;
  std::vector<double> bonus;  // by proposal, or empty; what surpasses bonus_max is cut to it
};

struct Standing {
  std::size_t reviews{};      // with a total
  std::optional<double> raw;  // mean total
  std::optional<Estimate> adjusted;
  double bonus{};
  std::optional<double> final_score;
  std::optional<std::uint32_t> rank;  // from 1; none without a score
  bool tied{};
  std::uint32_t rank_low{}, rank_high{};  // the interval; 0 where there are no draws
  double top_share{};                     // of the draws, in which it is among the top
  std::optional<std::size_t> band;        // by place in the rules
};

struct DimensionScores {
  std::string code;                        // empty for the total
  std::vector<std::optional<double>> raw;  // mean by proposal
  MixedFit fit;
};

// A score that lies far from what the proposal's other scores and this reviewer's others make likely.
struct Outlier {
  std::size_t sheet{};
  std::optional<std::size_t> dimension;  // none: the total
  double score{}, expected{}, studentised{};
};

struct Standings {
  std::vector<Standing> proposals;
  std::vector<DimensionScores> dimensions;
  DimensionScores total;
  std::vector<Outlier> outliers;                 // the farthest first
  std::vector<std::vector<std::uint32_t>> ties;  // proposals with one rank, the best first
  std::vector<std::size_t> incomplete;           // sheets without a total
};

// Refuses scores outside the range, with sheet and dimension; bonuses below 0; and what fit_mixed refuses.
base::Result<Standings> standings_of(const SheetsInput&, const ScoreRules&);

}  // namespace cityloop::awards::panel
