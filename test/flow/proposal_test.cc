#include "flow/proposal.h"

#include <gtest/gtest.h>

#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::flow {
namespace {

using std::chrono::minutes;

Proposal full() {
  const Instant at = base::parse_time("2026-03-01T08:00:00Z").value();
  Proposal out;
  out.id = proposal_id("water", 7);
  out.number = 7;
  out.department = "water";
  out.status = ProposalStatus::accepted;
  out.made_at = at;
  out.state = 123;
  out.trigger = "person";
  out.by = "user:zhao.min";
  out.decided_by = "user:zhao.min";
  out.decided_at = at + minutes(2);
  ProposalRoute route;
  route.crew = "pump-1";
  route.from = at, route.until = at + minutes(480);
  route.start_lon_deg = 120.15, route.start_lat_deg = 30.25;
  route.depart_at = at, route.end_at = at + minutes(90);
  route.distance_m = 1234.5, route.travel_s = 300, route.work_s = 3600;
  route.status = ProposalStatus::accepted;
  route.by = "user:zhao.min", route.roles = {"dispatcher"}, route.department = "water", route.at = at + minutes(2);
  ProposalStop stop;
  stop.task = EntityId("urn:ngsi-ld:Case:1");
  stop.turn = 1;
  stop.arrive_at = at + minutes(5), stop.begin_at = at + minutes(5), stop.depart_at = at + minutes(65);
  stop.travel_s = 300, stop.travel_m = 1234.5, stop.slack_s = 60, stop.detour_m = 12, stop.late_s = 30;
  stop.pinned = true;
  stop.why = {{"pinned", {"由人指定", "somebody said so"}}};
  stop.instead = "pump-2", stop.instead_m = 800;
  stop.was = Appointment{"pump-2", at + minutes(1), 3};
  stop.change = StopChange::crew;
  stop.appointed = Appointed::refused, stop.refusal = "the case has ended";
  route.stops = {stop};
  out.routes = {route};
  out.undone = {
      {EntityId("urn:ngsi-ld:Case:2"), {"no_place", {"没有位置", "it has no place"}}, Appointment{"pump-1", at, 1}}};
  out.idle = {"pump-3"};
  Overrule rule;
  rule.number = 4;
  rule.kind = OverruleKind::order;
  rule.crew = "pump-1";
  rule.tasks = {EntityId("urn:ngsi-ld:Case:1"), EntityId("urn:ngsi-ld:Case:2")};
  rule.by = "user:zhao.min", rule.at = at, rule.until = at + minutes(600), rule.note = "the school first";
  rule.reason = {"off_duty", {"不在岗", "not on duty"}};
  out.overruled = {rule};
  out.notes = {{"straight", {"直线", "straight lines"}}};
  out.figures.cases = 2, out.figures.planned = 1, out.figures.undone = 1, out.figures.overdue_avoided = -1;
  out.figures.changed_crew = 1, out.figures.iterations = 99;
  return out;
}

TEST(Proposal, ComesBackFromItsEntityAsItWas) {
  const Proposal written = full();
  const auto read = proposal_from(entity_of(to_write(written)));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(read->routes.size(), 1u);
  const ProposalStop &was = written.routes[0].stops[0], &is = read->routes[0].stops.at(0);
  EXPECT_EQ(is.why, was.why);
  EXPECT_EQ(is.was, was.was);
  EXPECT_EQ(is.change, was.change);
  EXPECT_EQ(is.appointed, was.appointed);
  EXPECT_EQ(is.refusal, was.refusal);
  EXPECT_EQ(is.begin_at, was.begin_at);
  EXPECT_EQ(read->overruled.at(0).tasks, written.overruled[0].tasks);
  EXPECT_EQ(read->routes[0].roles, written.routes[0].roles);
  // What is written again is the same to the letter.
  const Entity once = entity_of(to_write(written)), twice = entity_of(to_write(*read));
  EXPECT_EQ(once.attributes, twice.attributes);
}

TEST(Proposal, IsSettledOnceEachAcceptedStopHasItsAnswer) {
  Proposal one = full();
  EXPECT_TRUE(one.is_settled());
  one.routes[0].stops[0].appointed = Appointed::waiting;
  EXPECT_FALSE(one.is_settled());
}

TEST(Proposal, BelongsToThePlannerAlone) {
  EXPECT_TRUE(is_own_type(Name("Proposal"))) << "the standard context API must not take or give it away";
}

TEST(Proposal, WhatIsNoProposalIsRefused) {
  Write write = to_write(full());
  for (Attribute& attribute : write.attributes) {
    if (attribute.name == Name("status")) attribute.value = "perhaps";
  }
  EXPECT_FALSE(proposal_from(entity_of(write)).has_value());
}

}  // namespace
}  // namespace cityloop::flow
