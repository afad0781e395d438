#include "trust/accounts.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "trust/enrolment.h"
#include "trust/secret.h"
#include "trust/sign_in_limits.h"

namespace cityloop::trust {
namespace {

using base::Errc;
using namespace std::chrono_literals;

constexpr std::string_view kPassword = "correct horse";

Principal user(std::string name, std::vector<std::string> roles = {"operator"}) {
  return {PrincipalKind::user, "user:" + name, {"李伟", "Li Wei"}, std::move(roles), "water", {"north"}};
}
Principal program(std::string name) {
  return {PrincipalKind::program, "program:" + name, {"导入", "Import"}, {"integrator"}, "", {}};
}

class AccountsTest : public testing::Test {
 protected:
  AccountsTest() {
    static std::atomic<int> count{0};
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-accounts-{}-{}", ::getpid(), ++count);
    std::filesystem::create_directories(folder_);
    file_ = folder_ / "accounts.json";
  }
  ~AccountsTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Accounts> open() { return Accounts::open(file_, clock_).value(); }
  std::string text() const { return base::read_file(file_).value(); }
  void pass(base::Duration time) { clock_.advance_to(clock_.now() + time); }
  static void let_the_other_process_be_noticed() { std::this_thread::sleep_for(150ms); }

  std::filesystem::path folder_;
  std::string file_;
  base::ManualClock clock_{base::from_ms(1'700'000'000'000)};
};

TEST_F(AccountsTest, ANewFileIsEmptyAndNothingIsWrittenUntilSomethingIsMade) {
  const auto accounts = open();
  EXPECT_TRUE(accounts->empty());
  EXPECT_FALSE(std::filesystem::exists(file_));
  ASSERT_TRUE(accounts->put_user(user("li.wei"), kPassword));
  EXPECT_FALSE(accounts->empty());
  struct stat found;
  ASSERT_EQ(::stat(file_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(AccountsTest, SignsInKnowsTheSessionAndEndsIt) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("li.wei", {"worker", "planner"}), kPassword));
  const std::string session = accounts->sign_in("user:li.wei", kPassword).value();
  EXPECT_EQ(session.size(), 43u) << "256 bits in base64";
  const Principal who = accounts->by_session(session).value();
  EXPECT_EQ(who.kind, PrincipalKind::user);
  EXPECT_EQ(who.id, "user:li.wei");
  EXPECT_EQ(who.name, (flow::Bilingual{"李伟", "Li Wei"}));
  EXPECT_THAT(who.roles, testing::ElementsAre("worker", "planner"));
  EXPECT_EQ(who.department, "water");
  EXPECT_THAT(who.areas, testing::ElementsAre("north"));
  EXPECT_NE(accounts->sign_in("user:li.wei", kPassword).value(), session);
  accounts->sign_out(session);
  EXPECT_FALSE(accounts->by_session(session));
  EXPECT_FALSE(accounts->by_session(""));
  EXPECT_FALSE(accounts->by_session(fingerprint(session))) << "what is stored must not open anything";
}

TEST_F(AccountsTest, AWrongPasswordAnUnknownUserAndADisabledOneAreToldAlike) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  ASSERT_TRUE(accounts->put_user(user("b"), kPassword));
  ASSERT_TRUE(accounts->put_token(program("p")));
  ASSERT_TRUE(accounts->disable("user:b"));
  const auto wrong = accounts->sign_in("user:a", "not this one");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::unauthenticated);
  for (const std::string_view id : {"user:nobody", "user:b", "program:p", ""}) {
    const auto other = accounts->sign_in(id, kPassword);
    ASSERT_FALSE(other) << id;
    EXPECT_EQ(other.error().code, wrong.error().code);
    EXPECT_EQ(other.error().message, wrong.error().message);
  }
}

