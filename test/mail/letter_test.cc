// What a mail server is given.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/config.h"
#include "mail/letter.h"
#include "mail/smtp.h"
#include "mailbox.h"

namespace cityloop::mail {
namespace {

using testing::HasSubstr;
using testing::Not;

const Letter kLetter{"awards:receipt:1",
                     "li@example.com",
                     "",
                     {"回执：很长很长的标题很长很长的标题很长很长的标题很长很长的标题\r\nBcc: x@y.example", "Receipt"},
                     {"收到了。", "It was received."}};

TEST(LetterText, IsAsciiInShortLinesAndCarriesNoForeignHead) {
  const std::string text = letter_text(kLetter, "City <a@b.example>", base::from_us(1'777'622'400'000'000));
  std::size_t line = 0;
  for (const char c : text) {
    ASSERT_LT(std::uint8_t(c), 128);
    line = c == '\n' ? 0 : line + 1;
    ASSERT_LE(line, 100U);
  }
  EXPECT_THAT(text, HasSubstr("Date: Fri, 01 May 2026 08:00:00 +0000\r\n"));
  EXPECT_THAT(text, HasSubstr("To: <li@example.com>\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("Bcc")));
  EXPECT_EQ(body_of(text), "收到了。\n\nIt was received.\n\n");
}

TEST(LetterText, IsInTheLanguageOfWhoReadsIt) {
  Letter letter = kLetter;
  letter.language = "en";
  const std::string english = letter_text(letter, "a@b.example", base::from_us(0));
  EXPECT_EQ(body_of(english), "It was received.\n\n");
  EXPECT_THAT(english, HasSubstr("Subject: =?UTF-8?B?UmVjZWlwdA==?=\r\n"));
  letter.language = "zh";
  EXPECT_EQ(body_of(letter_text(letter, "a@b.example", base::from_us(0))), "收到了。\n\n");
}

TEST(MessageId, FollowsFromTheKeyAndTheSender) {
  EXPECT_EQ(message_id("key", "City <a@b.example>"), message_id("key", "a@b.example"));
  EXPECT_NE(message_id("key", "a@b.example"), message_id("kex", "a@b.example"));
  EXPECT_THAT(message_id("key", "a@b.example"), HasSubstr("@b.example>"));
}

TEST(Address, IsOneThatAMailServerCanBeTold) {
  for (const char* const good : {"li@example.com", "a.b+c@sub.example.org", "x_y-z@1.cn"})
    EXPECT_TRUE(is_address(good)) << good;
  for (const char* const bad :
       {"", "li", "li@", "@example.com", "li@example", "li@.com", "li@example.", "a b@example.com", "a@b@example.com",
        "a@example.com,b@example.com", "li@example.com\r\nRCPT TO:<x@y.example>", "<li@example.com>", "李@example.com",
        "\"x\"@example.com"})
    EXPECT_FALSE(is_address(bad)) << bad;
  EXPECT_FALSE(is_address(std::string(250, 'a') + "@example.com"));
}

TEST(Backoff, DoublesFromHalfAMinuteToSixHours) {
  EXPECT_EQ(mail_backoff(0), base::Duration(std::chrono::seconds(30)));
  EXPECT_EQ(mail_backoff(3), base::Duration(std::chrono::minutes(4)));
  EXPECT_EQ(mail_backoff(50), base::Duration(std::chrono::hours(6)));
}

TEST(MailSettings, ToldEachMistakeWithItsLine) {
  auto file =
      base::Config::parse("[mail]\nserver = \"mail.example\"\nfrom = \"Lakeside\"\ntls = false\n", "civic.toml");
  ASSERT_TRUE(file);
  auto table = file->root().table("mail");
  ASSERT_TRUE(table);
  (void)MailSettings::read(*table);
  const base::Status checked = file->check();
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr("civic.toml:2: 'server' is smtp://HOST:PORT or smtps://HOST:PORT"));
  EXPECT_THAT(checked.error().message, HasSubstr("civic.toml:3: 'from' is no address"));
  EXPECT_THAT(checked.error().message, HasSubstr("civic.toml:4: without TLS only to a server on this machine"));
}

}  // namespace
}  // namespace cityloop::mail
