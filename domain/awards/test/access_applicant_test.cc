// What is an applicant's own: drafts, uploads, files; and how what is refused is said.
#include "access.h"

namespace cityloop::awards {
namespace {

constexpr const char* kEverybodyElse[] = {"secretary", "juror", "chair", "auditor", "admin", "operator"};

TEST_F(Access, ADraftIsItsApplicantsAlone) {
  const std::string id = entered("applicant", "secret");
  const std::string file = uploaded("applicant", id);
  entered("rival", "other");
  const std::string base = "/api/v1/awards/entries/" + id;
  EXPECT_EQ(status(Method::get, base, "applicant"), 200);
  EXPECT_EQ(status(Method::get, base + "/files/" + file, "applicant"), 200);
  // Another applicant hears the same as of an id that nobody has.
  const std::string absent = "/api/v1/awards/entries/0123456789abcdef01234567";
  for (const auto& [method, tail, body] :
       {std::tuple(Method::get, "", ""), std::tuple(Method::put, "", R"({"revision":1})"),
        std::tuple(Method::del, "", ""), std::tuple(Method::post, "/submit", ""),
        std::tuple(Method::post, "/answers", ""), std::tuple(Method::post, "/transfer", R"({"agree":true})"),
        std::tuple(Method::post, "/withdraw", ""), std::tuple(Method::post, "/confirm", ""),
        std::tuple(Method::put, "/publication", ""), std::tuple(Method::get, "/receipts/1", ""),
        std::tuple(Method::post, "/uploads", R"({"slot":"case","name":"a","bytes":9})")}) {
    const Response others = ask(method, base + tail, "rival", body),
                   nobodys = ask(method, absent + tail, "rival", body);
    EXPECT_EQ(others.status, 404) << tail;
    EXPECT_EQ(others.body, nobodys.body) << tail;
  }
  EXPECT_EQ(status(Method::get, base + "/files/" + file, "rival"), 404);
  EXPECT_EQ(status(Method::del, base + "/files/" + file, "rival"), 404);
  for (const char* who : kEverybodyElse) EXPECT_EQ(status(Method::get, base, who), 403) << who;
  EXPECT_EQ(status(Method::get, base, ""), 401);
  // The secretary is not shown drafts, neither one nor in a list.
  EXPECT_EQ(status(Method::get, "/api/v1/awards/proposals/" + id, "secretary"), 404);
  EXPECT_THAT(ask(Method::get, "/api/v1/awards/cycles/test-2026/proposals", "secretary").body,
              Not(HasSubstr("secret")));
}

TEST_F(Access, AnUploadIsItsApplicantsAlone) {
  const std::string id = entered("applicant", "x");
  entered("rival", "y");
  const std::string upload = must(Method::post, "/api/v1/awards/entries/" + id + "/uploads", "applicant",
                                  R"({"slot":"case","name":"a.pdf","bytes":9})")
                                 .text_or("id", "");
  const std::string base = "/api/v1/awards/uploads/" + upload;
  EXPECT_EQ(status(Method::put, base + "/0", "rival", "%PDF"), 404);
  EXPECT_EQ(status(Method::post, base + "/finish", "rival"), 404);
  EXPECT_EQ(status(Method::del, base, "rival"), 404);
  EXPECT_EQ(status(Method::put, base + "/0", "applicant", "%PDF"), 200);
  EXPECT_EQ(status(Method::put, base + "/x", "applicant", "%PDF"), 400);
  EXPECT_EQ(status(Method::post, "/api/v1/awards/entries/" + id + "/uploads", "applicant",
                   R"({"slot":"case","name":"a.pdf","bytes":2147483648})"),
            400);
}

TEST_F(Access, WhatIsRefusedSaysWhyInBothLanguages) {
  const std::string id = entered("applicant", "x");
  const std::string bytes = pdf_of(11);
  const std::string upload = must(Method::post, "/api/v1/awards/entries/" + id + "/uploads", "applicant",
                                  fmt::format(R"({{"slot":"case","name":"a.pdf","bytes":{}}})", bytes.size()))
                                 .text_or("id", "");
  must(Method::put, "/api/v1/awards/uploads/" + upload + "/0", "applicant", bytes);
  const Response told = ask(Method::post, "/api/v1/awards/uploads/" + upload + "/finish", "applicant");
  EXPECT_EQ(told.status, 422);
  EXPECT_THAT(told.body,
              testing::AllOf(HasSubstr("too_many_pages"), HasSubstr("共 11 页，最多 10 页"), HasSubstr("11 pages")));
  must(Method::put, "/api/v1/awards/entries/" + id, "applicant", R"({"revision":1,"answers":{}})");
  const Response lacking = ask(Method::post, "/api/v1/awards/entries/" + id + "/submit", "applicant");
  EXPECT_EQ(lacking.status, 422);
  EXPECT_THAT(lacking.body, testing::AllOf(HasSubstr(R"("where":"title")"), HasSubstr("尚未填写")));
}

TEST_F(Access, FilesLeaveAsWhatTheyAreAndInASandbox) {
  const std::string id = entered("applicant", "x");
  const std::string file = uploaded("applicant", id);
  const Response got = ask(Method::get, "/api/v1/awards/entries/" + id + "/files/" + file, "applicant");
  EXPECT_EQ(got.content_type, "application/pdf");
  std::map<std::string, std::string> headers(got.headers.begin(), got.headers.end());
  EXPECT_EQ(headers["X-Content-Type-Options"], "nosniff");
  EXPECT_EQ(headers["Content-Disposition"], "attachment; filename*=UTF-8''the%20plan.pdf");
  EXPECT_THAT(headers["Content-Security-Policy"], HasSubstr("sandbox"));
  EXPECT_THAT(headers["Cache-Control"], HasSubstr("no-store"));
}

}  // namespace
}  // namespace cityloop::awards
