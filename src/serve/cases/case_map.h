// Cases on a map: each by itself where they are few, otherwise how many there are in each square.
//
//   CaseBlock ─ rows that fit ─▶ [MapCounter] ─▶ CaseMap
//
// Squares are those of Web Mercator, so that they stay where they are when the map is moved.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "serve/cases/case_block.h"

namespace cityloop::serve {

struct MapWish {
  MapBox box;
  double zoom{12};
  std::size_t points_max{500};  // more than that many become squares
};

// Some cases in one square; where they stand on the average.
struct MapCluster {
  double lon_deg{}, lat_deg{};
  std::uint64_t cases{0}, open{0}, overdue{0};
  std::uint8_t severity{0};  // the worst
  MapBox box;
};

struct CaseMap {
  std::uint64_t total{0};
  std::vector<flow::Case> cases;  // or the squares, never both
  std::vector<MapCluster> clusters;
};

class MapCounter {
 public:
  explicit MapCounter(const MapWish&);
  void add(const CaseBlock&, const RowMask&);
  // All of its cases, from what is known of its squares; false where those are larger than the map's.
  bool add_all(const CaseSummary&);
  std::vector<MapCluster> clusters() const;  // in rows from the north-west

 private:
  struct Square {
    std::uint32_t cases{0}, open{0}, overdue{0};
    std::uint8_t severity{0};
    std::uint64_t x_sum{0}, y_sum{0};  // of what lies behind the square's corner
  };
  unsigned shift_{0};  // bits of a coordinate within a square
  std::uint32_t west_{0}, north_{0};
  std::uint32_t columns_{1}, rows_{1};
  std::vector<Square> squares_;
};

}  // namespace cityloop::serve
