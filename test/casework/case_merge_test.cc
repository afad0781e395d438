// Merging and undoing it: one matter, one case; and two again as if nothing had been.
#include <gmock/gmock.h>

#include "base/json_value.h"
#include "test/casework/case_desk.h"

namespace cityloop::casework {
namespace {

using flow::Action;
using flow::ActionStatus;
using flow::CaseOutcome;
using flow::Finding;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kKinds = R"(
[intake]
kind = "other"
[[case]]
id = "other"
name = { zh = "其他", en = "Other" }
department = "roads"
close_within = "4h"
verify_hold = "0s"
escalate_to = "supervisor"
auto_dispatch = false
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
department = "water"
accept_within = "30m"
close_within = "4h"
verify_hold = "10s"
escalate_to = "supervisor"
)";

class CaseMergeTest : public testing::Test, protected test::CaseDesk {
 protected:
  CaseMergeTest() : CaseDesk(kKinds) {}

  flow::Case report(const std::string& by, const std::string& text, const std::string& more = "") {
    const Action filed = act(
        {}, "file", by, "",
        fmt::format(R"({{"report":true,"channel":"citizen","description":"{}","title":"{}"{}}})", text, text, more));
    EXPECT_EQ(filed.status, ActionStatus::done) << filed.reason;
    return get_case(filed.target);
  }
  Action merge(const flow::Case& one, const flow::Case& into, const std::string& by = "user:op") {
    return act(one.id, "merge", by, "", fmt::format(R"({{"into":"{}"}})", into.id.text()));
  }
  std::string notices_to(std::string_view whom) {
    std::string out;
    for (const auto& notice : city.all("Notice")) {
      if (notice->text(flow::Name("to")) == whom) out += flow::language_field(*notice, "text").en + "\n";
    }
    return out;
  }
};

// Everything but what tells of the merge itself: the timeline, and how long the clocks stood.
std::string without_story(flow::Case one) {
  one.timeline.clear();
  one.due_at = kNever;
  for (flow::CaseClock& clock : one.clocks) clock.stood = clock.used = {}, clock.due_at = clock.running_since = kNever;
  std::string out;
  for (const flow::Attribute& attribute : to_write(one).attributes) {
    const auto* text = std::get_if<flow::Text>(&attribute.value);
    const auto* json = std::get_if<flow::Json>(&attribute.value);
    const auto* number = std::get_if<double>(&attribute.value);
    const auto* flag = std::get_if<bool>(&attribute.value);
    out += fmt::format("{}={}\n", attribute.name.text(),
                       text            ? text->str()
                       : json          ? json->text.str()
                       : number        ? fmt::format("{}", *number)
                       : flag && *flag ? "true"
                                       : "false");
  }
  return out;
}

const flow::CaseClock& clock_of(const flow::Case& one, std::string_view id) {
  for (const flow::CaseClock& clock : one.clocks) {
    if (clock.id == id) return clock;
  }
  ADD_FAILURE() << "no clock " << id;
  static const flow::CaseClock none;
  return none;
}

TEST_F(CaseMergeTest, AReportGoesOnInAnotherAndItsReporterHearsOfThatOne) {
  const flow::Case first = report("citizen:a", "road sunken"), second = report("citizen:b", "hole in the road");
  ASSERT_EQ(merge(second, first).status, ActionStatus::done);
  flow::Case main = get_case(first.id), merged = get_case(second.id);
  EXPECT_EQ(merged.state, "merged");
  EXPECT_EQ(merged.outcome, CaseOutcome::merged);
  EXPECT_EQ(merged.merged_into, first.id);
  EXPECT_FALSE(merged.is_open());
  EXPECT_THAT(main.merged, ElementsAre(second.id));
  EXPECT_EQ(main.count, 2u);
  EXPECT_THAT(notices_to("citizen:b"), HasSubstr("Merged"));
  EXPECT_EQ(main.timeline.back().code, "merged_here");

  // The matter is settled; both who reported it hear of it, and each once.
  EXPECT_EQ(act(first.id, "take_up", "user:op").status, ActionStatus::done);
  EXPECT_EQ(act(first.id, "dispatch", "user:op", "", R"({"department":"roads"})").status, ActionStatus::done);
  EXPECT_EQ(act(first.id, "accept", "user:worker@roads").status, ActionStatus::done);
  EXPECT_EQ(act(first.id, "report", "user:worker@roads").status, ActionStatus::done);
  EXPECT_EQ(act(first.id, "close", "user:op").status, ActionStatus::done);
  EXPECT_EQ(get_case(first.id).outcome, CaseOutcome::confirmed);
  for (const char* reporter : {"citizen:a", "citizen:b"}) {
    const std::string heard = notices_to(reporter);
    const auto at = heard.find("Closed");
    EXPECT_NE(at, std::string::npos) << reporter << ": " << heard;
    EXPECT_EQ(heard.find("Closed", at + 1), std::string::npos) << "once";
  }
}

TEST_F(CaseMergeTest, UndoingGivesTheCaseBackExactlyAndItsTimeStoodStill) {
  const flow::Case main = report("citizen:a", "road sunken");
  const Action filed = act({}, "file", "user:op", "",
                           R"({"kind":"flooding","title":"water","location":{"type":"Point","coordinates":[120,30]}})");
  const EntityId id = filed.target;
  city.pass(minutes(5));
  EXPECT_EQ(act(id, "accept", "user:worker").status, ActionStatus::done);
  EXPECT_EQ(act(id, "join", "user:op", "", R"({"assisting":["fire","police"],"sequence":true})").status,
            ActionStatus::done);
  EXPECT_EQ(act(id, "extend", "user:worker", "rain", R"({"hours":2})").status, ActionStatus::done);
  city.pass(minutes(10));
  const flow::Case before = get_case(id);
  const auto due = clock_of(before, "close").due_at;
  ASSERT_EQ(before.state, "working");

  EXPECT_EQ(merge(before, main).status, ActionStatus::done);
  const flow::Case merged = get_case(id);
  EXPECT_EQ(merged.due_at, kNever) << "nobody can work on it";
  EXPECT_EQ(act(id, "grant", "user:boss", "", R"({"request":1})").status, ActionStatus::refused);
  EXPECT_EQ(act(id, "report", "user:worker").status, ActionStatus::refused);
  city.jump(hours(30));  // far past every deadline
  EXPECT_FALSE(get_case(id).overdue);
  EXPECT_EQ(get_case(main.id).count, 2u);

  ASSERT_EQ(act(id, "unmerge", "user:op").status, ActionStatus::done);
  const flow::Case after = get_case(id);
  EXPECT_EQ(without_story(after), without_story(before));
  EXPECT_EQ(clock_of(after, "close").due_at, due + hours(30));
  EXPECT_EQ(clock_of(after, "close").stood, hours(30));
  EXPECT_EQ(clock_of(after, "task-1").stood, hours(30));
  EXPECT_EQ(clock_of(after, "request-1").stood, hours(30));
  EXPECT_FALSE(after.overdue);
  EXPECT_EQ(get_case(main.id).count, 1u);
  EXPECT_THAT(get_case(main.id).merged, IsEmpty());
  // It lives on.
  EXPECT_EQ(act(id, "grant", "user:boss", "", R"({"request":1})").status, ActionStatus::done);
  EXPECT_EQ(act(id, "task_accept", "user:worker@fire", "", R"({"task":"1"})").status, ActionStatus::done);
}

TEST_F(CaseMergeTest, OneThatIsSuspendedGoesOnStandingStillWhenItIsGivenBack) {
  const flow::Case main = report("citizen:a", "road sunken");
  const EntityId id = act({}, "file", "user:op", "", R"({"kind":"flooding","title":"water"})").target;
  act(id, "accept", "user:worker");
  act(id, "suspend", "user:worker", "no parts");
  EXPECT_EQ(act(id, "grant", "user:boss", "", R"({"request":1})").status, ActionStatus::done);
  ASSERT_EQ(get_case(id).state, "suspended");
  city.pass(minutes(1));
  EXPECT_EQ(merge(get_case(id), main).status, ActionStatus::done);
  city.jump(hours(5));
  EXPECT_EQ(act(id, "unmerge", "user:op").status, ActionStatus::done);
  EXPECT_EQ(get_case(id).state, "suspended");
  EXPECT_EQ(get_case(id).due_at, kNever);
  city.pass(minutes(1));
  EXPECT_EQ(act(id, "resume", "user:worker").status, ActionStatus::done);
  EXPECT_EQ(act(id, "grant", "user:op", "", R"({"request":2})").status, ActionStatus::done);
  EXPECT_EQ(get_case(id).state, "working") << "the state before the suspension, not the merge";
  EXPECT_EQ(clock_of(get_case(id), "close").stood, hours(5) + minutes(2));
}

TEST_F(CaseMergeTest, ManyAtOnceAllOrNone) {
  const flow::Case main = report("citizen:a", "road sunken");
  std::vector<EntityId> ids;
  for (int i = 0; i < 30; ++i) ids.push_back(report(fmt::format("citizen:{}", i), fmt::format("hole {}", i)).id);
  const auto list = [&](std::string_view extra) {
    std::string out = R"({"cases":[)";
    for (const EntityId id : ids) out += fmt::format(R"("{}",)", id.text());
    return out + fmt::format(R"("{}"]}})", extra);
  };
  const Action wrong = act(main.id, "absorb", "user:op", "", list("urn:ngsi-ld:Case:none"));
  EXPECT_EQ(wrong.status, ActionStatus::refused);
  EXPECT_EQ(get_case(main.id).count, 1u) << "none of them";
  EXPECT_EQ(act(main.id, "absorb", "user:op", "", list(main.id.text())).status, ActionStatus::refused) << "into itself";
  const flow::Case last = report("citizen:z", "hole z");
  EXPECT_EQ(act(main.id, "absorb", "citizen:z", "", list(last.id.text())).status, ActionStatus::refused);
  EXPECT_EQ(act(main.id, "absorb", "user:op", "", list(last.id.text())).status, ActionStatus::done);
  EXPECT_EQ(get_case(main.id).count, 32u);
  EXPECT_EQ(get_case(main.id).merged.size(), 31u);
  EXPECT_EQ(get_case(ids[7]).merged_into, main.id);
  EXPECT_EQ(act(ids[7], "unmerge", "user:op").status, ActionStatus::done);
  EXPECT_EQ(get_case(main.id).count, 31u);
}

TEST_F(CaseMergeTest, CountsAddUpThroughChainsAndComeApartAgain) {
  const flow::Case a = report("citizen:a", "a"), b = report("citizen:b", "b"), c = report("citizen:c", "c");
  EXPECT_EQ(merge(a, b).status, ActionStatus::done);
  EXPECT_EQ(merge(b, c).status, ActionStatus::done);
  EXPECT_EQ(get_case(c.id).count, 3u);
  EXPECT_EQ(merge(c, b).status, ActionStatus::refused) << "never in a circle";
  EXPECT_EQ(merge(c, a).status, ActionStatus::refused);
  EXPECT_EQ(act(a.id, "unmerge", "user:op").status, ActionStatus::done);
  EXPECT_EQ(get_case(c.id).count, 2u);
  EXPECT_EQ(get_case(b.id).count, 1u);
  EXPECT_EQ(act(b.id, "unmerge", "user:op").status, ActionStatus::done);
  EXPECT_EQ(get_case(c.id).count, 1u);
  for (const flow::Case* one : {&a, &b, &c}) EXPECT_EQ(get_case(one->id).state, "received");
}

TEST_F(CaseMergeTest, TheLawAboutFindingsGoesWithThem) {
  Finding finding = open_finding(R"({"case":"flooding"})");
  const flow::Case sensed = only_case();
  const flow::Case told = report("citizen:a", "water in the underpass");
  EXPECT_EQ(act(told.id, "take_up", "user:op").status, ActionStatus::done);
  EXPECT_EQ(merge(sensed, told).status, ActionStatus::done);
  EXPECT_EQ(get_case(told.id).finding, finding.id);
  EXPECT_EQ(get_case(told.id).severity, flow::Severity::severe);
  act(told.id, "dispatch", "user:op", "", R"({"department":"roads"})");
  act(told.id, "accept", "user:worker@roads");
  act(told.id, "report", "user:worker@roads");
  EXPECT_EQ(get_case(told.id).state, "verifying");
  EXPECT_EQ(act(told.id, "close", "user:op").status, ActionStatus::refused) << "the water still stands";
  EXPECT_EQ(act(told.id, "verify", "user:op", "", R"({"result":"pass"})").status, ActionStatus::refused);
  clear(finding);
  city.pass(seconds(11));
  EXPECT_EQ(get_case(told.id).outcome, CaseOutcome::confirmed) << "closed by the twin";
  EXPECT_EQ(get_case(sensed.id).outcome, CaseOutcome::merged);
}

TEST_F(CaseMergeTest, WhatTheFindingDidMeanwhileIsKnownWhenItsCaseIsGivenBack) {
  Finding finding = open_finding(R"({"case":"flooding"})");
  const flow::Case sensed = only_case();
  const flow::Case told = report("citizen:a", "water in the underpass");
  EXPECT_EQ(merge(sensed, told).status, ActionStatus::done);
  city.pass(seconds(5));
  clear(finding);
  city.pass(seconds(2));
  EXPECT_EQ(act(sensed.id, "unmerge", "user:op").status, ActionStatus::done);
  EXPECT_TRUE(get_case(sensed.id).finding_cleared);
  EXPECT_TRUE(get_case(told.id).finding.empty()) << "no finding of its own";
  city.pass(seconds(10));
  EXPECT_EQ(get_case(sensed.id).state, "closed");
  // A second finding of the same rule and place while the first's case is merged goes to the main case.
  Finding again = open_finding(R"({"case":"flooding"})", "u2");
  const EntityId second("urn:ngsi-ld:Case:flooding:deep:u2:" + std::to_string(base::to_ms(city.now())));
  EXPECT_EQ(merge(get_case(second), told).status, ActionStatus::done);
  clear(again);
  city.pass(seconds(3));
  Finding third = open_finding(R"({"case":"flooding"})", "u2");
  EXPECT_EQ(get_case(told.id).count, 3u) << "attached to the merged one, counted by the main one";
  EXPECT_FALSE(get_case(told.id).finding_cleared);
}

TEST_F(CaseMergeTest, WhatWasMergedEndsWithItsMainCaseAndComesBackWithIt) {
  Finding finding = open_finding(R"({"case":"flooding"})");
  const flow::Case sensed = only_case();
  const flow::Case told = report("citizen:a", "water in the underpass");
  EXPECT_EQ(merge(sensed, told).status, ActionStatus::done);
  act(told.id, "take_up", "user:op");
  clear(finding);
  city.pass(seconds(11));
  act(told.id, "close", "user:op");
  ASSERT_EQ(get_case(told.id).outcome, CaseOutcome::confirmed);
  // From now on a finding of that rule and place is a new matter.
  open_finding(R"({"case":"flooding"})");
  EXPECT_EQ(city.all("Case").size(), 3u);
  // And to bring the first one back would be two cases for one finding.
  EXPECT_EQ(act(sensed.id, "unmerge", "user:op").status, ActionStatus::refused);
  act(told.id, "reopen", "user:op", "not so");
  EXPECT_EQ(act(told.id, "grant", "user:boss", "", R"({"request":1})").status, ActionStatus::refused);
}

TEST_F(CaseMergeTest, OnlyWhoTheWorkflowNamesMayMergeAndUndo) {
  const flow::Case a = report("citizen:a", "a"), b = report("citizen:b", "b");
  for (const char* who : {"citizen:a", "citizen:b", "user:worker@roads", "user:stranger"}) {
    EXPECT_EQ(merge(a, b, who).status, ActionStatus::refused) << who;
  }
  EXPECT_EQ(merge(a, b).status, ActionStatus::done);
  for (const char* who : {"citizen:a", "citizen:b", "user:worker@roads"}) {
    EXPECT_EQ(act(a.id, "unmerge", who).status, ActionStatus::refused) << who;
  }
  EXPECT_EQ(act(b.id, "unmerge", "user:op").status, ActionStatus::refused) << "it is merged into none";
}

TEST(MergingWorkflow, IsRefusedWhereItCannotSayIntoWhat) {
  const auto mistakes = [](const std::string& from, const std::string& to) {
    std::string flow = test::shipped_workflow();
    const auto at = flow.find(from);
    EXPECT_NE(at, flow.npos) << from;
    flow.replace(at, from.size(), to);
    const auto rules = CaseRules::parse({{"cases.toml", kKinds}, {"workflow.toml", flow}}, {});
    return rules ? std::string{} : rules.error().message;
  };
  EXPECT_THAT(mistakes("required = [\"into\"]", "required = []"), HasSubstr("the case to go on in"));
  EXPECT_THAT(mistakes("on = \"storm\"", "on = \"held\""), HasSubstr("on \"storm\" only"));
  EXPECT_THAT(mistakes("ends = \"merged\"", "ends = \"elsewhere\""), HasSubstr("merged"));
}

}  // namespace
}  // namespace cityloop::casework
