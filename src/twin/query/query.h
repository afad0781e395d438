// Which entities are meant: by type, id, the `q` language and geography (ETSI GS CIM 009, clauses 4.9 and 4.10).
//
//   query parameters ─ parse_filter ─▶ EntityFilter ─ Matcher ─▶ yes or no, entity by entity
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/entity.h"
#include "geo/shape.h"
#include "twin/ngsi/selection.h"
#include "twin/query/order.h"
#include "twin/query/q.h"

namespace cityloop::twin {

enum class GeoRelation : std::uint8_t { near, within, contains, intersects, disjoint, overlaps, equals };

struct GeoFilter {
  GeoRelation relation{GeoRelation::near};
  geo::Shape shape;
  std::optional<double> distance_max_m, distance_min_m;  // for near
  flow::Name property;                                   // empty: "location"
};

inline constexpr std::size_t kLimitMax = 1000;

// One of several kinds of entities that are meant (clause 5.2.33); what is empty asks nothing.
struct EntitySelector {
  std::optional<Selection> types;
  flow::EntityId id;
  bool id_unknown{false};  // an id that the city has never seen
  std::optional<Pattern> id_pattern;
  bool meets(const flow::Entity&) const;
};

struct EntityFilter {
  std::vector<flow::Name> types;       // any of them; empty for all
  bool every_type{false};              // type=*: all, and that was said
  std::optional<Selection> selection;  // of types, where it says more than `types` (`types` are then its candidates)
  std::optional<Selection> scopes;
  std::vector<flow::EntityId> ids;     // any of them; empty for all
  std::string id_pattern;              // regular expression; empty for all
  std::vector<flow::Name> attributes;  // has at least one of them; empty for all
  std::optional<Q> q;
  std::optional<GeoFilter> geo;
  std::vector<EntitySelector> selectors;  // any of them, besides all the rest; empty for all
  bool public_only{false};                // not the entities of the house's own loops (flow/own_types.h)
  std::size_t offset{0};
  std::size_t limit{20};
  bool count{false};
  std::vector<OrderKey> order{};  // the first rules; empty: by age, oldest first
};

struct QueryPage {
  std::vector<flow::EntityPtr> entities;  // in the order asked for
  std::optional<std::size_t> total;       // when asked for
};

// Gives a query parameter by its name, decoded; nothing when it is not there.
using Argument = std::function<std::optional<std::string_view>(std::string_view)>;

// From type, id, idPattern, attrs, q, expandValues, jsonKeys, scopeQ, georel, geometry, coordinates, geoproperty,
// orderBy, orderFrom, orderGeometry, collation, limit, offset and count. Refuses with the parameter's name and what was
// expected; an id that the city has never seen meets nothing, and is no error. Names are terms of `context` (null: the
// core context). How large a limit may be is the asker's business.
base::Result<EntityFilter> parse_filter(const Argument&, const Context* context = nullptr);
// The geographical part alone; nothing when none of its parameters is there.
base::Result<std::optional<GeoFilter>> parse_geo_filter(const Argument&, const Context* context = nullptr);
// Lists of names, as `attrs`, `pick` and `omit` have them.
base::Result<std::vector<flow::Name>> parse_names(std::string_view parameter, std::string_view text,
                                                  const Context* context = nullptr);
// A selection of types ("Vehicle;(Bus,Tram)") into `types` and `selection`; of scopes.
base::Status parse_types(std::string_view text, const Context* context, EntityFilter&);
base::Result<Selection> parse_scopes(std::string_view text);

// A filter made ready to be asked of many entities, by one thread or many: the pattern compiled, the shape prepared.
class Matcher {
 public:
  explicit Matcher(EntityFilter);
  // Whether an entity is meant, without limit and offset. An id_pattern that is no regular expression meets nothing.
  // An entity without the asked place is in no relation to anything, disjoint included.
  bool matches(const flow::Entity&) const;
  const EntityFilter& filter() const { return filter_; }

 private:
  EntityFilter filter_;
  std::optional<Pattern> id_pattern_;
  std::optional<geo::PreparedShape> shape_;
};

// The same for one entity; for many, a Matcher: here pattern and shape are made ready each time.
bool matches(const EntityFilter&, const flow::Entity&);

}  // namespace cityloop::twin
