#include "casework/case_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "flow/noun.h"
#include "test/casework/case_desk.h"

namespace cityloop::casework {
namespace {

using flow::Action;
using flow::ActionStatus;
using flow::CaseOutcome;
using flow::CommandStatus;
using flow::Finding;
using flow::FindingStatus;
using std::chrono::seconds;
using test::kStart;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kKinds = R"(
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
department = "water"
accept_within = "30s"
close_within = "200s"
verify_hold = "10s"
verify_within = "40s"
escalate_to = "supervisor"
commands_max = 2
command_on_close = false

[[case]]
id = "noise"
name = { zh = "噪声", en = "Noise" }
department = "environment"
verify_hold = "10s"
auto_close = false

[[case]]
id = "pothole"
name = { zh = "坑洼", en = "Pothole" }
verify_hold = "0s"
auto_dispatch = false

[[case]]
id = "smoke"
name = { zh = "烟", en = "Smoke" }
department = "fire"
verify_hold = "5s"
cleared_early = "false_alarm"

[[case]]
id = "valve"
name = { zh = "阀", en = "Valve" }
department = "water"
verify_hold = "5s"
command = "on_accept"
)";

constexpr const char* kPumpResponse =
    R"({"case":"flooding","command":{"device":"urn:ngsi-ld:Device:pump-1","name":"pump","value":true}})";

class CaseLoopTest : public testing::Test, protected test::CaseDesk {
 protected:
  CaseLoopTest() : CaseDesk(kKinds) {}
};

TEST_F(CaseLoopTest, PumpStoryFromFindingToClosed) {
  Finding finding = open_finding(kPumpResponse);
  flow::Case one = only_case();
  EXPECT_EQ(one.id.text(), "urn:ngsi-ld:Case:flooding:deep:u1:1772438400000");
  EXPECT_EQ(one.state, "dispatched");
  EXPECT_EQ(one.department, "water");
  EXPECT_EQ(one.area, "north");
  EXPECT_EQ(one.due_at, kStart + seconds(200));
  ASSERT_EQ(one.commands.size(), 1u);
  const flow::Command command = flow::command_from(*city.get(one.commands[0])).value();
  EXPECT_EQ(command.value, "true");
  EXPECT_EQ(command.for_case, one.id);
  EXPECT_EQ(command.requested_by, "loop:casework");

  city.pass(seconds(2));
  command_becomes(command.id, CommandStatus::sent);
  EXPECT_EQ(only_case().state, "working");
  command_becomes(command.id, CommandStatus::succeeded);
  EXPECT_EQ(only_case().state, "verifying");
  city.pass(seconds(15));
  clear(finding);
  city.pass(seconds(9));
  EXPECT_EQ(only_case().state, "verifying");
  city.pass(seconds(1));
  one = only_case();
  EXPECT_EQ(one.state, "closed");
  EXPECT_EQ(one.outcome, CaseOutcome::confirmed);
  EXPECT_EQ(one.closed_at, kStart + seconds(27));
  EXPECT_THAT(path(), ElementsAre("loop:casework file filed", "loop:casework dispatch dispatched",
                                  "loop:casework command dispatched", "loop:casework accept working",
                                  "urn:ngsi-ld:Device:pump-1 report reported", "loop:casework verify verifying",
                                  "loop:casework close closed", "loop:casework command closed"));
  ASSERT_EQ(one.commands.size(), 2u) << "the pump is asked to stop";
  EXPECT_EQ(flow::command_from(*city.get(one.commands[1])).value().value, "false");
  command_becomes(one.commands[1], CommandStatus::failed, "stuck");
  EXPECT_TRUE(has_code("release_failed"));
}

TEST_F(CaseLoopTest, ClearingBeforeAnyoneWorkedClosesHonestly) {
  Finding finding = open_finding(R"({"case":"flooding"})");
  city.pass(seconds(3));
  clear(finding);
  city.pass(seconds(10));
  EXPECT_THAT(path(), ElementsAre("loop:casework file filed", "loop:casework dispatch dispatched",
                                  "loop:casework report reported", "loop:casework verify verifying",
                                  "loop:casework close closed"));
  EXPECT_EQ(only_case().outcome, CaseOutcome::confirmed);
  EXPECT_TRUE(has_code("cleared_early"));
}

TEST_F(CaseLoopTest, KindDecidesWhatClearingEarlyMeans) {
  Finding smoke = open_finding(R"({"case":"smoke"})");
  city.pass(seconds(1));
  clear(smoke);
  city.pass(seconds(5));
  EXPECT_EQ(only_case().state, "cancelled");
  EXPECT_EQ(only_case().outcome, CaseOutcome::false_alarm);
}

TEST_F(CaseLoopTest, WithoutAutoCloseSomebodyMustReport) {
  Finding finding = open_finding(R"({"case":"noise"})");
  const EntityId id = only_case().id;
  clear(finding);
  city.pass(seconds(60));
  EXPECT_EQ(only_case().state, "dispatched");
  EXPECT_TRUE(has_code("hold_reached"));
  EXPECT_EQ(act(id, "accept", "user:worker").status, ActionStatus::done);
  EXPECT_EQ(act(id, "report", "user:worker", "spoke to them").status, ActionStatus::done);
  EXPECT_EQ(only_case().state, "closed") << "the hold had passed long before";
}

TEST_F(CaseLoopTest, WorkerReportsAndTheTwinVerifies) {
  Finding finding = open_finding(R"({"case":"noise"})");
  const EntityId id = only_case().id;
  act(id, "accept", "user:worker");
  EXPECT_EQ(only_case().holder, "user:worker");
  act(id, "report", "user:worker", "done");
  EXPECT_EQ(only_case().state, "verifying");
  const Action close = act(id, "close", "user:op");
  EXPECT_EQ(close.status, ActionStatus::refused);
  EXPECT_THAT(close.reason, HasSubstr("still active"));
  EXPECT_EQ(act(id, "verify", "user:op", "", R"({"result":"pass"})").status, ActionStatus::refused);
  city.pass(seconds(5));
  clear(finding);
  city.pass(seconds(10));
  EXPECT_EQ(only_case().state, "closed");
}

TEST_F(CaseLoopTest, ReportedButNotClearedComesBack) {
  Finding finding = open_finding(kPumpResponse);
  const EntityId id = only_case().id;
  command_becomes(only_case().commands[0], CommandStatus::sent);
  command_becomes(only_case().commands[0], CommandStatus::succeeded);
  city.pass(seconds(40));
  EXPECT_EQ(only_case().state, "working");
  EXPECT_TRUE(has_code("not_clear_in_time"));
  ASSERT_EQ(only_case().commands.size(), 2u) << "the device is asked again";
  EXPECT_THAT(std::string(only_case().commands[1].text()), testing::EndsWith(":2"));
  command_becomes(only_case().commands[1], CommandStatus::sent);
  command_becomes(only_case().commands[1], CommandStatus::succeeded);
  city.pass(seconds(40));
  EXPECT_EQ(only_case().state, "dispatched") << "commands_max is reached: a person must";
  EXPECT_TRUE(has_code("nobody_at_work"));
  EXPECT_EQ(act(id, "accept", "user:worker").status, ActionStatus::done);
}

TEST_F(CaseLoopTest, SameRuleAndEntityIsTheSameCase) {
  Finding first = open_finding(kPumpResponse);
  const EntityId id = only_case().id;
  command_becomes(only_case().commands[0], CommandStatus::sent);
  command_becomes(only_case().commands[0], CommandStatus::succeeded);
  clear(first);
  city.pass(seconds(5));
  Finding second = open_finding(kPumpResponse);
  EXPECT_EQ(only_case().state, "working");
  EXPECT_FALSE(only_case().finding_cleared);
  EXPECT_TRUE(has_code("finding_again"));
  EXPECT_EQ(only_case().commands.size(), 2u);
  city.pass(seconds(20));
  EXPECT_NE(only_case().state, "closed");
  open_finding(kPumpResponse, "u2");
  EXPECT_EQ(city.all("Case").size(), 2u) << "another entity, another case";
  open_finding(kPumpResponse, "u1", "deeper");
  EXPECT_EQ(city.all("Case").size(), 3u) << "another rule, another case";
  clear(second);
  city.pass(seconds(10));
  EXPECT_EQ(get_case(id).state, "closed");
  open_finding(kPumpResponse);
  EXPECT_EQ(city.all("Case").size(), 4u) << "the first has ended: a new one opens";
}

TEST_F(CaseLoopTest, TheSameFindingNeverOpensTwice) {
  Finding finding = open_finding(kPumpResponse);
  const EntityId id = only_case().id;
  EXPECT_EQ(act(id, "cancel", "user:op").status, ActionStatus::refused) << "a reason is needed";
  EXPECT_EQ(act(id, "cancel", "user:op", "sensor under repair").status, ActionStatus::done);
  EXPECT_EQ(only_case().state, "dispatched") << "somebody else decides";
  EXPECT_EQ(act(id, "grant", "user:op", "", R"({"request":1})").status, ActionStatus::refused);
  EXPECT_EQ(act(id, "grant", "user:op2", "", R"({"request":1})").status, ActionStatus::done);
  EXPECT_EQ(only_case().outcome, CaseOutcome::false_alarm);
  city.write({to_write(finding)}, "loop:rules");
  clear(finding);
  set_status(finding, FindingStatus::active);
  EXPECT_EQ(only_case().state, "cancelled");
}

TEST_F(CaseLoopTest, FailedCommandGivesTheCaseToPeople) {
  open_finding(kPumpResponse);
  const EntityId command = only_case().commands[0];
  command_becomes(command, CommandStatus::sent);
  command_becomes(command, CommandStatus::sent, "again");
  command_becomes(command, CommandStatus::timed_out, "no answer to 4 attempts");
  EXPECT_EQ(only_case().state, "dispatched");
  EXPECT_THAT(path(), ElementsAre("loop:casework file filed", "loop:casework dispatch dispatched",
                                  "loop:casework command dispatched", "loop:casework accept working",
                                  "loop:casework command working", "loop:casework dispatch dispatched",
                                  "loop:casework escalate dispatched"));
}

TEST_F(CaseLoopTest, SuccessThatTurnsOutToHaveNoEffectIsTakenBack) {
  open_finding(kPumpResponse);
  const EntityId command = only_case().commands[0];
  command_becomes(command, CommandStatus::succeeded);
  EXPECT_EQ(only_case().state, "verifying");
  command_becomes(command, CommandStatus::failed, "no effect seen");
  EXPECT_EQ(only_case().state, "dispatched");
}

TEST_F(CaseLoopTest, PendingCommandIsWithdrawnWithItsCase) {
  Finding finding = open_finding(kPumpResponse);
  const EntityId command = only_case().commands[0];
  command_becomes(command, CommandStatus::pending_approval);
  EXPECT_EQ(only_case().state, "dispatched");
  clear(finding);
  city.pass(seconds(10));
  EXPECT_EQ(only_case().state, "closed");
  const auto actions_now = city.all("Action");
  ASSERT_EQ(actions_now.size(), 1u);
  const Action withdraw = flow::action_from(*actions_now.front()).value();
  EXPECT_EQ(withdraw.verb, "withdraw");
  EXPECT_EQ(withdraw.target, command);
  EXPECT_EQ(only_case().commands.size(), 1u) << "a pump that never ran needs no stopping";
}

TEST_F(CaseLoopTest, PumpRunsOnWhileAnotherCaseNeedsIt) {
  Finding first = open_finding(kPumpResponse, "u1");
  const EntityId id = only_case().id;
  command_becomes(only_case().commands[0], CommandStatus::sent);
  Finding second = open_finding(kPumpResponse, "u2");
  clear(first);
  city.pass(seconds(10));
  EXPECT_EQ(get_case(id).state, "closed");
  EXPECT_EQ(get_case(id).commands.size(), 1u);
}

TEST_F(CaseLoopTest, DeadlinesWarnThenEscalate) {
  open_finding(R"({"case":"flooding"})");
  const EntityId id = only_case().id;
  city.pass(seconds(23));
  EXPECT_FALSE(has_code("accept_warning"));
  city.pass(seconds(1));
  EXPECT_TRUE(has_code("accept_warning"));
  EXPECT_FALSE(only_case().overdue);
  city.pass(seconds(6));
  EXPECT_TRUE(has_code("accept_missed"));
  EXPECT_TRUE(only_case().overdue);
  EXPECT_THAT(only_case().timeline.back().note, HasSubstr("to supervisor"));
  act(id, "accept", "user:worker");
  EXPECT_FALSE(only_case().overdue);
  city.pass(seconds(130));
  EXPECT_TRUE(has_code("close_warning"));
  EXPECT_FALSE(only_case().overdue);
  city.pass(seconds(40));
  EXPECT_TRUE(has_code("close_missed"));
  EXPECT_TRUE(only_case().overdue);
  const std::size_t steps = only_case().timeline.size();
  city.pass(seconds(100));
  EXPECT_EQ(only_case().timeline.size(), steps) << "each is told once";
}

TEST_F(CaseLoopTest, LateTickTellsTheMissedDeadlineWithoutItsWarning) {
  open_finding(R"({"case":"flooding"})");
  city.jump(seconds(100));
  EXPECT_TRUE(has_code("accept_missed"));
  EXPECT_FALSE(has_code("accept_warning"));
}

TEST_F(CaseLoopTest, CaseByHandNeedsAnotherPairOfEyes) {
  constexpr const char* kHole =
      R"({"kind":"pothole","title":"Hole","location":{"type":"Point","coordinates":[120,30]}})";
  EXPECT_EQ(act({}, "file", "user:citizen", "deep one", kHole).status, ActionStatus::refused);
  const Action filed = act({}, "file", "user:op1", "deep one", kHole);
  ASSERT_EQ(filed.status, ActionStatus::done) << filed.reason;
  const EntityId id = filed.target;
  EXPECT_EQ(id.text(), "urn:ngsi-ld:Case:pothole:2");
  EXPECT_EQ(only_case().state, "filed");
  EXPECT_EQ(only_case().area, "north");
  EXPECT_EQ(act(id, "accept", "user:worker").status, ActionStatus::refused);
  EXPECT_EQ(act(id, "dispatch", "user:op").status, ActionStatus::refused) << "no department named";
  EXPECT_EQ(act(id, "dispatch", "user:worker", "", R"({"department":"roads"})").status, ActionStatus::refused);
  EXPECT_EQ(act(id, "dispatch", "user:op", "", R"({"department":"roads"})").status, ActionStatus::done);
  EXPECT_EQ(act(id, "dispatch", "user:op", "", R"({"department":"roads"})").status, ActionStatus::refused);
  EXPECT_EQ(act(id, "return", "user:worker", "not our road").status, ActionStatus::done);
  EXPECT_EQ(only_case().state, "dispatched");
  EXPECT_EQ(act(id, "grant", "user:op", "", R"({"request":"1"})").status, ActionStatus::done);
  EXPECT_EQ(only_case().state, "filed");
  EXPECT_TRUE(only_case().department.empty());
  act(id, "dispatch", "user:op", "", R"({"department":"roads"})");
  act(id, "accept", "user:worker");
  EXPECT_EQ(act(id, "accept", "user:worker2").status, ActionStatus::refused);
  act(id, "report", "user:worker", "filled");
  EXPECT_EQ(only_case().state, "reported") << "no sensor can tell: a person verifies";
  EXPECT_EQ(act(id, "verify", "user:worker", "", R"({"result":"pass"})").status, ActionStatus::refused);
  EXPECT_EQ(act(id, "verify", "user:op", "", R"({"result":"perhaps"})").status, ActionStatus::refused);
  EXPECT_EQ(act(id, "verify", "user:op", "still deep", R"({"result":"fail"})").status, ActionStatus::done);
  EXPECT_EQ(only_case().state, "working");
  act(id, "report", "user:worker", "filled again");
  EXPECT_EQ(act(id, "verify", "user:op", "", R"({"result":"pass"})").status, ActionStatus::done);
  EXPECT_EQ(only_case().state, "closed");
  EXPECT_EQ(only_case().outcome, CaseOutcome::confirmed);
  EXPECT_EQ(act(id, "note", "user:op", "thanks").status, ActionStatus::done);
  EXPECT_EQ(act(id, "report", "user:worker").status, ActionStatus::refused);
}

TEST_F(CaseLoopTest, WrongWishesAreRefusedWithAReason) {
  EXPECT_THAT(act({}, "file", "user:op", "", R"({"kind":"ufo"})").reason, HasSubstr("no case kind 'ufo'"));
  EXPECT_THAT(act(EntityId("urn:ngsi-ld:Case:none"), "accept", "user:op").reason, HasSubstr("no such case"));
  open_finding(R"({"case":"noise"})");
  EXPECT_THAT(act(only_case().id, "explode", "user:op").reason, HasSubstr("not a step"));
  flow::Write nameless = flow::NounWriter(EntityId("urn:ngsi-ld:Action:x"), "Action", flow::WriteMode::upsert)
                             .link("target", only_case().id)
                             .text("verb", "accept")
                             .text("status", "requested")
                             .take();
  city.write({nameless});
  EXPECT_EQ(city.get(EntityId("urn:ngsi-ld:Action:x"))->text(flow::Name("status")), "refused");
}

TEST_F(CaseLoopTest, UnknownKindIsTakenUpAllTheSame) {
  open_finding(R"({"case":"meteor","department":"civil"})");
  EXPECT_EQ(only_case().state, "filed");
  EXPECT_THAT(only_case().timeline.front().note, HasSubstr("'meteor'"));
  EXPECT_EQ(city.loop().stats().unknown_kind, 1u);
}

TEST_F(CaseLoopTest, ShowOnlyAndBrokenResponsesOpenNothing) {
  open_finding("");
  open_finding(R"({"department":"water"})", "u2");
  open_finding("{not json", "u3");
  EXPECT_TRUE(city.all("Case").empty());
  EXPECT_EQ(city.loop().stats().malformed, 1u);
}

TEST_F(CaseLoopTest, UnresolvedDeviceIsSaidAndLeftToPeople) {
  open_finding(R"({"case":"flooding","command":{"device":"$ref:pumpedBy","name":"pump","value":true}})");
  EXPECT_TRUE(has_code("command_without_device"));
  EXPECT_TRUE(only_case().commands.empty());
  EXPECT_EQ(only_case().state, "dispatched");
}

TEST_F(CaseLoopTest, CommandWaitsForTheWorkerWhereTheKindSaysSo) {
  open_finding(R"({"case":"valve","command":{"device":"urn:ngsi-ld:Device:v","name":"open","value":true}})");
  EXPECT_TRUE(only_case().commands.empty());
  act(only_case().id, "accept", "user:worker");
  EXPECT_EQ(only_case().commands.size(), 1u);
}

TEST_F(CaseLoopTest, PersonsCommandForACaseJoinsItsStory) {
  open_finding(R"({"case":"flooding"})");
  flow::Command command;
  command.id = EntityId("urn:ngsi-ld:Command:by-hand");
  command.device = EntityId("urn:ngsi-ld:Device:pump-9");
  command.name = "pump";
  command.value = "true";
  command.for_case = only_case().id;
  command.requested_by = "user:op";
  city.write({to_write(command)}, "user:op");
  EXPECT_THAT(only_case().commands, ElementsAre(command.id));
  EXPECT_EQ(only_case().timeline.back().by, "user:op");
  command_becomes(command.id, CommandStatus::refused, "too soon");
  EXPECT_THAT(only_case().timeline.back().note, HasSubstr("too soon"));
}

TEST_F(CaseLoopTest, ErasedFindingCountsAsCleared) {
  const Finding finding = open_finding(R"({"case":"flooding"})");
  flow::Write erase;
  erase.entity = finding.id;
  erase.mode = flow::WriteMode::erase;
  city.write({erase});
  city.pass(seconds(10));
  EXPECT_EQ(only_case().state, "closed");
}

TEST_F(CaseLoopTest, TimelineIsBounded) {
  Finding finding = open_finding(R"({"case":"noise"})");
  for (int i = 0; i < 500; ++i) {
    clear(finding);
    set_status(finding, FindingStatus::active);
  }
  EXPECT_EQ(only_case().timeline.size(), 400u);
  EXPECT_EQ(only_case().timeline.front().verb, "file");
}

TEST_F(CaseLoopTest, EndedCasesGoToTheArchiveAfterAWhile) {
  Finding finding = open_finding(R"({"case":"flooding"})");
  const EntityId id = only_case().id;
  clear(finding);
  city.pass(seconds(10));
  EXPECT_EQ(act(id, "note", "user:op", "kept").status, ActionStatus::done);
  const flow::Case before = get_case(id);
  const std::size_t full = city.checkpoint().size();
  city.jump(std::chrono::hours(7 * 24 + 1));
  EXPECT_LT(city.checkpoint().size(), full - 500);
  EXPECT_EQ(city.get(id), nullptr) << "its entity is gone";
  EXPECT_TRUE(city.all("Notice").empty()) << "and its notices";
  EXPECT_EQ(city.loop().stats().archived, 1u);
  EXPECT_EQ(act(id, "note", "user:op", "gone").status, ActionStatus::refused);
  int found = 0;
  for (const auto& [place, row] : city.tables()) {
    if (place.first != store::Table::archive || !place.second.starts_with('c')) continue;
    const auto archived = case_from_image(row);
    ASSERT_TRUE(archived) << archived.error().message;
    EXPECT_EQ(case_image(to_write(*archived)), case_image(to_write(before))) << "as it was when it ended";
    ++found;
  }
  EXPECT_EQ(found, 1);
}

// Where a case's entity says all of it, its row says the rest only; after a restart it is the same case.
TEST(CaseRows, SayOnlyWhatTheEntityDoesNot) {
  test::SmallCity<CaseLoop>* here = nullptr;
  const auto make = [&here] {
    CaseLoopOptions options;
    options.entity_of = [&here](EntityId id) { return here->get(id); };
    return std::make_unique<CaseLoop>(std::move(options));
  };
  test::SmallCity<CaseLoop> lean(make), whole(test::make_case_loop);
  here = &lean;
  const auto bytes = [](const test::SmallCity<CaseLoop>& city) {
    std::size_t out = 0;
    for (const auto& [key, value] : city.rows().all) out += key.starts_with(CaseBook::kCaseRow) ? value.size() : 0;
    return out;
  };
  for (auto* city : {&lean, &whole}) {
    city->write({test::city_rules(kKinds)->to_write(test::kStart)}, "app");
    for (int i = 0; i < 20; ++i) {
      Finding finding;
      finding.id = EntityId(fmt::format("urn:ngsi-ld:Finding:deep:{}", i));
      finding.rule = "deep";
      finding.about = EntityId(fmt::format("urn:ngsi-ld:Thing:{}", i));
      finding.title = {"水深", "deep"};
      finding.opened_at = city->now();
      finding.why = "{}";
      finding.response = R"({"case":"noise"})";
      city->write({to_write(finding)}, "loop:rules");
    }
    city->pass(seconds(3));
  }
  EXPECT_LT(bytes(lean) * 3, bytes(whole));
  lean.restart();
  whole.restart();
  for (auto* city : {&lean, &whole}) {
    for (const auto& entity : city->all("Case")) {
      Action action;
      action.id = EntityId(fmt::format("urn:ngsi-ld:Action:{}", entity->id.text()));
      action.target = entity->id;
      action.verb = "note";
      action.by = "user:op";
      action.note = "seen";
      test::dress(action, entity);
      city->write({to_write(action)}, action.by);
    }
    city->pass(seconds(60));
  }
  EXPECT_TRUE(lean.written() == whole.written());
}

// What is kept at any time is what would be saved whole (small_city.h asserts it at each restart); a record about one
// case costs the rows of that case, however many others there are.
TEST_F(CaseLoopTest, ACheckpointCostsByWhatChanged) {
  for (int i = 0; i < 200; ++i) open_finding(R"({"case":"noise"})", fmt::format("u{}", i));
  const EntityId id = city.all("Case").front()->id;
  const std::size_t before = city.rows().puts;
  act(id, "note", "user:op", "a word");
  EXPECT_LE(city.rows().puts - before, 8u) << "the action's record and that of the answer: the head, the case";
  EXPECT_GE(city.rows().all.size(), 200u);
  city.restart();
  EXPECT_EQ(act(id, "note", "user:op", "another").status, ActionStatus::done);
}

TEST_F(CaseLoopTest, DamagedCheckpointIsAnError) {
  open_finding(kPumpResponse);
  const std::string whole = city.checkpoint();
  const std::size_t tail = 2000;
  ASSERT_GT(whole.size(), tail);
  for (std::size_t size = whole.size() - tail; size < whole.size(); size += 7) {
    base::ByteReader in(std::string_view(whole).substr(0, size));
    EXPECT_FALSE(test::make_case_loop()->load(in)) << size;
  }
}

}  // namespace
}  // namespace cityloop::casework
