#include "geo/area.h"

#include <gtest/gtest.h>

namespace cityloop::geo {
namespace {

Area square(std::string name, double west, double south, double side) {
  const double east = west + side, north = south + side;
  return {std::move(name),
          {ShapeKind::polygon, {{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}};
}

TEST(Areas, TheSmallestOfThoseItLiesIn) {
  const Areas areas =
      Areas::make({square("city", 0, 0, 1), square("harbour", 0.1, 0.1, 0.2), square("north", 0, 1, 1)}).value();
  EXPECT_EQ(areas.area_of(Position{0.2, 0.2}), "harbour");
  EXPECT_EQ(areas.area_of(Position{0.5, 0.5}), "city");
  EXPECT_EQ(areas.area_of(Position{0.5, 1.5}), "north");
  EXPECT_EQ(areas.area_of(Position{5, 5}), "");
  EXPECT_EQ(areas.areas_of({0.2, 0.2}), (std::vector<std::string_view>{"harbour", "city"}));
  EXPECT_EQ(areas.area_of(Shape{ShapeKind::line, {{{0.15, 0.2}, {0.25, 0.2}}}}), "harbour");
  ASSERT_NE(areas.find("city"), nullptr);
  EXPECT_EQ(areas.find("sea"), nullptr);
  EXPECT_EQ(areas.all().front().name, "harbour");
}

TEST(Areas, ABorderBelongsToExactlyOne) {
  const Areas areas = Areas::make({square("west", 0, 0, 1), square("east", 1, 0, 1)}).value();
  for (double lat = 0.01; lat < 1; lat += 0.01) EXPECT_EQ(areas.areas_of({1, lat}).size(), 1u) << lat;
  EXPECT_LE(areas.areas_of({1, 0}).size(), 1u);
  EXPECT_LE(areas.areas_of({1, 1}).size(), 1u);
}

TEST(Areas, Refuses) {
  EXPECT_FALSE(Areas::make({square("", 0, 0, 1)}).has_value());
  EXPECT_FALSE(Areas::make({square("a", 0, 0, 1), square("a", 3, 0, 1)}).has_value());
  EXPECT_FALSE(Areas::make({{"a", Shape::point({1, 1})}}).has_value());
  EXPECT_EQ(Areas().area_of(Position{1, 1}), "");
}

}  // namespace
}  // namespace cityloop::geo
