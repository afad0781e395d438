// A budgeting round from its first proposal to what anybody counts again; what is secret, and what is not lost.
#include <sys/wait.h>

#include <csignal>
#include <set>
#include <thread>

#include "casework/case_archive.h"
#include "forum_city.h"
#include "participation/ballot_box.h"
#include "participation/roll.h"
#include "trust/secret.h"

namespace cityloop::participation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class RoundTest : public ForumCity {
 protected:
  // As `cityloop ballot codes` makes them.
  VotingCode code_of(const std::string& round = "spring") {
    const auto roll = Roll::open(roll_file(folder_.string())).value();
    const VotingCode code = VotingCode::make();
    EXPECT_TRUE(roll->add(round, code, trust::hash_password(code.secret).value(), "").value());
    return code;
  }
  JsonValue round(int status = 200) { return json(Method::get, "/public/v1/rounds/spring", "", {}, status); }
  VerifyingKey key() {
    const JsonValue shown = round();
    const JsonValue* key = shown.find("key");
    return VerifyingKey::make(from_base64url(key->text_or("n", "")).value(),
                              from_base64url(key->text_or("e", "")).value())
        .value();
  }
  Response sign(const std::string& code, const std::string& blinded) {
    return ask(Method::post, "/public/v1/rounds/spring/signature",
               fmt::format(R"({{"code":"{}","blinded":"{}"}})", code, blinded));
  }
  Response cast(const BallotPaper& paper, int edition = 1) {
    base::JsonWriter out;
    out.object().field("token", paper.token).field("prefix", paper.prefix).field("signature", paper.signature);
    out.field("edition", edition).key("choices").array();
    for (const std::string& code : paper.choices) out.text(code);
    return ask(Method::post, "/public/v1/rounds/spring/ballots", out.end().end().take());
  }
  // A whole vote; gives the paper, to be found again.
  BallotPaper vote(std::vector<std::string> choices) {
    Voter voter;
    const Response signature = sign(code_of().text(), voter.ask(key()));
    EXPECT_EQ(signature.status, 200) << signature.body;
    const std::string blind_signature =
        from_base64url(JsonValue::parse(signature.body).value().text_or("signature", "")).value();
    const BallotPaper paper = voter.paper(key(), blind_signature, std::move(choices));
    const Response taken = cast(paper);
    EXPECT_EQ(taken.status, 200) << taken.body;
    EXPECT_EQ(JsonValue::parse(taken.body).value().text_or("ballot", ""), paper.id);
    return paper;
  }
  void open_round() { time_is("2026-06-01T00:00:01Z"); }
  void close_round() { time_is("2026-06-08T00:00:01Z"); }
};

