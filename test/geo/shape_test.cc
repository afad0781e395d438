#include "geo/shape.h"

#include <gtest/gtest.h>

#include "test/geo/shapes.h"

namespace cityloop::geo {
namespace {

Shape shape(std::string_view json) {
  auto out = Shape::from_geojson(json);
  EXPECT_TRUE(out.has_value()) << json << ": " << (out ? "" : out.error().message);
  return out.value_or(Shape{});
}

// 0.01 degrees are 1,112 m to the north, and as much to the east at the equator.
constexpr double kCentidegree_m = kEarthRadius_m * std::numbers::pi / 18000;

const char* const kYard =
    R"({"type":"Polygon","coordinates":[[[0,0],[0.04,0],[0.04,0.04],[0,0.04],[0,0]],
        [[0.01,0.01],[0.01,0.03],[0.03,0.03],[0.03,0.01],[0.01,0.01]]]})";

TEST(Shape, ReadsEveryGeometry) {
  EXPECT_EQ(shape(R"({"type":"Point","coordinates":[10.2,56.1,33]})"), Shape::point({10.2, 56.1}));
  EXPECT_EQ(shape(R"({"coordinates":[[1,2],[3,4]],"type":"MultiPoint"})").kind, ShapeKind::multi_point);
  EXPECT_EQ(shape(R"({"type":"LineString","coordinates":[[1,2],[3,4]]})").parts[0][1], (Position{3, 4}));
  EXPECT_EQ(shape(R"({"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6],[7,8]]]})").parts.size(), 2u);
  EXPECT_EQ(shape(kYard).parts.size(), 2u);
  EXPECT_EQ(shape(R"({"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,5]]]]})")
                .parts.size(),
            2u);
  EXPECT_EQ(Shape::from_coordinates("Point", "[8,40]").value(), Shape::point({8, 40}));
  EXPECT_TRUE(shape(R"({"type":"Point","coordinates":[-180,-90],"bbox":[1,2,3,4]})").kind == ShapeKind::point);
}

TEST(Shape, RefusesAndNamesThePlace) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "not well-formed JSON"},
      {"[]", "must be an object"},
      {R"({"coordinates":[1,2]})", "no text member 'type'"},
      {R"({"type":"Point"})", "no member 'coordinates'"},
      {R"({"type":"Circle","coordinates":[1,2]})", "'Circle' is no GeoJSON geometry"},
      {R"({"type":"GeometryCollection","geometries":[]})", "not taken"},
      {R"({"type":"Point","coordinates":[500,2]})", "coordinates: longitude 500 is off the earth"},
      {R"({"type":"Point","coordinates":[5,-90.01]})", "coordinates: latitude -90.01 is off the earth"},
      {R"({"type":"Point","coordinates":[5]})", "coordinates must be a position"},
      {R"({"type":"Point","coordinates":[1,2,3,4]})", "coordinates must be a position"},
      {R"({"type":"Point","coordinates":["5",3]})", "coordinates must be a position"},
      {R"({"type":"Point","coordinates":[5,null]})", "coordinates must be a position"},
      {R"({"type":"Point","coordinates":[[5,3]]})", "coordinates must be a position"},
      {R"({"type":"LineString","coordinates":[[5,3]]})", "needs at least 2"},
      {R"({"type":"LineString","coordinates":[[5,3],[5,3]]})", "two different positions"},
      {R"({"type":"LineString","coordinates":[[5,3],[5,93]]})", "coordinates[1]: latitude 93"},
      {R"({"type":"LineString","coordinates":[[0,90],[0,-90]]})", "opposite"},
      {R"({"type":"Polygon","coordinates":[]})", "no ring"},
      {R"({"type":"Polygon","coordinates":[[0,0],[1,0],[1,1],[0,0]]})", "coordinates[0] has"},
      {R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]})", "needs at least 4"},
      {R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]})", "coordinates[0]: the ring is open"},
      {R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,0],[0,0]]]})", "three different corners"},
      {R"({"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]})", "coordinates[0]: the ring crosses"},
      {R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]],[[2,2],[3,2],[3,3],[2,2]]]})",
       "a hole lies outside"},
      {R"({"type":"Polygon","coordinates":[[[2,2],[3,2],[3,3],[2,2]],[[0,0],[9,0],[9,9],[0,9],[0,0]]]})",
       "the first ring must be the outside"},
      {R"({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,2],[0,0]],[[1,1],[3,1],[3,1.5],[1,1]]]})",
       "rings cross one another"},
      {R"({"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,5.1]]]]})",
       "coordinates[1][0]: the ring is open"},
      {R"({"type":"MultiPolygon","coordinates":[[[[0,0],[2,0],[2,2],[0,2],[0,0]]],[[[1,1],[3,1],[3,3],[1,3],[1,1]]]]})",
       "polygons cross one another"},
      {R"({"type":"MultiLineString","coordinates":[]})", "empty list"},
  };
  for (const auto& [json, expected] : kCases) {
    const auto got = Shape::from_geojson(json);
    ASSERT_FALSE(got.has_value()) << json;
    if (std::string_view(expected) == "coordinates[0] has") {  // a list of numbers where a list of positions is due
      EXPECT_NE(got.error().message.find("coordinates[0]"), std::string::npos) << got.error().message;
      continue;
    }
    EXPECT_NE(got.error().message.find(expected), std::string::npos) << json << " said: " << got.error().message;
  }
  std::string huge = R"({"type":"MultiPoint","coordinates":[[1,1])";
  for (int i = 0; i < 100'000; ++i) huge += ",[1,1]";
  EXPECT_EQ(Shape::from_geojson(huge + "]}").error().code, base::Errc::full);
  EXPECT_FALSE(Shape::from_geojson(std::string(5000, '[')).has_value());
}

