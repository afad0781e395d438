// The award log on disk: what was acknowledged stays, what was not is cut, what was altered is found.
#include "domain/awards/trust/merkle_log.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <thread>

#include "trust_fixture.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using testing::HasSubstr;

class MerkleLogTest : public TrustFixture {};

TEST_F(MerkleLogTest, BeginsWithItsKeyAndTheHeadOfNothing) {
  ASSERT_TRUE(open());
  struct stat about{};
  ASSERT_EQ(::stat((folder_ / "log.key").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600);
  const PublishedHead head = record_->head();
  EXPECT_EQ(head.head.size, 0);
  EXPECT_TRUE(check_head(head.head, head.key));
  EXPECT_EQ(bytes(), head.head.line() + '\n');
}

TEST_F(MerkleLogTest, AnEntryIsInTheLogUnderEveryLaterHead) {
  ASSERT_TRUE(open());
  std::vector<Receipt> receipts;
  for (int i = 0; i < 40; ++i) receipts.push_back(hand_in(fmt::format("CA26-{:04}/1", i), "text").value());
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    EXPECT_EQ(receipts[i].entry.n, i);
    EXPECT_TRUE(receipts[i].check());
    EXPECT_TRUE(receipts[i].check_content());
    const Receipt again = record_->receipt(i).value();
    EXPECT_EQ(again.entry, receipts[i].entry);
    EXPECT_EQ(again.head.size, 40);
    EXPECT_TRUE(again.check());
    const Growth growth = record_->growth(receipts[i].head.size).value();
    EXPECT_TRUE(is_consistent(growth.from, receipts[i].head.root, growth.head.size, growth.head.root, growth.proof));
  }
  EXPECT_EQ(record_->receipt(40).error().code, Errc::not_found);
  EXPECT_EQ(record_->growth(41).error().code, Errc::invalid);
}

TEST_F(MerkleLogTest, TheSameContentTwiceLooksLikeTwoThings) {
  ASSERT_TRUE(open());
  const Receipt one = hand_in("a", "8").value(), two = hand_in("b", "8").value();
  EXPECT_NE(one.entry.commitment, two.entry.commitment) << "or scores could be guessed";
  EXPECT_EQ(bytes().find("\"8\""), std::string::npos);
}

TEST_F(MerkleLogTest, IsTheSameAfterItIsOpenedAgain) {
  ASSERT_TRUE(open());
  std::vector<Receipt> receipts;
  for (int i = 0; i < 30; ++i) {
    receipts.push_back(hand_in(fmt::format("s{}", i)).value());
    const TreeHead before = record_->head().head;
    ASSERT_TRUE(open());
    EXPECT_EQ(record_->head().head, before);
    EXPECT_EQ(record_->log().stats().cut_bytes, 0);
  }
  for (const Receipt& one : receipts) {
    const Growth growth = record_->growth(one.head.size).value();
    EXPECT_TRUE(is_consistent(growth.from, one.head.root, growth.head.size, growth.head.root, growth.proof));
  }
  EXPECT_TRUE(check_log(bytes(), record_->head().key));
}

TEST_F(MerkleLogTest, PiecesOfItAreTheFile) {
  ASSERT_TRUE(open());
  for (int i = 0; i < 23; ++i) ASSERT_TRUE(hand_in(fmt::format("s{}", i)));
  for (const std::uint64_t step : {1, 5, 22, 23, 100}) {
    std::string all;
    for (std::uint64_t n = 0; n < 23; n += step) all += record_->log().lines(n, step).value();
    EXPECT_EQ(all, bytes()) << step;
  }
  EXPECT_EQ(record_->log().lines(23, 1).error().code, Errc::not_found);
}

TEST_F(MerkleLogTest, RefusesWhatNoReaderCouldRead) {
  ASSERT_TRUE(open());
  EXPECT_EQ(hand_in("").error().code, Errc::invalid);
  EXPECT_EQ(hand_in("a name with blanks").error().code, Errc::invalid);
  EXPECT_EQ(hand_in("\"},{\"").error().code, Errc::invalid);
  EXPECT_EQ(hand_in("张三").error().code, Errc::invalid);
  EXPECT_EQ(hand_in(std::string(121, 'a')).error().code, Errc::invalid);
  EXPECT_EQ(record_->head().head.size, 0);
  EXPECT_TRUE(hand_in(std::string(120, 'a')));
}

TEST_F(MerkleLogTest, NobodyDatesBackOrAhead) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(hand_in("first"));
  clock_.advance_to(clock_.now() + std::chrono::hours(1));
  ASSERT_TRUE(hand_in("second"));
  Deed deed{
      .kind = "submission", .cycle = "c", .subject = "late", .by = "applicant", .at = clock_.now(), .content = "x"};
  deed.at = clock_.now() - kLogLag;
  EXPECT_TRUE(record_->note(deed)) << "a long upload's answer may come a little later";
  deed.at = clock_.now() - kLogLag - base::Duration(1);
  EXPECT_EQ(record_->note(deed).error().code, Errc::conflict);
  deed.at = clock_.now() + base::Duration(1);
  EXPECT_EQ(record_->note(deed).error().code, Errc::invalid);
}

