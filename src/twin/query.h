// Which entities are meant: by type, id, the `q` language and geography (ETSI GS CIM 009, clauses 4.9 and 4.10).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flow/entity.h"
#include "geo/shape.h"
#include "twin/q.h"

namespace cityloop::twin {

enum class GeoRelation : std::uint8_t { near, within, contains, intersects, disjoint, overlaps, equals };

struct GeoFilter {
  GeoRelation relation{GeoRelation::near};
  geo::Shape shape;
  std::optional<double> distance_max_m, distance_min_m;  // for near
  flow::Name property;                                   // empty: "location"
};

struct EntityFilter {
  std::vector<flow::Name> types;       // any of them; empty for all
  std::vector<flow::EntityId> ids;     // any of them; empty for all
  std::string id_pattern;              // regular expression; empty for all
  std::vector<flow::Name> attributes;  // has at least one of them; empty for all
  std::optional<Q> q;
  std::optional<GeoFilter> geo;
  std::size_t offset{0};
  std::size_t limit{20};
  bool count{false};
};

struct QueryPage {
  std::vector<flow::EntityPtr> entities;  // oldest first
  std::optional<std::size_t> total;       // when asked for
};

// Whether one entity is meant, without limit and offset.
bool matches(const EntityFilter&, const flow::Entity&);

}  // namespace cityloop::twin
