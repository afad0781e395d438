// Seats together: roles are apart, and a whole cycle goes from seat to seat.
#include "access.h"

namespace cityloop::awards {
namespace {

TEST_F(Access, AnAccountWithTwoOfTheRolesIsLetInNowhere) {
  EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles/test-2026/desk", "both"), 403);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/sheets", "both"), 403);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles", "both"), 403);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles", "juror"), 200);
}

TEST_F(Access, AWholeCycleFromDraftToLibrary) {
  const std::string id = entered("applicant", "bridge"), other = entered("rival", "tunnel");
  for (const auto& [who, one] : {std::pair("applicant", id), std::pair("rival", other)})
    must(Method::post, "/api/v1/awards/entries/" + one + "/submit", who);
  steps(id, {"ask_information"});
  const JsonValue asked = must(Method::get, "/api/v1/awards/entries/" + id, "applicant");
  const double number = asked.find("questions")->array()->front().number_or("number", 0);
  must(Method::post, "/api/v1/awards/entries/" + id + "/answers", "applicant",
       fmt::format(R"({{"{}":"Here"}})", number));
  transferred(other);
  steps(other, {"accept_entry", "begin_review"});
  in_review(id);
  time_is("2026-06-20T00:00:00Z");
  for (const ScoreSheet& sheet : jury_book_->sheets_in("test-2026").value()) {
    const std::string juror = sheet.juror.substr(8), base = "/api/v1/awards/sheets/" + sheet.id;
    const int score = sheet.proposal == id ? 9 : 5;
    must(Method::put, base, juror, fmt::format(R"({{"scores":{{"effect":{},"novelty":{}}}}})", score, score));
    must(Method::post, base + "/submit", juror);
  }
  time_is("2026-07-04T00:00:00Z");
  const auto decide = [&](const std::string& one, const std::string& what) {
    return ask(Method::post, "/api/v1/awards/panel/" + one + "/decisions", "chair", what);
  };
  EXPECT_EQ(decide(id, R"({"outcome":"bonus","bonuses":["certified","certified"],"reason":"twice"})").status, 400)
      << "+2 at most";
  EXPECT_EQ(decide(id, R"({"outcome":"end_review"})").status, 400) << "every decision has a reason";
  EXPECT_EQ(decide(id, R"({"outcome":"bonus","bonuses":["certified"],"reason":"ISO"})").status, 200);
  const JsonValue ranking = must(Method::get, "/api/v1/awards/cycles/test-2026/ranking", "chair");
  EXPECT_EQ(ranking.find("standings")->array()->front().number_or("bonus", 0), 2);
  for (const std::string& one : {id, other})
    ASSERT_EQ(decide(one, R"({"outcome":"end_review","reason":"done"})").status, 200);
  EXPECT_EQ(decide(other, R"({"outcome":"not_shortlist","reason":"less effect"})").status, 200);
  EXPECT_EQ(decide(id, R"({"outcome":"shortlist","reason":"clear effect"})").status, 200);
  must(Method::post, "/api/v1/awards/entries/" + id + "/confirm", "applicant");
  EXPECT_EQ(decide(id, R"({"outcome":"award","reason":"best","prize":"City Award"})").status, 200);
  // In the library with consent only, without how anybody is reached, and out again on request.
  EXPECT_EQ(status(Method::get, "/public/v1/awards/library/T26-0001", ""), 404);
  must(Method::put, "/api/v1/awards/entries/" + id + "/publication", "applicant", R"({"consents":["library"]})");
  const Response shown = ask(Method::get, "/public/v1/awards/library/T26-0001", "");
  EXPECT_EQ(shown.status, 200);
  EXPECT_THAT(shown.body, testing::AllOf(HasSubstr("City Award"), Not(HasSubstr("a@b.org"))));
  const Response first_page = ask(Method::get, "/public/v1/awards/library", "");
  EXPECT_THAT(first_page.body, HasSubstr(R"("place":{"latDeg":31.2304,"lonDeg":121.4737})"));
  const std::string size = R"({"proposals":2,"applicants":2,"cases":0,"categories":{)";
  EXPECT_THAT(first_page.body, HasSubstr(R"("sizes":{"test-2026":)" + size));
  EXPECT_THAT(ask(Method::get, "/public/v1/awards/library?cursor=1", "").body, Not(HasSubstr("sizes")));
  EXPECT_THAT(ask(Method::get, "/api/v1/awards/cycles/test-2026/desk", "secretary").body,
              HasSubstr(R"("size":)" + size));
  EXPECT_THAT(ask(Method::get, "/public/v1/awards/library?q=bridge&year=2026", "").body, HasSubstr(R"("total":1)"));
  must(Method::put, "/api/v1/awards/entries/" + id + "/publication", "applicant", R"({"optOut":true})");
  EXPECT_EQ(status(Method::get, "/public/v1/awards/library/T26-0001", ""), 404);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/entries/" + other + "/certificate.pdf", "rival"), 409);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/entries/" + id + "/certificate.pdf", "rival"), 404);
  for (const char* language : {"zh", "en"}) {
    const Response pdf =
        ask(Method::get, "/api/v1/awards/entries/" + id + "/certificate.pdf?lang=" + language, "applicant");
    EXPECT_EQ(pdf.status, 200) << pdf.body;
    EXPECT_TRUE(pdf.body.starts_with("%PDF-"));
  }
  const Response zip = ask(Method::get, "/api/v1/awards/cycles/test-2026/export.zip", "secretary");
  EXPECT_EQ(zip.status, 200);
  for (const char* name : {"table.xlsx", "table.csv", "T26-0001/version-1.json", "T26-0001/receipt-1.json"})
    EXPECT_THAT(zip.body, HasSubstr(name));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "uploads"));
  // False data: even after the award.
  must(Method::post, "/api/v1/awards/proposals/" + id + "/steps", "secretary",
       R"({"verb":"disqualify","note":"false figures"})");
  EXPECT_EQ(seen(id).stage, "disqualified");
}

}  // namespace
}  // namespace cityloop::awards
