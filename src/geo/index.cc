#include "geo/index.h"

#include <algorithm>
#include <array>

#include "geo/cells.h"
#include "geo/geometry.h"

namespace cityloop::geo {
namespace {

// Twelve bytes rather than sixteen: there are as many of these as there are points in the city.
struct Entry {
  std::uint32_t cell_high{}, cell_low{}, key{};
  static Entry of(S2CellId cell, std::uint32_t key) {
    return {std::uint32_t(cell.id() >> 32), std::uint32_t(cell.id()), key};
  }
  std::uint64_t cell() const { return std::uint64_t(cell_high) << 32 | cell_low; }
  friend auto operator<=>(const Entry&, const Entry&) = default;
};

// What a key is covered by, in one word: nothing, one cell (its number), or the place of a list (no cell's number
// begins with three ones: there are only six faces).
constexpr std::uint64_t kNone = 0;
constexpr std::uint64_t kListTag = std::uint64_t(7) << 61;

}  // namespace

struct SpatialIndex::Inside {
  absl::btree_set<Entry> entries;
  std::vector<std::uint64_t> places;         // by key: kNone, a cell, or kListTag | index into lists
  std::vector<std::vector<S2CellId>> lists;  // empty ones are free
  std::vector<std::uint32_t> lists_free;
  std::array<std::size_t, S2CellId::kMaxLevel + 1> per_level{};  // entries, to skip levels where nothing is
  std::size_t size{0};

  void add(S2CellId cell, std::uint32_t key) {
    entries.insert(Entry::of(cell, key));
    ++per_level[std::size_t(cell.level())];
  }
  void remove(S2CellId cell, std::uint32_t key) {
    entries.erase(Entry::of(cell, key));
    --per_level[std::size_t(cell.level())];
  }
  std::uint64_t keep(std::vector<S2CellId> cells) {
    if (lists_free.empty()) {
      lists.push_back(std::move(cells));
      return kListTag | (lists.size() - 1);
    }
    const std::uint32_t at = lists_free.back();
    lists_free.pop_back();
    lists[at] = std::move(cells);
    return kListTag | at;
  }
  void collect(std::uint64_t from, std::uint64_t to, std::vector<std::uint32_t>& out) const {
    const Entry first = Entry::of(S2CellId(from), 0);
    for (auto entry = entries.lower_bound(first); entry != entries.end() && entry->cell() <= to; ++entry) {
      out.push_back(entry->key);
    }
  }
};

SpatialIndex::SpatialIndex() : inside_(std::make_unique<Inside>()) {}
SpatialIndex::~SpatialIndex() = default;
SpatialIndex::SpatialIndex(SpatialIndex&&) noexcept = default;
SpatialIndex& SpatialIndex::operator=(SpatialIndex&&) noexcept = default;

void SpatialIndex::put(std::uint32_t key, const Shape& shape) {
  const bool is_point = shape.kind == ShapeKind::point && !shape.parts.empty() && !shape.parts.front().empty();
  if (is_point) {
    const S2CellId cell(to_s2(shape.parts.front().front()));
    if (key < inside_->places.size() && inside_->places[key] == cell.id()) return;  // it has not moved
    erase(key);
    if (key >= inside_->places.size()) inside_->places.resize(std::size_t(key) + 1, kNone);
    inside_->places[key] = cell.id();
    inside_->add(cell, key);
    ++inside_->size;
    return;
  }
  erase(key);
  std::vector<S2CellId> cells;
  for (const Cell cell : cells_of(shape)) cells.emplace_back(cell);
  if (cells.empty()) return;
  if (key >= inside_->places.size()) inside_->places.resize(std::size_t(key) + 1, kNone);
  for (const S2CellId cell : cells) inside_->add(cell, key);
  inside_->places[key] = inside_->keep(std::move(cells));
  ++inside_->size;
}

void SpatialIndex::erase(std::uint32_t key) {
  if (key >= inside_->places.size() || inside_->places[key] == kNone) return;
  const std::uint64_t place = inside_->places[key];
  inside_->places[key] = kNone;
  --inside_->size;
  if ((place & kListTag) != kListTag) {
    inside_->remove(S2CellId(place), key);
    return;
  }
  const auto at = std::uint32_t(place & ~kListTag);
  for (const S2CellId cell : inside_->lists[at]) inside_->remove(cell, key);
  std::vector<S2CellId>().swap(inside_->lists[at]);
  inside_->lists_free.push_back(at);
}

std::size_t SpatialIndex::size() const {
  return inside_->size;
}

std::vector<std::uint32_t> SpatialIndex::near(const Shape& shape, double distance_m) const {
  std::vector<std::uint32_t> out;
  const CellQuestion question(shape, distance_m);
  for (const auto& range : question.ranges()) inside_->collect(range.first, range.last, out);
  const bool only_points = inside_->entries.size() == inside_->per_level[S2CellId::kMaxLevel];
  for (const Cell cell : only_points ? std::vector<Cell>{} : question.above()) {
    if (inside_->per_level[std::size_t(S2CellId(cell).level())] > 0) inside_->collect(cell, cell, out);
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace cityloop::geo
