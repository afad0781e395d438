// Whatever the bytes of a file of streets are, the answer is a network or a reason, and a graph can be made of it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "geo/street_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cityloop::geo;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (auto read : {streets_from_osm(bytes, "fuzz"), streets_from_geojson(bytes, "fuzz")}) {
    if (read && read->streets.size() < 1000) StreetGraph::make(*read);
  }
  return 0;
}
