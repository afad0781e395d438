#include "decide/rule/engine.h"

#include <gmock/gmock.h>

#include "base/rng.h"
#include "decide/rule/backtest.h"
#include "stream.h"

namespace cityloop::decide::test {
namespace {

using ::testing::HasSubstr;

// One rule of each kind over three types.
const std::string kAll =
    head("t", "threshold") +
    "type = \"A\"\ncondition = \"x>6\"\nclear = \"x<4\"\nhold = \"20s\"\nclear_hold = \"10s\"\n" +
    head("text", "threshold") + "type = \"A\"\ncondition = \"state==\\\"on\\\"\"\n" + head("r", "rate") +
    "type = \"A\"\nattribute = \"x\"\nper = \"1m\"\nwindow = \"1m\"\ncondition = \"rate>8\"\n" + head("s", "silence") +
    "type = [\"A\", \"B\"]\nafter = \"45s\"\n" + head("w", "window") +
    "type = \"A\"\nattribute = \"x\"\naggregate = \"avg\"\nwindow = \"50s\"\ncondition = \"window>6\"\n" +
    head("p", "window") +
    "type = \"B\"\nattribute = \"x\"\naggregate = \"percentile\"\npercentile = 80\nwindow = \"50s\"\nmin_samples = "
    "3\ncondition = \"window>7\"\nhold = \"15s\"\n" +
    head("q", "ratio") + "type = \"A\"\nnumerator = \"x\"\ndenominator = \"y\"\ncondition = \"ratio>2\"\n" +
    head("u", "unusual") +
    "type = \"B\"\nattribute = \"x\"\nfloor = 0.5\nmin_weeks = 1\nmin_samples = 1\ncondition = \"departure>3\"\n" +
    head("n", "neighbours") +
    "type = \"A\"\ncondition = \"x>5\"\nk = 3\ndistance_m = 200\nwithin = \"15s\"\ngap_max = "
    "\"60s\"\n" +
    head("ns", "neighbours") + "rule = \"s\"\nk = 2\ndistance_m = 200\n" + head("seq", "sequence") +
    "within = \"30s\"\ndistance_m = 300\nclear_hold = \"5s\"\n[rule.first]\ntype = \"B\"\ncondition = \"x>7\"\n[rule."
    "then]\ntype = \"A\"\ncondition = \"x>7\"\n";

// A week of it would do as well: readings of few entities, late, out of order, doubled and erased now and then.
std::vector<flow::LogRecord> random_stream(std::uint64_t seed, int records) {
  base::Rng rng(seed);
  std::vector<flow::LogRecord> out;
  double now = 0;
  for (int i = 0; i < records; ++i) {
    flow::LogRecord record;
    record.seq = flow::Seq(i + 1);
    now += rng.below(20) == 0 ? rng.uniform(0, 200) : rng.uniform(0, 4);
    if (rng.below(400) == 0) now += 168 * 3600;
    record.at = at(now);
    for (std::uint64_t c = rng.below(4); c > 0; --c) {
      const std::string type = rng.below(2) ? "A" : "B";
      const auto number = rng.below(5);
      const std::string id = fmt::format("urn:ngsi-ld:{}:{}", type, number);
      const Instant observed = at(now - (rng.below(4) == 0 ? rng.uniform(0, 90) : 0));
      flow::Change change = change_of(id, type, {flow::property(Name("x"), std::floor(rng.uniform(0, 10)), observed)});
      if (rng.below(3) == 0) change.attributes.push_back({flow::property(Name("y"), double(rng.below(4)), observed)});
      if (rng.below(5) == 0) {
        change.attributes.push_back(
            {flow::property(Name("state"), std::string(rng.below(2) ? "on" : "off"), observed)});
      }
      if (rng.below(6) == 0) {
        change.attributes.push_back({flow::geo_point(Name("location"), 10 + double(number) * 0.001, 56)});
      }
      if (rng.below(60) == 0) {
        change.attributes.clear();
        change.kind = flow::ChangeKind::erased;
      }
      record.changes.push_back(std::move(change));
    }
    out.push_back(std::move(record));
  }
  return out;
}

std::string text_of(const flow::Write& write) {
  std::string out(write.entity.text());
  for (const flow::Attribute& a : write.attributes) {
    out += fmt::format("|{}=", a.name.text());
    if (const auto* text = std::get_if<flow::Text>(&a.value)) out += *text;
    if (const auto* json = std::get_if<flow::Json>(&a.value)) out += json->text;
  }
  return out;
}

std::vector<std::string> run(RuleEngine& engine, std::span<const flow::LogRecord> records) {
  std::vector<std::string> out;
  for (const flow::LogRecord& record : records) {
    twin::Outbox box;
    engine.on_record(record, box);
    for (const flow::Write& write : box.writes) out.push_back(text_of(write));
  }
  return out;
}

TEST(RuleEngine, TheSameRecordsGiveTheSameFindings) {
  const RuleBookPtr book = book_of(kAll);
  std::map<std::string, int> by_rule;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto records = random_stream(seed, 1500);
    RuleEngine one(book, base::TimeZone::utc());
    RuleEngine two(book, base::TimeZone::utc());
    const auto first = run(one, records);
    EXPECT_EQ(first, run(two, records));
    for (const RuleStatus& rule : one.status().rules) by_rule[rule.id] += int(rule.findings_total);
  }
  for (const auto& [rule, count] : by_rule) EXPECT_GT(count, 0) << rule << " has never found anything: a weak stream";
}

TEST(RuleEngine, ACheckpointAtAnyRecordChangesNothing) {
  const RuleBookPtr book = book_of(kAll);
  for (std::uint64_t seed = 11; seed <= 13; ++seed) {
    const auto records = random_stream(seed, 400);
    RuleEngine whole(book, base::TimeZone::utc());
    const auto wanted = run(whole, records);
    auto engine = std::make_unique<RuleEngine>(book, base::TimeZone::utc());
    std::vector<std::string> got;
    for (const flow::LogRecord& record : records) {
      base::ByteWriter saved;
      engine->save(saved);
      engine = std::make_unique<RuleEngine>(book, base::TimeZone::utc());
      base::ByteReader reader(saved.view());
      const auto status = engine->load(reader);
      ASSERT_TRUE(status) << status.error().message;
      ASSERT_TRUE(reader.at_end());
      base::ByteWriter again;
      engine->save(again);
      ASSERT_EQ(saved.view(), again.view());
      for (std::string& text : run(*engine, {&record, 1})) got.push_back(std::move(text));
    }
    ASSERT_EQ(got, wanted);
    for (std::size_t i = 0; i < book->rules().size(); ++i) {
      EXPECT_EQ(engine->status().rules[i].findings_total, whole.status().rules[i].findings_total);
      EXPECT_EQ(engine->status().rules[i].findings_active, whole.status().rules[i].findings_active);
    }
  }
}

TEST(RuleEngine, RefusesADamagedCheckpoint) {
  const RuleBookPtr book = book_of(kAll);
  RuleEngine engine(book, base::TimeZone::utc());
  run(engine, random_stream(3, 200));
  base::ByteWriter saved;
  engine.save(saved);
  const std::string bytes(saved.view());
  for (std::size_t size = 0; size < bytes.size(); size += 97) {
    RuleEngine other(book, base::TimeZone::utc());
    base::ByteReader reader(std::string_view(bytes).substr(0, size));
    EXPECT_FALSE(other.load(reader)) << size;
  }
}

TEST(RuleEngine, EveryFindingOpensOnceAndClearsOnce) {
  RuleEngine engine(book_of(kAll), base::TimeZone::utc());
  std::map<std::string, int> writes;
  for (const flow::LogRecord& record : random_stream(21, 3000)) {
    twin::Outbox box;
    engine.on_record(record, box);
    for (const flow::Write& write : box.writes) {
      const auto finding = flow::finding_from(flow::entity_of(write));
      ASSERT_TRUE(finding);
      const int nth = ++writes[std::string(finding->id.text())];
      EXPECT_EQ(finding->status, nth == 1 ? flow::FindingStatus::active : flow::FindingStatus::cleared);
      EXPECT_LE(nth, 2);
      EXPECT_TRUE(nth == 1 || finding->cleared_at >= finding->opened_at);
      EXPECT_TRUE(base::JsonValue::parse(finding->why)) << finding->why;
      EXPECT_TRUE(nth == 1 || base::JsonValue::parse(finding->cleared_why)) << finding->cleared_why;
    }
  }
  EXPECT_GT(writes.size(), 50u);
}

TEST(RuleEngine, FindingsOfErasedEntitiesClear) {
  Stream city(head("t", "threshold") + "type = \"A\"\ncondition = \"x>6\"\n");
  city.read("urn:ngsi-ld:A:1", "x", 9.0, 0);
  city.erase("urn:ngsi-ld:A:1", 5);
  EXPECT_EQ(city.story(), (Story{"o 0", "c 5"}));
  EXPECT_THAT(city.written[1].cleared_why, HasSubstr("the entity was erased"));
  EXPECT_EQ(city.engine.status().entities, 0u);
  city.read("urn:ngsi-ld:A:1", "x", 9.0, 10);
  EXPECT_EQ(city.story().back(), "o 10");
}

TEST(RuleEngine, AnEntityThatChangesItsTypesKeepsWhatStillApplies) {
  Stream city(head("a", "threshold") + "type = \"A\"\ncondition = \"x>6\"\n" + head("b", "threshold") +
              "type = \"B\"\ncondition = \"x>6\"\n");
  const auto with = [&](std::vector<flow::Name> types, double s) {
    flow::Change change = change_of("urn:ngsi-ld:A:1", "A", {flow::property(Name("x"), 9.0, at(s))});
    change.types = std::move(types);
    city.record(at(s), {change});
  };
  with({Name("A")}, 0);
  with({Name("A"), Name("B")}, 1);
  EXPECT_EQ(city.story(), (Story{"o 0", "o 1"}));
  with({Name("B")}, 2);
  EXPECT_EQ(city.story(), (Story{"o 0", "o 1", "c 2"}));
  EXPECT_EQ(city.written[2].rule, "a");
  with({Name("C")}, 3);
  EXPECT_EQ(city.written[3].rule, "b");
  EXPECT_EQ(city.engine.status().entities, 0u);
}

TEST(RuleEngine, TwoFindingsNeverShareAnId) {
  Stream city(head("t", "threshold") + "type = \"A\"\ncondition = \"x>6\"\n");
  for (const double x : {9.0, 1.0, 9.0, 1.0}) city.read("urn:ngsi-ld:A:1", "x", x, 7);
  ASSERT_EQ(city.written.size(), 4u);
  EXPECT_EQ(city.written[0].id, city.written[1].id);
  EXPECT_NE(city.written[0].id, city.written[2].id);
}

TEST(RuleEngine, PassesOverWhatIsNoConcernOfIts) {
  Stream city(head("t", "threshold") + "type = \"A\"\ncondition = \"x>6\"\n");
  flow::Attribute other = flow::property(Name("x"), 9.0, at(0));
  other.dataset_id = Name("urn:other");
  city.record(at(0), {change_of("urn:ngsi-ld:A:1", "A", {other})});
  city.read("urn:ngsi-ld:A:1", "x", std::string("nine"), 1);
  city.read("urn:ngsi-ld:A:1", "x", flow::Json{"[9]"}, 2);
  city.read("urn:ngsi-ld:Z:1", "x", 9.0, 3);
  EXPECT_TRUE(city.written.empty());
}

TEST(RuleEngine, ARemovedAttributeNoLongerHolds) {
  Stream city(head("t", "threshold") + "type = \"A\"\ncondition = \"x>6\"\n");
  city.read("urn:ngsi-ld:A:1", "x", 9.0, 0);
  flow::Change change = change_of("urn:ngsi-ld:A:1", "A", {flow::property(Name("x"), 9.0, at(0))});
  change.attributes[0].removed = true;
  city.record(at(4), {change});
  EXPECT_EQ(city.story(), (Story{"o 0", "c 0"}));
}

TEST(RuleEngine, ReloadKeepsWhatIsUnchangedAndClearsTheRest) {
  const std::string kept = head("kept", "threshold") + "type = \"A\"\ncondition = \"x>6\"\nhold = \"30s\"\n";
  const std::string gone = head("gone", "threshold") + "type = \"A\"\ncondition = \"x>6\"\n";
  const std::string changed = head("changed", "threshold") + "type = \"A\"\ncondition = \"x>5\"\n";
  Stream city(gone + kept + changed);
  city.read("urn:ngsi-ld:A:1", "x", 9.0, 0);
  ASSERT_EQ(city.story(), (Story{"o 0", "o 0"}));
  city.tick(10);
  twin::Outbox out;
  const std::string tighter = head("changed", "threshold") + "type = \"A\"\ncondition = \"x>8\"\n";
  const std::string fresh = head("fresh", "window") +
                            "type = \"B\"\nattribute = \"z\"\naggregate = \"max\"\nwindow = "
                            "\"60s\"\ncondition = \"window>1\"\n";
  flow::Entity known;
  known.id = flow::EntityId("urn:ngsi-ld:B:7");
  known.types = {Name("B")};
  known.attributes = {flow::property(Name("z"), 3.0, at(5))};
  city.engine.set_rules(
      book_of(fresh + tighter + kept),
      [&](Name type, const auto& give) {
        if (type == Name("B")) give(known);
      },
      out);
  city.take(out);
  ASSERT_EQ(city.written.size(), 6u);
  EXPECT_THAT(city.written[2].cleared_why, HasSubstr("the rule was removed"));
  EXPECT_THAT(city.written[3].cleared_why, HasSubstr("the rule was changed"));
  // What is given comes first, then what is known already.
  EXPECT_EQ(city.written[4].rule + city.story()[4], "fresho 10");
  EXPECT_EQ(city.written[5].rule + city.story()[5], "changedo 10");
  city.tick(30);
  ASSERT_EQ(city.written.size(), 7u);
  EXPECT_EQ(city.written[6].rule + city.story()[6], "kepto 30") << "its hold went on";
  EXPECT_EQ(city.engine.status().rules.size(), 3u);
  EXPECT_EQ(city.engine.status().rules[1].findings_active, 1u);
}

TEST(RuleEngine, ReloadInMidStreamLosesNothingOfAnUnchangedRule) {
  const RuleBookPtr book = book_of(kAll);
  const RuleBookPtr shifted = book_of(head("aaa", "threshold") + "type = [\"B\", \"C\"]\ncondition = \"z>6\"\n" + kAll);
  const auto records = random_stream(31, 600);
  RuleEngine whole(book, base::TimeZone::utc());
  RuleEngine other(book, base::TimeZone::utc());
  const auto wanted = run(whole, records);
  std::vector<std::string> got;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i % 50 == 25) {
      twin::Outbox box;
      other.set_rules(i % 100 == 25 ? shifted : book, {}, box);
      EXPECT_TRUE(box.writes.empty());
    }
    for (std::string& text : run(other, {&records[i], 1})) got.push_back(std::move(text));
  }
  EXPECT_EQ(std::set(got.begin(), got.end()), std::set(wanted.begin(), wanted.end()));
}

