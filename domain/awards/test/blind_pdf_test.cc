#include "domain/awards/blind/pdf.h"

#include <unistd.h>

#include <filesystem>
#include <memory>

#include <cairo-pdf.h>
#include <gmock/gmock.h>

#include "base/file.h"
#include "domain/awards/blind/pdf_page.h"
#include "domain/awards/entry/program.h"

namespace cityloop::awards::blind {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Surface = std::unique_ptr<cairo_surface_t, decltype([](cairo_surface_t* it) { cairo_surface_destroy(it); })>;
using Pen = std::unique_ptr<cairo_t, decltype([](cairo_t* it) { cairo_destroy(it); })>;

void show(cairo_t* pen, double x, double y, double size, const char* text) {
  cairo_select_font_face(pen, "Noto Sans CJK SC", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(pen, size);
  cairo_move_to(pen, x, y);
  cairo_show_text(pen, text);
}

class BlindPdf : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* const program : {"pdftotext", "pdftoppm", "pdfimages", "pdfinfo", "qpdf"})
      if (!run_program({program, "--version"})) GTEST_SKIP() << program << " is not installed";
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop_blind_{}", ::getpid());
    std::filesystem::create_directories(folder_);
    rules_.scratch = folder_.string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Two pages: text, a link and metadata; a picture with text in it.
  std::string write_case() {
    const std::string path = folder_ / "case.pdf";
    const Surface pdf(cairo_pdf_surface_create(path.c_str(), 595, 842));
    cairo_pdf_surface_set_metadata(pdf.get(), CAIRO_PDF_METADATA_AUTHOR, "李建国");
    cairo_pdf_surface_set_metadata(pdf.get(), CAIRO_PDF_METADATA_TITLE, "迅联公司案例");
    const Pen pen(cairo_create(pdf.get()));
    show(pen.get(), 60, 100, 14, "本项目由深圳市迅联数据技术有限公司承建，运行平稳。");
    show(pen.get(), 60, 140, 14, "李建国介绍了经验。");
    cairo_tag_begin(pen.get(), CAIRO_TAG_LINK, "uri='https://www.xunlian.com'");
    show(pen.get(), 60, 180, 14, "Zhang Xiaoming, 138 0013 8000");
    cairo_tag_end(pen.get(), CAIRO_TAG_LINK);
    show(pen.get(), 60, 220, 14, "Nothing to hide on this line");
    cairo_show_page(pen.get());
    const Surface image(cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1000, 200));
    const Pen brush(cairo_create(image.get()));
    cairo_set_source_rgb(brush.get(), 1, 1, 1);
    cairo_paint(brush.get());
    cairo_set_source_rgb(brush.get(), 0, 0, 0);
    show(brush.get(), 40, 120, 60, "Phone 13900139000");
    cairo_scale(pen.get(), 0.5, 0.5);
    cairo_set_source_surface(pen.get(), image.get(), 60, 200);
    cairo_paint(pen.get());
    cairo_show_page(pen.get());
    cairo_surface_finish(pdf.get());
    return path;
  }

  std::vector<Masked> mask(const PdfTexts& texts) const {
    std::vector<Identity> known{{Kind::organisation, {"深圳市迅联数据技术有限公司"}}, {Kind::person, {"张晓明"}}};
    known.insert(known.end(), texts.authors.begin(), texts.authors.end());
    return blind_texts(known, texts.texts());
  }
  static std::string out_of(const std::vector<std::string>& words) {
    const auto out = run_program(words);
    return out ? out->out : out.error().message;
  }

  std::filesystem::path folder_;
  PdfRules rules_;
};

// How much of a word's box is black.
double blackness(const PagePicture& picture, const PdfWord& word) {
  std::size_t black = 0, all = 0;
  for (auto y = std::size_t(word.top * picture.height); y < std::size_t(word.bottom * picture.height); ++y) {
    for (auto x = std::size_t(word.left * picture.width); x < std::size_t(word.right * picture.width); ++x) {
      black += std::uint8_t(picture.rgb[(y * picture.width + x) * 3]) < 40;
      ++all;
    }
  }
  return double(black) / double(all);
}