TEST(Distance, IsHaversine) {
  base::Rng rng(1);
  for (int i = 0; i < 20'000; ++i) {
    const Position a{rng.uniform(-180, 180), rng.uniform(-90, 90)};
    const double scale = std::pow(10, rng.uniform(-6, 2));  // from decimetres to half around the world
    const Position b{wrapped(a.lon_deg + rng.uniform(-1, 1) * scale),
                     std::clamp(a.lat_deg + rng.uniform(-1, 1) * scale, -90., 90.)};
    const double expected = haversine_m(a, b);
    if (expected > 19'000'000) continue;  // haversine itself is blunt at the antipode
    EXPECT_NEAR(distance_m(a, b), expected, 1e-6 + expected * 1e-9) << a.lon_deg << ' ' << a.lat_deg;
  }
}

TEST(Distance, ToLinesAndPolygons) {
  const Shape street = shape(R"({"type":"LineString","coordinates":[[0,0],[0.02,0],[0.02,0.02]]})");
  EXPECT_NEAR(distance_m(street, Position{0.01, 0.01}), kCentidegree_m, 0.01);
  EXPECT_NEAR(distance_m(street, Position{-0.01, 0}), kCentidegree_m, 0.01);
  EXPECT_NEAR(distance_m(street, Position{0.005, 0}), 0, 1e-6);
  const Shape yard = shape(kYard);
  EXPECT_EQ(distance_m(yard, Position{0.005, 0.02}), 0);
  EXPECT_NEAR(distance_m(yard, Position{0.02, 0.02}), kCentidegree_m, 0.01);  // in the hole
  EXPECT_NEAR(distance_m(yard, Position{0.05, 0.02}), kCentidegree_m, 0.01);
  EXPECT_NEAR(distance_m(yard, shape(R"({"type":"LineString","coordinates":[[0.06,0],[0.06,0.04]]})")),
              2 * kCentidegree_m, 0.02);
  EXPECT_EQ(distance_m(yard, street), 0);
  const Shape pond =
      shape(R"({"type":"Polygon","coordinates":[[[0.019,0.02],[0.021,0.02],[0.02,0.021],[0.019,0.02]]]})");
  EXPECT_NEAR(distance_m(yard, pond), 0.9 * kCentidegree_m, 0.01);
  EXPECT_EQ(distance_m(shape(R"({"type":"MultiPoint","coordinates":[[5,5],[0.005,0.02]]})"), yard), 0);
}

// A brute walk along the line must never find anything nearer, and must come close to what was found.
TEST(Distance, NothingOnTheLineIsNearer) {
  base::Rng rng(7);
  for (int i = 0; i < 300; ++i) {
    const Position a{rng.uniform(9, 11), rng.uniform(50, 52)};
    const Position b = offset(a, rng.uniform(-.1, .1), rng.uniform(-.1, .1));
    const Position p = offset(a, rng.uniform(-.1, .1), rng.uniform(-.1, .1));
    const double found = distance_m(Shape{ShapeKind::line, {{a, b}}}, p);
    double nearest = 1e9;
    for (int k = 0; k <= 1000; ++k) {
      const double t = k / 1000.0;
      nearest =
          std::min(nearest, haversine_m(p, offset(a, t * wrapped(b.lon_deg - a.lon_deg), t * (b.lat_deg - a.lat_deg))));
    }
    // The walk follows the plate carrée, the edge the great circle: at most some metres apart over 15 km.
    EXPECT_NEAR(found, nearest, 15);
  }
}

