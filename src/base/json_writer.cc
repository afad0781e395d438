#include "base/json_writer.h"

#include <bit>
#include <charconv>
#include <cstring>

namespace cityloop::base {
namespace {

// What people measure has few decimals: up to six, and fewer than fifteen digits in all, can be written without the
// general search for the shortest text. Two such texts never stand for the same double, so what is found here is it.
// Null where the general way must be gone.
char* write_few_decimals(char* out, double v) {
  constexpr double kScale = 1e6, kDigitsMax = 1e14;
  const double size = std::abs(v), scaled = std::round(size * kScale);
  if (size < 1e-3 || scaled >= kDigitsMax || scaled / kScale != size) return nullptr;
  const auto all = std::uint64_t(scaled);
  if (v < 0) *out++ = '-';
  out = std::to_chars(out, out + 24, all / 1'000'000).ptr;
  auto below = std::uint32_t(all % 1'000'000);
  *out++ = '.';
  for (std::uint32_t place = 100'000; below > 0; place /= 10) {
    *out++ = char('0' + below / place);
    below %= place;
  }
  return out;
}

// Whether one of eight bytes cannot stand in a JSON text as it is. May say so of none that is, never the reverse.
bool may_need_escape(const char* eight) {
  std::uint64_t word;
  std::memcpy(&word, eight, 8);
  constexpr std::uint64_t kOnes = 0x0101010101010101u, kHighs = 0x8080808080808080u;
  const auto has_zero = [](std::uint64_t w) { return (w - kOnes) & ~w & kHighs; };
  const std::uint64_t control = (word - kOnes * 0x20) & ~word & kHighs;
  return (control | has_zero(word ^ kOnes * '"') | has_zero(word ^ kOnes * '\\')) != 0;
}

}  // namespace

JsonWriter& JsonWriter::number(double v) {
  if (!std::isfinite(v)) return null();
  separate();
  char buffer[40];
  // Whole numbers as people write them; everything else as short as reads back the same.
  const bool whole = v == std::floor(v) && std::abs(v) < 9e18;
  char* end =
      whole ? std::to_chars(buffer, buffer + sizeof buffer, std::int64_t(v)).ptr : write_few_decimals(buffer, v);
  if (!end) end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  out_.append(buffer, end);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t v) {
  separate();
  char buffer[24];
  out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr);
  return *this;
}

void JsonWriter::quote(std::string_view text) {
  out_ += '"';
  std::size_t plain = 0;  // start of the run not yet copied
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 <= text.size() && !may_need_escape(text.data() + i)) i += 8;
    if (i == text.size()) break;
    const auto c = std::uint8_t(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out_.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"': out_ += "\\\""; break;
      case '\\': out_ += "\\\\"; break;
      case '\n': out_ += "\\n"; break;
      case '\r': out_ += "\\r"; break;
      case '\t': out_ += "\\t"; break;
      default: {
        constexpr char kHex[] = "0123456789abcdef";
        out_ += "\\u00";
        out_ += kHex[c >> 4];
        out_ += kHex[c & 15];
      }
    }
  }
  out_.append(text, plain, text.size() - plain);
  out_ += '"';
}

}  // namespace cityloop::base
