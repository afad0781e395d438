// The cabinets of the demo and the watch over their lights, on a crossing of two streets.
#include <optional>

#include <gtest/gtest.h>

#include "domain/traffic/demo/field_controller.h"
#include "domain/traffic/demo/road_watch.h"

namespace cityloop::traffic {
namespace {

//      │n
//  w ──┼──▶ e     two movements that meet: w to e, n to s
//      ▼s
Junction crossing() {
  Junction made;
  made.id = "x";
  made.lanes = {{.id = "w", .length_m = 100, .speed_mps = 14},
                {.id = "n", .length_m = 100, .speed_mps = 14},
                {.id = "e", .role = LaneRole::exit, .length_m = 100, .speed_mps = 14},
                {.id = "s", .role = LaneRole::exit, .length_m = 100, .speed_mps = 14}};
  made.movements = {{.link = 0, .from = 0, .to = 2, .length_m = 20, .speed_mps = 12},
                    {.link = 1, .from = 1, .to = 3, .length_m = 20, .speed_mps = 12}};
  made.links = 2;
  made.conflicts = {Conflict::none, Conflict::excludes, Conflict::excludes, Conflict::none};
  made.stages = {{.name = "A", .aspects = {Aspect::protected_, Aspect::red}},
                 {.name = "B", .aspects = {Aspect::red, Aspect::protected_}}};
  made.all_red_s = 1;
  made.plan.steps = {{.stage = 0, .green_s = 20, .change_s = 4}, {.stage = 1, .green_s = 20, .change_s = 4}};
  return made;
}

struct Seen {
  std::uint64_t violations{};
  std::string last;
};

Seen watch(std::initializer_list<std::pair<const char*, int>> shown) {
  const Junction junction = crossing();
  RoadWatch road(junction);
  double now_s = 0;
  for (const auto& [letters, seconds] : shown) {
    for (int i = 0; i < seconds; ++i) road.look(letters, now_s++);
  }
  return {road.violations(), road.last()};
}

TEST(TrafficDemoRoadWatch, AProperChangeIsNoViolation) {
  EXPECT_EQ(watch({{"Gr", 5}, {"yr", 3}, {"rr", 1}, {"rG", 5}, {"ry", 3}, {"rr", 1}, {"Gr", 9}}).violations, 0U);
}

TEST(TrafficDemoRoadWatch, EachThingThatMustNotBeIsSeen) {
  EXPECT_GT(watch({{"GG", 1}}).violations, 0U) << "conflicting greens";
  EXPECT_GT(watch({{"Gr", 5}, {"rr", 3}}).violations, 0U) << "no yellow";
  EXPECT_GT(watch({{"Gr", 5}, {"yr", 2}, {"rr", 1}}).violations, 0U) << "a short yellow";
  EXPECT_GT(watch({{"rr", 2}, {"Gr", 4}, {"yr", 3}}).violations, 0U) << "a short green";
  EXPECT_GT(watch({{"Gr", 5}, {"yr", 3}, {"rG", 1}}).violations, 0U) << "no all red";
  EXPECT_GT(watch({{"G", 1}}).violations, 0U) << "a light is missing";
  EXPECT_NE(watch({{"Gr", 5}, {"rr", 3}}).last.find("from green to red"), std::string::npos);
}

// Runs a cabinet second by second with a watch over it.
class Cabinet : public ::testing::Test {
 protected:
  void pass(int seconds) {
    for (int i = 0; i < seconds; ++i) (void)ask({});
  }
  // One second, in which a stage is asked for or nothing; what was asked for begins within it.
  base::Status ask(std::optional<int> stage) {
    ++now_s_;
    controller_.advance(now_s_);
    const base::Status done = stage ? controller_.ask(*stage, now_s_) : base::Status{};
    road_.look(controller_.letters(now_s_), now_s_);
    return done;
  }
  Junction junction_ = crossing();
  FieldController controller_{junction_, 0};
  RoadWatch road_{junction_};
  double now_s_{0};
};

TEST_F(Cabinet, RunsItsPlanUntilItIsAskedAndAgainWhenNobodyAsks) {
  pass(60);
  EXPECT_FALSE(controller_.remote());
  EXPECT_EQ(road_.violations(), 0U);
  while (!ask(0)) {
  }
  EXPECT_TRUE(controller_.remote());
  for (int i = 0; i < 6; ++i) {
    pass(9);
    ASSERT_TRUE(ask(0));
  }
  EXPECT_EQ(controller_.letters(now_s_), "Gr") << "held for a minute, against the plan";
  pass(int(kPlanAfter_s));
  EXPECT_TRUE(controller_.remote());
  pass(1);
  EXPECT_FALSE(controller_.remote());
  EXPECT_EQ(controller_.fallbacks(), 1U);
  pass(60);
  EXPECT_EQ(controller_.takeovers(), 1U);
  EXPECT_EQ(road_.violations(), 0U);
}

TEST_F(Cabinet, WhateverIsAskedWhenTheRoadIsSafe) {
  std::uint64_t granted = 0, refused = 0, state = 7;
  for (int i = 0; i < 5000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const base::Status done = ask(int(state >> 62U) - 1);
    ++(done ? granted : refused);
    if (!done) EXPECT_FALSE(done.error().message.empty());
  }
  EXPECT_EQ(road_.violations(), 0U) << road_.last();
  EXPECT_GT(granted, 100U);
  EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace cityloop::traffic