TEST_F(BlindPdf, TheCopyHasPicturesAndNothingElse) {
  rules_.ocr = false;
  const std::string path = write_case();
  const auto texts = read_pdf(path, rules_);
  ASSERT_TRUE(texts) << texts.error().message;
  ASSERT_EQ(texts->pages.size(), 2u);
  EXPECT_THAT(texts->asides, Contains(Field(&PdfAside::text, "https://www.xunlian.com")));
  ASSERT_EQ(texts->authors.size(), 1u);
  EXPECT_EQ(texts->pages[1].pictures, 1u);
  EXPECT_THAT(texts->pages_to_look_at(), ElementsAre(0u, 1u));  // nothing was read by OCR
  const std::vector<Masked> masked = mask(*texts);
  EXPECT_THAT(masked[0].text, HasSubstr("本项目由【单位A】承建"));
  EXPECT_THAT(masked[0].text, Not(HasSubstr("李建国")));  // the file's own author

  const auto copy = blind_pdf(path, *texts, masked, rules_);
  ASSERT_TRUE(copy) << copy.error().message;
  const std::string blind = folder_ / "blind.pdf";
  ASSERT_TRUE(base::write_file_atomic(blind, *copy));
  EXPECT_EQ(out_of({"pdftotext", blind, "-"}).find_first_not_of(" \n\f"), std::string::npos);
  EXPECT_THAT(out_of({"pdfinfo", blind}), AllOf(HasSubstr("Pages:           2"), Not(HasSubstr("Author"))));
  EXPECT_THAT(out_of({"qpdf", "--json=2", "--json-key=qpdf", blind}), Not(HasSubstr("xunlian")));
  // A span lies under black, what is no span does not; where a line is partly masked, both stand in it.
  const auto picture = picture_of(blind, 0, rules_.pixels_max);
  ASSERT_TRUE(picture) << picture.error().message;
  for (const PdfWord& word : texts->pages[0].words) {
    const std::string text = texts->pages[0].text.substr(word.begin, word.end - word.begin);
    if (text == "Xiaoming," || text == "0013") EXPECT_GT(blackness(*picture, word), 0.95) << text;
    if (text == "Nothing" || text == "hide") EXPECT_LT(blackness(*picture, word), 0.5) << text;
  }
}

TEST_F(BlindPdf, TextWithinPicturesIsReadWhereThatIsPossible) {
  const auto languages = run_program({"tesseract", "--list-langs"});
  if (!languages || !languages->out.contains("eng")) GTEST_SKIP() << "tesseract is not installed";
  rules_.languages = "eng";
  rules_.pixels_max = 1'000;
  const std::string path = write_case();
  const auto texts = read_pdf(path, rules_);
  ASSERT_TRUE(texts) << texts.error().message;
  EXPECT_THAT(texts->pages_to_look_at(), ElementsAre(1u));  // it shows a picture, whatever was read in it
  EXPECT_THAT(texts->pages[1].text, HasSubstr("13900139000"));
  const std::vector<Masked> masked = mask(*texts);
  EXPECT_THAT(masked[1].text, Not(HasSubstr("13900139000")));
  const auto copy = blind_pdf(path, *texts, masked, rules_);
  ASSERT_TRUE(copy) << copy.error().message;
  const std::string blind = folder_ / "blind.pdf";
  ASSERT_TRUE(base::write_file_atomic(blind, *copy));
  const auto again = read_pdf(blind, rules_);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_THAT(again->pages[1].text, Not(HasSubstr("139")));
}

TEST_F(BlindPdf, WhatIsNoPdfIsRefused) {
  const std::string path = folder_ / "no.pdf";
  ASSERT_TRUE(base::write_file_atomic(path, "%PDF-1.7\nnothing"));
  const auto out = read_pdf(path, rules_);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, base::Errc::malformed);
}

}  // namespace
}  // namespace cityloop::awards::blind
