#include "duty/planner/planner.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <map>
#include <mutex>

#include "base/json_value.h"
#include "duty/duty_rules.h"
#include "flow/own_types.h"
#include "test/twin/twin_fixture.h"

namespace cityloop::duty {
namespace {

using base::Errc;
using flow::Appointed;
using flow::Case;
using flow::EntityId;
using flow::OverruleKind;
using flow::Proposal;
using flow::ProposalStatus;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kDuty = R"(
[[shift]]
id = "all"
name = { zh = "全天", en = "All day" }
from = "00:00"
until = "24:00"
[[pattern]]
id = "always"
name = { zh = "天天", en = "Every day" }
begins = "2026-01-01"
cycle = ["all"]
[[crew]]
id = "west"
name = { zh = "西班", en = "West" }
department = "water"
base = [0.0, 0.0]
[[crew]]
id = "east"
name = { zh = "东班", en = "East" }
department = "water"
base = [0.1, 0.0]
[[crew]]
id = "roads"
name = { zh = "道路班", en = "Roads" }
department = "traffic"
base = [0.0, 0.0]
[[roster]]
id = "r1"
crew = "west"
pattern = "always"
from = "2026-01-01"
to = "2030-12-31"
[[roster]]
id = "r2"
crew = "east"
pattern = "always"
from = "2026-01-01"
to = "2030-12-31"
[[roster]]
id = "r3"
crew = "roads"
pattern = "always"
from = "2026-01-01"
to = "2030-12-31"
[[norm]]
service = "30m"
)";
constexpr const char* kPeople =
    "id,name_zh,name_en,crew,skills,week_hours\nuser:w,西,W,west,,168\nuser:e,东,E,east,,168\nuser:r,路,R,roads,,168\n";

const Asker kZhao{"user:zhao", {"dispatcher"}, "water"};

class PlannerTest : public twin::TwinFixture {
 protected:
  PlannerTest() {
    settings_.automatic = false;
    settings_.iterations = 300;
    auto rules = DutyRules::parse({{"duty.toml", kDuty}, {"people.csv", kPeople}}, {});
    if (!rules) throw std::runtime_error(rules.error().message);
    EXPECT_TRUE(put((*rules)->to_write(clock_.now())).status);
  }
  ~PlannerTest() override { planner_.reset(); }

  void start() {
    planner_ = std::make_unique<Planner>(PlannerOptions{
        *twin_,
        wall_,
        settings_,
        {},
        {"water", "traffic"},
        [](const Case& c) {
          return c.state == "dispatched" ? Standing::open : c.state == "working" ? Standing::begun : Standing::aside;
        },
        [this](flow::Action action, const std::string& key, const auto& done) { casework(action, key, done); }});
    planner_->start();
    planner_->settle();
  }
  void restart() {
    planner_.reset();
    start();
  }

  // What casework does when somebody is appointed: once for each key, with the answer of the first time.
  void casework(flow::Action action, const std::string& key,
                const std::function<void(base::Result<flow::Action>)>& done) {
    const std::lock_guard lock(mutex_);
    ++asked_;
    if (silent_) return done(base::fail(Errc::timeout, "nobody has looked at this"));
    if (lost_) return;
    const auto [known, is_new] = answers_.try_emplace(key, action);
    if (is_new) {
      flow::Action& answer = known->second;
      const auto c = flow::case_from(*twin_->get(action.target)).value();
      const bool refuse = c.severity == flow::Severity::extreme;
      answer.status = refuse ? flow::ActionStatus::refused : flow::ActionStatus::done;
      answer.reason = refuse ? "not this one" : "";
      appointed_.push_back(std::string(action.target.text().substr(17)));
      if (!refuse) pending_.push_back(action);
    }
    done(known->second);
  }
  // Writes what was appointed into the cases.
  void let_casework_write() {
    std::vector<flow::Action> all;
    {
      const std::lock_guard lock(mutex_);
      all.swap(pending_);
    }
    for (const flow::Action& action : all) {
      Case c = flow::case_from(*twin_->get(action.target)).value();
      const auto fields = base::JsonValue::parse(action.fields).value();
      c.crew = fields.text_or("crew", "");
      c.planned_at = base::parse_time(fields.text_or("planned_at", "")).value();
      c.turn = std::uint32_t(fields.number_or("turn", 0));
      ASSERT_TRUE(put(flow::to_write(c)).status);
    }
    planner_->settle();
  }

  Case open_case(const std::string& id, double lon_deg, flow::Severity severity = flow::Severity::moderate) {
    Case c;
    c.id = EntityId("urn:ngsi-ld:Case:" + id);
    c.kind = "leak";
    c.department = "water";
    c.state = "dispatched";
    c.stage = flow::CaseStage::dispatch;
    c.severity = severity;
    c.location = fmt::format(R"({{"type":"Point","coordinates":[{},0]}})", lon_deg);
    c.opened_at = clock_.now();
    EXPECT_TRUE(put(flow::to_write(c)).status);
    return c;
  }
  void put_case(const Case& c) {
    EXPECT_TRUE(put(flow::to_write(c)).status);
    planner_->settle();
  }

