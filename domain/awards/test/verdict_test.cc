// What receipts prove, said by `cityloop verify` and found again by the second verifier (verifier.mjs).
#include "domain/awards/trust/verdict.h"

#include <sys/wait.h>

#include "base/text_of_bytes.h"
#include "domain/awards/trust/trust_routes.h"
#include "domain/awards/trust/verify_command.h"
#include "trust_fixture.h"

namespace cityloop::awards {
namespace {

using testing::Contains;
using testing::Each;
using testing::Field;
using testing::HasSubstr;

class VerdictTest : public TrustFixture {
 protected:
  VerdictTest() {
    EXPECT_TRUE(open());
    for (int i = 0; i < 7; ++i) EXPECT_TRUE(hand_in(fmt::format("before-{}", i)));
    text_ = fmt::format("{{\"title\":\"桥 bridge\",\"file\":\"{}\"}}", hex_of(trust::sha256({pdf_})));
    receipt_ = hand_in("CA26-0007/1", text_).value();
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(hand_in(fmt::format("after-{}", i)));
  }
  Evidence evidence() const {
    Evidence out;
    out.files = {{"receipt.json", receipt_.json()}, {"bridge.pdf", pdf_}};
    out.key = receipt_.key;
    out.growths[receipt_.head.size] = record_->growth(receipt_.head.size).value();
    return out;
  }
  static std::vector<std::string> of(const Verdict& verdict, Holds holds) {
    std::vector<std::string> out;
    for (const Statement& one : verdict.statements) {
      if (one.holds == holds) out.push_back(one.text.en);
    }
    return out;
  }

