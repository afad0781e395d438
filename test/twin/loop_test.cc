#include "twin/loop.h"

#include "test/twin/twin_fixture.h"

namespace cityloop::twin {
namespace {

using flow::EntityId;
using flow::Name;

// Counts readings per entity and writes the count to a Total entity: wrong at once if a record is lost or taken twice.
class Counting final : public Loop {
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

}  // namespace
}  // namespace cityloop::twin
