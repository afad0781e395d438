// Notices pushed to browsers, to a push service of this test's own, which reads them as a browser would.
#include <set>

#include "browser.h"
#include "civic/office.h"
#include "civic/push_sender.h"
#include "civic_city.h"
#include "push_service.h"

namespace cityloop::civic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class PushTest : public CivicCity {
 protected:
  std::string toml() const override {
    return std::string(kCivicToml) + "[push]\nsubject = \"mailto:city@city.example\"\nlocal = true\n";
  }
  std::string path(const std::string& token) const { return "/public/v1/follow/" + token + "/push"; }
  // A report whose browser is subscribed; its token.
  std::string followed_by(const TestBrowser& browser, const std::string& id, std::string_view language = "en",
                          std::string_view more = "") {
    const std::string token = post("light", "灯不亮", more).text_or("token", "");
    civic_->settle();
    subscribe(token, browser, id, language);
    return token;
  }
  JsonValue subscribe(const std::string& token, const TestBrowser& browser, const std::string& id,
                      std::string_view language = "en") {
    return json(Method::put, path(token),
                browser.subscription(service_.endpoint(id), fmt::format(R"(,"language":"{}")", language)));
  }
  std::string case_of(const std::string& token) { return case_of_code(followed(token).text_or("code", "")); }
  std::string case_of_code(const std::string& code) {
    for (const flow::Case& one : cases()) {
      if (one.code == code) return std::string(one.id.text());
    }
    return {};
  }
  void later(base::Duration time) { wall_.advance_to(wall_.now() + time); }

  PushService service_;
  TestBrowser browser_;
};

