// A text as it is searched: one form for what means the same, and for each of its bytes where that stands in the text.
//
//   text of an applicant ─▶ [Folded] ─▶ finders of identities ─ places ─▶ spans in the text as it was written
//
// Full-width forms become half-width, traditional characters simplified, invisible characters go, blanks of any kind
// become ' ' (line ends '\n'). `lower` and `plain` have the same bytes but for capitals of the Latin alphabet, which
// only `plain` keeps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cityloop::awards::blind {

struct Folded {
  std::string lower, plain;
  std::vector<std::uint32_t> from, to;  // by byte of `lower`: the bytes of the text that it stands for
};

// Bytes that are no UTF-8 become blanks.
Folded fold(std::string_view text);

// Without blanks and the punctuation that people put into names or leave out: 张 伟, Zhang-Wei, "ACME Co., Ltd".
struct Tight {
  std::string text;
  std::vector<std::uint32_t> at;  // by byte: the byte of `lower`
};
Tight tighten(const std::string& lower);

// The character that begins at `at`, or that ends before it; 0 beyond the ends.
char32_t letter_at(std::string_view text, std::size_t at);
char32_t letter_before(std::string_view text, std::size_t at);
std::size_t letters_in(std::string_view text);
std::string_view first_letters(std::string_view text, std::size_t count);

}  // namespace cityloop::awards::blind
