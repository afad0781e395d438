// The outbox, with a real mail server: what was accepted arrives, once, in order; what cannot arrive says why.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "mail/post.h"
#include "mailbox.h"
#include "test/net/certificate.h"

namespace cityloop::mail {
namespace {

using base::Errc;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

Letter letter(const std::string& key, const std::string& to, const std::string& text = "words of a letter") {
  return {key, to, "en", {"主题", "Subject " + key}, {"正文", text}};
}

class PostTest : public testing::Test {
 protected:
  PostTest() {
    static std::atomic<int> count{0};
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-mail-{}-{}", ::getpid(), count++);
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    wall_.advance_to(base::parse_time("2026-05-01T08:00:00Z").value());
  }
  ~PostTest() override {
    post_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string file() const { return (folder_ / "mail.db").string(); }
  // Begins to send; with a server of this port, or none.
  void open(int port, PostRules rules = {}) {
    set_server(port);
    post_.reset();
    rules.look = 10ms;
    post_ = Post::open(file(), [this] { return settings(); }, wall_, rules).value();
    for (const auto& [name, writer] : writers_) post_->add_writer(name, writer);
    ASSERT_TRUE(post_->start());
  }
  void set_server(int port, std::function<void(MailSettings&)> more = {}) {
    const std::lock_guard lock(mutex_);
    settings_ = {};
    settings_.server = port == 0 ? "" : fmt::format("smtp://127.0.0.1:{}", port);
    settings_.from = "City <noreply@city.example>";
    settings_.tls = false;
    if (more) more(settings_);
  }
  MailSettings settings() {
    const std::lock_guard lock(mutex_);
    return settings_;
  }
  LetterState state(const std::string& key) { return post_->states(std::span(&key, 1)).value().front(); }
  LetterState wait_until(const std::string& key, const std::function<bool(const LetterState&)>& so) {
    LetterState out;
    for (int i = 0; i < 1500 && !so(out = state(key)); ++i) std::this_thread::sleep_for(10ms);
    return out;
  }
  LetterState wait_for(const std::string& key, LetterStage stage) {
    return wait_until(key, [&](const LetterState& one) { return one.stage == stage; });
  }
  LetterState wait_for(const std::string& key, LetterTrouble trouble) {
    return wait_until(key, [&](const LetterState& one) { return one.trouble == trouble; });
  }
  double counter(std::string_view name) {
    for (const auto& [known, value] : post_->counters()) {
      if (known == name) return value;
    }
    ADD_FAILURE() << "no counter " << name;
    return 0;
  }
  void pass(base::Duration time) { wall_.advance_to(wall_.now() + time); }

  std::filesystem::path folder_;
  base::ManualClock wall_;
  std::mutex mutex_;
  MailSettings settings_;
  std::map<std::string, LetterWriter> writers_;
  std::unique_ptr<Post> post_;
};

TEST_F(PostTest, ALetterArrivesAndItsStateSaysSo) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  open(box.port());
  EXPECT_EQ(state("a").stage, LetterStage::none);
  EXPECT_TRUE(post_->put(letter("a", "li@example.com")).value());
  const LetterState done = wait_for("a", LetterStage::taken);
  EXPECT_EQ(done.stage, LetterStage::taken);
  EXPECT_EQ(done.since, wall_.now());
  EXPECT_EQ(done.attempts, 1U);
  const auto mails = box.wait_for(1);
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(recipient_of(mails[0]), "li@example.com");
  EXPECT_EQ(mails[0].text_or("from", ""), "noreply@city.example");
  EXPECT_EQ(head_of(mails[0], "Message-ID"), message_id("a", "noreply@city.example"));
  EXPECT_EQ(body_of(mails[0]), "words of a letter\n\n");
  EXPECT_EQ(counter("mail_letters_sent"), 1);
  EXPECT_EQ(counter("mail_letters_waiting"), 0);
}

TEST_F(PostTest, ThereIsOneLetterAKeyEver) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  open(box.port());
  const Letter both[] = {letter("a", "li@example.com", "first"), letter("b", "li@example.com", "second")};
  EXPECT_TRUE(post_->put(both[0]).value());
  EXPECT_FALSE(post_->put(letter("a", "wu@example.com", "another")).value());
  EXPECT_THAT(post_->put(both).value(), ElementsAre(false, true));
  EXPECT_EQ(wait_for("b", LetterStage::taken).stage, LetterStage::taken);
  open(box.port());
  EXPECT_THAT(post_->put(both).value(), ElementsAre(false, false));
  EXPECT_TRUE(post_->put(letter("last", "zhou@example.com")).value());
  EXPECT_EQ(wait_for("last", LetterStage::taken).stage, LetterStage::taken);
  const auto mails = box.mails();
  ASSERT_EQ(mails.size(), 3U);
  EXPECT_THAT(body_of(mails[0]), HasSubstr("first"));
  EXPECT_THAT(body_of(mails[1]), HasSubstr("second"));
}

TEST_F(PostTest, PutByManyAtOnceItIsStillOne) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  open(box.port());
  std::atomic<int> fresh{0};
  std::vector<std::thread> clerks;
  for (int i = 0; i < 8; ++i) {
    clerks.emplace_back([&] {
      for (int n = 0; n < 10; ++n)
        fresh += post_->put(letter(fmt::format("key:{}", n), fmt::format("p{}@example.com", n))).value() ? 1 : 0;
    });
  }
  for (std::thread& one : clerks) one.join();
  EXPECT_EQ(fresh, 10);
  for (int n = 0; n < 10; ++n)
    EXPECT_EQ(wait_for(fmt::format("key:{}", n), LetterStage::taken).stage, LetterStage::taken);
  EXPECT_EQ(box.mails().size(), 10U);
}