TEST_F(RoundTest, IsVotedCountedAndLeadsItsProposalsOn) {
  const std::string bench = admitted("A bench", 400), trees = admitted("Trees", 500), tower = admitted("A tower", 900);
  EXPECT_EQ(round().text_or("state", ""), "announced");
  EXPECT_THAT(texts_of(round(), "projects", "code"), UnorderedElementsAre(bench, trees, tower));
  EXPECT_EQ(ask(Method::get, "/public/v1/rounds/spring/ballots").status, 409) << "not before it is counted";
  open_round();
  EXPECT_EQ(round().text_or("state", ""), "voting");
  for (const auto& code : {bench, trees, tower}) EXPECT_EQ(status(code), "voting");
  const BallotPaper first = vote({bench, trees});
  vote({trees});
  vote({bench});
  vote({tower});
  vote({});
  EXPECT_EQ(round().find("cast"), nullptr) << "how many have voted is told afterwards";
  close_round();
  const JsonValue counted = round();
  EXPECT_EQ(counted.text_or("state", ""), "counted");
  EXPECT_EQ(counted.number_or("issued", 0), 5);
  EXPECT_EQ(counted.number_or("cast", 0), 5);
  EXPECT_THAT(texts_of(counted, "elected", ""), UnorderedElementsAre(bench, trees));
  EXPECT_EQ(counted.number_or("spent", 0), 900);
  EXPECT_EQ(status(bench), "project");
  EXPECT_EQ(status(tower), "not_elected");
  EXPECT_THAT(seen(tower).text_or("reason", ""), HasSubstr("did not pay for it"));

  // What was published is what the log says, and everybody counts the same from it.
  const Response file = ask(Method::get, "/public/v1/rounds/spring/ballots");
  EXPECT_EQ(trust::fingerprint(file.body), counted.text_or("sha256", ""));
  const flow::EntityPtr entity = twin_->get(round_entity("spring"));
  EXPECT_EQ(entity->text(flow::Name("sha256")), counted.text_or("sha256", ""));
  const BallotFile published = BallotFile::parse(file.body).value();
  EXPECT_THAT(published.flaws(), IsEmpty());
  EXPECT_EQ(published.write(), file.body);
  const CountResult again = count(published.count_input(), CountRule::equal_shares);
  std::vector<std::string> elected;
  for (const std::uint32_t project : again.elected) elected.push_back(published.terms.projects[project].code);
  EXPECT_EQ(elected, texts_of(counted, "elected", ""));
  const auto mine = std::ranges::find(published.ballots, first.id, &BallotPaper::id);
  ASSERT_NE(mine, published.ballots.end()) << "who voted finds their own";
  EXPECT_THAT(mine->choices, UnorderedElementsAre(bench, trees));
  const JsonValue shown = json(Method::get, "/public/v1/rounds/spring/count");
  EXPECT_EQ(shown.find("results")->array()->size(), 3U);

  // The project, for all to see.
  staff(bench, "milestone", R"({"title":"Wood is bought","progress":40,"due":"2026-09-01"})", "oak");
  EXPECT_EQ(seen(bench).number_or("progress", 0), 40);
  EXPECT_THAT(texts_of(seen(bench), "milestones", "title"), ElementsAre("Wood is bought"));
  staff(bench, "finish", "", "it stands");
  EXPECT_EQ(status(bench), "done");
  EXPECT_EQ(seen(bench).number_or("progress", 0), 100);
}

TEST_F(RoundTest, ACodeIsGoodForOneTokenAndTheSameAgainForTheSame) {
  admitted("A bench", 400);
  open_round();
  const VotingCode code = code_of();
  Voter voter, second;
  const std::string blinded = voter.ask(key());
  const Response once = sign(code.text(), blinded), again = sign(code.text(), blinded);
  EXPECT_EQ(once.status, 200) << once.body;
  EXPECT_EQ(again.body, once.body) << "an answer that was lost is no vote that is lost";
  std::string typed = code.text();
  std::ranges::transform(typed, typed.begin(), [](char c) { return c == '-' ? ' ' : char(std::tolower(c)); });
  EXPECT_EQ(sign(typed, blinded).body, once.body);
  EXPECT_EQ(sign(code.text(), second.ask(key())).status, 409);
  EXPECT_EQ(sign(VotingCode::make().text(), second.ask(key())).status, 403);
  VotingCode wrong = code;
  wrong.secret.back() = wrong.secret.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(sign(wrong.text(), second.ask(key())).status, 403);
  EXPECT_EQ(sign(code_of("autumn").text(), second.ask(key())).status, 403) << "of another round";
  EXPECT_EQ(sign("nonsense", second.ask(key())).status, 403);
  const VotingCode unused = code_of();
  EXPECT_EQ(sign(unused.text(), to_base64url("short")).status, 400);
  EXPECT_EQ(sign(unused.text(), to_base64url(std::string(256, '\xff'))).status, 400);
  EXPECT_EQ(sign(unused.text(), second.ask(key())).status, 200) << "what could not be signed cost nobody their vote";
}

