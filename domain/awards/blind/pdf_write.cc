// The blind copy of a PDF: pictures of its pages with boxes where spans lie.
#include <algorithm>

#include "domain/awards/blind/folded.h"
#include "domain/awards/blind/pdf.h"
#include "domain/awards/blind/pdf_page.h"
#include "text/letters.h"

namespace cityloop::awards::blind {
namespace {

constexpr double kMarginOfHeight = 0.1;

bool is_han_only(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (const char32_t c = text::next_letter(text, at).code; c < 0x2e80) return false;
  return true;
}

// Only letters of one width can be told apart within a word: elsewhere the whole word goes.
void cover(PagePicture& picture, const PdfPage& page, const PdfWord& word, const Span& span) {
  const std::string_view text = std::string_view(page.text).substr(word.begin, word.end - word.begin);
  double left = word.left, right = word.right;
  const bool wide = (word.right - word.left) * page.width_pt > (word.bottom - word.top) * page.height_pt;
  if (is_han_only(text) && wide && (span.begin > word.begin || span.end < word.end)) {
    const std::size_t from = std::max(span.begin, word.begin) - word.begin,
                      to = std::min(span.end, word.end) - word.begin;
    const double letter = (word.right - word.left) / double(letters_in(text)), margin = letter / 4;
    left = word.left + letter * double(letters_in(text.substr(0, from))) - margin;
    right = word.left + letter * double(letters_in(text.substr(0, to))) + margin;
  }
  const double more = kMarginOfHeight * (word.bottom - word.top);
  picture.blacken(left, word.top - more, right, word.bottom + more);
}

}  // namespace

base::Result<std::string> blind_pdf(const std::string& path, const PdfTexts& texts, std::span<const Masked> masked,
                                    const PdfRules& rules) {
  if (masked.size() < texts.pages.size())
    return base::fail(base::Errc::invalid, "{} masked texts for {} pages", masked.size(), texts.pages.size());
  std::vector<PagePicture> pictures;
  std::vector<PageSize> sizes;
  for (std::size_t i = 0; i < texts.pages.size(); ++i) {
    const PdfPage& page = texts.pages[i];
    PagePicture picture = TRY(picture_of(path, i, rules.pixels_max));
    for (const PdfWord& word : page.words) {
      for (const Span& span : masked[i].spans)
        if (span.begin < word.end && word.begin < span.end) cover(picture, page, word, span);
    }
    pictures.push_back(std::move(picture));
    sizes.push_back({page.width_pt, page.height_pt});
    TRY(tell_page(rules));
  }
  return pdf_of_pictures(pictures, sizes);
}

}  // namespace cityloop::awards::blind