TEST_F(PostTest, ThoseToOneAddressKeepTheirOrder) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  open(0);
  std::vector<Letter> many;
  for (int i = 0; i < 12; ++i)
    many.push_back(letter(fmt::format("{}", i), i % 2 ? "li@example.com" : "wu@example.com", fmt::format("{:02}", i)));
  ASSERT_TRUE(post_->put(many));
  set_server(box.port());
  const auto mails = box.wait_for(12);
  ASSERT_EQ(mails.size(), 12U);
  std::map<std::string, std::string> last;
  for (const auto& mail : mails) {
    EXPECT_LT(last[recipient_of(mail)], body_of(mail));
    last[recipient_of(mail)] = body_of(mail);
  }
}

TEST_F(PostTest, AMailboxThatIsBusyHoldsUpItsOwnLettersAlone) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  open(box.port());
  const Letter letters[] = {letter("first", "later@example.com"), letter("second", "later@example.com"),
                            letter("other", "li@example.com")};
  ASSERT_TRUE(post_->put(letters));
  EXPECT_EQ(wait_for("other", LetterStage::taken).stage, LetterStage::taken);
  const LetterState busy = wait_for("first", LetterTrouble::mailbox_busy);
  EXPECT_EQ(busy.stage, LetterStage::waiting);
  EXPECT_THAT(busy.why, HasSubstr("451"));
  for (unsigned attempts = 1; attempts < kAttemptsMax; ++attempts) {
    wait_until("first", [&](const LetterState& one) { return one.attempts == attempts; });
    EXPECT_EQ(state("second").attempts, 0U) << "behind the first";
    pass(6h + 1s);
  }
  const LetterState over = wait_for("first", LetterStage::given_up);
  EXPECT_EQ(over.stage, LetterStage::given_up);
  EXPECT_EQ(over.trouble, LetterTrouble::mailbox_busy);
  EXPECT_EQ(over.attempts, kAttemptsMax);
  EXPECT_EQ(wait_for("second", LetterTrouble::mailbox_busy).attempts, 1U);
  EXPECT_EQ(counter("mail_server_away"), 0);
}

TEST_F(PostTest, AMailboxThatIsNoneEndsItAndTheReasonNamesNobody) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  open(box.port());
  ASSERT_TRUE(post_->put(letter("a", "nobody@example.com")));
  ASSERT_TRUE(post_->put(letter("b", "li@example.com")));
  const LetterState over = wait_for("a", LetterStage::given_up);
  EXPECT_EQ(over.trouble, LetterTrouble::no_mailbox);
  EXPECT_THAT(over.why, AllOf(HasSubstr("550"), Not(HasSubstr("nobody@example.com"))));
  EXPECT_EQ(wait_for("b", LetterStage::taken).stage, LetterStage::taken);
  EXPECT_EQ(counter("mail_letters_given_up"), 1);
}