TEST_F(PushTest, EachStepIsPushedForTheBrowserAloneAndSaysWhereToLook) {
  const std::string token = followed_by(browser_, "phone");
  const std::string key = json(Method::get, "/public/v1/push-key").text_or("key", "");
  act(case_of(token), "take_up", {"operator"});
  act(case_of(token), "accept", {"worker"}, "lighting");
  const auto pushes = service_.wait_for(3);
  ASSERT_EQ(pushes.size(), 3U);  // taken_up, sent, in_work; what came before is not told again
  const PushService::Push& last = pushes.back();
  EXPECT_EQ(last.header("content-encoding"), "aes128gcm");
  EXPECT_EQ(last.header("ttl"), "604800");
  EXPECT_EQ(last.header("urgency"), "normal");
  EXPECT_EQ(last.header("topic").size(), 32U);
  EXPECT_THAT(last.body, Not(HasSubstr("Street")));
  const auto plain = browser_.read(last.body);
  ASSERT_TRUE(plain);
  const JsonValue message = JsonValue::parse(*plain).value();
  EXPECT_EQ(message.text_or("title", ""), "Testville");
  EXPECT_THAT(message.text_or("body", ""), HasSubstr("Street lighting is at work on it"));
  EXPECT_EQ(message.text_or("url", ""), "https://city.example/r/" + token);
  EXPECT_EQ(message.text_or("status", ""), "in_work");
  EXPECT_EQ(message.text_or("tag", ""), last.header("topic"));
  std::set<std::string> topics;
  for (const auto& push : pushes) topics.insert(push.header("topic"));
  EXPECT_EQ(topics.size(), 3U);
  // By the key that the page subscribed with, for this service, for less than a day.
  std::string shown;
  const auto claims = vapid_claims(last.header("authorization"), &shown);
  ASSERT_TRUE(claims) << last.header("authorization");
  EXPECT_EQ(shown, key);
  EXPECT_EQ(claims->text_or("aud", ""), service_.origin());
  EXPECT_EQ(claims->text_or("sub", ""), "mailto:city@city.example");
  const double left = claims->number_or("exp", 0) - double(base::to_ms(wall_.now())) / 1000;
  EXPECT_GT(left, 0);
  EXPECT_LE(left, 86'401);
  await("civic_outbox_push_delivered", 3);
}

TEST_F(PushTest, InTheReadersLanguageAndNothingIsPushedTwiceAfterARestart) {
  const std::string token = followed_by(browser_, "phone", "zh");
  act(case_of(token), "ask_reporter", {"operator"}, "", "", "是哪一盏？");
  auto pushes = service_.wait_for(1);
  ASSERT_EQ(pushes.size(), 1U);
  EXPECT_EQ(pushes[0].header("urgency"), "high");  // an answer is waited for
  const JsonValue message = JsonValue::parse(browser_.read(pushes[0].body).value()).value();
  EXPECT_EQ(message.text_or("title", ""), "试验区");
  EXPECT_THAT(message.text_or("body", ""), HasSubstr("是哪一盏？"));
  await("civic_outbox_push_delivered", 1);
  const std::string key = json(Method::get, "/public/v1/push-key").text_or("key", "");
  close();
  open();
  EXPECT_EQ(json(Method::get, "/public/v1/push-key").text_or("key", ""), key);
  act(case_of(token), "take_up", {"operator"});
  pushes = service_.wait_for(2);
  std::set<std::string> topics;
  for (const auto& push : pushes) EXPECT_TRUE(topics.insert(push.header("topic")).second);
}

TEST_F(PushTest, WhatAServiceCannotTakeIsTriedAgainWithTheSameTopicWhenItSays) {
  const std::string token = followed_by(browser_, "phone");
  service_.answer("phone", 503, {{"Retry-After", "120"}});
  service_.answer("phone", 500);
  act(case_of(token), "refuse", {"operator"}, "", "", "no");
  await("civic_pushes_failed", 1);
  later(std::chrono::seconds(119));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_EQ(service_.pushes().size(), 1U);  // obeyed
  later(std::chrono::seconds(2));
  await("civic_pushes_failed", 2);
  later(std::chrono::minutes(10));
  await("civic_pushes_sent", 1);
  const auto pushes = service_.pushes();
  ASSERT_EQ(pushes.size(), 3U);
  EXPECT_EQ(pushes[0].header("topic"), pushes[2].header("topic"));
  EXPECT_EQ(counter("civic_outbox_push_waiting"), 0);
}

TEST_F(PushTest, ABrowserThatIsGoneIsErasedEverywhere) {
  const std::string first = followed_by(browser_, "phone");
  const std::string second = post("light", "又一盏").text_or("token", "");
  civic_->settle();
  subscribe(second, browser_, "phone");
  EXPECT_EQ(followed(second).number_or("push", 9), 1);
  service_.answer("phone", 410);
  act(case_of(first), "refuse", {"operator"}, "", "", "no");
  await("civic_pushes_gone", 1);
  EXPECT_EQ(followed(first).number_or("push", 9), 0);
  EXPECT_EQ(followed(second).number_or("push", 9), 0);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (entry.is_regular_file())
      EXPECT_THAT(base::read_file(entry.path()).value(), Not(HasSubstr("/push/phone"))) << entry.path();
  }
  act(case_of(second), "refuse", {"operator"}, "", "", "no");
  EXPECT_EQ(counter("civic_outbox_push_waiting"), 0);
  EXPECT_EQ(service_.pushes().size(), 1U);
}

TEST_F(PushTest, OneThatNeverTakesItEndsIt) {
  const std::string token = followed_by(browser_, "phone");
  service_.answer("phone", 413);
  act(case_of(token), "refuse", {"operator"}, "", "", "no");
  await("civic_pushes_given_up", 1);
  EXPECT_EQ(counter("civic_outbox_push_given_up"), 1);
  EXPECT_EQ(followed(token).number_or("push", 9), 1);  // the next one may fit
}

TEST_F(PushTest, ARedirectIsNotFollowed) {
  const std::string token = followed_by(browser_, "phone");
  service_.answer("phone", 307, {{"Location", service_.origin() + "/elsewhere"}});
  act(case_of(token), "refuse", {"operator"}, "", "", "no");
  await("civic_pushes_failed", 1);
  EXPECT_EQ(service_.elsewhere(), 0);
}

TEST_F(PushTest, AServiceThatHangsHoldsUpNoOther) {
  PushService slow;
  const std::string first = post("light", "一").text_or("token", "");
  const std::string second = post("light", "二").text_or("token", "");
  civic_->settle();
  for (int i = 0; i < 5; ++i) {
    slow.answer(fmt::format("hangs{}", i), 0);
    json(Method::put, path(first), browser_.subscription(slow.endpoint(fmt::format("hangs{}", i))));
  }
  subscribe(second, browser_, "phone");
  act(case_of(first), "refuse", {"operator"}, "", "", "no");
  EXPECT_EQ(slow.wait_for(5).size(), 5U);
  act(case_of(second), "refuse", {"operator"}, "", "", "no");
  EXPECT_EQ(service_.wait_for(1).size(), 1U);
  EXPECT_EQ(counter("civic_pushes_failed"), 0);  // the others still hang
}

