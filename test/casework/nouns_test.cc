// The nouns that casework and act write, to entities and back.
#include <gtest/gtest.h>

#include "flow/action.h"
#include "flow/case.h"
#include "flow/command.h"
#include "flow/noun.h"

namespace cityloop::flow {
namespace {

Instant at(int second) {
  return base::from_us(1'700'000'000'000'000 + second * 1'000'000LL + 123);
}

Case full_case() {
  Case one;
  one.id = EntityId("urn:ngsi-ld:Case:flooding:1");
  one.finding = EntityId("urn:ngsi-ld:Finding:deep:1");
  one.about = EntityId("urn:ngsi-ld:WaterObserved:u1");
  one.kind = "flooding";
  one.rule = "deep";
  one.title = {"积水", "Water \"deep\""};
  one.severity = Severity::extreme;
  one.state = "verifying";
  one.outcome = CaseOutcome::open;
  one.department = "water";
  one.holder = "user:li";
  one.area = "north";
  one.location = R"({"type":"Point","coordinates":[120.1,30.2]})";
  one.opened_at = at(0);
  one.due_at = at(60);
  one.cleared_at = at(30);
  one.finding_cleared = true;
  one.overdue = true;
  one.verify_hold = std::chrono::milliseconds(10500);
  one.commands = {EntityId("urn:ngsi-ld:Command:1"), EntityId("urn:ngsi-ld:Command:2")};
  one.stage = CaseStage::verification;
  one.clocks = {{.id = "close",
                 .calendar = "office",
                 .started_at = at(0),
                 .limit = std::chrono::microseconds(60'000'001),
                 .used = std::chrono::microseconds(7),
                 .running_since = at(2),
                 .due_at = at(62),
                 .escalated = 1,
                 .missed = true}};
  one.requests = {{2, "extend", "user:li", at(3), "rain", R"({"hours":2})"}};
  one.tasks = {{1, "roads", {"封路", "Close the road"}, 0, TaskState::working, "user:wu", "", at(4), kNever}};
  one.checklist = {{"barrier", {"拦住", "Stop"}, "user:li", at(5)}};
  one.timeline = {{at(0), "loop:casework", "file", "filed", "", "finding"},
                  {at(1), "user:li", "note", "filed", "line\n二", "", "worker@department", R"({"a":1})"}};
  one.code = "0004-2173";
  one.channel = "hotline";
  one.description = "积水\n\"深\"";
  one.address = "柳荫路 3 号";
  one.media = {std::string(64, 'a'), std::string(64, 'b')};
  one.external_id = "12345/1";
  one.forwarded_to = "电网公司";
  one.count = 12;
  one.merged_into = EntityId("urn:ngsi-ld:Case:flooding:2");
  one.merged = {EntityId("urn:ngsi-ld:Case:flooding:3")};
  one.similar = {{EntityId("urn:ngsi-ld:Case:flooding:4"), 0.81, 40, std::chrono::hours(-2), true, 0.25},
                 {EntityId("urn:ngsi-ld:Case:flooding:5"), 0.6, -1, std::chrono::microseconds(7), false, -1}};
  one.storm = true;
  one.cleared_count = 3;
  one.covers = {EntityId("urn:ngsi-ld:Finding:deep:9")};
  return one;
}

TEST(Nouns, CaseComesBackAsItWas) {
  const Case one = full_case();
  const auto back = case_from(entity_of(to_write(one)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_write(*back).attributes, to_write(one).attributes);
  EXPECT_EQ(back->timeline.at(1).note, "line\n二");
  EXPECT_EQ(back->commands, one.commands);
  EXPECT_EQ(back->verify_hold, one.verify_hold);
  EXPECT_EQ(back->closed_at, kNever);
  EXPECT_EQ(back->media, one.media);
  EXPECT_EQ(back->merged, one.merged);
  ASSERT_EQ(back->similar.size(), 2u);
  EXPECT_EQ(back->similar[0].earlier, std::chrono::hours(-2));
  EXPECT_EQ(back->similar[1].distance_m, -1);
  EXPECT_EQ(back->count, 12u);
}

TEST(Nouns, AbsentFieldsAreNotWritten) {
  Case bare;
  bare.id = EntityId("urn:ngsi-ld:Case:x:2");
  bare.kind = "x";
  bare.state = "filed";
  const Write write = to_write(bare);
  for (const Attribute& attribute : write.attributes) {
    EXPECT_NE(attribute.name, Name("holder"));
    EXPECT_NE(attribute.name, Name("closedAt"));
    EXPECT_NE(attribute.name, Name("location"));
  }
  EXPECT_TRUE(case_from(entity_of(write)));
}

TEST(Nouns, CommandValueKeepsItsType) {
  for (const char* value : {"true", "80.5", "\"满 full\"", "{\"a\":1}", "null"}) {
    Command command;
    command.id = EntityId("urn:ngsi-ld:Command:1");
    command.device = EntityId("urn:ngsi-ld:Device:pump-1");
    command.name = "pump";
    command.value = value;
    command.status = CommandStatus::timed_out;
    command.attempts = 4;
    command.sent_at = at(3);
    const auto back = command_from(entity_of(to_write(command)));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->value, value);
    EXPECT_EQ(back->status, CommandStatus::timed_out);
    EXPECT_EQ(back->attempts, 4u);
    EXPECT_EQ(back->sent_at, at(3));
  }
}

TEST(Nouns, ActionComesBackAndWrongOnesAreRefused) {
  Action action;
  action.id = EntityId("urn:ngsi-ld:Action:1");
  action.target = EntityId("urn:ngsi-ld:Case:flooding:1");
  action.verb = "dispatch";
  action.by = "user:op";
  action.fields = R"({"department":"water"})";
  action.status = ActionStatus::refused;
  action.reason = "no";
  action.at = at(9);
  const auto back = action_from(entity_of(to_write(action)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->fields, action.fields);
  EXPECT_EQ(back->status, ActionStatus::refused);
  EXPECT_EQ(back->at, at(9));

  action.by.clear();
  EXPECT_FALSE(action_from(entity_of(to_write(action))));
  EXPECT_FALSE(case_from(entity_of(to_write(action))));
}

TEST(Nouns, ChangeBringsWhatIsKnownUpToDate) {
  const Write known = to_write(full_case());
  Change change;
  change.entity = known.entity;
  change.types = known.types;
  change.attributes.push_back({property(Name("state"), std::string("closed")), false, false});
  change.attributes.push_back({property(Name("holder"), std::string("user:li")), true, false});
  change.attributes.push_back({property(Name("department"), std::string("old")), false, true});
  const auto after = case_from(entity_after(known, change));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->state, "closed");
  EXPECT_TRUE(after->holder.empty());
  EXPECT_EQ(after->department, "water") << "a late value is not what is so now";
}

}  // namespace
}  // namespace cityloop::flow