TEST_F(RoundTest, TheNewestBallotOfATokenCountsAndNothingForgedDoes) {
  const std::string bench = admitted("A bench", 400), trees = admitted("Trees", 500), tower = admitted("A tower", 900);
  open_round();
  BallotPaper paper = vote({bench});
  EXPECT_EQ(cast(paper).status, 200) << "the same again";
  paper.choices = {trees};
  EXPECT_EQ(cast(paper).status, 409) << "another one of the same edition";
  EXPECT_EQ(cast(paper, 3).status, 200);
  paper.choices = {bench};
  EXPECT_EQ(cast(paper, 2).status, 409) << "an older one that came late";
  BallotPaper other = paper;
  other.choices = {bench, trees, tower};
  EXPECT_EQ(cast(other, 4).status, 400) << "at most two";
  other.choices = {bench, bench};
  EXPECT_EQ(cast(other, 4).status, 400);
  other.choices = {"00000000"};
  EXPECT_EQ(cast(other, 4).status, 400);
  other.choices = {bench};
  other.token = to_base64url(random_bytes(32));
  EXPECT_EQ(cast(other, 4).status, 403) << "nobody signed this token";
  EXPECT_EQ(ask(Method::post, "/public/v1/rounds/spring/ballots", "{").status, 400);
  EXPECT_EQ(ask(Method::post, "/public/v1/rounds/spring/ballots", R"({"edition":-1,"choices":[]})").status, 400);
  EXPECT_EQ(ask(Method::post, "/public/v1/rounds/none/ballots", "{}").status, 404);
  close_round();
  EXPECT_EQ(cast(paper, 9).status, 409) << "it is closed";
  EXPECT_EQ(sign(code_of().text(), Voter().ask(key())).status, 409);
  const BallotFile published = BallotFile::parse(ask(Method::get, "/public/v1/rounds/spring/ballots").body).value();
  ASSERT_EQ(published.ballots.size(), 1U);
  EXPECT_THAT(published.ballots.front().choices, ElementsAre(trees));
}

TEST_F(RoundTest, OutsideOfItsTimeNobodyVotesAndItsTermsStandFast) {
  const std::string bench = admitted("A bench", 400);
  Voter voter;
  EXPECT_EQ(sign(code_of().text(), to_base64url(random_bytes(256))).status, 409);
  EXPECT_EQ(round().find("key")->find("n"), nullptr);
  const Ask supervisor{.token = token("supervisor")};
  const std::string wish = R"({"name":{"zh":"春","en":"Spring"},"budget":2000,"opensAt":"2026-06-01T00:00:00Z",
    "closesAt":"2026-06-08T00:00:00Z","method":"knapsack","decides":"greedy"})";
  EXPECT_EQ(json(Method::put, "/api/v1/rounds/spring", wish, supervisor).number_or("budget", 0), 2000);
  open_round();
  EXPECT_EQ(ask(Method::put, "/api/v1/rounds/spring", wish, supervisor).status, 409);
  const std::string late = admitted("Too late", 100);
  settle();
  EXPECT_EQ(status(late), "examining") << "sent back: the round had opened without it";
  EXPECT_EQ(status(admitted("To nowhere", 100, "no-such-round")), "examining");
  EXPECT_EQ(status(bench), "voting");
}

TEST_F(RoundTest, OnlyWhoHoldsRoundsMakesThem) {
  const std::string wish = R"({"name":{"zh":"秋","en":"Autumn"},"budget":2000,"opensAt":"2026-09-01T00:00:00Z",
    "closesAt":"2026-09-08T00:00:00Z"})";
  for (const char* role : {"viewer", "operator", "dispatcher", "worker", "inspector", "integrator", "participation"})
    EXPECT_EQ(ask(Method::put, "/api/v1/rounds/autumn", wish, {.token = token(role)}).status, 403) << role;
  EXPECT_EQ(ask(Method::put, "/api/v1/rounds/autumn", wish).status, 401);
  EXPECT_EQ(ask(Method::get, "/api/v1/rounds").status, 401);
  EXPECT_EQ(ask(Method::get, "/api/v1/rounds", "", {.token = token("inspector")}).status, 403);
  EXPECT_EQ(ask(Method::put, "/api/v1/rounds/autumn", wish, {.token = token("admin")}).status, 200);
  for (const char* bad :
       {R"({"name":{"zh":"秋","en":"Autumn"},"budget":-1,"opensAt":"2026-09-01","closesAt":"2026-09-08"})",
        R"({"name":{"zh":"秋","en":"Autumn"},"budget":1,"opensAt":"2026-09-08","closesAt":"2026-09-01"})",
        R"({"name":{"zh":"秋"},"budget":1,"opensAt":"2026-09-01","closesAt":"2026-09-08"})",
        R"({"name":{"zh":"秋","en":"A"},"budget":1,"opensAt":"2025-01-01","closesAt":"2025-01-08"})",
        R"({"name":{"zh":"秋","en":"A"},"budget":1,"opensAt":"x","closesAt":"2026-09-08"})", "{"})
    EXPECT_EQ(ask(Method::put, "/api/v1/rounds/bad", bad, {.token = token("admin")}).status, 400) << bad;
  EXPECT_EQ(ask(Method::put, "/api/v1/rounds/Bad%20Id", wish, {.token = token("admin")}).status, 400);
}

