// The secretary's letters: which there are, that each goes once, that nothing is told early, and who may send none.
#include "access.h"
#include "domain/awards/desk/letter_routes.h"
#include "test/mail/mailbox.h"

namespace cityloop::awards {
namespace {

using mail::Mailbox;
using testing::AllOf;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr const char* kPath = "/api/v1/awards/cycles/test-2026/letters";

class Letters : public Access {
 protected:
  Letters() {
    cycles_[0] = read_cycle(told_cycle(), "test.toml").value();
    mail::PostRules rules;
    rules.look = 10ms;
    const auto settings = [this] {
      mail::MailSettings out;
      out.server = port_ == 0 ? "" : fmt::format("smtp://127.0.0.1:{}", port_.load());
      out.from = "City <noreply@city.example>";
      out.tls = false;
      return out;
    };
    post_ = mail::Post::open((folder_ / "mail.db").string(), settings, clock_, rules).value();
    letters_ = std::make_unique<LetterDesk>(*desk_, *post_, clock_, clock_, [] { return "https://city.example"; });
    LetterRoutes{*office_, *letters_}.add_to(router_);
    if (!post_->start()) throw std::runtime_error("the post does not start");
  }
  ~Letters() override { post_.reset(); }

  // Shortlist and results have their times, and two kinds go by themselves.
  static std::string told_cycle() {
    std::string out = kTestCycle;
    out += R"(
[[stage]]
id = "shortlist"
name = { zh = "入围公布", en = "Shortlist" }
opens = "2026-07-06"
closes = "2026-07-20"
[[stage]]
id = "results"
name = { zh = "揭晓", en = "Results" }
opens = "2026-09-01"
closes = "2026-09-30"
)";
    return out;
  }
  std::string submitted_by(const std::string& who, const std::string& title) {
    const std::string id = entered(who, title);
    must(Method::post, "/api/v1/awards/entries/" + id + "/submit", who);
    return id;
  }
  JsonValue list(const std::string& query = "") { return must(Method::get, kPath + query, "secretary"); }
  std::vector<std::string> codes(const std::string& query = "") {
    std::vector<std::string> out;
    const JsonValue listed = list(query);
    for (const JsonValue& one : *listed.find("letters")->array())
      out.push_back(one.text_or("number", "") + " " + one.text_or("code", ""));
    return out;
  }
  JsonValue letter(const std::string& code, std::size_t nth = 0) {
    const JsonValue listed = list("?code=" + code);
    const auto& all = *listed.find("letters")->array();
    EXPECT_GT(all.size(), nth) << code;
    return nth < all.size() ? all[nth] : JsonValue{};
  }
  static std::string wish(const JsonValue& one, double nth = 1) {
    base::JsonWriter out;
    out.object().field("proposal", one.text_or("proposal", "")).field("code", one.text_or("code", ""));
    out.field("occasion", one.text_or("occasion", "")).field("nth", nth).end();
    return out.take();
  }
  JsonValue send(const std::string& wishes, const std::string& reason = "") {
    return must(Method::post, kPath, "secretary", fmt::format(R"({{"letters":[{}],"reason":"{}"}})", wishes, reason));
  }
  std::string wait_for(const std::string& code, const std::string& state) {
    std::string now;
    for (int i = 0; i < 1000 && (now = letter(code).text_or("state", "")) != state; ++i)
      std::this_thread::sleep_for(10ms);
    return now;
  }
  std::vector<std::string> letters_noted(const std::string& id) {
    std::vector<std::string> out;
    for (const Event& one : book_->events(id).value())
      if (one.what.starts_with("letter_")) out.push_back(fmt::format("{} {} {}", one.by, one.what, one.why));
    return out;
  }
  // Both proposals through the review: the first onto the shortlist, the other not.
  void shortlisted(const std::string& id, const std::string& other) {
    for (const std::string& one : {id, other}) steps(one, {"accept_entry", "begin_review"});
    time_is("2026-07-04T00:00:00Z");
    for (const std::string& one : {id, other}) decide(one, R"({"outcome":"end_review","reason":"done"})");
    decide(id, R"({"outcome":"shortlist","reason":"clear"})");
    decide(other, R"({"outcome":"not_shortlist","reason":"less"})");
  }
  void decide(const std::string& id, const std::string& what) {
    EXPECT_EQ(status(Method::post, "/api/v1/awards/panel/" + id + "/decisions", "chair", what), 200) << what;
  }

