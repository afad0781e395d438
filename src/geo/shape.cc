#include "geo/shape.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "geo/geometry.h"

namespace cityloop::geo {
namespace {

constexpr double kNowhere_m = std::numeric_limits<double>::infinity();

double to_m(S1Angle angle) {
  return angle.radians() * kEarthRadius_m;
}

double point_distance_m(const Geometry& shape, const S2Point& point) {
  if (shape.dimension() == 0) {
    double nearest = kNowhere_m;
    for (const S2Point& other : shape.points) nearest = std::min(nearest, to_m(S1Angle(other, point)));
    return nearest;
  }
  if (shape.dimension() == 2) {
    return shape.polygon->num_loops() == 0 ? kNowhere_m : to_m(shape.polygon->GetDistance(point));
  }
  double nearest = kNowhere_m;
  for (const auto& line : shape.polylines) {
    if (line->num_vertices() == 1) nearest = std::min(nearest, to_m(S1Angle(line->vertex(0), point)));
    for (int i = 1; i < line->num_vertices(); ++i) {
      nearest = std::min(nearest, to_m(S2::GetDistance(point, line->vertex(i - 1), line->vertex(i))));
    }
  }
  return nearest;
}

double between_m(const Geometry& a, const Geometry& b) {
  if (b.is_one_point()) return point_distance_m(a, b.points.front());
  if (a.is_one_point()) return point_distance_m(b, a.points.front());
  S2ClosestEdgeQuery query(&a.index());
  S2ClosestEdgeQuery::ShapeIndexTarget target(&b.index());
  const auto nearest = query.FindClosestEdge(&target);
  return nearest.is_empty() ? kNowhere_m : to_m(nearest.distance().ToAngle());
}

bool touch(const Geometry& a, const Geometry& b) {
  if (a.is_one_point() || b.is_one_point()) return between_m(a, b) <= kTouch_m;
  S2ClosestEdgeQuery query(&a.index());
  S2ClosestEdgeQuery::ShapeIndexTarget target(&b.index());
  return query.IsDistanceLessOrEqual(&target, S1ChordAngle(to_angle(kTouch_m)));
}

bool line_within(const S2Polyline& inner, const Geometry& outer) {
  if (outer.polygon) return outer.polygon->ApproxContains(inner, to_angle(kTouch_m));
  const auto covers = [&](const auto& line) {
    const std::unique_ptr<S2Polyline> reversed(inner.Clone());
    reversed->Reverse();
    return line->NearlyCovers(inner, to_angle(kTouch_m)) || line->NearlyCovers(*reversed, to_angle(kTouch_m));
  };
  return std::ranges::any_of(outer.polylines, covers);
}

bool lies_within(const Geometry& inner, const Geometry& outer) {
  if (inner.dimension() > outer.dimension()) return false;
  if (inner.dimension() == 0) {
    return !inner.points.empty() && std::ranges::all_of(inner.points, [&](const S2Point& point) {
      return point_distance_m(outer, point) <= kTouch_m;
    });
  }
  if (inner.dimension() == 1) {
    return std::ranges::all_of(inner.polylines, [&](const auto& line) { return line_within(*line, outer); });
  }
  return inner.polygon->num_loops() > 0 && outer.polygon->ApproxContains(*inner.polygon, to_angle(kTouch_m));
}

// Whether lines run together for a while, rather than only meet or cross.
bool share_length(const Geometry& a, const Geometry& b) {
  std::vector<std::unique_ptr<S2Polyline>> shared;
  S2BooleanOperation::Options options;
  options.set_snap_function(s2builderutil::IdentitySnapFunction(to_angle(kTouch_m)));
  S2BooleanOperation operation(S2BooleanOperation::OpType::INTERSECTION,
                               std::make_unique<s2builderutil::S2PolylineVectorLayer>(&shared), options);
  S2Error error;
  if (!operation.Build(a.index(), b.index(), &error)) return false;
  return std::ranges::any_of(shared, [](const auto& line) { return line->GetLength() > to_angle(kTouch_m); });
}

bool do_overlap(const Geometry& a, const Geometry& b) {
  if (a.dimension() != b.dimension() || lies_within(a, b) || lies_within(b, a)) return false;
  if (a.dimension() == 2) return a.polygon->Intersects(*b.polygon);
  return a.dimension() == 1 ? share_length(a, b) : touch(a, b);
}

bool are_equal(const Geometry& a, const Geometry& b) {
  return a.dimension() == b.dimension() && lies_within(a, b) && lies_within(b, a);
}

const Position* one_point(const Shape& shape) {
  return shape.kind == ShapeKind::point && !shape.parts.empty() && !shape.parts.front().empty()
             ? &shape.parts.front().front()
             : nullptr;
}

}  // namespace

base::Status check(Position p) {
  if (!(p.lon_deg >= -180 && p.lon_deg <= 180)) {
    return base::fail(base::Errc::invalid, "longitude {} is off the earth (-180 to 180)", p.lon_deg);
  }
  if (!(p.lat_deg >= -90 && p.lat_deg <= 90)) {
    return base::fail(base::Errc::invalid, "latitude {} is off the earth (-90 to 90)", p.lat_deg);
  }
  return {};
}

Shape Shape::point(Position p) {
  return {ShapeKind::point, {{p}}};
}

Position Shape::anchor() const {
  if (const Position* p = one_point(*this)) return *p;
  const Geometry geometry(*this);
  if (!geometry.points.empty()) return from_s2(geometry.points[geometry.points.size() / 2]);
  if (geometry.polygon && geometry.polygon->num_loops() > 0) {
    const S2Point centre = geometry.polygon->GetCentroid().Normalize();
    return from_s2(geometry.polygon->Contains(centre) ? centre : geometry.polygon->Project(centre));
  }
  const auto longest =
      std::ranges::max_element(geometry.polylines, {}, [](const auto& line) { return line->GetLength().radians(); });
  return longest == geometry.polylines.end() ? Position{} : from_s2((*longest)->Interpolate(0.5));
}

double distance_m(Position a, Position b) {
  return to_m(S1Angle(to_s2(a), to_s2(b)));
}

double distance_m(const Shape& shape, Position p) {
  if (const Position* point = one_point(shape)) return distance_m(*point, p);
  return point_distance_m(Geometry(shape), to_s2(p));
}

double distance_m(const Shape& a, const Shape& b) {
  if (const Position* p = one_point(a)) return distance_m(b, *p);
  if (const Position* p = one_point(b)) return distance_m(a, *p);
  return between_m(Geometry(a), Geometry(b));
}

bool within(const Shape& inner, const Shape& outer) {
  return lies_within(Geometry(inner), Geometry(outer));
}
bool intersects(const Shape& a, const Shape& b) {
  return touch(Geometry(a), Geometry(b));
}
bool overlaps(const Shape& a, const Shape& b) {
  return do_overlap(Geometry(a), Geometry(b));
}
bool equals(const Shape& a, const Shape& b) {
  return are_equal(Geometry(a), Geometry(b));
}
double area_m2(const Shape& shape) {
  return shape.is_area() ? polygon_of(shape.parts)->GetArea() * kEarthRadius_m * kEarthRadius_m : 0;
}

PreparedShape::PreparedShape(const Shape& shape) : geometry_(std::make_shared<const Geometry>(shape)) {}

double PreparedShape::distance_m(const Shape& other) const {
  if (const Position* p = one_point(other)) return point_distance_m(*geometry_, to_s2(*p));
  return between_m(*geometry_, Geometry(other));
}
bool PreparedShape::contains(const Shape& other) const {
  if (const Position* p = one_point(other)) return point_distance_m(*geometry_, to_s2(*p)) <= kTouch_m;
  return lies_within(Geometry(other), *geometry_);
}
bool PreparedShape::within(const Shape& outer) const {
  return lies_within(*geometry_, Geometry(outer));
}
bool PreparedShape::intersects(const Shape& other) const {
  if (const Position* p = one_point(other)) return point_distance_m(*geometry_, to_s2(*p)) <= kTouch_m;
  return touch(*geometry_, Geometry(other));
}
bool PreparedShape::overlaps(const Shape& other) const {
  return do_overlap(*geometry_, Geometry(other));
}
bool PreparedShape::equals(const Shape& other) const {
  return are_equal(*geometry_, Geometry(other));
}

}  // namespace cityloop::geo
