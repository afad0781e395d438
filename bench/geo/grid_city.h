// A city to measure on: streets in a crooked grid, some missing, some one-way, wide ones every kilometre.
#pragma once

#include "base/rng.h"
#include "geo/street_network.h"

namespace cityloop::geo {

inline Position grid_corner(base::Rng& rng, int x, int y) {
  constexpr double kStep_deg = 0.0011;  // about 120 m
  return {120 + kStep_deg * (x + rng.uniform(-0.3, 0.3)), 30 + kStep_deg * (y + rng.uniform(-0.3, 0.3))};
}

inline StreetNetwork grid_city(int side, std::uint64_t seed) {
  base::Rng rng(seed);
  std::vector<Position> corners;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) corners.push_back(grid_corner(rng, x, y));
  }
  StreetNetwork out;
  const auto join = [&](int a, int b, bool wide) {
    if (!wide && rng.below(12) == 0) return;
    Street street;
    street.street_class = wide ? StreetClass::primary : StreetClass::residential;
    street.speed_kmh = wide ? 60 : 30;
    street.along = street.against = ModeSet::all();
    if (!wide && rng.below(8) == 0) street.against = ModeSet::of(TravelMode::foot);
    for (const int at : {a, b}) {
      street.line.push_back(corners[std::size_t(at)]);
      street.joints.push_back(std::uint64_t(at));
    }
    out.streets.push_back(std::move(street));
  };
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const int at = y * side + x;
      if (x + 1 < side) join(at, at + 1, y % 9 == 0);
      if (y + 1 < side) join(at, at + side, x % 9 == 0);
    }
  }
  return out;
}

}  // namespace cityloop::geo
