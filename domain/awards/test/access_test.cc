// Roles × objects: who is given what of which proposal, sheet and file. Every denial is asked through the routes, as
// somebody would who guesses addresses.
#include <condition_variable>
#include <future>
#include <optional>

#include "award_city.h"
#include "base/file.h"
#include "base/text_of_bytes.h"
#include "domain/awards/desk/juror_routes.h"
#include "domain/awards/desk/secretary_routes.h"
#include "domain/awards/entry/entry_routes.h"
#include "domain/awards/entry/program.h"
#include "domain/awards/trust/round_routes.h"
#include "net/url.h"

namespace cityloop::awards {
namespace {

using net::Method;
using net::Response;
using testing::HasSubstr;
using testing::Not;

class Access : public AwardCity {
 protected:
  Access() {
    cycles_.push_back(read_cycle(blind_cycle(), "blind.toml").value());
    accounts_ = trust::Accounts::open((folder_ / "accounts.json").string(), clock_).value();
    guard_ = std::make_unique<serve::Guard>(*accounts_, policy_);
    jury_book_ = JuryBook::open(*book_).value();
    record_ = Record::open(folder_.string() + "/record", clock_).value();
    rounds_ = Rounds::open(folder_.string() + "/record", *record_).value();
    jury_ = std::make_unique<JuryDesk>(*desk_, *jury_book_, rounds_.get());
    secretariat_ = std::make_unique<Secretariat>(*desk_, *jury_);
    studies_ = std::make_unique<Studies>(*jury_);
    back_ = std::make_unique<serve::BackRoom>();
    study_ = std::make_unique<serve::BackRoom>();
    office_ = std::make_unique<Office>(Office{*guard_, clock_, *desk_, *back_, *study_});
    EntryRoutes{*office_}.add_to(router_);
    JurorRoutes{*office_, *jury_, *studies_}.add_to(router_);
    SecretaryRoutes{*office_, *secretariat_, *jury_, *studies_}.add_to(router_);
    RoundRoutes{*office_, *rounds_}.add_to(router_);
    for (const char* role : {"applicant", "secretary", "juror", "chair", "auditor", "admin", "operator"})
      sign_up(role, {role});
    sign_up("rival", {"applicant"});
    sign_up("juror2", {"juror"});
    sign_up("both", {"secretary", "juror"});
  }
  ~Access() override {
    back_.reset();
    study_.reset();
  }

  static std::string blind_cycle() {
    std::string out = kTestCycle;
    out.replace(out.find("test-2026"), 9, "blind-26");
    out.replace(out.find("T26"), 3, "B26");
    out.replace(out.find("reviewers = 2"), 13, "double_blind = true\nreviewers = 1");
    return out;
  }
  void sign_up(const std::string& name, std::vector<std::string> roles) {
    trust::Principal who;
    who.kind = trust::PrincipalKind::program;
    who.id = "program:" + name;
    who.name = {name, name};
    who.roles = std::move(roles);
    tokens_[name] = accounts_->put_token(who).value();
  }

  Response ask(Method method, const std::string& path, const std::string& who, const std::string& body = "") {
    net::Request request;
    request.method = method;
    auto target = net::parse_target(path).value();
    request.path = target.path;
    request.query = std::move(target.query);
    request.body = body;
    if (!who.empty()) request.headers.emplace_back("authorization", "Bearer " + tokens_.at(who));
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<Response> out;
    router_.dispatch(request, net::Reply([&](Response response) {
                       const std::lock_guard lock(mutex);
                       out = std::move(response);
                       answered.notify_one();
                     }));
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return out.has_value(); });
    return *out;
  }
  JsonValue must(Method method, const std::string& path, const std::string& who, const std::string& body = "") {
    const Response response = ask(method, path, who, body);
    EXPECT_LT(response.status, 300) << path << " " << response.body;
    return JsonValue::parse(response.body.empty() ? "{}" : response.body).value_or(JsonValue{});
  }
  int status(Method method, const std::string& path, const std::string& who, const std::string& body = "") {
    return ask(method, path, who, body).status;
  }