TEST_F(PushTest, PushAndMailAreKeptApart) {
  // No mail server is set: the mail waits, the push goes.
  const std::string token = followed_by(browser_, "phone", "en", R"("contact":{"email":"li@example.com"})");
  act(case_of(token), "refuse", {"operator"}, "", "", "no");
  await("civic_outbox_push_delivered", 1);
  EXPECT_EQ(counter("civic_outbox_waiting"), 2);
  EXPECT_EQ(counter("civic_outbox_delivered"), 0);
}

TEST_F(PushTest, ASubscriptionGoesWhenTheCitizenSaysSo) {
  const std::string token = followed_by(browser_, "phone", "en", R"("contact":{"email":"li@example.com"})");
  const JsonValue again = subscribe(token, browser_, "phone");
  EXPECT_EQ(again.number_or("count", 0), 1);  // the same one
  const JsonValue other = subscribe(token, browser_, "desk");
  EXPECT_EQ(other.number_or("count", 0), 2);
  EXPECT_EQ(ask(Method::del, path(token) + "?id=" + other.text_or("id", "-")).status, 204);
  EXPECT_EQ(followed(token).number_or("push", 0), 1);
  EXPECT_EQ(followed(token).find("contact")->text_or("email", ""), "li@example.com");
  EXPECT_EQ(ask(Method::del, path(token)).status, 204);
  EXPECT_EQ(followed(token).number_or("push", 9), 0);
  subscribe(token, browser_, "phone");
  EXPECT_EQ(ask(Method::del, "/public/v1/follow/" + token + "/contact").status, 204);
  EXPECT_EQ(followed(token).number_or("push", 9), 0);
  EXPECT_THAT(base::read_file(folder_ / "civic.db").value(), Not(HasSubstr("127.0.0.1")));
}

