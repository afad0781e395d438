#include "serve/dossier/pdf_file.h"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace cityloop::serve {
namespace {

std::optional<std::size_t> number_behind(std::string_view text, std::string_view word) {
  const std::size_t at = text.rfind(word);
  if (at == std::string_view::npos) return std::nullopt;
  std::size_t from = at + word.size();
  while (from < text.size() && (text[from] == ' ' || text[from] == '\n' || text[from] == '\r')) ++from;
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text.data() + from, text.data() + text.size(), out);
  return error == std::errc{} ? std::optional(out) : std::nullopt;
}

}  // namespace

std::string with_language(std::string pdf, std::string_view language) {
  const auto root = number_behind(pdf, "/Root"), size = number_behind(pdf, "/Size"),
             before = number_behind(pdf, "startxref");
  if (!root || !size || !before) return pdf;
  const std::size_t object = pdf.rfind(fmt::format("\n{} 0 obj\n", *root));
  if (object == std::string::npos) return pdf;
  const std::size_t open = pdf.find("<<", object), close = pdf.find("endobj", object);
  if (open == std::string::npos || close == std::string::npos || open > close) return pdf;
  const std::size_t last = pdf.rfind(">>", close);
  // The information about the document goes on as it was.
  const auto info = number_behind(pdf, "/Info");
  if (pdf.back() != '\n') pdf += '\n';
  const std::size_t here = pdf.size();
  const std::string catalogue = pdf.substr(open + 2, last - open - 2);
  pdf += fmt::format("{} 0 obj\n<<{}   /Lang ({})\n   /ViewerPreferences << /DisplayDocTitle true >>\n>>\nendobj\n",
                     *root, catalogue, language);
  const std::size_t table = pdf.size();
  pdf += fmt::format("xref\n{} 1\n{:010} 00000 n \ntrailer\n<< /Size {}\n   /Root {} 0 R\n", *root, here, *size, *root);
  if (info) pdf += fmt::format("   /Info {} 0 R\n", *info);
  pdf += fmt::format("   /Prev {}\n>>\nstartxref\n{}\n%%EOF\n", *before, table);
  return pdf;
}

std::optional<std::pair<int, int>> jpeg_size(std::string_view jpeg) {
  const auto byte = [&](std::size_t at) { return std::uint8_t(jpeg[at]); };
  if (jpeg.size() < 4 || byte(0) != 0xff || byte(1) != 0xd8) return std::nullopt;
  for (std::size_t at = 2; at + 9 < jpeg.size();) {
    if (byte(at) != 0xff) return std::nullopt;
    const std::uint8_t marker = byte(at + 1);
    if (marker == 0xff) {
      ++at;
      continue;
    }
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) {
      const int height = byte(at + 5) << 8 | byte(at + 6), width = byte(at + 7) << 8 | byte(at + 8);
      if (height == 0 || width == 0) return std::nullopt;
      return std::pair(width, height);
    }
    const bool alone = marker >= 0xd0 && marker <= 0xd9;
    at += alone ? 2 : 2 + std::size_t(byte(at + 2) << 8 | byte(at + 3));
  }
  return std::nullopt;
}

}  // namespace cityloop::serve
