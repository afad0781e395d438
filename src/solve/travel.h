// How long it takes and how far it is from one place to another.
//
//   street graph, positions, benchmark file ─▶ [Travel] ─▶ Problem ─▶ solver, checker
//
// A dense table: meant for up to some 5,000 places (two numbers of 8 bytes a pair). Both numbers are finite and not
// negative, or kNoWay. There and back may differ, and the way round may be shorter than the straight one.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

namespace cityloop::solve {

using PlaceIndex = std::uint32_t;

inline constexpr double kNoWay = std::numeric_limits<double>::infinity();

struct Leg {
  double time_s{};
  double distance_m{};
};

struct Point {
  double x{};
  double y{};
};

// Benchmarks in the plane take the straight line for the distance and for the time. The published best solutions that
// Cityloop is compared with cut it to one decimal; the older convention keeps the whole double.
enum class Rounding : std::uint8_t { exact, tenths };

class Travel {
 public:
  Travel() = default;
  static Travel plane(std::span<const Point>, Rounding);
  // Asks for every pair once, row by row; also for a place to itself.
  static Travel table(std::size_t places, const std::function<Leg(PlaceIndex from, PlaceIndex to)>&);

  std::size_t places() const { return places_; }
  double time_s(PlaceIndex from, PlaceIndex to) const { return time_s_[from * places_ + to]; }
  double distance_m(PlaceIndex from, PlaceIndex to) const {
    return distance_m_.empty() ? time_s(from, to) : distance_m_[from * places_ + to];
  }
  bool time_is_distance() const { return distance_m_.empty(); }

 private:
  std::size_t places_{};
  std::vector<double> time_s_;
  std::vector<double> distance_m_;  // empty: as the times
};

}  // namespace cityloop::solve
