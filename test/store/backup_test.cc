// Copies of a store that is being written to, and logs that are trimmed.
#include "test/store/store_fixture.h"

namespace cityloop::store {
namespace {

using base::Errc;

class BackupTest : public StoreFixture {
 protected:
  std::string copy() const { return folder_.string() + ".copy"; }
  ~BackupTest() override { std::filesystem::remove_all(copy()); }
};

TEST_F(BackupTest, ACopyMadeUnderLoadIsWholeAtOneSequence) {
  ASSERT_TRUE(open());
  std::atomic<Seq> written{0};
  std::jthread writer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (append()) ++written;
      if (written % 200 == 199) std::ignore = store_->persist(false);
    }
  });
  while (written < 1000) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  for (int round = 0; round < 5; ++round) {
    std::filesystem::remove_all(copy());
    const Seq before = written;
    const auto seq = back_up(folder_.string(), copy());
    ASSERT_TRUE(seq) << seq.error().message;
    EXPECT_GE(*seq, before) << "all that was acknowledged when it began is in it";
    auto opened = Store::open(copy(), options_);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ((*opened)->last_seq(), *seq);
    EXPECT_EQ((*opened)->get(Table::cursor, "loop").value(), fmt::format("{}", *seq)) << "tables and log agree";
    Seq next = 1;
    ASSERT_TRUE((*opened)->read_log(1, [&](Seq, std::string_view text) { return text == record(next++); }));
    EXPECT_EQ(next, *seq + 1);
  }
}

TEST_F(BackupTest, AFolderThatHoldsSomethingIsNotWrittenOver) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(append());
  std::filesystem::create_directories(copy());
  std::ofstream(copy() + "/mine") << "dear";
  EXPECT_EQ(back_up(folder_.string(), copy()).error().code, Errc::exists);
  EXPECT_EQ(back_up(folder_.string() + ".none", copy() + "/x").error().code, Errc::not_found);
}

TEST_F(BackupTest, ATrimmedLogKeepsWhatItMustAndOutlivesARestart) {
  options_.log_file_max_bytes = 4u << 10;
  ASSERT_TRUE(open());
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(append());
  const std::uint64_t before = store_->bytes_on_disk();
  ASSERT_TRUE(store_->trim_log(120));
  EXPECT_GT(store_->first_seq(), 80u);
  EXPECT_LE(store_->first_seq(), 120u) << "no record is lost that is to be kept";
  EXPECT_LT(store_->bytes_on_disk(), before);
  expect_whole(200);
  ASSERT_TRUE(open());
  EXPECT_GT(store_->first_seq(), 80u);
  expect_whole(200);
  ASSERT_TRUE(append());
  expect_whole(201);
  EXPECT_TRUE(damages().empty());
}

}  // namespace
}  // namespace cityloop::store
