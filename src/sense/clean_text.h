// Texts that people and other systems write, made fit to be kept and shown: valid, bounded, and without characters that
// do something instead of being seen.
//
//   report, CAP message, form ─▶ [clean_text] ─▶ entity
//
// Out go control characters (a line's end and a tab stay; CR LF becomes LF), marks that turn the direction of what
// follows or hide it (U+202A … U+202E, U+2066 … U+2069, U+200B, U+FEFF), bytes that are no UTF-8, and white space at
// both ends. Markup stays as it is: whoever shows a text shows it as text.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::sense {

struct TextBounds {
  std::size_t characters_max{4000};
  bool one_line{false};  // line ends and tabs become blanks
};

std::string clean_text(std::string_view, const TextBounds&);  // what is too long is cut at a character
// The same, but too long is Errc::invalid with the name of what it is.
base::Result<std::string> checked_text(std::string_view name, std::string_view text, const TextBounds&);

}  // namespace cityloop::sense
