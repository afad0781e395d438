#include "geo/overlay.h"

#include <algorithm>
#include <numbers>

#include "geo/geometry.h"

namespace cityloop::geo {
namespace {

// Edges that run so near to each other's corners are taken for one: a long straight edge and many short ones along it
// differ by less.
constexpr double kSnap_m = 0.1;

s2builderutil::IdentitySnapFunction snap() {
  return s2builderutil::IdentitySnapFunction(to_angle(kSnap_m));
}

std::vector<Position> ring_of(const S2Loop& loop) {
  std::vector<Position> ring;
  for (int i = 0; i < loop.num_vertices(); ++i) ring.push_back(from_s2(loop.oriented_vertex(i)));
  if (!ring.empty()) ring.push_back(ring.front());
  return ring;
}

double edge_m(const S2Loop& loop) {
  double length = 0;
  for (int i = 0; i < loop.num_vertices(); ++i)
    length += S1Angle(loop.vertex(i), loop.vertex(i + 1)).radians() * kEarthRadius_m;
  return length;
}

// A shell is followed by its holes, and by what lies within those, which are shells again.
std::vector<Piece> pieces_of(const S2Polygon& polygon, double sliver_m) {
  std::vector<Piece> out;
  for (int i = 0; i < polygon.num_loops(); ++i) {
    const S2Loop& shell = *polygon.loop(i);
    if (shell.is_hole()) continue;
    Piece piece{{ShapeKind::polygon, {ring_of(shell)}}, shell.GetArea()};
    double edge = edge_m(shell);
    for (int k = i + 1; k <= polygon.GetLastDescendant(i); ++k) {
      const S2Loop& hole = *polygon.loop(k);
      if (hole.depth() != shell.depth() + 1) continue;
      piece.shape.parts.push_back(ring_of(hole));
      piece.area_m2 -= hole.GetArea();
      edge += edge_m(hole);
    }
    piece.area_m2 *= kEarthRadius_m * kEarthRadius_m;
    if (piece.area_m2 * 2 >= sliver_m * edge) out.push_back(std::move(piece));
  }
  std::ranges::stable_sort(out, std::ranges::greater{}, &Piece::area_m2);
  return out;
}

struct Box {
  double west{180}, south{90}, east{-180}, north{-90};
};

Box box_of(const Shape& shape) {
  Box out;
  for (const auto& ring : shape.parts) {
    for (const Position at : ring) {
      out.west = std::min(out.west, at.lon_deg), out.east = std::max(out.east, at.lon_deg);
      out.south = std::min(out.south, at.lat_deg), out.north = std::max(out.north, at.lat_deg);
    }
  }
  return out;
}

// Neighbours whose boxes overlap by less than half a sliver share no more than one. An edge bulges over its box by less
// than that where it is short, and a box over the antimeridian is as wide as the earth.
bool may_share(const Shape& a, const Shape& b, double sliver_m) {
  constexpr double kDegree_m = kEarthRadius_m * std::numbers::pi / 180;
  constexpr double kShort_deg = 0.05;
  const Box one = box_of(a), other = box_of(b);
  const bool both_short = std::max({one.east - one.west, one.north - one.south, other.east - other.west,
                                    other.north - other.south}) < kShort_deg;
  if (!both_short) return true;
  const double least_deg = sliver_m / 2 / kDegree_m;
  return std::min(one.east, other.east) - std::max(one.west, other.west) > least_deg &&
         std::min(one.north, other.north) - std::max(one.south, other.south) > least_deg;
}

}  // namespace

std::vector<Piece> shared(const Shape& a, const Shape& b, double sliver_m) {
  if (!a.is_area() || !b.is_area() || !may_share(a, b, sliver_m)) return {};
  const auto one = polygon_of(a.parts), other = polygon_of(b.parts);
  S2Polygon both;
  both.set_s2debug_override(S2Debug::DISABLE);
  both.InitToIntersection(*one, *other, snap());
  return pieces_of(both, sliver_m);
}

std::vector<Piece> uncovered(const Shape& whole, const std::vector<const Shape*>& others, double sliver_m) {
  if (!whole.is_area()) return {};
  std::vector<std::unique_ptr<S2Polygon>> covers;
  for (const Shape* other : others) {
    if (other->is_area()) covers.push_back(polygon_of(other->parts));
  }
  const auto all = S2Polygon::DestructiveUnion(std::move(covers), snap());
  S2Polygon rest;
  rest.set_s2debug_override(S2Debug::DISABLE);
  rest.InitToDifference(*polygon_of(whole.parts), *all, snap());
  return pieces_of(rest, sliver_m);
}

}  // namespace cityloop::geo
