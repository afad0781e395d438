// One attribute from its JSON: normalized, concise or simplified, with its instances, its metadata and the attributes
// of it (ETSI GS CIM 009, clauses 4.5.2 to 4.5.5, annex C). Inside of ngsi: includes simdjson.
//
//   ngsi.cc: members of an entity ─▶ [read_attribute] ─ json.h: values ─▶ flow::Attribute
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/entity.h"
#include "twin/ngsi/json.h"

namespace cityloop::twin::ngsi {

inline constexpr std::size_t kIdMax = 2048;  // bytes of an id

// A Name without the lock of the table of all names, for those that come again and again.
flow::Name name_of(std::string_view text);
// The canonical name of a term of the body.
flow::Name canonical(std::string_view term, const Reading&);

// Of a member like "observedAt" or "expiresAt".
base::Result<flow::Instant> instant_of(std::string_view text, std::string_view member, const Where&);

// All instances of what stands behind one name, added to those there; refused where the name cannot be one, or is there
// already.
base::Status read_attribute(std::string_view key, const simdjson::dom::element&, const Reading&,
                            std::vector<flow::Attribute>& out);

}  // namespace cityloop::twin::ngsi
