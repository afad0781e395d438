#include "twin/query/query.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "flow/own_types.h"
#include "twin/ngsi/ngsi.h"
#include "twin/utf8.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using base::Result;
using flow::EntityId;
using flow::Name;

constexpr std::size_t kListMax = 1000;
constexpr std::size_t kNameMax = 512;
constexpr std::size_t kOffsetMax = 1'000'000'000;

constexpr std::array<std::pair<std::string_view, GeoRelation>, 7> kRelations{{
    {"near", GeoRelation::near},
    {"within", GeoRelation::within},
    {"contains", GeoRelation::contains},
    {"intersects", GeoRelation::intersects},
    {"disjoint", GeoRelation::disjoint},
    {"overlaps", GeoRelation::overlaps},
    {"equals", GeoRelation::equals},
}};

Result<std::vector<std::string_view>> list_of(std::string_view parameter, std::string_view text,
                                              std::string_view separators) {
  std::vector<std::string_view> out;
  while (true) {
    const auto end = text.find_first_of(separators);
    const std::string_view item = text.substr(0, end);
    if (item.empty()) return base::fail(Errc::invalid, "{}: an empty item in the list", parameter);
    out.push_back(item);
    if (out.size() > kListMax) return base::fail(Errc::full, "{}: more than {} items", parameter, kListMax);
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

bool is_name(std::string_view text) {
  return text.size() <= kNameMax && !first_bad_utf8(text) && text.find_first_of(" \t\r\n<>\"'=;()") == text.npos;
}

std::unexpected<base::Error> no_name(std::string_view parameter, std::string_view text) {
  return base::fail(Errc::invalid, "{}: '{}' is no name", parameter, first_bad_utf8(text) ? "?" : clipped(text));
}

const Context& or_core(const Context* context) {
  return context ? *context : *Context::core();
}

}  // namespace

Result<std::vector<Name>> parse_names(std::string_view parameter, std::string_view text, const Context* context) {
  std::vector<Name> out;
  for (const std::string_view item : TRY(list_of(parameter, text, ","))) {
    if (!is_name(item)) return no_name(parameter, item);
    out.push_back(or_core(context).expand(item));
  }
  return out;
}

base::Status parse_types(std::string_view text, const Context* context, EntityFilter& out) {
  auto selection = TRY(Selection::parse("type", text, [&](std::string_view word) -> Result<std::string> {
    if (!is_name(word)) return no_name("type", word);
    return or_core(context).expand_text(word);
  }));
  out.types = selection.candidates();
  if (!selection.is_list()) out.selection = std::move(selection);
  return {};
}

Result<Selection> parse_scopes(std::string_view text) {
  return Selection::parse("scopeQ", text, [](std::string_view word) -> Result<std::string> {
    if (!word.starts_with('/') || word.size() > kNameMax || first_bad_utf8(word)) {
      return base::fail(Errc::invalid, "scopeQ: a scope begins with '/', like /Madrid/Gardens/#");
    }
    return std::string(word);
  });
}

namespace {

Result<std::vector<EntityId>> ids_of(std::string_view text) {
  std::vector<EntityId> out;
  for (const std::string_view item : TRY(list_of("id", text, ","))) {
    if (first_bad_utf8(item) || !is_uri(item)) {
      return base::fail(Errc::invalid, "id: '{}' is no URI (like urn:ngsi-ld:Device:1)",
                        first_bad_utf8(item) ? "?" : clipped(item));
    }
    out.push_back(EntityId::lookup(item));
  }
  return out;
}

Result<std::size_t> count_of(std::string_view parameter, std::string_view text, std::size_t max) {
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || out > max) {
    return base::fail(Errc::invalid, "{}: expected a whole number from 0 to {}", parameter, max);
  }
  return out;
}

Result<bool> flag_of(std::string_view parameter, std::string_view text) {
  if (text != "true" && text != "false") return base::fail(Errc::invalid, "{}: expected true or false", parameter);
  return text == "true";
}

// near;maxDistance==500 or near;minDistance==100, or both.
base::Status read_distances(std::string_view text, GeoFilter& out) {
  constexpr std::string_view kExpected = "georel: expected near;maxDistance==METRES or near;minDistance==METRES";
  while (!text.empty()) {
    text.remove_prefix(1);  // the ';'
    const auto end = std::min(text.find(';'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end);
    const auto equals = part.find("==");
    const std::string_view name = part.substr(0, equals);
    std::optional<double>* const target = name == "maxDistance"   ? &out.distance_max_m
                                          : name == "minDistance" ? &out.distance_min_m
                                                                  : nullptr;
    if (!target || equals == part.npos || *target) return base::fail(Errc::invalid, "{}", kExpected);
    const std::string_view digits = part.substr(equals + 2);
    double metres = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), metres);
    if (error != std::errc{} || stop != digits.data() + digits.size() || !std::isfinite(metres) || metres <= 0) {
      return base::fail(Errc::invalid, "georel: {} must be a number of metres above 0", name);
    }
    *target = metres;
  }
  if (!out.distance_max_m && !out.distance_min_m) return base::fail(Errc::invalid, "{}", kExpected);
  return {};
}

