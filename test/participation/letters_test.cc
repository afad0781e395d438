// Links by e-mail, to a real mail server.
#include "forum_city.h"
#include "test/mail/mailbox.h"

namespace cityloop::participation {
namespace {

using testing::HasSubstr;
using testing::Not;

class LettersTest : public ForumCity {
 protected:
  void SetUp() override {}
  bool begin(const std::string& more = "") {
    box_ = std::make_unique<mail::Mailbox>(folder_);
    if (box_->port() == 0) return false;
    read_settings(toml() + fmt::format("[mail]\nserver = \"smtp://127.0.0.1:{}\"\nfrom = \"City <city@city.example>\"\n"
                                       "tls = false\n{}",
                                       box_->port(), more));
    take_part(forum_toml());
    links_at_hand_ = false;
    open_all();
    return true;
  }
  void TearDown() override {
    ForumCity::TearDown();
    box_.reset();
  }
  void ask_for(const std::string& email, const std::string& language = "en") {
    const Response answer = ask(Method::post, "/public/v1/people",
                                fmt::format(R"({{"email":"{}","language":"{}","next":"/c/rounds"}})", email, language));
    EXPECT_EQ(answer.status, 202) << answer.body;
    EXPECT_EQ(answer.body, "{}") << "the link goes to the mailbox alone";
  }
  std::unique_ptr<mail::Mailbox> box_;
};

#define NEEDS_MAILBOX() \
  if (!begin()) GTEST_SKIP() << "no mail server: python3-aiosmtpd is not installed"

TEST_F(LettersTest, WhoOpensTheLinkIsThePerson) {
  NEEDS_MAILBOX();
  ask_for("li@example.com");
  const auto mails = box_->wait_for(1);
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_THAT(mails[0].dump(), HasSubstr("li@example.com"));
  const std::string text = mail::body_of(mails[0]);
  EXPECT_THAT(text, HasSubstr("https://city.example/c/confirm#"));
  EXPECT_THAT(text, Not(HasSubstr("请打开"))) << "in the language that was asked for";
  const std::size_t at = text.find('#') + 1;
  const std::string link = text.substr(at, text.find('\n', at) - at);
  const JsonValue person = json(Method::post, "/public/v1/people/confirm", fmt::format(R"({{"link":"{}"}})", link));
  EXPECT_EQ(person.text_or("next", ""), "/c/rounds");
  EXPECT_EQ(
      json(Method::get, "/public/v1/people/me", "", Somebody{person.text_or("secret", "")}.how()).text_or("email", ""),
      "li@example.com");
}

TEST_F(LettersTest, AMailboxThatIsNoneKeepsNobodyWaiting) {
  NEEDS_MAILBOX();
  ask_for("nobody@example.com");
  ask_for("later@example.com");
  ask_for("wu@example.com", "zh");
  const auto mails = box_->wait_for(1);
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_THAT(mail::body_of(mails[0]), HasSubstr("请打开"));
  for (int i = 0; i < 500; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    double failed = 0;
    for (const auto& [name, value] : participation_->counters()) {
      if (name == "participation_letters_failed") failed = value;
    }
    if (failed >= 2) break;
  }
  wall_.advance_to(wall_.now() + std::chrono::minutes(2));
  EXPECT_EQ(box_->wait_for(1).size(), 1U) << "one that is told to come later is tried again, and is still refused";
}

}  // namespace
}  // namespace cityloop::participation
