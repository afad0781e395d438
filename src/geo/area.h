// Named areas of a city (districts, catchments, policy areas) and which of them a position lies in.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "geo/shape.h"

namespace cityloop::geo {

struct Area {
  std::string name;
  Shape shape;  // polygon or multi_polygon
};

// Made once, then only read, from any thread. A position on the border that two areas share lies in exactly one.
class Areas {
 public:
  Areas();  // none
  // Refuses an area that has no name, has another's name, or is no polygon.
  static base::Result<Areas> make(std::vector<Area>);

  // The smallest of those it lies in: the street rather than the district around it. Empty when it lies in none.
  std::string_view area_of(Position) const;
  std::string_view area_of(const Shape&) const;  // by its anchor
  // All it lies in, smallest first.
  std::vector<std::string_view> areas_of(Position) const;
  const std::vector<Area>& all() const;  // smallest first
  const Area* find(std::string_view name) const;

 private:
  struct Inside;
  std::shared_ptr<const Inside> inside_;
};

}  // namespace cityloop::geo
