#include "text/words.h"

#include "text/function_words.h"
#include "text/letters.h"

namespace cityloop::text {
namespace {

// A stem must still be a word that people tell apart: three letters at least, with a vowel in it.
bool may_be_stem(std::string_view stem) {
  return stem.size() >= 3 && stem.find_first_of("aeiouy") != std::string_view::npos;
}

bool is_code_letter(char32_t c) {
  return is_alphabetic(c) || is_digit(c) || c == '\'';
}

class Cutter {
 public:
  Cutter(std::string_view text, const Segmenter& segmenter)
      : text_(text), segmenter_(segmenter), segmented_(is_segmented(text)) {}

  std::vector<Word> cut() {
    for (std::size_t at = 0; at < text_.size();) {
      const Letter letter = next_letter(text_, at);
      if (is_han(letter.code)) at = han_run(letter.begin);
      else if (is_alphabetic(letter.code) || is_digit(letter.code)) at = code_run(letter.begin);
    }
    return std::move(words_);
  }

 private:
  std::size_t han_run(std::size_t begin) {
    std::size_t end = begin;
    for (std::size_t at = begin; at < text_.size() && is_han(next_letter(text_, at).code); end = at) {
    }
    const std::string_view run = text_.substr(begin, end - begin);
    parts_.clear();
    if (segmented_) parts_.push_back(run);
    else segmenter_.cut(run, parts_);
    for (const std::string_view part : parts_) {
      if (segmenter_.is_function_word(part)) continue;
      const auto from = std::uint32_t(part.data() - text_.data());
      words_.push_back({part, from, from + std::uint32_t(part.size()), true});
    }
    return end;
  }

  // Letters and figures, with a decimal point between figures and a per cent sign behind them.
  std::size_t code_run(std::size_t begin) {
    std::size_t end = begin;
    bool letters_only = true;
    char32_t last = 0;
    for (std::size_t at = begin; at < text_.size();) {
      const char32_t c = next_letter(text_, at).code;
      const bool point = c == '.' && is_digit(last) && at < text_.size() && is_digit(std::uint8_t(text_[at]));
      const bool percent = c == '%' && is_digit(last);
      if (!is_code_letter(c) && !point && !percent) break;
      letters_only &= is_alphabetic(c) || c == '\'';
      last = c;
      end = at;
      if (percent) break;
    }
    const std::string_view run = text_.substr(begin, end - begin);
    if (letters_only && is_english_function_word(run)) return end;
    // A lone figure is the number of a list or of a house, a lone letter an anonymous place.
    if (run.size() == 1) return end;
    words_.push_back({letters_only ? english_stem(run) : run, std::uint32_t(begin), std::uint32_t(end), false});
    return end;
  }

  const std::string_view text_;
  const Segmenter& segmenter_;
  const bool segmented_;
  std::vector<std::string_view> parts_;
  std::vector<Word> words_;
};

}  // namespace

std::string_view english_stem(std::string_view word) {
  const auto without = [&](std::string_view ending) {
    const bool ends = word.ends_with(ending) && may_be_stem(word.substr(0, word.size() - ending.size()));
    if (ends) word.remove_suffix(ending.size());
    return ends;
  };
  without("'s");
  if (!word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is")) without("s");
  if (!without("ing")) without("ed");
  // hopping, hopped: hop
  const std::size_t n = word.size();
  if (n > 3 && word[n - 1] == word[n - 2] && std::string_view("bdgmnprt").contains(word[n - 1])) word.remove_suffix(1);
  if (!without("ie") && !without("e")) without("y");
  return word;
}

std::vector<Word> content_words(std::string_view normal, const Segmenter& segmenter) {
  return Cutter(normal, segmenter).cut();
}

}  // namespace cityloop::text
