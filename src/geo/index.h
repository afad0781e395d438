// Finds what lies near or inside, without looking at everything: shapes covered by S2 cells, cells in order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "geo/shape.h"

namespace cityloop::geo {

class SpatialIndex {
 public:
  SpatialIndex();
  ~SpatialIndex();

  void put(std::uint32_t key, const Shape&);  // takes the place of the key's former shape
  void erase(std::uint32_t key);
  std::size_t size() const;

  // Candidates: all keys whose shape may lie within `distance_m` of the shape (0: may touch it), each once. The caller
  // tests exactly.
  std::vector<std::uint32_t> near(const Shape&, double distance_m) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::geo
