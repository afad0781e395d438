// A PDF without its author: read with all that it says where no page shows it, and rendered anew with black boxes.
//
//   file ─ pdftotext, tesseract, qpdf, pdfinfo ─▶ [read_pdf] ─ texts ─▶ blind_texts ─▶ [blind_pdf] ─▶ pictures of the
//   pages
//
// The blind copy is made of pictures in which the boxes are burnt in: it has no layer of text, no metadata, no links,
// no alternative texts and no attachments, so nothing can be uncovered. What reviewers and screen readers read instead
// of the layer is the masked text, beside it. Text within pictures is found by tesseract where that is installed; where
// it is not, or where a page has pictures, the secretary is told which pages to look at: a logo is no text. The
// programs run within bounds (entry/program.h), as foreign files demand.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/awards/blind/masker.h"

namespace cityloop::awards::blind {

// Asked after each page: false ends the work, with Errc::unavailable.
using PageDone = std::function<bool()>;

struct PdfRules {
  unsigned pixels_max{2'200};  // of the longer side of a page
  bool ocr{true};
  std::string languages{"chi_sim+eng"};
  std::string scratch;  // a folder in which a page's picture may stand while it is read
  PageDone page_done;   // empty: nobody asks
};

// A word on a page, or a line of Chinese; in parts of the page's width and height from its upper left corner.
struct PdfWord {
  std::uint32_t begin{}, end{};  // bytes of the page's text
  double left{}, top{}, right{}, bottom{};
  bool ocr{};
};
struct PdfPage {
  double width_pt{}, height_pt{};
  std::string text;
  std::vector<PdfWord> words;
  unsigned pictures{};  // that it shows
  bool read{};          // by OCR
};
// What the file says and no page shows: its title and author, descriptions of pictures, notes, links.
struct PdfAside {
  std::string where;  // the key in the file: Author, Alt, URI, XMP
  std::string text;
};
struct PdfTexts {
  std::vector<PdfPage> pages;
  std::vector<PdfAside> asides;
  std::vector<Identity> authors;  // asides that name people: to be masked like those that are known

  std::vector<std::string> texts() const;             // of the pages, then of the asides: for blind_texts
  std::vector<std::size_t> pages_to_look_at() const;  // that show pictures, or were read by no OCR; from 0
};

// Refuses what poppler and qpdf cannot read (Errc::malformed); Errc::unavailable where they are not installed.
// Each page is told twice: when it has been read, and when its copy has been drawn.
base::Result<PdfTexts> read_pdf(const std::string& path, const PdfRules&);

base::Status tell_page(const PdfRules&);

// `masked` as blind_texts gave it for texts(). The bytes of the copy.
base::Result<std::string> blind_pdf(const std::string& path, const PdfTexts&, std::span<const Masked> masked,
                                    const PdfRules&);

}  // namespace cityloop::awards::blind
