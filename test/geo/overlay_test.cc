#include "geo/overlay.h"

#include <gtest/gtest.h>

namespace cityloop::geo {
namespace {

Shape box(double west, double south, double east, double north) {
  return {ShapeKind::polygon, {{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}};
}

TEST(Overlay, WhatTwoAreasShareIsAPolygonOfItsOwn) {
  const auto both = shared(box(0, 0, 0.02, 0.02), box(0.01, 0.01, 0.03, 0.03));
  ASSERT_EQ(both.size(), 1u);
  EXPECT_NEAR(both.front().area_m2, area_m2(box(0.01, 0.01, 0.02, 0.02)), 1);
  EXPECT_TRUE(within(both.front().shape, box(0.0099, 0.0099, 0.0201, 0.0201)));
  EXPECT_TRUE(shared(box(0, 0, 0.01, 0.01), box(0.01, 0, 0.02, 0.01)).empty()) << "neighbours share an edge only";
  EXPECT_TRUE(shared(box(0, 0, 0.01, 0.01), Shape::point({0.005, 0.005})).empty());
}

TEST(Overlay, WhatNobodyCoversComesBackLargestFirstWithItsHoles) {
  const Shape whole = box(0, 0, 0.03, 0.01);
  const Shape west = box(0, 0, 0.01, 0.01), east = box(0.015, 0, 0.03, 0.01), patch = box(0.012, 0.004, 0.013, 0.006);
  const auto gap = uncovered(whole, {&west, &east, &patch});
  ASSERT_EQ(gap.size(), 1u);
  ASSERT_EQ(gap.front().shape.parts.size(), 2u) << "the patch is a hole in it";
  EXPECT_NEAR(gap.front().area_m2, area_m2(box(0.01, 0, 0.015, 0.01)) - area_m2(patch), 2);
  // As GeoJSON it can be read again.
  EXPECT_LT(distance_m(gap.front().shape, {0.0145, 0.005}), 1e-6);
  EXPECT_GT(distance_m(gap.front().shape, {0.0125, 0.005}), 1);
  const Shape middle = box(0.01, 0, 0.02, 0.01);
  const auto two = uncovered(whole, {&middle, &patch});
  ASSERT_EQ(two.size(), 2u);
  EXPECT_GE(two[0].area_m2, two[1].area_m2);
  EXPECT_EQ(uncovered(whole, {}).size(), 1u);
  EXPECT_TRUE(uncovered(whole, {&whole}).empty());
}

TEST(Overlay, WhatIsNarrowerThanASliverIsInaccuracyOfDrawing) {
  const double metre_deg = 1 / 111'195.0;
  const Shape whole = box(0, 0, 0.01, 0.01);
  const Shape short_by_half_a_metre = box(0, 0, 0.01 - 0.5 * metre_deg, 0.01);
  EXPECT_TRUE(uncovered(whole, {&short_by_half_a_metre}).empty());
  const Shape short_by_three = box(0, 0, 0.01 - 3 * metre_deg, 0.01);
  EXPECT_EQ(uncovered(whole, {&short_by_three}).size(), 1u);
  EXPECT_EQ(uncovered(whole, {&short_by_half_a_metre}, 0.1).size(), 1u);
}

}  // namespace
}  // namespace cityloop::geo
