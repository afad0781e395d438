// What a PDF says: its pages by pdftotext and tesseract, what lies beside them by qpdf and pdfinfo.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <sstream>

#include <pugixml.hpp>

#include "base/file.h"
#include "base/json_value.h"
#include "domain/awards/blind/folded.h"
#include "domain/awards/blind/pdf.h"
#include "domain/awards/blind/pdf_page.h"
#include "domain/awards/blind/word_lists.h"
#include "domain/awards/entry/program.h"

namespace cityloop::awards::blind {
namespace {

// Keys of strings that a reader may be shown, or that tell who made the file.
constexpr std::string_view kKeys[] = {
    "/Alt",     "/ActualText", "/E",       "/Contents",       "/Title", "/Author", "/Subject", "/Keywords",
    "/Creator", "/Producer",   "/Company", "/Manager",        "/URI",   "/T",      "/TU",      "/V",
    "/UF",      "/F",          "/RC",      "/SourceModified", "/Name",  "/Label"};
constexpr std::string_view kNobody[] = {"administrator",         "admin",  "user",    "windows user",
                                        "microsoft office user", "author", "unknown", "anonymous"};

base::Result<std::string> told_by(const std::vector<std::string>& words) {
  const ProgramOutcome out = TRY(run_program(words));
  if (out.timed_out || out.too_much)
    return base::fail(base::Errc::malformed, "{} could not read the PDF within bounds", words[0]);
  // qpdf gives 3 for warnings.
  if (out.status != 0 && out.status != 3)
    return base::fail(base::Errc::malformed, "{} could not read the PDF: {}", words[0], out.err.substr(0, 200));
  return out.out;
}

// Words in the order of lines; a blank between two of a line, a line end between lines.
void add_word(PdfPage& page, PdfWord word, std::string_view text, bool same_line) {
  if (!page.text.empty()) page.text += same_line ? ' ' : '\n';
  word.begin = std::uint32_t(page.text.size());
  page.text += text;
  word.end = std::uint32_t(page.text.size());
  page.words.push_back(word);
}

PdfPage page_of(const pugi::xml_node& node) {
  PdfPage page;
  page.width_pt = node.attribute("width").as_double();
  page.height_pt = node.attribute("height").as_double();
  for (const auto& found : node.select_nodes(".//line")) {
    bool first = true;
    for (const pugi::xml_node& word : found.node().children("word")) {
      const auto at = [&](const char* name, double of) {
        return std::clamp(word.attribute(name).as_double() / of, 0.0, 1.0);
      };
      add_word(page,
               {0, 0, at("xMin", page.width_pt), at("yMin", page.height_pt), at("xMax", page.width_pt),
                at("yMax", page.height_pt), false},
               word.child_value(), !first);
      first = false;
    }
  }
  return page;
}

base::Result<std::vector<PdfPage>> layer_of(const std::string& path) {
  const std::string html = TRY(told_by({"pdftotext", "-bbox-layout", "-enc", "UTF-8", path, "-"}));
  pugi::xml_document document;
  // What is no XML character may stand in a layer of text; it would end the reading.
  std::string clean = html;
  std::erase_if(clean, [](char c) { return std::uint8_t(c) < 0x20 && c != '\n' && c != '\t'; });
  const auto parsed = document.load_buffer(clean.data(), clean.size(), pugi::parse_default | pugi::parse_doctype);
  if (!parsed) return base::fail(base::Errc::malformed, "the text of the PDF cannot be read: {}", parsed.description());
  std::vector<PdfPage> out;
  for (const auto& found : document.select_nodes("//page")) out.push_back(page_of(found.node()));
  if (out.empty()) return base::fail(base::Errc::malformed, "the PDF has no pages");
  return out;
}

void collect(const base::JsonValue& at, std::string_view key, std::vector<PdfAside>& out) {
  if (const auto* const list = at.array()) {
    for (const base::JsonValue& one : *list) collect(one, key, out);
  } else if (const auto* const members = at.object()) {
    for (const auto& [name, value] : *members) collect(value, name, out);
  } else if (const std::string* const text = at.text()) {
    if (text->starts_with("u:") && text->size() > 3 && std::ranges::find(kKeys, key) != std::end(kKeys))
      out.push_back({std::string(key.substr(1)), text->substr(2)});
  }
}

std::string without_tags(const std::string& xml) {
  std::string out;
  bool tag = false;
  for (const char c : xml) {
    if (c == '<') tag = true;
    if (!tag) out += c;
    if (c == '>') tag = false, out += ' ';
  }
  const std::size_t first = out.find_first_not_of(" \n\r\t");
  return first == std::string::npos ? "" : out.substr(first);
}

base::Result<std::vector<PdfAside>> asides_of(const std::string& path) {
  std::vector<PdfAside> out;
  const auto json = base::JsonValue::parse(
      TRY(told_by({"qpdf", "--json=2", "--json-key=qpdf", "--json-stream-data=none", "--", path})));
  if (!json) return base::fail(base::Errc::malformed, "qpdf could not tell the objects of the PDF");
  collect(*json, "", out);
  const std::string xmp = without_tags(TRY(told_by({"pdfinfo", "-meta", path})));
  if (!xmp.empty()) out.push_back({"XMP", xmp});
  return out;
}

std::vector<Identity> authors_of(const std::vector<PdfAside>& asides) {
  std::vector<Identity> out;
  for (const PdfAside& aside : asides) {
    if (aside.where != "Author" && aside.where != "Manager") continue;
    const Folded folded = fold(aside.text);
    const bool nobody = std::ranges::find(kNobody, folded.lower) != std::end(kNobody);
    const bool han = surname_letters(folded.lower) > 0 && letters_in(folded.lower) <= 4;
    const bool latin = folded.lower.find(' ') != std::string::npos && folded.lower.size() <= 40;
    if (!nobody && (han || latin)) out.push_back({Kind::person, {aside.text}});
  }
  return out;
}

void count_pictures(const std::string& list, std::vector<PdfPage>& pages) {
  std::istringstream in(list);
  for (std::string line; std::getline(in, line);) {
    std::istringstream row(line);
    std::size_t page = 0;
    if (row >> page && page >= 1 && page <= pages.size()) ++pages[page - 1].pictures;
  }
}

// A line of tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
struct OcrWord {
  double left{}, top{}, width{}, height{}, confidence{};
  std::string line, text;
};
std::vector<OcrWord> ocr_words(const std::string& table) {
  std::vector<OcrWord> out;
  std::istringstream in(table);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '\t');) cells.push_back(cell);
    if (cells.size() != 12 || cells[0] != "5" || cells[11].find_first_not_of(' ') == std::string::npos) continue;
    const auto number = [&](std::size_t i) {
      double value = 0;
      std::from_chars(cells[i].data(), cells[i].data() + cells[i].size(), value);
      return value;
    };
    out.push_back({number(6), number(7), number(8), number(9), number(10), cells[2] + "/" + cells[3] + "/" + cells[4],
                   cells[11]});
  }
  return out;
}

