// Sheets and ZIPs as others read them: text by pdftotext, sums by libzip; what does not fit, and machines without
// fonts.
#include "serve/dossier/sheet.h"

#include <gmock/gmock.h>
#include <unistd.h>
#include <zip.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "serve/dossier/case_trail.h"
#include "serve/dossier/dossier.h"
#include "serve/dossier/pdf_file.h"
#include "serve/dossier/zip_file.h"

namespace cityloop::serve {
namespace {

using testing::HasSubstr;

class SheetTest : public testing::Test {
 protected:
  SheetTest()
      : folder_(std::filesystem::temp_directory_path() /
                fmt::format("cityloop-sheet-{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(),
                            ::getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~SheetTest() override { std::filesystem::remove_all(folder_); }

  static bool has_poppler() {
    return std::system("command -v pdftotext >/dev/null 2>&1 && command -v pdfinfo >/dev/null 2>&1") == 0;
  }
  std::string run(const std::string& tool, const std::string& bytes, const std::string& options = "") const {
    const std::string in = (folder_ / "in.pdf").string(), out = (folder_ / "out").string();
    std::ofstream(in, std::ios::binary) << bytes;
    const std::string target = tool == "pdftotext" ? "-" : "";
    EXPECT_EQ(std::system(fmt::format("{} {} {} {} > {} 2> {}.err", tool, options, in, target, out, out).c_str()), 0);
    std::ifstream errors(out + ".err");
    const std::string complaints{std::istreambuf_iterator<char>(errors), {}};
    EXPECT_EQ(complaints, "") << "a well-formed file is nothing to complain of";
    std::ifstream file(out);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static SheetInfo info() {
    SheetInfo out;
    out.title = "城市事件案卷 0004-2173";
    out.language = "zh";
    out.made_at = base::parse_time("2026-11-21T12:00:00Z").value();
    out.page_of = "第 {} 页，共 {} 页";
    out.footer = plain("湖滨区 <城市运行中心>");
    return out;
  }

  std::filesystem::path folder_;
};

void a_sheet(Sheet& to) {
  to.masthead(
      {"湖滨区城市运行中心", "城市事件案卷", "一号下穿积水 & <深>", "0004-2173", "处置中", ink::kBlue, "0004-2173"});
  const std::pair<std::string, std::string> facts[] = {{"种类", plain("下穿通道积水")}, {"Severity", "severe"}};
  to.facts(facts);
  to.heading("办理经过");
  const Column columns[] = {{"时间", 0.3}, {"步骤", 0.7}};
  const std::vector<std::string> rows[] = {{"2026-11-21 20:00", bold("派遣") + "\n" + soft("立案 → 已派遣")}};
  to.table(columns, rows);
  to.drawing(60, [](Canvas& canvas, double width) {
    const Spot line[] = {{0, 0}, {width, 60}};
    canvas.line(line, 1, ink::kBlue);
    canvas.text({width / 2, 30}, "平湖", 9, ink::kText, Align::centre);
  });
}

TEST_F(SheetTest, IsReadInBothLanguagesAndTaggedForWhoeverReadsAloud) {
  if (!has_poppler()) GTEST_SKIP() << "no poppler-utils";
  const auto pdf = make_sheet(info(), a_sheet);
  ASSERT_TRUE(pdf) << pdf.error().message;
  const std::string text = run("pdftotext", *pdf, "-layout");
  for (const char* words : {"湖滨区城市运行中心", "城市事件案卷", "一号下穿积水 & <深>", "处置中", "下穿通道积水",
                            "severe", "立案 → 已派遣", "平湖", "第 1 页，共 1 页", "<城市运行中心>"})
    EXPECT_THAT(text, HasSubstr(words));
  const std::string about = run("pdfinfo", *pdf);
  EXPECT_THAT(about, HasSubstr("城市事件案卷 0004-2173"));
  EXPECT_THAT(about, testing::ContainsRegex("Tagged: +yes"));
  EXPECT_THAT(about, HasSubstr("A4"));
  EXPECT_THAT(*pdf, HasSubstr("/Lang (zh-CN)"));
  const std::string structure = run("pdfinfo", *pdf, "-struct-text");
  for (const char* tag : {"Document", "H1", "H2", "Table", "TR", "TH", "TD", "Figure"})
    EXPECT_THAT(structure, HasSubstr(tag));
}

TEST_F(SheetTest, TheSameSheetIsTheSameBytes) {
  EXPECT_EQ(make_sheet(info(), a_sheet).value(), make_sheet(info(), a_sheet).value());
}

TEST_F(SheetTest, WhatDoesNotFitOnAPageGoesOnWithTheNextAndNothingIsLost) {
  if (!has_poppler()) GTEST_SKIP() << "no poppler-utils";
  std::string long_note;
  for (int i = 0; i < 900; ++i) long_note += fmt::format("第{}句话。", i);
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < 120; ++i)
    rows.push_back({fmt::format("row{}", i), i == 60 ? plain(long_note) : fmt::format("note{}", i)});
  const auto pdf = make_sheet(info(), [&](Sheet& to) {
    to.quote(plain(long_note));
    const Column columns[] = {{"号", 0.2}, {"备注", 0.8}};
    to.table(columns, rows);
  });
  ASSERT_TRUE(pdf) << pdf.error().message;
  std::string text = run("pdftotext", *pdf);
  std::erase(text, '\n');
  for (int i = 0; i < 120; ++i) EXPECT_THAT(text, HasSubstr(fmt::format("row{}", i)));
  for (int i = 0; i < 900; i += 13) {
    const std::string words = fmt::format("第{}句话", i);
    const std::size_t first = text.find(words);
    ASSERT_NE(first, std::string::npos) << words;
    EXPECT_NE(text.find(words, first + 1), std::string::npos) << words << ": in the quotation and in the table";
  }
  EXPECT_THAT(run("pdfinfo", *pdf), testing::Not(testing::ContainsRegex("Pages: +[1-5]\n")));
}

TEST_F(SheetTest, WithoutAFontForChineseItSaysSoInsteadOfDrawingBoxes) {
  const std::string settings = (folder_ / "fonts.conf").string();
  std::ofstream(settings) << "<?xml version=\"1.0\"?><fontconfig><dir>" << (folder_ / "none").string()
                          << "</dir></fontconfig>";
  SheetInfo about = info();
  about.font_config = settings;
  const auto pdf = make_sheet(about, a_sheet);
  ASSERT_FALSE(pdf);
  EXPECT_EQ(pdf.error().code, base::Errc::unavailable);
  EXPECT_THAT(pdf.error().message, HasSubstr("fonts-noto-cjk"));
  EXPECT_TRUE(make_sheet(info(), a_sheet)) << "and the next one with the machine's fonts is made";
}

TEST(PdfFile, ALanguageIsAddedBehindAndWhatIsNoPdfStays) {
  EXPECT_EQ(with_language("hello", "en"), "hello");
  EXPECT_EQ(with_language("", "en"), "");
}

TEST(PdfFile, AJpegSaysHowLargeItIs) {
  const std::string jpeg("\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x11\x08\x00\x30\x00\x40\x03\x01\x22\x00", 21);
  EXPECT_EQ(jpeg_size(jpeg), (std::pair{64, 48}));
  EXPECT_FALSE(jpeg_size("not a picture"));
  EXPECT_FALSE(jpeg_size(std::string("\xff\xd8\xff\xe0\x00\x00\x00\x00\x00\x00\x00\x00", 12)));
  for (std::size_t cut = 0; cut < jpeg.size() - 3; ++cut) jpeg_size(std::string_view(jpeg).substr(0, cut));
}

TEST(ZipFile, HoldsWhatItWasGivenInOrderAndIsTheSameEachTime) {
  const PackedFile files[] = {
      {"case/读我.txt", "你好"}, {"case/empty", ""}, {"case/a.bin", std::string(100'000, 'x'), true}};
  const auto at = base::parse_time("2026-11-21T12:00:01Z").value();
  const std::string zip = make_zip(files, at).value();
  EXPECT_EQ(zip, make_zip(files, at).value());
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(zip.data(), zip.size(), 0, &error);
  zip_t* const archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  ASSERT_TRUE(archive) << zip_error_strerror(&error);
  ASSERT_EQ(zip_get_num_entries(archive, 0), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(std::string(zip_get_name(archive, zip_uint64_t(i), ZIP_FL_ENC_UTF_8)), files[i].name);
    std::string content(files[i].content.size(), '\0');
    zip_file_t* const file = zip_fopen_index(archive, zip_uint64_t(i), 0);
    EXPECT_EQ(zip_fread(file, content.data(), content.size()), zip_int64_t(content.size()));
    zip_fclose(file);
    EXPECT_EQ(content, files[i].content);
  }
  zip_close(archive);
}

TEST(Dossier, WhatPeopleWroteIsMaskedAndWordsOfTheHouseStay) {
  const auto mask = [](std::string_view text) {
    return text.find("138") == std::string_view::npos ? std::string(text) : "■";
  };
  EXPECT_EQ(
      masked_json(
          R"([{"at":"2026-11-21T12:00:00.138Z","by":"user:li.wei","note":"call 13800000000","code":"1380-1385"}])",
          mask),
      R"([{"at":"2026-11-21T12:00:00.138Z","by":"user:li.wei","note":"■","code":"1380-1385"}])");
  EXPECT_EQ(masked_json(R"("13800000000")", mask), R"("■")");
  EXPECT_EQ(masked_json("call 13800000000", mask), "■") << "what is no JSON is a text";
}

TEST(CaseTrail, AChangeBelongsToItselfAndToTheCasesItNames) {
  const auto told = [](const flow::Change& change) {
    std::vector<std::string> out;
    trail_of(change, [&](std::string_view id) { out.emplace_back(id); });
    return out;
  };
  flow::Change action;
  action.entity = flow::EntityId("urn:ngsi-ld:Action:1");
  action.types.push_back(flow::Name("Action"));
  action.attributes.push_back({flow::relationship(flow::Name("target"), flow::EntityId("urn:ngsi-ld:Case:7"))});
  EXPECT_THAT(told(action), testing::ElementsAre("urn:ngsi-ld:Action:1", "urn:ngsi-ld:Case:7"));
  flow::Change notice = action;
  notice.types = {};
  notice.types.push_back(flow::Name("Notice"));
  EXPECT_THAT(told(notice), testing::ElementsAre("urn:ngsi-ld:Case:7"));
  flow::Change reading = action;
  reading.types = {};
  reading.types.push_back(flow::Name("WaterObserved"));
  EXPECT_THAT(told(reading), testing::IsEmpty()) << "what stands outside is none of the house's business";
}

}  // namespace
}  // namespace cityloop::serve
