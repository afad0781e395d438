// A Shape as S2 sees it. Inside of this room: whoever includes it pays for S2's headers.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "geo/s2.h"
#include "geo/shape.h"

namespace cityloop::geo {

S2Point to_s2(Position);
Position from_s2(const S2Point&);
S1Angle to_angle(double distance_m);

// A ring without its repeated last position and without repeated neighbours.
std::vector<S2Point> ring_points(const std::vector<Position>&);
// Rings nested into a polygon; never checked, rings of fewer than three positions are left out.
std::unique_ptr<S2Polygon> polygon_of(const std::vector<std::vector<Position>>& rings);

class Geometry {
 public:
  explicit Geometry(const Shape&);

  int dimension() const { return dimension_; }
  bool is_one_point() const { return dimension_ == 0 && points.size() == 1; }
  const MutableS2ShapeIndex& index() const;  // built when first asked for
  S2LatLngRect bound() const;

  std::vector<S2Point> points;                         // dimension 0
  std::vector<std::unique_ptr<S2Polyline>> polylines;  // dimension 1
  std::unique_ptr<S2Polygon> polygon;                  // dimension 2

 private:
  int dimension_{0};
  mutable std::once_flag built_;
  mutable MutableS2ShapeIndex index_;
};

}  // namespace cityloop::geo
