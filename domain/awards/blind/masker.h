// Hides who wrote a proposal: names of people, organisations, projects and places, and every way to reach them.
//
//   what is known of the applicant ─┐
//   all texts of one proposal ──────┴▶ [blind_texts] ─▶ masked texts ─▶ reviewers
//                                                   └─▶ spans with what stood there, doubts ─▶ the secretary alone
//
// Three finders: identities that are known, in all the ways in which people write them (known.h); patterns of what
// identifies by its form, such as a phone number (patterns.h); and names that nobody told us, by their form and by what
// stands around them (unknown.h). What one of them finds is looked for in all texts again. The same identity has the
// same letter in all texts of a proposal. Nothing is ever masked in silence: each span says what stood there and how it
// was found, and what looks like an identity and was left is listed as a doubt, to be looked at before release. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cityloop::awards::blind {

enum class Kind : std::uint8_t {
  person,
  organisation,
  project,
  place,
  address,
  email,
  phone,
  id_number,
  credit_code,
  url,
  handle,
  document
};
inline constexpr Kind kKinds[] = {Kind::person,      Kind::organisation, Kind::project, Kind::place,
                                  Kind::address,     Kind::email,        Kind::phone,   Kind::id_number,
                                  Kind::credit_code, Kind::url,          Kind::handle,  Kind::document};
std::string_view to_string(Kind);

// Somebody or something known, with all names that it goes by: Chinese, English, short names, former ones.
struct Identity {
  Kind kind{Kind::person};
  std::vector<std::string> names;
};

enum class Found : std::uint8_t { known, pattern, guess };
std::string_view to_string(Found);

struct Span {
  std::uint32_t begin{}, end{};  // bytes of the text as it was
  Kind kind{Kind::person};
  Found found{Found::known};
  std::string original;
  std::string replacement;  // 【单位A】 among Chinese, [Organisation A] among other letters
};

// What looks like an identity and was not masked.
struct Doubt {
  std::uint32_t begin{}, end{};
  Kind kind{Kind::person};
  std::string original;
};

struct Masked {
  std::string text;
  std::vector<Span> spans;    // in order, apart from each other
  std::vector<Doubt> doubts;  // in order; none lies in a span
};

// What a secretary decided about an earlier result, by the words as they stand in the text.
struct Decisions {
  std::vector<Identity> mask;     // to be masked wherever they stand
  std::vector<std::string> keep;  // guesses that were wrong: these words stay
};

std::vector<Masked> blind_texts(std::span<const Identity> known, std::span<const std::string> texts,
                                const Decisions& = {});

}  // namespace cityloop::awards::blind
