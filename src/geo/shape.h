// Positions and shapes on the earth, from and to GeoJSON (RFC 7946): WGS 84, longitude before latitude, in degrees.
//
// The earth is a sphere of 6,371,008.8 m here, and an edge is the shortest way between its ends, over the antimeridian
// where that is shorter. Two shapes touch when they are within a millimetre: finer than any survey, coarser than
// rounding. A ring encloses its smaller side, whichever way it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::geo {

inline constexpr double kEarthRadius_m = 6'371'008.8;
inline constexpr double kTouch_m = 0.001;

struct Position {
  double lon_deg{};
  double lat_deg{};
  friend bool operator==(const Position&, const Position&) = default;
};

// Refuses what is off the earth: longitude within ±180, latitude within ±90, both finite.
base::Status check(Position);

enum class ShapeKind : std::uint8_t { point, multi_point, line, multi_line, polygon, multi_polygon };

// Lines and rings as lists of positions. A polygon's first ring is its outside, the others are holes; the rings of a
// multi_polygon follow one another, and what lies within an odd number of them is inside.
struct Shape {
  ShapeKind kind{ShapeKind::point};
  std::vector<std::vector<Position>> parts;

  // Refuses positions off the earth, open rings, polygons that cross themselves, and more than 100,000 positions. A
  // third number of a position, the height, is passed over.
  static base::Result<Shape> from_geojson(std::string_view json);
  // The type and the bare coordinates, as NGSI-LD's query parameters give them.
  static base::Result<Shape> from_coordinates(std::string_view type, std::string_view coordinates_json);
  static Shape point(Position);
  // Somewhere on it that stands for it on a map: the point, a line's middle, a polygon's centre.
  Position anchor() const;
  friend bool operator==(const Shape&, const Shape&) = default;  // the same numbers; `equals` asks for the same place
  bool is_area() const { return kind == ShapeKind::polygon || kind == ShapeKind::multi_polygon; }
};

double distance_m(Position, Position);      // along the great circle
double distance_m(const Shape&, Position);  // to the nearest part; 0 inside a polygon
double distance_m(const Shape&, const Shape&);
bool within(const Shape& inner, const Shape& outer);  // no part of inner lies outside of outer; its edge counts
bool intersects(const Shape&, const Shape&);          // touch or share anything
bool overlaps(const Shape&,
              const Shape&);              // of the same dimension, share some of it, and neither lies within the other
bool equals(const Shape&, const Shape&);  // each lies within the other
double area_m2(const Shape&);             // 0 for points and lines

// A shape made ready to be compared with many others: the same answers, most of the work done once. Safe to ask from
// many threads.
class PreparedShape {
 public:
  explicit PreparedShape(const Shape&);

  double distance_m(const Shape&) const;
  bool contains(const Shape&) const;  // within(other, this)
  bool within(const Shape& outer) const;
  bool intersects(const Shape&) const;
  bool overlaps(const Shape&) const;
  bool equals(const Shape&) const;

 private:
  std::shared_ptr<const class Geometry> geometry_;
};

}  // namespace cityloop::geo
