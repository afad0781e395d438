#include "casework/case_code.h"

#include <fmt/format.h>

namespace cityloop::casework {
namespace {

// Damm's quasigroup of order ten: totally anti-symmetric, with zeros on its diagonal.
constexpr std::uint8_t kDamm[10][10] = {
    {0, 3, 1, 7, 5, 9, 8, 6, 4, 2}, {7, 0, 9, 2, 1, 5, 4, 8, 6, 3}, {4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
    {1, 7, 5, 0, 9, 8, 3, 4, 2, 6}, {6, 1, 2, 3, 0, 4, 5, 9, 7, 8}, {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
    {5, 8, 6, 9, 7, 2, 0, 1, 3, 4}, {8, 9, 4, 5, 3, 6, 2, 0, 1, 7}, {9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
    {2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
};

std::uint8_t check_of(std::string_view digits) {
  std::uint8_t state = 0;
  for (const char c : digits) state = kDamm[state][c - '0'];
  return state;
}

std::string grouped(const std::string& digits) {
  const std::size_t cut = digits.size() - 4;
  return digits.substr(0, cut) + "-" + digits.substr(cut);
}

}  // namespace

std::string case_code(std::uint64_t number) {
  std::string digits = fmt::format("{:07}", number);
  digits += char('0' + check_of(digits));
  return grouped(digits);
}

std::uint64_t case_number(std::string_view code) {
  std::uint64_t number = 0;
  for (const char c : code.substr(0, code.empty() ? 0 : code.size() - 1)) {
    if (c >= '0' && c <= '9') number = number * 10 + std::uint64_t(c - '0');
  }
  return number;
}

std::optional<std::string> read_case_code(std::string_view text) {
  constexpr std::string_view kWide = "\xef\xbc";  // the first bytes of U+FF10 … U+FF19
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (text.substr(i, 2) == kWide && i + 2 < text.size() && text[i + 2] >= '\x90' && text[i + 2] <= '\x99') {
      digits += char('0' + (text[i + 2] - '\x90'));
      i += 2;
    } else if (c != ' ' && c != '-') {
      return std::nullopt;
    }
  }
  if (digits.size() < 8 || digits.size() > 19 || check_of(digits) != 0) return std::nullopt;
  return grouped(digits);
}

}  // namespace cityloop::casework
