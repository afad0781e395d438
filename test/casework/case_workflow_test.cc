// The shipped workflow as people live it: the seven steps, what is asked for and granted, clocks that stand still,
// joint cases, plans, and a version that a case keeps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json_value.h"
#include "test/casework/case_desk.h"

namespace cityloop::casework {
namespace {

using flow::Action;
using flow::ActionStatus;
using flow::CaseOutcome;
using flow::Finding;
using flow::FindingStatus;
using flow::TaskState;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

// The small city begins on Monday 2026-03-02 at 08:00 UTC; the office works by UTC here.
constexpr const char* kKinds = R"(
[[calendar]]
id = "office"
name = { zh = "工作时间", en = "office hours" }
days = ["mon", "tue", "wed", "thu", "fri"]
shifts = ["08:00-12:00", "13:00-17:00"]
[[case]]
id = "road"
name = { zh = "道路破损", en = "Damaged road" }
department = "roads"
calendar = "office"
accept_within = "2h"
close_within = "2wd"
task_within = "3h"
verify_hold = "0s"
escalate_to = "supervisor"
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
department = "water"
close_within = "10h"
verify_hold = "10m"
escalate_to = "supervisor"
[[plan]]
id = "flood"
name = { zh = "积水预案", en = "Flood plan" }
kinds = ["flooding"]
severity = "severe"
[[plan.check]]
id = "barrier"
text = { zh = "拦住车辆", en = "Stop the traffic" }
[[plan.call]]
name = { zh = "交警", en = "Traffic police" }
phone = "0000"
[[plan.command]]
device = "urn:ngsi-ld:Device:sign-1"
name = "message"
value = "closed"
why = { zh = "提示绕行", en = "Send drivers elsewhere" }
)";

constexpr std::string_view kTable =
    "code,type,class_zh,class_en,name_zh,name_en,condition,department,kind,standard_zh,standard_en,limit,calendar\n"
    "0107,event,市容,Scene,塌陷,Sunken road,A,traffic,road,x,y,1h,always\n";

class CaseWorkflow : public testing::Test, protected test::CaseDesk {
 protected:
  CaseWorkflow() : CaseDesk(kKinds, {{"categories.csv", std::string(kTable)}}) {}

