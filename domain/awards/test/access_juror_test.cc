// What a juror is given: the own sheets, without what is hidden; votes.
#include "access.h"

namespace cityloop::awards {
namespace {

TEST_F(Access, ASheetIsItsJurorsAloneAndShowsNoHiddenField) {
  const std::string id = entered("applicant", "bridge");
  must(Method::post, "/api/v1/awards/entries/" + id + "/submit", "applicant");
  const std::string sheet = in_review(id);
  const std::string base = "/api/v1/awards/sheets/" + sheet;
  const Response own = ask(Method::get, base, "juror");
  EXPECT_EQ(own.status, 200);
  EXPECT_THAT(own.body, testing::AllOf(HasSubstr("bridge"), Not(HasSubstr("City hall")), Not(HasSubstr("a@b.org"))));
  time_is("2026-06-20T00:00:00Z");
  for (const auto& [method, tail] :
       {std::pair(Method::get, ""), std::pair(Method::put, ""), std::pair(Method::post, "/submit"),
        std::pair(Method::post, "/conflict"), std::pair(Method::get, "/files/x")}) {
    EXPECT_EQ(status(method, base + tail, "juror2", method == Method::put ? R"({"scores":{"effect":1}})" : "{}"), 404)
        << tail;
    for (const char* who : {"applicant", "secretary", "chair", "auditor", "admin"})
      EXPECT_EQ(status(method, base + tail, who, "{}"), 403) << who << tail;
  }
  EXPECT_EQ(jury_book_->sheet(sheet)->value().scores, "{}");
}

TEST_F(Access, AJurorWithAConflictSeesNothingMoreOfIt) {
  const std::string id = entered("applicant", "bridge");
  must(Method::post, "/api/v1/awards/entries/" + id + "/submit", "applicant");
  const std::string base = "/api/v1/awards/sheets/" + in_review(id);
  EXPECT_EQ(status(Method::post, base + "/conflict", "juror", "{}"), 400) << "why";
  must(Method::post, base + "/conflict", "juror", R"({"why":"my brother wrote it"})");
  EXPECT_THAT(ask(Method::get, base, "juror").body, Not(HasSubstr("bridge")));
  time_is("2026-06-20T00:00:00Z");
  EXPECT_EQ(status(Method::put, base, "juror", R"({"scores":{"effect":1}})"), 409);
}

TEST_F(Access, PrizesAreGivenByNominationAndVote) {
  for (const char* name : {"juror", "juror2"})
    must(Method::put, fmt::format("/api/v1/awards/cycles/test-2026/jurors/program:{}", name), "secretary",
         R"({"name":"J"})");
  const std::string path = "/api/v1/awards/cycles/test-2026";
  const std::string a =
      must(Method::post, path + "/nominations", "secretary", R"({"prize":"leader","name":"Ada","statement":"leads"})")
          .text_or("id", "");
  const std::string b = must(Method::post, path + "/nominations", "secretary",
                             R"({"prize":"leader","name":"Bo","statement":"leads too"})")
                            .text_or("id", "");
  EXPECT_EQ(status(Method::post, path + "/nominations", "juror", "{}"), 403);
  const auto vote = [&](const char* who, const std::string& whom) {
    return status(Method::put, path + "/prizes/leader/vote", who, fmt::format(R"({{"nomination":"{}"}})", whom));
  };
  EXPECT_EQ(vote("juror", a), 204);
  EXPECT_EQ(vote("juror2", a), 204);
  EXPECT_EQ(vote("juror2", b), 204) << "one vote each: the last counts";
  EXPECT_EQ(vote("chair", b), 403);
  EXPECT_EQ(vote("juror", "no such"), 404);
  const std::string prize = path + "/prizes/leader";
  EXPECT_THAT(ask(Method::get, prize, "juror").body, Not(HasSubstr("votes")));
  EXPECT_THAT(ask(Method::get, prize, "juror2").body, HasSubstr(fmt::format(R"("mine":["{}"])", b)));
  const auto counted = [&] { return must(Method::get, prize, "chair").find("counts")->array()->at(0); };
  EXPECT_EQ(counted().find("candidates")->array()->at(0).number_or("votes", 0), 1);
  EXPECT_THAT(counted().dump(), testing::AllOf(HasSubstr(R"("tied":true)"), Not(HasSubstr(R"("elected":true)"))))
      << "one voice each: the chair decides";
  EXPECT_EQ(vote("juror2", a), 204);
  const JsonValue first = counted().find("candidates")->array()->at(0);
  EXPECT_EQ(first.text_or("nomination", ""), a);
  EXPECT_THAT(first.dump(), testing::AllOf(HasSubstr(R"("votes":2)"), HasSubstr(R"("elected":true)")));
  must(Method::del, path + "/jurors/program:juror", "secretary");
  EXPECT_EQ(counted().number_or("voices", 0), 1) << "who has left the jury has no voice";
}

}  // namespace
}  // namespace cityloop::awards
