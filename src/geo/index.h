// Finds what lies near or inside, without looking at everything: shapes covered by S2 cells, cells in order.
//
// A point is one cell, any other shape at most eight; to put, erase or ask costs the same logarithm in a city of a
// thousand as in one of ten million. Bytes: about 20 per cell, and 8 per key up to the largest one ever put: a key is a
// small number, as a table's slot or an EntityId's. No lock inside.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "geo/shape.h"

namespace cityloop::geo {

class SpatialIndex {
 public:
  SpatialIndex();
  ~SpatialIndex();
  SpatialIndex(SpatialIndex&&) noexcept;
  SpatialIndex& operator=(SpatialIndex&&) noexcept;

  void put(std::uint32_t key, const Shape&);  // takes the place of the key's former shape
  void erase(std::uint32_t key);              // an unknown key is not an error
  std::size_t size() const;

  // Candidates: all keys whose shape may lie within `distance_m` of the shape (0: may touch it), each once, in rising
  // order. The caller tests exactly.
  std::vector<std::uint32_t> near(const Shape&, double distance_m) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::geo
