// What a case is found by when somebody types a word or two: pairs of Chinese characters, and words of alphabets and
// figures.
//
//   title, description, code, address ─ searchable_text ─▶ text ─ terms_of ─▶ Postings
//   what somebody typed ─ wanted_terms ─▶ terms that must all be there
//
// A text has a run of Chinese characters when it has each pair of neighbours of the run; a word or a figure when one of
// its words begins with it. Traditional and simplified, full and half width, great and small letters are the same
// (text/normal.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cityloop::serve {

struct WantedTerm {
  std::string text;
  bool begins{false};  // a term that begins so is enough
};

// Each on a line of its own; at most kSearchableMax bytes are kept.
inline constexpr std::size_t kSearchableMax = 2000;
std::string searchable_text(const std::vector<std::string_view>& parts);

// Each once, sorted; of a run of Chinese characters the last one stands alone as well.
std::vector<std::string_view> terms_of(std::string_view searchable);
std::vector<WantedTerm> wanted_terms(std::string_view typed);
// Without an index: the same answer as that of its terms.
bool has_term(std::string_view searchable, const WantedTerm&);

}  // namespace cityloop::serve
