#include "geo/area.h"

#include <algorithm>
#include <unordered_set>

#include "geo/geometry.h"

namespace cityloop::geo {

struct Areas::Inside {
  std::vector<Area> areas;  // smallest first; an area's place is its shape's id in the index
  std::vector<std::unique_ptr<S2Polygon>> polygons;
  MutableS2ShapeIndex index;
};

Areas::Areas() : inside_(std::make_shared<const Inside>()) {}

base::Result<Areas> Areas::make(std::vector<Area> areas) {
  std::unordered_set<std::string_view> names;
  for (const Area& area : areas) {
    if (area.name.empty()) return base::fail(base::Errc::invalid, "an area has no name");
    if (!area.shape.is_area()) return base::fail(base::Errc::invalid, "area '{}' is no polygon", area.name);
    if (!names.insert(area.name).second) {
      return base::fail(base::Errc::invalid, "two areas are named '{}'", area.name);
    }
  }
  auto inside = std::make_shared<Inside>();
  std::vector<std::pair<double, Area>> sized;
  for (Area& area : areas) {
    const double size_m2 = area_m2(area.shape);
    sized.emplace_back(size_m2, std::move(area));
  }
  std::ranges::stable_sort(sized, {}, [](const auto& area) { return area.first; });
  for (auto& [size_m2, area] : sized) {
    inside->polygons.push_back(polygon_of(area.shape.parts));
    inside->index.Add(std::make_unique<S2Polygon::Shape>(inside->polygons.back().get()));
    inside->areas.push_back(std::move(area));
  }
  inside->index.ForceBuild();
  Areas out;
  out.inside_ = std::move(inside);
  return out;
}

std::vector<std::string_view> Areas::areas_of(Position p) const {
  auto query = MakeS2ContainsPointQuery(&inside_->index);
  std::vector<int> ids;
  for (const S2Shape* shape : query.GetContainingShapes(to_s2(p))) ids.push_back(shape->id());
  std::ranges::sort(ids);
  std::vector<std::string_view> out;
  for (const int id : ids) out.push_back(inside_->areas[std::size_t(id)].name);
  return out;
}

std::string_view Areas::area_of(Position p) const {
  const auto all = areas_of(p);
  return all.empty() ? std::string_view{} : all.front();
}

std::string_view Areas::area_of(const Shape& shape) const {
  return area_of(shape.anchor());
}

const std::vector<Area>& Areas::all() const {
  return inside_->areas;
}

const Area* Areas::find(std::string_view name) const {
  const auto found = std::ranges::find(inside_->areas, name, &Area::name);
  return found == inside_->areas.end() ? nullptr : &*found;
}

}  // namespace cityloop::geo