TEST(RuleEngine, ACheckpointOfOtherRulesClearsTheirFindingsAtTheNextRecord) {
  Stream before(head("gone", "threshold") + "type = \"A\"\ncondition = \"x>6\"\n" + head("kept", "threshold") +
                "type = \"A\"\ncondition = \"x>6\"\n");
  before.read("urn:ngsi-ld:A:1", "x", 9.0, 0);
  base::ByteWriter saved;
  before.engine.save(saved);
  Stream after(head("kept", "threshold") + "type = \"A\"\ncondition = \"x>6\"\n");
  base::ByteReader reader(saved.view());
  ASSERT_TRUE(after.engine.load(reader));
  after.tick(5);
  ASSERT_EQ(after.story(), (Story{"c 5"}));
  EXPECT_EQ(after.written[0].rule, "gone");
  after.read("urn:ngsi-ld:A:1", "x", 1.0, 6);
  EXPECT_EQ(after.story(), (Story{"c 5", "c 6"}));
}

TEST(RuleEngine, DescribesItsRules) {
  RuleEngine engine(book_of(head("t", "threshold") + "type = \"A\"\ncondition = \"x>6\"\n"), base::TimeZone::utc());
  const auto status = engine.status();
  EXPECT_EQ(status.rules[0].explanation.en,
            "Watches A. Opens as soon as x>6 holds; clears as soon as it does not hold.");
  EXPECT_EQ(status.rules[0].line, 1);
  EXPECT_EQ(engine.name(), "rules");
}

