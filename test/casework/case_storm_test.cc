// Storms: ten thousand findings of one cause are one case, at a cost that does not grow with them.
#include <gmock/gmock.h>

#include "casework/storm.h"
#include "flow/own_types.h"
#include "test/casework/case_desk.h"

namespace cityloop::casework {
namespace {

using flow::ActionStatus;
using flow::CaseOutcome;
using flow::Finding;
using flow::FindingStatus;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kKinds = R"(
[[case]]
id = "silent"
name = { zh = "失联", en = "Silent" }
department = "operations"
verify_hold = "10s"
storm = { from = 20, within = "10m", radius_m = 2000 }
[[case]]
id = "dark"
name = { zh = "不亮", en = "Dark" }
department = "lighting"
verify_hold = "10s"
storm = { from = 5, within = "10m", clear_share = 0.8 }
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
department = "water"
verify_hold = "10s"
)";

Finding finding_at(int number, base::Instant at, const std::string& rule, const std::string& response, double lon_deg,
                   double lat_deg) {
  Finding finding;
  finding.id = EntityId(fmt::format("urn:ngsi-ld:Finding:{}:{:06}:{}", rule, number, base::to_ms(at)));
  finding.rule = rule;
  finding.about = EntityId(fmt::format("urn:ngsi-ld:Device:{:06}", number));
  finding.title = {"设备失联", "silent"};
  finding.severity = flow::Severity::moderate;
  finding.opened_at = at;
  finding.why = R"({"values":[]})";
  finding.location = fmt::format(R"({{"type":"Point","coordinates":[{:.6f},{:.6f}]}})", lon_deg, lat_deg);
  finding.response = response;
  return finding;
}

class StormTest : public testing::Test {
 protected:
  explicit StormTest(bool reload = false) : city(test::make_case_loop, reload) {
    city.write({test::city_rules(kKinds)->to_write(test::kStart)}, "app");
  }
  Finding find(int number, const std::string& response = R"({"case":"silent"})", double lon_deg = 120,
               const std::string& rule = "gone") {
    Finding finding = finding_at(number, city.now(), rule, response, lon_deg + 0.0001 * (number % 50), 30);
    city.write({to_write(finding)}, "loop:rules");
    return finding;
  }
  void set(Finding& finding, FindingStatus status) {
    finding.status = status;
    finding.cleared_at = status == FindingStatus::cleared ? city.now() : kNever;
    city.write({to_write(finding)}, "loop:rules");
  }
  std::vector<flow::Case> cases(const std::function<bool(const flow::Case&)>& wanted) {
    std::vector<flow::Case> out;
    for (const auto& entity : city.all("Case")) {
      if (auto one = flow::case_from(*entity).value(); wanted(one)) out.push_back(std::move(one));
    }
    return out;
  }
  flow::Case storm() {
    const auto all = cases([](const flow::Case& one) { return one.storm; });
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? flow::Case{} : all.front();
  }
  std::size_t open_cases() {
    return cases([](const flow::Case& one) { return one.is_open(); }).size();
  }
  std::size_t covered(const flow::Case& one) {
    std::size_t all = 0;
    for (std::uint32_t number = 0;; ++number) {
      const auto cover = city.get(cover_id(one.id, number));
      if (!cover) return all;
      all += covered_by(*cover).size();
    }
  }

