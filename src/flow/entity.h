// An entity of the city as NGSI-LD sees it (ETSI GS CIM 009, clause 4.5): types, and attributes with their metadata.
//
// Plain data, copied and shared freely. Once inside the twin an Entity is never changed, only replaced.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "flow/names.h"

namespace cityloop::flow {

using base::Duration;
using base::Instant;
using base::kNever;

// Compact JSON of an object or a list: what a Property's compound value, a GeoJSON geometry or a language map is kept
// as.
struct Json {
  std::string text;
  friend bool operator==(const Json&, const Json&) = default;
};

// A Relationship's object is the text alternative; monostate is JSON null.
using Value = std::variant<std::monostate, bool, double, std::string, Json>;

enum class AttributeKind : std::uint8_t {
  property,
  geo_property,  // value: Json of a GeoJSON geometry, WGS 84, longitude first
  relationship,  // value: the URN pointed to
  language_property,
  vocab_property,
  json_property,
  list_property,
  list_relationship,
};

struct Attribute {
  Name name;
  AttributeKind kind{AttributeKind::property};
  Name unit_code;   // UN/CEFACT common code: "KMH", "CEL", "P1"; empty when none
  Name dataset_id;  // empty for the default instance
  Value value;
  Instant observed_at{kNever};
  Instant created_at{kNever};   // set by the twin
  Instant modified_at{kNever};  // set by the twin
  std::vector<Attribute> subs;  // attributes of the attribute

  friend bool operator==(const Attribute&, const Attribute&) = default;
};

struct Entity {
  EntityId id;
  std::vector<Name> types;
  std::vector<Name> scopes;
  std::vector<Attribute> attributes;  // in order of first writing
  Instant created_at{kNever};
  Instant modified_at{kNever};
  Instant expires_at{kNever};  // the twin erases it then; never when kNever

  // The default instance of `name`, or null.
  const Attribute* find(Name name) const;
  bool is_a(Name type) const;
  // Shorthands for reading typed nouns; the empty or given value when absent or of another type.
  std::string_view text(Name name) const;
  std::optional<double> number(Name name) const;
  Instant instant(Name name) const;  // an ISO 8601 text
  bool flag(Name name) const;
};

using EntityPtr = std::shared_ptr<const Entity>;

// Builders for the commonest attributes.
Attribute property(Name name, Value value, Instant observed_at = kNever, Name unit_code = {});
Attribute relationship(Name name, EntityId object, Instant observed_at = kNever);
Attribute time_property(Name name, Instant);  // as an ISO 8601 text
Attribute geo_point(Name name, double lon, double lat);

}  // namespace cityloop::flow