TEST_F(PostTest, WithoutAServerLettersWaitAndSaySo) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  open(0);
  EXPECT_FALSE(post_->has_server());
  ASSERT_TRUE(post_->put(letter("a", "li@example.com")));
  EXPECT_EQ(state("a").stage, LetterStage::waiting);
  EXPECT_EQ(state("a").trouble, LetterTrouble::no_server);
  EXPECT_EQ(state("a").since, wall_.now());
  pass(24h * 90);
  EXPECT_EQ(counter("mail_oldest_waiting_seconds"), 90 * 86400.0);
  set_server(box.port());  // other settings came into force
  EXPECT_EQ(wait_for("a", LetterStage::taken).stage, LetterStage::taken);
}

TEST_F(PostTest, AServerThatWasAwayGetsAllOfThemWhenItIsBack) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  box.stop();
  open(box.port());
  ASSERT_TRUE(post_->put(letter("a", "li@example.com")));
  ASSERT_TRUE(post_->put(letter("b", "wu@example.com")));
  const LetterState away = wait_for("a", LetterTrouble::server_away);
  EXPECT_EQ(away.stage, LetterStage::waiting);
  EXPECT_EQ(away.attempts, 0U) << "it says nothing of the letter";
  EXPECT_THAT(away.why, Not(testing::IsEmpty()));
  EXPECT_EQ(wait_for("b", LetterTrouble::server_away).trouble, LetterTrouble::server_away);
  EXPECT_EQ(counter("mail_server_away"), 1);
  box.start();
  EXPECT_EQ(wait_for("a", LetterStage::taken).stage, LetterStage::taken);
  EXPECT_EQ(wait_for("b", LetterStage::taken).stage, LetterStage::taken);
  EXPECT_EQ(counter("mail_server_away"), 0);
}

TEST_F(PostTest, TwoWeeksWithoutTheServerEndIt) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  box.stop();
  open(box.port());
  ASSERT_TRUE(post_->put(letter("a", "li@example.com")));
  wait_for("a", LetterTrouble::server_away);
  pass(24h * 14 + 1s);
  const LetterState over = wait_for("a", LetterStage::given_up);
  EXPECT_EQ(over.stage, LetterStage::given_up);
  EXPECT_EQ(over.trouble, LetterTrouble::server_away);
}

TEST_F(PostTest, WhatItSaidIsOverwrittenAndThatItWasTakenStays) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  open(box.port());
  ASSERT_TRUE(post_->put(letter("taken", "li@example.com", "a word that nobody needs for ever")));
  ASSERT_TRUE(post_->put(letter("none", "nobody@example.com", "another one of the kind")));
  wait_for("taken", LetterStage::taken);
  wait_for("none", LetterStage::given_up);
  EXPECT_THAT(base::read_file(file()).value(),
              AllOf(HasSubstr("li@example.com"), HasSubstr("a word that nobody needs for ever")));
  pass(24h * 30 + 1s);
  const auto erased = [&] {
    const std::string bytes = base::read_file(file()).value();
    return bytes.find("example.com") == bytes.npos && bytes.find("nobody needs") == bytes.npos &&
           bytes.find("one of the kind") == bytes.npos && bytes.find("Subject") == bytes.npos;
  };
  for (int i = 0; i < 500 && !erased(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(erased());
  EXPECT_EQ(state("taken").stage, LetterStage::taken);
  EXPECT_EQ(state("none").trouble, LetterTrouble::no_mailbox);
  EXPECT_FALSE(post_->put(letter("taken", "li@example.com")).value());
}

TEST_F(PostTest, OneThatIsWithdrawnIsNotSentAndNothingOfItIsLeft) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  open(0);
  ASSERT_TRUE(post_->put(letter("a", "li@example.com", "what was thought better of")));
  ASSERT_TRUE(post_->put(letter("b", "wu@example.com")));
  ASSERT_TRUE(post_->withdraw("a"));
  ASSERT_TRUE(post_->withdraw("unheard of"));
  EXPECT_EQ(state("a").stage, LetterStage::given_up);
  EXPECT_EQ(state("a").trouble, LetterTrouble::not_wanted);
  EXPECT_THAT(base::read_file(file()).value(),
              AllOf(Not(HasSubstr("li@example.com")), Not(HasSubstr("thought better"))));
  EXPECT_EQ(counter("mail_letters_waiting"), 1);
  set_server(box.port());
  EXPECT_EQ(wait_for("b", LetterStage::taken).stage, LetterStage::taken);
  EXPECT_EQ(box.mails().size(), 1U);
}