TEST(Antimeridian, IsNoBorder) {
  EXPECT_NEAR(distance_m(Position{179.99, 0}, Position{-179.99, 0}), 2 * kCentidegree_m, 0.01);
  EXPECT_EQ(distance_m(Position{180, 10}, Position{-180, 10}), 0);
  EXPECT_EQ(distance_m(Position{17, 90}, Position{-120, 90}), 0);
  const Shape across = shape(R"({"type":"Polygon","coordinates":[[[179,-1],[-179,-1],[-179,1],[179,1],[179,-1]]]})");
  EXPECT_TRUE(within(Shape::point({180, 0}), across));
  EXPECT_TRUE(within(Shape::point({-179.5, 0.5}), across));
  EXPECT_FALSE(within(Shape::point({0, 0}), across));
  EXPECT_NEAR(across.anchor().lat_deg, 0, 1e-9);
  EXPECT_NEAR(std::abs(across.anchor().lon_deg), 180, 1e-9);
  const Shape line = shape(R"({"type":"LineString","coordinates":[[179.99,0],[-179.99,0]]})");
  EXPECT_NEAR(distance_m(line, Position{180, 0.01}), kCentidegree_m, 0.01);
  EXPECT_TRUE(intersects(line, across));
}

TEST(Within, PolygonWithHole) {
  const Shape yard = shape(kYard);
  EXPECT_TRUE(within(Shape::point({0.005, 0.02}), yard));
  EXPECT_FALSE(within(Shape::point({0.02, 0.02}), yard));
  EXPECT_FALSE(within(Shape::point({0.05, 0.02}), yard));
  EXPECT_TRUE(within(Shape::point({0, 0}), yard)) << "a corner";
  EXPECT_TRUE(within(Shape::point({0.04, 0.02}), yard)) << "on the edge";
  EXPECT_TRUE(within(Shape::point({0.01, 0.02}), yard)) << "on the hole's edge";
  EXPECT_TRUE(within(shape(R"({"type":"LineString","coordinates":[[0.005,0.005],[0.005,0.035]]})"), yard));
  // Both ends inside, the middle over the hole: every corner lies in it, and still it is not within.
  EXPECT_FALSE(within(shape(R"({"type":"LineString","coordinates":[[0.005,0.02],[0.035,0.02]]})"), yard));
  EXPECT_FALSE(within(
      shape(
          R"({"type":"Polygon","coordinates":[[[0.005,0.005],[0.035,0.005],[0.035,0.035],[0.005,0.035],[0.005,0.005]]]})"),
      yard));
  EXPECT_TRUE(within(shape(R"({"type":"Polygon","coordinates":[[[0,0],[0.01,0],[0.01,0.04],[0,0.04],[0,0]]]})"), yard))
      << "sharing edges";
  EXPECT_TRUE(within(yard, yard));
  EXPECT_FALSE(within(yard, Shape::point({0, 0})));
  EXPECT_TRUE(within(Shape::point({0.01, 0}), shape(R"({"type":"LineString","coordinates":[[0,0],[0.02,0]]})")));
  EXPECT_TRUE(within(shape(R"({"type":"LineString","coordinates":[[0.015,0],[0.005,0]]})"),
                     shape(R"({"type":"LineString","coordinates":[[0,0],[0.02,0]]})")));
}

TEST(Intersects, TouchCrossAndApart) {
  const Shape yard = shape(kYard);
  const Shape hole_only =
      shape(R"({"type":"Polygon","coordinates":[[[0.015,0.015],[0.025,0.015],[0.02,0.025],[0.015,0.015]]]})");
  EXPECT_FALSE(intersects(yard, hole_only));
  EXPECT_TRUE(intersects(yard, shape(R"({"type":"LineString","coordinates":[[0.02,0.02],[0.02,0.9]]})")));
  EXPECT_TRUE(intersects(Shape::point({1, 1}), Shape::point({1, 1})));
  EXPECT_FALSE(intersects(Shape::point({1, 1}), Shape::point({1, 1.0000001})));
  const Shape neighbour =
      shape(R"({"type":"Polygon","coordinates":[[[0.04,0],[0.08,0],[0.08,0.04],[0.04,0.04],[0.04,0]]]})");
  EXPECT_TRUE(intersects(yard, neighbour));
  EXPECT_FALSE(overlaps(yard, neighbour)) << "they only touch";
  const Shape shifted =
      shape(R"({"type":"Polygon","coordinates":[[[0.035,0],[0.08,0],[0.08,0.04],[0.035,0.04],[0.035,0]]]})");
  EXPECT_TRUE(overlaps(yard, shifted));
  EXPECT_FALSE(overlaps(yard, yard));
  EXPECT_TRUE(equals(yard, yard));
  EXPECT_FALSE(equals(yard, shifted));
  const Shape street = shape(R"({"type":"LineString","coordinates":[[0,0],[0.02,0]]})");
  EXPECT_TRUE(equals(street, shape(R"({"type":"LineString","coordinates":[[0.02,0],[0.01,0],[0,0]]})")));
  EXPECT_FALSE(overlaps(street, shape(R"({"type":"LineString","coordinates":[[0.01,-1],[0.01,1]]})"))) << "they cross";
  EXPECT_TRUE(overlaps(shape(R"({"type":"LineString","coordinates":[[0,0],[0.01,0],[0.02,0]]})"),
                       shape(R"({"type":"LineString","coordinates":[[0.01,0],[0.02,0],[0.03,0]]})")));
  EXPECT_TRUE(overlaps(shape(R"({"type":"MultiPoint","coordinates":[[0,0],[1,1]]})"),
                       shape(R"({"type":"MultiPoint","coordinates":[[1,1],[2,2]]})")));
}

