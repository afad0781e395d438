// Any bytes as an entity: read or refused, never a crash; and what was read is given back so that it reads the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "twin/apply.h"
#include "twin/ngsi/ngsi.h"

using namespace cityloop;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  twin::Reading how;
  how.nulls = data[0] & 1;
  how.partial = data[0] & 2;
  how.simplified = data[0] & 4;
  how.temporal = data[0] & 8;
  const auto write = twin::parse_entity(body, flow::WriteMode::upsert, how);
  (void)twin::parse_entities(body, flow::WriteMode::merge, how);
  (void)twin::parse_attribute(flow::Name("a"), body, how);
  if (!write || data[0] & 15) return 0;
  const auto made = twin::apply(nullptr, *write, base::from_us(1));
  if (!made) return 0;
  const auto again = twin::parse_entity(twin::to_json(*made->next), flow::WriteMode::upsert);
  if (!again || again->attributes.size() != write->attributes.size()) std::abort();
  twin::Rendering simplified;
  simplified.format = twin::Format::simplified;
  (void)twin::to_json(*made->next, simplified);
  return 0;
}