TEST_F(PostTest, ItIsSentNotBeforeItsTimeAndNotAfterIt) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  open(box.port());
  const Instant morning = wall_.now() + 24h;
  ASSERT_TRUE(post_->put(letter("morning", "li@example.com"), {.not_before = morning}));
  ASSERT_TRUE(post_->put(letter("now", "li@example.com")));
  EXPECT_EQ(wait_for("now", LetterStage::taken).stage, LetterStage::taken) << "what waits for its time holds up none";
  EXPECT_EQ(state("morning").stage, LetterStage::waiting);
  pass(24h);
  EXPECT_EQ(wait_for("morning", LetterStage::taken).stage, LetterStage::taken);
  set_server(0);
  ASSERT_TRUE(post_->put(letter("invitation", "li@example.com"), {.not_after = wall_.now() + 1h}));
  pass(2h);
  const LetterState late = wait_for("invitation", LetterStage::given_up);
  EXPECT_EQ(late.trouble, LetterTrouble::too_late);
  set_server(box.port());
  ASSERT_TRUE(post_->put(letter("last", "wu@example.com")));
  wait_for("last", LetterStage::taken);
  EXPECT_EQ(box.mails().size(), 3U);
}

TEST_F(PostTest, WhatMustNotLieOnDiskIsWrittenWhenItsTurnHasCome) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  writers_["link"] = [](const std::string& about, Instant now) -> base::Result<std::optional<Letter>> {
    if (about == "gone") return std::nullopt;
    if (about == "trouble") return base::fail(Errc::unavailable, "the book of persons does not open");
    return Letter{"", about + "@example.com", "en", {"", "Your link"}, {"", "secret-" + base::format_time(now)}};
  };
  open(0);
  ASSERT_TRUE(post_->put(LetterToWrite{"a", "person:1", "link", "li"}));
  ASSERT_TRUE(post_->put(LetterToWrite{"b", "person:2", "link", "gone"}));
  ASSERT_TRUE(post_->put(LetterToWrite{"c", "person:3", "link", "trouble"}));
  ASSERT_TRUE(post_->put(LetterToWrite{"d", "person:4", "of a package that is not there", "x"}));
  EXPECT_FALSE(post_->put(LetterToWrite{"a", "person:1", "link", "li"}).value());
  pass(1h);
  const std::string when = base::format_time(wall_.now());
  set_server(box.port());
  EXPECT_EQ(wait_for("a", LetterStage::taken).stage, LetterStage::taken);
  EXPECT_EQ(wait_for("b", LetterStage::given_up).trouble, LetterTrouble::not_wanted);
  EXPECT_THAT(wait_for("c", LetterTrouble::mailbox_busy).why, HasSubstr("does not open"));
  EXPECT_THAT(wait_for("d", LetterTrouble::mailbox_busy).why, HasSubstr("nobody here writes"));
  const auto mails = box.mails();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_THAT(body_of(mails[0]), HasSubstr("secret-" + when)) << "as of when it is sent";
  EXPECT_EQ(head_of(mails[0], "Message-ID"), message_id("a", "noreply@city.example"));
  EXPECT_THAT(base::read_file(file()).value(), AllOf(Not(HasSubstr("secret-")), Not(HasSubstr("example.com"))));
}