  flow::EntityId filed(const std::string& fields = R"({"kind":"road","title":"hole"})", std::string by = "user:op") {
    const Action action = act({}, "file", std::move(by), "", fields);
    EXPECT_EQ(action.status, ActionStatus::done) << action.reason;
    return action.target;
  }
  void done(flow::EntityId id, std::string verb, std::string by, std::string note = "so", std::string fields = "") {
    const Action action = act(id, verb, by, note, fields);
    EXPECT_EQ(action.status, ActionStatus::done) << by << " " << verb << ": " << action.reason;
  }
  std::string refused(flow::EntityId id, std::string verb, std::string by, std::string note = "so",
                      std::string fields = "") {
    const Action action = act(id, verb, by, note, fields);
    EXPECT_EQ(action.status, ActionStatus::refused) << by << " " << verb;
    return action.reason;
  }
  flow::CaseClock clock(flow::EntityId id, std::string_view which) {
    for (const flow::CaseClock& one : get_case(id).clocks) {
      if (one.id == which) return one;
    }
    ADD_FAILURE() << "no clock " << which;
    return {};
  }
  std::size_t count_code(flow::EntityId id, std::string_view code) {
    std::size_t n = 0;
    for (const flow::CaseStep& step : get_case(id).timeline) n += step.code == code;
    return n;
  }
  std::vector<std::string> notices_to(std::string_view whom) {
    std::vector<std::string> out;
    for (const auto& one : city.all("Notice")) {
      if (one->text(flow::Name("to")) == whom) out.push_back(flow::language_field(*one, "text").en);
    }
    return out;
  }
};

TEST_F(CaseWorkflow, SevenStepsFromAReportToItsRating) {
  const flow::EntityId id = filed(R"({"kind":"road","title":"hole","report":true})", "user:citizen");
  EXPECT_EQ(get_case(id).state, "received");
  EXPECT_EQ(get_case(id).stage, flow::CaseStage::intake);
  EXPECT_EQ(get_case(id).opened_by, "user:citizen");
  refused(id, "take_up", "user:citizen");
  done(id, "take_up", "user:op");
  EXPECT_EQ(get_case(id).state, "dispatched") << "its kind dispatches by itself";
  EXPECT_EQ(get_case(id).department, "roads");
  refused(id, "accept", "user:worker@water");
  done(id, "accept", "user:worker@roads");
  EXPECT_EQ(get_case(id).timeline.back().role, "worker@department") << "the log says as whom";
  done(id, "report", "user:worker@roads", "filled");
  EXPECT_EQ(get_case(id).worked_by, "user:worker@roads");
  refused(id, "rate", "user:citizen", "", R"({"rating":"5"})");
  done(id, "verify", "user:op", "", R"({"result":"pass"})");
  EXPECT_EQ(get_case(id).state, "closed");
  EXPECT_EQ(get_case(id).stage, flow::CaseStage::rating);
  EXPECT_THAT(notices_to("user:citizen"), testing::ElementsAre("Closed: hole"));
  refused(id, "rate", "user:stranger", "", R"({"rating":"5"})");
  refused(id, "rate", "user:citizen", "", R"({"rating":"6"})");
  done(id, "rate", "user:citizen", "", R"({"rating":"4"})");
  EXPECT_EQ(get_case(id).rating, 4u);
}

TEST_F(CaseWorkflow, NotTakenUpCarriesItsReason) {
  const flow::EntityId id = filed(R"({"kind":"road","title":"hole","report":true})", "user:citizen");
  EXPECT_THAT(refused(id, "refuse", "user:op", ""), HasSubstr("'refuse' needs 'note'"));
  done(id, "refuse", "user:op", "private ground");
  EXPECT_EQ(get_case(id).outcome, CaseOutcome::refused);
  EXPECT_EQ(get_case(id).timeline.back().note, "private ground");
}

TEST_F(CaseWorkflow, DeadlinesRunInWorkingTime) {
  city.jump(hours(3) + minutes(30));  // 11:30
  const flow::EntityId id = filed();
  EXPECT_EQ(clock(id, "accept").due_at, test::kStart + hours(6) + minutes(30))
      << "half an hour, lunch, and one and a half";
  EXPECT_EQ(get_case(id).due_at, test::kStart + hours(48 + 3) + minutes(30)) << "Wednesday at half past eleven";
  EXPECT_EQ(clock(id, "close").limit, hours(16));
  city.jump(hours(2));  // 13:30: an hour of two, not yet yellow
  EXPECT_EQ(count_code(id, "accept_warning"), 0u);
  city.jump(minutes(37));
  EXPECT_EQ(count_code(id, "accept_warning"), 1u);
  EXPECT_TRUE(clock(id, "accept").yellow);
  city.jump(minutes(23));
  EXPECT_TRUE(clock(id, "accept").missed);
  EXPECT_TRUE(get_case(id).overdue);
  EXPECT_THAT(notices_to("supervisor"), testing::ElementsAre("Escalated: hole"));
}

TEST_F(CaseWorkflow, ExtensionIsAskedForAndGrantedBySomebodyElse) {
  const flow::EntityId id = filed();
  done(id, "accept", "user:worker@roads");
  const flow::Instant due = get_case(id).due_at;
  EXPECT_THAT(refused(id, "extend", "user:worker@roads", "rain"), HasSubstr("hours"));
  EXPECT_THAT(refused(id, "extend", "user:worker@roads", "rain", R"({"hours":-1})"), HasSubstr("hours"));
  done(id, "extend", "user:worker@roads", "rain", R"({"hours":4,"not_asked_for":1})");
  EXPECT_EQ(get_case(id).due_at, due) << "asked for is not granted";
  EXPECT_EQ(get_case(id).requests.at(0).given, R"({"hours":4})");
  EXPECT_THAT(refused(id, "extend", "user:worker@roads", "again", R"({"hours":4})"), HasSubstr("waits for a decision"));
  EXPECT_THAT(refused(id, "grant", "user:worker@roads", "", R"({"request":1})"), HasSubstr("asked for it"));
  refused(id, "grant", "user:worker2@roads", "", R"({"request":1})");
  refused(id, "grant", "user:op", "", R"({"request":7})");
  done(id, "grant", "user:op", "", R"({"request":1})");
  EXPECT_EQ(get_case(id).due_at, due + hours(19)) << "Tuesday 17:00 becomes Wednesday 12:00";
  EXPECT_EQ(clock(id, "close").extended, hours(4));
  EXPECT_TRUE(get_case(id).requests.empty());
  done(id, "extend", "user:worker@roads", "more", R"({"hours":1})");
  EXPECT_THAT(refused(id, "deny", "user:op", "", R"({"request":2})"), HasSubstr("needs 'note'"));
  done(id, "deny", "user:op", "enough", R"({"request":2})");
  EXPECT_EQ(clock(id, "close").extended, hours(4));
}

TEST_F(CaseWorkflow, ADeadlineThatWasExtendedMayBeMissedOnceMore) {
  const flow::EntityId id = filed();
  done(id, "accept", "user:worker@roads");
  city.jump(hours(49));
  EXPECT_EQ(count_code(id, "close_missed"), 1u);
  done(id, "extend", "user:worker@roads", "rain", R"({"hours":8})");
  done(id, "grant", "user:op", "", R"({"request":1})");
  EXPECT_FALSE(get_case(id).overdue);
  city.jump(hours(25));
  EXPECT_EQ(count_code(id, "close_missed"), 2u);
  city.jump(hours(24 * 7));
  EXPECT_EQ(count_code(id, "close_missed"), 2u) << "each limit is missed once";
  EXPECT_EQ(count_code(id, "close_escalated"), 1u) << "and escalated again when twice its length is over";
}

TEST_F(CaseWorkflow, SuspensionStopsTheClocksUntilItIsLifted) {
  const flow::EntityId id = filed();
  done(id, "accept", "user:worker@roads");
  city.jump(hours(2));
  done(id, "suspend", "user:worker@roads", "waits for parts");
  refused(id, "grant", "user:op", "", R"({"request":1})");
  done(id, "grant", "user:boss", "", R"({"request":1})");
  EXPECT_EQ(get_case(id).state, "suspended");
  EXPECT_EQ(get_case(id).due_at, flow::kNever);
  EXPECT_EQ(clock(id, "close").used, hours(2));
  city.jump(hours(24 * 10));
  EXPECT_FALSE(get_case(id).overdue);
  EXPECT_EQ(count_code(id, "close_missed"), 0u);
  done(id, "resume", "user:worker@roads", "parts are here");
  done(id, "grant", "user:op", "", R"({"request":2})");
  EXPECT_EQ(get_case(id).state, "working") << "back to where it was";
  EXPECT_EQ(get_case(id).holder, "user:worker@roads");
  EXPECT_EQ(clock(id, "close").stood, hours(24 * 10));
  const auto rules = city.loop().rules();
  EXPECT_EQ(rules->calendars().get("office").between(city.now(), get_case(id).due_at), hours(14));
}

TEST_F(CaseWorkflow, ReturnTransferSupervisionReworkReopenAndCancel) {
  const flow::EntityId id = filed();
  done(id, "transfer", "user:worker@roads", "not ours", R"({"department":"water"})");
  EXPECT_THAT(refused(id, "transfer", "user:worker@roads", "not ours", R"({"department":"water"})"),
              HasSubstr("waits"));
  done(id, "grant", "user:op", "", R"({"request":1})");
  EXPECT_EQ(get_case(id).department, "water");
  EXPECT_EQ(get_case(id).state, "dispatched");
  refused(id, "accept", "user:worker@roads");
  done(id, "supervise", "user:op", "press is here");
  refused(id, "grant", "user:op2", "", R"({"request":2})");
  done(id, "grant", "user:boss", "", R"({"request":2})");
  EXPECT_TRUE(get_case(id).supervised);
  done(id, "accept", "user:worker@water");
  done(id, "return", "user:worker@water", "not ours either");
  done(id, "withdraw", "user:worker@water", "", R"({"request":3})");
  EXPECT_TRUE(get_case(id).requests.empty());
  done(id, "report", "user:worker@water");
  done(id, "rework", "user:op", "still loose");
  done(id, "grant", "user:op2", "", R"({"request":4})");
  EXPECT_EQ(get_case(id).state, "working");
  done(id, "report", "user:worker@water");
  done(id, "close", "user:op");
  done(id, "reopen", "user:op", "open again");
  EXPECT_EQ(get_case(id).state, "closed");
  done(id, "grant", "user:boss", "", R"({"request":5})");
  EXPECT_EQ(get_case(id).state, "filed");
  EXPECT_TRUE(get_case(id).is_open());
  EXPECT_EQ(get_case(id).closed_at, flow::kNever);
  EXPECT_TRUE(get_case(id).department.empty());
  done(id, "cancel", "user:op", "seen twice");
  done(id, "grant", "user:boss", "", R"({"request":6})");
  EXPECT_EQ(get_case(id).outcome, CaseOutcome::false_alarm);
}

TEST_F(CaseWorkflow, ARequestLapsesWhenTheCaseMovesOn) {
  const flow::EntityId id = filed();
  done(id, "accept", "user:worker@roads");
  done(id, "extend", "user:worker@roads", "rain", R"({"hours":4})");
  done(id, "report", "user:worker@roads");
  EXPECT_TRUE(get_case(id).requests.empty());
  EXPECT_EQ(count_code(id, "request_lapsed"), 1u);
  refused(id, "grant", "user:op", "", R"({"request":1})");
}

TEST_F(CaseWorkflow, AnUndecidedRequestIsEscalatedOnce) {
  const flow::EntityId id = filed();
  done(id, "extend", "user:worker@roads", "rain", R"({"hours":4})");
  city.jump(hours(24));
  city.jump(hours(24));
  EXPECT_EQ(count_code(id, "decide_missed"), 1u);
}

TEST_F(CaseWorkflow, ASensorsCaseNeverEndsBeforeItsHoldAndAReopenedOneIsPeoples) {
  Finding finding = open_finding(R"({"case":"flooding"})");
  const flow::EntityId id = only_case().id;
  done(id, "accept", "user:worker@water");
  done(id, "report", "user:worker@water");
  clear(finding);
  city.pass(minutes(1));
  EXPECT_THAT(refused(id, "close", "user:op"), HasSubstr("long enough"));
  EXPECT_THAT(refused(id, "verify", "user:op", "", R"({"result":"pass"})"), HasSubstr("only just cleared"));
  set_status(finding, FindingStatus::active);
  EXPECT_EQ(get_case(id).state, "working") << "it comes back";
  done(id, "report", "user:worker@water");
  clear(finding);
  city.pass(minutes(10));
  EXPECT_EQ(get_case(id).state, "closed");
  done(id, "reopen", "user:op", "the sensor is blind there");
  done(id, "grant", "user:boss", "", R"({"request":2})");
  city.pass(minutes(30));
  EXPECT_EQ(get_case(id).state, "filed") << "the twin has had its say";
  done(id, "dispatch", "user:op", "", R"({"department":"water"})");
  done(id, "accept", "user:worker@water");
  done(id, "report", "user:worker@water");
  EXPECT_EQ(get_case(id).state, "reported") << "a person verifies now";
  refused(id, "verify", "user:worker@water", "", R"({"result":"pass"})");
  done(id, "verify", "user:op", "", R"({"result":"pass"})");
  EXPECT_EQ(get_case(id).outcome, CaseOutcome::confirmed);
}

TEST_F(CaseWorkflow, WhoeverWorkedDoesNotVerifyWhateverTheRoles) {
  const flow::EntityId id = filed();
  const auto take = [&](std::string verb, std::string fields = "") {
    Action action;
    action.id = flow::EntityId(fmt::format("urn:ngsi-ld:Action:both-{}-{}", verb, ++actions));
    action.target = id;
    action.verb = std::move(verb);
    action.by = "user:both";
    action.roles = {"worker", "operator"};
    action.department = "roads";
    action.fields = std::move(fields);
    action.at = city.now();
    city.write({to_write(action)}, action.by);
    return flow::action_from(*city.get(action.id)).value();
  };
  EXPECT_EQ(take("accept").status, ActionStatus::done);
  EXPECT_EQ(take("report").status, ActionStatus::done);
  EXPECT_THAT(take("verify", R"({"result":"pass"})").reason, HasSubstr("cannot verify it too"));
  EXPECT_THAT(take("close").reason, HasSubstr("cannot verify it too"));
  done(id, "verify", "user:op", "", R"({"result":"pass"})");
}

TEST_F(CaseWorkflow, JointTasksInParallelMustAllReportBeforeFeedback) {
  const flow::EntityId id = filed();
  done(id, "accept", "user:worker@roads");
  refused(id, "join", "user:worker2@roads", "", R"({"assisting":["water"]})");
  EXPECT_THAT(refused(id, "join", "user:op", "", R"({"assisting":["roads"]})"), HasSubstr("leads"));
  refused(id, "join", "user:op", "", R"({"assisting":[]})");
  done(id, "join", "user:op", "", R"({"assisting":["water","lighting"],"what":"find the leak"})");
  ASSERT_EQ(get_case(id).tasks.size(), 2u);
  EXPECT_EQ(get_case(id).tasks[0].state, TaskState::open);
  EXPECT_EQ(get_case(id).tasks[1].state, TaskState::open);
  EXPECT_EQ(clock(id, "task-1").limit, hours(3));
  EXPECT_THAT(refused(id, "report", "user:worker@roads"), HasSubstr("assisting department has not reported"));
  EXPECT_THAT(refused(id, "task_accept", "user:worker@lighting", "", R"({"task":"1"})"),
              HasSubstr("another department's"));
  EXPECT_THAT(refused(id, "task_report", "user:worker@water", "done", R"({"task":"1"})"),
              HasSubstr("nobody has accepted"));
  done(id, "task_accept", "user:worker@water", "", R"({"task":"1"})");
  done(id, "task_report", "user:worker@water", "no leak", R"({"task":"1"})");
  refused(id, "report", "user:worker@roads");
  city.jump(hours(4));
  EXPECT_EQ(count_code(id, "task_missed"), 1u) << "the lighting's own clock has run out, the water's had ended";
  done(id, "task_accept", "user:worker@lighting", "", R"({"task":"2"})");
  done(id, "task_report", "user:worker@lighting", "lamp moved", R"({"task":"2"})");
  EXPECT_EQ(count_code(id, "tasks_done"), 1u);
  done(id, "report", "user:worker@roads");
}

TEST_F(CaseWorkflow, JointTasksInSequenceWaitTheirTurn) {
  const flow::EntityId id = filed();
  done(id, "accept", "user:worker@roads");
  done(id, "join", "user:op", "", R"({"assisting":["water","lighting"],"sequence":true})");
  EXPECT_EQ(get_case(id).tasks[1].state, TaskState::waiting);
  refused(id, "task_accept", "user:worker@lighting", "", R"({"task":"2"})");
  done(id, "task_drop", "user:op", "not needed", R"({"task":"1"})");
  EXPECT_EQ(get_case(id).tasks[1].state, TaskState::open) << "the next one's turn";
  EXPECT_EQ(clock(id, "task-2").started_at, city.now());
  done(id, "return", "user:worker@roads", "not ours");
  done(id, "grant", "user:op", "", R"({"request":1})");
  EXPECT_EQ(get_case(id).tasks[1].state, TaskState::dropped) << "what is returned leaves no tasks behind";
}

TEST_F(CaseWorkflow, APlanBringsItsListAndCommandsThatWaitForAWord) {
  open_finding(R"({"case":"flooding"})");
  const flow::EntityId id = only_case().id;
  EXPECT_EQ(only_case().plan, "flood");
  ASSERT_EQ(only_case().requests.size(), 1u);
  EXPECT_TRUE(city.all("Command").empty()) << "nothing runs before it is approved";
  refused(id, "grant", "user:worker@water", "", R"({"request":1})");
  done(id, "grant", "user:op", "", R"({"request":1})");
  ASSERT_EQ(city.all("Command").size(), 1u);
  const flow::Command command = flow::command_from(*city.all("Command").front()).value();
  EXPECT_EQ(command.device.text(), "urn:ngsi-ld:Device:sign-1");
  EXPECT_EQ(command.value, "\"closed\"");
  EXPECT_EQ(command.requested_by, "user:op");
  EXPECT_EQ(command.for_case, id);
  EXPECT_THAT(refused(id, "check", "user:worker@water", "", R"({"item":"roof"})"), HasSubstr("'roof'"));
  done(id, "check", "user:worker@water", "", R"({"item":"barrier"})");
  EXPECT_EQ(only_case().checklist.at(0).done_by, "user:worker@water");
  refused(id, "check", "user:worker@water", "", R"({"item":"barrier"})");
}

TEST_F(CaseWorkflow, ACategoryGivesDepartmentKindAndLimit) {
  const flow::EntityId id = filed(R"({"category":"event-0107-A","title":"sunken"})");
  EXPECT_EQ(get_case(id).kind, "road");
  EXPECT_EQ(get_case(id).department, "traffic");
  EXPECT_EQ(get_case(id).due_at, city.now() + hours(1)) << "by its own calendar";
  EXPECT_EQ(act({}, "file", "user:op", "", R"({"category":"event-9999","kind":"road"})").status, ActionStatus::refused);
}

TEST_F(CaseWorkflow, PhotosAndPlaceAreChecked) {
  const flow::EntityId id = filed();
  EXPECT_THAT(refused(id, "note", "user:op", "look", R"({"photos":"one"})"), HasSubstr("'photos'"));
  EXPECT_THAT(refused(id, "note", "user:op", "look", R"({"location":"there"})"), HasSubstr("'location'"));
  done(id, "note", "user:op", "look", R"({"photos":["/p/1.jpg"],"location":{"type":"Point","coordinates":[120,30]}})");
  EXPECT_THAT(get_case(id).timeline.back().given, HasSubstr("/p/1.jpg"));
}

TEST_F(CaseWorkflow, ARunningCaseKeepsTheVersionItBeganWithAlsoAfterARestart) {
  const flow::EntityId old = filed();
  const std::string before = city.loop().rules()->version();
  std::string workflow = test::shipped_workflow();
  const std::string accept = "verb = \"accept\"\nname = { zh = \"接单\", en = \"Accept\" }";
  ASSERT_NE(workflow.find(accept), workflow.npos);
  workflow.replace(workflow.find(accept), accept.size(), "verb = \"begin\"\nname = { zh = \"开工\", en = \"Begin\" }");
  const auto changed = CaseRules::parse({{"cases.toml", kKinds}, {"workflow.toml", workflow}}, {});
  ASSERT_TRUE(changed) << changed.error().message;
  city.write({(*changed)->to_write(city.now())}, "app");
  EXPECT_EQ(city.loop().rules()->version(), (*changed)->version());
  const flow::EntityId young = filed();
  EXPECT_EQ(get_case(old).rules, before);
  EXPECT_EQ(get_case(young).rules, (*changed)->version());
  city.restart();
  refused(young, "accept", "user:worker@roads");
  done(young, "begin", "user:worker@roads");
  refused(old, "begin", "user:worker@roads");
  done(old, "accept", "user:worker@roads");
  city.write({test::city_rules(kKinds, {{"categories.csv", std::string(kTable)}})->to_write(city.now())}, "app");
  EXPECT_EQ(city.loop().rules()->version(), before) << "a version that comes back is the same";
}

// Every verb, by everybody, in every state that a case comes into here: whoever the table of the workflow does not name
// is refused, and the case is as it was.
TEST_F(CaseWorkflow, WhoMayNotIsRefusedOnEveryStep) {
  const flow::EntityId id = filed();
  const Workflow& flow = city.loop().rules()->workflows().front();
  const char* const people[] = {"user:op9", "user:boss9", "user:worker9@roads", "user:worker9@water", "user:citizen"};
  std::size_t denials = 0;
  const auto try_all = [&] {
    for (const Transition& step : flow.transitions) {
      if (!step.event.empty()) continue;
      for (const char* who : people) {
        const flow::Case now = get_case(id);
        Action probe;
        probe.by = who;
        test::dress(probe, city.get(id));
        const CaseActor actor{probe.by, probe.roles, probe.department};
        bool named = false;
        for (const Transition& other : flow.transitions)
          named |= other.event.empty() && other.verb == step.verb && !acting_as(other.by, now, actor).empty();
        if (named) continue;
        refused(id, step.verb, who, "so",
                R"({"department":"water","result":"pass","hours":1,"rating":"3","task":"1"})");
        EXPECT_TRUE(get_case(id).timeline.size() == now.timeline.size() && get_case(id).state == now.state);
        ++denials;
      }
    }
  };
  try_all();
  done(id, "accept", "user:worker@roads");
  try_all();
  done(id, "report", "user:worker@roads");
  try_all();
  done(id, "verify", "user:op", "", R"({"result":"pass"})");
  try_all();
  EXPECT_GT(denials, 150u);
}

}  // namespace
}  // namespace cityloop::casework
