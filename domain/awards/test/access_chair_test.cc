// What the chair is given, and when: scores after the round has closed, sealed ones by keys.
#include "access.h"

namespace cityloop::awards {
namespace {

TEST_F(Access, ScoresAreSealedUntilTheRoundHasClosed) {
  const std::string id = entered("applicant", "bridge");
  must(Method::post, "/api/v1/awards/entries/" + id + "/submit", "applicant");
  const std::string sheet = in_review(id);
  const std::string base = "/api/v1/awards/sheets/" + sheet;
  EXPECT_EQ(status(Method::put, base, "juror", R"({"scores":{"effect":7}})"), 409) << "the round has not opened";
  time_is("2026-06-20T00:00:00Z");
  must(Method::put, base, "juror", R"({"scores":{"effect":7}})");
  EXPECT_EQ(status(Method::post, base + "/submit", "juror"), 400) << "a score is missing";
  EXPECT_EQ(status(Method::put, base, "juror", R"({"scores":{"effect":11}})"), 400);
  EXPECT_EQ(status(Method::put, base, "juror", R"({"scores":{"effect":7.5}})"), 400);
  must(Method::put, base, "juror", R"({"scores":{"effect":7,"novelty":8},"comment":"well done"})");
  must(Method::post, base + "/submit", "juror");
  EXPECT_EQ(log_.subjects.back(), fmt::format("sheet {}/1", sheet));
  // A change needs a reason, and what was before stays.
  must(Method::put, base, "juror", R"({"scores":{"effect":9,"novelty":9}})");
  EXPECT_EQ(status(Method::post, base + "/submit", "juror"), 400);
  must(Method::post, base + "/submit", "juror", R"({"reason":"I had misread the figures"})");
  ASSERT_EQ(jury_book_->versions(sheet)->size(), 2u);
  EXPECT_EQ(jury_book_->versions(sheet)->front().scores, R"({"effect":7,"novelty":8})");
  // Nobody but the juror sees any of it.
  EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles/test-2026/ranking", "chair"), 409);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/panel/" + id, "chair"), 409);
  for (const auto& [who, path] : {std::pair("secretary", "/api/v1/awards/proposals/" + id),
                                  std::pair("secretary", std::string("/api/v1/awards/cycles/test-2026/desk")),
                                  std::pair("auditor", std::string("/api/v1/awards/cycles/test-2026/audit")),
                                  std::pair("applicant", "/api/v1/awards/entries/" + id)})
    EXPECT_THAT(ask(Method::get, path, who).body,
                testing::AllOf(Not(HasSubstr("well done")), Not(HasSubstr(R"("effect":9)"))))
        << path;
  time_is("2026-07-02T15:59:59.999Z");
  EXPECT_EQ(status(Method::get, "/api/v1/awards/panel/" + id, "chair"), 409);
  EXPECT_EQ(status(Method::post, "/api/v1/awards/panel/" + id + "/decisions", "chair",
                   R"({"outcome":"end_review","reason":"x"})"),
            409);
  time_is("2026-07-03T16:00:00Z");
  EXPECT_THAT(ask(Method::get, "/api/v1/awards/panel/" + id, "chair").body, HasSubstr("well done"));
  EXPECT_THAT(ask(Method::get, "/api/v1/awards/cycles/test-2026/ranking", "chair").body, HasSubstr(R"("raw":18)"));
  EXPECT_EQ(status(Method::put, base, "juror", R"({"scores":{"effect":1}})"), 409) << "and nothing changes any more";
  for (const char* who : {"secretary", "juror", "auditor", "applicant", "admin"})
    EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles/test-2026/ranking", who), 403) << who;
}

// Locked to holders of keys: what was handed in is in no table until two of them have come.
TEST_F(Access, ALockedReviewIsReadByNobodyBeforeItsHoldersOpenIt) {
  const std::string id = entered("applicant", "bridge");
  must(Method::post, "/api/v1/awards/entries/" + id + "/submit", "applicant");
  const std::string base = "/api/v1/awards/sheets/" + in_review(id), seal = "/api/v1/awards/cycles/test-2026/seal";
  EXPECT_EQ(status(Method::get, seal, "chair"), 404);
  const auto chair = trust::SealingPair::make(), auditor = trust::SealingPair::make();
  const std::string holders =
      fmt::format(R"({{"holders":[{{"role":"chair","key":"{}"}},{{"role":"auditor","key":"{}"}}]}})",
                  base::to_hex(chair.public_key()), base::to_hex(auditor.public_key()));
  for (const char* who : {"applicant", "juror", "chair", "auditor", "admin", "operator", "both"})
    EXPECT_EQ(status(Method::put, seal, who, holders), 403) << who;
  EXPECT_EQ(status(Method::put, seal, "secretary", R"({"holders":[]})"), 400);
  must(Method::put, seal, "secretary", holders);
  EXPECT_EQ(status(Method::put, seal, "secretary", holders), 409) << "a lock stays";
  time_is("2026-06-20T00:00:00Z");
  must(Method::put, base, "juror", R"({"scores":{"effect":8,"novelty":5},"comment":"a word that stands out"})");
  const JsonValue receipt = must(Method::post, base + "/submit", "juror");
  EXPECT_TRUE(Receipt::parse(receipt.dump()).value().check_content()) << "the juror alone has it now";
  const auto stored = [&] { return jury_book_->versions(base.substr(base.rfind('/') + 1)).value().back(); };
  EXPECT_EQ(stored().scores, "{}");
  EXPECT_EQ(stored().comment, "");
  const std::string pass = "a passphrase of many letters";
  const auto key_of = [&](const trust::SealingPair& pair) {
    return fmt::format(R"({{"wrapped":{},"passphrase":"{}"}})", wrap_key("holder", pair, pass).value(), pass);
  };
  EXPECT_EQ(status(Method::post, seal + "/chair-key", "chair", key_of(chair)), 409) << "not before it closes";
  time_is("2026-07-03T16:00:00Z");
  EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles/test-2026/ranking", "chair"), 409);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/panel/" + id, "chair"), 409);
  EXPECT_EQ(status(Method::post, seal + "/chair-key", "auditor", key_of(chair)), 403);
  EXPECT_EQ(status(Method::post, seal + "/auditor-key", "secretary", key_of(auditor)), 403);
  EXPECT_EQ(status(Method::post, seal + "/chair-key", "chair", key_of(trust::SealingPair::make())), 403);
  must(Method::post, seal + "/chair-key", "chair", key_of(chair));
  EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles/test-2026/ranking", "chair"), 409);
  const JsonValue opened = must(Method::post, seal + "/auditor-key", "auditor", key_of(auditor));
  EXPECT_TRUE(opened.find("unsealedEntry")->number()) << opened.dump();
  EXPECT_TRUE(opened.find("wrong")->array()->empty());
  EXPECT_THAT(ask(Method::get, "/api/v1/awards/panel/" + id, "chair").body, HasSubstr("a word that stands out"));
  EXPECT_THAT(stored().scores, HasSubstr(R"("effect":8)"));
  EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles/test-2026/ranking", "chair"), 200);
}

