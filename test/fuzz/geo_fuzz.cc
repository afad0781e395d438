// Any bytes as a geometry or a geographical question: read or refused, and measured without a crash.
#include <cstdint>
#include <string>
#include <string_view>

#include "geo/shape.h"
#include "twin/query/query.h"

using namespace cityloop;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const geo::Shape kPoint = geo::Shape::from_geojson(R"({"type":"Point","coordinates":[8,47]})").value();
  if (const auto shape = geo::Shape::from_geojson(text)) {
    const geo::PreparedShape prepared(*shape);
    (void)prepared.distance_m(kPoint);
    (void)prepared.contains(kPoint);
    (void)prepared.intersects(*shape);
    (void)prepared.overlaps(kPoint);
    (void)prepared.equals(*shape);
  }
  const auto bar = text.find('|'), second = text.find('|', bar + 1);
  if (second == text.npos) return 0;
  (void)twin::parse_geo_filter([&](std::string_view name) -> std::optional<std::string_view> {
    if (name == "georel") return text.substr(0, bar);
    if (name == "geometry") return text.substr(bar + 1, second - bar - 1);
    if (name == "coordinates") return text.substr(second + 1);
    return std::nullopt;
  });
  return 0;
}
