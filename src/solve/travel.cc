#include "solve/travel.h"

#include <cassert>
#include <cmath>

namespace cityloop::solve {

Travel Travel::plane(std::span<const Point> points, Rounding rounding) {
  Travel travel;
  travel.places_ = points.size();
  travel.time_s_.reserve(points.size() * points.size());
  for (const Point& a : points) {
    for (const Point& b : points) {
      const double straight = std::hypot(a.x - b.x, a.y - b.y);
      travel.time_s_.push_back(rounding == Rounding::tenths ? std::floor(straight * 10) / 10 : straight);
    }
  }
  return travel;
}

Travel Travel::table(std::size_t places, const std::function<Leg(PlaceIndex, PlaceIndex)>& leg) {
  Travel travel;
  travel.places_ = places;
  travel.time_s_.reserve(places * places);
  travel.distance_m_.reserve(places * places);
  for (PlaceIndex from = 0; from < places; ++from) {
    for (PlaceIndex to = 0; to < places; ++to) {
      const Leg found = leg(from, to);
      assert(found.time_s >= 0 && found.distance_m >= 0);
      travel.time_s_.push_back(found.time_s);
      travel.distance_m_.push_back(found.distance_m);
    }
  }
  return travel;
}

}  // namespace cityloop::solve