base::Status read_relation(std::string_view text, GeoFilter& out) {
  const auto end = std::min(text.find(';'), text.size());
  const auto known = std::ranges::find(kRelations, text.substr(0, end), [](const auto& r) { return r.first; });
  if (known == kRelations.end()) {
    return base::fail(Errc::invalid,
                      "georel: expected near, within, contains, intersects, disjoint, overlaps or equals");
  }
  out.relation = known->second;
  if (out.relation == GeoRelation::near) return read_distances(text.substr(end), out);
  if (end < text.size()) return base::fail(Errc::invalid, "georel: only near takes a distance");
  return {};
}

}  // namespace

Result<std::optional<GeoFilter>> parse_geo_filter(const Argument& argument, const Context* context) {
  const auto relation = argument("georel"), geometry = argument("geometry"), coordinates = argument("coordinates");
  const auto property = argument("geoproperty");
  std::optional<GeoFilter> out;
  if (!relation && !geometry && !coordinates) return out;
  if (!relation || !geometry || !coordinates) {
    return base::fail(Errc::invalid, "georel, geometry and coordinates belong together; {} is missing",
                      !relation   ? "georel"
                      : !geometry ? "geometry"
                                  : "coordinates");
  }
  out.emplace();
  if (auto ok = read_relation(*relation, *out); !ok) return std::unexpected(ok.error());
  auto shape = geo::Shape::from_coordinates(*geometry, *coordinates);
  if (!shape) {
    const bool strange = shape.error().code == Errc::unsupported;
    return base::fail(strange ? Errc::invalid : shape.error().code, "geometry, coordinates: {}", shape.error().message);
  }
  out->shape = std::move(*shape);
  if (property) {
    const auto names = TRY(parse_names("geoproperty", *property, context));
    if (names.size() != 1) return base::fail(Errc::invalid, "geoproperty: expected one name");
    if (names.front().text() != "location") out->property = names.front();
  }
  return out;
}

namespace {

// "id", "speed;desc", "address[city];asc", "location;dist-asc": what to order by, and which way.
Result<OrderKey> order_key(std::string_view text, const Argument& argument, const Context* context) {
  OrderKey out;
  const auto semicolon = std::min(text.find(';'), text.size());
  const std::string_view name = text.substr(0, semicolon);
  const std::string_view way = semicolon < text.size() ? text.substr(semicolon + 1) : "asc";
  if (way != "asc" && way != "desc" && way != "dist-asc" && way != "dist-desc") {
    return base::fail(Errc::invalid, "orderBy: expected asc, desc, dist-asc or dist-desc after ';'");
  }
  out.descending = way.ends_with("desc");
  const auto path = Q::parse(name, {context, {}});
  if (!path || path->root().kind != QKind::term || path->root().op != QOperator::exists || path->root().absent ||
      path->root().path.link) {
    return base::fail(Errc::invalid, "orderBy: '{}' is no attribute to order by", clipped(name));
  }
  if (way.starts_with("dist")) {
    const auto from = argument("orderFrom");
    if (!from) return base::fail(Errc::invalid, "orderBy: a distance needs orderFrom, the coordinates to measure from");
    auto shape = geo::Shape::from_coordinates(argument("orderGeometry").value_or("Point"), *from);
    if (!shape) return base::fail(shape.error().code, "orderGeometry, orderFrom: {}", shape.error().message);
    out.by = OrderBy::distance;
    out.from = std::move(*shape);
    if (name != "location") out.geoproperty = path->root().path.attribute;
    return out;
  }
  if (name == "id") out.by = OrderBy::id;
  else if (name == "type") out.by = OrderBy::type;
  else if (name == "scope") out.by = OrderBy::scope;
  else if (name == "createdAt") out.by = OrderBy::created_at;
  else if (name == "modifiedAt") out.by = OrderBy::modified_at;
  else out.path = path->root().path;
  return out;
}

base::Status read_order(const Argument& argument, const Context* context, EntityFilter& out) {
  Collation collation;
  if (const auto tag = argument("collation")) collation = TRY(Collation::parse(*tag));
  const auto text = argument("orderBy");
  if (!text) return {};
  for (const std::string_view key : TRY(list_of("orderBy", *text, ","))) {
    out.order.push_back(TRY(order_key(key, argument, context)));
    out.order.back().collation = collation;
  }
  return {};
}

base::Status read_q(const Argument& argument, const Context* context, EntityFilter& out) {
  QReading reading{context, {}};
  if (const auto values = argument("expandValues")) {
    reading.expand_values = TRY(parse_names("expandValues", *values, context));
  }
  // Members of values are compared as they were written, so jsonKeys changes nothing; it must still be a list of names.
  if (const auto keys = argument("jsonKeys")) TRY(parse_names("jsonKeys", *keys, context));
  if (const auto text = argument("q")) out.q = TRY(Q::parse(*text, reading));
  return {};
}

}  // namespace

