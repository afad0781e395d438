// Where lanes lie around a junction.
#include "domain/traffic/signal/lane_street.h"

#include <gtest/gtest.h>

namespace cityloop::traffic {
namespace {

constexpr geo::Position kJunction{3.4, 54.6};

geo::Position off(double east_m, double north_m) {
  return {kJunction.lon_deg + east_m / (111'320 * 0.57928), kJunction.lat_deg + north_m / 111'320};
}

TEST(SignalLaneStreet, AStreetLiesTheSameWayWhicheverEndItBeginsAt) {
  const std::vector<geo::Position> leaving{off(12, 0), off(300, 0)}, coming{off(300, 5), off(12, 5)};
  EXPECT_NEAR(bearing_outwards(leaving, kJunction).value(), 90, 0.5);
  EXPECT_NEAR(bearing_outwards(coming, kJunction).value(), 90, 0.5);
  const std::vector<geo::Position> west{off(-12, -12), off(-90, -90)};
  EXPECT_NEAR(bearing_outwards(west, kJunction).value(), 225, 0.5);
}

TEST(SignalLaneStreet, TheBendAtTheStopLineDoesNotCountTheStreetBehindItDoes) {
  const std::vector<geo::Position> street{off(0, 10), off(4, 12), off(4, 60), off(400, 60)};
  EXPECT_NEAR(bearing_outwards(street, kJunction).value(), 4.6, 1);
  EXPECT_FALSE(bearing_outwards(std::vector<geo::Position>{off(1, 1), off(1, 1)}, kJunction));
  EXPECT_FALSE(bearing_outwards(std::vector<geo::Position>{off(1, 1)}, kJunction));
}

TEST(SignalLaneStreet, WhatComesAndGoesByOneStreetIsOneArmAlsoAroundNorth) {
  std::vector<LaneStreet> lanes(5);
  share_arms(lanes, {355, 4, 92, std::nullopt, 97});
  EXPECT_EQ(lanes[0].arm, 0);
  EXPECT_EQ(lanes[1].arm, 0);
  EXPECT_EQ(lanes[1].bearing_deg, 355);
  EXPECT_EQ(lanes[2].arm, 2);
  EXPECT_FALSE(lanes[3].arm) << "nobody knows where it lies";
  EXPECT_EQ(lanes[4].arm, 2);
}

}  // namespace
}  // namespace cityloop::traffic