TEST_F(AccountsTest, NoSecretIsInTheFile) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  const std::string session = accounts->sign_in("user:a", kPassword).value();
  const std::string token = accounts->put_token(program("p")).value();
  const std::string all = text();
  EXPECT_THAT(all, testing::Not(testing::HasSubstr(kPassword)));
  EXPECT_THAT(all, testing::Not(testing::HasSubstr(session)));
  EXPECT_THAT(all, testing::Not(testing::HasSubstr(token)));
  EXPECT_THAT(all, testing::HasSubstr("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_THAT(all, testing::HasSubstr(fingerprint(session)));
  EXPECT_THAT(all, testing::HasSubstr(fingerprint(token)));
}

TEST_F(AccountsTest, ARestartKeepsPeopleSignedInAndTokensValid) {
  auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  const std::string session = accounts->sign_in("user:a", kPassword).value();
  const std::string token = accounts->put_token(program("p")).value();
  accounts.reset();
  accounts = open();
  EXPECT_EQ(accounts->by_session(session).value().id, "user:a");
  EXPECT_EQ(accounts->by_token(token).value().id, "program:p");
  EXPECT_EQ(accounts->by_token(token).value().kind, PrincipalKind::program);
}

TEST_F(AccountsTest, ASessionEndsTwelveHoursAfterItsLastUse) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  const std::string session = accounts->sign_in("user:a", kPassword).value();
  for (int i = 0; i < 3; ++i) {
    pass(11h);
    ASSERT_TRUE(accounts->by_session(session)) << "used in time, it goes on";
  }
  pass(12h);
  EXPECT_TRUE(accounts->by_session(session));
  pass(12h + 1us);
  EXPECT_FALSE(accounts->by_session(session));
}

TEST_F(AccountsTest, TheLastUseOutlivesARestart) {
  auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  const std::string session = accounts->sign_in("user:a", kPassword).value();
  pass(11h);
  ASSERT_TRUE(accounts->by_session(session));
  accounts.reset();
  pass(11h);
  EXPECT_TRUE(open()->by_session(session));
}

TEST_F(AccountsTest, TheLastUseIsWrittenOnceAMinuteAtMost) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  const std::string session = accounts->sign_in("user:a", kPassword).value();
  const std::string before = text();
  for (int i = 0; i < 5; ++i) {
    pass(10s);
    ASSERT_TRUE(accounts->by_session(session));
  }
  std::this_thread::sleep_for(100ms);  // the keeper writes on a thread of its own, if it does
  EXPECT_EQ(text(), before);
  pass(10s);
  ASSERT_TRUE(accounts->by_session(session));
  for (int i = 0; i < 5000 && text() == before; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_THAT(text(), testing::HasSubstr(base::format_time(clock_.now())));
}

TEST_F(AccountsTest, AnUnknownUserTakesAsLongAsAKnownOne) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  const auto shortest = [&](const std::vector<std::string>& ids) {
    auto least = std::chrono::steady_clock::duration::max();
    for (const std::string& id : ids) {
      const auto begun = std::chrono::steady_clock::now();
      EXPECT_EQ(accounts->sign_in(id, "wrong wrong").error().code, Errc::unauthenticated);
      least = std::min(least, std::chrono::steady_clock::now() - begun);
    }
    return least;
  };
  const auto known = shortest({"user:a", "user:a", "user:a", "user:a"});
  const auto unknown = shortest({"user:w", "user:x", "user:y", "user:z"});
  EXPECT_GT(unknown, known / 3) << "without the hash it would be a hundredth";
  EXPECT_LT(unknown, known * 3);
}

TEST_F(AccountsTest, ExpiredSessionsLeaveTheFile) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  const std::string session = accounts->sign_in("user:a", kPassword).value();
  pass(13h);
  ASSERT_TRUE(accounts->put_token(program("p")));
  EXPECT_THAT(text(), testing::Not(testing::HasSubstr(fingerprint(session))));
}

TEST_F(AccountsTest, FiveWrongPasswordsInARowMakeItWaitLongerAndLonger) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(accounts->sign_in("user:a", "wrong wrong").error().code, Errc::unauthenticated) << i;
  }
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    const auto early = accounts->sign_in("user:a", kPassword);
    ASSERT_FALSE(early) << "the right password must wait too";
    EXPECT_EQ(early.error().code, Errc::full);
    EXPECT_THAT(early.error().message, testing::HasSubstr(fmt::format("again in {} s", wait.count())));
    pass(wait - 1us);
    EXPECT_EQ(accounts->sign_in("user:a", kPassword).error().code, Errc::full);
    pass(1us);
    ASSERT_EQ(accounts->sign_in("user:a", "wrong wrong").error().code, Errc::unauthenticated);
  }
  pass(1min);
  EXPECT_TRUE(accounts->sign_in("user:a", kPassword));
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(accounts->sign_in("user:a", "wrong wrong"));
  EXPECT_TRUE(accounts->sign_in("user:a", kPassword)) << "a right one begins the count anew";
}

TEST_F(AccountsTest, AnUnknownNameWaitsJustTheSameAndOthersDoNot) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(accounts->sign_in("user:ghost", "wrong wrong"));
  EXPECT_EQ(accounts->sign_in("user:ghost", "wrong wrong").error().code, Errc::full);
  EXPECT_TRUE(accounts->sign_in("user:a", kPassword));
}

