#include "geo/cells.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

#include "geo/geometry.h"

namespace cityloop::geo {
namespace {

constexpr int kCellsPerShape = 8;
constexpr int kCellsPerQuestion = 16;
constexpr int kRefinements = 2;
// What rounding may move: a cell's edge against a shape's, a point against its cell.
constexpr double kSlack_m = 2 * kTouch_m;
// How far a position may be from the middle of its smallest cell, generously.
constexpr double kCellSlack_m = 0.05;
// Past this, not quite a quarter of the way around the earth, cells tell nothing.
constexpr double kFar_m = 9'000'000;

std::vector<S2CellId> covering(const S2Region& region, int cells_max, int level_max = S2CellId::kMaxLevel) {
  S2RegionCoverer::Options options;
  options.set_max_cells(cells_max);
  options.set_max_level(level_max);
  S2RegionCoverer coverer(options);
  std::vector<S2CellId> out;
  coverer.GetCovering(region, &out);
  return out;
}

struct Found {
  S2CellId cell;
  bool inside;
};

// A cap's covering in a few microseconds: from four cells that surely hold it down to those that it reaches.
std::vector<Found> cap_covering(const S2Cap& outer, const S2Cap& inner) {
  std::vector<S2CellId> cells;
  outer.GetCellUnionBound(&cells);
  std::vector<Found> out;
  std::vector<S2CellId> next;
  for (int pass = 0; pass < kRefinements; ++pass) {
    next.clear();
    for (const S2CellId id : cells) {
      if (id.is_leaf()) {
        out.push_back({id, false});
        continue;
      }
      for (S2CellId child = id.child_begin(); child != id.child_end(); child = child.next()) {
        const S2Cell cell(child);
        if (!outer.MayIntersect(cell)) continue;
        if (inner.Contains(cell)) out.push_back({child, true});
        else next.push_back(child);
      }
    }
    cells.swap(next);
  }
  for (const S2CellId id : cells) out.push_back({id, false});
  std::ranges::sort(out, {}, [](const Found& f) { return f.cell; });
  return out;
}

double sin2_of(double distance_m) {
  const double sine = std::sin(distance_m / kEarthRadius_m);
  return sine * sine;
}

}  // namespace

Cell cell_of(Position p) {
  return S2CellId(to_s2(p)).id();
}

bool is_smallest(Cell cell) {
  return S2CellId(cell).is_leaf();
}

std::vector<Cell> cells_of(const Shape& shape) {
  if (shape.kind == ShapeKind::point && !shape.parts.empty() && !shape.parts.front().empty()) {
    return {cell_of(shape.parts.front().front())};
  }
  const Geometry geometry(shape);
  const S2ShapeIndexBufferedRegion region(&geometry.index(), S1ChordAngle(to_angle(kSlack_m)));
  std::vector<Cell> out;
  for (const S2CellId cell : covering(region, kCellsPerShape, S2CellId::kMaxLevel - 1)) out.push_back(cell.id());
  return out;
}

std::optional<Position> point_of(std::string_view text) {
  constexpr std::string_view kHead = R"({"type":"Point","coordinates":[)";
  if (!text.starts_with(kHead) || !text.ends_with("]}")) return std::nullopt;
  const char* const end = text.data() + text.size() - 2;
  Position out;
  const auto lon = std::from_chars(text.data() + kHead.size(), end, out.lon_deg);
  if (lon.ec != std::errc{} || lon.ptr == end || *lon.ptr != ',') return std::nullopt;
  const auto lat = std::from_chars(lon.ptr + 1, end, out.lat_deg);
  if (lat.ec != std::errc{} || lat.ptr != end || !check(out)) return std::nullopt;
  return out;
}

CellQuestion::CellQuestion(const Shape& shape, double distance_m) {
  const double distance = std::max(0.0, distance_m);
  const bool whole_earth = distance + kSlack_m >= std::numbers::pi * kEarthRadius_m;
  if (whole_earth) {
    for (int face = 0; face < 6; ++face) {
      const S2CellId cell = S2CellId::FromFace(face);
      ranges_.push_back({cell.range_min().id(), cell.range_max().id(), false});
    }
  } else if (shape.kind == ShapeKind::point && !shape.parts.empty() && !shape.parts.front().empty()) {
    ask_around_point(shape.parts.front().front(), distance);
  } else {
    ask_around_shape(shape, distance);
  }
}

// The small relative part is for what S1ChordAngle loses on long distances.
void CellQuestion::ask_around_point(Position p, double distance_m) {
  const S2Point centre = to_s2(p);
  const S2Cap outer(centre, to_angle(distance_m + kSlack_m) * (1 + 1e-9));
  const double surely_m = distance_m * (1 - 1e-9) - kSlack_m;
  const S2Cap inner = surely_m > 0 ? S2Cap(centre, to_angle(surely_m)) : S2Cap::Empty();
  for (const Found& found : cap_covering(outer, inner)) {
    ranges_.push_back({found.cell.range_min().id(), found.cell.range_max().id(), found.inside});
  }
  around_point_ = true;
  distance_m_ = distance_m;
  for (int i = 0; i < 3; ++i) centre_[i] = centre[i];
  sin2_in_ = surely_m > kCellSlack_m ? sin2_of(surely_m - kCellSlack_m) : -1;
  sin2_out_ = sin2_of((distance_m + kCellSlack_m) * (1 + 1e-9));
}

void CellQuestion::ask_around_shape(const Shape& shape, double distance_m) {
  const Geometry geometry(shape);
  const S1Angle radius = to_angle(distance_m + kSlack_m) * (1 + 1e-9);
  // An area nearly fills its frame, and a frame is asked a hundred times faster than the area.
  const auto cells = geometry.polygon ? covering(geometry.bound().ExpandedByDistance(radius), kCellsPerQuestion)
                                      : covering(S2ShapeIndexBufferedRegion(&geometry.index(), S1ChordAngle(radius)),
                                                 kCellsPerQuestion);
  for (const S2CellId id : cells) {
    const bool inside = geometry.polygon && geometry.polygon->Contains(S2Cell(id));
    ranges_.push_back({id.range_min().id(), id.range_max().id(), inside});
  }
  std::ranges::sort(ranges_, {}, &Range::first);
}

std::vector<Cell> CellQuestion::above() const {
  std::vector<Cell> out;
  for (const Range& range : ranges_) {
    const S2CellId first(range.first);
    for (int level = first.GetCommonAncestorLevel(S2CellId(range.last)) - 1; level >= 0; --level) {
      out.push_back(first.parent(level).id());
    }
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  // One that stands within a range is found there.
  std::erase_if(out, [&](Cell cell) {
    return std::ranges::any_of(ranges_, [&](const Range& r) { return r.first <= cell && cell <= r.last; });
  });
  return out;
}

Verdict CellQuestion::verdict(Cell cell) const {
  if (around_point_) return verdict_around_point(cell);
  const auto after = std::ranges::upper_bound(ranges_, cell, {}, &Range::first);
  if (after == ranges_.begin()) return Verdict::out;
  const Range& range = *std::prev(after);
  return cell > range.last ? Verdict::out : range.inside ? Verdict::in : Verdict::unsure;
}

// By the cross product, which is exact for short distances and needs no root.
Verdict CellQuestion::verdict_around_point(Cell cell) const {
  if (distance_m_ > kFar_m) return Verdict::unsure;
  const S2Point at = S2CellId(cell).ToPointRaw();
  const double x = at[0], y = at[1], z = at[2], u = centre_[0], v = centre_[1], w = centre_[2];
  if (x * u + y * v + z * w <= 0) return Verdict::out;
  const double a = y * w - z * v, b = z * u - x * w, c = x * v - y * u;
  const double cross2 = a * a + b * b + c * c, norm2 = x * x + y * y + z * z;
  return cross2 <= sin2_in_ * norm2 ? Verdict::in : cross2 > sin2_out_ * norm2 ? Verdict::out : Verdict::unsure;
}

Verdict CellQuestion::verdict(Cell first, Cell last) const {
  if (around_point_) return verdict_around_point(first, last);
  const auto after = std::ranges::upper_bound(ranges_, last, {}, &Range::first);
  if (after == ranges_.begin() || std::prev(after)->last < first) return Verdict::out;
  const Range& range = *std::prev(after);
  return range.inside && range.first <= first && last <= range.last ? Verdict::in : Verdict::unsure;
}

// By the smallest cell that holds them all, none of whose places is further from its middle than its longest diagonal.
Verdict CellQuestion::verdict_around_point(Cell first, Cell last) const {
  const int level = S2CellId(first).GetCommonAncestorLevel(S2CellId(last));
  if (level < 0 || distance_m_ > kFar_m) return Verdict::unsure;
  const S2Point middle = S2CellId(first).parent(level).ToPoint();
  const double x = middle[0] - centre_[0], y = middle[1] - centre_[1], z = middle[2] - centre_[2];
  const double chord = std::sqrt(x * x + y * y + z * z);
  const double reach_m = S2::kMaxDiag.GetValue(level) * kEarthRadius_m + kCellSlack_m;
  // A way along the earth is no shorter than the straight one, and up to one radius no longer than by this factor.
  if (chord * kEarthRadius_m > (distance_m_ + reach_m) * (1 + 1e-9)) return Verdict::out;
  const double way_m = chord * (1 + chord * chord / 12) * kEarthRadius_m;
  return chord < 1 && way_m <= (distance_m_ - reach_m) * (1 - 1e-9) ? Verdict::in : Verdict::unsure;
}

}  // namespace cityloop::geo
