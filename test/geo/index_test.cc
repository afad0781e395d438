#include "geo/index.h"

#include <map>

#include <gtest/gtest.h>

#include "test/geo/shapes.h"

namespace cityloop::geo {
namespace {

std::vector<std::uint32_t> exact(const std::vector<std::uint32_t>& keys, const std::map<std::uint32_t, Shape>& shapes,
                                 const Shape& asked, double distance) {
  const PreparedShape prepared(asked);
  std::vector<std::uint32_t> out;
  for (const std::uint32_t key : keys) {
    if (prepared.distance_m(shapes.at(key)) <= std::max(distance, kTouch_m)) out.push_back(key);
  }
  return out;
}

// Shapes come, move and go; every question is also answered by looking at all of them.
void against_brute_force(std::uint64_t seed, Position around, double spread_deg, double size_deg) {
  base::Rng rng(seed);
  SpatialIndex index;
  std::map<std::uint32_t, Shape> shapes;
  std::size_t candidates = 0, looked_at = 0;
  for (int round = 0; round < 700; ++round) {
    const auto key = std::uint32_t(rng.below(300));
    if (rng.below(5) == 0) {
      index.erase(key);
      shapes.erase(key);
    } else {
      const Shape shape = random_shape(rng, around, spread_deg, size_deg);
      index.put(key, shape);
      shapes.insert_or_assign(key, shape);
    }
    ASSERT_EQ(index.size(), shapes.size());
    if (round % 5 != 0) continue;
    const Shape asked = random_shape(rng, around, spread_deg, size_deg * rng.uniform(0.1, 3));
    const double distance = rng.below(3) == 0 ? 0 : spread_deg * 111'000 * rng.uniform(0, 0.5);
    const auto found = index.near(asked, distance);
    ASSERT_TRUE(std::ranges::is_sorted(found));
    ASSERT_EQ(std::ranges::adjacent_find(found), found.end());
    std::vector<std::uint32_t> all;
    for (const auto& [number, shape] : shapes) all.push_back(number);
    ASSERT_EQ(exact(found, shapes, asked, distance), exact(all, shapes, asked, distance)) << "round " << round;
    candidates += found.size();
    looked_at += all.size();
  }
  EXPECT_LT(candidates, looked_at / 2) << "an index that gives everything is none";
}

TEST(SpatialIndex, CityAgainstBruteForce) {
  against_brute_force(1, {10.2, 56.15}, 0.1, 0.01);
}
TEST(SpatialIndex, AntimeridianAgainstBruteForce) {
  against_brute_force(2, {179.98, -17}, 0.1, 0.01);
}
TEST(SpatialIndex, PoleAgainstBruteForce) {
  against_brute_force(3, {30, 89.5}, 0.3, 0.05);
}
TEST(SpatialIndex, CountryAgainstBruteForce) {
  against_brute_force(4, {10, 50}, 5, 0.4);
}

TEST(SpatialIndex, AWholePolygonAroundAPoint) {
  SpatialIndex index;
  base::Rng rng(1);
  index.put(7, Shape{ShapeKind::polygon, {star(rng, {10, 50}, 1, 12)}});
  index.put(8, Shape::point({10, 50}));
  EXPECT_EQ(index.near(Shape::point({10, 50}), 0), (std::vector<std::uint32_t>{7, 8}));
  EXPECT_EQ(index.near(Shape::point({14, 50}), 0), std::vector<std::uint32_t>{});
  EXPECT_EQ(index.near(Shape::point({-170, -50}), 30'000'000), (std::vector<std::uint32_t>{7, 8}));
  index.put(8, Shape::point({14, 50}));
  EXPECT_EQ(index.near(Shape::point({14, 50}), 0), (std::vector<std::uint32_t>{8}));
  index.erase(7);
  index.erase(7);
  index.erase(4'000'000);
  EXPECT_EQ(index.size(), 1u);
  EXPECT_TRUE(index.near(Shape::point({10, 50}), 100).empty());
}

TEST(SpatialIndex, NothingInIt) {
  const SpatialIndex index;
  EXPECT_TRUE(index.near(Shape::point({0, 0}), 1e9).empty());
}

}  // namespace
}  // namespace cityloop::geo
