// Who reviews what: enough reviewers to each proposal, those who know its matter, nobody with a conflict, even loads,
// and a panel whose scores can be compared.
//
//   proposals, reviewers ─ bars, matches ─▶ [assign_reviewers] ─▶ pairs, what is lacking and why ─▶ the secretary
//   the pairs of before, what the secretary fixed or forbade ─▶
//
// A minimum cost flow, exact for this order of aims: as few missing reviews as possible; then as few pairs of before
// given up as possible; then the greatest sum of matches less `balance` × Σ load² / (2 load_max). Afterwards pairs are
// swapped until the panel is linked well enough (mixing.h); `match_unlinked` less `match_sum` is what that cost.
// Matches count in ten-thousandths. No randomness: the same input gives the same pairs. Pure; 2,000 proposals × 300
// reviewers in seconds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/awards/panel/conflicts.h"
#include "domain/awards/panel/match.h"
#include "domain/awards/panel/mixing.h"

namespace cityloop::awards::panel {

struct AssignmentRules {
  std::uint32_t reviews_each{5};
  double balance{0.2};
  double match_min{0};  // pairs below it are not made by the machine
  MatchRules match;
  BarRules bars;
  LinkRules links;
};

// A pair that the secretary wants: reviews that are done already, say.
struct Fixed {
  std::string proposal, reviewer;  // ids
  std::string in_spite_of;         // why it stands although it is barred; a barred pair without it is refused
};
struct IdPair {
  std::string proposal, reviewer;
};

struct AssignmentInput {
  std::vector<Proposal> proposals;
  std::vector<Reviewer> reviewers;
  std::vector<Fixed> fixed;
  std::vector<IdPair> forbidden;
  std::vector<IdPair> before;  // of an assignment that holds already; who or what is gone from the lists is left out
  AssignmentRules rules;
};

struct Given {
  Pair pair;
  double match{};
  bool fixed{}, kept{}, linking{};  // by the secretary; of before; by a swap that links the panel
  std::string in_spite_of;
};

// A proposal that gets fewer reviews than it needs, and what stands in the way.
struct Lack {
  std::uint32_t proposal{};
  std::uint32_t needed{}, got{};
  struct Barred {
    Why why{};
    std::uint32_t reviewers{};
  };
  std::vector<Barred> barred;  // each reviewer under the first of their reasons
  std::uint32_t poor_match{};  // not barred, below match_min
  std::uint32_t loaded{};      // neither, and with a full load
};

struct Assignment {
  std::vector<Given> given;  // in order of proposal, reviewer
  std::vector<Lack> lacking;
  std::vector<std::uint32_t> load;     // by reviewer
  std::vector<IdPair> given_up;        // of before
  std::uint64_t needed{}, load_max{};  // reviews of all proposals; of all reviewers
  double match_sum{};
  double match_unlinked{};
  Mixing before_links, mixing;
  bool linked{};  // whether the wanted connectivity is reached
  std::vector<Bar> bars;
};

// Refuses ids that stand twice or nowhere, fixed pairs that are barred without a reason or surpass a load, and sizes
// beyond 20,000 proposals, 2,000 reviewers or 200,000 reviews.
base::Result<Assignment> assign_reviewers(const AssignmentInput&);

}  // namespace cityloop::awards::panel
