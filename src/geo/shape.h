// Positions and shapes on the earth, from and to GeoJSON (RFC 7946): WGS 84, longitude before latitude, in degrees.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::geo {

struct Position {
  double lon_deg{};
  double lat_deg{};
  friend bool operator==(const Position&, const Position&) = default;
};

enum class ShapeKind : std::uint8_t { point, multi_point, line, multi_line, polygon, multi_polygon };

// Lines and rings as lists of positions. A polygon's first ring is its outside, the others are holes.
struct Shape {
  ShapeKind kind{ShapeKind::point};
  std::vector<std::vector<Position>> parts;

  // Refuses positions off the earth, open rings, and polygons that cross themselves.
  static base::Result<Shape> from_geojson(std::string_view json);
  // The type and the bare coordinates, as NGSI-LD's query parameters give them.
  static base::Result<Shape> from_coordinates(std::string_view type, std::string_view coordinates_json);
  static Shape point(Position);
  // Somewhere on it that stands for it on a map: the point, a line's middle, a polygon's centre.
  Position anchor() const;
};

double distance_m(Position, Position);      // along the great circle
double distance_m(const Shape&, Position);  // to the nearest part; 0 inside a polygon
double distance_m(const Shape&, const Shape&);
bool within(const Shape& inner, const Shape& outer);  // every position of inner lies in the polygon outer
bool intersects(const Shape&, const Shape&);

}  // namespace cityloop::geo
