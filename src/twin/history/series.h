// A run of numbers of one series as bytes, and back.
//
//   History ─ Point… ─▶ encode_points ─▶ store table `series` ─▶ decode_points
//
// Columns, each packed by itself into as few bits as its range asks for: times as differences of differences in the
// coarsest unit that loses nothing, values as scaled whole numbers where they have few decimals (as sensors' readings
// do), else as they are. What seldom changes within a run (unit, creation) is written once. A reading every five
// minutes with one decimal and its time of arrival takes about three bytes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/entity.h"

namespace cityloop::twin {

struct Sample {
  flow::Instant at;
  double value;
  friend bool operator==(const Sample&, const Sample&) = default;
};

// A Property with a number and nothing else than its unit.
struct Point {
  flow::Instant at;        // observedAt; where there is none, modifiedAt
  flow::Instant modified;  // kept to the millisecond
  double value;
  flow::Instant created;
  flow::Name unit;
  bool observed{true};
  friend bool operator==(const Point&, const Point&) = default;
};

inline bool before(const Point& a, const Point& b) {
  return a.at != b.at ? a.at < b.at : a.modified < b.modified;
}

// What a run covers, told by its first bytes alone.
struct RunSpan {
  std::size_t count{0};
  flow::Instant first, last;
  flow::Instant modified_min, modified_max;
};

// In order (see before); not empty.
std::string encode_points(std::span<const Point>);
base::Result<std::vector<Point>> decode_points(std::string_view);
base::Result<RunSpan> points_span(std::string_view);

}  // namespace cityloop::twin
