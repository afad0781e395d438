// From comparable indicators up the tree to one score, from scores to ranks and tiers.
//
//   normalised ─▶ [weigh] shares ─▶ [aggregate] scores of every node ─▶ [rank], [tier]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "index/composite/frame.h"
#include "index/composite/matrix.h"
#include "index/composite/stages.h"

namespace cityloop::index {

// Labels turned into numbers, 0 for the first that is seen: units are compared with units of the same number only.
std::vector<std::uint32_t> numbers_of(std::span<const std::string> labels);

// Units × nodes, the normalised indicators in their columns and the groups still missing.
Matrix room_for_scores(const Frame&, const Matrix& normalised);

// The share of each node among its siblings; those of one group's children add up to 1.
//   given, equal           as declared, all alike
//   principal_components   the squares of the first component's loadings of the correlation matrix of a group's
//   children
//                          (after Nicoletti, Scarpetta and Boylaud 2000); two children come out alike by construction.
//                          Groups are weighed from below, on the scores that the weights below give.
//   budget                 the mean over reviewers of the share of points that each gives (budget allocation, OECD/JRC
//   2008,
//                          6.4); a group that nobody divides has the weights as declared
// open weights are refused before this: compute() says so.
std::vector<double> weigh(const Frame&, WeightMethod, const Aggregation&, const Matrix& normalised,
                          std::span<const std::uint32_t> years, std::vector<Note>&);

// Fills the groups' columns of `scores`. Children that are missing leave their weight to the others, unless less than
// `present_min` of it is there.
//   arithmetic   Σ w x          geometric   Π x^w          harmonic   1 / Σ (w / x)       (the latter two want x > 0)
//   copeland     among the units of one year: who is better in more than half of the weight wins the pair;
//                50 (1 + (won - lost) / (n - 1)), which is 100 for who wins all (Munda 2008 for composite indices)
void aggregate(const Frame&, std::span<const double> shares, const Aggregation&, std::span<const std::uint32_t> years,
               Matrix& scores);

// 1 is the best; a missing score has no rank. Within each year. Scores that differ by rounding alone (1e-12) are alike,
// and so are those that look alike with `decimals`, where a frame says that what is ranked is what is shown.
std::vector<double> rank(std::span<const double> scores, std::span<const std::uint32_t> years, Ties,
                         std::optional<int> decimals = {});

// The tier of each score, 0 the best; kNone for a missing one or where the frame has no tiers.
//   cut       the first tier whose `at_least` is reached
//   jenks     natural breaks: the partition with the least squared distance within classes (Fisher 1958), exact
//   k_means   Lloyd's, by the frame's seed
std::vector<std::size_t> tier(const Frame&, std::span<const double> scores);

// The share that each node has of the root: the product of the shares on the way up.
std::vector<double> shares_of_root(const Frame&, std::span<const double> shares);

}  // namespace cityloop::index
