#include "domain/traffic/signal/planner.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/traffic/signal/baselines.h"
#include "domain/traffic/signal/stage_clock.h"
#include "domain/traffic/signal/sumo_net.h"

namespace cityloop::traffic {
namespace {

using testing::HasSubstr;

// A road from west to east crosses one from south to north; from the west one may turn left, into the road north, and
// must give way to nobody but those who come from the east, of whom there are none.
//
//             n_out
//               |
//     w_in ── [mid] ── e_out
//               |
//             s_in
constexpr const char* kNet = R"(<net>
<edge id="w_in"><lane id="w_in_0" index="0" speed="14" length="300"/></edge>
<edge id="s_in"><lane id="s_in_0" index="0" speed="14" length="100"/></edge>
<edge id="s_far"><lane id="s_far_0" index="0" speed="14" length="100"/></edge>
<edge id="e_out"><lane id="e_out_0" index="0" speed="14" length="300"/></edge>
<edge id="n_out"><lane id="n_out_0" index="0" speed="14" length="300"/></edge>
<edge id=":mid_0" function="internal"><lane id=":mid_0_0" index="0" speed="14" length="12"/></edge>
<edge id=":mid_1" function="internal"><lane id=":mid_1_0" index="0" speed="8" length="14"/></edge>
<edge id=":mid_2" function="internal"><lane id=":mid_2_0" index="0" speed="14" length="12"/></edge>
<tlLogic id="mid" type="static" programID="0" offset="7">
<phase duration="20" state="rrG"/><phase duration="3" state="rry"/>
<phase duration="30" state="GGr"/><phase duration="4" state="yyr"/></tlLogic>
<junction id="mid" type="traffic_light" incLanes="w_in_0 s_in_0" intLanes=":mid_0_0 :mid_1_0 :mid_2_0">
<request index="0" response="000" foes="100"/><request index="1" response="100" foes="100"/>
<request index="2" response="001" foes="011"/></junction>
<connection from="w_in" to="e_out" fromLane="0" toLane="0" via=":mid_0_0" tl="mid" linkIndex="0" dir="s" state="o"/>
<connection from="w_in" to="n_out" fromLane="0" toLane="0" via=":mid_1_0" tl="mid" linkIndex="1" dir="l" state="o"/>
<connection from="s_in" to="n_out" fromLane="0" toLane="0" via=":mid_2_0" tl="mid" linkIndex="2" dir="s" state="o"/>
<connection from="s_far" to="s_in" fromLane="0" toLane="0" via="" dir="s" state="M"/>
</net>)";

Junction crossing() {
  auto junctions = parse_sumo_net(kNet);
  EXPECT_TRUE(junctions) << junctions.error().message;
  return junctions->at(0);
}

constexpr int kSouth = 0, kWest = 1;  // stages

struct Street {
  Junction junction{crossing()};
  JunctionView view;

