// Places as numbers: the earth cut into S2 cells along a curve, so that neighbours stand together in an ordered index.
//
//   Shape ─ cells_of ─▶ keys of an index      question ─ CellQuestion ─▶ ranges of keys, and for points mostly a
//   verdict
//
// A cell's number is a key; the cells within a cell are one range of keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "geo/shape.h"

namespace cityloop::geo {

using Cell = std::uint64_t;

Cell cell_of(Position);                    // the smallest: about a centimetre
std::vector<Cell> cells_of(const Shape&);  // that of a point, otherwise at most eight larger ones that cover it
bool is_smallest(Cell);

// The position of a GeoJSON Point in the plain form that the twin keeps; nothing for anything else, which is then for
// Shape::from_geojson. Looks at each character once, and never off the earth.
std::optional<Position> point_of(std::string_view geojson);

enum class Verdict : std::uint8_t { out, in, unsure };

// What may lie within a distance of a shape (0: may touch it).
class CellQuestion {
 public:
  struct Range {
    Cell first, last;  // both included
    bool inside;       // every position there lies within the distance
  };
  CellQuestion(const Shape&, double distance_m);

  const std::vector<Range>& ranges() const { return ranges_; }  // rising, none shares a cell with another
  // Cells around the ranges, rising: a shape, not a point, that one of these covers may reach in as well. Made anew at
  // each call: a question about points alone never asks.
  std::vector<Cell> above() const;
  // Of a position that is known only by its smallest cell: whether it lies within the distance.
  Verdict verdict(Cell) const;
  // The same of all positions in the smallest cells from first to last at once; `out` and `in` hold for each of them.
  Verdict verdict(Cell first, Cell last) const;

 private:
  void ask_around_point(Position, double distance_m);
  void ask_around_shape(const Shape&, double distance_m);
  Verdict verdict_around_point(Cell) const;
  Verdict verdict_around_point(Cell first, Cell last) const;

  std::vector<Range> ranges_;
  bool around_point_{false};
  double distance_m_{0};
  double centre_[3]{};             // as a unit vector
  double sin2_in_{}, sin2_out_{};  // squared sines of distances: surely in up to, surely out past
};

}  // namespace cityloop::geo
