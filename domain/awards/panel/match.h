// How well each reviewer knows the matter of each proposal, from 0 to 1.
//
//   key words and texts of proposals and reviewers ─▶ [matches] ─▶ assignment
//
// Key words: the mean, over the proposal's, of how like the best of the reviewer's is (the same word 1, else twice the
// letters or words in common by their number). Texts: the likeness of all that both sides wrote (text/likeness.h; rare
// words count more), where `likeness_full` and above is 1: two texts on one matter seldom have more in common. Who gave
// no key words is judged by the text alone, and the other way round; who gave neither is a match of 0. Key words and
// texts of two languages do not meet: give both. Pure.
#pragma once

#include <span>
#include <vector>

#include "domain/awards/panel/conflicts.h"

namespace cityloop::awards::panel {

struct MatchRules {
  double key_words_share{0.6};  // of the match; the rest is the texts'
  double likeness_full{0.25};
};

struct Matches {
  std::size_t reviewers{};
  std::vector<float> of;  // proposal by proposal
  double at(const Pair& pair) const { return of[pair.proposal * reviewers + pair.reviewer]; }
};

Matches matches(std::span<const Proposal>, std::span<const Reviewer>, const MatchRules& = {});

}  // namespace cityloop::awards::panel
