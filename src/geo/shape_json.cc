// GeoJSON in: every refusal names the place in the coordinates.
#include <array>
#include <optional>

#include <simdjson.h>

#include "geo/geometry.h"
#include "geo/shape.h"

namespace cityloop::geo {
namespace {

using base::Errc;
using simdjson::dom::array;
using simdjson::dom::element;

constexpr std::size_t kPositionsMax = 100'000;

struct Kind {
  std::string_view name;
  ShapeKind kind;
  int depth;  // lists around a position
};
constexpr std::array kKinds{
    Kind{"Point", ShapeKind::point, 0},     Kind{"MultiPoint", ShapeKind::multi_point, 1},
    Kind{"LineString", ShapeKind::line, 1}, Kind{"MultiLineString", ShapeKind::multi_line, 2},
    Kind{"Polygon", ShapeKind::polygon, 2}, Kind{"MultiPolygon", ShapeKind::multi_polygon, 3},
};

base::Result<Kind> kind_of(std::string_view name) {
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return kind;
  }
  if (name == "GeometryCollection" || name == "Feature" || name == "FeatureCollection") {
    return base::fail(Errc::unsupported, "a GeoJSON {} is not taken; give one geometry", name);
  }
  return base::fail(
      Errc::invalid,
      "'{}' is no GeoJSON geometry (Point, MultiPoint, LineString, MultiLineString, Polygon, MultiPolygon)",
      name.size() > 40 ? std::string_view("…") : name);
}

class Reader {
 public:
  base::Result<std::vector<Position>> positions(const element& from, const std::string& where, std::size_t least,
                                                std::string_view what) {
    std::vector<Position> out;
    array items;
    if (from.get(items)) return base::fail(Errc::invalid, "{} must be a list of positions", where);
    std::size_t i = 0;
    for (const element item : items) {
      if (++count_ > kPositionsMax) {
        return base::fail(Errc::full, "a shape of more than {} positions", kPositionsMax);
      }
      out.push_back(TRY(position(item, where, i++)));
    }
    if (out.size() < least) {
      return base::fail(Errc::invalid, "{} has {} positions; {} needs at least {}", where, out.size(), what, least);
    }
    return out;
  }

  // `index` is of the position within `where`; SIZE_MAX for `where` itself.
  static base::Result<Position> position(const element& from, const std::string& where, std::size_t index) {
    const auto name = [&] { return index == SIZE_MAX ? where : fmt::format("{}[{}]", where, index); };
    array numbers;
    double values[3] = {};
    std::size_t count = 0;
    bool good = !from.get(numbers);
    if (good) {
      for (const element number : numbers) {
        if (count >= 3 || !number.is_number()) {
          good = false;
          break;
        }
        values[count++] = number.get_double().value_unsafe();
      }
    }
    if (!good || count < 2) {
      return base::fail(Errc::invalid, "{} must be a position: [longitude, latitude] in degrees", name());
    }
    const Position out{values[0], values[1]};
    if (const auto ok = check(out); !ok) return base::fail(Errc::invalid, "{}: {}", name(), ok.error().message);
    return out;
  }

