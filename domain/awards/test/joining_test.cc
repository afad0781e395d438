// How one comes to take part: letters, links, passwords, invitations; and that nobody learns whose an address is.
#include "access.h"
#include "domain/awards/joining/registrar_routes.h"
#include "test/mail/mailbox.h"

namespace cityloop::awards {
namespace {

using trust::Enrolment;

constexpr const char* kPassword = "an honest password";

class Joining : public Access {
 protected:
  Joining() {
    cycles_.push_back(read_cycle(cycle_called("open-26", "O26", "open"), "open.toml").value());
    cycles_.push_back(read_cycle(cycle_called("guests-26", "G26", "invited"), "guests.toml").value());
    enrolment_ = std::make_unique<Enrolment>(*accounts_);
    guests_ = GuestBook::open(*book_).value();
    post_ = mail::Post::open((folder_ / "mail.db").string(), [this] { return settings(); }, clock_).value();
    registrar_ =
        std::make_unique<Registrar>(*desk_, *guests_, *enrolment_, *post_, clock_, clock_, [this] { return address_; });
    RegistrarRoutes{*office_, *registrar_, limits_, [](const net::Request& one) { return one.remote; }}.add_to(router_);
  }
  ~Joining() override {
    back_.reset();
    if (post_) post_->stop();
  }

  static std::string cycle_called(const std::string& id, const std::string& prefix, const std::string& how) {
    std::string out = kTestCycle;
    out.replace(out.find("test-2026"), 9, id);
    out.replace(out.find("T26"), 3, prefix);
    return out +
           fmt::format("[registration]\nhow = \"{}\"\na_day_max = 8\nconsent = {{ zh = \"同意\", en = \"Agreed\" }}\n",
                       how);
  }
  mail::MailSettings settings() const {
    mail::MailSettings out;
    out.server = server_;
    out.tls = false;
    out.from = "Club <noreply@city.example>";
    return out;
  }

  static std::string form(const std::string& email, const std::string& unit = "Riverside",
                          const std::string& more = R"("consent":true)") {
    return fmt::format(R"({{"email":"{}","unit":"{}","person":"Li Wei","language":"en",{}}})", email, unit, more);
  }
  // By anybody; from another address each time, unless one is given.
  Response anybody(const std::string& path, const std::string& body, std::string from = "") {
    net::Request request;
    request.method = Method::post;
    request.path = "/public/v1/awards/" + path;
    request.body = body;
    request.remote = from.empty() ? fmt::format("10.0.{}.{}", asked_ / 250, asked_ % 250) : from;
    ++asked_;
    request.headers.emplace_back("x-cityloop-client", "test");
    return answer_to(request);
  }
  Response register_at(const std::string& cycle, const std::string& email, std::string from = "") {
    return anybody("cycles/" + cycle + "/registrations", form(email), std::move(from));
  }
  Response use(const std::string& link, const std::string& cycle,
               const std::string& more = R"("person":"Li Wei","consent":true)",
               const std::string& password = kPassword) {
    return anybody("links/use",
                   fmt::format(R"({{"link":"{}","cycle":"{}","password":"{}",{}}})", link, cycle, password, more));
  }
  // The letters that are due, as the post would have them written; by address.
  std::map<std::string, mail::Letter> letters() {
    std::map<std::string, mail::Letter> out;
    for (const Arrival& one : guests_->waiting(now()).value())
      if (const auto letter = registrar_->letter(one.id, now()).value()) out[letter->to] = *letter;
    return out;
  }
  static std::string link_in(const mail::Letter& letter) {
    const std::size_t at = letter.text.en.find('#');
    return at == std::string::npos ? "" : letter.text.en.substr(at + 1, 43);
  }
  std::string link_for(const std::string& email) { return link_in(letters().at(email)); }
  static std::string session_of(const Response& response) {
    for (const auto& [name, value] : response.headers)
      if (name == "Set-Cookie") return value.substr(value.find('=') + 1, 43);
    return {};
  }
  // As a browser that has come in.
  Response as(const std::string& session, Method method, const std::string& path, const std::string& body = "") {
    net::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.headers = {{"cookie", fmt::format("{}={}", serve::kSessionCookie, session)}, {"x-cityloop-client", "test"}};
    return answer_to(request);
  }
  Response invite(const std::string& list, const std::string& who = "secretary",
                  const std::string& cycle = "guests-26") {
    base::JsonWriter out;
    out.object().field("list", list).field("language", "en").end();
    return ask(Method::post, "/api/v1/awards/cycles/" + cycle + "/invitations", who, out.take());
  }
  JsonValue invitations(const std::string& query = "") {
    return must(Method::get, "/api/v1/awards/cycles/guests-26/invitations" + query, "secretary");
  }
  std::vector<std::string> events_of(const std::string& cycle) {
    std::vector<std::string> out;
    for (const Event& one : book_->events(whole_cycle(cycle)).value()) out.push_back(one.what);
    return out;
  }

