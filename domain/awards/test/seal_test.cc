// Sealed score sheets: nobody reads them early or alone, and nothing about them changes unseen.
#include "domain/awards/trust/seal.h"

#include "base/rng.h"
#include "domain/awards/trust/shares.h"
#include "trust_fixture.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using testing::ElementsAre;
using testing::HasSubstr;
using trust::SealingPair;

TEST(Shares, AnyThatAreEnoughGiveTheSecretAgain) {
  base::Rng rng(7);
  const auto random = [&](std::size_t size) {
    std::string out(size, '\0');
    for (char& c : out) c = char(rng.next());
    return out;
  };
  for (unsigned holders = 1; holders <= 6; ++holders) {
    for (unsigned need = 1; need <= holders; ++need) {
      const std::string secret = random(32);
      const auto shares = split(secret, need, holders, random(std::size_t{need - 1} * 32));
      for (unsigned chosen = 1; chosen < 1u << holders; ++chosen) {
        std::vector<std::string> some;
        for (unsigned i = 0; i < holders; ++i) {
          if (chosen >> i & 1) some.push_back(shares[i]);
        }
        if (some.size() >= need) EXPECT_EQ(join(some), secret) << need << " of " << holders;
        else EXPECT_NE(join(some), secret) << some.size() << " with " << need << " of " << holders;
      }
    }
  }
}

// With one share of two, every secret is as likely as every other: for each there is a polynomial through both.
TEST(Shares, OneOfTwoTellsNothing) {
  std::set<char> seen;
  for (int random = 0; random < 256; ++random) seen.insert(split("A", 2, 2, std::string(1, char(random)))[0][1]);
  EXPECT_EQ(seen.size(), 256);
}

class SealTest : public TrustFixture {
 protected:
  SealTest() {
    lock_ = {
        .cycle = "city-award-2026",
        .round = "review-1",
        .closes_at = base::parse_time("2026-07-01T16:00:00Z").value(),
        .need = 2,
        .holders = {
            {"chair", chair_.public_key()}, {"auditor", auditor_.public_key()}, {"reserve", reserve_.public_key()}}};
    EXPECT_TRUE(open());
    opening_ = lock_.log_opening(*record_, clock_.now()).value().entry.n;
    for (const char* content : {"{\"impact\":8}", "{\"impact\":3}", "{\"impact\":10}"})
      sheets_.push_back(
          seal_sheet(*record_, lock_, fmt::format("sheet-{}", sheets_.size()), content, clock_.now()).value().sheet);
  }
  base::Result<Opening> open_with(const std::vector<SealingPair>& keys) {
    return open_round(*record_, lock_, opening_, clock_.now(), keys, sheets_);
  }
  void close() { clock_.advance_to(lock_.closes_at); }
  std::vector<std::string> contents(const Opening& opening) {
    std::vector<std::string> out;
    for (const OpenedSheet& one : opening.opened) out.push_back(one.content);
    return out;
  }

  SealingPair chair_ = SealingPair::make(), auditor_ = SealingPair::make(), reserve_ = SealingPair::make();
  RoundLock lock_;
  std::uint64_t opening_{0};
  std::vector<SealedSheet> sheets_;
};

TEST_F(SealTest, AnyTwoHoldersOpenAClosedRound) {
  close();
  for (const auto& keys :
       {std::vector{chair_, auditor_}, std::vector{reserve_, chair_}, std::vector{auditor_, reserve_, chair_}}) {
    const auto opening = open_with(keys);
    ASSERT_TRUE(opening) << opening.error().message;
    EXPECT_THAT(contents(*opening), ElementsAre("{\"impact\":8}", "{\"impact\":3}", "{\"impact\":10}"));
    EXPECT_TRUE(opening->wrong.empty());
    EXPECT_EQ(opening->receipt.entry.kind, "seal_opened");
    EXPECT_TRUE(opening->receipt.check());
  }
}

TEST_F(SealTest, NothingOfASheetStandsInWhatIsKept) {
  const std::string log = bytes();
  for (const SealedSheet& sheet : sheets_) {
    EXPECT_EQ(sheet.sealed.find("impact"), std::string::npos);
    EXPECT_NE(log.find(sheet.sheet), std::string::npos);
  }
  EXPECT_EQ(log.find("impact"), std::string::npos);
}

TEST_F(SealTest, NobodyOpensEarly) {
  clock_.advance_to(lock_.closes_at - base::Duration(1));
  const std::uint64_t size = record_->head().head.size;
  EXPECT_EQ(open_with({chair_, auditor_}).error().code, Errc::conflict);
  EXPECT_EQ(record_->head().head.size, size);
  RoundLock sooner = lock_;
  sooner.closes_at = clock_.now() - std::chrono::hours(1);
  const auto opened = open_round(*record_, sooner, opening_, clock_.now(), {chair_, auditor_}, sheets_);
  EXPECT_EQ(opened.error().code, Errc::corrupt) << "the log was told of another closing time";
  close();
  EXPECT_TRUE(open_with({chair_, auditor_}));
}