TEST_F(RoundTest, EachMemberAtFaultIsNamedAtOnce) {
  const Response refused = ask(Method::put, "/api/v1/rounds/Autumn",
                               R"({"name":{"zh":"秋"},"text":{"en":"x"},"budget":0,"area":"nowhere","opensAt":"soon",
                                   "closesAt":"2025-01-01T00:00:00Z","method":"lots","choices":0,"decides":"whim"})",
                               {.token = token("admin")});
  ASSERT_EQ(refused.status, 400);
  EXPECT_EQ(refused.content_type, "application/problem+json");
  const JsonValue said = JsonValue::parse(refused.body).value();
  EXPECT_THAT(texts_of(said, "errors", "field"), UnorderedElementsAre("id", "name", "text", "budget", "area", "opensAt",
                                                                      "method", "choices", "decides", "closesAt"));
  for (const JsonValue& one : *said.find("errors")->array()) {
    EXPECT_NE(one.find("text")->text_or("zh", ""), "");
    EXPECT_NE(one.find("text")->text_or("en", ""), "");
  }
  EXPECT_EQ(round().text_or("state", ""), "announced");
}

TEST_F(RoundTest, WhatStaffChangedOfAFilesRoundStandsUntilTheFileSaysSomethingElse) {
  const std::string wish = R"({"name":{"zh":"春","en":"Spring"},"budget":2000,"opensAt":"2026-06-01T00:00:00Z",
    "closesAt":"2026-06-08T00:00:00Z"})";
  json(Method::put, "/api/v1/rounds/spring", wish, {.token = token("supervisor")});
  close_all();
  open_all();
  settle();
  EXPECT_EQ(round().number_or("budget", 0), 2000);
  close_all();
  std::string changed = forum_toml();
  changed.replace(changed.find("budget = 1000"), 13, "budget = 3000");
  take_part(changed);
  open_all();
  settle();
  EXPECT_EQ(round().number_or("budget", 0), 3000);
}

TEST_F(RoundTest, WhoIsBoundToAnAreaHoldsNoRoundOfAnother) {
  city_.areas = {{.id = "north", .name = {"北", "North"}}, {.id = "south", .name = {"南", "South"}}};
  const auto wish = [](std::string_view area) {
    return fmt::format(R"({{"name":{{"zh":"秋","en":"Autumn"}},"budget":2000,"opensAt":"2026-09-01T00:00:00Z",
      "closesAt":"2026-09-08T00:00:00Z","area":"{}"}})",
                       area);
  };
  const Ask north{.token = token("supervisor", "", {"north"})}, south{.token = token("supervisor", "", {"south"})};
  EXPECT_EQ(ask(Method::put, "/api/v1/rounds/autumn", wish("north"), south).status, 403);
  EXPECT_EQ(ask(Method::put, "/api/v1/rounds/autumn", wish("north"), north).status, 200);
  EXPECT_EQ(ask(Method::put, "/api/v1/rounds/autumn", wish("south"), south).status, 403)
      << "nor is it taken from there";
  const auto may = [&](const Ask& how) {
    for (const JsonValue& one : *json(Method::get, "/api/v1/rounds", "", how).find("rounds")->array()) {
      if (one.text_or("id", "") == "autumn") return one.boolean_or("mayHold", false);
    }
    return false;
  };
  EXPECT_TRUE(may(north));
  EXPECT_FALSE(may(south));
}

