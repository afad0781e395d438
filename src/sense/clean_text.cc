#include "sense/clean_text.h"

#include <cstdint>

#include "base/refusal.h"
#include "twin/utf8.h"

namespace cityloop::sense {
namespace {

constexpr std::uint32_t kBad = 0xffffffff;

// The character at `at`, which advances past it; kBad for a byte that begins none.
std::uint32_t next(std::string_view text, std::size_t& at) {
  const auto lead = std::uint8_t(text[at]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const std::string_view one = text.substr(at, size);
  if (one.size() < size || twin::first_bad_utf8(one)) return ++at, kBad;
  at += size;
  std::uint32_t code = size == 1 ? lead : lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) code = code << 6 | (std::uint8_t(one[i]) & 0x3fu);
  return code;
}

bool acts(std::uint32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return true;
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200b || c == 0x200e || c == 0x200f ||
         c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb);
}

bool blank(char c) {
  return c == ' ' || c == '\n' || c == '\t';
}

// Cleans all of it; the caller bounds.
std::string cleaned(std::string_view text, bool one_line) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::uint32_t c = next(text, at);
    if (c == kBad) continue;
    if (c == '\r') {
      if (at < text.size() && text[at] == '\n') continue;
      out += one_line ? ' ' : '\n';
    } else if (c == '\n' || c == '\t') {
      out += one_line ? ' ' : char(c);
    } else if (!acts(c)) {
      out.append(text.substr(begin, at - begin));
    }
  }
  while (!out.empty() && blank(out.back())) out.pop_back();
  const auto first = out.find_first_not_of(" \n\t");
  if (first != std::string::npos && first > 0) out.erase(0, first);
  return out;
}

std::size_t end_of(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((std::uint8_t(text[at]) & 0xc0) == 0x80) continue;
    if (characters-- == 0) break;
  }
  return at;
}

}  // namespace

std::string clean_text(std::string_view text, const TextBounds& bounds) {
  std::string out = cleaned(text, bounds.one_line);
  out.resize(end_of(out, bounds.characters_max));
  return out;
}

base::Result<std::string> checked_text(std::string_view name, std::string_view text, const TextBounds& bounds) {
  std::string out = cleaned(text, bounds.one_line);
  if (twin::utf8_length(out) > bounds.characters_max)
    return base::refuse(base::Errc::invalid, "“{}”不能超过 {} 个字符", "'{}' is longer than {} characters", name,
                        bounds.characters_max);
  return out;
}

}  // namespace cityloop::sense
