#include "learn/suggest_loop.h"

#include <gmock/gmock.h>

#include "base/rng.h"
#include "flow/noun.h"

namespace cityloop::learn {
namespace {

using flow::Name;

struct Told {
  std::string id, description, stage{"intake"}, outcome{"open"}, department, category;
};

flow::Change change_of(const Told& told) {
  flow::NounWriter out(flow::EntityId("urn:ngsi-ld:Case:" + told.id), "Case", flow::WriteMode::upsert);
  out.text("description", told.description).text("stage", told.stage).text("outcome", told.outcome);
  out.text("department", told.department).text("category", told.category);
  const flow::Write write = out.take();
  flow::Change change;
  change.entity = write.entity;
  change.types = write.types;
  for (const flow::Attribute& attribute : write.attributes) change.attributes.push_back({attribute, false, false});
  return change;
}

// What people write: of water or of schools, in words of their own.
std::string words_about(const std::string& department, base::Rng& rng) {
  const std::vector<std::string> water{"道路积水", "井盖丢失", "下水道堵塞", "污水外溢", "水管破裂"};
  const std::vector<std::string> schools{"学校补课", "教师工资", "幼儿园收费", "学生宿舍", "招生名额"};
  const std::vector<std::string> any{"希望解决", "居民反映", "情况严重", "多次投诉", "无人处理", "小区门口"};
  const auto& own = department == "water" ? water : schools;
  return own[rng.below(5)] + "，" + any[rng.below(6)] + "，" + own[rng.below(5)] + any[rng.below(6)];
}

class City {
 public:
  explicit City(SuggestOptions options = {}) : options_(options), loop(std::make_unique<SuggestLoop>(options)) {}