TEST_F(SealTest, NobodyOpensAlone) {
  close();
  EXPECT_EQ(open_with({}).error().code, Errc::refused);
  EXPECT_EQ(open_with({chair_}).error().code, Errc::refused);
  EXPECT_EQ(open_with({chair_, chair_}).error().code, Errc::refused);
  EXPECT_EQ(open_with({chair_, SealingPair::make()}).error().code, Errc::refused);
  RoundLock alone = lock_;
  alone.need = 1;
  EXPECT_EQ(open_round(*record_, alone, opening_, clock_.now(), {chair_}, sheets_).error().code, Errc::corrupt);
}

TEST_F(SealTest, ALateSheetIsNotTaken) {
  close();
  EXPECT_EQ(seal_sheet(*record_, lock_, "late", "{}", clock_.now()).error().code, Errc::conflict);
}

TEST_F(SealTest, EveryAlteredByteOfASealedSheetIsFoundAndHidesNoOther) {
  close();
  const std::string whole = sheets_[1].sealed;
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    sheets_[1].sealed[at] = char(whole[at] ^ 1);
    const auto opening = open_with({chair_, auditor_});
    ASSERT_TRUE(opening);
    EXPECT_THAT(contents(*opening), ElementsAre("{\"impact\":8}", "{\"impact\":10}")) << at;
    ASSERT_EQ(opening->wrong.size(), 1);
    EXPECT_EQ(opening->wrong[0].first, "sheet-1");
    sheets_[1].sealed[at] = whole[at];
  }
}

TEST_F(SealTest, OneSheetDoesNotStandInForAnother) {
  close();
  std::swap(sheets_[0].sealed, sheets_[1].sealed);
  EXPECT_EQ(open_with({chair_, auditor_})->wrong.size(), 2);
  std::swap(sheets_[0].n, sheets_[1].n);
  EXPECT_EQ(open_with({chair_, auditor_})->wrong.size(), 2) << "with its own entry neither";
  std::swap(sheets_[0].sealed, sheets_[1].sealed);
  const auto opening = open_with({chair_, auditor_});
  EXPECT_EQ(opening->wrong.size(), 2);
  EXPECT_THAT(opening->wrong[0].second, HasSubstr("not of this sheet"));
}

// Whoever holds the server and enough keys seals other scores in place of a juror's: the log was told of the first
// ones.
TEST_F(SealTest, AForgedSheetIsFound) {
  const auto forged = seal_sheet(*record_, lock_, "sheet-1", "{\"impact\":0}", clock_.now()).value();
  close();
  sheets_[1].sealed = forged.sheet.sealed;
  const auto opening = open_with({chair_, auditor_});
  ASSERT_EQ(opening->wrong.size(), 1);
  EXPECT_THAT(opening->wrong[0].second, HasSubstr("SHA-256"));
}

TEST_F(SealTest, ALockSaysWhatItNeeds) {
  EXPECT_EQ(RoundLock::parse(lock_.json()).value().json(), lock_.json());
  EXPECT_FALSE(RoundLock::parse(" " + lock_.json()));
  RoundLock wrong = lock_;
  wrong.need = 4;
  EXPECT_FALSE(wrong.check());
  wrong = lock_;
  wrong.holders[1] = wrong.holders[0];
  EXPECT_FALSE(wrong.check());
  wrong = lock_;
  wrong.holders[0].public_key = std::string(32, '\0');
  EXPECT_FALSE(wrong.check());
  wrong = lock_;
  wrong.round = "review 1";
  EXPECT_FALSE(wrong.check());
  EXPECT_FALSE(RoundLock::parse("{}"));
}

TEST(WrappedKey, OpensWithItsPassphraseAlone) {
  const SealingPair pair = SealingPair::make();
  const std::string wrapped = wrap_key("chair", pair, "天长地久有时尽此恨绵绵").value();
  const auto again = unwrap_key(wrapped, "天长地久有时尽此恨绵绵");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->role, "chair");
  EXPECT_EQ(again->pair.public_key(), pair.public_key());
  EXPECT_EQ(unwrap_key(wrapped, "天长地久有时尽此恨绵").error().code, Errc::refused);
  EXPECT_EQ(unwrap_key("{}", "天长地久有时尽此恨绵绵").error().code, Errc::malformed);
  EXPECT_EQ(wrap_key("chair", pair, "short").error().code, Errc::invalid);
}

}  // namespace
}  // namespace cityloop::awards
