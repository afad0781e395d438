// The letters of a cycle to its applicants: of which kinds there are, when each is due, and what it says.
//
//   Cycle, Book ─▶ occasions_of() ─ Occasion ─▶ LetterDesk (who sends it, and what became of it)
//                                      └─▶ words_of() ─ Letter
//
// An occasion is one reason for one letter: another version that was received, another question, another deadline.
// Nothing is an occasion before it may be told: the shortlist when its time has come, prizes not before their day.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/awards/cycle/cycle.h"
#include "domain/awards/entry/book.h"
#include "mail/letter.h"

namespace cityloop::awards {

struct Occasion {
  LetterKind kind{};
  std::string proposal;
  std::string about;                // tells one occasion of a kind from the next
  Instant not_after{base::kNever};  // it would make no sense any more; kNever: it always does
};

base::Result<std::vector<Occasion>> occasions_of(const Cycle&, Book&, const Proposal&, Instant now);

// `address` is the city's, for links; empty: the letter has none.
base::Result<mail::Letter> words_of(const Cycle&, Book&, const Proposal&, const Occasion&, const std::string& address);

}  // namespace cityloop::awards
