// A disk that fails, at every step that it can fail at: what was acknowledged stays, what was refused never comes.
#include <cerrno>

#include "test/store/store_fixture.h"

namespace cityloop::store {
namespace {

using base::Errc;

struct Trouble {
  std::atomic<int> error{0};
  std::atomic<int> countdown{-1};  // the step at which one fault happens; below 0: none
  std::atomic<int> steps{0};

  DiskFaults faults() {
    return [this](DiskStep, std::string_view) -> int {
      ++steps;
      if (error) return error;
      if (countdown < 0) return 0;
      if (countdown == 0) {
        countdown = -1;
        return EIO;
      }
      --countdown;
      return 0;
    };
  }
};

class FailingDiskTest : public StoreFixture {
 protected:
  Trouble trouble_;
};

TEST_F(FailingDiskTest, AFullDiskRefusesWritesByNameReadsGoOnAndItRecoversWithoutARestart) {
  options_.faults = trouble_.faults();
  ASSERT_TRUE(open());
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(append());
  trouble_.error = ENOSPC;
  for (int i = 0; i < 5; ++i) {
    const auto refused = append();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::full);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("the disk is full"));
    expect_whole(200);
  }
  EXPECT_FALSE(store_->persist());
  expect_whole(200);
  trouble_.error = 0;
  for (int i = 0; i < 200; ++i) {
    const auto again = append();
    ASSERT_TRUE(again) << again.error().message;
  }
  EXPECT_TRUE(store_->persist());
  expect_whole(400);
  ASSERT_TRUE(open());
  expect_whole(400);
  EXPECT_TRUE(damages().empty());
}

TEST_F(FailingDiskTest, ADiskThatFailsSaysSoAndWritingGoesOnWhenItIsWellAgain) {
  options_.faults = trouble_.faults();
  ASSERT_TRUE(open());
  ASSERT_TRUE(append());
  trouble_.error = EIO;
  const auto refused = append();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_FALSE(store_->persist());
  trouble_.error = 0;
  for (int i = 0; i < 50; ++i) {
    const auto again = append();
    ASSERT_TRUE(again) << again.error().message;
  }
  EXPECT_TRUE(store_->persist());
  expect_whole(51);
  ASSERT_TRUE(open());
  expect_whole(51);
}

// Commits, files of the log that change, tables that go to disk; the nth step of the disk fails, for every n of the log
// and for some of the tables' (after a failure RocksDB rests for a second). Whatever commit said it did is there, and
// nothing else, before and after a restart.
class NthStepTest : public FailingDiskTest, public testing::WithParamInterface<const char*> {
 protected:
  void run() {
    std::filesystem::remove_all(folder_);
    Seq acknowledged = 0;
    if (!open()) ASSERT_TRUE(open());
    for (int i = 0; i < 40; ++i) {
      if (append(150, i % 3 ? Durability::flushed : Durability::buffered)) ++acknowledged;
      EXPECT_EQ(store_->last_seq(), acknowledged);
      if (i == 20) std::ignore = store_->persist();
    }
    expect_whole(acknowledged, 150);
    store_.reset();
    if (!open()) ASSERT_TRUE(open());
    expect_whole(acknowledged, 150);
    if (append(150)) ++acknowledged;
    expect_whole(acknowledged, 150);
    store_.reset();
  }
};

TEST_P(NthStepTest, WhatCommitSaidIsTrue) {
  options_.log_file_max_bytes = 2u << 10;
  options_.faults = [faults = trouble_.faults()](DiskStep step, std::string_view path) {
    return path.find(GetParam()) != std::string_view::npos ? faults(step, path) : 0;
  };
  run();
  const int steps = trouble_.steps, every = std::string_view(GetParam()) == "/log/" ? 1 : std::max(1, steps / 8);
  ASSERT_GT(steps, 20);
  for (int n = 0; n < steps && !HasFailure(); n += every) {
    SCOPED_TRACE(fmt::format("step {} of {}", n, steps));
    trouble_.countdown = n;
    run();
    trouble_.countdown = -1;
  }
}
INSTANTIATE_TEST_SUITE_P(Disk, NthStepTest, testing::Values("/log/", "/tables/"),
                         [](const auto& info) { return info.index == 0 ? "log" : "tables"; });

// What a failed flush leaves behind may be whole bytes of a commit that was refused: they never count, also when the
// process is killed before it could tidy up.
TEST_F(FailingDiskTest, ACommitWhoseFlushFailedNeverAppears) {
  bool fail_flush = false, fail_truncate = false;
  options_.faults = [&](DiskStep step, std::string_view path) {
    const bool log = path.find("/log/") != std::string_view::npos;
    return log && ((step == DiskStep::flush && fail_flush) || (step == DiskStep::truncate && fail_truncate)) ? EIO : 0;
  };
  ASSERT_TRUE(open());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(append());
  fail_flush = fail_truncate = true;
  EXPECT_FALSE(append());
  expect_whole(10);
  fail_flush = fail_truncate = false;
  ASSERT_TRUE(append());
  EXPECT_EQ(log_files().size(), 2u) << "the file that failed is left behind";
  expect_whole(11);
  ASSERT_TRUE(open());
  expect_whole(11);
  EXPECT_TRUE(damages().empty());
}

TEST_F(FailingDiskTest, WithIntervalAFlushThatFailsLaterLosesNothingThatWasAccepted) {
  bool fail_flush = false;
  options_.faults = [&](DiskStep step, std::string_view) { return step == DiskStep::flush && fail_flush ? EIO : 0; };
  ASSERT_TRUE(open());
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(append(100, Durability::buffered));
  fail_flush = true;
  EXPECT_FALSE(store_->flush());
  EXPECT_FALSE(store_->flush());
  fail_flush = false;
  EXPECT_TRUE(store_->flush());
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(append(100, Durability::buffered));
  expect_whole(60);
  ASSERT_TRUE(open());
  expect_whole(60);
}

TEST_F(FailingDiskTest, TablesThatFailedForGoodAreOpenedAnewFromTheLog) {
  bool fail_tables = false;
  options_.faults = [&](DiskStep step, std::string_view path) {
    const bool tables = path.find("/tables/") != std::string_view::npos;
    return tables && fail_tables && step != DiskStep::create ? EIO : 0;
  };
  ASSERT_TRUE(open());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append());
  ASSERT_TRUE(store_->persist());
  const std::uint64_t before = store_->generation();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append());
  Batch derived;
  derived.put(Table::entity, "x", "y");
  ASSERT_TRUE(store_->derive(derived, before));
  fail_tables = true;
  EXPECT_FALSE(store_->persist());
  EXPECT_EQ(store_->get(Table::cursor, "loop").value(), "40") << "reads go on";
  fail_tables = false;
  for (int i = 0; i < 20; ++i) {
    const auto again = append();
    ASSERT_TRUE(again) << again.error().message;
  }
  expect_whole(60);
  if (store_->generation() != before) {
    EXPECT_EQ(store_->derive(derived, before).error().code, Errc::conflict) << "what was derived is lost, and told";
  }
  ASSERT_TRUE(store_->persist());
  ASSERT_TRUE(open());
  expect_whole(60);
}

}  // namespace
}  // namespace cityloop::store