  base::Result<Proposal> replan(const Asker& asker = kZhao) {
    std::promise<base::Result<Proposal>> answer;
    planner_->replan("water", asker, [&](auto result) { answer.set_value(std::move(result)); });
    auto out = answer.get_future().get();
    planner_->settle();
    return out;
  }
  base::Result<Proposal> act(EntityId id, ProposalWish wish) {
    std::promise<base::Result<Proposal>> answer;
    planner_->act(id, std::move(wish), kZhao, [&](auto result) { answer.set_value(std::move(result)); });
    return answer.get_future().get();
  }
  CrewDay day(const std::string& crew) {
    std::promise<base::Result<CrewDay>> answer;
    planner_->day_of(crew, [&](auto result) { answer.set_value(std::move(result)); });
    return answer.get_future().get().value();
  }
  Proposal stored(EntityId id) { return flow::proposal_from(*twin_->get(id)).value(); }
  static std::string crew_of(const Proposal& plan, const std::string& id) {
    for (const flow::ProposalRoute& route : plan.routes) {
      for (const flow::ProposalStop& stop : route.stops) {
        if (stop.task.text() == "urn:ngsi-ld:Case:" + id) return route.crew;
      }
    }
    return "";
  }
  std::size_t proposals() {
    std::size_t count = 0;
    twin_->each(flow::kProposalType, [&](const flow::EntityPtr&) { return ++count, true; });
    return count;
  }