  std::atomic<int> port_{0};
  std::unique_ptr<mail::Post> post_;
  std::unique_ptr<LetterDesk> letters_;
};

TEST_F(Letters, AReceiptSaysWhatWasReceivedAndHowToCheckIt) {
  const std::string id = submitted_by("applicant", "bridge");
  const JsonValue one = letter("receipt");
  EXPECT_EQ(one.text_or("to", ""), "applicant@example.org");
  EXPECT_EQ(one.text_or("state", ""), "not_sent");
  const std::string digest = trust::fingerprint(book_->submission(id, 1).value()->text);
  const JsonValue* const text = one.find("text");
  EXPECT_THAT(text->text_or("zh", ""), AllOf(HasSubstr("T26-0001"), HasSubstr("第 1 版"), HasSubstr(digest)));
  EXPECT_THAT(text->text_or("en", ""), AllOf(HasSubstr("Version 1"), HasSubstr(digest), HasSubstr("cityloop verify"),
                                             HasSubstr("https://city.example/awards/entries/" + id)));
}

TEST_F(Letters, WhatIsSentArrivesInTheReadersLanguageAndItsStateIsShown) {
  Mailbox box(folder_ / "box");
  SKIP_WITHOUT_MAILBOX(box);
  port_ = box.port();
  const std::string id = submitted_by("applicant", "bridge");
  must(Method::put, "/api/v1/awards/profile", "applicant", R"({"language":"en"})");
  const JsonValue done = send(wish(letter("receipt")));
  EXPECT_EQ(done.number_or("sent", 0), 1);
  EXPECT_EQ(wait_for("receipt", "taken"), "taken");
  const auto mails = box.wait_for(1);
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mail::recipient_of(mails[0]), "applicant@example.org");
  EXPECT_THAT(mail::body_of(mails[0]), AllOf(HasSubstr("Version 1"), Not(HasSubstr("已收到"))));
  EXPECT_THAT(letters_noted(id), ElementsAre("program:secretary letter_receipt "));
  const std::string audit = ask(Method::get, "/api/v1/awards/cycles/test-2026/audit", "auditor").body;
  EXPECT_THAT(audit, AllOf(HasSubstr("letter_receipt"), Not(HasSubstr("example.org"))));
}

TEST_F(Letters, TwoSecretariesWhoSendAtOnceSendOne) {
  Mailbox box(folder_ / "box");
  SKIP_WITHOUT_MAILBOX(box);
  const std::string id = submitted_by("applicant", "bridge"), other = submitted_by("rival", "tunnel");
  const std::string both = wish(letter("receipt", 0)) + "," + wish(letter("receipt", 1));
  std::vector<std::thread> secretaries;
  std::atomic<int> sent{0}, already{0};
  for (int i = 0; i < 4; ++i) {
    secretaries.emplace_back([&] {
      const JsonValue done = send(both);
      sent += int(done.number_or("sent", 0));
      already += int(done.number_or("already", 0));
    });
  }
  for (std::thread& one : secretaries) one.join();
  EXPECT_EQ(sent, 2);
  EXPECT_EQ(already, 6);
  EXPECT_EQ(send(wish(letter("receipt")) + "," + wish(letter("receipt"))).number_or("already", 0), 2);
  port_ = box.port();
  EXPECT_EQ(wait_for("receipt", "taken"), "taken");
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(box.wait_for(2).size(), 2U);
  EXPECT_THAT(letters_noted(id), ElementsAre("program:secretary letter_receipt "));
  EXPECT_THAT(letters_noted(other), ElementsAre("program:secretary letter_receipt "));
}