TEST_F(RoundTest, HowManyTookPartIsToldToWhoHoldsItWhileItRunsAndHowTheyChoseToNobody) {
  const std::string bench = admitted("A bench", 400);
  code_of();
  const auto spring = [&](const char* role) {
    return json(Method::get, "/api/v1/rounds", "", {.token = token(role)}).find("rounds")->array()->front();
  };
  EXPECT_EQ(spring("supervisor").number_or("codes", -1), 1);
  EXPECT_EQ(spring("supervisor").find("cast"), nullptr) << "it has not opened";
  open_round();
  vote({bench});
  const JsonValue running = spring("supervisor");
  EXPECT_EQ(running.number_or("codes", -1), 2);
  EXPECT_EQ(running.number_or("issued", -1), 1);
  EXPECT_EQ(running.number_or("cast", -1), 1);
  EXPECT_EQ(running.find("elected"), nullptr);
  EXPECT_THAT(running.dump(), Not(HasSubstr("votes")));
  for (const char* role : {"operator", "dispatcher"}) {
    EXPECT_EQ(spring(role).find("cast"), nullptr) << role;
    EXPECT_EQ(spring(role).find("codes"), nullptr) << role;
  }
}

// What lies on disk of a vote: the code's row, and the ballot; nothing that both have, no time, no address.
TEST_F(RoundTest, NothingOnDiskLinksACodeToABallot) {
  const std::string bench = admitted("A bench", 400);
  open_round();
  Voter voter;
  const VotingCode code = code_of();
  const std::string blinded = voter.ask(key());
  const Response signature = sign(code.text(), blinded);
  const std::string blind_signature = JsonValue::parse(signature.body).value().text_or("signature", "");
  const BallotPaper paper = voter.paper(key(), from_base64url(blind_signature).value(), {bench});
  ASSERT_EQ(cast(paper).status, 200);
  close_all();
  std::string roll, box, everything;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = base::read_file(entry.path()).value();
    if (entry.path().filename() == "roll.db") roll += bytes;
    else if (entry.path().filename() == "ballots.db") box += bytes;
    everything += bytes;
  }
  EXPECT_THAT(roll, HasSubstr(code.locator));
  EXPECT_THAT(everything, Not(HasSubstr(code.secret))) << "only a slow hash of it";
  for (const std::string& of_the_ballot : {paper.id, paper.token, paper.prefix, paper.signature}) {
    EXPECT_THAT(box, HasSubstr(of_the_ballot));
    EXPECT_THAT(roll, Not(HasSubstr(of_the_ballot)));
  }
  for (const std::string& of_the_code : {code.locator, blinded, blind_signature, trust::fingerprint(blinded)})
    EXPECT_THAT(box, Not(HasSubstr(of_the_code)));
  EXPECT_THAT(everything, Not(HasSubstr("192.0.2.1"))) << "where somebody asked from";
  open_all();
}

TEST_F(RoundTest, ARestartAnywhereLosesNothingAndDoesNothingTwice) {
  const std::string bench = admitted("A bench", 400);
  open_round();
  const std::string fingerprint = round().find("key")->text_or("fingerprint", "");
  const BallotPaper paper = vote({bench});
  close_all();
  open_all();
  settle();
  EXPECT_EQ(round().find("key")->text_or("fingerprint", ""), fingerprint);
  EXPECT_EQ(cast(paper).status, 200);
  vote({bench});
  close_all();
  clock_.advance_to(base::parse_time("2026-06-08T00:00:01Z").value());
  open_all();
  settle();
  EXPECT_EQ(round().number_or("cast", 0), 2) << "it closed while nobody was at work";
  EXPECT_EQ(status(bench), "project");
  const std::string file = ask(Method::get, "/public/v1/rounds/spring/ballots").body;
  close_all();
  open_all();
  settle();
  EXPECT_EQ(ask(Method::get, "/public/v1/rounds/spring/ballots").body, file);
  EXPECT_EQ(round().text_or("sha256", ""), trust::fingerprint(file));
  const auto roll = Roll::open(roll_file(folder_.string())).value();
  EXPECT_FALSE(roll->find_key("spring").value()) << "nobody can sign for it any more";
}