TEST_F(MerkleLogTest, ManyAtOnceShareAFlush) {
  ASSERT_TRUE(open());
  constexpr int kThreads = 8, kEach = 50;
  std::atomic<int> flushes{0};
  fault_ = [&](store::DiskStep step) {
    if (step != store::DiskStep::flush) return 0;
    ++flushes;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return 0;
  };
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const auto receipt = record_->note({.kind = "sheet",
                                            .cycle = "c",
                                            .subject = fmt::format("{}-{}", t, i),
                                            .by = "juror",
                                            .at = clock_.now(),
                                            .content = "7"});
        good += receipt && receipt->check() && receipt->check_content();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, kThreads * kEach);
  EXPECT_LT(flushes, kThreads * kEach * 3 / 4);
  EXPECT_TRUE(check_log(bytes(), record_->head().key));
}

TEST_F(MerkleLogTest, AFullDiskTakesBackWhatItRefused) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(hand_in("before"));
  const std::string before = bytes();
  for (const store::DiskStep failing : {store::DiskStep::write, store::DiskStep::flush}) {
    int left = 1;
    fault_ = [&](store::DiskStep step) { return step == failing && left-- > 0 ? ENOSPC : 0; };
    EXPECT_EQ(hand_in("refused").error().code, Errc::full);
    EXPECT_EQ(bytes(), before);
    EXPECT_EQ(record_->head().head.size, 1);
  }
  fault_ = nullptr;
  const auto after = hand_in("after");
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->entry.n, 1);
  EXPECT_TRUE(after->check());
  EXPECT_TRUE(check_log(bytes(), record_->head().key));
}

TEST_F(MerkleLogTest, ADiskThatTakesNothingBackEndsIt) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(hand_in("before"));
  fault_ = [](store::DiskStep) { return EIO; };
  EXPECT_EQ(hand_in("refused").error().code, Errc::unavailable);
  fault_ = nullptr;
  EXPECT_THAT(hand_in("more").error().message, HasSubstr("opened again"));
  EXPECT_EQ(record_->head().head.size, 1);
  ASSERT_TRUE(open());
  EXPECT_TRUE(hand_in("after"));
  EXPECT_TRUE(check_log(bytes(), record_->head().key));
}

TEST_F(MerkleLogTest, AWriteCutShortAnywhereIsCutAndTold) {
  ASSERT_TRUE(open());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(hand_in(fmt::format("kept-{}", i)));
  const std::string kept = bytes();
  ASSERT_TRUE(hand_in("lost"));
  const std::string whole = bytes();
  for (std::size_t size = kept.size(); size < whole.size(); size += 3) {
    write(whole.substr(0, size));
    const auto opened = open();
    ASSERT_TRUE(opened) << size << ": " << opened.error().message;
    EXPECT_EQ(record_->head().head.size, 3);
    EXPECT_EQ(record_->log().stats().cut_bytes, size - kept.size());
    EXPECT_EQ(bytes(), kept);
  }
  EXPECT_TRUE(hand_in("again"));
}

TEST_F(MerkleLogTest, SectorsThatWereNeverWrittenAreAWriteCutShort) {
  ASSERT_TRUE(open());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(hand_in(fmt::format("kept-{}", i)));
  const std::string kept = bytes();
  ASSERT_TRUE(hand_in("lost"));
  const std::string whole = bytes();
  const std::size_t sector = (kept.size() + 511) / 512 * 512;
  ASSERT_LT(sector, whole.size());
  std::string holed = whole;
  std::fill(holed.begin() + std::ptrdiff_t(sector),
            holed.begin() + std::ptrdiff_t(std::min(sector + 512, holed.size())), '\0');
  write(holed);
  ASSERT_TRUE(open());
  EXPECT_EQ(record_->head().head.size, 3);
  // The same hole before a head that was signed later is no write cut short.
  write(whole);
  ASSERT_TRUE(open());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(hand_in(fmt::format("more-{}", i)));
  std::string damaged = bytes();
  std::fill(damaged.begin() + std::ptrdiff_t(sector), damaged.begin() + std::ptrdiff_t(sector + 512), '\0');
  write(damaged);
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::corrupt);
  EXPECT_EQ(bytes(), damaged) << "damage is left as it is found";
}

TEST_F(MerkleLogTest, WithoutItsKeyItIsNotGoneOnWith) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(hand_in("one"));
  std::filesystem::rename(folder_ / "log.key", folder_ / "elsewhere");
  EXPECT_THAT(open().error().message, HasSubstr("log.key"));
  ASSERT_TRUE(base::write_file_atomic(folder_ / "log.key", trust::SigningPair::make().pem()));
  EXPECT_THAT(open().error().message, HasSubstr("another key"));
}

