// Which proposals say the same in the same words, and which passages agree.
//
//   texts of proposals ─▶ [near_duplicates] ─▶ pairs with their likeness and passages ─▶ the panel, which judges
//
// Texts are taken as rows of letters (Chinese) and words (alphabets), without blanks, punctuation, capitals and the
// difference of traditional characters. Shingles are rows of `shingle` of them. Candidates come by winnowing
// (S. Schleimer, D. Wilkerson, A. Aiken, 2003): every passage of shingle + window - 1 tokens that two texts have in
// common is found, for certain, also where one text is a small part of the other. For candidates, likeness is exact:
// shared shingles over all shingles of both (Jaccard), and over those of the shorter (containment). What more than
// `common_share` of the texts have is a form's own wording and counts for nothing. A translation is not found: the
// Chinese and the English version of a proposal have no row of words in common. Here rows of words count; what texts
// speak of, in whatever words, is text/likeness.h. Pure; linear but for what is really shared.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cityloop::awards::panel {

struct DuplicateRules {
  std::size_t shingle{8};
  std::size_t window{8};
  double common_share{0.05};  // of the texts; and never fewer than three
  double containment_from{0.2};
  std::size_t passage_from{16};   // tokens; shorter ones are not shown
  std::size_t pairs_max{10'000};  // the likest
  std::size_t passages_max{50};   // of a pair, the longest
};

// Bytes of either text.
struct Passage {
  std::uint32_t a_begin{}, a_end{}, b_begin{}, b_end{};
  std::uint32_t tokens{};
};

struct Duplicate {
  std::uint32_t a{}, b{};  // by place, a < b
  double jaccard{}, containment{};
  std::vector<Passage> passages;  // in the order of a
};

// The most contained first.
std::vector<Duplicate> near_duplicates(std::span<const std::string> texts, const DuplicateRules& = {});

}  // namespace cityloop::awards::panel