TEST_F(PushTest, WhatIsNoSubscriptionIsRefusedAndLeavesNothing) {
  const std::string token = post("light", "灯不亮").text_or("token", "");
  const std::string good = service_.endpoint("phone");
  const std::string keys = fmt::format(R"("keys":{{"p256dh":"{}","auth":"{}"}})", browser_.p256dh(), browser_.auth());
  const std::string wrong[] = {
      "{",
      "[]",
      "{}",
      fmt::format(R"({{"endpoint":"{}"}})", good),
      fmt::format(R"({{"endpoint":7,{}}})", keys),
      fmt::format(R"({{"endpoint":"{}","keys":"x"}})", good),
      fmt::format(R"({{"endpoint":"{}","keys":{{"p256dh":"{}","auth":"AAAA"}}}})", good, browser_.p256dh()),
      fmt::format(R"({{"endpoint":"{}","keys":{{"p256dh":"AAAA","auth":"{}"}}}})", good, browser_.auth()),
      fmt::format(R"({{"endpoint":"http://push.example/x",{}}})", keys),
      fmt::format(R"({{"endpoint":"https://10.0.0.1/x",{}}})", keys),
      fmt::format(R"({{"endpoint":"https://169.254.169.254/latest/meta-data",{}}})", keys),
      fmt::format(R"({{"endpoint":"https://[::1]/x",{}}})", keys),
      fmt::format(R"({{"endpoint":"https://localhost/x",{}}})", keys),
      fmt::format(R"({{"endpoint":"https://a@b.example/x",{}}})", keys),
      fmt::format(R"({{"endpoint":"file:///etc/passwd",{}}})", keys),
      fmt::format(R"x({{"endpoint":"javascript:alert(1)",{}}})x", keys),
      fmt::format(R"({{"endpoint":"https://push.example/{}",{}}})", std::string(3000, 'x'), keys),
      fmt::format(R"({{"endpoint":"{}","language":"<script>",{}}})", good, keys),
  };
  for (const std::string& body : wrong) {
    const Response response = ask(Method::put, path(token), body);
    EXPECT_EQ(response.status, 400) << body << "\n" << response.body;
    EXPECT_EQ(response.content_type, "application/problem+json");
  }
  EXPECT_EQ(followed(token).number_or("push", 9), 0);
  EXPECT_EQ(counter("civic_pushes_refused"), double(std::size(wrong)));
  // A link that is not ours, whatever the subscription.
  std::string forged = token;
  forged.back() = forged.back() == '0' ? '1' : '0';
  EXPECT_EQ(ask(Method::put, path(forged), browser_.subscription(good)).status, 404);
  EXPECT_EQ(ask(Method::del, path(forged)).status, 404);
}

class PushWithinTest : public PushTest {
 protected:
  std::string toml() const override {
    return std::string(kCivicToml) + "[push]\nsubject = \"mailto:city@city.example\"\n";
  }
  void SetUp() override {
    read_settings(toml());
    settings_.push.names = {"push.evil.example:443:127.0.0.1", "push6.evil.example:443:::1",
                            "meta.evil.example:443:169.254.169.254"};
    open();
  }
  // Not by the route, which asks more.
  void put(const std::string& token, const std::string& endpoint) {
    ASSERT_TRUE(civic_->office().book.put_browser(
        {token.substr(0, 16), browser_id(endpoint), endpoint, browser_.p256dh(), browser_.auth(), "en", wall_.now()}));
  }
};

TEST_F(PushWithinTest, ANameThatLeadsIntoTheHouseIsNotCalled) {
  const std::string token = post("light", "灯不亮").text_or("token", "");
  civic_->settle();
  for (const char* host : {"push", "push6", "meta"}) {
    const std::string endpoint = fmt::format("https://{}.evil.example/x", host);
    // As a name it is like any other.
    EXPECT_EQ(ask(Method::put, path(token), browser_.subscription(endpoint)).status, 200);
  }
  act(case_of(token), "refuse", {"operator"}, "", "", "no");
  await("civic_pushes_led_within", 3);
  EXPECT_EQ(counter("civic_pushes_sent"), 0);
  EXPECT_EQ(counter("civic_pushes_failed"), 3);
}

TEST_F(PushWithinTest, WhatTheCityNoLongerCallsIsGivenUp) {
  const std::string token = post("light", "灯不亮").text_or("token", "");
  civic_->settle();
  put(token, service_.endpoint("phone"));
  act(case_of(token), "refuse", {"operator"}, "", "", "no");
  await("civic_pushes_given_up", 1);
  EXPECT_TRUE(service_.pushes().empty());
}

TEST_F(PushWithinTest, WithoutTheSettingThisMachineIsNoPushService) {
  const std::string token = post("light", "灯不亮").text_or("token", "");
  EXPECT_EQ(ask(Method::put, path(token), browser_.subscription(service_.endpoint("phone"))).status, 400);
}

class PushNamedTest : public PushTest {
 protected:
  std::string toml() const override {
    return PushTest::toml() + "hosts = [\"fcm.googleapis.com\", \"*.push.apple.com\"]\n";
  }
};

TEST_F(PushNamedTest, OnlyServicesThatTheCityCalls) {
  const std::string token = post("light", "灯不亮").text_or("token", "");
  EXPECT_EQ(ask(Method::put, path(token), browser_.subscription("https://push.example/x")).status, 400);
  EXPECT_EQ(ask(Method::put, path(token), browser_.subscription("https://web.push.apple.com/x")).status, 200);
}

class NoPushTest : public PushTest {
 protected:
  std::string toml() const override { return kCivicToml; }
};

TEST_F(NoPushTest, WhereTheCityPushesNothingThereIsNoKey) {
  const std::string token = post("light", "灯不亮").text_or("token", "");
  EXPECT_EQ(ask(Method::get, "/public/v1/push-key").status, 404);
  EXPECT_EQ(ask(Method::put, path(token), browser_.subscription(service_.endpoint("phone"))).status, 404);
}

TEST_F(PushTest, AServiceThatCannotProveItsNameIsNotSpokenTo) {
  const net::Certificate certificate;
  const PushService secured(&certificate);
  const std::string token = post("light", "灯不亮").text_or("token", "");
  civic_->settle();
  json(Method::put, path(token), browser_.subscription(secured.endpoint("phone")));
  act(case_of(token), "refuse", {"operator"}, "", "", "no");
  await("civic_pushes_failed", 1);
  EXPECT_TRUE(secured.pushes().empty());
}

}  // namespace
}  // namespace cityloop::civic
