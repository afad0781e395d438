// The words of a text that say something of its matter, in order.
//
//   normal form ─ [content_words] ─▶ features, reasons of a verdict
//
// Chinese is cut by a Segmenter, unless somebody has put blanks between its words already; words of alphabets stand
// between blanks and lose the endings of their forms (floods, flooded, flooding: flood); figures and codes (a3, 12345,
// 2.5%) are words as they are. Function words and punctuation are left out.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/segmenter.h"

namespace cityloop::text {

struct Word {
  std::string_view text;         // into the text; for alphabets the stem
  std::uint32_t begin{}, end{};  // bytes in the text, of the whole word
  bool han{};
};

std::vector<Word> content_words(std::string_view normal, const Segmenter&);

// Its beginning: the endings of plurals, of past and present participles and a last e or y are taken away.
std::string_view english_stem(std::string_view lower_case);

}  // namespace cityloop::text