TEST_F(PostTest, OfABadLetterItSaysWhatIsWrongAndTakesNoneOfThem) {
  open(0);
  const auto refusal = [&](Letter bad) {
    const Letter both[] = {letter("good", "li@example.com"), std::move(bad)};
    const auto put = post_->put(both);
    EXPECT_FALSE(put);
    EXPECT_EQ(state("good").stage, LetterStage::none);
    return put ? "" : put.error().message;
  };
  EXPECT_THAT(refusal(letter("x", "li@example")), HasSubstr("'li@example' is no address"));
  EXPECT_THAT(refusal(letter("x", "li@example.com\r\nRCPT TO:<a@b.example>")), HasSubstr("is no address"));
  EXPECT_THAT(refusal(letter("", "li@example.com")), HasSubstr("the key of a letter"));
  EXPECT_THAT(refusal(letter("x", "li@example.com", "")), HasSubstr("has a subject and a text in the language"));
  EXPECT_THAT(refusal(letter("x", "li@example.com", std::string(70 << 10, 'a'))), HasSubstr("longer than 64 KiB"));
  EXPECT_FALSE(post_->put(LetterToWrite{"x", "", "link", ""}));
}

TEST_F(PostTest, WhenAsManyWaitAsMayMoreAreRefused) {
  open(0, {.waiting_max = 2});
  ASSERT_TRUE(post_->put(letter("a", "li@example.com")));
  const Letter two[] = {letter("b", "li@example.com"), letter("c", "li@example.com")};
  EXPECT_EQ(post_->put(two).error().code, Errc::full);
  EXPECT_EQ(state("b").stage, LetterStage::none);
  ASSERT_TRUE(post_->put(two[0]));
  EXPECT_EQ(post_->put(two[1]).error().code, Errc::full);
  open(0, {.waiting_max = 2});
  EXPECT_EQ(counter("mail_letters_waiting"), 2) << "counted anew";
}

TEST_F(PostTest, AWrongPasswordIsTheServersTroubleUntilTheFileIsMended) {
  const net::Certificate certificate;
  Mailbox box(folder_, {"--tls", certificate.certificate_file(), certificate.key_file(), "--user", "city", "right"});
  SKIP_WITHOUT_MAILBOX(box);
  const std::string password = (folder_ / "password").string();
  open(0);
  ASSERT_TRUE(post_->put(letter("a", "li@example.com")));
  set_server(box.port(), [&](MailSettings& out) {
    out.tls = true;
    out.user = "city";
    out.password_file = password;
    out.ca_file = certificate.certificate_file();
  });
  EXPECT_THAT(wait_for("a", LetterTrouble::server_away).why, HasSubstr(password)) << "there is no such file yet";
  std::ofstream(password) << "wrong\n";
  EXPECT_THAT(wait_until("a", [](const LetterState& one) { return one.why.find("535") != one.why.npos; }).why,
              HasSubstr("535"));
  std::ofstream(password) << "right\n";
  EXPECT_EQ(wait_for("a", LetterStage::taken).stage, LetterStage::taken);
  const auto mails = box.mails();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_TRUE(mails[0].boolean_or("tls", false));
  EXPECT_TRUE(mails[0].boolean_or("authenticated", false));
}

TEST_F(PostTest, ItEndsSoonWhileAServerSaysNothing) {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listening, 4), 0);
  ASSERT_EQ(::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size), 0);
  open(ntohs(address.sin_port));
  ASSERT_TRUE(post_->put(letter("a", "li@example.com")));
  const int taken = ::accept(listening, nullptr, nullptr);
  ASSERT_GE(taken, 0);  // it hears no greeting now
  const auto begun = std::chrono::steady_clock::now();
  post_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 30s) << "it would have waited a minute";
  EXPECT_EQ(state("a").stage, LetterStage::waiting);
  EXPECT_EQ(state("a").attempts, 0U);
  ::close(taken);
  ::close(listening);
}

TEST_F(PostTest, AFileOfANewerProgramIsRefused) {
  open(0);
  post_.reset();
  ASSERT_TRUE(store::Sqlite::open(file()).value().exec("PRAGMA user_version = 99"));
  const auto opened = Post::open(file(), [] { return MailSettings{}; }, wall_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::unsupported);
}