  explicit Street(int stage, double green_s = 20) {
    view = {.now_s = 1000, .stage = stage, .green_s = green_s};
    view.lanes.resize(junction.lanes.size());
    for (LaneView& lane : view.lanes) lane.has_positions = true;
    view.red_s.assign(junction.movements.size(), 0);
  }
  Street& with(const std::string& lane, SeenVehicle vehicle) {
    static std::uint64_t track = 1;
    vehicle.track = track++;
    LaneView& view_of = view.lanes[static_cast<std::size_t>(junction.find_lane(lane))];
    view_of.vehicles.push_back(vehicle);
    view_of.count += 1;
    return *this;
  }
  Street& queue(const std::string& lane, int vehicles, double waited_s = 20) {
    for (int i = 0; i < vehicles; ++i) with(lane, {.to_end_m = 1 + 7.0 * i, .waited_s = waited_s});
    return *this;
  }
  Decision decide() {
    Planner planner(junction);
    return planner.decide(view);
  }
};

TEST(SignalNet, StagesConflictsAndThePlanAreReadAsTheNetHasThem) {
  const Junction junction = crossing();
  ASSERT_EQ(junction.stages.size(), 2u);
  EXPECT_EQ(junction.state(kSouth), "rrG");
  EXPECT_EQ(junction.state(kWest), "GGr");
  EXPECT_EQ(junction.yellow_state(kWest, kSouth), "yyr");
  EXPECT_EQ(junction.conflict(0, 2), Conflict::has_way);
  EXPECT_EQ(junction.conflict(2, 0), Conflict::yields);
  EXPECT_EQ(junction.conflict(0, 1), Conflict::none);
  EXPECT_EQ(junction.plan.cycle_s(), 57);
  EXPECT_EQ(junction.plan.at(7 + 57 + 25).step, 1);
  const Lane& far = junction.lanes[static_cast<std::size_t>(junction.find_lane("s_far_0"))];
  EXPECT_EQ(far.role, LaneRole::upstream);
  EXPECT_EQ(far.to_stop_line_m, 100);
}

TEST(SignalNet, AGreenThatMustGiveWayIsShownAsOne) {
  std::string net = kNet;
  net.replace(net.find("rrG"), 3, "rGG");
  const auto junctions = parse_sumo_net(net);
  ASSERT_TRUE(junctions) << junctions.error().message;
  EXPECT_EQ(junctions->at(0).state(0), "rgG");
}

TEST(SignalNet, WhatIsUnsafeOrBrokenIsRefusedWithTheReason) {
  Junction junction = crossing();
  junction.stages[0].aspects = {Aspect::protected_, Aspect::red, Aspect::protected_};
  EXPECT_THAT(check(junction).error().message, HasSubstr("conflicting movements 0 and 2"));
  EXPECT_FALSE(parse_sumo_net("<net><edge"));
  EXPECT_FALSE(parse_sumo_net("<html/>"));
  EXPECT_TRUE(parse_sumo_net("<net/>")->empty());
}

TEST(SignalPlanner, AQueueIsServedWhenNobodyUsesTheGreen) {
  EXPECT_EQ(Street(kWest).queue("s_in_0", 4).decide().stage, kSouth);
  EXPECT_EQ(Street(kSouth).queue("w_in_0", 4).decide().stage, kWest);
}

TEST(SignalPlanner, GreenStaysWhereNobodyIs) {
  EXPECT_EQ(Street(kWest).decide().stage, kWest);
  EXPECT_EQ(Street(kSouth).decide().stage, kSouth);
}

TEST(SignalPlanner, GreenIsHeldForAPlatoonThatArrivesAndOneWaitsForIt) {
  Street street(kWest);
  for (int i = 0; i < 10; ++i) street.with("w_in_0", {.to_end_m = 20 + 22.0 * i, .speed_mps = 14});
  street.queue("s_in_0", 1, 2);
  EXPECT_EQ(street.decide().stage, kWest);
}

TEST(SignalPlanner, NothingChangesBeforeTheMinimumGreen) {
  EXPECT_EQ(Street(kWest, 2).queue("s_in_0", 9).decide().stage, kWest);
  EXPECT_EQ(Street(kWest, -1).queue("s_in_0", 9).decide().reason, StageReason::minimum_green);
}

TEST(SignalPlanner, GreenIsNotGivenToThoseWhoCannotLeave) {
  Street street(kWest);
  street.queue("s_in_0", 6);
  ASSERT_EQ(street.decide().stage, kSouth);
  street.with("n_out_0", {.to_end_m = 295});  // stands at the very begin of the exit
  EXPECT_EQ(street.decide().stage, kWest);
}

// The west has had green, six wait in the south, and a zone detector sees who is within.
struct Occupied {
  Street street{kWest};
  Planner planner;
  static constexpr int kAllRed = 2, kLeft = 1;  // stage, movement