// Every byte of a log of some hundred entries, one at a time: LogCheck finds it, and no server opens with it. A check
// that has read the lines before goes on with the altered one, so that not all of the log is read for each byte.
TEST_F(MerkleLogTest, EveryFlippedByteIsFound) {
  ASSERT_TRUE(open());
  fault_ = nullptr;
  constexpr int kEntries = 200;
  for (int i = 0; i < kEntries; ++i) ASSERT_TRUE(hand_in(fmt::format("CA26-{:04}/{}", i / 3, i % 3)));
  const std::string whole = bytes(), key = record_->head().key;
  record_.reset();
  std::size_t begin = 0, flips = 0;
  LogCheck before(key);
  // Commits of one entry and one head: what follows an altered commit need not be read.
  while (begin < whole.size()) {
    const bool first = begin == 0;
    std::size_t end = whole.find('\n', begin) + 1;
    if (!first) end = whole.find('\n', end) + 1;
    const std::string commit = whole.substr(begin, end - begin);
    for (std::size_t at = 0; at < commit.size(); ++at) {
      std::string altered = commit;
      altered[at] = char(altered[at] ^ (1 << (begin + at) % 8));
      LogCheck check = before;
      bool good = true;
      std::string_view rest = altered;
      for (std::size_t line = rest.find('\n'); good && line != rest.npos; line = rest.find('\n')) {
        good = check.line(rest.substr(0, line)).has_value();
        rest.remove_prefix(line + 1);
      }
      // An end of line that is none any more joins the line to the next commit's first.
      if (good && !rest.empty()) {
        const std::size_t line = whole.find('\n', end);
        good = line != whole.npos && check.line(std::string(rest) + whole.substr(end, line - end));
      }
      ASSERT_FALSE(good) << "byte " << begin + at;
      ++flips;
    }
    for (std::string_view rest = commit; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
      ASSERT_TRUE(before.line(rest.substr(0, rest.find('\n'))));
    begin = end;
  }
  EXPECT_EQ(flips, whole.size());
  ASSERT_TRUE(before.end());
  // The whole way, from the file, at every thousandth byte and throughout the last commit, where a write cut short is
  // most like damage.
  const std::size_t last = whole.rfind('\n', whole.rfind("{\"v\":1,\"n\"") - 1);
  for (std::size_t at = 0; at < whole.size(); at += at < last ? 997 : 1) {
    std::string altered = whole;
    altered[at] = char(altered[at] ^ 1);
    write(altered);
    const auto opened = open();
    ASSERT_FALSE(opened) << "byte " << at;
    EXPECT_EQ(bytes(), altered);
  }
}

// A process that hands things in and is killed: whatever it was told is there is there.
TEST_F(MerkleLogTest, WhatWasAcknowledgedSurvivesAKill) {
  ASSERT_TRUE(open());
  record_.reset();
  std::uint64_t told = 0;
  for (int round = 0; round < 6; ++round) {
    int pipes[2];
    ASSERT_EQ(::pipe(pipes), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipes[0]);
      const base::WallClock wall;
      const auto record = Record::open(folder_.string(), wall);
      if (!record) ::_exit(1);
      std::vector<std::thread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
          while (true) {
            const auto receipt = (*record)->note({.kind = "submission",
                                                  .cycle = "c",
                                                  .subject = "s",
                                                  .by = "applicant",
                                                  .at = wall.now(),
                                                  .content = "x"});
            if (!receipt) ::_exit(2);
            const std::string line = receipt->entry.line() + '\n';
            if (::write(pipes[1], line.data(), line.size()) != ssize_t(line.size())) ::_exit(3);
          }
        });
      }
      for (auto& thread : threads) thread.join();
    }
    ::close(pipes[1]);
    std::string heard;
    char buffer[4096];
    std::size_t until = 20'000 + std::size_t(round) * 3'777;
    while (heard.size() < until) {
      const ssize_t size = ::read(pipes[0], buffer, sizeof buffer);
      ASSERT_GT(size, 0) << "the child ended by itself";
      heard.append(buffer, std::size_t(size));
    }
    ::kill(child, SIGKILL);
    for (ssize_t size; (size = ::read(pipes[0], buffer, sizeof buffer)) > 0;) heard.append(buffer, std::size_t(size));
    ::close(pipes[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    const base::WallClock wall;
    const auto record = Record::open(folder_.string(), wall);
    ASSERT_TRUE(record) << record.error().message;
    for (std::string_view rest = heard; rest.find('\n') != rest.npos; rest.remove_prefix(rest.find('\n') + 1)) {
      const LogEntry entry = read_entry(rest.substr(0, rest.find('\n'))).value();
      EXPECT_EQ((*record)->receipt(entry.n).value().entry, entry);
      ++told;
    }
    EXPECT_TRUE(check_log(bytes(), (*record)->head().key));
  }
  EXPECT_GT(told, 600);
}

}  // namespace
}  // namespace cityloop::awards
