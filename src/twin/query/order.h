// By what entities are put in order (orderBy); without any key, the oldest come first.
//
// What has no value for a key comes last, whichever way the order runs; what is equal under all keys stays in order of
// age. Values of different kinds stand in the order of clause 4.23.2: numbers, texts, objects, lists, false, true,
// times of day, dates, instants.
#pragma once

#include <cstdint>
#include <optional>

#include "geo/shape.h"
#include "twin/query/collation.h"
#include "twin/query/q.h"

namespace cityloop::twin {

enum class OrderBy : std::uint8_t { value, id, type, scope, created_at, modified_at, distance };

struct OrderKey {
  OrderBy by{OrderBy::value};
  bool descending{false};
  QPath path{};                      // value: as in q, without a link
  std::optional<geo::Shape> from{};  // distance: from here to the place of the entity
  flow::Name geoproperty{};          // distance: empty for "location"
  Collation collation{};             // of texts
};

}  // namespace cityloop::twin
