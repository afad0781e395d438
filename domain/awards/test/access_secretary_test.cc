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
  const Response report = ask(Method::put, "/api/v1/awards/proposals/" + id + "/masking", "secretary", "{}");
  EXPECT_EQ(report.status, 200) << report.body;
  EXPECT_THAT(report.body, HasSubstr(R"("original":"applicant Works, Rivertown")")) << "found in the PDF";
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

// Reading pages takes minutes; who submits in the last of them is not to wait for it.
TEST_F(Access, WhileProposalsAreMaskedEverybodyElseGoesOnAndJurorsSeeNothing) {
  const std::string id = entered("applicant", "bridge", "blind-26");
  must(Method::post, "/api/v1/awards/entries/" + id + "/submit", "applicant");
  const std::string sheet = in_review(id, "blind-26"), other = entered("rival", "tunnel", "blind-26");
  const std::string juror = jury_book_->sheet(sheet)->value().juror.substr(8);
  const std::string masking = "/api/v1/awards/proposals/" + id + "/masking";
  must(Method::put, masking, "secretary", "{}");
  must(Method::post, masking + "/release", "secretary", "{}");
  EXPECT_EQ(status(Method::get, "/api/v1/awards/sheets/" + sheet, juror), 200);
  std::promise<void> go_on;
  ASSERT_TRUE(study_->post([waits = go_on.get_future()]() mutable { waits.wait(); }));
  std::future<int> masked =
      std::async(std::launch::async, [&] { return status(Method::put, masking, "secretary", "{}"); });
  EXPECT_EQ(status(Method::post, "/api/v1/awards/entries/" + other + "/submit", "rival"), 200);
  EXPECT_EQ(masked.wait_for(std::chrono::milliseconds(0)), std::future_status::timeout);
  go_on.set_value();
  EXPECT_EQ(masked.get(), 200);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/sheets/" + sheet, juror), 409) << "masked anew, and not released";
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
