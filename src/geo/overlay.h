// What areas share, and what they leave uncovered: for drawings that should cover a city once and have no hole.
//
// Areas that were drawn apart never meet exactly: edges within 10 cm of each other's corners are taken for one, and
// what is narrower than `sliver_m` on average (twice its area by its edge) is inaccuracy of drawing and left out. Each
// piece is a polygon of its own, with its holes, in RFC 7946's sense of turning; order is by size, the largest first.
#pragma once

#include <vector>

#include "geo/shape.h"

namespace cityloop::geo {

inline constexpr double kSliver_m = 1.0;

struct Piece {
  Shape shape;  // a polygon
  double area_m2{};
};

// What both cover.
std::vector<Piece> shared(const Shape& a, const Shape& b, double sliver_m = kSliver_m);
// What `whole` covers and none of the others does.
std::vector<Piece> uncovered(const Shape& whole, const std::vector<const Shape*>& others, double sliver_m = kSliver_m);

}  // namespace cityloop::geo
