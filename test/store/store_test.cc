#include "store/store.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "base/rng.h"
#include "store/record.h"

namespace cityloop::store {
namespace {

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    folder_ =
        std::filesystem::temp_directory_path() /
        fmt::format("cityloop-store-{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(), ::getpid());
    std::filesystem::remove_all(folder_);
    open();
  }
  ~StoreTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    store_.reset();
    auto store = Store::open(folder_.string());
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }
  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, LogAndTablesChangeTogetherAndOutliveARestart) {
  for (Seq seq = 1; seq <= 300; ++seq) {
    Batch batch;
    batch.append(seq, fmt::format("record {}", seq));
    batch.put(Table::cursor, "loop", fmt::format("{}", seq));
    ASSERT_TRUE(store_->commit(batch, Durability::flushed));
  }
  open();
  EXPECT_EQ(store_->last_seq(), 300u);
  EXPECT_EQ(store_->get(Table::cursor, "loop").value(), "300");
  EXPECT_EQ(store_->get(Table::entity, "loop").value(), std::nullopt);
  std::vector<std::string> read;
  ASSERT_TRUE(store_->read_log(299, [&](Seq, std::string_view record) {
    read.emplace_back(record);
    return true;
  }));
  EXPECT_THAT(read, testing::ElementsAre("record 299", "record 300"));
}

TEST_F(StoreTest, ScansARangeInOrder) {
  Batch batch;
  for (const char* key : {"b", "a", "c", "d"}) batch.put(Table::series, key, key);
  batch.erase(Table::series, "c");
  ASSERT_TRUE(store_->commit(batch, Durability::buffered));
  std::string keys;
  ASSERT_TRUE(store_->scan(Table::series, "b", "", [&](std::string_view key, std::string_view) {
    keys += key;
    return true;
  }));
  EXPECT_EQ(keys, "bd");
}

TEST_F(StoreTest, ASecondOpeningAndAnotherFormatAreRefusedWithTheReason) {
  const auto second = Store::open(folder_.string());
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, testing::HasSubstr("lock"));
  store_.reset();
  std::ofstream(folder_ / "FORMAT") << "99\n";
  const auto newer = Store::open(folder_.string());
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, base::Errc::unsupported);
  EXPECT_THAT(newer.error().message,
              testing::AllOf(testing::HasSubstr("format 99"), testing::HasSubstr("newer cityloop")));
  std::filesystem::remove(folder_ / "FORMAT");
  std::ofstream(folder_ / "CURRENT") << "MANIFEST-000001\n";  // as the first format had it
  const auto older = Store::open(folder_.string());
  ASSERT_FALSE(older);
  EXPECT_THAT(older.error().message, testing::HasSubstr("format 1"));
}

// Random values and entities through the codec, by a seed.
flow::Value random_value(base::Rng& rng) {
  switch (rng.below(5)) {
    case 0: return std::monostate{};
    case 1: return rng.below(2) == 1;
    case 2: return rng.normal() * 1e6;
    case 3: return std::string(rng.below(30), char('a' + rng.below(26)));
    default: return flow::Json{R"({"type":"Point","coordinates":[10,56]})"};
  }
}

flow::Attribute random_attribute(base::Rng& rng, int depth = 0) {
  flow::Attribute a;
  a.name = flow::Name(fmt::format("attribute{}", rng.below(20)));
  a.kind = flow::AttributeKind(rng.below(8));
  a.value = random_value(rng);
  if (rng.below(2)) a.unit_code = flow::Name("KMH");
  if (rng.below(3)) a.observed_at = base::from_us(std::int64_t(rng.below(2'000'000'000'000'000)));
  if (rng.below(2)) a.modified_at = base::from_us(std::int64_t(rng.below(2'000'000'000'000'000)));
  for (std::uint64_t i = depth < 3 ? rng.below(3) : 0; i > 0; --i) a.subs.push_back(random_attribute(rng, depth + 1));
  return a;
}

TEST(RecordTest, WhatIsWrittenReadsBackAndDamageIsSeen) {
  base::Rng rng(11);
  for (int round = 0; round < 200; ++round) {
    flow::LogRecord record;
    record.seq = rng.below(1000);
    record.at = base::from_us(std::int64_t(rng.below(2'000'000'000'000'000)));
    record.origin = flow::Name("feed:test");
    for (std::uint64_t i = rng.below(5); i > 0; --i) {
      flow::Change change;
      change.entity = flow::EntityId(fmt::format("urn:ngsi-ld:T:{}", rng.below(9)));
      change.kind = flow::ChangeKind(rng.below(3));
      change.types = {flow::Name("T"), flow::Name("U")};
      for (std::uint64_t k = rng.below(6); k > 0; --k) {
        change.attributes.push_back({random_attribute(rng), rng.below(2) == 1, rng.below(2) == 1});
      }
      record.changes.push_back(std::move(change));
    }
    const std::string bytes = encode(record);
    const auto back = decode_record(record.seq, bytes);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(encode(*back), bytes);
    ASSERT_EQ(back->changes.size(), record.changes.size());
    for (std::size_t i = 0; i < record.changes.size(); ++i) {
      ASSERT_EQ(back->changes[i].attributes.size(), record.changes[i].attributes.size());
      for (std::size_t k = 0; k < record.changes[i].attributes.size(); ++k) {
        EXPECT_EQ(back->changes[i].attributes[k].now, record.changes[i].attributes[k].now);
      }
    }
    for (std::size_t cut = 0; cut < bytes.size(); cut += 5) {
      EXPECT_FALSE(decode_record(1, std::string_view(bytes).substr(0, cut)));
    }
  }
}

}  // namespace
}  // namespace cityloop::store