// kill -9: a sender of its own, this program with the test below, puts letters and says which were accepted.

constexpr const char* kSender = "PostSender.DISABLED_PutsLettersUntilItIsKilled";

TEST(PostSender, DISABLED_PutsLettersUntilItIsKilled) {
  const std::string file = std::getenv("CITYLOOP_TEST_MAIL"), port = std::getenv("CITYLOOP_TEST_PORT");
  const std::string run = std::getenv("CITYLOOP_TEST_RUN");
  const base::WallClock wall;
  const auto settings = [&] {
    MailSettings out;
    out.server = "smtp://127.0.0.1:" + port;
    out.from = "City <noreply@city.example>";
    out.tls = false;
    return out;
  };
  const auto post = Post::open(file, settings, wall).value();
  ASSERT_TRUE(post->start());
  for (int n = 0;; ++n) {
    const std::string key = fmt::format("{}:{}", run, n);
    ASSERT_TRUE(post->put(letter(key, fmt::format("p{}@example.com", n % 7), key)));
    std::printf("accepted %s\n", key.c_str());
    std::fflush(stdout);
  }
}

// Runs the sender, kills it in the middle, and gives the keys that it said were accepted.
std::vector<std::string> accepted_until_killed(const std::string& file, int port, int run, base::Duration lives) {
  const std::string filter = fmt::format("--gtest_filter={}", kSender);
  std::string words[] = {"/proc/self/exe", filter, "--gtest_also_run_disabled_tests"};
  char* const argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  std::string variables[] = {"CITYLOOP_TEST_MAIL=" + file, fmt::format("CITYLOOP_TEST_PORT={}", port),
                             fmt::format("CITYLOOP_TEST_RUN={}", run)};
  char* const environment[] = {variables[0].data(), variables[1].data(), variables[2].data(), nullptr};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  pid_t process = 0;
  const int made = ::posix_spawn(&process, "/proc/self/exe", &actions, nullptr, argv, environment);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  FILE* const out = ::fdopen(ends[0], "r");
  std::vector<std::string> keys;
  char line[512];
  std::optional<std::chrono::steady_clock::time_point> first;
  while (made == 0 && out && std::fgets(line, sizeof line, out)) {
    const std::string_view said = line;
    if (!said.starts_with("accepted ") || !said.ends_with('\n')) continue;
    keys.emplace_back(said.substr(9, said.size() - 10));
    if (!first) first = std::chrono::steady_clock::now();
    if (std::chrono::steady_clock::now() - *first > lives) ::kill(process, SIGKILL);
  }
  if (out) std::fclose(out);
  if (made == 0) ::waitpid(process, nullptr, 0);
  return keys;
}

TEST_F(PostTest, WhatWasAcceptedArrivesThoughTheSenderIsKilledAgainAndAgain) {
  Mailbox box(folder_);
  SKIP_WITHOUT_MAILBOX(box);
  std::vector<std::string> accepted;
  for (int run = 0; run < 4; ++run) {
    const auto keys = accepted_until_killed(file(), box.port(), run, 40ms * (run + 1));
    EXPECT_FALSE(keys.empty());
    accepted.insert(accepted.end(), keys.begin(), keys.end());
  }
  wall_.advance_to(base::WallClock().now());
  open(box.port());
  for (const std::string& key : accepted) EXPECT_EQ(wait_for(key, LetterStage::taken).stage, LetterStage::taken) << key;
  std::map<std::string, int> arrived;
  std::map<std::string, std::string> ids;
  for (const auto& mail : box.mails()) {
    const std::string key = body_of(mail).substr(0, body_of(mail).find('\n'));
    ++arrived[key];
    const std::string id = head_of(mail, "Message-ID");
    EXPECT_EQ(ids.try_emplace(key, id).first->second, id) << "by which a mailbox can tell";
  }
  int twice = 0;
  for (const std::string& key : accepted) {
    EXPECT_GE(arrived[key], 1) << key;
    twice += arrived[key] > 1 ? 1 : 0;
  }
  EXPECT_LE(twice, 4) << "at most the one that was on its way each time";
}

}  // namespace
}  // namespace cityloop::mail