TEST_F(AccountsTest, DisablingEndsSessionsAndTokensAndPuttingAgainEnables) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  const std::string session = accounts->sign_in("user:a", kPassword).value();
  const std::string token = accounts->put_token(program("p")).value();
  ASSERT_TRUE(accounts->disable("user:a"));
  ASSERT_TRUE(accounts->disable("program:p"));
  EXPECT_EQ(accounts->disable("user:none").error().code, Errc::not_found);
  EXPECT_FALSE(accounts->by_session(session));
  EXPECT_FALSE(accounts->by_token(token));
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  EXPECT_FALSE(accounts->by_session(session)) << "an ended session stays ended";
  EXPECT_TRUE(accounts->sign_in("user:a", kPassword));
}

TEST_F(AccountsTest, ANewTokenEndsTheOldAndANewPasswordEndsSessions) {
  const auto accounts = open();
  const std::string old = accounts->put_token(program("p")).value();
  const std::string fresh = accounts->put_token(program("p")).value();
  EXPECT_FALSE(accounts->by_token(old));
  EXPECT_TRUE(accounts->by_token(fresh));
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  const std::string session = accounts->sign_in("user:a", kPassword).value();
  ASSERT_TRUE(accounts->put_user(user("a", {"supervisor"}), kPassword));
  EXPECT_THAT(accounts->by_session(session).value().roles, testing::ElementsAre("supervisor"))
      << "the same password keeps the session, which has the new roles at once";
  ASSERT_TRUE(accounts->put_user(user("a"), "another password"));
  EXPECT_FALSE(accounts->by_session(session));
  EXPECT_FALSE(accounts->sign_in("user:a", kPassword));
  EXPECT_TRUE(accounts->sign_in("user:a", "another password"));
}

TEST_F(AccountsTest, RefusesWhatMakesNoSense) {
  const auto accounts = open();
  const auto code = [](const auto& result) { return result ? std::optional<Errc>{} : result.error().code; };
  EXPECT_EQ(code(accounts->put_user(user("a"), "too short")), Errc::invalid);
  EXPECT_EQ(code(accounts->put_user(user("a"), "九个汉字还不够长度")), Errc::invalid) << "characters count, not bytes";
  EXPECT_EQ(code(accounts->put_user(user("a"), std::string(1025, 'x'))), Errc::invalid);
  EXPECT_EQ(code(accounts->put_user(user(""), kPassword)), Errc::invalid);
  EXPECT_EQ(code(accounts->put_user(user("a b"), kPassword)), Errc::invalid);
  EXPECT_EQ(code(accounts->put_user(user(std::string(200, 'a')), kPassword)), Errc::invalid);
  EXPECT_EQ(code(accounts->put_user(user("a", {"oprator"}), kPassword)), Errc::invalid) << "a typo in a role";
  EXPECT_EQ(code(accounts->put_user(program("p"), kPassword)), Errc::invalid);
  EXPECT_EQ(code(accounts->put_user(Principal{}, kPassword)), Errc::invalid);
  EXPECT_EQ(code(accounts->put_token(user("a"))), Errc::invalid);
  Principal liar = program("p");
  liar.id = "user:p";
  EXPECT_EQ(code(accounts->put_token(liar)), Errc::invalid);
  EXPECT_TRUE(accounts->empty());
  EXPECT_TRUE(accounts->put_user(user("a"), "十个汉字就已经足够长了"));
}

TEST_F(AccountsTest, ListsInOrderOfIds) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("b"), kPassword));
  ASSERT_TRUE(accounts->put_token(program("p")));
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  ASSERT_TRUE(accounts->disable("user:b"));
  const auto list = accounts->list();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].principal.id, "program:p");
  EXPECT_TRUE(list[0].has_token && !list[0].has_password);
  EXPECT_EQ(list[1].principal.id, "user:a");
  EXPECT_TRUE(list[1].has_password && !list[1].has_token && !list[1].disabled);
  EXPECT_TRUE(list[2].disabled);
}

TEST_F(AccountsTest, ADamagedFileIsRefusedAndNeverOverwritten) {
  for (const std::string_view damaged :
       {"", "{", "[]", "{}", R"({"format":2,"accounts":[]})", R"({"format":1,"accounts":[{"id":"li.wei"}]})",
        R"({"format":1,"accounts":[{"id":"user:a","roles":"admin"}]})",
        R"({"format":1,"accounts":[{"id":"user:a"},{"id":"user:a"}]})"}) {
    ASSERT_TRUE(base::write_file_atomic(file_, damaged));
    const auto opened = Accounts::open(file_, clock_);
    ASSERT_FALSE(opened) << damaged;
    EXPECT_THAT(opened.error().message, testing::HasSubstr(file_));
    EXPECT_EQ(text(), damaged);
  }
}

