#include "learn/learn_loop.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "flow/noun.h"

namespace cityloop::learn {
namespace {

flow::Change case_change(std::string_view id, std::string_view rule, std::string_view outcome) {
  flow::Change change;
  change.entity = flow::EntityId(fmt::format("urn:ngsi-ld:Case:{}", id));
  change.types = {flow::Name("Case")};
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty())
      change.attributes.push_back({flow::property(flow::Name(name), std::string(value)), false, false});
  };
  add("rule", rule);
  add("outcome", outcome);
  add("state", "closed");
  return change;
}

class City {
 public:
  void tell(std::vector<flow::Change> changes) {
    flow::LogRecord record;
    record.seq = ++seq_;
    record.at = base::from_ms(1'700'000'000'000 + std::int64_t(seq_) * 1000);
    record.changes = std::move(changes);
    twin::Outbox out;
    loop.on_record(record, out);
    for (const flow::Write& write : out.writes) written.push_back(flow::entity_of(write));
  }
  double last(std::string_view name) const { return written.back().number(flow::Name(name)).value_or(-1); }

  LearnLoop loop;
  std::vector<flow::Entity> written;

 private:
  flow::Seq seq_{0};
};

TEST(LearnLoop, ScoresARuleByHowItsCasesEnd) {
  City city;
  city.tell({case_change("1", "water", "open"), case_change("2", "water", "open")});
  ASSERT_EQ(city.written.size(), 1u) << "one write a rule and record";
  EXPECT_EQ(city.written[0].id.text(), "urn:ngsi-ld:RuleScore:water");
  EXPECT_EQ(city.last("open"), 2);
  EXPECT_EQ(city.written[0].find(flow::Name("precision")), nullptr);
  city.tell({case_change("1", "", "confirmed")});
  EXPECT_EQ(city.last("precision"), 1);
  city.tell({case_change("2", "", "false_alarm")});
  EXPECT_EQ(city.last("confirmed"), 1);
  EXPECT_EQ(city.last("falseAlarm"), 1);
  EXPECT_EQ(city.last("open"), 0);
  EXPECT_EQ(city.last("precision"), 0.5);
  EXPECT_EQ(city.written.back().text(flow::Name("updatedAt")), "2023-11-14T22:13:23Z");
  city.tell({case_change("2", "", "open")});
  EXPECT_EQ(city.last("open"), 1);
  EXPECT_EQ(city.last("precision"), 1) << "taken up again";
}

TEST(LearnLoop, SaysNothingWhenNothingIsNew) {
  City city;
  city.tell({case_change("1", "water", "open")});
  city.tell({case_change("1", "", "")});
  city.tell({case_change("1", "water", "open")});
  city.tell({case_change("2", "", "confirmed")});  // opened by people
  flow::Change other = case_change("3", "water", "confirmed");
  other.types = {flow::Name("Finding")};
  city.tell({other});
  EXPECT_EQ(city.written.size(), 1u);
}

TEST(LearnLoop, AnErasedCaseKeepsItsOutcome) {
  City city;
  city.tell({case_change("1", "water", "confirmed"), case_change("2", "water", "open")});
  for (const char* id : {"1", "2"}) {
    flow::Change gone = case_change(id, "", "");
    gone.kind = flow::ChangeKind::erased;
    city.tell({gone});
  }
  EXPECT_EQ(city.last("confirmed"), 1);
  EXPECT_EQ(city.last("open"), 0);
}

TEST(Score, TheIntervalIsWilsons) {
  // 8 of 10: 0.4902 to 0.9433 (Newcombe 1998 gives the method; the numbers follow from its formula).
  const Score score{"r", 8, 2, 0, flow::kNever};
  const auto interval = likely(score);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 0.49016, 1e-4);
  EXPECT_NEAR(interval->high, 0.94332, 1e-4);
  EXPECT_FALSE(likely(Score{"r", 0, 0, 5, flow::kNever}));
  const auto all = likely(Score{"r", 1, 0, 0, flow::kNever});
  EXPECT_NEAR(all->low, 0.20655, 1e-4);
  EXPECT_EQ(all->high, 1);
  const auto none = likely(Score{"r", 0, 3, 0, flow::kNever});
  EXPECT_NEAR(none->low, 0, 1e-12);
  EXPECT_NEAR(none->high, 0.56150, 1e-4);
}

TEST(LearnLoop, ACheckpointAtAnyRecordChangesNothing) {
  base::Rng rng(9);
  const std::vector<std::string> outcomes{"open", "confirmed", "false_alarm", ""};
  const std::vector<std::string> rules{"a", "b", "c", ""};
  City whole, parted;
  for (int i = 0; i < 500; ++i) {
    flow::Change change = case_change(std::to_string(rng.below(20)), rules[rng.below(4)], outcomes[rng.below(4)]);
    if (rng.below(10) == 0) change.kind = flow::ChangeKind::erased;
    base::ByteWriter saved;
    parted.loop.save(saved);
    LearnLoop fresh;
    base::ByteReader reader(saved.view());
    ASSERT_TRUE(fresh.load(reader));
    ASSERT_TRUE(reader.at_end());
    parted.loop = std::move(fresh);
    whole.tell({change});
    parted.tell({change});
    ASSERT_EQ(whole.written.size(), parted.written.size());
  }
  for (std::size_t i = 0; i < whole.written.size(); ++i) {
    EXPECT_EQ(whole.written[i].id, parted.written[i].id);
    EXPECT_EQ(whole.written[i].attributes, parted.written[i].attributes);
  }
  for (const auto& [rule, score] : whole.loop.scores()) EXPECT_LE(score.open, 20u);
  base::ByteReader damaged(std::string_view("\1\5", 2));
  EXPECT_FALSE(LearnLoop().load(damaged));
}

struct Rows final : twin::StateRows {
  void put(std::string_view key, std::string value) override {
    ++puts;
    all[std::string(key)] = std::move(value);
  }
  void erase(std::string_view key) override { all.erase(std::string(key)); }
  std::map<std::string, std::string> all;
  std::size_t puts{0};
};

TEST(LearnLoop, RowsAtAnyRecordChangeNothingAndCostByWhatHasChanged) {
  base::Rng rng(10);
  const std::vector<std::string> outcomes{"open", "confirmed", "false_alarm", "merged", ""};
  const std::vector<std::string> rules{"a", "b", "c", ""};
  City whole, parted;
  Rows rows;
  for (int i = 0; i < 600; ++i) {
    flow::Change change = case_change(std::to_string(rng.below(40)), rules[rng.below(4)], outcomes[rng.below(5)]);
    if (rng.below(10) == 0) change.kind = flow::ChangeKind::erased;
    rows.puts = 0;
    parted.loop.save_changed(rows);
    EXPECT_LE(rows.puts, 3u) << "a case and two rules";
    LearnLoop fresh;
    for (const auto& [key, value] : rows.all) {
      base::ByteReader in(value);
      ASSERT_TRUE(fresh.load_row(key, in));
      ASSERT_TRUE(in.ok() && in.at_end());
    }
    parted.loop = std::move(fresh);
    whole.tell({change});
    parted.tell({change});
  }
  ASSERT_EQ(whole.written.size(), parted.written.size());
  for (std::size_t i = 0; i < whole.written.size(); ++i)
    EXPECT_EQ(whole.written[i].attributes, parted.written[i].attributes);
  base::ByteWriter a, b;
  whole.loop.save(a);
  parted.loop.save(b);
  EXPECT_EQ(a.view(), b.view());
}

}  // namespace
}  // namespace cityloop::learn
