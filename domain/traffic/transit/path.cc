#include "domain/traffic/transit/path.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cityloop::traffic {
namespace {

Spot between(Spot a, Spot b, double share) {
  return {a.lon_e7 + std::int32_t(std::lround((double(b.lon_e7) - a.lon_e7) * share)),
          a.lat_e7 + std::int32_t(std::lround((double(b.lat_e7) - a.lat_e7) * share))};
}

// The share of the way from a to b that lies nearest to p.
double nearest_share(Spot a, Spot b, Spot p) {
  const double shrink = std::cos(a.lat_e7 * 1e-7 * std::numbers::pi / 180);
  const double x = (double(b.lon_e7) - a.lon_e7) * shrink, y = double(b.lat_e7) - a.lat_e7;
  const double px = (double(p.lon_e7) - a.lon_e7) * shrink, py = double(p.lat_e7) - a.lat_e7;
  const double length = x * x + y * y;
  return length == 0 ? 0 : std::clamp((px * x + py * y) / length, 0.0, 1.0);
}

}  // namespace

Spot TripPath::at(double m) const {
  const auto next = std::upper_bound(along_m.begin(), along_m.end(), m);
  if (next == along_m.begin()) return points.front();
  if (next == along_m.end()) return points.back();
  const std::size_t i = std::size_t(next - along_m.begin());
  return between(points[i - 1], points[i], (m - along_m[i - 1]) / (along_m[i] - along_m[i - 1]));
}

TripPath::Place TripPath::project(Spot p, double from_m, double to_m) const {
  Place best{from_m, std::numeric_limits<double>::infinity()};
  const auto first = std::upper_bound(along_m.begin(), along_m.end(), from_m);
  for (std::size_t i = std::max<std::size_t>(1, std::size_t(first - along_m.begin())); i < points.size(); ++i) {
    if (along_m[i - 1] > to_m) break;
    const double share = nearest_share(points[i - 1], points[i], p);
    const double along = std::clamp(along_m[i - 1] + share * (along_m[i] - along_m[i - 1]), from_m, to_m);
    const double off = distance_m(at(along), p);
    if (off < best.off_m - 0.5) best = {along, off};
  }
  if (!std::isfinite(best.off_m)) best.off_m = distance_m(at(from_m), p);
  return best;
}

TripPath path_of(const Schedule& schedule, TripNo trip) {
  TripPath out;
  const ShapeNo shape = schedule.trips[at(trip)].shape;
  const std::size_t calls = schedule.calls_of(trip);
  const auto stop_at = [&](std::size_t i) { return schedule.stops[at(schedule.call(trip, i).stop)].spot; };
  if (shape != kNo<ShapeNo>) {
    const auto begin = schedule.shape_points.begin();
    out.points.assign(begin + schedule.shape_begin[at(shape)], begin + schedule.shape_begin[at(shape) + 1]);
  }
  const bool drawn = out.points.size() > 1;
  if (!drawn) {
    out.points.clear();
    for (std::size_t i = 0; i < calls; ++i) out.points.push_back(stop_at(i));
  }
  out.along_m.assign(1, 0);
  for (std::size_t i = 1; i < out.points.size(); ++i)
    out.along_m.push_back(out.along_m.back() + distance_m(out.points[i - 1], out.points[i]));
  if (!drawn) {
    out.call_m = out.along_m;
    return out;
  }
  double from = 0;
  for (std::size_t i = 0; i < calls; ++i) {
    const double crow = i == 0 ? out.along_m.back() : distance_m(stop_at(i - 1), stop_at(i));
    from = out.project(stop_at(i), from, std::min(out.along_m.back(), from + 3 * crow + 500)).along_m;
    out.call_m.push_back(from);
  }
  return out;
}

}  // namespace cityloop::traffic