TEST_F(AccountsTest, AFileDamagedWhileRunningLeavesTheKnownAccountsAndRefusesChanges) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  const std::string session = accounts->sign_in("user:a", kPassword).value();
  ASSERT_TRUE(base::write_file_atomic(file_, "not json"));
  let_the_other_process_be_noticed();
  EXPECT_TRUE(accounts->by_session(session));
  EXPECT_FALSE(accounts->put_token(program("p")));
  EXPECT_EQ(text(), "not json");
}

TEST_F(AccountsTest, WhatCannotBeWrittenIsNotSaidToBeDone) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  std::filesystem::remove_all(folder_);
  EXPECT_FALSE(accounts->put_user(user("b"), kPassword));
  EXPECT_FALSE(accounts->put_token(program("p")));
  EXPECT_FALSE(accounts->sign_in("user:a", kPassword));
  EXPECT_EQ(accounts->list().size(), 1u);
}

TEST_F(AccountsTest, TwoProcessesSeeEachOthersChangesAndLoseNone) {
  const auto server = open(), command_line = open();
  ASSERT_TRUE(server->put_user(user("a"), kPassword));
  const std::string session = server->sign_in("user:a", kPassword).value();
  const std::string token = command_line->put_token(program("p")).value();
  let_the_other_process_be_noticed();
  EXPECT_TRUE(server->by_token(token));
  EXPECT_TRUE(server->by_session(session)) << "the other's writing kept our sessions";
  ASSERT_TRUE(command_line->disable("user:a"));
  let_the_other_process_be_noticed();
  EXPECT_FALSE(server->by_session(session));
}

TEST_F(AccountsTest, ManyThreadsAndProcessesMakeTokensAtOnceAndAllAreKept) {
  constexpr int kEach = 10;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto accounts = Accounts::open(file_, clock_);
    bool fine = accounts.has_value();
    for (int i = 0; fine && i < kEach; ++i) fine = (*accounts)->put_token(program(fmt::format("c{}", i))).has_value();
    ::_exit(fine ? 0 : 1);
  }
  const auto accounts = open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&accounts, t] {
      for (int i = 0; i < kEach; ++i) EXPECT_TRUE(accounts->put_token(program(fmt::format("t{}-{}", t, i))));
    });
  }
  for (std::thread& thread : threads) thread.join();
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(open()->list().size(), std::size_t(4 * kEach));
}

TEST_F(AccountsTest, OneAccountHoldsABoundedNumberOfSessions) {
  const auto accounts = open();
  ASSERT_TRUE(accounts->put_user(user("a"), kPassword));
  std::vector<std::string> sessions;
  for (int i = 0; i < 102; ++i) {
    sessions.push_back(accounts->sign_in("user:a", kPassword).value());
    pass(1s);
  }
  EXPECT_FALSE(accounts->by_session(sessions[0]));
  EXPECT_FALSE(accounts->by_session(sessions[1]));
  EXPECT_TRUE(accounts->by_session(sessions[2]));
  EXPECT_TRUE(accounts->by_session(sessions[101]));
}

TEST(Secret, HashesAreSaltedAndSecretsNeverRepeat) {
  const std::string one = hash_password("correct horse").value(), two = hash_password("correct horse").value();
  EXPECT_NE(one, two);
  EXPECT_TRUE(verify_password("correct horse", one));
  EXPECT_FALSE(verify_password("correct horsf", one));
  EXPECT_FALSE(verify_password("correct horse", "nonsense"));
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(make_secret()).second);
  EXPECT_EQ(fingerprint("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      << "FIPS 180's example of SHA-256";
}

TEST(WrongPasswords, ForgetsTheNameTriedLongestAgoWhenFull) {
  WrongPasswords wrong;
  const base::Instant start = base::from_ms(1000);
  for (int i = 0; i < 5; ++i) wrong.note("first", start);
  for (int i = 0; i < 5; ++i) wrong.note("second", start + 1ms);
  for (std::size_t i = 0; i < WrongPasswords::kNamesMax - 1; ++i) wrong.note(fmt::format("name {}", i), start + 2ms);
  EXPECT_EQ(wrong.wait_left("first", start + 2ms), base::Duration::zero());
  EXPECT_GT(wrong.wait_left("second", start + 2ms), base::Duration::zero());
}

TEST(HashGate, LetsFewInAtOnceAndTurnsAwayWhenTheLineIsLong) {
  HashGate gate;
  std::atomic<int> inside{0}, most{0}, entered{0}, refused{0};
  std::atomic<bool> open{false};
  std::vector<std::thread> threads;
  const int callers = HashGate::kAtOnce + HashGate::kWaitingMax + 10;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&] {
      const HashGate::Pass pass = gate.enter();
      if (!pass) return void(++refused);
      const int now = ++inside;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      while (!open) std::this_thread::sleep_for(1ms);
      --inside;
      ++entered;
    });
  }
  for (int i = 0; i < 5000 && refused < 10; ++i) std::this_thread::sleep_for(1ms);
  open = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 10);
  EXPECT_EQ(entered, callers - 10);
  EXPECT_EQ(most, HashGate::kAtOnce);
}

