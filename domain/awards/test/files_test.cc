#include "award_city.h"
#include "domain/awards/entry/file_check.h"
#include "domain/awards/entry/program.h"
#include "serve/dossier/zip_file.h"

namespace cityloop::awards {
namespace {

using base::Errc;

class Files : public AwardCity {
 protected:
  std::string written(const std::string& name, const std::string& bytes) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::string verdict(const base::Result<Checked>& checked) {
    if (!checked) return checked.error().message;
    return checked->fits() ? "fits" : checked->refusal.code;
  }
  std::string pdf(const std::string& bytes, unsigned pages_max = 10) {
    return verdict(check_pdf(written("x.pdf", bytes), pages_max));
  }
  // By the program that people would use.
  std::string made_by(const std::vector<std::string>& words, const std::string& out) {
    std::string line;
    for (const std::string& word : words) line += "'" + word + "' ";
    EXPECT_EQ(std::system((line + "> /dev/null 2>&1").c_str()), 0) << line;
    return (folder_ / out).string();
  }
};

TEST_F(Files, APdfOfTenPagesFitsAndOneOfElevenDoesNot) {
  EXPECT_EQ(pdf(pdf_of(10)), "fits");
  EXPECT_EQ(pdf(pdf_of(11)), "too_many_pages");
  EXPECT_EQ(pdf(pdf_of(11), 0), "fits");
  EXPECT_EQ(pdf(pdf_of(0)), "broken");
  const Checked told = check_pdf(written("y.pdf", pdf_of(11)), 10).value();
  EXPECT_EQ(told.refusal.text.en, "it has 11 pages, 10 at most are allowed");
}

TEST_F(Files, WhatIsNoPdfOrABrokenOneIsRefused) {
  EXPECT_EQ(pdf(""), "not_pdf");
  EXPECT_EQ(pdf("MZ this is a program"), "not_pdf");
  const std::string whole = pdf_of(5);
  EXPECT_EQ(pdf(whole.substr(0, whole.size() * 2 / 3)), "broken");
  EXPECT_EQ(pdf("%PDF-1.7\nnothing of the kind"), "broken");
}

TEST_F(Files, AnEncryptedPdfIsRefusedWithOrWithoutAPasswordToOpenIt) {
  const std::string plain = written("plain.pdf", pdf_of(3));
  const std::string closed = (folder_ / "closed.pdf").string(), owned = (folder_ / "owned.pdf").string();
  made_by({"qpdf", "--encrypt", "secret", "secret", "256", "--", plain, closed}, "closed.pdf");
  made_by({"qpdf", "--encrypt", "", "owner", "256", "--print=none", "--", plain, owned}, "owned.pdf");
  EXPECT_EQ(verdict(check_pdf(closed, 10)), "encrypted");
  EXPECT_EQ(verdict(check_pdf(owned, 10)), "encrypted");
}

TEST_F(Files, WhatCouldActOnAReadersMachineIsRefused) {
  EXPECT_EQ(pdf(pdf_of(1, "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")), "script");
  EXPECT_EQ(pdf(pdf_of(1, "/OpenAction << /S /Launch /F (calc.exe) >>")), "action");
  EXPECT_EQ(pdf(pdf_of(1, "/Names << /EmbeddedFiles << /Names [] >> >>")), "embedded");
  EXPECT_EQ(pdf(pdf_of(1, "/AcroForm << /XFA [] /Fields [] >>")), "form");
  EXPECT_EQ(pdf(pdf_of(1, "", "<< /Type /Action /S /#4aavaScript /JS (x) >>")), "script") << "however it is spelt";
  EXPECT_EQ(pdf(pdf_of(1, "/OpenAction [3 0 R /Fit]")), "fits") << "where to begin reading does nothing";
  EXPECT_EQ(pdf(pdf_of(1, "", "<< /Type /Annot /A << /S /URI /URI (https://example.org) >> >>")), "fits");
}

TEST_F(Files, AScriptInAPackedObjectIsFoundToo) {
  const std::string open = written("open.pdf", pdf_of(1, "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"));
  const std::string packed = (folder_ / "packed.pdf").string();
  made_by({"qpdf", "--object-streams=generate", open, packed}, "packed.pdf");
  EXPECT_EQ(base::read_file(packed)->find("JavaScript"), std::string::npos);
  EXPECT_EQ(verdict(check_pdf(packed, 10)), "script");
}

TEST_F(Files, EditableFilesAreKnownByWhatIsInThem) {
  const auto zip = [&](std::vector<serve::PackedFile> parts) {
    return verdict(check_office(written("x.docx", serve::make_zip(parts, now()).value())));
  };
  const std::string types =
      R"(<Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>)";
  EXPECT_EQ(zip({{"[Content_Types].xml", types}, {"word/document.xml", "<w/>"}}), "fits");
  EXPECT_EQ(zip({{"mimetype", "application/vnd.oasis.opendocument.text", true}, {"content.xml", "<o/>"}}), "fits");
  EXPECT_EQ(zip({{"[Content_Types].xml", types}}), "broken");
  EXPECT_EQ(zip({{"hello.txt", "hello"}}), "not_office");
  EXPECT_EQ(zip({{"[Content_Types].xml", types}, {"word/document.xml", "<w/>"}, {"word/vbaProject.bin", "x"}}),
            "macro");
  EXPECT_EQ(zip({{"[Content_Types].xml", "macroEnabled"}, {"word/document.xml", "<w/>"}}), "macro");
  EXPECT_EQ(verdict(check_office(written("a", std::string("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", 12)))), "encrypted");
  EXPECT_EQ(verdict(check_office(written("b", "PK\x03\x04 cut"))), "broken");
  EXPECT_EQ(verdict(check_office(written("c", "plain text"))), "not_office");
}

// A film of a test picture; slow enough to be made once for all.
class Films : public Files {
 protected:
  std::string film(const std::string& name, const std::string& size, const std::string& seconds, bool subtitles) {
    const std::string zh = written("zh.srt", "1\n00:00:00,000 --> 00:00:01,000\n你好\n");
    const std::string en = written("en.srt", "1\n00:00:00,000 --> 00:00:01,000\nHello\n");
    const std::string out = (folder_ / name).string();
    std::vector<std::string> words{
        "ffmpeg", "-v",    "error", "-y",
        "-f",     "lavfi", "-i",    fmt::format("color=size={}:rate=1:duration={}", size, seconds)};
    if (subtitles)
      words.insert(words.end(), {"-i", zh, "-i", en, "-map", "0:v", "-map", "1", "-map", "2", "-c:s", "mov_text",
                                 "-metadata:s:s:0", "language=zho", "-metadata:s:s:1", "language=eng"});
    words.insert(words.end(), {"-c:v", "mpeg4", out});
    return made_by(words, name);
  }
};

TEST_F(Films, AFilmIsWhatTheCeremonyNeedsOrIsRefusedWithTheReason) {
  const VideoRule rule{.seconds_max = 60, .subtitles = {"zh", "en"}};
  const auto judged = [&](const std::string& path) { return verdict(check_video(path, rule)); };
  const std::string good = film("good.mp4", "1920x1080", "60", true);
  const Checked checked = check_video(good, rule).value();
  EXPECT_TRUE(checked.fits()) << checked.refusal.code;
  EXPECT_EQ(checked.facts.subtitles, (std::vector<std::string>{"zh", "en"}));
  EXPECT_EQ(judged(film("long.mp4", "1920x1080", "61", true)), "too_long");
  EXPECT_EQ(judged(film("small.mp4", "1280x720", "5", true)), "wrong_size");
  EXPECT_EQ(judged(film("silent.mp4", "1920x1080", "5", false)), "no_subtitles");
  EXPECT_EQ(judged(film("other.mkv", "1920x1080", "5", false)), "not_mp4");
  const std::string bytes = base::read_file(good).value();
  EXPECT_EQ(judged(written("cut.mp4", bytes.substr(0, bytes.size() / 2))), "broken");
  EXPECT_EQ(judged(written("a.mp4", "no film at all, really")), "not_mp4");
}

TEST_F(Files, AProgramIsEndedWhenItsTimeOrItsOutputIsOverAndReachesNoNetwork) {
  EXPECT_FALSE(run_program({"no-such-program-here"}));
  EXPECT_EQ(run_program({"sh", "-c", "printf hello; exit 3"})->out, "hello");
  EXPECT_TRUE(run_program({"sleep", "20"}, {.time = std::chrono::milliseconds(200)})->timed_out);
  EXPECT_TRUE(run_program({"yes"}, {.output_bytes = 1000})->too_much);
  EXPECT_NE(run_program({"sh", "-c", "echo x > " + (folder_ / "made").string()})->status, 0);
  EXPECT_EQ(run_program({"env"})->out.find("HOME="), std::string::npos);
  EXPECT_NE(run_program({"dd", "if=/dev/zero", "of=/dev/null", "bs=2G", "count=1"})->status, 0) << "memory is bounded";
}

TEST_F(Files, AFileComesInPartsAndGoesOnWhereItStopped) {
  const Applicant li = applicant("li");
  const Proposal one = draft(li, "x");
  const std::string bytes = pdf_of(3);
  const Upload upload =
      desk_->begin_upload(li, one.id, {"case", "案例.pdf", trust::fingerprint(bytes), bytes.size()}, now()).value();
  EXPECT_EQ(desk_->take_part(li, upload.id, 0, bytes.substr(0, 100)).value(), 100u);
  EXPECT_FALSE(desk_->take_part(li, upload.id, 200, "x")) << "a gap";
  EXPECT_FALSE(desk_->finish_upload(li, upload.id, now())) << "not all there";
  close_desk();
  open_desk();
  EXPECT_EQ(desk_->take_part(li, upload.id, 0, bytes.substr(0, 100)).value(), 100u) << "sent twice is there once";
  EXPECT_EQ(desk_->take_part(li, upload.id, 100, bytes.substr(100)).value(), bytes.size());
  EXPECT_FALSE(desk_->take_part(li, upload.id, bytes.size(), "more")) << "more than was said";
  const TakenFile taken = desk_->finish_upload(li, upload.id, now()).value();
  ASSERT_TRUE(taken.file);
  EXPECT_EQ(taken.file->sha256, trust::fingerprint(bytes));
  EXPECT_EQ(taken.file->pages, 3u);
  EXPECT_EQ(vault_->read(taken.file->id, 0, 1 << 20).value(), bytes);
}

TEST_F(Files, TwoGigabytesAreRefusedBeforeTheFirstByte) {
  const Applicant li = applicant("li");
  const Proposal one = draft(li, "x");
  const auto huge = desk_->begin_upload(li, one.id, {"case", "a.pdf", "", std::uint64_t{2} << 30}, now());
  ASSERT_FALSE(huge);
  EXPECT_THAT(huge.error().message,
              testing::StartsWith("the file has 2147483648 bytes, 1048576 at most are allowed here"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "uploads"));
  const Vault full = Vault::open(folder_.string(), std::uint64_t{1} << 60).value();
  const auto no_room = full.begin("0123456789abcdef01234567", 1, 0);
  ASSERT_FALSE(no_room);
  EXPECT_EQ(no_room.error().code, Errc::full);
}

TEST_F(Files, WhatIsRefusedLeavesNothingBehind) {
  const Applicant li = applicant("li");
  const Proposal one = draft(li, "x");
  const auto refusal = [&](const std::string& bytes) { return send(li, one.id, "case", bytes).value().refusal.code; };
  EXPECT_EQ(refusal(pdf_of(11)), "too_many_pages");
  EXPECT_EQ(refusal("no pdf"), "not_pdf");
  const std::string bytes = pdf_of(1);
  const Upload altered =
      desk_->begin_upload(li, one.id, {"case", "a", std::string(64, '0'), bytes.size()}, now()).value();
  ASSERT_TRUE(desk_->take_part(li, altered.id, 0, bytes));
  EXPECT_EQ(desk_->finish_upload(li, altered.id, now())->refusal.code, "altered");
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "uploads"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "files"));
  EXPECT_FALSE(send(li, one.id, "letter", bytes)) << "no such place";
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(send(li, one.id, "case", bytes)->file);
  EXPECT_FALSE(send(li, one.id, "case", bytes)) << "three at most";
}

