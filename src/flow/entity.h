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

#include "base/number.h"
#include "base/time.h"
#include "flow/name_list.h"
#include "flow/names.h"
#include "flow/text.h"

namespace cityloop::flow {

using base::Duration;
using base::Instant;
using base::kNever;

// Compact JSON of an object or a list: what a Property's compound value, a GeoJSON geometry or a language map is kept
// as. And the digits of a whole number that no double holds (number_of): so that only such numbers pay for them.
struct Json {
  Text text;
  friend bool operator==(const Json&, const Json&) = default;
};

// A Relationship's object is the text alternative; monostate is JSON null.
using Value = std::variant<std::monostate, bool, double, Text, Json>;

// A whole number with all its digits: a double where one holds it, its digits otherwise.
Value whole_beyond(std::int64_t);
Value whole(std::uint64_t);
inline Value whole(std::int64_t value) {
  return base::is_small(value) ? Value(static_cast<double>(value)) : whole_beyond(value);
}
// The number that a value is; nothing when it is none.
std::optional<base::Number> number_in_digits(const Value&);
inline std::optional<base::Number> number_of(const Value& value) {
  if (const double* const plain = std::get_if<double>(&value)) return base::Number(*plain);
  return number_in_digits(value);
}

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

struct Attribute;

// The attributes of an attribute. A vector whose room is taken only where there are any, for nearly none have some.
class SubAttributes {
 public:
  SubAttributes() = default;
  SubAttributes(std::vector<Attribute>);
  SubAttributes(const SubAttributes&);
  SubAttributes(SubAttributes&&) noexcept;
  SubAttributes& operator=(const SubAttributes&);
  SubAttributes& operator=(SubAttributes&&) noexcept;
  ~SubAttributes();

  const std::vector<Attribute>& list() const;
  std::vector<Attribute>& list();  // made where there is none
  operator const std::vector<Attribute>&() const { return list(); }
  bool empty() const;
  std::size_t size() const;
  const Attribute& operator[](std::size_t at) const;
  const Attribute& front() const;
  std::vector<Attribute>::const_iterator begin() const;
  std::vector<Attribute>::const_iterator end() const;
  std::vector<Attribute>::iterator begin();
  std::vector<Attribute>::iterator end();
  void push_back(Attribute);
  void clear();

 private:
  std::unique_ptr<std::vector<Attribute>> list_;
};

// 64 bytes: a line of the cache.
struct Attribute {
  Name name;
  Name unit_code;   // UN/CEFACT common code: "KMH", "CEL", "P1"; empty when none
  Name dataset_id;  // empty for the default instance
  AttributeKind kind{AttributeKind::property};
  Value value;
  Instant observed_at{kNever};
  Instant created_at{kNever};   // set by the twin
  Instant modified_at{kNever};  // set by the twin
  SubAttributes subs;

  bool operator==(const Attribute&) const;
};

inline SubAttributes::SubAttributes(SubAttributes&&) noexcept = default;
inline SubAttributes& SubAttributes::operator=(SubAttributes&&) noexcept = default;
inline SubAttributes::~SubAttributes() = default;
inline void SubAttributes::clear() {
  list_.reset();
}
inline bool SubAttributes::empty() const {
  return !list_ || list_->empty();
}
inline std::size_t SubAttributes::size() const {
  return list().size();
}
inline const Attribute& SubAttributes::operator[](std::size_t at) const {
  return list()[at];
}
inline const Attribute& SubAttributes::front() const {
  return list().front();
}
inline std::vector<Attribute>::const_iterator SubAttributes::begin() const {
  return list().begin();
}
inline std::vector<Attribute>::const_iterator SubAttributes::end() const {
  return list().end();
}
inline std::vector<Attribute>::iterator SubAttributes::begin() {
  return list_ ? list_->begin() : std::vector<Attribute>::iterator{};
}
inline std::vector<Attribute>::iterator SubAttributes::end() {
  return list_ ? list_->end() : std::vector<Attribute>::iterator{};
}

struct Entity {
  EntityId id;
  NameList types;
  NameList scopes;
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