TEST(Prepared, SaysTheSame) {
  base::Rng rng(3);
  for (int i = 0; i < 300; ++i) {
    const Shape a = random_shape(rng, {179.95, 40}, 0.1, 0.05), b = random_shape(rng, {179.95, 40}, 0.1, 0.05);
    const PreparedShape prepared(a);
    EXPECT_EQ(prepared.distance_m(b), distance_m(a, b));
    EXPECT_EQ(prepared.contains(b), within(b, a));
    EXPECT_EQ(prepared.within(b), within(a, b));
    EXPECT_EQ(prepared.intersects(b), intersects(a, b));
    EXPECT_EQ(prepared.intersects(b), prepared.distance_m(b) <= kTouch_m);
    EXPECT_EQ(intersects(a, b), intersects(b, a));
    EXPECT_NEAR(distance_m(a, b), distance_m(b, a), 1e-6);
    EXPECT_TRUE(equals(a, a));
    if (within(a, b)) EXPECT_TRUE(intersects(a, b));
  }
}

TEST(Anchor, StandsForTheShape) {
  EXPECT_EQ(Shape::point({3, 4}).anchor(), (Position{3, 4}));
  const Position middle = shape(R"({"type":"LineString","coordinates":[[0,0],[0.02,0]]})").anchor();
  EXPECT_NEAR(middle.lon_deg, 0.01, 1e-9);
  const Shape horseshoe =
      shape(R"({"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[3,4],[3,1],[1,1],[1,4],[0,4],[0,0]]]})");
  EXPECT_TRUE(within(Shape::point(horseshoe.anchor()), horseshoe));
  EXPECT_NEAR(area_m2(shape(R"({"type":"Polygon","coordinates":[[[0,0],[0.01,0],[0.01,0.01],[0,0.01],[0,0]]]})")),
              kCentidegree_m * kCentidegree_m, 1);
}

// Whatever comes, an answer: seeds mutated by bytes, cuts and doubled pieces.
TEST(Shape, SurvivesMutations) {
  const std::string seeds[] = {
      kYard, R"({"type":"Point","coordinates":[10.2,56.1]})",
      R"({"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,5]]]]})",
      R"({"type":"LineString","coordinates":[[179,-1],[-179,1e1],[0,-90]]})"};
  constexpr std::string_view kBytes = "[]{},:.-+0123456789eE\"typcord\\ \xff\x80";
  base::Rng rng(11);
  int good = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text = seeds[rng.below(4)];
    for (std::uint64_t n = 1 + rng.below(4); n > 0 && !text.empty(); --n) {
      const std::size_t at = rng.below(text.size());
      switch (rng.below(4)) {
        case 0: text[at] = kBytes[rng.below(kBytes.size())]; break;
        case 1: text.erase(at, 1 + rng.below(6)); break;
        case 2: text.insert(at, text.substr(rng.below(text.size()), rng.below(12))); break;
        default: text.insert(at, 1, kBytes[rng.below(kBytes.size())]);
      }
    }
    const auto got = Shape::from_geojson(text);
    if (!got) {
      EXPECT_FALSE(got.error().message.empty());
      continue;
    }
    ++good;
    EXPECT_TRUE(check(got->anchor())) << text;
    EXPECT_TRUE(distance_m(*got, Position{1, 1}) >= 0) << text;
    EXPECT_TRUE(intersects(*got, *got)) << text;
  }
  EXPECT_GT(good, 1000);
}

}  // namespace
}  // namespace cityloop::geo