  const std::string pdf_ = "%PDF-1.7 of a bridge";
  std::string text_;
  Receipt receipt_;
};

TEST_F(VerdictTest, SaysWhatIsProvedAndWhatIsNot) {
  const Verdict verdict = judge(evidence());
  EXPECT_FALSE(verdict.contradicted());
  const auto good = of(verdict, Holds::proved);
  EXPECT_THAT(
      good,
      Contains(HasSubstr("'CA26-0007/1' of city-award-2026 (submission) was received at 2026-03-10T02:00:08.250000Z")));
  EXPECT_THAT(good, Contains(HasSubstr("the content in the receipt is as it was received")));
  EXPECT_THAT(good, Contains(HasSubstr("bridge.pdf: byte for byte")));
  EXPECT_THAT(good, Contains(HasSubstr("from then on (8 entries) the log has only grown, to 13")));
  EXPECT_THAT(of(verdict, Holds::not_checked), testing::ElementsAre(HasSubstr("Not proved by this")));
  for (const Statement& one : verdict.statements) EXPECT_FALSE(one.text.zh.empty());
}

TEST_F(VerdictTest, WithoutAKeyOrALogItSaysSo) {
  Evidence little = evidence();
  little.key.reset();
  little.growths.clear();
  const Verdict verdict = judge(little);
  EXPECT_FALSE(verdict.contradicted());
  EXPECT_THAT(of(verdict, Holds::not_checked), Contains(HasSubstr(hex_of(trust::sha256({receipt_.key})))));
  EXPECT_THAT(of(verdict, Holds::not_checked), Contains(HasSubstr("--log")));
}

TEST_F(VerdictTest, AnAlteredFileIsNamed) {
  Evidence altered = evidence();
  altered.files[1].bytes += ' ';
  EXPECT_THAT(of(judge(altered), Holds::contradicted), testing::ElementsAre(HasSubstr("bridge.pdf: not a file")));
  altered.files.erase(altered.files.begin());
  const Verdict alone = judge(altered);
  EXPECT_FALSE(alone.contradicted());
  EXPECT_FALSE(alone.proved());
}

TEST_F(VerdictTest, AnotherKeyIsToldOf) {
  Evidence other = evidence();
  other.key = trust::SigningPair::make().public_key();
  other.growths.clear();
  EXPECT_THAT(of(judge(other), Holds::contradicted), Contains(HasSubstr("another key than the one that was given")));
  EXPECT_FALSE(judge(other).proved()) << "however well it hangs together";
}

// Each letter of a receipt, one at a time: it does not hold, or is none any more and proves nothing.
TEST_F(VerdictTest, EveryAlteredLetterOfAReceiptIsFound) {
  const std::string whole = receipt_.json();
  Evidence altered = evidence();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    altered.files[0].bytes[at] = char(whole[at] ^ 1);
    const Verdict verdict = judge(altered);
    EXPECT_TRUE(verdict.contradicted() || !verdict.proved()) << at << ": " << altered.files[0].bytes.substr(at, 20);
    altered.files[0].bytes[at] = whole[at];
  }
}

TEST_F(VerdictTest, ALogThatWasRewrittenIsFound) {
  Evidence whole = evidence();
  whole.growths.clear();
  whole.log = bytes();
  EXPECT_FALSE(judge(whole).contradicted());
  EXPECT_THAT(of(judge(whole), Holds::proved), Contains(HasSubstr("13 entries under 14 heads")));
  whole.files.push_back({"old.json", record_->head().json()});
  // The server begins anew with the same key, and leaves one entry out.
  record_.reset();
  std::filesystem::remove(file());
  ASSERT_TRUE(open());
  for (int i = 0; i < 20; ++i) {
    if (i != 3) ASSERT_TRUE(hand_in(fmt::format("before-{}", i)));
  }
  whole.log = bytes();
  const auto wrong = of(judge(whole), Holds::contradicted);
  EXPECT_EQ(wrong.size(), 2);
  EXPECT_THAT(wrong, Each(HasSubstr("entries were changed or taken away")));
  Evidence asked = evidence();
  EXPECT_THAT(of(judge(asked), Holds::contradicted), Contains(HasSubstr("no longer the one of 8 entries")));
}

TEST_F(VerdictTest, ALogThatWasCutIsFound) {
  Evidence cut = evidence();
  cut.growths.clear();
  const std::string all = bytes();
  cut.log = all.substr(0, all.find("{\"v\":1,\"n\":7,"));
  EXPECT_THAT(of(judge(cut), Holds::contradicted), testing::ElementsAre(HasSubstr("no longer the one of 8 entries")));
}

TEST_F(VerdictTest, ReceiptsMayBeLaidOutAnewAndBadOnesSayWhatIsWrong) {
  auto json = base::JsonValue::parse(receipt_.json()).value();
  auto object = std::get<base::JsonValue::Object>(json.is);
  std::ranges::reverse(object);
  json.is = object;
  EXPECT_TRUE(Receipt::parse(json.dump()).value().check());
  EXPECT_THAT(Receipt::parse("[]").error().message, HasSubstr("cityloop_receipt"));
  EXPECT_THAT(Receipt::parse("{\"cityloop_receipt\":2}").error().message, HasSubstr("another version"));
  EXPECT_THAT(Receipt::parse("{\"cityloop_receipt\":1,\"entry\":{\"v\":1,\"n\":-1}}").error().message,
              HasSubstr("'n'"));
  EXPECT_FALSE(Receipt::parse("%PDF"));
}

class Node {
 public:
  explicit Node(std::filesystem::path folder) : folder_(std::move(folder)) {}
  int run(const std::string& words) {
    const std::string command =
        fmt::format("node domain/awards/test/verifier.mjs {} > {}/said 2>&1", words, folder_.string());
    const int status = std::system(command.c_str());
    return WEXITSTATUS(status);
  }
  std::string said() const { return base::read_file(folder_ / "said").value(); }

