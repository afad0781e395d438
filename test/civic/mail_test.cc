// Notices by e-mail, to a real mail server.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "civic/mailer.h"
#include "civic_city.h"
#include "test/net/certificate.h"

namespace cityloop::civic {
namespace {

using testing::HasSubstr;

// mailbox.py beside this file, by the machine's own Python; stopped by its process id. Where Python has no aiosmtpd
// there is none.
class Mailbox {
 public:
  Mailbox(const std::filesystem::path& folder, std::vector<std::string> more) : file_(folder / "mailbox") {
    std::filesystem::create_directories(folder);
    std::vector<std::string> words{"/usr/bin/python3", "test/civic/mailbox.py", file_.string()};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    const int made = ::posix_spawn(&process_, "/usr/bin/python3", &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    FILE* const out = ::fdopen(ends[0], "r");
    char line[32]{};
    if (made == 0 && out && std::fgets(line, sizeof line, out)) port_ = int(std::strtol(line, nullptr, 10));
    if (out) std::fclose(out);
    if (made != 0) process_ = 0;
  }
  ~Mailbox() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  Mailbox(const Mailbox&) = delete;

  int port() const { return port_; }
  std::vector<JsonValue> mails() const {
    std::vector<JsonValue> out;
    std::ifstream in(file_);
    for (std::string line; std::getline(in, line);) {
      if (auto mail = JsonValue::parse(line)) out.push_back(std::move(*mail));
    }
    return out;
  }
  std::vector<JsonValue> wait_for(std::size_t count) const {
    for (int i = 0; i < 1500 && mails().size() < count; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return mails();
  }

 private:
  std::filesystem::path file_;
  pid_t process_{0};
  int port_{0};
};

std::string decoded(const std::string& mail) {
  std::string body = mail.substr(mail.find("\r\n\r\n") + 4), out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : body) {
    const std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t value = letters.find(c);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | std::uint32_t(value);
    if ((count += 6) >= 8) out += char(bits >> (count -= 8) & 0xff);
  }
  return out;
}

class MailTest : public CivicCity {
 protected:
  void SetUp() override {}
  // False where there is no mail server to be had.
  bool open_with(std::vector<std::string> more, const std::string& settings) {
    box_ = std::make_unique<Mailbox>(folder_, std::move(more));
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

  std::unique_ptr<Mailbox> box_;
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
  EXPECT_EQ(*mails[0].find("to")->array()->front().text(), "li@example.com");
  const std::string content = mails[0].text_or("content", "");
  EXPECT_THAT(content, HasSubstr("Auto-Submitted: auto-generated"));
  EXPECT_THAT(decoded(content), HasSubstr("Received; waits to be looked at"));
  EXPECT_THAT(decoded(content), HasSubstr("https://city.example/r/" + posted.text_or("token", "-")));
  act(id, "take_up", {"operator"});
  act(id, "accept", {"worker"}, "lighting");
  mails = box_->wait_for(4);
  ASSERT_EQ(mails.size(), 4U);
  EXPECT_THAT(decoded(mails[3].text_or("content", "")), HasSubstr("Street lighting is at work on it"));
  close();
  open();  // nothing is sent anew
  act(id, "report", {"worker"}, "lighting", "", "done");
  EXPECT_EQ(box_->wait_for(5).size(), 5U);
  std::set<std::string> ids;
  for (const JsonValue& mail : box_->mails()) {
    const std::string text = mail.text_or("content", "");
    const std::size_t at = text.find("Message-ID: ");
    ids.insert(text.substr(at, text.find("\r\n", at) - at));
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
  EXPECT_EQ(*mails[1].find("to")->array()->front().text(), "other@example.com");
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

TEST(Mail, ItsTextIsAsciiInShortLinesAndCarriesNoForeignHead) {
  DueNotice notice{
      {"key",
       "number",
       "fixed",
       base::from_us(0),
       {"您上报的“路灯”：已解决。原因：很长很长的文字很长很长的文字很长很长的文字", "Your report: fixed. Reason: x"}},
      {"", "li@example.com", "", ""},
      0};
  const std::string from = "City <a@b.example>";
  const std::string text = mail::letter_text(notice_letter(notice, {"试验区", "Testville"}, "https://c.example/r/x"),
                                             from, base::from_us(1'777'622'400'000'000));
  std::size_t line = 0;
  for (const char c : text) {
    ASSERT_LT(std::uint8_t(c), 128);
    line = c == '\n' ? 0 : line + 1;
    ASSERT_LE(line, 100U);
  }
  EXPECT_THAT(text, HasSubstr("Date: Fri, 01 May 2026 08:00:00 +0000\r\n"));
  EXPECT_THAT(decoded(text), HasSubstr("已解决"));
  EXPECT_THAT(decoded(text), HasSubstr("Your report: fixed."));
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
