#include "duty/planner/place_cache.h"

#include <gtest/gtest.h>

namespace cityloop::duty {
namespace {

TEST(PlaceCache, MakesEachPlaceReadyOnceAndLetsGoOfWhatNobodyAsksFor) {
  geo::StreetNetwork network;
  geo::Street street;
  street.line = {{0, 0}, {0.01, 0}};
  street.joints = {1, 2};
  street.along = street.against = geo::ModeSet::all();
  network.streets.push_back(street);
  PlaceCache cache(geo::StreetWeights::make(geo::StreetGraph::make(network), geo::TravelMode::car), 500);
  const std::vector<geo::Position> places{{0.002, 0.0001}, {0.004, 0}, {0.002, 0.0001}, {1, 1}};
  const auto first = cache.get(places, 2), second = cache.get(places, 1);
  ASSERT_TRUE(first[0] && first[1]);
  EXPECT_EQ(first[0], first[2]) << "the same place";
  EXPECT_EQ(first[0], second[0]) << "and it is kept";
  EXPECT_FALSE(first[3]) << "no street is near";
  EXPECT_EQ(cache.size(), 3u);
  for (int round = 0; round < 100; ++round) cache.get({{places[1]}}, 1);
  EXPECT_EQ(cache.size(), 1u);
}

}  // namespace
}  // namespace cityloop::duty
