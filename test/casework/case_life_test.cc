// Random lives of many cases: whatever people, devices, sensors and clocks do, no case takes a step that its workflow
// does not know, every step says who and when, no deadline is told twice, and the same log gives the same cases.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/json_value.h"
#include "base/rng.h"
#include "casework/case_loop.h"
#include "flow/noun.h"
#include "test/casework/city_rules.h"
#include "test/casework/small_city.h"

namespace cityloop::casework {
namespace {

using flow::Action;
using flow::CommandStatus;
using flow::Finding;
using flow::FindingStatus;
using std::chrono::seconds;

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
close_within = "60s"
task_within = "20s"
escalate_to = "operator"
auto_close = false
[[case]]
id = "smoke"
name = { zh = "烟", en = "Smoke" }
department = "fire"
verify_hold = "5s"
cleared_early = "false_alarm"
[[case]]
id = "pothole"
name = { zh = "坑洼", en = "Pothole" }
verify_hold = "0s"
auto_dispatch = false
[[plan]]
id = "flood"
name = { zh = "积水预案", en = "Flood plan" }
kinds = ["flooding"]
[[plan.check]]
id = "barrier"
text = { zh = "拦住车辆", en = "Stop the traffic" }
[[plan.command]]
device = "urn:ngsi-ld:Device:sign-1"
name = "message"
value = "closed"
why = { zh = "提示绕行", en = "Send drivers elsewhere" }
)";

constexpr const char* kPump =
    R"({"case":"flooding","command":{"device":"urn:ngsi-ld:Device:pump-1","name":"pump","value":true}})";

std::unique_ptr<CaseLoop> make_loop() {
  return std::make_unique<CaseLoop>(CaseLoopOptions{});
}

// Every way from one state to another that the workflow's own tables hold, by verb.
std::set<std::tuple<std::string, std::string, std::string>> ways_of(const Workflow& flow) {
  std::set<std::tuple<std::string, std::string, std::string>> out;
  const auto add = [&](const Transition& step) {
    for (const int from : step.from) {
      for (std::size_t to = 0; to < flow.states.size(); ++to) {
        if (step.to == int(to) || step.to == kBack)
          out.emplace(flow.states[std::size_t(from)].id, step.verb, flow.states[to].id);
      }
    }
  };
  for (const Transition& step : flow.transitions) add(step);
  for (const RequestKind& request : flow.requests) add(request.granted);
  return out;
}

class RandomLife {
 public:
  RandomLife(std::uint64_t seed, bool reload) : rng_(seed), city_(make_loop, reload), rules_(test::city_rules(kKinds)) {
    ways_ = ways_of(rules_->workflows().front());
    city_.write({rules_->to_write(test::kStart)}, "app");
  }

  std::string run(int steps) {
    for (int i = 0; i < steps; ++i) {
      switch (rng_.below(16)) {
        case 0: open(); break;
        case 1: flip(); break;
        case 2: command(); break;
        case 3: city_.pass(seconds(1 + rng_.below(12))); break;
        default: person();
      }
      check();
      if (testing::Test::HasFatalFailure()) break;
    }
    return city_.written();
  }
  const std::set<std::string>& states_seen() const { return states_seen_; }
  const std::set<std::string>& verbs_done() const { return verbs_done_; }