  PlanningSettings settings_;
  base::WallClock wall_;
  std::unique_ptr<Planner> planner_;
  std::mutex mutex_;
  bool silent_{false}, lost_{false};
  int asked_{0};
  std::map<std::string, flow::Action> answers_;
  std::vector<flow::Action> pending_;
  std::vector<std::string> appointed_;
};

TEST_F(PlannerTest, WhatIsAskedForIsProposedAndStandsInTheLog) {
  open_case("a", 0.01), open_case("b", 0.09);
  Case other = open_case("other", 0.05);
  other.department = "traffic";
  start();
  put_case(other);
  const auto plan = replan();
  ASSERT_TRUE(plan.has_value()) << plan.error().message;
  EXPECT_EQ(plan->id, flow::proposal_id("water", 1));
  EXPECT_EQ(plan->by, "user:zhao");
  EXPECT_EQ(plan->trigger, "person");
  EXPECT_GT(plan->state, 0u);
  EXPECT_EQ(crew_of(*plan, "a"), "west");
  EXPECT_EQ(crew_of(*plan, "b"), "east");
  EXPECT_EQ(crew_of(*plan, "other"), "") << "it is another department's";
  EXPECT_EQ(stored(plan->id).status, ProposalStatus::open);
  EXPECT_FALSE(replan(kZhao)->routes.empty());
  std::promise<base::Result<Proposal>> answer;
  planner_->replan("nobody", kZhao, [&](auto result) { answer.set_value(std::move(result)); });
  EXPECT_EQ(answer.get_future().get().error().code, Errc::not_found);
}

TEST_F(PlannerTest, ANewPlanTakesThePlaceOfTheOneThatWasOpen) {
  open_case("a", 0.01);
  start();
  const auto first = replan(), second = replan();
  EXPECT_EQ(second->number, 2u);
  EXPECT_EQ(stored(first->id).status, ProposalStatus::outdated);
  EXPECT_NE(twin_->get(first->id)->expires_at, flow::kNever) << "what is outdated goes some day";
  EXPECT_EQ(act(first->id, {.verb = "accept"}).error().code, Errc::conflict);
}

TEST_F(PlannerTest, WhatIsOverruledHoldsInThisPlanAndTheNext) {
  open_case("a", 0.01), open_case("b", 0.02);
  start();
  const auto first = replan();
  ASSERT_EQ(crew_of(*first, "a"), "west");
  const auto second =
      act(first->id, {.verb = "pin", .task = EntityId("urn:ngsi-ld:Case:a"), .crew = "east", .replan = true});
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_EQ(second->number, 2u);
  EXPECT_EQ(crew_of(*second, "a"), "east");
  ASSERT_THAT(second->overruled, SizeIs(1));
  EXPECT_TRUE(second->overruled[0].obeyed);
  planner_->settle();
  const auto noted = act(second->id, {.verb = "exclude", .task = EntityId("urn:ngsi-ld:Case:b")});
  EXPECT_EQ(noted->id, second->id) << "without replan the proposal stays, and the word is kept";
  EXPECT_FALSE(noted->overruled.at(1).obeyed);
  restart();
  const auto third = replan();
  EXPECT_EQ(crew_of(*third, "a"), "east");
  EXPECT_EQ(crew_of(*third, "b"), "");
  ASSERT_THAT(third->undone, SizeIs(1));
  EXPECT_EQ(third->undone[0].reason.code, "excluded");
  const auto released = act(third->id, {.verb = "release", .overrule = third->overruled[0].number, .replan = true});
  EXPECT_THAT(released->overruled, SizeIs(1));
  EXPECT_EQ(crew_of(*released, "a"), "west");
}

TEST_F(PlannerTest, AWishMustNameWhatThereIs) {
  open_case("a", 0.01);
  start();
  const auto plan = replan();
  EXPECT_FALSE(act(plan->id, {.verb = "pin", .task = EntityId("urn:ngsi-ld:Case:a"), .crew = "roads"}).has_value())
      << "a crew of another department";
  EXPECT_FALSE(act(plan->id, {.verb = "pin", .task = EntityId("urn:ngsi-ld:Case:no"), .crew = "west"}).has_value());
  EXPECT_FALSE(act(plan->id, {.verb = "pin", .crew = "west"}).has_value());
  EXPECT_FALSE(act(plan->id, {.verb = "reorder", .crew = "west"}).has_value());
  EXPECT_FALSE(act(plan->id, {.verb = "release", .overrule = 9}).has_value());
  EXPECT_FALSE(act(plan->id, {.verb = "accept", .crew = "roads"}).has_value());
  EXPECT_THAT(stored(plan->id).overruled, IsEmpty());
}

TEST_F(PlannerTest, AcceptingAppointsEachCaseOnceAndTellsWhatWasRefused) {
  open_case("a", 0.01), open_case("b", 0.02), open_case("x", 0.03, flow::Severity::extreme);
  start();
  const auto plan = replan();
  const auto accepted = act(plan->id, {.verb = "accept"});
  ASSERT_TRUE(accepted.has_value()) << accepted.error().message;
  EXPECT_EQ(accepted->status, ProposalStatus::accepted);
  EXPECT_EQ(accepted->decided_by, "user:zhao");
  EXPECT_THAT(appointed_, testing::UnorderedElementsAre("a", "b", "x"));
  for (const flow::ProposalRoute& route : accepted->routes) {
    EXPECT_EQ(route.by, "user:zhao");
    for (const flow::ProposalStop& stop : route.stops) {
      const bool refused = stop.task.text().ends_with(":x");
      EXPECT_EQ(stop.appointed, refused ? Appointed::refused : Appointed::done);
      EXPECT_EQ(stop.refusal, refused ? "not this one" : "");
    }
  }
  EXPECT_EQ(stored(plan->id).status, ProposalStatus::accepted);
  EXPECT_TRUE(stored(plan->id).is_settled());
  ASSERT_TRUE(act(plan->id, {.verb = "accept"}).has_value()) << "again changes nothing";
  EXPECT_THAT(appointed_, SizeIs(3));
  const flow::Action& action = answers_.begin()->second;
  EXPECT_EQ(action.verb, "appoint");
  EXPECT_EQ(action.by, "user:zhao");
  EXPECT_THAT(action.roles, ElementsAre("dispatcher"));
}

TEST_F(PlannerTest, OneCrewsPartCanBeAcceptedAndTheRestRejectedWithAReason) {
  open_case("a", 0.01), open_case("b", 0.09);
  start();
  const auto plan = replan();
  const auto part = act(plan->id, {.verb = "accept", .crew = "west"});
  EXPECT_EQ(part->status, ProposalStatus::open);
  EXPECT_THAT(appointed_, ElementsAre("a"));
  EXPECT_EQ(act(plan->id, {.verb = "reject"}).error().code, Errc::invalid) << "no reason";
  const auto rest = act(plan->id, {.verb = "reject", .note = "the road is closed"});
  EXPECT_EQ(rest->status, ProposalStatus::accepted) << "a part of it was";
  EXPECT_EQ(act(plan->id, {.verb = "accept", .crew = "east"}).error().code, Errc::conflict);
  EXPECT_THAT(appointed_, ElementsAre("a"));
}

TEST_F(PlannerTest, WhatWasAcceptedBeforeACrashIsAppointedAfterIt) {
  open_case("a", 0.01);
  start();
  const auto plan = replan();
  lost_ = true;
  planner_->act(plan->id, {.verb = "accept"}, kZhao, [](const auto&) {});
  for (int i = 0; i < 2000 && asked_ == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  ASSERT_EQ(asked_, 1);
  EXPECT_FALSE(stored(plan->id).is_settled());
  planner_.reset();
  lost_ = false;
  start();
  EXPECT_THAT(appointed_, ElementsAre("a"));
  EXPECT_TRUE(stored(plan->id).is_settled());
}

TEST_F(PlannerTest, WhoseAnswerIsLateIsToldSoAndItIsAskedForAgain) {
  open_case("a", 0.01);
  start();
  const auto plan = replan();
  silent_ = true;
  const auto waiting = act(plan->id, {.verb = "accept"});
  ASSERT_TRUE(waiting.has_value());
  EXPECT_EQ(waiting->routes.at(0).stops.at(0).appointed, Appointed::waiting);
  {
    const std::lock_guard lock(mutex_);
    silent_ = false;
  }
  planner_->settle();
  EXPECT_TRUE(stored(plan->id).is_settled());
}

TEST_F(PlannerTest, ACrewsDayIsWhatIsBegunAndAppointedInOrderWithTheWay) {
  open_case("a", 0.01), open_case("b", 0.02);
  start();
  const auto plan = replan();
  ASSERT_TRUE(act(plan->id, {.verb = "accept"}).has_value());
  let_casework_write();
  const CrewDay west = day("west");
  ASSERT_THAT(west.stops, SizeIs(2));
  EXPECT_EQ(west.stops[0].work.id.text(), "urn:ngsi-ld:Case:a");
  EXPECT_LT(west.stops[0].arrive_at, west.stops[1].arrive_at);
  EXPECT_TRUE(west.straight) << "no streets are known here";
  EXPECT_THAT(west.line, SizeIs(3));
  EXPECT_TRUE(west.duty.has_value());
  EXPECT_THAT(day("east").stops, IsEmpty());
}

TEST_F(PlannerTest, EnoughChangesMakeANewPlanAndWhatWasAppointedByItIsNone) {
  settings_.automatic = true;
  settings_.replan_after = 3;
  settings_.replan_every = minutes(5);
  open_case("a", 0.01);
  start();
  planner_->settle();
  ASSERT_EQ(proposals(), 1u) << "the first is made by itself";
  const Proposal first = stored(flow::proposal_id("water", 1));
  EXPECT_EQ(first.trigger, "start");
  EXPECT_EQ(first.by, "");
  ASSERT_TRUE(act(first.id, {.verb = "accept"}).has_value());
  let_casework_write();
  EXPECT_EQ(planner_->state().at(1).department, "water");
  EXPECT_EQ(planner_->state().at(1).changed, 0u) << "our own appointment is no change";
  open_case("b", 0.02), open_case("c", 0.03);
  planner_->settle();
  EXPECT_EQ(planner_->state().at(1).changed, 2u);
  clock_.advance_to(clock_.now() + minutes(6));
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  EXPECT_EQ(proposals(), 1u) << "two changes are not enough";
  open_case("d", 0.04);
  for (int i = 0; i < 6000 && proposals() < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ASSERT_EQ(proposals(), 2u);
  const Proposal second = stored(flow::proposal_id("water", 2));
  EXPECT_EQ(second.trigger, "changes");
  EXPECT_EQ(crew_of(second, "a"), "west") << "what is appointed stays";
}

TEST_F(PlannerTest, ACaseThatEndsIsPlannedNoMore) {
  Case c = open_case("a", 0.01);
  open_case("b", 0.02);
  start();
  ASSERT_EQ(crew_of(*replan(), "a"), "west");
  c.outcome = flow::CaseOutcome::confirmed;
  c.state = "closed";
  put_case(c);
  const auto plan = replan();
  EXPECT_EQ(crew_of(*plan, "a"), "");
  EXPECT_THAT(plan->undone, IsEmpty());
}

TEST_F(PlannerTest, ManyWhoAskAtOnceAreAllAnswered) {
  for (int i = 0; i < 30; ++i) open_case("c" + std::to_string(i), 0.001 * i);
  settings_.iterations = 20'000;
  start();
  std::vector<std::future<base::Result<Proposal>>> answers;
  for (int i = 0; i < 20; ++i) {
    auto answer = std::make_shared<std::promise<base::Result<Proposal>>>();
    answers.push_back(answer->get_future());
    planner_->replan("water", kZhao, [answer](auto result) { answer->set_value(std::move(result)); });
  }
  for (auto& answer : answers) EXPECT_TRUE(answer.get().has_value());
  planner_->settle();
  EXPECT_LE(proposals(), 3u) << "those who asked together got the same plan";
}

TEST_F(PlannerTest, EndsWhileAPlanIsBeingMade) {
  for (int i = 0; i < 100; ++i) open_case("c" + std::to_string(i), 0.001 * i);
  settings_.iterations = 0;
  settings_.think = hours(1);
  start();
  planner_->replan("water", kZhao, [](const auto&) {});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  planner_.reset();
}

}  // namespace
}  // namespace cityloop::duty
