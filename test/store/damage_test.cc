// A flipped byte anywhere is found and named, and never served; a last write that was cut short is neither.
#include "base/rng.h"
#include "test/store/store_fixture.h"

namespace cityloop::store {
namespace {

using base::Errc;
using testing::HasSubstr;

class DamageTest : public StoreFixture {
 protected:
  // Five files of log, each of some forty records; tables on disk.
  void fill() {
    options_.log_file_max_bytes = 8u << 10;
    ASSERT_TRUE(open());
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(append());
    ASSERT_TRUE(store_->persist());
  }
};

TEST_F(DamageTest, AnyFlippedByteOfTheLogIsNamedAndNeverServed) {
  fill();
  store_.reset();
  const auto files = log_files();
  ASSERT_GE(files.size(), 4u);
  base::Rng rng(23);
  for (int round = 0; round < 60; ++round) {
    const auto& path = files[rng.below(files.size())];
    const std::uint64_t at = rng.below(std::filesystem::file_size(path));
    SCOPED_TRACE(fmt::format("{} at {}", path.string(), at));
    flip(path, at);
    EXPECT_FALSE(damages().empty()) << "check names it";
    if (const auto opened = open(); !opened) {
      EXPECT_EQ(opened.error().code, Errc::corrupt);
    } else {
      Seq next = 1;
      const auto read = store_->read_log(1, [&](Seq seq, std::string_view text) {
        EXPECT_EQ(seq, next++);
        EXPECT_EQ(text, record(seq));
        return true;
      });
      EXPECT_FALSE(read);
      if (!read) EXPECT_EQ(read.error().code, Errc::corrupt);
      store_.reset();
    }
    flip(path, at);
    EXPECT_TRUE(damages().empty());
  }
  ASSERT_TRUE(open());
  expect_whole(200);
}

TEST_F(DamageTest, TheRecordsThatAreDamagedAreNamedAndTheOthersRead) {
  fill();
  store_.reset();
  const auto path = log_files()[1];
  flip(path, 64 + 48 + 30);  // in the body of the first commit of the second file
  const auto found = damages();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found.front(), testing::AllOf(HasSubstr("records "), HasSubstr(" of the log are damaged"),
                                            HasSubstr(path.filename().string())));
  ASSERT_TRUE(open()) << "old damage does not keep the city from running";
  const Seq bad = store_->log_files()[1].first_seq;
  EXPECT_THAT(found.front(), HasSubstr(fmt::format("records {} to {}", bad, bad)));
  Seq last = 0;
  ASSERT_TRUE(store_->read_log(bad + 1, [&](Seq seq, std::string_view text) {
    EXPECT_EQ(text, record(seq));
    last = seq;
    return true;
  }));
  EXPECT_EQ(last, 200u);
}

TEST_F(DamageTest, ALastWriteThatWasCutShortIsDroppedWhateverItsLength) {
  options_.log_file_max_bytes = 1u << 20;
  ASSERT_TRUE(open());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append());
  const auto path = log_files().back();
  const std::uint64_t before = std::filesystem::file_size(path);
  std::filesystem::copy(folder_, folder_.string() + ".20", std::filesystem::copy_options::recursive);
  ASSERT_TRUE(append());
  const std::uint64_t after = std::filesystem::file_size(path);
  std::string written(after - before, '\0');
  std::ifstream(path, std::ios::binary)
      .seekg(std::streamoff(before))
      .read(written.data(), std::streamsize(written.size()));
  store_.reset();
  // As a killed process leaves it: the tables as they were, and a part of the last write.
  for (std::uint64_t part = 1; part < written.size(); part += 7) {
    std::filesystem::remove_all(folder_);
    std::filesystem::copy(folder_.string() + ".20", folder_, std::filesystem::copy_options::recursive);
    std::ofstream(path, std::ios::binary | std::ios::app).write(written.data(), std::streamsize(part));
    ASSERT_TRUE(open()) << part;
    expect_whole(20);
    ASSERT_TRUE(append());
    expect_whole(21);
    store_.reset();
  }
  std::filesystem::remove_all(folder_.string() + ".20");
}

// The last commit was flushed and so acknowledged: when it does not read as it was written, that is no write cut short.
TEST_F(DamageTest, AFlippedByteInTheVeryLastCommitIsDamageAfterAKillToo) {
  options_.log_file_max_bytes = 1u << 20;
  ASSERT_TRUE(open());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append());
  const std::string copy = folder_.string() + ".killed";
  std::filesystem::copy(folder_, copy, std::filesystem::copy_options::recursive);
  store_.reset();
  std::filesystem::remove_all(folder_);
  std::filesystem::rename(copy, folder_);
  const auto path = log_files().back();
  flip(path, std::filesystem::file_size(path) - 20);
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::corrupt);
  EXPECT_THAT(opened.error().message, HasSubstr("behind record 19"));
}

TEST_F(DamageTest, AFlippedByteInATableIsNamedWithItsTableAndKeys) {
  ASSERT_TRUE(open());
  Batch batch;
  for (int i = 0; i < 3000; ++i)
    batch.put(Table::series, fmt::format("key{:05}", i), std::string(50, char('a' + i % 26)));
  ASSERT_TRUE(store_->commit(batch, Durability::flushed));
  ASSERT_TRUE(store_->persist());
  store_.reset();
  std::filesystem::path biggest;
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "tables")) {
    if (file.path().extension() != ".sst") continue;
    if (biggest.empty() || file.file_size() > std::filesystem::file_size(biggest)) biggest = file.path();
  }
  ASSERT_FALSE(biggest.empty());
  flip(biggest, std::filesystem::file_size(biggest) / 3);
  const auto found = damages();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found.front(), testing::AllOf(HasSubstr("table series"), HasSubstr("key00000"), HasSubstr("key02999"),
                                            HasSubstr(biggest.filename().string())));
  ASSERT_TRUE(open());
  std::size_t rows = 0;
  const auto read = store_->scan(Table::series, {}, {}, [&](std::string_view, std::string_view) { return ++rows > 0; });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::corrupt);
  EXPECT_THAT(read.error().message, HasSubstr("table series"));
}

TEST_F(DamageTest, ALogFileThatIsGoneIsMissed) {
  fill();
  store_.reset();
  std::filesystem::remove(log_files()[1]);
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("lacks the file"));
  EXPECT_FALSE(damages().empty());
}

}  // namespace
}  // namespace cityloop::store
