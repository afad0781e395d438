// Roles × objects, each seat's in a file of its own: who is given what of which proposal, sheet and file. Every denial
// is asked through the routes, as somebody would who guesses addresses; and whatever is refused is said in both
// languages.
#pragma once

#include <condition_variable>
#include <future>
#include <optional>
#include <thread>

#include "award_city.h"
#include "base/file.h"
#include "base/refusal.h"
#include "base/text_of_bytes.h"
#include "domain/awards/desk/juror_routes.h"
#include "domain/awards/desk/secretary_routes.h"
#include "domain/awards/entry/entry_routes.h"
#include "domain/awards/entry/program.h"
#include "domain/awards/trust/round_routes.h"
#include "net/url.h"

namespace cityloop::awards {

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
    masking_ = std::make_unique<MaskingRuns>(*desk_, *jury_, *secretariat_, *study_);
    EntryRoutes{*office_}.add_to(router_);
    JurorRoutes{*office_, *jury_, *studies_}.add_to(router_);
    SecretaryRoutes{*office_, *secretariat_, *jury_, *studies_, *masking_}.add_to(router_);
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
    return answer_to(std::move(request));
  }
  Response answer_to(net::Request request) {
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
    if (is_refusal(out->status)) expect_both_languages(request.path, *out);
    return *out;
  }
  // Who is let in at all the guard says (401, 403), for all rooms alike; the rest the room says itself.
  static bool is_refusal(int status) { return status == 400 || status == 404 || status == 409 || status == 422; }
  static void expect_both_languages(const std::string& path, const Response& told) {
    const JsonValue problem = JsonValue::parse(told.body).value_or(JsonValue{});
    const JsonValue* const text = problem.find("text");
    ASSERT_TRUE(text) << path << " is refused in one language: " << told.body;
    const auto chinese = [](char c) { return std::uint8_t(c) >= 0xe4 && std::uint8_t(c) <= 0xe9; };
    const std::string zh = text->text_or("zh", ""), en = text->text_or("en", "");
    EXPECT_TRUE(std::ranges::any_of(zh, chinese)) << path << " " << told.body;
    EXPECT_FALSE(en.empty()) << path << " " << told.body;
    EXPECT_THAT(told.body, Not(HasSubstr(std::string(base::kParting)))) << path;
    EXPECT_EQ(problem.text_or("detail", ""), en) << path;
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
  // As it stands when it is done.
  JsonValue masked(const std::string& id, const std::string& decisions = "{}") {
    const std::string path = "/api/v1/awards/proposals/" + id + "/masking";
    EXPECT_EQ(status(Method::put, path, "secretary", decisions), 202);
    return finished(id);
  }
  JsonValue finished(const std::string& id) {
    for (int i = 0; i < 6000; ++i) {
      JsonValue now_is = must(Method::get, "/api/v1/awards/proposals/" + id + "/masking", "secretary");
      const std::string state = now_is.text_or("state", "");
      if (state != "waiting" && state != "running") return now_is;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << "it was not masked within a minute";
    return {};
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
  std::unique_ptr<MaskingRuns> masking_;
  std::unique_ptr<serve::BackRoom> back_, study_;
  std::unique_ptr<Office> office_;
  net::Router router_;
  std::map<std::string, std::string> tokens_;
};

}  // namespace cityloop::awards