TEST_F(RoundTest, ManyVoteAtOnceAndNoneIsLost) {
  const std::string bench = admitted("A bench", 400), trees = admitted("Trees", 500);
  open_round();
  constexpr int kVoters = 12;
  const VerifyingKey with = key();
  std::vector<VotingCode> codes;
  for (int i = 0; i < kVoters; ++i) codes.push_back(code_of());
  std::vector<std::thread> threads;
  std::atomic<int> taken{0};
  std::atomic<bool> closed{false};
  for (int i = 0; i < kVoters; ++i) {
    threads.emplace_back([&, i] {
      Voter voter;
      const Response signature = sign(codes[std::size_t(i)].text(), voter.ask(with));
      if (signature.status != 200) return;
      const std::string blind_signature = JsonValue::parse(signature.body).value().text_or("signature", "");
      BallotPaper paper = voter.paper(with, from_base64url(blind_signature).value(), {i % 2 ? bench : trees});
      // Changes of mind until the round closes in between; whoever was told 200 once is counted.
      bool acknowledged = false;
      for (int edition = 1; edition <= 200; ++edition) {
        std::swap(paper.choices.front(), paper.choices.back());
        const int answer = cast(paper, edition).status;
        if (answer == 409) break;
        acknowledged = acknowledged || answer == 200;
        if (edition > 5 && closed) break;
      }
      taken += acknowledged;
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  clock_.advance_to(base::parse_time("2026-06-08T00:00:01Z").value());
  closed = true;
  for (std::thread& thread : threads) thread.join();
  settle();
  EXPECT_EQ(round().number_or("cast", -1), taken.load());
}

// A process of its own casts ballots and is killed in the middle, again and again: what it was told is cast is there.
TEST(BallotBox, NoAcknowledgedBallotIsLostToAKill) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("cityloop-box-{}", ::getpid());
  std::filesystem::create_directories(folder);
  const std::string file = (folder / "ballots.db").string();
  ASSERT_TRUE(BallotBox::open(file));
  std::set<std::string> told;
  int kills = 0;
  for (int round = 0; round < 25; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto box = BallotBox::open(file).value();
      for (int i = 0;; ++i) {
        BallotPaper paper;
        paper.id = trust::fingerprint(fmt::format("{}-{}", round, i));
        paper.token = paper.prefix = paper.signature = paper.id;
        paper.choices = {"00000017"};
        if (!box->cast("spring", paper, 1)) ::_exit(1);
        if (::write(ends[1], paper.id.data(), paper.id.size()) != ssize_t(paper.id.size())) ::_exit(1);
      }
    }
    ::close(ends[1]);
    std::string heard(64, '\0');
    ASSERT_EQ(::read(ends[0], heard.data(), 64), 64) << "the first is cast";
    std::this_thread::sleep_for(std::chrono::milliseconds(3 * (round % 9)));
    ::kill(child, SIGKILL);
    int state = 0;
    ::waitpid(child, &state, 0);
    kills += WIFSIGNALED(state);
    std::string part(65536, '\0');
    for (ssize_t got; (got = ::read(ends[0], part.data(), part.size())) > 0;) heard.append(part, 0, std::size_t(got));
    ::close(ends[0]);
    for (std::size_t at = 0; at + 64 <= heard.size(); at += 64) told.insert(heard.substr(at, 64));
  }
  EXPECT_EQ(kills, 25);
  EXPECT_GE(told.size(), 25U);
  const auto box = BallotBox::open(file).value();
  std::set<std::string> there;
  std::string before;
  ASSERT_TRUE(box->each("spring", [&](const BallotPaper& paper) {
    EXPECT_LT(before, paper.id);
    before = paper.id;
    there.insert(paper.id);
  }));
  EXPECT_TRUE(std::ranges::includes(there, told)) << told.size() << " were acknowledged, " << there.size() << " found";
  EXPECT_LE(there.size(), told.size() + 25) << "at most the one on its way at each kill";
  ASSERT_TRUE(box->scrub());
  EXPECT_EQ(box->count("spring").value(), std::int64_t(there.size()));
  std::filesystem::remove_all(folder);
}

TEST(BallotFile, SaysWhatDoesNotHold) {
  const SigningKey key = SigningKey::make(2048).value();
  BallotFile file;
  file.key = key.verifying();
  file.terms = {.round = "spring", .currency = "CNY", .budget = money_from(100), .choices = 1};
  file.terms.projects = {{"A", "a", money_from(50)}, {"B", "b", money_from(60)}};
  const auto add = [&](std::vector<std::string> choices) {
    Voter voter;
    const std::string signature = key.blind_sign(from_base64url(voter.ask(file.key)).value()).value();
    file.ballots.push_back(voter.paper(file.key, signature, std::move(choices)));
  };
  add({"A"});
  add({"B"});
  std::ranges::sort(file.ballots, {}, &BallotPaper::id);
  file.issued = 2;
  EXPECT_THAT(file.flaws(), IsEmpty());
  EXPECT_EQ(BallotFile::parse(file.write()).value().write(), file.write());
  BallotFile broken = file;
  broken.issued = 1;
  EXPECT_THAT(broken.flaws(), ElementsAre(HasSubstr("only 1 signatures")));
  broken = file;
  std::swap(broken.ballots[0], broken.ballots[1]);
  EXPECT_THAT(broken.flaws(), ElementsAre(HasSubstr("out of order")));
  broken = file;
  broken.ballots.push_back(broken.ballots.back());
  EXPECT_EQ(broken.flaws().size(), 2U) << "twice, and one more than signatures";
  broken = file;
  broken.ballots[0].choices = {"A", "B"};
  EXPECT_THAT(broken.flaws(), ElementsAre(HasSubstr("at most 1")));
  EXPECT_EQ(broken.count_input().ballots.size(), 1U) << "what does not hold is not counted";
  broken = file;
  broken.ballots[0].prefix = to_base64url(random_bytes(32));
  EXPECT_THAT(broken.flaws(), ElementsAre(HasSubstr("was not signed")));
  for (const char* bad : {"", "{}", R"({"format":"cityloop-ballots-1"})", "[]", "null"})
    EXPECT_FALSE(BallotFile::parse(bad));
}

TEST(VotingCode, IsReadAsPeopleTypeIt) {
  const VotingCode code = VotingCode::make();
  EXPECT_EQ(code.text().size(), 19U);
  EXPECT_EQ(VotingCode::parse(code.text())->text(), code.text());
  EXPECT_EQ(VotingCode::parse("oil0 1234-5678 9abc")->text(), "0110-1234-5678-9ABC");
  EXPECT_FALSE(VotingCode::parse("0110-1234-5678-9AB"));
  EXPECT_FALSE(VotingCode::parse("0110-1234-5678-9ABCD"));
  EXPECT_FALSE(VotingCode::parse("0110-1234-5678-9ABU")) << "U is no letter of it";
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) all.insert(VotingCode::make().text());
  EXPECT_EQ(all.size(), 1000U);
}

