// Random shapes for the tests of this room, the same for the same seed.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/rng.h"
#include "geo/shape.h"

namespace cityloop::geo {

inline double wrapped(double lon_deg) {
  return lon_deg > 180 ? lon_deg - 360 : lon_deg < -180 ? lon_deg + 360 : lon_deg;
}

inline Position offset(Position from, double east_deg, double north_deg) {
  return {wrapped(from.lon_deg + east_deg), std::clamp(from.lat_deg + north_deg, -90.0, 90.0)};
}

// A star around the centre: its corners in rising order of angle, so it never crosses itself.
inline std::vector<Position> star(base::Rng& rng, Position centre, double radius_deg, int corners) {
  std::vector<Position> ring;
  for (int i = 0; i < corners; ++i) {
    const double angle = 2 * std::numbers::pi * (i + 0.5 * rng.uniform()) / corners;
    const double r = radius_deg * rng.uniform(0.4, 1);
    ring.push_back(
        offset(centre, r * std::cos(angle) / std::cos(centre.lat_deg * std::numbers::pi / 180), r * std::sin(angle)));
  }
  ring.push_back(ring.front());
  return ring;
}

inline Shape random_shape(base::Rng& rng, Position around, double spread_deg, double size_deg) {
  const Position centre = offset(around, rng.uniform(-spread_deg, spread_deg), rng.uniform(-spread_deg, spread_deg));
  const auto walk = [&] {
    std::vector<Position> line{centre};
    for (int i = 0; i < 4; ++i) {
      line.push_back(offset(line.back(), rng.uniform(-size_deg, size_deg), rng.uniform(-size_deg, size_deg)));
    }
    return line;
  };
  switch (rng.below(4)) {
    case 0: return {ShapeKind::multi_point, {walk()}};
    case 1: return {ShapeKind::line, {walk()}};
    case 2: return {ShapeKind::polygon, {star(rng, centre, size_deg, int(3 + rng.below(9)))}};
    default: return Shape::point(centre);
  }
}

inline double haversine_m(Position a, Position b) {
  const double rad = std::numbers::pi / 180;
  const double dlat = (b.lat_deg - a.lat_deg) * rad, dlon = (b.lon_deg - a.lon_deg) * rad;
  const double h = std::pow(std::sin(dlat / 2), 2) +
                   std::cos(a.lat_deg * rad) * std::cos(b.lat_deg * rad) * std::pow(std::sin(dlon / 2), 2);
  return 2 * kEarthRadius_m * std::asin(std::min(1.0, std::sqrt(h)));
}

}  // namespace cityloop::geo
