// Links by e-mail, to a real mail server.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "forum_city.h"

namespace cityloop::participation {
namespace {

using testing::HasSubstr;
using testing::Not;

// test/civic/mailbox.py, stopped by its process id. Port 0 where Python has no aiosmtpd.
class Mailbox {
 public:
  explicit Mailbox(const std::filesystem::path& folder) : file_((folder / "mailbox").string()) {
    const char* words[] = {"/usr/bin/python3", "test/civic/mailbox.py", file_.c_str(), nullptr};
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    const int made = ::posix_spawn(&process_, words[0], &actions, nullptr, const_cast<char**>(words), environ);
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
  std::vector<JsonValue> wait_for(std::size_t count) const {
    std::vector<JsonValue> out;
    for (int i = 0; i < 1500 && out.size() < count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      out.clear();
      std::ifstream in(file_);
      for (std::string line; std::getline(in, line);) {
        if (auto mail = JsonValue::parse(line)) out.push_back(std::move(*mail));
      }
    }
    return out;
  }

 private:
  std::string file_;
  pid_t process_{0};
  int port_{0};
};

// The body, which is base64 in lines.
std::string decoded(const std::string& mail) {
  std::string letters;
  for (const char c : mail.substr(mail.find("\r\n\r\n") + 4)) {
    if (c == '+') letters += '-';
    else if (c == '/') letters += '_';
    else if (c != '\r' && c != '\n' && c != '=') letters += c;
  }
  return from_base64url(letters).value_or("");
}

class LettersTest : public ForumCity {
 protected:
  void SetUp() override {}
  bool begin(const std::string& more = "") {
    box_ = std::make_unique<Mailbox>(folder_);
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
  std::unique_ptr<Mailbox> box_;
};

#define NEEDS_MAILBOX() \
  if (!begin()) GTEST_SKIP() << "no mail server: python3-aiosmtpd is not installed"

TEST_F(LettersTest, WhoOpensTheLinkIsThePerson) {
  NEEDS_MAILBOX();
  ask_for("li@example.com");
  const auto mails = box_->wait_for(1);
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_THAT(mails[0].dump(), HasSubstr("li@example.com"));
  const std::string text = decoded(mails[0].text_or("content", ""));
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
  EXPECT_THAT(decoded(mails[0].text_or("content", "")), HasSubstr("请打开"));
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