 private:
  void open() {
    static const char* const kResponses[] = {kPump, R"({"case":"noise"})", R"({"case":"smoke"})",
                                             R"({"case":"pothole"})"};
    Finding finding;
    const std::uint64_t which = rng_.below(4);
    finding.rule = fmt::format("rule-{}", which);
    finding.about = EntityId(fmt::format("urn:ngsi-ld:Thing:{}", rng_.below(3)));
    finding.id = EntityId(fmt::format("urn:ngsi-ld:Finding:{}:{}", finding.rule, ++count_));
    finding.opened_at = city_.now();
    finding.response = kResponses[which];
    finding.why = "{}";
    findings_.push_back(finding);
    city_.write({to_write(finding)}, "loop:rules");
  }
  void flip() {
    if (findings_.empty()) return;
    Finding& finding = findings_[rng_.below(findings_.size())];
    const bool active = finding.status == FindingStatus::active;
    finding.status = active ? FindingStatus::cleared : FindingStatus::active;
    finding.cleared_at = active ? city_.now() : kNever;
    city_.write({to_write(finding)}, "loop:rules");
  }
  void command() {
    const auto commands = city_.all("Command");
    if (commands.empty()) return;
    flow::Command one = flow::command_from(*commands[rng_.below(commands.size())]).value();
    one.status = CommandStatus(rng_.below(9));
    one.reason = "because";
    city_.write({to_write(one)}, "loop:act");
  }
  // Mostly what the case offers to somebody, sometimes anything.
  void person() {
    static const char* const kPeople[] = {"user:op1",     "user:op2",           "user:boss",          "user:worker1",
                                          "user:worker2", "user:workera@roads", "user:workerb@roads", "user:nobody"};
    Action action;
    action.id = EntityId(fmt::format("urn:ngsi-ld:Action:{}", ++count_));
    action.by = kPeople[rng_.below(std::size(kPeople))];
    action.note = rng_.below(4) ? "so it is" : "";
    const auto cases = city_.all("Case");
    if (cases.empty() || rng_.below(12) == 0) {
      action.verb = "file";
      action.fields = rng_.below(2) ? R"({"kind":"pothole","title":"hole","report":true})" : R"({"kind":"pothole"})";
    } else {
      const auto& entity = cases[rng_.below(cases.size())];
      action.target = entity->id;
      test::dress(action, entity);
      choose_verb(action, flow::case_from(*entity).value());
    }
    test::dress(action, city_.get(action.target));
    city_.write({to_write(action)}, action.by);
    const Action done = flow::action_from(*city_.get(action.id)).value();
    if (done.status == flow::ActionStatus::done) verbs_done_.insert(done.verb);
  }
  void choose_verb(Action& action, const flow::Case& one) {
    const Workflow& flow = rules_->workflows().front();
    std::vector<std::string> verbs{"grant", "deny", "withdraw", "accept", "report", "verify", "close", "nonsense"};
    const CaseKind& kind = *rules_->find_kind(one.kind);
    for (const auto& offer :
         available_actions({one, flow, kind, city_.now()}, {action.by, action.roles, action.department})) {
      static const std::set<std::string> forward{"accept", "report", "grant",   "task_accept", "task_report",
                                                 "resume", "rework", "suspend", "recall",      "unmerge"};
      for (int weight = forward.contains(offer.verb) ? 16 : 2; weight > 0; --weight) verbs.push_back(offer.verb);
    }
    action.verb = verbs[rng_.below(verbs.size())];
    static const char* const kFields[] = {R"("result":"pass","department":"roads","hours":0.01)",
                                          R"("result":"fail","department":"water","hours":2)"};
    const auto cases = city_.all("Case");
    const std::string_view other = cases[rng_.below(cases.size())]->id.text();
    action.fields = fmt::format(
        R"({{"into":"{}","cases":["{}"],"body":"grid",{},"assisting":["roads"],"task":"{}","item":"barrier","rating":"4","device":"urn:x:d","name":"n","value":1,"crew":"pipes","turn":1,"request":{}}})",
        other, other, kFields[rng_.below(2)], 1 + rng_.below(2), 1 + rng_.below(3));
  }

  void check() {
    std::map<std::string, int> open;
    for (const auto& entity : city_.all("Case")) {
      const flow::Case one = flow::case_from(*entity).value();
      if (one.is_open() && !one.rule.empty()) ASSERT_EQ(++open[one.rule + std::string(one.about.text())], 1);
      check_one(one);
      if (testing::Test::HasFatalFailure()) return;
    }
    for (const auto& entity : city_.all("Action")) {
      if (entity->text(flow::Name("verb")) == "withdraw" && entity->text(flow::Name("by")) == kLoop) continue;
      ASSERT_NE(entity->text(flow::Name("status")), "requested") << "every wish of a person is answered";
    }
  }