// The lock is in the public log with its time; a file that says another would open or close the round unseen.
TEST_F(Access, AWindowThatIsMovedAfterItsLockIsToldAndNotRunWith) {
  EXPECT_TRUE(jury_->check_locks());
  const auto chair = trust::SealingPair::make(), auditor = trust::SealingPair::make();
  must(Method::put, "/api/v1/awards/cycles/test-2026/seal", "secretary",
       fmt::format(R"({{"holders":[{{"role":"chair","key":"{}"}},{{"role":"auditor","key":"{}"}}]}})",
                   base::to_hex(chair.public_key()), base::to_hex(auditor.public_key())));
  EXPECT_TRUE(jury_->check_locks());
  const auto review = std::ranges::find(cycles_[0].stages, "review", &StageWindow::id);
  review->when.closes += std::chrono::hours(24);
  const base::Status moved = jury_->check_locks();
  ASSERT_FALSE(moved);
  EXPECT_THAT(moved.error().message, testing::AllOf(HasSubstr("test-2026"), HasSubstr("2026-07-04 00:00:00"),
                                                    HasSubstr("2026-07-05 00:00:00")));
  review->when = {};
  EXPECT_THAT(jury_->check_locks().error().message, HasSubstr("never"));
}

TEST_F(Access, HowFarJurorsAgreeIsTheChairsToSeeWhenTheRoundHasClosed) {
  for (const char* title : {"one", "two", "three"}) {
    const std::string id = entered(title == std::string("three") ? "rival" : "applicant", title);
    must(Method::post, "/api/v1/awards/entries/" + id + "/submit",
         title == std::string("three") ? "rival" : "applicant");
    in_review(id);
  }
  time_is("2026-06-20T00:00:00Z");
  int score = 2;
  for (const ScoreSheet& sheet : jury_book_->sheets_in("test-2026").value()) {
    const std::string base = "/api/v1/awards/sheets/" + sheet.id, juror = sheet.juror.substr(8);
    const int one = sheet.proposal.front() % 7 + int(juror == "juror2");
    must(Method::put, base, juror, fmt::format(R"({{"scores":{{"effect":{},"novelty":{}}}}})", one, ++score));
    must(Method::post, base + "/submit", juror);
  }
  const std::string path = "/api/v1/awards/cycles/test-2026/agreement";
  EXPECT_EQ(status(Method::get, path, "chair"), 409) << "it would tell of scores";
  time_is("2026-07-03T16:00:00Z");
  const JsonValue told = must(Method::get, path, "chair");
  EXPECT_EQ(told.number_or("proposals", 0), 3);
  EXPECT_EQ(told.number_or("raters", 0), 2);
  EXPECT_EQ(told.number_or("sheets", 0), 6);
  const auto& dimensions = *told.find("dimensions")->array();
  ASSERT_EQ(dimensions.size(), 3u) << "effect, novelty, and all of it";
  EXPECT_EQ(dimensions[2].text_or("dimension", "x"), "");
  for (const JsonValue& one : dimensions) {
    EXPECT_EQ(one.number_or("scores", 0), 6);
    for (const JsonValue* interval : {one.find("alpha"), one.find("icc")->find("one"), one.find("icc")->find("mean")}) {
      EXPECT_LE(interval->number_or("low", 9), interval->number_or("value", -9)) << one.dump();
      EXPECT_GE(interval->number_or("high", -9), interval->number_or("value", 9)) << one.dump();
    }
  }
  for (const char* who : {"applicant", "juror", "secretary", "auditor", "admin", "both"})
    EXPECT_EQ(status(Method::get, path, who), 403) << who;
}

}  // namespace
}  // namespace cityloop::awards