 private:
  std::size_t count_{0};
};

base::Status check_line(const std::vector<Position>& line, const std::string& where) {
  bool moves = false;
  for (std::size_t i = 1; i < line.size(); ++i) {
    const S2Point a = to_s2(line[i - 1]), b = to_s2(line[i]);
    moves |= a != b;
    if (a == -b) {
      return base::fail(Errc::invalid, "{}[{}] lies opposite to the position before it: no shortest way", where, i);
    }
  }
  if (!moves) return base::fail(Errc::invalid, "{} needs two different positions", where);
  return {};
}

// Each ring on its own, then how they lie to one another.
base::Status check_polygon(const std::vector<std::vector<Position>>& rings, const std::string& where) {
  for (std::size_t i = 0; i < rings.size(); ++i) {
    const auto ring_name = fmt::format("{}[{}]", where, i);
    if (rings[i].front() != rings[i].back()) {
      return base::fail(Errc::invalid, "{}: the ring is open; its last position must repeat its first", ring_name);
    }
    const std::vector<S2Point> points = ring_points(rings[i]);
    if (points.size() < 3) return base::fail(Errc::invalid, "{}: a ring needs three different corners", ring_name);
    S2Loop loop;
    loop.set_s2debug_override(S2Debug::DISABLE);
    loop.Init(points);
    S2Error error;
    if (loop.FindValidationError(&error)) {
      return base::fail(Errc::invalid, "{}: the ring crosses or touches itself ({})", ring_name, error.text());
    }
  }
  const auto polygon = polygon_of(rings);
  S2Error error;
  if (polygon->FindValidationError(&error)) {
    return base::fail(Errc::invalid, "{}: its rings cross one another ({})", where, error.text());
  }
  for (int i = 1; i < polygon->num_loops(); ++i) {
    if (polygon->loop(i)->depth() != 1) {
      return base::fail(Errc::invalid, "{}: a hole lies outside the first ring or inside another hole", where);
    }
  }
  if (rings.size() > 1 && polygon->loop(0)->GetArea() > polygon_of({rings.front()})->GetArea() * (1 + 1e-9)) {
    return base::fail(Errc::invalid, "{}: the first ring must be the outside, the others holes in it", where);
  }
  return {};
}

base::Result<std::vector<std::vector<Position>>> polygon(Reader& reader, const element& from,
                                                         const std::string& where) {
  array rings;
  if (from.get(rings)) return base::fail(Errc::invalid, "{} must be a list of rings", where);
  std::vector<std::vector<Position>> out;
  for (const element ring : rings) {
    out.push_back(TRY(reader.positions(ring, fmt::format("{}[{}]", where, out.size()), 4, "a ring")));
  }
  if (out.empty()) return base::fail(Errc::invalid, "{} has no ring", where);
  if (const auto ok = check_polygon(out, where); !ok) return std::unexpected(ok.error());
  return out;
}

base::Result<std::vector<std::vector<Position>>> parts_of(Kind kind, const element& from) {
  const std::string where = "coordinates";
  std::vector<std::vector<Position>> out;
  Reader reader;
  if (kind.kind == ShapeKind::point) {
    out.push_back({TRY(Reader::position(from, where, SIZE_MAX))});
    return out;
  }
  if (kind.kind == ShapeKind::polygon) return polygon(reader, from, where);
  if (kind.depth == 1) {
    const bool line = kind.kind == ShapeKind::line;
    out.push_back(TRY(reader.positions(from, where, line ? 2 : 1, kind.name)));
    if (line) {
      if (const auto ok = check_line(out.back(), where); !ok) return std::unexpected(ok.error());
    }
    return out;
  }
  array items;
  if (from.get(items)) return base::fail(Errc::invalid, "{} must be a list", where);
  std::size_t i = 0;
  for (const element item : items) {
    const std::string name = fmt::format("{}[{}]", where, i++);
    if (kind.kind == ShapeKind::multi_line) {
      out.push_back(TRY(reader.positions(item, name, 2, "a line")));
      if (const auto ok = check_line(out.back(), name); !ok) return std::unexpected(ok.error());
    } else {
      for (auto& ring : TRY(polygon(reader, item, name))) out.push_back(std::move(ring));
    }
  }
  if (out.empty()) return base::fail(Errc::invalid, "{} is an empty list", where);
  if (kind.kind == ShapeKind::multi_polygon) {
    S2Error error;
    if (polygon_of(out)->FindValidationError(&error)) {
      return base::fail(Errc::invalid, "{}: its polygons cross one another ({})", where, error.text());
    }
  }
  return out;
}

base::Result<element> parse(simdjson::dom::parser& parser, std::string_view json) {
  element out;
  if (const auto error = parser.parse(json.data(), json.size()).get(out)) {
    return base::fail(Errc::invalid, "not well-formed JSON: {}", simdjson::error_message(error));
  }
  return out;
}

}  // namespace

base::Result<Shape> Shape::from_geojson(std::string_view json) {
  thread_local simdjson::dom::parser parser;
  const element root = TRY(parse(parser, json));
  std::string_view type;
  if (!root.is_object()) return base::fail(Errc::invalid, "a GeoJSON geometry must be an object");
  if (root["type"].get(type)) return base::fail(Errc::invalid, "the geometry has no text member 'type'");
  const Kind kind = TRY(kind_of(type));
  element coordinates;
  if (root["coordinates"].get(coordinates)) {
    return base::fail(Errc::invalid, "the {} has no member 'coordinates'", type);
  }
  return Shape{kind.kind, TRY(parts_of(kind, coordinates))};
}

base::Result<Shape> Shape::from_coordinates(std::string_view type, std::string_view coordinates_json) {
  thread_local simdjson::dom::parser parser;
  const Kind kind = TRY(kind_of(type));
  const element coordinates = TRY(parse(parser, coordinates_json));
  return Shape{kind.kind, TRY(parts_of(kind, coordinates))};
}

}  // namespace cityloop::geo
