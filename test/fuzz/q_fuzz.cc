// Any bytes as a query, a selection or a list of names: read or refused, and asked of an entity without a crash.
#include <cstdint>
#include <string_view>

#include "twin/ngsi/ngsi.h"
#include "twin/query/query.h"

using namespace cityloop;

namespace {

const flow::Entity& entity() {
  static const flow::Entity kEntity = [] {
    const auto write = twin::parse_entity(
        R"({"id":"urn:a:1","type":["T","U"],"scope":"/a/b","speed":{"value":3,"unitCode":"KMH","deep":{"value":"x"}},
            "list":[1,2,3],"text":"2020-01-01T00:00:00Z","address":{"value":{"city":"Aarhus","n":[1,{"m":2}]}},
            "name":{"languageMap":{"en":"x","zh":"y"}},"at":{"object":"urn:a:1"}})",
        flow::WriteMode::upsert);
    flow::Entity out;
    out.id = write->entity;
    out.types = write->types;
    out.scopes = write->scopes;
    out.attributes = write->attributes;
    return out;
  }();
  return kEntity;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto q = twin::Q::parse(text)) {
    const twin::Q::Linked linked = [](flow::EntityId) { return std::make_shared<const flow::Entity>(entity()); };
    (void)q->matches(entity(), &linked);
    (void)q->conjunction();
  }
  twin::EntityFilter filter;
  if (twin::parse_types(text, nullptr, filter)) (void)twin::matches(filter, entity());
  if (const auto scopes = twin::parse_scopes(text)) (void)scopes->has_scope(entity().scopes);
  (void)twin::Projection::parse(text, text, nullptr);
  return 0;
}
