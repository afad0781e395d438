// What is read of lanes, and what of it a controller is given.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/traffic/signal/lane_watch.h"
#include "domain/traffic/test/signal_crossing.h"

namespace cityloop::traffic {
namespace {

using flow::Name;

class SignalLaneWatch : public testing::Test {
 protected:
  const SignalJunction is{SignalSettings::parse(test::kCrossing, "x.toml").value().junctions[0]};
  LaneWatch watch{is, {}};
  std::vector<LaneView> lanes;
  double now_s{1000};

  static flow::Attribute says(std::string_view name, flow::Value value, std::string_view unit = "") {
    return flow::property(Name(name), std::move(value), flow::kNever, Name(unit));
  }
  void tell(std::size_t detector, std::vector<flow::Attribute> attributes) {
    flow::Change change;
    for (flow::Attribute& one : attributes) change.attributes.push_back({std::move(one)});
    watch.see(detector, change, base::from_us(std::int64_t(now_s * 1e6)));
  }
  const LaneView& look(int lane) {
    watch.pass(now_s, nullptr);
    watch.fill(lanes, now_s);
    return lanes[std::size_t(lane)];
  }
};

constexpr const char* kTracked =
    R"([{"toEnd":40.5,"speed":9,"track":8,"kind":"bus"},{"toEnd":2,"speed":0,"waited":12,"track":7}])";

TEST_F(SignalLaneWatch, ReadsVehiclesOneByOneFromTheStopLineBackwards) {
  tell(0, {says("trackedVehicles", flow::Json{kTracked}), says("intensity", 1.0), says("waitingTime", 12.0),
           says("averageVehicleSpeed", 36.0)});
  const LaneView& view = look(0);
  EXPECT_TRUE(view.known);
  ASSERT_TRUE(view.has_positions);
  ASSERT_EQ(view.vehicles.size(), 2u);
  EXPECT_EQ(view.vehicles[0].to_end_m, 2);
  EXPECT_EQ(view.vehicles[0].waited_s, 12);
  EXPECT_EQ(view.vehicles[1].kind, VehicleKind::bus);
  EXPECT_EQ(view.vehicles[1].track, 8u);
  EXPECT_EQ(view.queue, 1);
  EXPECT_EQ(view.count, 2);
  EXPECT_EQ(view.waited_s, 12);
  EXPECT_EQ(view.arrived, 1);
  EXPECT_EQ(look(0).arrived, 0) << "told once";
  now_s += 10;
  EXPECT_FALSE(look(0).has_positions) << "where they were ten seconds ago says nothing";
  EXPECT_FALSE(lanes[1].known);
}

TEST_F(SignalLaneWatch, VehiclesListedTwiceOrWhereNoneCanBeAreALie) {
  tell(0,
       {says("trackedVehicles", flow::Json{R"([{"toEnd":2,"speed":0,"track":7},{"toEnd":2,"speed":0,"track":7}])"})});
  EXPECT_EQ(watch.health(0).verdict().lie, Lie::doubled);
  tell(1, {says("trackedVehicles", flow::Json{R"([{"toEnd":-2,"speed":0}])"})});
  EXPECT_EQ(watch.health(1).verdict().lie, Lie::negative);
  tell(2, {says("trackedVehicles", flow::Json{R"({"no":"list"})"})});
  EXPECT_EQ(watch.health(2).verdict().lie, Lie::negative);
  EXPECT_FALSE(look(0).known);
  EXPECT_TRUE(lanes[0].vehicles.empty());
  EXPECT_EQ(watch.blind_lane(), 0);
  EXPECT_EQ(watch.liar_of(0), 0);
}

TEST_F(SignalLaneWatch, ATextWhereANumberShouldBeIsNotBelieved) {
  tell(0, {says("queueLength", std::string("many"))});
  EXPECT_EQ(watch.health(0).verdict().lie, Lie::negative);
}

TEST_F(SignalLaneWatch, WhoOnlyCountsHasItsQueueEstimated) {
  SafetyMonitor lights(*is.junction, now_s);
  for (int i = 0; i < 60; ++i) {
    now_s += 1;
    tell(1, {says("intensity", i % 10 == 0 ? 1.0 : 0.0)});
    watch.pass(now_s, &lights);
  }
  watch.fill(lanes, now_s);
  EXPECT_EQ(lanes[1].queue, 6) << "one in ten seconds, at red";
  EXPECT_GT(lanes[1].waited_s, 40);
  EXPECT_EQ(watch.queue(), 6);
  EXPECT_EQ(watch.arrived_lately(), 6);
  EXPECT_EQ(watch.take_passed(), 6);
  EXPECT_EQ(watch.take_passed(), 0);
  lights.adopt(1, now_s);
  now_s += 8;
  watch.pass(now_s, &lights);
  watch.fill(lanes, now_s);
  EXPECT_EQ(lanes[1].queue, 2) << "half a vehicle a second of green";
}

TEST_F(SignalLaneWatch, UnitsAreReadAsTheyAreGiven) {
  tell(0, {says("occupancy", 130.0, "P1")});
  EXPECT_EQ(watch.health(0).verdict().lie, Lie::negative);
  tell(1, {says("occupancy", 30.0, "P1"), says("averageVehicleSpeed", 40.0, "MTS")});
  EXPECT_TRUE(watch.health(1).honest());
  tell(2, {says("averageVehicleSpeed", 400.0)});
  EXPECT_EQ(watch.health(2).verdict().lie, Lie::jumping);
}

TEST_F(SignalLaneWatch, WhatIsSavedIsTheSame) {
  tell(0, {says("trackedVehicles", flow::Json{kTracked}), says("intensity", 1.0)});
  look(0);
  base::ByteWriter out, second;
  watch.save(out);
  LaneWatch again(is, {});
  base::ByteReader in(out.view());
  ASSERT_TRUE(again.load(in));
  EXPECT_TRUE(in.at_end());
  again.save(second);
  EXPECT_EQ(out.view(), second.view());
  for (std::size_t size = 0; size < out.view().size(); size += 5) {
    base::ByteReader cut(out.view().substr(0, size));
    EXPECT_FALSE(LaneWatch(is, {}).load(cut)) << size;
  }
}

TEST_F(SignalLaneWatch, TheSameNumbersForSoLongAsTheCitySaysAreStuckButNeverForAsLongAsAQueueMayStand) {
  const auto stuck_after = [this](std::optional<double> said_s) {
    SignalJunction junction = is;
    junction.stuck_after_s = said_s;
    LaneWatch one(junction, {});
    flow::Change change;
    for (const auto& [name, value] : {std::pair("queueLength", 3.0), std::pair("vehicleCount", 4.0),
                                      std::pair("averageVehicleSpeed", 11.5), std::pair("intensity", 1.0)})
      change.attributes.push_back({says(name, value)});
    int second = 0;
    for (; second < 1000 && one.health(0).honest(); ++second)
      one.see(0, change, base::from_us((1000 + std::int64_t(second)) * 1'000'000));
    EXPECT_EQ(one.health(0).verdict().lie, Lie::stuck);
    return double(second);
  };
  const double least_s = is.junction->max_red_s + 60;
  EXPECT_NEAR(stuck_after(400), 400, 3);
  EXPECT_NEAR(stuck_after(20), least_s, 3);
  EXPECT_NEAR(stuck_after(std::nullopt), std::max(240.0, least_s), 3);
}

}  // namespace
}  // namespace cityloop::traffic