  Occupied() : planner(clearable(street).junction) { street.queue("s_in_0", 6); }
  static Street& clearable(Street& street) {
    street.junction = parse_sumo_net(kNet, {.clearing_stage = true})->at(0);
    return street;
  }
  Decision decide(std::optional<std::vector<InsideVehicle>> inside, int stage = kWest, double green_s = 20) {
    street.view.inside = std::move(inside);
    street.view.stage = stage;
    street.view.green_s = green_s;
    return planner.decide(street.view);
  }
};
const InsideVehicle kStanding{.movement = Occupied::kLeft, .to_exit_m = 8, .waited_s = 6};

TEST(SignalPlanner, ThoseWhoStandWithinTheJunctionGetOutBeforeOthersAreLetIn) {
  Occupied seen;
  const Decision first = seen.decide({{kStanding, kStanding}});
  EXPECT_EQ(first.stage, Occupied::kAllRed);
  EXPECT_EQ(first.reason, StageReason::clearing);
  EXPECT_EQ(first.inside, 2);
  EXPECT_THAT(explain(seen.street.junction, first).en, HasSubstr("2 still within"));
  EXPECT_THAT(explain(seen.street.junction, first).zh, HasSubstr("2 辆仍在路口内"));
  EXPECT_EQ(seen.decide({{kStanding}}, Occupied::kAllRed, 0).stage, Occupied::kAllRed);
  EXPECT_EQ(seen.decide({{}}, Occupied::kAllRed, 1).stage, kSouth);
}

TEST(SignalPlanner, WhoDrivesOutInTimeOrIsInNobodysWayIsNotWaitedFor) {
  Occupied seen;
  ASSERT_EQ(seen.decide({{kStanding}}).stage, Occupied::kAllRed);
  EXPECT_EQ(seen.decide({{{.movement = Occupied::kLeft, .to_exit_m = 8, .speed_mps = 7}}}).stage, kSouth);
  seen.street.view.lanes[static_cast<std::size_t>(seen.street.junction.find_lane("s_in_0"))] = {.has_positions = true};
  seen.street.queue("w_in_0", 4);
  EXPECT_EQ(seen.decide({{kStanding}}, kSouth).stage, kWest) << "it goes on with those who follow it";
}

TEST(SignalPlanner, WhoseWayIsNotKnownIsInEverybodysWay) {
  Occupied seen;
  EXPECT_EQ(seen.decide({{{.to_exit_m = 8, .waited_s = 6}}}).stage, Occupied::kAllRed);
}

TEST(SignalPlanner, WhereNothingSeesWithinNothingIsClearedAndNobodyIsHeldForLong) {
  Occupied seen;
  EXPECT_EQ(seen.decide({}).stage, kSouth);
  ASSERT_EQ(seen.decide({{kStanding}}, Occupied::kAllRed, 0).stage, Occupied::kAllRed);
  EXPECT_EQ(seen.decide({{kStanding}}, Occupied::kAllRed, PlannerSettings{}.clear_limit_s).stage, kSouth)
      << "who is never seen to leave";
  EXPECT_EQ(seen.decide({}, Occupied::kAllRed, 1).stage, kSouth) << "the detector has fallen silent";
}

TEST(SignalPlanner, AllRedIsNeverKeptForItsOwnSake) {
  Street street(kWest);
  street.junction = parse_sumo_net(kNet, {.clearing_stage = true})->at(0);
  ASSERT_EQ(street.junction.stages.size(), 3u);
  EXPECT_EQ(street.decide().stage, kWest);
  street.view.stage = Occupied::kAllRed;
  street.view.green_s = 0;
  EXPECT_NE(street.decide().stage, Occupied::kAllRed);
}

TEST(SignalPlanner, ARestartMakesNoDifference) {
  Occupied before;
  for (int s = 0; s < 20; ++s) {  // vehicles come from the west, one of them turns
    ++before.street.view.now_s;
    const int west = before.street.junction.find_lane("w_in_0"), north = before.street.junction.find_lane("n_out_0");
    before.street.view.lanes[static_cast<std::size_t>(west)].vehicles = {
        {.to_end_m = 60.0 - 3 * s, .speed_mps = 3, .track = 7}, {.to_end_m = 90, .track = 8}};
    if (s == 19) before.street.view.lanes[static_cast<std::size_t>(north)].vehicles = {{.to_end_m = 290, .track = 7}};
    before.decide({});
  }
  base::ByteWriter saved;
  before.planner.save(saved);
  Planner again(before.street.junction);
  base::ByteReader in(saved.view());
  ASSERT_TRUE(again.load(in));
  EXPECT_TRUE(in.at_end());
  base::ByteWriter twice;
  again.save(twice);
  EXPECT_EQ(twice.view(), saved.view());
  ++before.street.view.now_s;
  EXPECT_EQ(again.decide(before.street.view).expected_delay_s, before.decide({}).expected_delay_s);
  base::ByteReader cut(saved.view().substr(0, saved.view().size() / 2));
  EXPECT_FALSE(Planner(before.street.junction).load(cut));
}

TEST(SignalPlanner, ABusAndAnEmergencyVehicleWeighMoreThanACar) {
  const auto decide = [](VehicleKind kind, int others) {
    Street street(kWest);
    for (int i = 0; i < others; ++i) street.with("w_in_0", {.to_end_m = 60 + 18.0 * i, .speed_mps = 14});
    return street.with("s_in_0", {.to_end_m = 2, .waited_s = 3, .kind = kind}).decide().stage;
  };
  ASSERT_EQ(decide(VehicleKind::car, 6), kWest);
  EXPECT_EQ(decide(VehicleKind::emergency, 6), kSouth);
  int car = 0;
  int bus = 0;
  for (int others = 0; others < 12; ++others) {
    car += decide(VehicleKind::car, others) == kSouth ? 1 : 0;
    bus += decide(VehicleKind::bus, others) == kSouth ? 1 : 0;
  }
  EXPECT_GT(bus, car);
}

TEST(SignalPlanner, NobodyWaitsLongerThanTheMaximumRed) {
  Street street(kWest);
  for (int i = 0; i < 8; ++i) street.with("w_in_0", {.to_end_m = 10 + 20.0 * i, .speed_mps = 14});
  street.queue("s_in_0", 1, 145);
  street.view.red_s = {0, 0, 145};
  const Decision decision = street.decide();
  EXPECT_EQ(decision.stage, kSouth);
  EXPECT_EQ(decision.reason, StageReason::starved);
}

TEST(SignalPlanner, CountsAloneAreEnoughAndTheSameViewsGiveTheSameDecisions) {
  Street street(kWest);
  LaneView& south = street.view.lanes[static_cast<std::size_t>(street.junction.find_lane("s_in_0"))];
  for (LaneView& lane : street.view.lanes) lane.has_positions = false;
  south.count = 5;
  south.queue = 5;
  EXPECT_EQ(street.decide().stage, kSouth);
  EXPECT_EQ(street.decide().expected_delay_s, street.decide().expected_delay_s);
}

TEST(SignalPlanner, AnEmptyRoadIsLeftToAPromisedPlatoon) {
  Street street(kSouth);
  street.queue("w_in_0", 1, 1);
  const double without = street.decide().expected_delay_s;
  const int south = street.junction.find_lane("s_far_0");
  for (int i = 0; i < 10; ++i) {
    street.view.promises.push_back({.lane = south, .at_s = street.view.now_s - 10 + 2 * i, .vehicles = 1});
  }
  EXPECT_GT(street.decide().expected_delay_s, without) << "what a neighbour lets go is counted before it is seen";
}

TEST(SignalBaselines, EachFollowsItsRule) {
  Street street(kWest);
  street.queue("s_in_0", 3).queue("w_in_0", 2).with("n_out_0", {.to_end_m = 100}).with("n_out_0", {.to_end_m = 50});
  EXPECT_EQ(make_greedy_controller(street.junction)->decide(street.view).stage, kSouth);
  // West leads to both exits, of which the north has two; south to the north alone: 2 - 2 against 3 - 2.
  EXPECT_EQ(make_max_pressure_controller(street.junction)->decide(street.view).stage, kSouth);
  street.view.now_s = 7 + 57 * 20 + 21;  // the south's green is over
  EXPECT_EQ(make_fixed_controller(street.junction)->decide(street.view).stage, kWest);
  EXPECT_EQ(make_controller("oracle", street.junction), nullptr);
}

TEST(SignalBaselines, OfEqualsTheNextInTurnIsChosenAndNobodyAtAllChangesNothing) {
  Street street(kWest);
  const auto pressure = make_max_pressure_controller(street.junction);
  EXPECT_EQ(pressure->decide(street.view).stage, kWest);
  street.queue("s_in_0", 3).queue("w_in_0", 3);
  street.view.now_s += 10;
  EXPECT_EQ(pressure->decide(street.view).stage, kSouth);
}

TEST(SignalBaselines, NeverChooseAllRed) {
  Occupied all;
  for (const char* name : {"greedy", "max_pressure"}) {
    EXPECT_NE(make_controller(name, all.street.junction)->decide(all.street.view).stage, Occupied::kAllRed);
    Street full(kWest);
    Occupied::clearable(full).with("n_out_0", {.to_end_m = 100}).with("e_out_0", {.to_end_m = 100});
    EXPECT_NE(make_controller(name, full.junction)->decide(full.view).stage, Occupied::kAllRed);
  }
}

TEST(SignalStageClock, EveryChangeGoesThroughYellowAndNoGreenIsShorterThanItsMinimum) {
  const Junction junction = crossing();
  StageClock clock(junction, 100);
  clock.advance(103);
  EXPECT_FALSE(clock.want(kWest)) << "the minimum green";
  clock.advance(105);
  ASSERT_TRUE(clock.want(kWest));
  EXPECT_EQ(clock.lights(), "rry");
  clock.advance(107);
  EXPECT_EQ(clock.lights(), "rry");
  EXPECT_FALSE(clock.want(kSouth)) << "a change is not broken off";
  clock.advance(108);
  EXPECT_EQ(clock.lights(), junction.state(kWest));
  EXPECT_EQ(clock.green_s(), 0);
  EXPECT_EQ(clock.red_s()[2], 3);
}

TEST(SignalDecision, IsToldInBothLanguages) {
  const Junction junction = crossing();
  const flow::Bilingual text = explain(
      junction,
      {.stage = 1, .reason = StageReason::serving_queue, .queue = 4, .expected_delay_s = 10, .other_delay_s = 25});
  EXPECT_THAT(text.en, HasSubstr("4 waiting"));
  EXPECT_THAT(text.en, HasSubstr("15 vehicle seconds"));
  EXPECT_THAT(text.zh, HasSubstr("排队 4 辆"));
}

}  // namespace
}  // namespace cityloop::traffic