Result<EntityFilter> parse_filter(const Argument& argument, const Context* context) {
  EntityFilter out;
  if (const auto text = argument("type")) {
    out.every_type = *text == "*";
    if (!out.every_type) TRY(parse_types(*text, context, out));
  }
  if (const auto text = argument("id")) out.ids = TRY(ids_of(*text));
  if (const auto text = argument("idPattern")) {
    if (const auto ok = Pattern::compile(*text); !ok) {
      return base::fail(ok.error().code, "idPattern: {}", first_bad_utf8(*text) ? "no UTF-8" : ok.error().message);
    }
    out.id_pattern = *text;
  }
  if (const auto text = argument("attrs")) out.attributes = TRY(parse_names("attrs", *text, context));
  TRY(read_q(argument, context, out));
  out.geo = TRY(parse_geo_filter(argument, context));
  if (const auto scopes = argument("scopeQ")) out.scopes = TRY(parse_scopes(*scopes));
  TRY(read_order(argument, context, out));
  if (const auto text = argument("count")) out.count = TRY(flag_of("count", *text));
  if (const auto text = argument("offset")) out.offset = TRY(count_of("offset", *text, kOffsetMax));
  if (const auto text = argument("limit")) out.limit = TRY(count_of("limit", *text, kOffsetMax));
  if (out.limit == 0 && !out.count) return base::fail(Errc::invalid, "limit: 0 makes sense only with count=true");
  return out;
}

namespace {

bool stands_in(const GeoFilter& geo, const geo::PreparedShape& asked, const geo::Shape& shape) {
  switch (geo.relation) {
    case GeoRelation::near: {
      const double distance = asked.distance_m(shape);
      return distance <= geo.distance_max_m.value_or(distance) && distance >= geo.distance_min_m.value_or(0);
    }
    case GeoRelation::within: return asked.contains(shape);
    case GeoRelation::contains: return asked.within(shape);
    case GeoRelation::intersects: return asked.intersects(shape);
    case GeoRelation::disjoint: return !asked.intersects(shape);
    case GeoRelation::overlaps: return asked.overlaps(shape);
    case GeoRelation::equals: return asked.equals(shape);
  }
  return false;
}

bool is_there(const GeoFilter& geo, const geo::PreparedShape& asked, const flow::Entity& entity) {
  static const Name kLocation("location");
  const Name place = geo.property.empty() ? kLocation : geo.property;
  for (const flow::Attribute& attribute : entity.attributes) {
    if (attribute.name != place || attribute.kind != flow::AttributeKind::geo_property) continue;
    const auto* json = std::get_if<flow::Json>(&attribute.value);
    if (!json) continue;
    const auto shape = geo::Shape::from_geojson(json->text);
    if (shape && stands_in(geo, asked, *shape)) return true;
  }
  return false;
}

// All that needs no preparation.
bool meets_plainly(const EntityFilter& filter, const flow::Entity& entity) {
  const auto is_one = [&](Name type) { return entity.is_a(type); };
  const auto has = [&](Name name) {
    return std::ranges::find(entity.attributes, name, &flow::Attribute::name) != entity.attributes.end();
  };
  if (!filter.types.empty() && std::ranges::none_of(filter.types, is_one)) return false;
  if (filter.public_only && flow::has_own_type(entity.types)) return false;
  const auto meets = [&](const EntitySelector& selector) { return selector.meets(entity); };
  if (!filter.selectors.empty() && std::ranges::none_of(filter.selectors, meets)) return false;
  if (filter.selection && !filter.selection->has_type(entity.types)) return false;
  if (filter.scopes && !filter.scopes->has_scope(entity.scopes)) return false;
  if (!filter.ids.empty() && std::ranges::find(filter.ids, entity.id) == filter.ids.end()) return false;
  if (!filter.attributes.empty() && std::ranges::none_of(filter.attributes, has)) return false;
  return !filter.q || filter.q->matches(entity);
}

}  // namespace

bool EntitySelector::meets(const flow::Entity& entity) const {
  if (id_unknown || (!id.empty() && entity.id != id)) return false;
  if (types && !types->has_type(entity.types)) return false;
  return !id_pattern || id_pattern->found_in(entity.id.text());
}

Matcher::Matcher(EntityFilter filter) : filter_(std::move(filter)) {
  if (!filter_.id_pattern.empty()) {
    if (auto pattern = Pattern::compile(filter_.id_pattern)) id_pattern_ = std::move(*pattern);
  }
  if (filter_.geo) shape_.emplace(filter_.geo->shape);
}

bool Matcher::matches(const flow::Entity& entity) const {
  if (!meets_plainly(filter_, entity)) return false;
  if (!filter_.id_pattern.empty() && !(id_pattern_ && id_pattern_->found_in(entity.id.text()))) return false;
  return !filter_.geo || is_there(*filter_.geo, *shape_, entity);
}

bool matches(const EntityFilter& filter, const flow::Entity& entity) {
  if (!meets_plainly(filter, entity)) return false;
  if (!filter.id_pattern.empty()) {
    const auto pattern = Pattern::compile(filter.id_pattern);
    if (!pattern || !pattern->found_in(entity.id.text())) return false;
  }
  return !filter.geo || is_there(*filter.geo, geo::PreparedShape(filter.geo->shape), entity);
}

}  // namespace cityloop::twin
