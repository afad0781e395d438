#include "base/json_writer.h"

#include <charconv>

namespace cityloop::base {

JsonWriter& JsonWriter::number(double v) {
  if (!std::isfinite(v)) return null();
  separate();
  char buffer[32];
  // Whole numbers as people write them; everything else as short as reads back the same.
  const bool whole = v == std::floor(v) && std::abs(v) < 1e15;
  const auto end = whole ? std::to_chars(buffer, buffer + sizeof buffer, std::int64_t(v)).ptr
                         : std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
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
