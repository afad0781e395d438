// What the secretary alone is given: proposals as they were received, masking, likeness.
#include "access.h"

namespace cityloop::awards {
namespace {

TEST_F(Access, OnceSubmittedTheSecretaryReadsItAndNoOtherRoleDoes) {
  const std::string id = entered("applicant", "secret");
  const std::string file = uploaded("applicant", id);
  must(Method::post, "/api/v1/awards/entries/" + id + "/submit", "applicant");
  const std::string base = "/api/v1/awards/proposals/" + id;
  EXPECT_EQ(status(Method::get, base, "secretary"), 200);
  const std::string pdf = base + "/files/" + file, step = base + "/steps";
  EXPECT_EQ(status(Method::get, pdf, "secretary"), 200);
  for (const char* who : {"applicant", "rival", "juror", "chair", "auditor", "admin", "operator"}) {
    EXPECT_EQ(status(Method::get, base, who), 403) << who;
    EXPECT_EQ(status(Method::get, pdf, who), 403) << who;
    EXPECT_EQ(status(Method::post, step, who, R"({"verb":"accept_entry"})"), 403) << who;
  }
  EXPECT_EQ(seen(id).stage, "submitted");
  // The chair sees a number, and no applicant; the auditor that and when it was received.
  EXPECT_THAT(ask(Method::get, "/api/v1/awards/cycles/test-2026/audit", "auditor").body,
              testing::AllOf(HasSubstr("T26-0001"), Not(HasSubstr("secret")), Not(HasSubstr("example.org"))));
  // Nor is it in the library before it was chosen.
  EXPECT_THAT(ask(Method::get, "/public/v1/awards/library", "").body, HasSubstr(R"("total":0)"));
  EXPECT_EQ(status(Method::get, "/public/v1/awards/library/T26-0001", ""), 404);
}

TEST_F(Access, InADoubleBlindCycleJurorsSeeWhatWasReleasedMasked) {
  const std::string id = entered("applicant", "Rivertown bridge", "blind-26");
  const std::string file = uploaded("applicant", id, pdf_saying("Built by applicant Works, Rivertown"));
  must(Method::post, "/api/v1/awards/entries/" + id + "/submit", "applicant");
  const std::string sheet = in_review(id, "blind-26");
  const std::string juror = jury_book_->sheet(sheet)->value().juror.substr(8);
  const std::string base = "/api/v1/awards/sheets/" + sheet;
  EXPECT_EQ(status(Method::get, base, juror), 409) << "not before release";
  EXPECT_EQ(status(Method::post, "/api/v1/awards/proposals/" + id + "/masking/release", "secretary", "{}"), 409);
  const JsonValue done = masked(id);
  EXPECT_EQ(done.text_or("state", ""), "done");
  EXPECT_EQ(done.number_or("version", 0), 1);
  EXPECT_THAT(done.find("report")->dump(), HasSubstr(R"("original":"applicant Works, Rivertown")"))
      << "found in the PDF";
  EXPECT_EQ(status(Method::get, base, juror), 409) << "masked, and not yet released";
  must(Method::post, "/api/v1/awards/proposals/" + id + "/masking/release", "secretary",
       fmt::format(R"({{"files":["{}"]}})", file));
  const Response copy = ask(Method::get, base + "/files/" + file, juror);
  EXPECT_TRUE(copy.body.starts_with("%PDF-")) << copy.body;
  EXPECT_EQ(text_of_pdf(copy.body), "\f") << "pictures of pages and no text";
  const Response own = ask(Method::get, base, juror);
  EXPECT_EQ(own.status, 200);
  EXPECT_THAT(own.body,
              testing::AllOf(Not(HasSubstr("Rivertown")), Not(HasSubstr("B26-0001")), Not(HasSubstr("City hall")),
                             Not(HasSubstr("a@b.org")), HasSubstr("short"), Not(HasSubstr("121.4737"))));
}

// Reading pages takes minutes; who submits in the last of them is not to wait for it, nor is who asked for it.
TEST_F(Access, WhileAProposalIsMaskedEverybodyGoesOnAndJurorsSeeNothing) {
  const std::string id = entered("applicant", "bridge", "blind-26");
  uploaded("applicant", id);
  must(Method::post, "/api/v1/awards/entries/" + id + "/submit", "applicant");
  const std::string sheet = in_review(id, "blind-26"), other = entered("rival", "tunnel", "blind-26");
  const std::string juror = jury_book_->sheet(sheet)->value().juror.substr(8);
  const std::string masking = "/api/v1/awards/proposals/" + id + "/masking";
  EXPECT_EQ(must(Method::get, masking, "secretary").text_or("state", ""), "none");
  masked(id);
  must(Method::post, masking + "/release", "secretary", "{}");
  EXPECT_EQ(status(Method::get, "/api/v1/awards/sheets/" + sheet, juror), 200);
  std::promise<void> go_on;
  ASSERT_TRUE(study_->post([waits = go_on.get_future()]() mutable { waits.wait(); }));
  EXPECT_EQ(must(Method::put, masking, "secretary", R"({"mask":["bridge"]})").text_or("state", ""), "waiting");
  EXPECT_EQ(status(Method::put, masking, "secretary", "{}"), 409) << "one at a time";
  EXPECT_EQ(status(Method::post, masking + "/release", "secretary", "{}"), 409);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/sheets/" + sheet, juror), 409) << "from the moment it was asked for";
  EXPECT_EQ(status(Method::post, "/api/v1/awards/entries/" + other + "/submit", "rival"), 200);
  EXPECT_EQ(must(Method::get, masking, "secretary").text_or("state", ""), "waiting");
  go_on.set_value();
  const JsonValue done = finished(id);
  EXPECT_EQ(done.text_or("state", ""), "done");
  EXPECT_EQ(done.find("decisions")->dump(), R"({"mask":["bridge"]})");
  EXPECT_EQ(status(Method::get, "/api/v1/awards/sheets/" + sheet, juror), 409) << "masked anew, and not released";
  for (const char* who : {"applicant", "juror", "chair", "auditor", "admin"})
    EXPECT_EQ(status(Method::get, masking, who), 403) << who;
}

TEST_F(Access, PagesAreToldAsTheyAreReadAndDrawn) {
  const std::string id = entered("applicant", "bridge", "blind-26");
  uploaded("applicant", id, pdf_of(2));
  must(Method::post, "/api/v1/awards/entries/" + id + "/submit", "applicant");
  std::vector<int> told;
  base::JsonWriter report;
  const auto page_done = [&] { return told.push_back(int(told.size())), told.size() < 3; };
  const base::Status stopped = secretariat_->mask(seen(id), *JsonValue::parse("{}"), now(), page_done, report.object());
  ASSERT_FALSE(stopped) << "it was told to stop at the third";
  EXPECT_EQ(stopped.error().code, base::Errc::unavailable);
  EXPECT_EQ(told.size(), 3u) << "two read, and one drawn";
  EXPECT_FALSE(jury_book_->masking(id).value()) << "half a masking is none";
}

TEST_F(Access, MaskingThatAStopCameBetweenIsDoneAfterIt) {
  const std::string id = entered("applicant", "bridge", "blind-26");
  uploaded("applicant", id);
  must(Method::post, "/api/v1/awards/entries/" + id + "/submit", "applicant");
  std::promise<void> go_on;
  ASSERT_TRUE(study_->post([waits = go_on.get_future()]() mutable { waits.wait(); }));
  must(Method::put, "/api/v1/awards/proposals/" + id + "/masking", "secretary", R"({"keep":["x"]})");
  // The server stops: what runs ends, what waits is dropped.
  const serve::BackRoom* const room = study_.get();
  std::thread stop([&] { study_.reset(); });
  while (!room->stopping()) std::this_thread::yield();
  go_on.set_value();
  stop.join();
  EXPECT_FALSE(jury_book_->masking(id).value());
  study_ = std::make_unique<serve::BackRoom>();
  MaskingRuns again(*desk_, *jury_, *secretariat_, *study_);
  ASSERT_TRUE(again.look());
  EXPECT_EQ(finished(id).text_or("state", ""), "done");
  EXPECT_EQ(jury_book_->masking(id).value()->decisions, R"({"keep":["x"]})");
  study_.reset();
}

TEST_F(Access, AnAssignmentIsShownPageByPageToWhoAskedForIt) {
  for (const auto& [who, title] :
       {std::pair("applicant", "bridge"), std::pair("applicant", "tunnel"), std::pair("rival", "ferry")}) {
    const std::string id = entered(who, title);
    must(Method::post, "/api/v1/awards/entries/" + id + "/submit", who);
    steps(id, {"accept_entry"});
  }
  const std::string path = "/api/v1/awards/cycles/test-2026/assignments";
  must(Method::put, "/api/v1/awards/cycles/test-2026/jurors/program:juror", "secretary",
       R"({"name":"J","keyWords":["data"],"loadMax":2})");
  must(Method::put, "/api/v1/awards/cycles/test-2026/jurors/program:juror2", "secretary",
       R"({"name":"K","keyWords":["data"],"loadMax":9,"organisations":["rival Works"]})");
  EXPECT_EQ(status(Method::get, path, "secretary"), 404) << "nothing is proposed yet";
  const JsonValue sums = must(Method::post, path, "secretary", "{}");
  EXPECT_EQ(sums.number_or("proposals", 0), 3);
  EXPECT_EQ(sums.number_or("reviews", 0), 4);
  EXPECT_EQ(sums.number_or("lacking", 0), 2);
  EXPECT_EQ(sums.find("loads")->array()->front().number_or("count", 0), 2);
  std::vector<std::string> numbers;
  double reviews = 0;
  for (std::string cursor = "0"; !cursor.empty();) {
    const JsonValue page = must(Method::get, path + "?limit=1&cursor=" + cursor, "secretary");
    EXPECT_EQ(page.number_or("total", 0), 3);
    ASSERT_EQ(page.find("rows")->array()->size(), 1u);
    const JsonValue& row = page.find("rows")->array()->front();
    numbers.push_back(row.text_or("number", ""));
    reviews += double(row.find("pairs")->array()->size());
    EXPECT_EQ(row.find("lack")->object() != nullptr, numbers.size() <= 2) << "those that lack reviews come first";
    if (row.text_or("number", "") == "T26-0003") EXPECT_THAT(row.dump(), HasSubstr(R"("why":"organisation")"));
    cursor = page.text_or("next", "");
  }
  EXPECT_EQ(std::set(numbers.begin(), numbers.end()).size(), 3u);
  EXPECT_EQ(reviews, 4);
  EXPECT_EQ(must(Method::get, path + "?q=T26-0002", "secretary").number_or("total", 0), 1);
  for (const char* who : {"applicant", "juror", "chair", "auditor", "admin", "both"})
    EXPECT_EQ(status(Method::get, path, who), 403) << who;
}

TEST_F(Access, TheSecretaryAloneSeesWhichProposalsSayTheSame) {
  const std::string copied = "以数据底座贯通十二个部门的城市运行管理服务平台建设实践";
  const std::string first = entered("applicant", copied), second = entered("rival", "再论" + copied);
  const std::string path = "/api/v1/awards/cycles/test-2026/near-duplicates";
  must(Method::post, "/api/v1/awards/entries/" + first + "/submit", "applicant");
  EXPECT_THAT(ask(Method::get, path, "secretary").body, HasSubstr(R"("total":0)")) << "drafts are nobody's to compare";
  must(Method::post, "/api/v1/awards/entries/" + second + "/submit", "rival");
  const JsonValue pair = must(Method::get, path, "secretary").find("pairs")->array()->at(0);
  EXPECT_EQ(pair.find("a")->text_or("number", ""), "T26-0001");
  EXPECT_EQ(pair.find("b")->text_or("number", ""), "T26-0002");
  EXPECT_THAT(pair.find("sameApplicant")->boolean(), testing::Pointee(false));
  EXPECT_GT(pair.number_or("contained", 0), 0.7);
  EXPECT_THAT(pair.find("passages")->array()->at(0).text_or("a", ""), HasSubstr(copied));
  EXPECT_THAT(ask(Method::get, path, "secretary").body, Not(HasSubstr("City hall"))) << "a field that is hidden";
  for (const char* who : {"applicant", "juror", "chair", "auditor", "admin", "both"})
    EXPECT_EQ(status(Method::get, path, who), 403) << who;
  must(Method::post, "/api/v1/awards/entries/" + second + "/withdraw", "rival");
  EXPECT_THAT(ask(Method::get, path, "secretary").body, HasSubstr(R"("total":0)"));
}

}  // namespace
}  // namespace cityloop::awards
