// What a case leaves behind when it goes to the archive, and how its evidence is found; and many deadlines of one
// moment.
#include <gmock/gmock.h>

#include "casework/case_archive.h"
#include "test/casework/case_desk.h"

namespace cityloop::casework {
namespace {

using flow::ActionStatus;
using flow::CommandStatus;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kKinds = R"(
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
accept_within = "2m"
close_within = "1h"
verify_hold = "5s"
department = "water"
escalate_to = "supervisor"
[[case]]
id = "noise"
name = { zh = "噪声", en = "Noise" }
close_within = "1h"
verify_hold = "0s"
department = "environment"
escalate_to = "supervisor"
)";

constexpr const char* kPumpResponse =
    R"({"case":"flooding","command":{"device":"urn:ngsi-ld:Device:p1","name":"pump","value":true}})";

struct ArchiveTest : test::CaseDesk, testing::Test {
  ArchiveTest() : CaseDesk(kKinds) {}
};

TEST_F(ArchiveTest, ActionsCommandsNoticesAndClearedFindingsGoWithTheirCase) {
  flow::Finding finding = open_finding(kPumpResponse);
  const EntityId id = only_case().id;
  ASSERT_FALSE(only_case().commands.empty());
  const EntityId command = only_case().commands.front();
  for (const CommandStatus status : {CommandStatus::sent, CommandStatus::succeeded}) command_becomes(command, status);
  flow::Action on_command;
  on_command.id = EntityId("urn:ngsi-ld:Action:approve-it");
  on_command.target = command;
  on_command.verb = "approve";
  on_command.by = "user:op";
  city.write({to_write(on_command)}, "user:op");
  EXPECT_EQ(act(id, "note", "user:op", "seen").status, ActionStatus::done);
  EXPECT_EQ(act(id, "no such step", "user:op").status, ActionStatus::refused);
  clear(finding);
  city.pass(seconds(10));
  ASSERT_FALSE(only_case().is_open());
  city.jump(hours(7 * 24 + 1));
  for (const char* type : {"Case", "Notice", "Action", "Command", "Finding"})
    EXPECT_TRUE(city.all(type).empty()) << type << " " << city.all(type).size();
  for (const auto& [key, value] : city.rows().all)
    EXPECT_EQ(key.find(id.text()), key.npos) << "the loop has forgotten it: " << key;
}

TEST_F(ArchiveTest, AFindingThatIsStillActiveGoesWhenItClears) {
  flow::Finding finding = open_finding(R"({"case":"noise"})");
  const EntityId id = only_case().id;
  EXPECT_EQ(act(id, "cancel", "user:op", "a test").status, ActionStatus::done);
  const auto granted = act(id, "grant", "user:boss", "yes", R"({"request":1})");
  ASSERT_EQ(granted.status, ActionStatus::done) << granted.reason;
  ASSERT_FALSE(only_case().is_open());
  city.jump(hours(7 * 24 + 1));
  ASSERT_TRUE(city.all("Case").empty());
  EXPECT_EQ(city.all("Finding").size(), 1u);
  clear(finding);
  EXPECT_TRUE(city.all("Finding").empty());
}

TEST_F(ArchiveTest, WhatAnotherSystemSentIsKnownByItsNumberForEver) {
  const std::string fields = R"({"kind":"noise","title":"x","channel":"system","report":true,"externalId":"7-A"})";
  const auto filed = act({}, "open", "program:hotline", "", fields);
  ASSERT_EQ(filed.status, ActionStatus::done) << filed.reason;
  const auto plain = act({}, "open", "user:op", "", R"({"kind":"noise","title":"y","report":true})");
  ASSERT_EQ(plain.status, ActionStatus::done) << plain.reason;
  for (const EntityId id : {filed.target, plain.target}) {
    const auto refused = act(id, "refuse", "user:op", "not ours");
    ASSERT_EQ(refused.status, ActionStatus::done) << refused.reason;
  }
  city.jump(hours(365 * 24));
  EXPECT_TRUE(city.all("Case").empty());
  ASSERT_EQ(city.all("Action").size(), 1u);
  EXPECT_EQ(city.all("Action")[0]->id, filed.id);
}

// A restart before every record gives the same: also of what is erased at the end.
TEST(ArchiveRows, AreTheSameAfterARestartAtAnyRecord) {
  const auto live = [](test::CaseDesk& desk) {
    flow::Finding finding = desk.open_finding(kPumpResponse);
    const EntityId id = desk.only_case().id;
    desk.command_becomes(desk.only_case().commands.front(), CommandStatus::sent);
    desk.act(id, "note", "user:op", "one");
    desk.act(id, "note", "user:op", "two");
    desk.clear(finding);
    desk.city.pass(seconds(20));
    desk.city.jump(hours(8 * 24));
  };
  test::CaseDesk whole(kKinds), parted(kKinds);
  parted.city = test::SmallCity<CaseLoop>(test::make_case_loop, true);
  parted.city.write({test::city_rules(kKinds)->to_write(test::kStart)}, "app");
  live(whole);
  ASSERT_NO_FATAL_FAILURE(live(parted));
  EXPECT_EQ(parted.city.written(), whole.city.written());
}

TEST(ManyDeadlines, OfOneMomentAreDealtWithInTurnsAndEachOnce) {
  test::CaseDesk desk(kKinds);
  constexpr int kCases = 5000;  // more than one turn
  std::vector<flow::Write> writes;
  for (int i = 0; i < kCases; ++i) {
    flow::Finding finding;
    finding.id = EntityId(fmt::format("urn:ngsi-ld:Finding:deep:{}", i));
    finding.rule = "deep";
    finding.about = EntityId(fmt::format("urn:ngsi-ld:Thing:{}", i));
    finding.title = {"吵", "loud"};
    finding.opened_at = desk.city.now();
    finding.why = "{}";
    finding.response = R"({"case":"noise"})";
    writes.push_back(to_write(finding));
  }
  desk.city.write(std::move(writes), "loop:rules");
  ASSERT_EQ(desk.city.all("Case").size(), std::size_t(kCases));
  const auto escalations = [&] {
    auto notices = desk.city.all("Notice");
    std::erase_if(notices, [](const auto& one) { return one->text(flow::Name("to")) != "supervisor"; });
    return notices;
  };
  ASSERT_TRUE(escalations().empty());
  desk.city.jump(hours(1));
  EXPECT_EQ(escalations().size(), std::size_t(kCases));
  EXPECT_EQ(desk.city.loop().stats().escalated, std::uint64_t(kCases));
  std::set<std::string_view> about;
  for (const auto& notice : escalations()) about.insert(flow::link_field(*notice, "about").text());
  EXPECT_EQ(about.size(), std::size_t(kCases));
  for (const auto& one : desk.city.all("Case")) ASSERT_TRUE(one->flag(flow::Name("overdue")));
}

}  // namespace
}  // namespace cityloop::casework
