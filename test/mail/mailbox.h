// A real mail server for tests: mailbox.py beside this file, by the machine's own Python, stopped by its process id.
// Where Python has no aiosmtpd there is none, and the port is 0.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/json_value.h"

#define SKIP_WITHOUT_MAILBOX(box) \
  if ((box).port() == 0) GTEST_SKIP() << "no mail server: python3-aiosmtpd is not installed"

namespace cityloop::mail {

class Mailbox {
 public:
  explicit Mailbox(const std::filesystem::path& folder, std::vector<std::string> more = {})
      : file_(folder / "mailbox"), more_(std::move(more)) {
    std::filesystem::create_directories(folder);
    start();
  }
  ~Mailbox() { stop(); }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void stop() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  // Again on the port that it had.
  void start() {
    std::vector<std::string> words{"/usr/bin/python3", "test/mail/mailbox.py", file_.string(), "--port",
                                   std::to_string(port_)};
    words.insert(words.end(), more_.begin(), more_.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    const int made = ::posix_spawn(&process_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    FILE* const out = ::fdopen(ends[0], "r");
    char line[32]{};
    const bool told = made == 0 && out && std::fgets(line, sizeof line, out);
    EXPECT_TRUE(told) << "test/mail/mailbox.py does not run";
    if (told) port_ = int(std::strtol(line, nullptr, 10));
    if (out) std::fclose(out);
    if (made != 0) process_ = 0;
  }

  int port() const { return port_; }
  std::vector<base::JsonValue> mails() const {
    std::vector<base::JsonValue> out;
    std::ifstream in(file_);
    for (std::string line; std::getline(in, line);) {
      if (auto mail = base::JsonValue::parse(line)) out.push_back(std::move(*mail));
    }
    return out;
  }
  std::vector<base::JsonValue> wait_for(std::size_t count) const {
    for (int i = 0; i < 1500 && mails().size() < count; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return mails();
  }

 private:
  std::filesystem::path file_;
  std::vector<std::string> more_;
  pid_t process_{0};
  int port_{0};
};

inline std::string from_base64(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t value = kLetters.find(c);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | std::uint32_t(value);
    if ((count += 6) >= 8) out += char(bits >> (count -= 8) & 0xff);
  }
  return out;
}

// What a mail says, and what its head says after `name`.
inline std::string body_of(const std::string& mail) {
  return from_base64(std::string_view(mail).substr(mail.find("\r\n\r\n") + 4));
}
inline std::string body_of(const base::JsonValue& mail) {
  return body_of(mail.text_or("content", ""));
}
inline std::string head_of(const base::JsonValue& mail, std::string_view name) {
  const std::string content = mail.text_or("content", "");
  const std::size_t at = content.find(fmt::format("{}: ", name));
  return at == content.npos ? ""
                            : content.substr(at + name.size() + 2, content.find("\r\n", at) - at - name.size() - 2);
}
inline std::string recipient_of(const base::JsonValue& mail) {
  const base::JsonValue* const to = mail.find("to");
  return to && to->array() && !to->array()->empty() ? *to->array()->front().text() : "";
}

}  // namespace cityloop::mail
