#include "serve/cases/case_map.h"

#include <algorithm>
#include <cmath>

namespace cityloop::serve {
namespace {

constexpr double kPixelsOfSquare = 64, kPixelsOfTile = 512;
constexpr std::uint64_t kSquaresMax = 4096;

}  // namespace

MapCounter::MapCounter(const MapWish& wish) {
  const MapPlace low = MapPlace::of(wish.box.west_deg, wish.box.north_deg);
  const MapPlace high = MapPlace::of(wish.box.east_deg, wish.box.south_deg);
  // A square is some 64 pixels wide at its zoom, and wider where the map would have too many of them.
  const double parts = std::clamp(wish.zoom, 0.0, 22.0) + std::log2(kPixelsOfTile / kPixelsOfSquare);
  for (shift_ = 32 - std::min(31u, unsigned(parts)); shift_ < 31; ++shift_) {
    west_ = low.x >> shift_;
    north_ = low.y >> shift_;
    // Numbers go on behind the antimeridian.
    const std::uint32_t around = shift_ == 0 ? 0 : std::uint32_t{1} << (32 - shift_);
    columns_ = ((high.x >> shift_) - west_ + (low.x > high.x ? around : 0)) + 1;
    rows_ = (high.y >> shift_) - north_ + 1;
    if (std::uint64_t{columns_} * rows_ <= kSquaresMax) break;
  }
  squares_.resize(std::size_t{columns_} * rows_);
}

void MapCounter::add(const CaseBlock& block, const RowMask& rows) {
  const std::uint32_t within = (std::uint32_t{1} << shift_) - 1, around = std::uint32_t{0xffffffff} >> shift_;
  each_row(rows, [&](std::size_t row) {
    const MapPlace place = block.place(row);
    const std::uint32_t column = ((place.x >> shift_) - west_) & around, line = (place.y >> shift_) - north_;
    if (column >= columns_ || line >= rows_) return;
    Square& square = squares_[std::size_t{line} * columns_ + column];
    ++square.cases;
    const std::uint16_t flags = block.flags(row);
    square.open += bool(flags & kCaseOpen);
    square.overdue += bool(flags & kCaseOverdue);
    square.severity = std::max(square.severity, block.severity(row));
    square.x_sum += place.x & within;
    square.y_sum += place.y & within;
  });
}

bool MapCounter::add_all(const CaseSummary& block) {
  if (block.squares.empty() || block.square_shift > shift_) return false;
  const unsigned finer = shift_ - block.square_shift;
  const std::uint32_t within = (std::uint32_t{1} << finer) - 1, around = std::uint32_t{0xffffffff} >> shift_;
  for (const SquareSum& sum : block.squares) {
    const std::uint32_t column = ((sum.column >> finer) - west_) & around, line = (sum.line >> finer) - north_;
    if (column >= columns_ || line >= rows_) continue;
    Square& square = squares_[std::size_t{line} * columns_ + column];
    square.cases += sum.cases;
    square.open += sum.open;
    square.overdue += sum.overdue;
    square.severity = std::max(square.severity, sum.severity);
    square.x_sum += sum.x_sum + (std::uint64_t{sum.column & within} << block.square_shift) * sum.cases;
    square.y_sum += sum.y_sum + (std::uint64_t{sum.line & within} << block.square_shift) * sum.cases;
  }
  return true;
}

std::vector<MapCluster> MapCounter::clusters() const {
  std::vector<MapCluster> out;
  const std::uint32_t size = std::uint32_t{1} << shift_;
  for (std::size_t i = 0; i < squares_.size(); ++i) {
    const Square& square = squares_[i];
    if (square.cases == 0) continue;
    const std::uint32_t x = std::uint32_t(west_ + i % columns_) << shift_;
    const std::uint32_t y = std::uint32_t(north_ + i / columns_) << shift_;
    const MapPlace corner{x, y}, far{x + (size - 1), y + (size - 1)};
    const MapPlace middle{x + std::uint32_t(square.x_sum / square.cases),
                          y + std::uint32_t(square.y_sum / square.cases)};
    out.push_back({middle.lon_deg(),
                   middle.lat_deg(),
                   square.cases,
                   square.open,
                   square.overdue,
                   square.severity,
                   {corner.lon_deg(), far.lat_deg(), far.lon_deg(), corner.lat_deg()}});
  }
  return out;
}

}  // namespace cityloop::serve
