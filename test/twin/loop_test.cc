#include "twin/loop.h"

#include <map>
#include <set>

#include <gmock/gmock.h>

#include "test/twin/twin_fixture.h"

namespace cityloop::twin {
namespace {

using flow::EntityId;
using flow::Name;

// Counts readings per entity and writes the count to a Total entity: wrong at once if a record is lost or taken twice.
class Counting : public Loop {
 public:
  std::string_view name() const override { return "counting"; }
  void on_record(const flow::LogRecord& record, Outbox& outbox) override {
    for (const auto& change : record.changes) {
      if (!change.is_a(Name("TrafficFlowObserved"))) continue;
      ++count_;
      flow::Write write;
      write.entity = EntityId("urn:ngsi-ld:Total:1");
      write.types = {Name("Total")};
      write.attributes = {flow::property(Name("count"), double(count_))};
      outbox.writes.push_back(std::move(write));
    }
  }
  void save(base::ByteWriter& out) const override { out.varint(count_); }
  base::Status load(base::ByteReader& in) override {
    count_ = in.varint();
    return {};
  }
  void after_commit(flow::Seq seq) override { settled_ = seq; }
  std::uint64_t count_{0};
  std::atomic<flow::Seq> settled_{0};
};

class LoopTest : public TwinFixture {
 protected:
  double total() {
    const auto entity = twin_->get(EntityId("urn:ngsi-ld:Total:1"));
    return entity ? entity->number(Name("count")).value_or(-1) : 0;
  }
  void wait_total(double expected) {
    for (int i = 0; i < 5000 && total() != expected; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(total(), expected);
  }
  void send(int from, int to) {
    for (int i = from; i < to; ++i)
      put(reading(fmt::format("urn:ngsi-ld:T:{}", i % 7), i, clock_.now() + std::chrono::seconds(i)));
  }
};

TEST_F(LoopTest, GoesOnWhereItWasWithAndWithoutACheckpoint) {
  for (const bool checkpoints : {false, true}) {
    const int base = checkpoints ? 300 : 0;
    const LoopOptions options{.checkpoint_every = checkpoints ? std::chrono::milliseconds(5) : std::chrono::hours(1)};
    {
      Counting counting;
      LoopRunner runner(*twin_, counting, options);
      ASSERT_TRUE(runner.start());
      send(base, base + 100);
      wait_total(base + 100);
    }
    send(base + 100, base + 200);  // nobody listens
    reopen();
    Counting counting;
    LoopRunner runner(*twin_, counting, options);
    ASSERT_TRUE(runner.start());
    wait_total(base + 200);
    send(base + 200, base + 300);
    wait_total(base + 300);
  }
}

TEST_F(LoopTest, AfterACrashReplayDropsWhatWasWrittenAlready) {
  {
    Counting counting;
    LoopRunner runner(*twin_, counting);
    ASSERT_TRUE(runner.start());
    send(0, 50);
    wait_total(50);
    // As after kill -9: the cursor is on disk, the checkpoint of an orderly stop is not.
    while (runner.done() < twin_->head()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    runner.stop();
    store::Batch batch;
    batch.erase(store::Table::state, "counting");
    ASSERT_TRUE(store_->commit(batch, store::Durability::flushed));
  }
  reopen();
  const auto head = twin_->head();
  Counting counting;
  LoopRunner runner(*twin_, counting);
  ASSERT_TRUE(runner.start());
  while (counting.settled_ == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(counting.count_, 50u);
  EXPECT_EQ(twin_->head(), head) << "nothing was written again";
  send(50, 60);
  wait_total(60);
}

// Its checkpoint begins with a form, and ends with a mark that a damaged one lacks.
class Formed : public Counting {
 public:
  explicit Formed(std::uint8_t form) : form_(form) {}
  void save(base::ByteWriter& out) const override {
    out.u8(form_);
    Counting::save(out);
    out.u8(kMark);
  }
  base::Status load(base::ByteReader& in) override {
    if (const std::uint8_t form = in.u8(); form != form_)
      return base::fail(base::Errc::unsupported, "a checkpoint of form {}, not {}", form, form_);
    TRY(Counting::load(in));
    if (in.u8() != kMark) return base::fail(base::Errc::corrupt, "the mark is missing");
    return {};
  }

 private:
  static constexpr std::uint8_t kMark = 42;
  const std::uint8_t form_;
};

class RebuildTest : public LoopTest {
 protected:
  void count_with(Loop& loop) {
    LoopRunner runner(*twin_, loop);
    ASSERT_TRUE(runner.start());
    send(0, 50);
    wait_total(50);
  }
  void overwrite_checkpoint(std::string_view bytes) {
    store::Batch batch;
    batch.put(store::Table::state, "counting", bytes);
    ASSERT_TRUE(store_->commit(batch, store::Durability::flushed));
  }
};

TEST_F(RebuildTest, ACheckpointOfAnotherFormIsToldOfAndTheStateFollowsFromTheLog) {
  Formed old(1);
  count_with(old);
  reopen();
  const auto head = twin_->head();
  {
    Formed upgraded(2);
    LoopRunner runner(*twin_, upgraded, {.checkpoint_every = std::chrono::hours(1)});
    ASSERT_TRUE(runner.start());
    EXPECT_EQ(runner.rebuilt(), "a checkpoint of form 1, not 2");
    while (upgraded.settled_ == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(upgraded.count_, 50u);
    EXPECT_EQ(twin_->head(), head) << "nothing was written again";
    send(50, 60);
    wait_total(60);
  }
  reopen();
  Formed again(2);
  LoopRunner runner(*twin_, again);
  ASSERT_TRUE(runner.start());
  EXPECT_EQ(runner.rebuilt(), "") << "the new checkpoint is its own";
  EXPECT_EQ(again.count_, 60u);
}

TEST_F(RebuildTest, OfADamagedCheckpointNothingIsBuiltUpon) {
  Formed whole(1);
  count_with(whole);
  base::ByteWriter damaged;
  damaged.varint(twin_->head());
  damaged.u8(1);
  damaged.varint(4711);
  overwrite_checkpoint(damaged.view());
  reopen();
  Formed counting(1);
  LoopRunner runner(*twin_, counting);
  ASSERT_TRUE(runner.start());
  EXPECT_EQ(runner.rebuilt(), "the mark is missing");
  send(50, 60);
  wait_total(60);
}

// What is left of a state that could not be read stays in it: it cannot be made what it was.
class Sticky final : public Formed {
 public:
  Sticky() : Formed(1) {}
  base::Status load(base::ByteReader& in) override {
    const std::uint64_t before = count_;
    TRY(Formed::load(in));
    count_ = std::max(before, count_);
    return {};
  }
};

TEST_F(RebuildTest, AStateThatCouldNotBeMadeWhatItWasIsRebuiltAtTheNextStart) {
  Sticky whole;
  count_with(whole);
  base::ByteWriter damaged;
  damaged.varint(twin_->head());
  damaged.u8(1);
  damaged.varint(4711);
  overwrite_checkpoint(damaged.view());
  reopen();
  {
    Sticky stuck;
    LoopRunner runner(*twin_, stuck);
    const auto started = runner.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, testing::HasSubstr("Start again"));
  }
  reopen();
  Sticky counting;
  LoopRunner runner(*twin_, counting);
  ASSERT_TRUE(runner.start());
  EXPECT_EQ(runner.rebuilt(), "the mark is missing");
  send(50, 60);
  wait_total(60);
}

TEST_F(LoopTest, ALoopThatFallsBehindTheTailReadsFromDisk) {
  options_.tail_records_max = 8;
  reopen();
  send(0, 200);
  Counting counting;
  LoopRunner runner(*twin_, counting);
  ASSERT_TRUE(runner.start());
  wait_total(200);
}

TEST_F(LoopTest, RunInsideWritesAndIsRemembered) {
  Counting counting;
  LoopRunner runner(*twin_, counting);
  ASSERT_TRUE(runner.start());
  send(0, 5);
  wait_total(5);
  runner.run_inside([&](Outbox&) { counting.count_ = 1000; });
  send(5, 6);
  wait_total(1001);
}

// Counts per entity, a row each; and answers a "Wave" with a write per number, in pieces.
class RowCounting : public Loop {
 public:
  std::string_view name() const override { return "row-counting"; }
  void on_record(const flow::LogRecord& record, Outbox& out) override {
    now_ = std::max(now_, record.at);
    while (!alarms_.empty() && *alarms_.begin() <= now_) {
      alarms_.erase(alarms_.begin());
      rung_ = now_;
    }
    while (waves_ > 0) {
      write(out, fmt::format("wave-{}", waves_), double(waves_));
      --waves_;
      changed_.insert("waves");
      if (waves_ % 10 == 0) out.cut();
    }
    for (const auto& change : record.changes) {
      if (!change.is_a(Name("TrafficFlowObserved"))) continue;
      const std::string id(change.entity.text());
      changed_.insert(id);
      write(out, id.substr(id.rfind(':') + 1), double(++counts_[id]));
    }
  }
  void save(base::ByteWriter&) const override { FAIL() << "it keeps rows"; }
  base::Status load(base::ByteReader&) override { return base::fail(base::Errc::unsupported, "it keeps rows"); }
  bool keeps_rows() const override { return true; }
  void save_changed(StateRows& rows) override {
    for (const std::string& id : changed_) {
      base::ByteWriter out;
      out.varint(id == "waves" ? waves_ : counts_[id]);
      rows.put(id, out.take());
      ++rows_put_;
    }
    changed_.clear();
  }
  base::Status load_row(std::string_view key, base::ByteReader& in) override {
    if (key == "waves") waves_ = in.varint();
    else counts_[std::string(key)] = in.varint();
    ++rows_loaded_;
    return {};
  }
  flow::Instant wakes_at() const override { return alarms_.empty() ? flow::kNever : *alarms_.begin(); }

  std::map<std::string, std::uint64_t> counts_;
  std::set<flow::Instant> alarms_;
  std::atomic<flow::Instant> rung_{flow::kNever};
  std::uint64_t waves_{0};
  int rows_put_{0}, rows_loaded_{0};

 private:
  static void write(Outbox& out, const std::string& id, double count) {
    flow::Write& write = out.writes.emplace_back();
    write.entity = EntityId("urn:ngsi-ld:Total:" + id);
    write.types = {Name("Total")};
    write.attributes = {flow::property(Name("count"), count)};
  }
  flow::Instant now_{flow::kNever};
  std::set<std::string> changed_;
};

class RowLoopTest : public LoopTest {
 protected:
  void wait_done(const LoopRunner& runner) {
    for (int i = 0; i < 5000 && runner.done() < twin_->head(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(runner.done(), twin_->head());
  }
  double total_of(const std::string& id) {
    const auto entity = twin_->get(EntityId("urn:ngsi-ld:Total:" + id));
    return entity ? entity->number(Name("count")).value_or(-1) : 0;
  }
  // The folder as kill -9 would leave it, taken while all of it runs; the copy takes its place.
  void crash() {
    const auto copy = folder_.string() + "-copy";
    std::filesystem::remove_all(copy);
    const auto seq = store::back_up(folder_.string(), copy);
    ASSERT_TRUE(seq) << seq.error().message;
    crashed_ = copy;
  }
  void go_on_from_crash() {
    twin_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
    std::filesystem::rename(crashed_, folder_);
    open();
  }
  std::string crashed_;
};

TEST_F(RowLoopTest, RowsGoWithWhatWasWrittenAndNoRecordIsFedTwice) {
  {
    RowCounting counting;
    LoopRunner runner(*twin_, counting, {.checkpoint_every = std::chrono::hours(1)});
    ASSERT_TRUE(runner.start());
    send(0, 70);
    wait_done(runner);
    EXPECT_LE(counting.rows_put_, 70) << "a row a change, not all of them each time";
    crash();
  }
  go_on_from_crash();
  const auto head = twin_->head();
  RowCounting counting;
  LoopRunner runner(*twin_, counting, {.checkpoint_every = std::chrono::hours(1)});
  ASSERT_TRUE(runner.start());
  EXPECT_EQ(counting.rows_loaded_, 7);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(counting.counts_.at(fmt::format("urn:ngsi-ld:T:{}", i)), 10u);
  EXPECT_EQ(twin_->head(), head) << "nothing was written again";
  send(70, 77);
  wait_done(runner);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(total_of(std::to_string(i)), 11);
}

TEST_F(RowLoopTest, WhatIsWrittenInPiecesIsWholeWhereverItIsCutOff) {
  for (int delay_us = 0; delay_us < 6000; delay_us += 1500) {
    {
      RowCounting counting;
      counting.waves_ = 95;
      LoopRunner runner(*twin_, counting, {.checkpoint_every = std::chrono::hours(1)});
      ASSERT_TRUE(runner.start());
      send(0, 1);
      std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
      crash();
      wait_done(runner);
      for (int i = 1; i <= 95; ++i) ASSERT_EQ(total_of(fmt::format("wave-{}", i)), i);
    }
    go_on_from_crash();
    RowCounting counting;
    LoopRunner runner(*twin_, counting, {.checkpoint_every = std::chrono::hours(1)});
    ASSERT_TRUE(runner.start());
    send(1, 2);
    wait_done(runner);
    std::vector<int> there, missing;
    for (int i = 1; i <= 95; ++i) (total_of(fmt::format("wave-{}", i)) == i ? there : missing).push_back(i);
    // Either the crash came before the first piece, and the wave with it; or all of it is there in the end.
    EXPECT_TRUE(missing.empty() || there.empty()) << there.size() << " of 95";
    runner.stop();
    twin_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
    open();
  }
}

TEST_F(RowLoopTest, ADiskThatRefusesNeverPartsRowsFromWhatWasWritten) {
  std::atomic<int> error{0};
  twin_.reset();
  store_.reset();
  store::StoreOptions faulty;
  faulty.faults = [&](store::DiskStep, std::string_view) { return error.load(); };
  store_ = store::Store::open(folder_.string(), faulty).value();
  twin_ = Twin::open(*store_, clock_, options_).value();
  {
    RowCounting counting;
    LoopRunner runner(*twin_, counting, {.checkpoint_every = std::chrono::hours(1)});
    ASSERT_TRUE(runner.start());
    for (int i = 0; i < 21; ++i) {
      send(i, i + 1);
      error = i % 5 == 4 ? ENOSPC : 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(i % 5 == 4 ? 20 : 0));
      error = 0;
    }
    wait_done(runner);
  }
  reopen();
  RowCounting counting;
  LoopRunner runner(*twin_, counting);
  ASSERT_TRUE(runner.start());
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(total_of(std::to_string(i)), 3);
    EXPECT_EQ(counting.counts_.at(fmt::format("urn:ngsi-ld:T:{}", i)), 3u);
  }
}

// As RowCounting, after an upgrade that keeps its rows in another way.
class UpgradedRows final : public RowCounting {
 public:
  void save_changed(StateRows& rows) override {
    class Prefixed final : public StateRows {
     public:
      explicit Prefixed(StateRows& to) : to_(to) {}
      void put(std::string_view key, std::string value) override {
        to_.put(fmt::format("v2:{}", key), std::move(value));
      }
      void erase(std::string_view key) override { to_.erase(key); }

     private:
      StateRows& to_;
    } prefixed(rows);
    RowCounting::save_changed(prefixed);
  }
  base::Status load_row(std::string_view key, base::ByteReader& in) override {
    if (!key.starts_with("v2:")) return base::fail(base::Errc::unsupported, "row '{}' is of another form", key);
    return RowCounting::load_row(key.substr(3), in);
  }
};

TEST_F(RowLoopTest, RowsOfAnotherFormMakePlaceForThoseThatFollowFromTheLog) {
  {
    RowCounting old;
    LoopRunner runner(*twin_, old);
    ASSERT_TRUE(runner.start());
    send(0, 70);
    wait_done(runner);
  }
  reopen();
  const auto head = twin_->head();
  for (const bool first : {true, false}) {
    UpgradedRows counting;
    LoopRunner runner(*twin_, counting);
    ASSERT_TRUE(runner.start());
    EXPECT_EQ(runner.rebuilt().empty(), !first);
    wait_done(runner);
    for (int i = 0; i < 7; ++i) EXPECT_EQ(counting.counts_.at(fmt::format("urn:ngsi-ld:T:{}", i)), 10u);
    EXPECT_EQ(twin_->head(), head) << "nothing was written again";
    runner.stop();
    reopen();
  }
  int rows = 0;
  const auto [begin, end] = state_rows_range("row-counting");
  ASSERT_TRUE(store_->scan(store::Table::state, begin, end, [&](std::string_view key, std::string_view) {
    EXPECT_TRUE(key.substr(begin.size()).starts_with("v2:")) << key;
    return ++rows > 0;
  }));
  EXPECT_EQ(rows, 7);
}

TEST_F(RowLoopTest, ALoopIsWokenAtItsTimeThoughNothingIsRecorded) {
  RowCounting counting;
  const flow::Instant wish = clock_.now() + std::chrono::seconds(30);
  counting.alarms_ = {wish};
  LoopRunner runner(*twin_, counting, {.wakes = true});
  ASSERT_TRUE(runner.start());
  send(0, 1);
  wait_done(runner);
  const auto head = twin_->head();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(twin_->head(), head) << "not before its time";
  clock_.advance_to(wish);
  for (int i = 0; i < 5000 && counting.rung_.load() == flow::kNever; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(counting.rung_.load(), wish);
  EXPECT_EQ(twin_->head(), head + 1) << "one tick, and no more";
}

}  // namespace
}  // namespace cityloop::twin
