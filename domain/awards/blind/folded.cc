#include "domain/awards/blind/folded.h"

#include <algorithm>
#include <unordered_map>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "text/letters.h"
#include "text/normal.h"

namespace cityloop::awards::blind {
namespace {

constexpr std::string_view kLooseAscii = " \t\n-_.'\"&,/";
constexpr char32_t kLoose[] = {U'·', U'•', U'‧', U'・', U'’', U'‘', U'—', U'–', U'‐', U'、'};

bool is_loose(char32_t c) {
  if (c < 0x80) return kLooseAscii.contains(char(c));
  return std::ranges::find(kLoose, c) != std::end(kLoose);
}

bool is_line_end(char32_t c) {
  return c == '\n' || c == '\r' || c == '\f' || c == 0x2028 || c == 0x2029;
}

// What one character becomes; asked of ICU once for each.
const std::string& form_of(char32_t c, std::string_view bytes) {
  thread_local std::unordered_map<char32_t, std::string> known;
  const auto found = known.find(c);
  if (found != known.end()) return found->second;
  std::string form = text::normal_form(bytes);
  if (form.empty() && (u_isUWhiteSpace(UChar32(c)) || c == 0xfffd)) form = " ";
  return known.emplace(c, std::move(form)).first->second;
}

}  // namespace

Folded fold(std::string_view text) {
  Folded out;
  out.lower.reserve(text.size());
  const auto size = std::int32_t(text.size());
  for (std::int32_t at = 0; at < size;) {
    const std::int32_t begin = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);  // NOLINT(bugprone-inc-dec-in-conditions): as ICU writes it
    const bool bad = c < 0;
    const char32_t letter = bad ? U' ' : char32_t(c);
    const std::string_view bytes = text.substr(std::size_t(begin), std::size_t(at - begin));
    std::string form = is_line_end(letter) ? "\n" : bad ? " " : form_of(letter, bytes);
    out.lower += form;
    if (form.size() == 1 && form[0] >= 'a' && form[0] <= 'z' && u_isupper(c)) form[0] = char(form[0] - 'a' + 'A');
    out.plain += form;
    out.from.resize(out.lower.size(), std::uint32_t(begin));
    out.to.resize(out.lower.size(), std::uint32_t(at));
  }
  return out;
}

Tight tighten(const std::string& lower) {
  Tight out;
  for (std::size_t at = 0; at < lower.size();) {
    const text::Letter letter = text::next_letter(lower, at);
    if (is_loose(letter.code)) continue;
    for (std::uint32_t i = letter.begin; i < letter.end; ++i) {
      out.text += lower[i];
      out.at.push_back(i);
    }
  }
  return out;
}

char32_t letter_at(std::string_view text, std::size_t at) {
  return at < text.size() ? text::next_letter(text, at).code : 0;
}

char32_t letter_before(std::string_view text, std::size_t at) {
  if (at == 0) return 0;
  std::size_t begin = at - 1;
  while (begin > 0 && (std::uint8_t(text[begin]) & 0xc0) == 0x80) --begin;
  return text::next_letter(text, begin).code;
}

std::size_t letters_in(std::string_view text) {
  return std::size_t(std::ranges::count_if(text, [](char c) { return (std::uint8_t(c) & 0xc0) != 0x80; }));
}

std::string_view first_letters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && count-- > 0) (void)text::next_letter(text, at);
  return text.substr(0, at);
}

}  // namespace cityloop::awards::blind