TEST_F(AccountsTest, WhoComesByThemselvesBecomesWhatPeopleMayComeToAndNothingElse) {
  const auto accounts = open();
  Enrolment door(*accounts);
  EXPECT_EQ(door.standing("user:li@example.org", "applicant"), Enrolment::Standing::free);
  ASSERT_TRUE(door.put("user:li@example.org", "applicant", {"河畔", "Riverside"}, kPassword));
  EXPECT_EQ(door.standing("user:li@example.org", "applicant"), Enrolment::Standing::enrolled);
  EXPECT_EQ(accounts->find("user:li@example.org")->principal.name.en, "Riverside");
  for (const char* role : {"admin", "operator", "secretary", "juror", "chair", "auditor", "integrator", "", "nobody"})
    EXPECT_EQ(door.put("user:wu@example.org", role, {}, kPassword).error().code, Errc::refused) << role;
  EXPECT_EQ(door.put("program:feed", "applicant", {}, kPassword).error().code, Errc::invalid);
  EXPECT_EQ(door.put("user:wu@example.org", "applicant", {}, "short").error().code, Errc::invalid);
  EXPECT_FALSE(accounts->find("user:wu@example.org"));
}

TEST_F(AccountsTest, WhatWasMadeByHandWithOtherRolesOrDisabledIsOutOfReachOfTheDoor) {
  const auto accounts = open();
  Enrolment door(*accounts);
  ASSERT_TRUE(accounts->put_user(user("chief", {"admin"}), kPassword));
  ASSERT_TRUE(accounts->put_user(user("both", {"applicant", "juror"}), kPassword));
  ASSERT_TRUE(accounts->put_user(user("gone", {"applicant"}), kPassword));
  ASSERT_TRUE(accounts->disable("user:gone"));
  for (const char* id : {"user:chief", "user:both", "user:gone"}) {
    EXPECT_EQ(door.standing(id, "applicant"), Enrolment::Standing::other) << id;
    EXPECT_EQ(door.put(id, "applicant", {}, "a stolen password").error().code, Errc::conflict) << id;
    EXPECT_EQ(door.erase(id, "applicant").error().code, Errc::refused) << id;
    EXPECT_FALSE(accounts->sign_in(id, "a stolen password")) << id;
  }
  EXPECT_TRUE(accounts->sign_in("user:chief", kPassword));
}

TEST_F(AccountsTest, AnotherPasswordThroughTheDoorEndsSessionsAndLeavesTheRest) {
  const auto accounts = open();
  Enrolment door(*accounts);
  ASSERT_TRUE(accounts->put_user(user("li", {"applicant"}), kPassword));
  const std::string session = accounts->sign_in("user:li", kPassword).value();
  ASSERT_TRUE(door.put("user:li", "applicant", {"别的", "Other"}, "quite another one"));
  EXPECT_FALSE(accounts->by_session(session));
  const Principal who = accounts->find("user:li")->principal;
  EXPECT_EQ(who.name.en, "Li Wei");
  EXPECT_EQ(who.department, "water");
  const std::string again = accounts->sign_in("user:li", "quite another one").value();
  ASSERT_TRUE(door.erase("user:li", "applicant"));
  EXPECT_FALSE(accounts->by_session(again));
  EXPECT_FALSE(accounts->find("user:li"));
  EXPECT_EQ(text().find("user:li"), std::string::npos);
  EXPECT_EQ(door.erase("user:li", "applicant").error().code, Errc::not_found);
}

TEST(UserOfAddress, IsInSmallLetters) {
  EXPECT_EQ(user_of_address("Li.Wei@Example.ORG"), "user:li.wei@example.org");
}

}  // namespace
}  // namespace cityloop::trust