TEST_F(Letters, SentAgainItHasAReasonAndIsAnotherLetter) {
  Mailbox box(folder_ / "box");
  SKIP_WITHOUT_MAILBOX(box);
  const std::string id = submitted_by("applicant", "bridge");
  const JsonValue one = letter("receipt");
  EXPECT_THAT(send(wish(one, 2), "why not").dump(), HasSubstr("it was not sent before"));
  send(wish(one));
  EXPECT_THAT(send(wish(one, 2), "it is lost").dump(), HasSubstr("still waiting"));
  port_ = box.port();
  EXPECT_EQ(wait_for("receipt", "taken"), "taken");
  EXPECT_EQ(status(Method::post, kPath, "secretary", fmt::format(R"({{"letters":[{}]}})", wish(one, 2))), 400)
      << "without a reason";
  EXPECT_EQ(send(wish(one, 2), "the mailbox was emptied").number_or("sent", 0), 1);
  EXPECT_EQ(send(wish(one, 2), "another click").number_or("already", 0), 1);
  const auto mails = box.wait_for(2);
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_NE(mail::head_of(mails[0], "Message-ID"), mail::head_of(mails[1], "Message-ID"));
  EXPECT_EQ(letter("receipt").number_or("nth", 0), 2);
  EXPECT_THAT(letters_noted(id), ElementsAre("program:secretary letter_receipt ",
                                             "program:secretary letter_receipt the mailbox was emptied"));
}

TEST_F(Letters, WithoutAMailServerTheyWaitAndSayWhy) {
  submitted_by("applicant", "bridge");
  send(wish(letter("receipt")));
  EXPECT_EQ(letter("receipt").text_or("state", ""), "waiting");
  EXPECT_EQ(letter("receipt").text_or("trouble", ""), "no_server");
  EXPECT_FALSE(list().boolean_or("server", true));
  const std::string outbox = base::read_file((folder_ / "mail.db").string()).value();
  EXPECT_THAT(outbox, AllOf(Not(HasSubstr("example.org")), Not(HasSubstr("bridge"))))
      << "neither an address nor a title lies in the outbox";
}

TEST_F(Letters, NothingIsToldBeforeItsDay) {
  const std::string id = submitted_by("applicant", "bridge"), other = submitted_by("rival", "tunnel");
  shortlisted(id, other);
  EXPECT_THAT(codes("?code=shortlist"), IsEmpty()) << "told from 6 July on";
  EXPECT_THAT(codes("?code=confirm"), IsEmpty());
  const std::string early = fmt::format(R"({{"proposal":"{}","code":"shortlist","occasion":"not","nth":1}})", other);
  EXPECT_THAT(send(early).dump(), HasSubstr("no occasion"));
  time_is("2026-07-06T00:00:00Z");
  EXPECT_THAT(codes("?code=shortlist"), ElementsAre("T26-0001 shortlist", "T26-0002 shortlist"));
  EXPECT_THAT(codes("?code=confirm"), ElementsAre("T26-0001 confirm"));
  EXPECT_THAT(letter("shortlist", 0).find("text")->text_or("en", ""), HasSubstr("is on the shortlist"));
  EXPECT_THAT(letter("shortlist", 1).find("text")->text_or("en", ""), HasSubstr("is not on the shortlist"));
  EXPECT_THAT(letter("confirm").find("text")->text_or("zh", ""), HasSubstr("请在 2026-07-14 08:00:00"));
  must(Method::post, "/api/v1/awards/entries/" + id + "/confirm", "applicant");
  EXPECT_THAT(codes("?code=confirm"), IsEmpty());
  decide(id, R"({"outcome":"award","reason":"best","prize":"City Award"})");
  EXPECT_THAT(codes("?code=result"), IsEmpty());
  EXPECT_THAT(ask(Method::get, kPath, "secretary").body, Not(HasSubstr("City Award")));
  EXPECT_THAT(send(fmt::format(R"({{"proposal":"{}","code":"result","occasion":"awarded","nth":1}})", id)).dump(),
              HasSubstr("no occasion"));
  time_is("2026-09-01T00:00:00Z");
  EXPECT_THAT(codes("?code=result"), ElementsAre("T26-0001 result"));
  EXPECT_THAT(letter("result").find("text")->text_or("zh", ""), HasSubstr("City Award"));
}