  void tell(const Told& told) { tell(change_of(told)); }
  void tell(flow::Change change) {
    flow::LogRecord record;
    record.seq = ++seq_;
    record.at = base::from_ms(1'700'000'000'000 + std::int64_t(seq_) * 60'000);
    record.changes.push_back(std::move(change));
    twin::Outbox out;
    loop->on_record(record, out);
    for (const flow::Write& write : out.writes) written.push_back(write);
  }
  // Through its whole life: what was described comes in, is dispatched, and ends.
  void live(const std::string& id, const std::string& description, const std::string& department) {
    tell({id, description});
    tell({id, description, "work", "open", department, department + "-1"});
    tell({id, description, "verification", "confirmed", department, department + "-1"});
  }
  void live_many(int n, std::uint64_t seed, const std::string& prefix = "past") {
    base::Rng rng(seed);
    for (int i = 0; i < n; ++i) {
      const std::string department = i % 2 ? "water" : "schools";
      live(fmt::format("{}{}", prefix, i), words_about(department, rng), department);
    }
  }
  void checkpoint() {
    base::ByteWriter out;
    loop->save(out);
    base::ByteReader in(out.view());
    loop = std::make_unique<SuggestLoop>(options_);
    ASSERT_TRUE(loop->load(in));
    ASSERT_TRUE(in.at_end());
  }
  // The process ends here and begins again from the rows that it has put to disk.
  void restart_from_rows() {
    loop->save_changed(rows);
    loop = std::make_unique<SuggestLoop>(options_);
    for (const auto& [key, value] : rows.all) {
      base::ByteReader in(value);
      const base::Status loaded = loop->load_row(key, in);
      ASSERT_TRUE(loaded) << key << ": " << loaded.error().message;
      ASSERT_TRUE(in.ok() && in.at_end()) << key;
    }
  }
  std::vector<flow::Entity> of_type(std::string_view type) const {
    std::vector<flow::Entity> out;
    for (const flow::Write& write : written) {
      if (write.types.contains(Name(type))) out.push_back(flow::entity_of(write));
    }
    return out;
  }

 private:
  const SuggestOptions options_;

 public:
  struct Rows final : twin::StateRows {
    void put(std::string_view key, std::string value) override {
      bytes += value.size();
      all[std::string(key)] = std::move(value);
    }
    void erase(std::string_view key) override { all.erase(std::string(key)); }
    std::map<std::string, std::string> all;
    std::size_t bytes{0};
  } rows;
  std::unique_ptr<SuggestLoop> loop;
  std::vector<flow::Write> written;

 private:
  flow::Seq seq_{0};
};

TEST(SuggestLoop, SaysNothingBeforeItHasLearned) {
  City city;
  city.tell({"1", "下水道堵塞，污水外溢"});
  EXPECT_TRUE(city.written.empty());
}

TEST(SuggestLoop, SuggestsWhatPeopleDecidedInPastCases) {
  City city;
  city.live_many(60, 1);
  EXPECT_EQ(city.loop->learned_from(), 60u);
  city.written.clear();
  city.tell({"new", "下水道堵塞，污水外溢，希望解决"});
  const auto suggestions = city.of_type("Suggestion");
  ASSERT_EQ(suggestions.size(), 1u);
  const flow::Entity& one = suggestions[0];
  EXPECT_EQ(one.id.text(), "urn:ngsi-ld:Suggestion:new");
  EXPECT_EQ(one.text(Name("department")), "water");
  EXPECT_EQ(one.text(Name("departmentSecond")), "schools");
  EXPECT_EQ(one.text(Name("category")), "water-1");
  EXPECT_GT(*one.number(Name("departmentConfidence")), 0.6);
  EXPECT_THAT(flow::json_field(one, "departmentReasons"), testing::HasSubstr("word"));
  EXPECT_FALSE(one.text(Name("model")).empty());
  city.tell({"new", "下水道堵塞，污水外溢，希望解决"});
  EXPECT_EQ(city.of_type("Suggestion").size(), 1u) << "told again, suggested once";
  city.tell({"new", "学校补课，幼儿园收费"});
  ASSERT_EQ(city.of_type("Suggestion").size(), 2u) << "other words";
  EXPECT_EQ(city.of_type("Suggestion")[1].text(Name("department")), "schools");
}

TEST(SuggestLoop, BelowTheConfidenceAPersonDecides) {
  City city;
  city.live_many(60, 2);
  city.written.clear();
  city.tell({"unclear", "你好"});
  EXPECT_TRUE(city.written.empty());
  city.tell({"unclear", "你好", "work", "open", "water"});
  const auto scores = city.of_type("SuggestionScore");
  ASSERT_EQ(scores.size(), 1u);
  EXPECT_EQ(*scores[0].number(Name("right")) + *scores[0].number(Name("wrong")), 0);
  EXPECT_EQ(*scores[0].number(Name("withheldRight")) + *scores[0].number(Name("withheldWrong")), 1);
  EXPECT_EQ(scores[0].find(Name("accuracy")), nullptr);
}

TEST(SuggestLoop, AccuracyIsCountedPerWeekWhenAPersonDecides) {
  City city;
  city.live_many(60, 3);
  city.written.clear();
  city.tell({"a", "下水道堵塞，污水外溢"});
  city.tell({"b", "学校补课，教师工资"});
  city.tell({"a", "下水道堵塞，污水外溢", "work", "open", "water"});
  city.tell({"b", "学校补课，教师工资", "work", "open", "water"});
  city.tell({"b", "学校补课，教师工资", "work", "open", "schools"});
  const auto scores = city.of_type("SuggestionScore");
  ASSERT_EQ(scores.size(), 2u) << "a later transfer is not counted";
  EXPECT_EQ(scores[1].id.text(), "urn:ngsi-ld:SuggestionScore:department:2023-W46");
  EXPECT_EQ(*scores[1].number(Name("right")), 1);
  EXPECT_EQ(*scores[1].number(Name("wrong")), 1);
  EXPECT_EQ(*scores[1].number(Name("accuracy")), 0.5);
}

TEST(SuggestLoop, ASensorsCaseAndARefusedOneTeachNothing) {
  City city;
  city.tell({"s", "", "work", "confirmed", "water"});
  city.tell({"r", "下水道堵塞", "filing", "refused", "water"});
  EXPECT_EQ(city.loop->examples(), 0u);
  city.tell({"c", "下水道堵塞", "rating", "confirmed", "water"});
  city.tell({"c", "下水道堵塞", "rating", "confirmed", "water"});
  EXPECT_EQ(city.loop->examples(), 1u);
}

TEST(SuggestLoop, ASuggestionGoesWhenItsCaseEndsOrIsErased) {
  City city;
  city.live_many(60, 4);
  for (const char* id : {"ends", "goes"}) city.tell({id, "下水道堵塞，污水外溢"});
  city.written.clear();
  city.tell({"ends", "下水道堵塞，污水外溢", "filing", "refused"});
  for (const char* id : {"urn:ngsi-ld:Case:goes", "urn:ngsi-ld:Case:past0"}) {
    flow::Change erased;
    erased.entity = flow::EntityId(id);
    erased.types = {Name("Case")};
    erased.kind = flow::ChangeKind::erased;
    city.tell(erased);
  }
  ASSERT_EQ(city.written.size(), 2u);
  EXPECT_EQ(city.written[0].entity.text(), "urn:ngsi-ld:Suggestion:ends");
  EXPECT_EQ(city.written[1].entity.text(), "urn:ngsi-ld:Suggestion:goes");
  for (const flow::Write& write : city.written) EXPECT_EQ(write.mode, flow::WriteMode::erase);
  EXPECT_EQ(city.loop->examples(), 60u) << "what went to the archive has taught";
}

TEST(SuggestLoop, KeepsTheNewestExamplesAndLearnsAnewWhenEnoughHaveEnded) {
  SuggestOptions options;
  options.examples_min = 20;
  options.examples_max = 50;
  options.grown_by = 0.5;
  options.learn_every = {};
  City city(options);
  city.live_many(20, 5);
  EXPECT_EQ(city.loop->learned_from(), 20u);
  city.live_many(19, 6, "more");
  EXPECT_EQ(city.loop->learned_from(), 20u);
  city.live_many(60, 7, "still");
  EXPECT_EQ(city.loop->examples(), 50u);
  EXPECT_EQ(city.loop->learned_from(), 50u);
}

TEST(SuggestLoop, ManyEndedCasesDoNotKeepItLearningAllDay) {
  SuggestOptions options;
  options.examples_min = 20;
  City city(options);
  city.live_many(20, 10);
  city.live_many(19, 11, "more");
  EXPECT_EQ(city.loop->learned_from(), 20u);
  city.live_many(1, 12, "doubled");
  EXPECT_EQ(city.loop->learned_from(), 40u);
  city.live_many(30, 13, "half");
  EXPECT_EQ(city.loop->learned_from(), 40u) << "a fifth more, and within the week";
}

TEST(SuggestLoop, ACaseThatGoesOnTeachesWhatIsDecidedThen) {
  City city;
  city.live("again", "下水道堵塞，污水外溢", "schools");
  ASSERT_EQ(city.loop->examples(), 1u);
  Told told{"again", "", "work", "open", "", ""};
  city.tell(told);  // the log tells what has changed, not what was said before
  told = {"again", "", "", "", "water", ""};
  city.tell(told);
  told = {"again", "", "rating", "confirmed", "", ""};
  city.tell(told);
  EXPECT_EQ(city.loop->examples(), 1u);
  city.restart_from_rows();
  bool found = false;
  for (const auto& [key, value] : city.rows.all)
    found = found || (key.front() == 'e' && value.find("water") != value.npos);
  EXPECT_TRUE(found);
}

TEST(SuggestLoop, RowsCostByWhatHasChanged) {
  City city;
  for (int i = 0; i < 2000; ++i) city.tell({fmt::format("open{}", i), "下水道堵塞，污水外溢，希望尽快解决"});
  city.loop->save_changed(city.rows);
  city.rows.bytes = 0;
  city.tell({"open7", "", "work", "open", "water"});
  city.loop->save_changed(city.rows);
  EXPECT_LT(city.rows.bytes, 200u);
}

TEST(SuggestLoop, AWholeStateOfManyCasesBecomesRows) {
  City city;
  for (int i = 0; i < 21'000; ++i)
    city.tell(
        {fmt::format("pothole:seed-{}", i), fmt::format("人民路{}号附近路灯不亮，夜间一片漆黑，行人通过很不安全", i)});
  ASSERT_NO_FATAL_FAILURE(city.checkpoint());
  city.loop->save_changed(city.rows);
  EXPECT_EQ(city.rows.all.size(), 2 * 21'000u + 2) << "two a case, what was learned from, and the head";
}

TEST(SuggestLoop, RowsAtAnyRecordChangeNothing) {
  SuggestOptions options;
  options.examples_min = 20;
  options.examples_max = 40;
  options.learn_every = {};
  City whole(options), parted(options);
  base::Rng rng(21);
  for (int i = 0; i < 260; ++i) {
    const std::string department = rng.below(2) ? "water" : "schools";
    Told told{std::to_string(rng.below(90)), rng.below(4) ? words_about(department, rng) : ""};
    const std::uint64_t step = rng.below(4);
    if (step > 0) told.department = department;
    if (step == 2) told.stage = "work";
    if (step == 3) told = {told.id, told.description, "verification", "confirmed", department, "c"};
    flow::Change change = change_of(told);
    if (rng.below(12) == 0) change.kind = flow::ChangeKind::erased, change.attributes.clear();
    if (rng.below(5) == 0) ASSERT_NO_FATAL_FAILURE(parted.restart_from_rows());
    whole.tell(change);
    parted.tell(change);
  }
  ASSERT_EQ(whole.written.size(), parted.written.size());
  ASSERT_GT(whole.written.size(), 20u);
  for (std::size_t i = 0; i < whole.written.size(); ++i) {
    EXPECT_EQ(whole.written[i].entity, parted.written[i].entity);
    EXPECT_EQ(whole.written[i].attributes, parted.written[i].attributes);
  }
  base::ByteWriter a, b;
  whole.loop->save(a);
  parted.loop->save(b);
  EXPECT_EQ(a.view(), b.view());
}

TEST(SuggestLoop, ACheckpointAtAnyRecordChangesNothing) {
  SuggestOptions options;
  options.examples_min = 20;
  options.examples_max = 40;
  City whole(options), parted(options);
  base::Rng rng(8);
  for (int i = 0; i < 160; ++i) {
    const std::string department = rng.below(2) ? "water" : "schools";
    const std::string id = std::to_string(rng.below(60));
    Told told{id, words_about(department, rng)};
    const std::uint64_t step = rng.below(4);
    if (step > 0) told.department = department;
    if (step == 2) told.stage = "work";
    if (step == 3) told = {id, told.description, "verification", "confirmed", department, "c"};
    if (rng.below(8) == 0) ASSERT_NO_FATAL_FAILURE(parted.checkpoint());
    whole.tell(told);
    parted.tell(told);
  }
  ASSERT_EQ(whole.written.size(), parted.written.size());
  ASSERT_GT(whole.written.size(), 20u);
  for (std::size_t i = 0; i < whole.written.size(); ++i) {
    const flow::Entity a = flow::entity_of(whole.written[i]), b = flow::entity_of(parted.written[i]);
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.text(Name("department")), b.text(Name("department")));
    EXPECT_EQ(a.number(Name("departmentConfidence")), b.number(Name("departmentConfidence")));
    EXPECT_EQ(a.number(Name("right")), b.number(Name("right")));
  }
}

TEST(SuggestLoop, ADamagedCheckpointIsRefused) {
  City city;
  city.live_many(10, 9);
  base::ByteWriter out;
  city.loop->save(out);
  for (std::size_t cut = 0; cut < out.view().size(); cut += 7) {
    base::ByteReader in(out.view().substr(0, cut));
    EXPECT_FALSE(SuggestLoop().load(in)) << cut;
  }
}

TEST(Weeks, AreThoseOfIso8601) {
  const auto week = [](const char* day) { return week_of(*base::parse_time(day)); };
  EXPECT_EQ(week("2026-11-21T10:00:00Z"), "2026-W47");
  EXPECT_EQ(week("2027-01-03T23:59:59Z"), "2026-W53");
  EXPECT_EQ(week("2027-01-04T00:00:00Z"), "2027-W01");
  EXPECT_EQ(week("2024-12-30T00:00:00Z"), "2025-W01");
  EXPECT_EQ(week("2023-01-01T12:00:00Z"), "2022-W52");
}

}  // namespace
}  // namespace cityloop::learn