// What OCR sees and the layer of text has not: words whose middle lies in none of the layer's.
void add_ocr(PdfPage& page, const std::string& table, const PagePicture& picture) {
  const std::size_t layer = page.words.size();
  std::string line;
  for (const OcrWord& seen : ocr_words(table)) {
    PdfWord word{0,
                 0,
                 seen.left / picture.width,
                 seen.top / picture.height,
                 (seen.left + seen.width) / picture.width,
                 (seen.top + seen.height) / picture.height,
                 true};
    const double x = (word.left + word.right) / 2, y = (word.top + word.bottom) / 2;
    const bool known =
        std::any_of(page.words.begin(), page.words.begin() + std::ptrdiff_t(layer),
                    [&](const PdfWord& it) { return it.left <= x && x <= it.right && it.top <= y && y <= it.bottom; });
    if (known) continue;
    add_word(page, word, seen.text, seen.line == line);
    line = seen.line;
  }
}

base::Status read_by_ocr(const std::string& path, std::size_t number, const PdfRules& rules, PdfPage& page) {
  const PagePicture picture = TRY(picture_of(path, number, rules.pixels_max));
  const std::string file = fmt::format("{}/page-{}.ppm", rules.scratch, number + 1);
  TRY(base::write_file_atomic(file, picture.as_ppm()));
  const auto out = run_program({"tesseract", file, "stdout", "-l", rules.languages, "--psm", "11", "tsv"},
                               {.time = std::chrono::seconds(120), .memory_bytes = std::size_t{2} << 30});
  (void)std::remove(file.c_str());
  if (!out) return std::unexpected(out.error());
  if (out->status != 0) return base::fail(base::Errc::unavailable, "tesseract: {}", out->err.substr(0, 200));
  add_ocr(page, out->out, picture);
  page.read = true;
  return {};
}

}  // namespace

base::Status tell_page(const PdfRules& rules) {
  if (!rules.page_done || rules.page_done()) return {};
  return base::fail(base::Errc::unavailable, "stopped between two pages");
}

std::vector<std::string> PdfTexts::texts() const {
  std::vector<std::string> out;
  for (const PdfPage& page : pages) out.push_back(page.text);
  for (const PdfAside& aside : asides) out.push_back(aside.text);
  return out;
}

std::vector<std::size_t> PdfTexts::pages_to_look_at() const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < pages.size(); ++i)
    if (pages[i].pictures > 0 || !pages[i].read) out.push_back(i);
  return out;
}

base::Result<PdfTexts> read_pdf(const std::string& path, const PdfRules& rules) {
  PdfTexts out;
  out.pages = TRY(layer_of(path));
  out.asides = TRY(asides_of(path));
  out.authors = authors_of(out.asides);
  count_pictures(TRY(told_by({"pdfimages", "-list", path})), out.pages);
  bool ocr = rules.ocr && !rules.scratch.empty();
  for (std::size_t i = 0; i < out.pages.size(); ++i) {
    if (ocr) {
      const base::Status read = read_by_ocr(path, i, rules, out.pages[i]);
      // Without tesseract or its languages the pages stay unread, and pages_to_look_at() says so.
      ocr = read || read.error().code != base::Errc::unavailable;
      if (ocr) TRY(read);
    }
    TRY(tell_page(rules));
  }
  return out;
}

}  // namespace cityloop::awards::blind