  // A proposal by routes alone, with a file; gives its id.
  std::string entered(const std::string& who, const std::string& title, const std::string& cycle = "test-2026") {
    must(Method::put, "/api/v1/awards/profile", who,
         fmt::format(R"({{"unit":{{"en":"{} Works"}},"person":"Li Wei","email":"{}@example.org","city":"Rivertown"}})",
                     who, who));
    const std::string id =
        must(Method::post, "/api/v1/awards/entries", who, fmt::format(R"({{"cycle":"{}","category":"city"}})", cycle))
            .text_or("id", "");
    must(Method::put, "/api/v1/awards/entries/" + id, who,
         fmt::format(R"({{"revision":0,"answers":{}}})", answers(title)));
    return id;
  }
  std::string uploaded(const std::string& who, const std::string& id, const std::string& bytes = pdf_of(2)) {
    const std::string upload = must(Method::post, "/api/v1/awards/entries/" + id + "/uploads", who,
                                    fmt::format(R"({{"slot":"case","name":"the plan.pdf","bytes":{}}})", bytes.size()))
                                   .text_or("id", "");
    must(Method::put, "/api/v1/awards/uploads/" + upload + "/0", who, bytes);
    const JsonValue done = must(Method::post, "/api/v1/awards/uploads/" + upload + "/finish", who);
    return done.find("files")->array()->front().text_or("id", "");
  }
  // What can be read in it without looking.
  std::string text_of_pdf(const std::string& bytes) {
    const std::string file = (folder_ / "shown.pdf").string();
    EXPECT_TRUE(base::write_file_atomic(file, bytes));
    return run_program({"pdftotext", file, "-"})->out;
  }
  void steps(const std::string& id, std::initializer_list<const char*> verbs) {
    for (const char* verb : verbs)
      must(Method::post, "/api/v1/awards/proposals/" + id + "/steps", "secretary",
           fmt::format(R"({{"verb":"{}","note":"because"}})", verb));
  }
  // In review, with the jurors' sheets; gives juror's.
  std::string in_review(const std::string& id, const std::string& cycle = "test-2026") {
    steps(id, {"accept_entry", "begin_review"});
    for (const char* name : {"juror", "juror2"})
      must(Method::put, fmt::format("/api/v1/awards/cycles/{}/jurors/program:{}", cycle, name), "secretary",
           fmt::format(R"({{"name":"{}","keyWords":["data"],"loadMax":5}})", name));
    must(Method::post, "/api/v1/awards/cycles/" + cycle + "/assignments", "secretary", R"({"commit":true})");
    for (const ScoreSheet& sheet : jury_book_->sheets_on(id).value())
      if (sheet.juror == "program:juror") return sheet.id;
    return jury_book_->sheets_on(id).value().front().id;
  }

  // To another category: announced, agreed to, done.
  void transferred(const std::string& other) {
    EXPECT_EQ(
        status(Method::post, "/api/v1/awards/proposals/" + other + "/steps", "secretary", R"({"verb":"transfer"})"),
        409);
    must(Method::post, "/api/v1/awards/proposals/" + other + "/steps", "secretary",
         R"({"verb":"announce_transfer","category":"innovation","note":"fits better"})");
    EXPECT_EQ(
        status(Method::post, "/api/v1/awards/proposals/" + other + "/steps", "secretary", R"({"verb":"transfer"})"),
        409);
    must(Method::post, "/api/v1/awards/entries/" + other + "/transfer", "rival", R"({"agree":true})");
    must(Method::post, "/api/v1/awards/proposals/" + other + "/steps", "secretary", R"({"verb":"transfer"})");
    EXPECT_EQ(seen(other).category, "innovation");
  }

  trust::Policy policy_;
  std::unique_ptr<trust::Accounts> accounts_;
  std::unique_ptr<serve::Guard> guard_;
  std::unique_ptr<JuryBook> jury_book_;
  std::unique_ptr<Record> record_;
  std::unique_ptr<Rounds> rounds_;
  std::unique_ptr<JuryDesk> jury_;
  std::unique_ptr<Secretariat> secretariat_;
  std::unique_ptr<Studies> studies_;
  std::unique_ptr<serve::BackRoom> back_, study_;
  std::unique_ptr<Office> office_;
  net::Router router_;
  std::map<std::string, std::string> tokens_;
};

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

TEST_F(Access, AnAccountWithTwoOfTheRolesIsLetInNowhere) {
  EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles/test-2026/desk", "both"), 403);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/sheets", "both"), 403);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles", "both"), 403);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles", "juror"), 200);
}

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
  EXPECT_THAT(ask(Method::get, "/api/v1/awards/cycles/test-2026/reminders", "secretary").body, HasSubstr("请确认入围"));
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