  test::SmallCity<CaseLoop> city;
};

TEST_F(StormTest, TheOneTooManyMakesOneCaseOfThemAll) {
  for (int i = 0; i < 19; ++i) find(i), city.pass(seconds(1));
  EXPECT_EQ(open_cases(), 19u) << "not one too many yet";
  find(19);
  EXPECT_EQ(open_cases(), 1u);
  flow::Case one = storm();
  EXPECT_EQ(one.count, 20u);
  EXPECT_EQ(one.merged.size(), 20u);
  EXPECT_EQ(one.department, "operations");
  EXPECT_EQ(one.state, "dispatched");
  EXPECT_EQ(one.timeline.front().code, "storm");
  EXPECT_THAT(one.title.en, HasSubstr("many places"));
  find(20);
  find(21);
  city.pass(seconds(2));
  one = storm();
  EXPECT_EQ(one.count, 22u);
  EXPECT_EQ(covered(one), 2u);
  EXPECT_EQ(one.covers.size(), 2u);
  EXPECT_EQ(open_cases(), 1u);
}

TEST_F(StormTest, FarAwayLaterOfAnotherRuleOrWithACommandIsAnotherMatter) {
  for (int i = 0; i < 20; ++i) find(i);
  ASSERT_EQ(open_cases(), 1u);
  find(100, R"({"case":"silent"})", 120.1);
  EXPECT_EQ(open_cases(), 2u) << "ten kilometres away";
  find(101, R"({"case":"silent"})", 120, "other");
  EXPECT_EQ(open_cases(), 3u) << "another rule";
  find(102, R"({"case":"silent","command":{"device":"urn:ngsi-ld:Device:x","name":"wake","value":true}})");
  EXPECT_EQ(open_cases(), 4u) << "its device must be asked";
  find(103, R"({"case":"flooding"})", 120, "flood");
  EXPECT_EQ(open_cases(), 5u) << "a kind without storms";
}

TEST_F(StormTest, TooSlowIsNoStorm) {
  for (int i = 0; i < 40; ++i) find(i), city.jump(minutes(1));
  EXPECT_EQ(open_cases(), 40u);
}

TEST_F(StormTest, ARuleMaySayItInItsResponse) {
  const std::string response = R"({"case":"flooding","storm":{"from":3,"within":"1m","radius_m":500}})";
  for (int i = 0; i < 3; ++i) find(i, response, 120, "flood");
  EXPECT_EQ(storm().count, 3u);
  const std::string wrong = R"({"case":"flooding","storm":{"from":1,"within":"1m"}})";
  for (int i = 10; i < 20; ++i) find(i, wrong, 121, "leak");
  EXPECT_EQ(open_cases(), 11u) << "a mistaken one counts for nothing";
  EXPECT_GE(city.loop().stats().malformed, 10u);
}

TEST_F(StormTest, ItClosesWhenAllHaveClearedAndHeld) {
  std::vector<Finding> all;
  for (int i = 0; i < 30; ++i) all.push_back(find(i));
  city.pass(seconds(2));
  for (std::size_t i = 0; i + 1 < all.size(); ++i) set(all[i], FindingStatus::cleared);
  city.pass(seconds(20));
  EXPECT_FALSE(storm().finding_cleared);
  EXPECT_EQ(storm().cleared_count, 29u);
  EXPECT_TRUE(storm().is_open());
  set(all.back(), FindingStatus::cleared);
  city.pass(seconds(5));
  set(all[25], FindingStatus::active);
  city.pass(seconds(10));
  EXPECT_TRUE(storm().is_open()) << "one came back within the hold";
  set(all[25], FindingStatus::cleared);
  city.pass(seconds(12));
  EXPECT_EQ(storm().outcome, CaseOutcome::confirmed);
  EXPECT_EQ(open_cases(), 0u);
  // What comes after it is a new matter.
  find(90);
  EXPECT_EQ(open_cases(), 1u);
}

TEST_F(StormTest, AStatedShareIsEnoughWhereTheKindSaysSo) {
  std::vector<Finding> all;
  for (int i = 0; i < 10; ++i) all.push_back(find(i, R"({"case":"dark"})"));
  for (int i = 0; i < 7; ++i) set(all[std::size_t(i)], FindingStatus::cleared);
  city.pass(seconds(15));
  EXPECT_TRUE(storm().is_open());
  set(all[9], FindingStatus::cleared);
  city.pass(seconds(12));
  EXPECT_EQ(storm().outcome, CaseOutcome::confirmed);
}

TEST_F(StormTest, WhoWorksOnOneAlreadyKeepsItAndOneCanBeTakenOut) {
  const Finding first = find(0);
  const EntityId single("urn:ngsi-ld:Case:silent:gone:000000:" + std::to_string(base::to_ms(city.now())));
  flow::Action accept;
  accept.id = EntityId("urn:ngsi-ld:Action:accept");
  accept.target = single;
  accept.verb = "accept";
  accept.by = "user:worker";
  test::dress(accept, city.get(single));
  city.write({to_write(accept)}, accept.by);
  ASSERT_EQ(flow::case_from(*city.get(single))->state, "working");
  for (int i = 1; i < 25; ++i) find(i);
  EXPECT_EQ(open_cases(), 2u);
  EXPECT_EQ(flow::case_from(*city.get(single))->state, "working");
  city.pass(seconds(2));
  const flow::Case one = storm();
  flow::Action undo;
  undo.id = EntityId("urn:ngsi-ld:Action:undo");
  undo.target = one.merged.front();
  undo.verb = "unmerge";
  undo.by = "user:op";
  test::dress(undo, nullptr);
  const std::uint32_t before = one.count;
  city.write({to_write(undo)}, undo.by);
  EXPECT_EQ(flow::action_from(*city.get(undo.id))->status, ActionStatus::done);
  EXPECT_EQ(flow::case_from(*city.get(undo.target))->state, "dispatched");
  city.pass(seconds(2));
  EXPECT_EQ(storm().count, before - 1);
}

// The work for each finding stays the same: entities written, and bytes of them, per thousand findings.
TEST_F(StormTest, TenThousandFindingsCostAsMuchEachAsAThousand) {
  std::vector<Finding> all;
  const auto burst = [&](int from, int to) {
    const std::size_t before = city.written().size(), rows_before = city.rows().puts;
    const auto lines = [&] { return std::count(city.written().begin(), city.written().end(), '\n'); };
    const auto lines_before = lines();
    for (int i = from; i < to; ++i) {
      all.push_back(find(i));
      if (i % 1000 == 999) city.pass(seconds(1));
    }
    return std::tuple(lines() - lines_before, city.written().size() - before, city.rows().puts - rows_before);
  };
  burst(0, 1000);
  const auto [writes_early, bytes_early, rows_early] = burst(1000, 2000);
  burst(2000, 9000);
  const auto [writes_late, bytes_late, rows_late] = burst(9000, 10'000);
  city.pass(seconds(2));
  EXPECT_EQ(open_cases(), 1u);
  const flow::Case one = storm();
  EXPECT_EQ(one.count, 10'000u);
  EXPECT_EQ(covered(one) + one.merged.size(), 10'000u);
  EXPECT_EQ(one.covers.size(), flow::kCoversMax);
  EXPECT_LT(one.timeline.size(), 40u);
  // One row of the list each, and the case once a second.
  EXPECT_LE(writes_late, 1000 + 10);
  EXPECT_LE(writes_late, writes_early + 5);
  EXPECT_LE(double(bytes_late), 1.2 * double(bytes_early));
  EXPECT_LE(rows_late, rows_early + 10) << "rows of the loop's state";
  EXPECT_EQ(city.loop().stats().opened, 21u) << "twenty single ones and the storm";
  for (Finding& finding : all) finding.status = FindingStatus::cleared, finding.cleared_at = city.now();
  std::vector<flow::Write> writes;
  writes.reserve(all.size());
  for (const Finding& finding : all) writes.push_back(to_write(finding));
  city.write(std::move(writes), "loop:rules");
  city.pass(seconds(12));
  EXPECT_EQ(storm().outcome, CaseOutcome::confirmed);
}

TEST(Storm, AReplayWritesTheSameAlsoThroughRestarts) {
  const auto run = [](bool reload) {
    test::SmallCity<CaseLoop> city(test::make_case_loop, reload);
    city.write({test::city_rules(kKinds)->to_write(test::kStart)}, "app");
    std::vector<Finding> all;
    for (int i = 0; i < 160; ++i) {
      all.push_back(finding_at(i, city.now(), i % 7 == 0 ? "b" : "a", R"({"case":"silent"})",
                               120 + 0.03 * (i % 2) + 0.0001 * (i % 11), 30));
      city.write({to_write(all.back())}, "loop:rules");
      if (i % 3 == 0) city.pass(seconds(1));
      if (i % 5 == 4) {
        Finding& old = all[std::size_t(i) / 2];
        old.status = old.status == FindingStatus::active ? FindingStatus::cleared : FindingStatus::active;
        old.cleared_at = old.status == FindingStatus::cleared ? city.now() : kNever;
        city.write({to_write(old)}, "loop:rules");
      }
    }
    city.pass(seconds(20));
    return city.written();
  };
  const std::string once = run(false);
  EXPECT_THAT(once, HasSubstr(":storm:"));
  EXPECT_EQ(run(false), once);
  EXPECT_EQ(run(true), once);
}

TEST(StormRules, AreRefusedWithTheirLine) {
  for (const char* wrong : {R"(storm = { from = 1, within = "1m" })", R"(storm = { from = 5 })",
                            R"(storm = { from = 5, within = "1m", radius_m = -1 })",
                            R"(storm = { from = 5, within = "1m", clear_share = 0 })",
                            R"(storm = { from = 5, within = "1m", radius = 5 })"}) {
    const std::string kinds =
        fmt::format("[[case]]\nid = \"x\"\nname = {{ zh = \"甲\", en = \"x\" }}\nverify_hold = \"0s\"\n{}\n", wrong);
    const auto rules = CaseRules::parse({{"cases.toml", kinds}, {"workflow.toml", test::shipped_workflow()}}, {});
    ASSERT_FALSE(rules) << wrong;
    EXPECT_THAT(rules.error().message, HasSubstr("cases.toml:")) << wrong;
  }
}

}  // namespace
}  // namespace cityloop::casework