 private:
  std::filesystem::path folder_;
};

// Written apart from this code: what both say is what the page says.
TEST_F(VerdictTest, ASecondVerifierSaysTheSame) {
  if (std::system("node --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "there is no node here";
  Node node(folder_);
  const auto put = [&](const char* name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  };
  const std::string key = put("key.pem", trust::signing_key_pem(receipt_.key));
  const std::string log = file().string();
  ASSERT_EQ(node.run(fmt::format("log {} {}", log, key)), 0) << node.said();
  EXPECT_THAT(node.said(), HasSubstr(hex_of(record_->head().head.root)));
  const std::string receipt = put("receipt.json", receipt_.json());
  std::string documents = receipt;
  for (std::uint64_t from = 0; from <= 13; ++from)
    documents += ' ' + put(fmt::format("growth-{}.json", from).c_str(), record_->growth(from).value().json());
  for (std::uint64_t n = 0; n < 13; ++n)
    documents += ' ' + put(fmt::format("receipt-{}.json", n).c_str(), record_->receipt(n).value().json());
  EXPECT_EQ(node.run(fmt::format("receipts {} {}", key, documents)), 0) << node.said();
  EXPECT_THAT(node.said(), HasSubstr("\"receipts\":14,\"growths\":14"));
  Receipt wrong = receipt_;
  wrong.content = "another proposal";
  EXPECT_EQ(node.run(fmt::format("receipts {} {}", key, put("wrong.json", wrong.json()))), 3) << node.said();
  wrong = receipt_;
  wrong.entry.at -= base::Duration(1);
  EXPECT_EQ(node.run(fmt::format("receipts {} {}", key, put("wrong.json", wrong.json()))), 3) << node.said();
  // Commits of several entries too, as many arrive at once.
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(hand_in(fmt::format("more-{}", i)));
  ASSERT_EQ(node.run(fmt::format("flips {} {}", log, key)), 0) << node.said();
  EXPECT_THAT(node.said(), HasSubstr(fmt::format("\"bytes\":{},\"entries\":113", bytes().size())));
}

TEST_F(VerdictTest, TheCommandReadsFilesAndFolders) {
  std::ofstream(folder_ / "receipt.json") << receipt_.json();
  std::ofstream(folder_ / "bridge.pdf") << pdf_;
  std::ofstream(folder_ / "key.pem") << trust::signing_key_pem(receipt_.key);
  const auto path = [&](const char* name) { return (folder_ / name).string(); };
  const std::vector<std::string> words{path("receipt.json"), path("bridge.pdf"), "--log", folder_.string(), "--key",
                                       path("key.pem"),      "--lang",           "zh"};
  const auto done = verify_command(words);
  EXPECT_TRUE(done) << done.error().message;
  std::ofstream(folder_ / "bridge.pdf") << "another bridge";
  EXPECT_EQ(verify_command(words).error().code, base::Errc::corrupt);
  EXPECT_EQ(verify_command({path("none.json")}).error().code, base::Errc::not_found);
  EXPECT_EQ(verify_command({}).error().code, base::Errc::invalid);
  EXPECT_EQ(verify_command({path("receipt.json"), "--lang", "fr"}).error().code, base::Errc::invalid);
  EXPECT_EQ(verify_command({path("receipt.json"), "--log"}).error().code, base::Errc::invalid);
  EXPECT_EQ(verify_command({path("bridge.pdf")}).error().code, base::Errc::invalid) << "nothing is proved";
}

TEST_F(VerdictTest, TheLogsRoutesGiveAnybodyWhatChecksIt) {
  net::Router router;
  TrustRoutes{*record_}.add_to(router);
  const auto get = [&](const std::string& path, std::vector<std::pair<std::string, std::string>> query = {}) {
    net::Request request;
    request.path = "/public/v1/awards/log" + path;
    request.query = std::move(query);
    net::Response out;
    router.dispatch(request, net::Reply([&](net::Response response) { out = std::move(response); }));
    return out;
  };
  EXPECT_EQ(trust::signing_key_from_pem(get("/key").body).value(), receipt_.key);
  EXPECT_EQ(PublishedHead::parse(get("/head").body).value().head, record_->head().head);
  const Growth growth = Growth::parse(get("/growth", {{"from", "8"}}).body).value();
  EXPECT_TRUE(is_consistent(8, receipt_.head.root, growth.head.size, growth.head.root, growth.proof));
  const Receipt again = Receipt::parse(get("/receipts/7").body).value();
  EXPECT_TRUE(again.check());
  EXPECT_FALSE(again.content) << "what was handed in is the applicant's alone";
  EXPECT_FALSE(again.salt);
  const net::Response page = get("/entries", {{"from", "0"}, {"count", "5"}});
  EXPECT_THAT(page.headers, Contains(testing::Pair("X-Next", "5")));
  EXPECT_EQ(page.body + get("/entries", {{"from", "5"}}).body, bytes());
  EXPECT_EQ(get("/growth").status, 400);
  EXPECT_EQ(get("/growth", {{"from", "14"}}).status, 400);
  EXPECT_EQ(get("/growth", {{"from", "-1"}}).status, 400);
  EXPECT_EQ(get("/receipts/13").status, 404);
  EXPECT_EQ(get("/receipts/x").status, 400);
  EXPECT_EQ(get("/entries", {{"count", "1001"}}).status, 400);
}

}  // namespace
}  // namespace cityloop::awards