TEST_F(Letters, WhatIsNoLongerSoWhenItsTurnComesIsNotSent) {
  Mailbox box(folder_ / "box");
  SKIP_WITHOUT_MAILBOX(box);
  const std::string id = submitted_by("applicant", "bridge"), other = submitted_by("rival", "tunnel");
  shortlisted(id, other);
  time_is("2026-07-06T00:00:00Z");
  send(wish(letter("confirm")) + "," + wish(letter("shortlist", 1)));
  must(Method::post, "/api/v1/awards/entries/" + id + "/confirm", "applicant");
  port_ = box.port();
  const auto mails = box.wait_for(1);
  ASSERT_EQ(mails.size(), 1U);
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(box.mails().size(), 1U) << "nobody who has confirmed is asked to";
  EXPECT_EQ(mail::recipient_of(mails[0]), "rival@example.org");
}

TEST_F(Letters, EachCallToDoSomethingIsAnOccasionWhileItStands) {
  const std::string id = submitted_by("applicant", "bridge"), draft = entered("rival", "tunnel");
  EXPECT_THAT(codes("?code=submit"), IsEmpty()) << "nobody is hurried in April";
  time_is("2026-06-10T00:00:00Z");
  EXPECT_THAT(codes("?code=submit"), ElementsAre(" submit"));
  must(Method::post, "/api/v1/awards/proposals/" + id + "/steps", "secretary",
       R"({"verb":"announce_transfer","category":"innovation","note":"fits better"})");
  EXPECT_THAT(letter("transfer").find("text")->text_or("en", ""),
              AllOf(HasSubstr("from City to Innovation"), HasSubstr("fits better")));
  must(Method::post, "/api/v1/awards/entries/" + id + "/transfer", "applicant", R"({"agree":true})");
  EXPECT_THAT(codes("?code=transfer"), IsEmpty());
  steps(id, {"ask_information"});
  EXPECT_THAT(codes("?code=questions"), ElementsAre("T26-0001 questions"));
  const std::string first = letter("questions").text_or("occasion", "");
  send(wish(letter("questions")));
  EXPECT_EQ(letter("questions").text_or("state", ""), "waiting");
  must(Method::post, "/api/v1/awards/entries/" + id + "/answers", "applicant",
       fmt::format(R"({{"{}":"Here"}})", first));
  EXPECT_THAT(codes("?code=questions"), IsEmpty());
  (void)draft;
}

