// A store in a fresh folder, with a disk that the test can make fail; the folder goes with the fixture.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "store/store.h"

namespace cityloop::store {

class StoreFixture : public testing::Test {
 protected:
  StoreFixture() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = fmt::format("cityloop-store-{}-{}-{}", info->test_suite_name(), info->name(), ::getpid());
    std::ranges::replace(name, '/', '-');
    folder_ = std::filesystem::temp_directory_path() / name;
    std::filesystem::remove_all(folder_);
    options_.log_file_max_bytes = 64u << 10;
  }
  ~StoreFixture() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  base::Status open() {
    store_.reset();
    store_ = TRY(Store::open(folder_.string(), options_));
    return {};
  }
  // A record, and a row that says how far the log has come.
  base::Status append(std::size_t bytes = 100, Durability durability = Durability::flushed) {
    const Seq seq = store_->last_seq() + 1;
    Batch batch;
    batch.append(seq, record(seq, bytes));
    batch.put(Table::cursor, "loop", fmt::format("{}", seq));
    return store_->commit(batch, durability);
  }
  static std::string record(Seq seq, std::size_t bytes = 100) {
    std::string text = fmt::format("record {} ", seq);
    while (text.size() < bytes) text += char('a' + (seq * 7 + text.size()) % 26);
    return text;
  }
  // The log from its first record to its last, each as it was written, and the row that goes with the last.
  void expect_whole(Seq last, std::size_t bytes = 100) {
    EXPECT_EQ(store_->last_seq(), last);
    Seq next = store_->first_seq();
    const auto read = store_->read_log(next, [&](Seq seq, std::string_view text) {
      EXPECT_EQ(seq, next);
      EXPECT_EQ(text, record(seq, bytes));
      ++next;
      return true;
    });
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(next, last + 1);
    if (last > 0) EXPECT_EQ(store_->get(Table::cursor, "loop").value(), fmt::format("{}", last));
  }
  std::vector<std::filesystem::path> log_files() const {
    std::vector<std::filesystem::path> out;
    for (const auto& file : std::filesystem::directory_iterator(folder_ / "log")) out.push_back(file.path());
    std::ranges::sort(out);
    return out;
  }
  static void flip(const std::filesystem::path& path, std::uint64_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(std::streamoff(at));
    const char byte = char(file.get());
    file.seekp(std::streamoff(at));
    file.put(char(byte ^ 0x21));
  }
  std::vector<std::string> damages() const {
    std::vector<std::string> out;
    const auto checked = check(folder_.string(), [&](std::string text) { out.push_back(std::move(text)); });
    EXPECT_TRUE(checked) << checked.error().message;
    return out;
  }

  std::filesystem::path folder_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

}  // namespace cityloop::store
