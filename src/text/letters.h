// Characters one by one, out of texts in normal form, and what kind of character each is.
//
//   normal_form ─ UTF-8 ─▶ [letters] ─▶ words, features, likeness
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cityloop::text {

struct Letter {
  char32_t code{};
  std::uint32_t begin{}, end{};  // bytes in the text
};

// The character at `at`, which must lie in the text; advances past it. The text is valid UTF-8, as normal forms are.
inline Letter next_letter(std::string_view text, std::size_t& at) {
  const auto begin = std::uint32_t(at);
  const auto lead = std::uint8_t(text[at++]);
  if (lead < 0x80) return {lead, begin, begin + 1};
  char32_t code = lead < 0xe0 ? lead & 0x1fu : lead < 0xf0 ? lead & 0x0fu : lead & 0x07u;
  for (int more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3; more > 0 && at < text.size(); --more) {
    code = code << 6 | (std::uint8_t(text[at++]) & 0x3fu);
  }
  return {code, begin, std::uint32_t(at)};
}

// Chinese characters, with the rare ones and the iteration mark 々 and 〇.
constexpr bool is_han(char32_t c) {
  return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x20000 && c <= 0x3ffff) ||
         (c >= 0xf900 && c <= 0xfaff) || c == 0x3007 || c == 0x3005;
}
constexpr bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}
// Letters of alphabets: all that stands in words between blanks. Case is folded before.
constexpr bool is_alphabetic(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0x24f && c != 0xf7) || (c >= 0x370 && c <= 0x1fff);
}

// The same 64 bits for the same bytes on every machine; proves nothing, tells apart.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace cityloop::text
