// The drawings of a case's sheet: where it is, and how a reading went.
//
// The place is drawn from what the city itself knows (its areas, and entities that have a shape there), without a map
// server, north up, in metres true to one another.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "geo/shape.h"
#include "serve/city.h"
#include "serve/dossier/sheet.h"
#include "twin/history/series.h"

namespace cityloop::serve {

struct NamedShape {
  std::string name;
  geo::Shape shape;
};

struct PlaceSketch {
  const City& city;
  geo::Position place;
  std::optional<geo::Shape> extent;  // of the matter itself, where it is more than a point
  std::vector<NamedShape> around;    // streets, buildings, devices
  std::string area_name;
  bool zh{false};

  static constexpr double kHeight = 205;
  void draw(Canvas&, double width) const;
};

struct TrendChart {
  const std::vector<twin::Sample>& samples;
  std::optional<double> limit;
  base::Instant opened_at, cleared_at;  // cleared_at kNever: not yet
  std::string opened_word, cleared_word, limit_word;
  std::string first_time, last_time, low, high;  // of the axes, in words

  static constexpr double kHeight = 92;
  void draw(Canvas&, double width) const;
};

}  // namespace cityloop::serve
