// No change is ever left out: thousands of changes at full speed, receivers that fail at random, pauses of delivery,
// and restarts from an old checkpoint in the middle. Counted at the receivers.
#include <gmock/gmock.h>

#include "test/notify/notify_fixture.h"

namespace cityloop::notify {
namespace {

constexpr int kEntities = 23;
constexpr int kChanges = 4000;
constexpr int kReceivers = 3;

class CountingTest : public NotifyFixture {
 protected:
  // A receiver that fails one time in four, in every way it can.
  static std::function<Receiver::Mood()> fickle(std::uint64_t seed) {
    return [rng = base::Rng(seed)]() mutable {
      switch (rng.below(20)) {
        case 0:
        case 1: return Receiver::Mood::refuses;
        case 2: return Receiver::Mood::keeps_silent;
        case 3: return Receiver::Mood::takes_and_refuses;
        default: return Receiver::Mood::takes;
      }
    };
  }
  static std::string urn(int k) { return fmt::format("urn:ngsi-ld:T:{}", k); }

  // As a crash leaves it: the loop ends without a checkpoint of what it did since the last one.
  void crash() {
    const auto cursor = store_->get(store::Table::cursor, "notify").value();
    const auto state = store_->get(store::Table::state, "notify").value();
    stop();
    twin::Commit commit;
    const auto restore = [&](store::Table table, const std::optional<std::string>& value) {
      if (value) commit.puts.push_back({table, "notify", *value});
      else commit.puts.push_back({table, "notify", {}, twin::TableOp::erase});
    };
    restore(store::Table::cursor, cursor);
    restore(store::Table::state, state);
    ASSERT_TRUE(twin_->commit(std::move(commit)).status);
    reopen();
    start();
  }
};

// Every value of every entity at least once, and never one before an earlier one was told.
void expect_complete(const Receiver& receiver) {
  std::map<std::string, std::set<int>> seen;
  for (const base::JsonValue& entity : receiver.entities()) {
    auto& mine = seen[entity.text_or("id", "")];
    const base::JsonValue* speed = entity.find("speed");
    ASSERT_TRUE(speed);
    const int value = int(speed->number_or("value", -1));
    const base::JsonValue* count = entity.find("count");
    if (count) EXPECT_LE(count->number_or("value", -1), value) << "a newer entity than its change";
    if (!mine.contains(value)) EXPECT_EQ(std::size_t(value), mine.size()) << "out of order";
    mine.insert(value);
  }
  ASSERT_EQ(seen.size(), std::size_t(kEntities));
  std::size_t total = 0;
  for (const auto& [id, values] : seen) total += values.size();
  EXPECT_EQ(total, std::size_t(kChanges));
}

TEST_F(CountingTest, NoChangeIsLeftOut) {
  delivery_.backoff_first = std::chrono::milliseconds(1);
  delivery_.backoff_max = std::chrono::milliseconds(20);
  delivery_.box_max = 50;
  std::vector<std::unique_ptr<Receiver>> receivers;
  start();
  for (int r = 0; r < kReceivers; ++r) {
    receivers.push_back(std::make_unique<Receiver>());
    receivers.back()->feel(fickle(std::uint64_t(r) + 1));
    subscribe(definition(fmt::format("urn:s:{}", r), receivers.back()->url(),
                         R"("entities":[{"type":"TrafficFlowObserved"}],"watchedAttributes":["speed"])",
                         R"("timeout":60)"));
  }
  std::map<int, int> next;
  std::atomic<int> taken{0};
  for (int i = 0; i < kChanges; ++i) {
    const int k = i % kEntities;
    twin::Commit commit;
    commit.origin = Name("test");
    flow::Write write = reading(urn(k), next[k], at_, flow::WriteMode::upsert);
    if (i % 3 == 0) write.attributes.push_back(flow::property(Name("count"), double(next[k])));
    ++next[k];
    commit.writes.push_back(std::move(write));
    twin_->submit(std::move(commit), [&](const twin::CommitResult& result) { taken += result.status.has_value(); });
    if (i == 1000 || i == 2500) {
      ASSERT_TRUE(soon([&] { return taken == i + 1; }));
      crash();
    }
    if (i == 1800) {
      ASSERT_TRUE(soon([&] { return taken == i + 1; }));
      stop();
      reopen();
      start();
    }
  }
  ASSERT_TRUE(soon([&] { return taken == kChanges; }));
  for (int r = 0; r < kReceivers; ++r) {
    ASSERT_TRUE(soon([&] { return runner_->done() >= twin_->head() && all_told(fmt::format("urn:s:{}", r)); },
                     std::chrono::seconds(120)))
        << status(fmt::format("urn:s:{}", r)).pending;
    expect_complete(*receivers[std::size_t(r)]);
    EXPECT_GT(status(fmt::format("urn:s:{}", r)).times_failed, 0u);
  }
}

}  // namespace
}  // namespace cityloop::notify
