// Notices by e-mail, to a real mail server.
#include <fstream>

#include "civic/mailer.h"
#include "civic_city.h"
#include "test/mail/mailbox.h"
#include "test/net/certificate.h"

namespace cityloop::civic {
namespace {

using testing::HasSubstr;

class MailTest : public CivicCity {
 protected:
  void SetUp() override {}
  // False where there is no mail server to be had.
  bool open_with(std::vector<std::string> more, const std::string& settings) {
    box_ = std::make_unique<mail::Mailbox>(folder_, std::move(more));
    if (box_->port() == 0) return false;
    mail_ = fmt::format("[mail]\nserver = \"smtp://127.0.0.1:{}\"\nfrom = \"Testville <noreply@city.example>\"\n{}",
                        box_->port(), settings);
    read_settings(toml() + mail_);
    open();
    return true;
  }
  void TearDown() override {
    CivicCity::TearDown();
    box_.reset();
  }

  std::unique_ptr<mail::Mailbox> box_;
  std::string mail_;
};

#define NEEDS_MAILBOX(more, settings) \
  if (!open_with(more, settings)) GTEST_SKIP() << "no mail server: python3-aiosmtpd is not installed"

constexpr const char* kContact = R"("contact":{"email":"li@example.com","language":"en"})";

TEST_F(MailTest, EachStepIsWrittenOnceWithTheLink) {
  NEEDS_MAILBOX({}, "tls = false\n");
  const JsonValue posted = post("light", "灯不亮", kContact);
  const std::string id = only_case();
  auto mails = box_->wait_for(1);
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].text_or("from", ""), "noreply@city.example");
  EXPECT_EQ(mail::recipient_of(mails[0]), "li@example.com");
  const std::string content = mails[0].text_or("content", "");
  EXPECT_THAT(content, HasSubstr("Auto-Submitted: auto-generated"));
  EXPECT_THAT(mail::body_of(mails[0]), HasSubstr("Received; waits to be looked at"));
  EXPECT_THAT(mail::body_of(mails[0]), HasSubstr("https://city.example/r/" + posted.text_or("token", "-")));
  act(id, "take_up", {"operator"});
  act(id, "accept", {"worker"}, "lighting");
  mails = box_->wait_for(4);
  ASSERT_EQ(mails.size(), 4U);
  EXPECT_THAT(mail::body_of(mails[3]), HasSubstr("Street lighting is at work on it"));
  close();
  open();  // nothing is sent anew
  act(id, "report", {"worker"}, "lighting", "", "done");
  EXPECT_EQ(box_->wait_for(5).size(), 5U);
  std::set<std::string> ids;
  for (const JsonValue& mail : box_->mails()) {
    ids.insert(mail::head_of(mail, "Message-ID"));
  }
  EXPECT_EQ(ids.size(), 5U);
}

TEST_F(MailTest, AnAddressThatWasErasedIsWrittenToNoMore) {
  NEEDS_MAILBOX({}, "tls = false\n");
  const JsonValue posted = post("light", "灯不亮", kContact);
  EXPECT_EQ(box_->wait_for(1).size(), 1U);
  EXPECT_EQ(ask(Method::del, "/public/v1/follow/" + posted.text_or("token", "") + "/contact").status, 204);
  act(only_case(), "take_up", {"operator"});
  post("light", "another", R"("contact":{"email":"other@example.com"})");
  const auto mails = box_->wait_for(2);
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mail::recipient_of(mails[1]), "other@example.com");
}

TEST_F(MailTest, AMailboxThatIsNoneEndsItAndOneThatIsBusyWaits) {
  NEEDS_MAILBOX({}, "tls = false\n");
  post("light", "a", R"("contact":{"email":"nobody@example.com"})");
  post("light", "b", R"("contact":{"email":"later@example.com"})");
  for (int i = 0; i < 1500 && (counter("civic_mails_given_up") < 1 || counter("civic_mails_failed") < 1); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(counter("civic_mails_given_up"), 1);
  EXPECT_EQ(counter("civic_mails_failed"), 1);
  EXPECT_EQ(counter("civic_outbox_waiting"), 1);
  wall_.advance_to(wall_.now() + std::chrono::seconds(31));
  for (int i = 0; i < 1500 && counter("civic_mails_failed") < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(counter("civic_mails_failed"), 2);  // tried again when its time had come
}

TEST_F(MailTest, WithTlsAndAPasswordAndNeverInTheClear) {
  const net::Certificate certificate;
  const std::string password = (folder_ / "password").string();
  std::filesystem::create_directories(folder_);
  std::ofstream(password) << "correct horse\n";
  NEEDS_MAILBOX((std::vector<std::string>{"--tls", certificate.certificate_file(), certificate.key_file(), "--user",
                                          "city", "correct horse"}),
                fmt::format("user = \"city\"\npassword_file = \"{}\"\nca_file = \"{}\"\n", password,
                            certificate.certificate_file()));
  post("light", "a", kContact);
  const auto mails = box_->wait_for(1);
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_TRUE(mails[0].boolean_or("tls", false));
  EXPECT_TRUE(mails[0].boolean_or("authenticated", false));
}

TEST_F(MailTest, AServerWithoutTlsIsNotSpokenTo) {
  NEEDS_MAILBOX({}, "");
  post("light", "a", kContact);
  for (int i = 0; i < 1500 && counter("civic_mails_failed") < 1; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(counter("civic_mails_failed"), 1);
  EXPECT_TRUE(box_->mails().empty());
}

TEST(Mail, ItsTitleIsTheStepAndItsTextLeadsOn) {
  const DueNotice notice{{"key",
                          "number",
                          "fixed",
                          base::from_us(0),
                          {"您上报的“路灯”：已解决。原因：更换", "Your report: fixed. Reason: x"}},
                         {"", "li@example.com", "", ""},
                         0};
  const mail::Letter letter = notice_letter(notice, {"试验区", "Testville"}, "https://c.example/r/x");
  EXPECT_EQ(letter.subject.zh, "您上报的“路灯”：已解决");
  EXPECT_EQ(letter.subject.en, "Your report: fixed");
  EXPECT_THAT(letter.text.zh, testing::EndsWith("删除您的联系方式：\nhttps://c.example/r/x\n\n试验区"));
  EXPECT_THAT(letter.text.en, testing::EndsWith("erase your address:\nhttps://c.example/r/x\n\nTestville"));
  EXPECT_EQ(notice_letter(notice, {"试验区", "Testville"}, "").text.en, "Your report: fixed. Reason: x\n\nTestville");
}

TEST(Mail, AQuestionLeadsToItsAnswerAndSaysSo) {
  DueNotice notice{
      {"survey:1", "number", "survey", base::from_us(0), {"请您评价：办理。后文", "Your opinion, please: x. y"}, "1"},
      {"", "li@example.com", "", "en"},
      0};
  const std::string link = "https://c.example/c/survey/x";
  const std::string body = notice_letter(notice, {"试验区", "Testville"}, link).text.en;
  EXPECT_THAT(body, HasSubstr("Answer here, without an account"));
  EXPECT_THAT(body, HasSubstr(link));
  EXPECT_EQ(body.find("erase your address"), std::string::npos);
}

}  // namespace
}  // namespace cityloop::civic