  std::string address_{"https://city.example"}, server_{"smtp://127.0.0.1:1"};  // nobody sends by it
  int asked_{0};
  std::unique_ptr<Enrolment> enrolment_;
  std::unique_ptr<GuestBook> guests_;
  std::unique_ptr<mail::Post> post_;
  std::unique_ptr<Registrar> registrar_;
  RegistrarLimits limits_;
};

TEST_F(Joining, WhoeverAsksGetsALetterSetsAPasswordAndCanDoWhatAnApplicantMadeByHandCan) {
  EXPECT_EQ(register_at("open-26", "Li.Wei@Example.org").status, 202);
  const auto all = letters();
  ASSERT_TRUE(all.contains("li.wei@example.org"));
  const mail::Letter& letter = all.at("li.wei@example.org");
  EXPECT_THAT(letter.text.en, HasSubstr("https://city.example/c/awards/cycles/open-26/password#"));
  EXPECT_THAT(letter.text.zh, HasSubstr("48 小时"));
  EXPECT_THAT(letter.text.en + letter.text.zh + letter.subject.en, Not(HasSubstr("Riverside")))
      << "what a stranger typed is sent to nobody";
  const std::string link = link_in(letter);
  const JsonValue seen_link =
      JsonValue::parse(anybody("links", fmt::format(R"({{"link":"{}","cycle":"open-26"}})", link)).body).value();
  EXPECT_EQ(seen_link.text_or("email", ""), "li.wei@example.org");
  EXPECT_FALSE(seen_link.boolean_or("known", true));
  const Response come = use(link, "open-26");
  ASSERT_EQ(come.status, 200) << come.body;
  EXPECT_THAT(come.body, HasSubstr(R"("roles":["applicant"])"));
  const std::string session = session_of(come);
  EXPECT_THAT(as(session, Method::get, "/api/v1/awards/profile").body,
              testing::AllOf(HasSubstr("Riverside"), HasSubstr("Li Wei"), HasSubstr("li.wei@example.org")));
  const Response made = as(session, Method::post, "/api/v1/awards/entries", R"({"cycle":"open-26","category":"city"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string id = JsonValue::parse(made.body)->text_or("id", "");
  EXPECT_EQ(as(session, Method::put, "/api/v1/awards/entries/" + id,
               fmt::format(R"({{"revision":0,"answers":{}}})", answers("Bridge")))
                .status,
            200);
  EXPECT_EQ(as(session, Method::post, fmt::format("/api/v1/awards/entries/{}/submit", id)).status, 200);
  // Just what an account made by hand may and may not.
  for (const char* path : {"/api/v1/awards/cycles/open-26/desk", "/api/v1/awards/cycles/open-26/invitations"}) {
    EXPECT_EQ(as(session, Method::get, path).status, 403) << path;
    EXPECT_EQ(status(Method::get, path, "applicant"), 403) << path;
  }
  const auto granted = policy_.granted(accounts_->by_session(session).value());
  EXPECT_EQ(granted, policy_.granted(accounts_->by_token(tokens_.at("applicant")).value()));
  EXPECT_THAT(events_of("open-26"), testing::ElementsAre("registered"));
  EXPECT_TRUE(accounts_->sign_in("user:li.wei@example.org", kPassword));
}

TEST_F(Joining, ALinkOpensOnceInTimeInItsOwnCycleAndOnlyIfItIsOurs) {
  register_at("open-26", "li@example.org");
  const std::string link = link_for("li@example.org");
  const Response forged = use(std::string(43, 'A'), "open-26");
  EXPECT_EQ(forged.status, 404);
  for (const std::string& cycle : {std::string("guests-26"), std::string("test-2026"), std::string(), std::string("?")})
    EXPECT_EQ(use(link, cycle).body, forged.body) << cycle << ": the same answer for every cause";
  EXPECT_EQ(use(link, "open-26", R"("consent":true)", "too short").status, 400) << "and the link still holds";
  EXPECT_EQ(use(link, "open-26").status, 200);
  EXPECT_EQ(use(link, "open-26").body, forged.body) << "used";
  EXPECT_TRUE(accounts_->sign_in("user:li@example.org", kPassword));
  register_at("open-26", "wu@example.org");
  const std::string late = link_for("wu@example.org");
  clock_.advance_to(now() + kLinkHolds - std::chrono::seconds(1));
  EXPECT_EQ(anybody("links", fmt::format(R"({{"link":"{}","cycle":"open-26"}})", late)).status, 200);
  clock_.advance_to(now() + std::chrono::seconds(1));
  EXPECT_EQ(use(late, "open-26").body, forged.body) << "late";
  EXPECT_EQ(registrar_->counts().no_link, 7u);
}

TEST_F(Joining, ALinkUsedTwiceAtOnceMakesOneAccount) {
  register_at("open-26", "li@example.org");
  const std::string link = link_for("li@example.org"), again = link_for("li@example.org");
  EXPECT_NE(link, again) << "a letter that was sent twice has two";
  auto first =
      std::async(std::launch::async, [&] { return use(link, "open-26", R"("consent":true)", "the first one").status; });
  auto second = std::async(std::launch::async,
                           [&] { return use(again, "open-26", R"("consent":true)", "the second one").status; });
  const int a = first.get(), b = second.get();
  EXPECT_THAT((std::vector{a, b}), testing::UnorderedElementsAre(200, 404));
}

TEST_F(Joining, NobodyLearnsWhoseAnAddressIs) {
  ASSERT_TRUE(accounts_->put_user(
      {trust::PrincipalKind::user, "user:known@example.org", {"已知", "Known"}, {"applicant"}, "", {}},
      "another password"));
  ASSERT_TRUE(accounts_->put_user(
      {trust::PrincipalKind::user, "user:admin@example.org", {"管", "Admin"}, {"admin"}, "", {}}, "another password"));
  invite("guest@example.org, Guests");
  const Response pattern = register_at("guests-26", "stranger@example.org");
  EXPECT_EQ(pattern.status, 202);
  const std::size_t rows = guests_->waiting(now()).value().size();
  int more = 0;
  for (const char* email : {"known@example.org", "admin@example.org", "guest@example.org", "other@example.org"}) {
    const Response told = register_at("guests-26", email);
    EXPECT_EQ(told.status, pattern.status) << email;
    EXPECT_EQ(told.body, pattern.body) << email;
    EXPECT_EQ(told.headers, pattern.headers) << email;
    EXPECT_EQ(guests_->waiting(now()).value().size(), rows + std::size_t(++more)) << "the same was written down";
  }
  const auto all = letters();
  EXPECT_TRUE(all.contains("known@example.org")) << "another password, for whoever has forgotten it";
  EXPECT_TRUE(all.contains("guest@example.org"));
  EXPECT_FALSE(all.contains("stranger@example.org")) << "was not invited";
  EXPECT_FALSE(all.contains("admin@example.org")) << "staff come by no letter";
  const Response password = anybody("passwords", R"({"email":"nobody@example.org","language":"en"})");
  EXPECT_EQ(password.status, 202);
  EXPECT_EQ(anybody("passwords", R"({"email":"known@example.org","language":"en"})").body, password.body);
}

TEST_F(Joining, AForgottenPasswordIsSetAnewAndEndsWhatWasSignedIn) {
  register_at("open-26", "li@example.org");
  const std::string before = session_of(use(link_for("li@example.org"), "open-26"));
  time_is("2026-12-01T00:00:00Z");
  EXPECT_EQ(register_at("open-26", "li@example.org").status, 409) << "the time is over";
  EXPECT_EQ(anybody("passwords", R"({"email":"LI@example.org","language":"zh"})").status, 202);
  anybody("passwords", R"({"email":"nobody@example.org"})");
  const auto all = letters();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_THAT(all.at("li@example.org").text.zh, HasSubstr("https://city.example/c/awards/password#"));
  const Response come = use(link_in(all.at("li@example.org")), "", R"("consent":false)", "quite another one");
  ASSERT_EQ(come.status, 200) << come.body;
  EXPECT_FALSE(accounts_->by_session(before));
  EXPECT_FALSE(accounts_->sign_in("user:li@example.org", kPassword));
  EXPECT_THAT(as(session_of(come), Method::get, "/api/v1/awards/profile").body, HasSubstr("Riverside"));
}

TEST_F(Joining, AccountsOfStaffAndThoseDisabledAreOutOfReach) {
  const auto put = [&](const std::string& email, std::vector<std::string> roles) {
    ASSERT_TRUE(accounts_->put_user(
        {trust::PrincipalKind::user, "user:" + email, {"甲", "A"}, std::move(roles), "", {}}, "another password"));
  };
  for (const char* role : {"admin", "secretary", "juror", "applicant"})
    register_at("open-26", fmt::format("{}@example.org", role));
  const auto all = letters();
  ASSERT_EQ(all.size(), 4u);
  // Meanwhile somebody made these by hand.
  put("admin@example.org", {"admin"});
  put("secretary@example.org", {"secretary", "applicant"});
  put("juror@example.org", {"juror"});
  put("applicant@example.org", {"applicant"});
  ASSERT_TRUE(accounts_->disable("user:applicant@example.org"));
  for (const auto& [email, letter] : all) {
    EXPECT_EQ(use(link_in(letter), "open-26").status, 404) << email;
    EXPECT_TRUE(email.starts_with("applicant") || accounts_->sign_in("user:" + email, "another password")) << email;
  }
  EXPECT_FALSE(accounts_->sign_in("user:applicant@example.org", kPassword));
  EXPECT_EQ(enrolment_->put("user:x@example.org", "admin", {}, kPassword).error().code, base::Errc::refused);
  EXPECT_EQ(enrolment_->erase("user:admin@example.org", "applicant").error().code, base::Errc::refused);
}

TEST_F(Joining, AFloodIsRefusedAndCounted) {
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(register_at("open-26", fmt::format("a{}@example.org", i), "192.0.2.1").status, 202);
  const Response flooded = register_at("open-26", "more@example.org", "192.0.2.1");
  EXPECT_EQ(flooded.status, 429);
  EXPECT_THAT(flooded.headers, testing::Contains(testing::Key("Retry-After")));
  EXPECT_EQ(limits_.letters.refused(), 1u);
  EXPECT_EQ(register_at("open-26", "b@example.org").status, 202) << "another asker";
  EXPECT_EQ(register_at("open-26", "c@example.org").status, 202);
  EXPECT_EQ(register_at("open-26", "d@example.org").status, 429) << "eight a day";
  EXPECT_EQ(registrar_->counts().too_many, 1u);
  EXPECT_EQ(register_at("guests-26", "d@example.org").status, 202) << "another cycle's day";
  clock_.advance_to(now() + std::chrono::hours(24) + std::chrono::seconds(1));
  EXPECT_EQ(register_at("open-26", "d@example.org").status, 202);
}

TEST_F(Joining, OneAddressGetsThreeLettersADayHoweverOftenItIsNamed) {
  for (int i = 0; i < 6; ++i) EXPECT_EQ(register_at("open-26", "li@example.org").status, 202);
  EXPECT_EQ(guests_->waiting(now()).value().size(), 3u);
  EXPECT_EQ(registrar_->counts().too_often, 3u);
}

TEST_F(Joining, WhatIsWrongIsToldAllAtOnceAndBeforeAnAddressIsLookedAt) {
  const Response none = anybody("cycles/open-26/registrations", R"({"email":"nobody","language":"fr"})");
  EXPECT_EQ(none.status, 400);
  EXPECT_THAT(none.body,
              testing::AllOf(HasSubstr("no letter can go"), HasSubstr("zh or en"), HasSubstr("unit"),
                             HasSubstr("contact person"), HasSubstr("consent"), HasSubstr("请填写单位名称")));
  for (const char* email : {"a@b", "a b@example.org", "a@example.org\\r\\nBcc: x@example.org", "<a@example.org>"})
    EXPECT_EQ(anybody("cycles/open-26/registrations", form(email)).status, 400) << email;
  EXPECT_EQ(anybody("cycles/test-2026/registrations", form("a@example.org")).status, 409) << "made by hand there";
  EXPECT_EQ(anybody("cycles/none/registrations", form("a@example.org")).status, 404);
  EXPECT_EQ(anybody("cycles/open-26/registrations", "[]").status, 400);
  address_.clear();
  EXPECT_EQ(register_at("open-26", "a@example.org").status, 503) << "no letter could have a link";
  EXPECT_TRUE(guests_->waiting(now()).value().empty());
}

TEST_F(Joining, NamesAreTextWhateverIsWrittenInThem) {
  const std::string name = R"(<script>alert(1)</script>\u202e\u0007 & 'x' 桥)";
  EXPECT_EQ(anybody("cycles/open-26/registrations", form("li@example.org", name)).status, 202);
  const std::string session = session_of(use(link_for("li@example.org"), "open-26"));
  const JsonValue profile = JsonValue::parse(as(session, Method::get, "/api/v1/awards/profile").body).value();
  EXPECT_EQ(profile.find("unit")->text_or("en", ""), "<script>alert(1)</script> & 'x' 桥")
      << "kept as text; what turns the direction or rings is gone";
}

TEST_F(Joining, AListOfGuestsKeepsTheGoodLinesAndTellsTheOthers) {
  const Response told = invite(
      "邮箱,单位,语言\r\nAda@example.org, Harbour Works, en\n\nbo@example.org\t水务局\t中文\nnobody, Somewhere\n"
      "ada@example.org; Harbour again\nno unit@example.org, X\ncy@example.org\n\"dee@example.org\",\"Dept, of "
      "Roads\"\n");
  ASSERT_EQ(told.status, 200) << told.body;
  const JsonValue body = JsonValue::parse(told.body).value();
  EXPECT_EQ(body.number_or("taken", 0), 3);
  std::vector<std::string> refused;
  for (const JsonValue& one : *body.find("refused")->array())
    refused.push_back(fmt::format("{} {}", one.number_or("line", 0), one.find("why")->text_or("en", "")));
  EXPECT_THAT(refused, testing::ElementsAre("5 there is no address", "6 the same address as in line 2",
                                            "7 no letter can go to this address", "8 there is no unit"));
  const auto all = letters();
  EXPECT_EQ(all.size(), 3u);
  EXPECT_EQ(all.at("bo@example.org").language, "zh");
  EXPECT_THAT(all.at("bo@example.org").text.zh, HasSubstr("诚邀水务局参加"));
  EXPECT_THAT(all.at("dee@example.org").text.en, HasSubstr("Dept, of Roads is invited"));
  const Response again = invite("ada@example.org, Harbour Works");
  EXPECT_THAT(again.body, testing::AllOf(HasSubstr(R"("taken":0)"), HasSubstr(R"("known":true)")));
  EXPECT_THAT(events_of("guests-26"), testing::ElementsAre("invited", "invited", "invited"));
  EXPECT_EQ(invite("a@example.org, A", "secretary", "test-2026").status, 409);
  for (const char* who : {"applicant", "juror", "chair", "auditor", "admin", "both"})
    EXPECT_EQ(invite("e@example.org, E", who).status, 403) << who;
}

TEST_F(Joining, WhoWasInvitedIsSeenToComeBeginAndSubmit) {
  invite("ada@example.org, Harbour Works\nbo@example.org, Bo\ncy@example.org, Cy");
  const auto counts = [&](const char* name) { return invitations().find("counts")->number_or(name, 0); };
  EXPECT_EQ(counts("invited"), 3);
  const std::string link = link_for("ada@example.org");
  EXPECT_EQ(use(link, "guests-26", R"("consent":false)").status, 400) << "has agreed to nothing yet";
  const std::string session = session_of(use(link, "guests-26"));
  EXPECT_EQ(counts("came"), 1);
  const std::string id =
      JsonValue::parse(
          as(session, Method::post, "/api/v1/awards/entries", R"({"cycle":"guests-26","category":"city"})").body)
          ->text_or("id", "");
  EXPECT_EQ(counts("began"), 1);
  as(session, Method::put, "/api/v1/awards/entries/" + id,
     fmt::format(R"({{"revision":0,"answers":{}}})", answers("A")));
  ASSERT_EQ(as(session, Method::post, fmt::format("/api/v1/awards/entries/{}/submit", id)).status, 200);
  EXPECT_EQ(counts("submitted"), 1);
  EXPECT_EQ(invitations("?q=CY@").number_or("total", 0), 1);
  EXPECT_EQ(invitations("?standing=submitted").number_or("total", 0), 1);
  const JsonValue page = invitations("?limit=2");
  EXPECT_EQ(page.find("invitations")->array()->size(), 2u);
  EXPECT_EQ(page.text_or("next", ""), "2");
  EXPECT_EQ(page.find("invitations")->array()->front().find("letter")->text_or("stage", ""), "waiting");
}

TEST_F(Joining, AnInvitationIsSentAgainWithdrawnAndErased) {
  invite("ada@example.org, Harbour Works");
  const std::string first = link_for("ada@example.org");
  const std::string id = invitations().find("invitations")->array()->front().text_or("id", "");
  const std::string path = "/api/v1/awards/cycles/guests-26/invitations/" + id;
  EXPECT_EQ(must(Method::post, path + "/letters", "secretary").number_or("letters", 0), 2);
  const std::string second = link_for("ada@example.org");
  EXPECT_EQ(use(first, "guests-26").status, 404) << "the older letter's link is over";
  must(Method::post, path + "/withdrawal", "secretary");
  EXPECT_EQ(use(second, "guests-26").status, 404);
  EXPECT_EQ(register_at("guests-26", "ada@example.org").status, 202);
  EXPECT_TRUE(letters().empty()) << "nobody is invited any more";
  EXPECT_EQ(invitations().find("counts")->number_or("withdrawn", 0), 1);
  EXPECT_THAT(invite("ada@example.org, Harbour Works").body, HasSubstr(R"("taken":1)")) << "and invited anew";
  const std::string other = "/api/v1/awards/cycles/open-26/invitations/" + id;
  EXPECT_EQ(status(Method::post, other + "/letters", "secretary"), 404) << "another cycle's";
  for (const char* who : {"applicant", "juror", "chair", "auditor", "admin"})
    EXPECT_EQ(status(Method::del, path, who), 403) << who;
  EXPECT_EQ(status(Method::del, path, "secretary"), 204);
  EXPECT_EQ(invitations().number_or("total", 9), 0);
  EXPECT_TRUE(guests_->waiting(now()).value().size() == 1) << "what she asked herself is hers";
  EXPECT_THAT(events_of("guests-26"),
              testing::ElementsAre("invited", "invited_again", "invitation_withdrawn", "invited", "invitation_erased"));
  EXPECT_THAT(base::read_file((folder_ / "awards.db").string()).value(), Not(HasSubstr("Harbour Works")))
      << "erased means overwritten";
}

TEST_F(Joining, WhatNobodyWaitsForIsForgotten) {
  register_at("open-26", "li@example.org");
  invite("ada@example.org, Harbour Works\nbo@example.org, Bo");
  use(link_for("bo@example.org"), "guests-26");
  clock_.advance_to(now() + 2 * kLinkHolds);
  ASSERT_TRUE(registrar_->look(now()));
  EXPECT_FALSE(letters().contains("li@example.org"));
  EXPECT_TRUE(letters().contains("ada@example.org")) << "an invitation waits longer";
  time_is("2026-07-16T00:00:00Z");
  ASSERT_TRUE(registrar_->look(now()));
  const JsonValue left = invitations();
  EXPECT_EQ(left.number_or("total", 0), 1) << "who has come stays in the list";
  EXPECT_THAT(base::read_file((folder_ / "awards.db").string()).value(), Not(HasSubstr("ada@example.org")));
}

TEST_F(Joining, AnApplicantWhoLeavesIsErasedButForWhatWasReceived) {
  register_at("open-26", "li@example.org");
  const std::string session = session_of(use(link_for("li@example.org"), "open-26"));
  const auto enter = [&](const char* title) {
    const std::string id =
        JsonValue::parse(
            as(session, Method::post, "/api/v1/awards/entries", R"({"cycle":"open-26","category":"city"})").body)
            ->text_or("id", "");
    as(session, Method::put, "/api/v1/awards/entries/" + id,
       fmt::format(R"({{"revision":0,"answers":{}}})", answers(title)));
    return id;
  };
  enter("Draft");
  const std::string id = enter("Bridge");
  ASSERT_EQ(as(session, Method::post, fmt::format("/api/v1/awards/entries/{}/submit", id)).status, 200);
  EXPECT_EQ(as(session, Method::post, "/api/v1/awards/profile/erasure", R"({"account":"user:li@example.org"})").status,
            409)
      << "still in the running";
  ASSERT_EQ(as(session, Method::post, fmt::format("/api/v1/awards/entries/{}/withdraw", id)).status, 200);
  EXPECT_EQ(as(session, Method::post, "/api/v1/awards/profile/erasure", R"({"account":"user:li@example.org"})").status,
            204);
  EXPECT_EQ(as(session, Method::get, "/api/v1/awards/profile").status, 401);
  EXPECT_FALSE(accounts_->find("user:li@example.org"));
  EXPECT_EQ(book_->count({.cycle = "open-26"}).value(), 1u) << "the draft is gone, what was received stays";
  const Applicant who = book_->applicant(seen(id).applicant).value().value();
  EXPECT_EQ(who.email + who.person, "");
  EXPECT_EQ(who.unit.en, "Riverside");
  EXPECT_EQ(status(Method::post, "/api/v1/awards/profile/erasure", "secretary"), 403);
  EXPECT_EQ(status(Method::post, "/api/v1/awards/profile/erasure", "applicant", R"({"account":"program:rival"})"), 400);
}

TEST_F(Joining, LettersThatAStopCameBetweenAreSentAfterIt) {
  Arrival one;
  one.id = make_id();
  one.cycle = "open-26", one.purpose = kTakePart, one.email = "li@example.org", one.unit = "Riverside";
  one.asked_at = now(), one.forget_at = now() + 2 * kLinkHolds;
  ASSERT_TRUE(guests_->put(one));
  const std::vector<std::string> keys{"awards-take_part:" + one.id};
  EXPECT_EQ(post_->states(keys).value()[0].stage, mail::LetterStage::none);
  ASSERT_TRUE(registrar_->settle(now()));
  ASSERT_TRUE(registrar_->settle(now()));
  EXPECT_EQ(post_->states(keys).value()[0].stage, mail::LetterStage::waiting);
}

TEST_F(Joining, TheLetterArrivesOverARealMailServerAndItsSecretLiesNowhereOnDisk) {
  const mail::Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  server_ = fmt::format("smtp://127.0.0.1:{}", box.port());
  ASSERT_TRUE(post_->start());
  EXPECT_EQ(register_at("open-26", "li@example.org").status, 202);
  const auto mails = box.wait_for(1);
  ASSERT_EQ(mails.size(), 1u);
  const std::string text = mail::body_of(mails[0]);
  const std::size_t at = text.find("/password#");
  ASSERT_NE(at, std::string::npos) << text;
  const std::string link = text.substr(at + 10, 43);
  for (const char* file : {"mail.db", "awards.db", "accounts.json"}) {
    const auto content = base::read_file((folder_ / file).string());
    EXPECT_TRUE(!content || content->find(link) == std::string::npos) << file;
  }
  EXPECT_EQ(use(link, "open-26").status, 200);
}

}  // namespace
}  // namespace cityloop::awards