TEST(Backtest, TellsWhatWouldHaveFiredWhen) {
  const RuleBookPtr book = book_of(head("high", "threshold") + "type = \"A\"\ncondition = \"x>6\"\nhold = \"30s\"\n" +
                                   head("dead", "silence") + "type = \"A\"\nafter = \"100s\"\n" +
                                   head("never", "threshold") + "type = \"A\"\ncondition = \"x>60\"\n");
  int i = 0;
  const std::vector<std::pair<double, double>> readings{{0, 9}, {10, 9}, {300, 1}, {310, 1}};
  const BacktestResult result = Backtest::run(book, base::TimeZone::utc(), [&](flow::LogRecord& record) {
    if (i == int(readings.size())) return false;
    record = {};
    record.at = at(readings[i].first);
    record.changes = {change_of("urn:ngsi-ld:A:1", "A", {flow::property(Name("x"), readings[i].second, record.at)})};
    ++i;
    return true;
  });
  ASSERT_EQ(result.findings.size(), 2u);
  EXPECT_EQ(result.findings[0].opened_at, at(30));
  EXPECT_EQ(result.findings[0].cleared_at, at(300));
  EXPECT_EQ(result.findings[1].opened_at, at(110));
  ASSERT_EQ(result.rules.size(), 3u);
  EXPECT_EQ(result.rules[0].findings, 1u);
  EXPECT_EQ(result.rules[0].open_total, std::chrono::seconds(270));
  EXPECT_EQ(result.rules[2].findings, 0u);
  EXPECT_THAT(to_text(result), HasSubstr("high"));
  const auto json = base::JsonValue::parse(to_json(result, 1));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->find("findings")->array()->size(), 1u);
  EXPECT_EQ(json->number_or("findingsTotal", 0), 2);
}

}  // namespace
}  // namespace cityloop::decide::test