  void check_one(const flow::Case& one) {
    const std::string who(one.id.text());
    const Workflow& flow = rules_->workflows().front();
    const State& state = flow.state(one.state);
    states_seen_.insert(one.state);
    ASSERT_EQ(one.timeline.back().to, one.state) << who;
    ASSERT_EQ(one.is_open(), !state.final) << who;
    ASSERT_EQ(one.outcome, state.final ? state.outcome : flow::CaseOutcome::open) << who;
    const bool sensed = !one.finding.empty() && !one.reopened;
    if (one.state == "closed" && sensed) ASSERT_LE(one.cleared_at + one.verify_hold, one.closed_at) << who;
    check_timeline(one);
    for (const flow::CaseClock& clock : one.clocks) {
      const bool active = clock.ended_at == kNever;
      const bool stands = state.stands || state.merged();
      if (state.final && !state.merged() && !clock.id.starts_with("request-"))
        ASSERT_FALSE(active) << who << " " << clock.id;
      if (active && stands && !clock.id.starts_with("request-")) ASSERT_EQ(clock.running_since, kNever) << who;
      if (active && !stands) ASSERT_NE(clock.due_at, kNever) << who << " " << clock.id;
      if (active && clock.due_at != kNever && clock.due_at <= city_.now() && clock.id == "close")
        ASSERT_TRUE(clock.missed) << who;
    }
    for (const flow::CaseRequest& request : one.requests)
      ASSERT_TRUE(state.merged() || flow.find_request(request.kind)->granted.leaves(flow.find_state(one.state))) << who;
  }

  void check_timeline(const flow::Case& one) {
    std::set<std::pair<std::string, std::string>> told;
    const flow::CaseStep* before = nullptr;
    for (const flow::CaseStep& step : one.timeline) {
      ASSERT_FALSE(step.by.empty());
      ASSERT_NE(step.at, kNever);
      if (step.by.starts_with("user:") && step.verb != "command" && step.verb != "file")
        ASSERT_FALSE(step.role.empty()) << step.verb;
      const bool deadline =
          step.code.ends_with("_missed") || step.code.ends_with("_warning") || step.code.ends_with("_escalated");
      if (deadline)
        ASSERT_TRUE(told.emplace(step.code, step.note).second) << one.id.text() << " " << step.code << " " << step.note;
      if (before) {
        ASSERT_LE(before->at, step.at);
        if (before->to != step.to)
          ASSERT_TRUE(ways_.contains({before->to, step.verb, step.to}))
              << before->to << " " << step.verb << " " << step.to;
      }
      before = &step;
    }
  }

  base::Rng rng_;
  test::SmallCity<CaseLoop> city_;
  CaseRulesPtr rules_;
  std::set<std::tuple<std::string, std::string, std::string>> ways_;
  std::set<std::string> states_seen_, verbs_done_;
  std::vector<Finding> findings_;
  int count_{0};
};

TEST(CaseLife, SameRecordsSameCasesAndNoCheckpointMakesADifference) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const std::string once = RandomLife(seed, false).run(150);
    EXPECT_FALSE(once.empty());
    ASSERT_TRUE(once == RandomLife(seed, false).run(150)) << "seed " << seed;
    ASSERT_TRUE(once == RandomLife(seed, true).run(150)) << "seed " << seed << ", reloaded before every record";
  }
}

// A sanitizer makes a walk take ten times as long: then some of them, which need not reach everything.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::uint64_t kWalks = 6;
#else
constexpr std::uint64_t kWalks = 24;
#endif

TEST(CaseLife, RandomWalksKeepToTheWorkflowAndReachAllOfIt) {
  std::set<std::string> states, verbs;
  for (std::uint64_t seed = 100; seed < 100 + kWalks; ++seed) {
    RandomLife life(seed, false);
    life.run(400);
    ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
    states.insert(life.states_seen().begin(), life.states_seen().end());
    verbs.insert(life.verbs_done().begin(), life.verbs_done().end());
  }
  if (kWalks < 24) return;
  const CaseRulesPtr rules = test::city_rules(kKinds);
  const Workflow& flow = rules->workflows().front();
  for (const State& state : flow.states) EXPECT_TRUE(states.contains(state.id)) << "never reached: " << state.id;
  for (const Transition& step : flow.transitions) {
    if (step.event.empty()) EXPECT_TRUE(verbs.contains(step.verb)) << "never done: " << step.verb;
  }
  for (const char* verb : {"grant", "deny", "withdraw", "file"}) EXPECT_TRUE(verbs.contains(verb)) << verb;
}

}  // namespace
}  // namespace cityloop::casework
