#include "geo/geometry.h"

namespace cityloop::geo {

// Longitude -180 is +180, and at a pole every longitude is 0: one place is one point.
S2Point to_s2(Position p) {
  const double lon = p.lon_deg == -180 || std::abs(p.lat_deg) == 90 ? (p.lon_deg == -180 ? 180 : 0) : p.lon_deg;
  if (p.lat_deg == 90) return S2Point(0, 0, 1);
  if (p.lat_deg == -90) return S2Point(0, 0, -1);
  return S2LatLng::FromDegrees(p.lat_deg, lon).ToPoint();
}

Position from_s2(const S2Point& point) {
  const S2LatLng at(point);
  return {at.lng().degrees(), at.lat().degrees()};
}

S1Angle to_angle(double distance_m) {
  return S1Angle::Radians(distance_m / kEarthRadius_m);
}

namespace {

std::vector<S2Point> distinct_neighbours(const std::vector<Position>& positions) {
  std::vector<S2Point> out;
  out.reserve(positions.size());
  for (const Position p : positions) {
    const S2Point point = to_s2(p);
    if (out.empty() || out.back() != point) out.push_back(point);
  }
  return out;
}

}  // namespace

std::vector<S2Point> ring_points(const std::vector<Position>& ring) {
  std::vector<S2Point> out = distinct_neighbours(ring);
  while (out.size() > 1 && out.front() == out.back()) out.pop_back();
  return out;
}

std::unique_ptr<S2Polygon> polygon_of(const std::vector<std::vector<Position>>& rings) {
  std::vector<std::unique_ptr<S2Loop>> loops;
  for (const auto& ring : rings) {
    const std::vector<S2Point> points = ring_points(ring);
    if (points.size() < 3) continue;
    auto loop = std::make_unique<S2Loop>();
    loop->set_s2debug_override(S2Debug::DISABLE);
    loop->Init(points);
    loop->Normalize();
    loops.push_back(std::move(loop));
  }
  auto polygon = std::make_unique<S2Polygon>();
  polygon->set_s2debug_override(S2Debug::DISABLE);
  polygon->InitNested(std::move(loops));
  return polygon;
}

Geometry::Geometry(const Shape& shape) {
  switch (shape.kind) {
    case ShapeKind::point:
    case ShapeKind::multi_point:
      for (const auto& part : shape.parts) {
        for (const Position p : part) points.push_back(to_s2(p));
      }
      break;
    case ShapeKind::line:
    case ShapeKind::multi_line:
      dimension_ = 1;
      for (const auto& part : shape.parts) {
        polylines.push_back(std::make_unique<S2Polyline>(distinct_neighbours(part), S2Debug::DISABLE));
      }
      break;
    case ShapeKind::polygon:
    case ShapeKind::multi_polygon:
      dimension_ = 2;
      polygon = polygon_of(shape.parts);
      break;
  }
}

const MutableS2ShapeIndex& Geometry::index() const {
  std::call_once(built_, [this] {
    if (!points.empty()) index_.Add(std::make_unique<S2PointVectorShape>(points));
    for (const auto& line : polylines) index_.Add(std::make_unique<S2Polyline::Shape>(line.get()));
    if (polygon) index_.Add(std::make_unique<S2Polygon::Shape>(polygon.get()));
    index_.ForceBuild();
  });
  return index_;
}

S2LatLngRect Geometry::bound() const {
  if (polygon) return polygon->GetRectBound();
  S2LatLngRect out = S2LatLngRect::Empty();
  for (const S2Point& point : points) out.AddPoint(point);
  for (const auto& line : polylines) out = out.Union(line->GetRectBound());
  return out;
}

}  // namespace cityloop::geo