TEST_F(Files, WhatWasReceivedStaysWhenItIsTakenOutAfterwards) {
  const Applicant li = applicant("li");
  const Proposal one = draft(li, "x");
  const StoredFile file = *send(li, one.id, "case", pdf_of(1))->file,
                   loose = *send(li, one.id, "case", pdf_of(2))->file;
  ASSERT_TRUE(desk_->drop_file(li, one.id, loose.id));
  EXPECT_FALSE(std::filesystem::exists(vault_->path(loose.id)));
  ASSERT_TRUE(desk_->submit(li, one.id, now()));
  ASSERT_TRUE(desk_->drop_file(li, one.id, file.id));
  EXPECT_TRUE(book_->files(one.id)->empty());
  EXPECT_TRUE(std::filesystem::exists(vault_->path(file.id)));
  EXPECT_FALSE(desk_->drop_file(applicant("wu"), one.id, file.id));
}

TEST_F(Files, AnUploadThatNobodyFinishesGoesAfterADay) {
  const Applicant li = applicant("li");
  const Proposal one = draft(li, "x");
  ASSERT_TRUE(desk_->begin_upload(li, one.id, {"case", "a.pdf", "", 100}, now()));
  clock_.advance_to(now() + std::chrono::hours(24));
  ASSERT_TRUE(desk_->look(now()));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "uploads"));
  EXPECT_TRUE(book_->uploads("")->empty());
}

}  // namespace
}  // namespace cityloop::awards