TEST_F(Letters, OneBadWishHidesNoGoodOne) {
  submitted_by("applicant", "bridge");
  submitted_by("rival", "tunnel");
  must(Method::put, "/api/v1/awards/profile", "rival", R"({"email":"not an address"})");
  EXPECT_EQ(letter("receipt", 1).text_or("state", ""), "no_address");
  const JsonValue done = send(wish(letter("receipt", 1)) + "," + wish(letter("receipt", 0)) +
                              R"(,{"proposal":"nobody's","code":"receipt","occasion":"1","nth":1})");
  EXPECT_EQ(done.number_or("sent", 0), 1);
  EXPECT_EQ(done.find("left")->array()->size(), 2U);
  EXPECT_THAT(done.dump(), AllOf(HasSubstr("no address that works"), HasSubstr("no occasion")));
  const auto refused = [&](const std::string& body) { return status(Method::post, kPath, "secretary", body); };
  EXPECT_EQ(refused("{}"), 400);
  EXPECT_EQ(refused(R"({"letters":[]})"), 400);
  EXPECT_EQ(refused(R"({"letters":[{"proposal":"x","code":"love","occasion":"1","nth":1}]})"), 400);
  EXPECT_EQ(refused(R"({"letters":[{"proposal":"x","code":"receipt","occasion":"1","nth":-1}]})"), 400);
  EXPECT_EQ(status(Method::get, "/api/v1/awards/cycles/none/letters", "secretary"), 404);
}

TEST_F(Letters, OfAnotherCycleNoneAreSent) {
  const std::string id = submitted_by("applicant", "bridge");
  const std::string wanted = wish(letter("receipt"));
  const JsonValue done = must(Method::post, "/api/v1/awards/cycles/blind-26/letters", "secretary",
                              fmt::format(R"({{"letters":[{}]}})", wanted));
  EXPECT_EQ(done.number_or("sent", 0), 0);
  EXPECT_THAT(letters_noted(id), IsEmpty());
}

TEST_F(Letters, NobodyButTheSecretarySeesOrSendsThem) {
  submitted_by("applicant", "bridge");
  const std::string body = fmt::format(R"({{"letters":[{}]}})", wish(letter("receipt")));
  for (const char* who : {"applicant", "rival", "juror", "chair", "auditor", "admin", "operator", "both"}) {
    EXPECT_EQ(status(Method::get, kPath, who), 403) << who;
    EXPECT_EQ(status(Method::post, kPath, who, body), 403) << who;
  }
  EXPECT_EQ(status(Method::get, kPath, ""), 401);
  EXPECT_EQ(status(Method::post, kPath, "", body), 401);
  EXPECT_EQ(letter("receipt").text_or("state", ""), "not_sent");
}

TEST_F(Letters, WhatTheCyclesFileSaysGoesByItself) {
  Mailbox box(folder_ / "box");
  SKIP_WITHOUT_MAILBOX(box);
  port_ = box.port();
  cycles_[0] = read_cycle(told_cycle() + "[letters]\nautomatic = [\"receipt\"]\n", "test.toml").value();
  const std::string id = submitted_by("applicant", "bridge");
  steps(id, {"ask_information"});
  ASSERT_TRUE(letters_->look(now()));
  EXPECT_EQ(wait_for("receipt", "taken"), "taken");
  EXPECT_EQ(letter("questions").text_or("state", ""), "not_sent") << "the secretary's to decide";
  EXPECT_EQ(letter("receipt").number_or("nth", 0), 1);
  EXPECT_THAT(letters_noted(id), ElementsAre("awards letter_receipt "));
  clock_.advance_to(now() + 1min);
  ASSERT_TRUE(letters_->look(now()));
  post_->stop();
  LetterDesk again(*desk_, *post_, clock_, clock_, [] { return std::string(); });
  ASSERT_TRUE(again.look(now())) << "after a restart, when it remembers nothing";
  EXPECT_EQ(again.sent(), 0U);
  EXPECT_EQ(box.mails().size(), 1U);
  EXPECT_THAT(letters_noted(id), ElementsAre("awards letter_receipt "));
  const JsonValue kinds = list();
  EXPECT_THAT(kinds.dump(), HasSubstr(R"({"code":"receipt","automatic":true,"states":{"taken":1}})"));
}

TEST_F(Letters, AreListedByKindStateAndWordsPageByPage) {
  submitted_by("applicant", "bridge");
  submitted_by("rival", "tunnel");
  send(wish(letter("receipt")));
  EXPECT_THAT(codes("?state=not_sent"), ElementsAre("T26-0002 receipt"));
  EXPECT_THAT(codes("?q=T26-0001"), ElementsAre("T26-0001 receipt"));
  EXPECT_THAT(codes("?q=rival@"), ElementsAre("T26-0002 receipt"));
  const JsonValue page = list("?limit=1");
  EXPECT_EQ(page.text_or("next", ""), "1");
  EXPECT_EQ(page.number_or("total", 0), 2);
  EXPECT_THAT(codes("?limit=1&cursor=1"), ElementsAre("T26-0002 receipt"));
}

}  // namespace
}  // namespace cityloop::awards