TEST(Settings, EveryMistakeIsToldWithItsLine) {
  const auto wrong = [](const std::string& text) {
    const auto read = ParticipationSettings::parse(text, "participation.toml", nullptr, nullptr);
    return read ? std::string() : read.error().message;
  };
  EXPECT_EQ(wrong("[participation]\nthreshold = 3\n"), "");
  EXPECT_THAT(wrong("[participation]\nthreshold = 0\n"), HasSubstr("participation.toml:2:"));
  EXPECT_THAT(wrong("[participation]\ncomments = \"loud\"\n"), HasSubstr("participation.toml:2:"));
  EXPECT_THAT(wrong("[participation]\nthresholds = 3\n"), HasSubstr("participation.toml:2:"));
  EXPECT_THAT(wrong("x = 1\n"), HasSubstr("[participation] is missing"));
  const std::string round =
      "[participation]\n[[round]]\nid = \"a\"\nname = { zh = \"a\", en = \"a\" }\nbudget = 5\n"
      "opens = \"2027-01-02T00:00:00Z\"\ncloses = \"2027-01-01T00:00:00Z\"\n";
  EXPECT_THAT(wrong(round), HasSubstr("'closesAt' comes after"));
  const std::string patrol =
      "[participation]\n[[patrol]]\nid = \"a\"\nname = { zh = \"a\", en = \"a\" }\ninspector = \"li\"\n"
      "from = \"2027-01-02T00:00:00Z\"\nevery = \"1d\"\nwithin = \"2d\"\n";
  EXPECT_THAT(wrong(patrol), HasSubstr("'inspector' is a user"));
  EXPECT_THAT(wrong(patrol), HasSubstr("'within' is at most"));
  EXPECT_THAT(wrong(patrol), HasSubstr("a patrol has points"));
}

}  // namespace
}  // namespace cityloop::participation
