#include "serve/cases/case_terms.h"

#include <algorithm>

#include "text/letters.h"
#include "text/normal.h"

namespace cityloop::serve {
namespace {

using text::Letter;

bool is_word_letter(char32_t c) {
  return text::is_alphabetic(c) || text::is_digit(c);
}

// Calls back with each run of Chinese characters, letter by letter, and each word.
template <class Han, class Word>
void each_run(std::string_view text, Han&& han, Word&& word) {
  std::vector<Letter> run;
  std::size_t word_begin = text.npos;
  const auto end_run = [&] {
    if (!run.empty()) han(run);
    run.clear();
  };
  const auto end_word = [&](std::size_t at) {
    if (word_begin != text.npos) word(text.substr(word_begin, at - word_begin));
    word_begin = text.npos;
  };
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = text::next_letter(text, at);
    const bool in_word = is_word_letter(letter.code), in_han = text::is_han(letter.code);
    if (!in_han) end_run();
    else run.push_back(letter);
    if (!in_word) end_word(letter.begin);
    else if (word_begin == text.npos) word_begin = letter.begin;
  }
  end_run();
  end_word(text.size());
}

std::string_view clipped_text(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (std::uint8_t(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

std::string searchable_text(const std::vector<std::string_view>& parts) {
  std::string out;
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    out += text::normal_form(clipped_text(part, kSearchableMax));
    out += '\n';
  }
  return std::string(clipped_text(out, kSearchableMax));
}

std::vector<std::string_view> terms_of(std::string_view searchable) {
  std::vector<std::string_view> out;
  const auto between = [&](const Letter& first, const Letter& last) {
    return searchable.substr(first.begin, last.end - first.begin);
  };
  each_run(
      searchable,
      [&](const std::vector<Letter>& run) {
        for (std::size_t i = 0; i + 1 < run.size(); ++i) out.push_back(between(run[i], run[i + 1]));
        out.push_back(between(run.back(), run.back()));
      },
      [&](std::string_view word) { out.push_back(word); });
  std::ranges::sort(out);
  const auto twice = std::ranges::unique(out);
  out.erase(twice.begin(), twice.end());
  return out;
}

std::vector<WantedTerm> wanted_terms(std::string_view typed) {
  const std::string normal = text::normal_form(clipped_text(typed, kSearchableMax));
  std::vector<WantedTerm> out;
  const auto add = [&](std::string_view text, bool begins) {
    const auto same = [&](const WantedTerm& term) { return term.text == text; };
    if (std::ranges::none_of(out, same)) out.push_back({std::string(text), begins});
  };
  each_run(
      normal,
      [&](const std::vector<Letter>& run) {
        const auto between = [&](const Letter& first, const Letter& last) {
          return std::string_view(normal).substr(first.begin, last.end - first.begin);
        };
        if (run.size() == 1) add(between(run[0], run[0]), true);
        for (std::size_t i = 0; i + 1 < run.size(); ++i) add(between(run[i], run[i + 1]), false);
      },
      [&](std::string_view word) { add(word, true); });
  return out;
}

bool has_term(std::string_view searchable, const WantedTerm& term) {
  std::size_t first = 0;
  const bool is_word = is_word_letter(text::next_letter(term.text, first).code);
  for (std::size_t at = 0; (at = searchable.find(term.text, at)) != searchable.npos; ++at) {
    if (!is_word || at == 0) return true;
    std::size_t before = at - 1;
    while (before > 0 && (std::uint8_t(searchable[before]) & 0xc0) == 0x80) --before;
    if (!is_word_letter(text::next_letter(searchable, before).code)) return true;
  }
  return false;
}

}  // namespace cityloop::serve
