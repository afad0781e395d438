// Entities as NGSI-LD JSON, both ways (ETSI GS CIM 009, clauses 4.5 and 5, annex C: normalized, concise, simplified).
//
//   bytes ─ parse_entity ─▶ Write ─▶ twin ─▶ Entity ─ render ─▶ bytes
//
// Read are the normalized and the concise form, mixed as they come. Names stay as they are written: an @context is
// passed over. A number is a double: beyond 2^53 whole numbers lose digits, inside compound values they keep them.
// Compound values are kept as compact JSON, members in their order; a geometry as {"type", "coordinates", …}.
//
// What is refused, by the name of the member: names that stand twice, values of the wrong type, null, times without a
// zone, ids that are no URI, geometries that are none (geo::Shape), nesting deeper than 64 in values and 32 in
// attributes of attributes, more than 4,096 attributes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "flow/change.h"

namespace cityloop::twin {

enum class Format : std::uint8_t { normalized, concise, simplified };

struct Rendering {
  Format format{Format::normalized};
  bool sys_attrs{false};               // createdAt and modifiedAt
  std::vector<flow::Name> attributes;  // only these; empty for all
};

void render(base::JsonWriter&, const flow::Entity&, const Rendering& = {});
std::string to_json(const flow::Entity&, const Rendering& = {});
// One instance of an attribute, without its name.
void render_attribute(base::JsonWriter&, const flow::Attribute&, const Rendering& = {});

// One entity from a request body; `mode` says what the write is to do. `type` may be missing where the entity must be
// there already (update, append).
base::Result<flow::Write> parse_entity(std::string_view json, flow::WriteMode mode);
// A batch: each element parsed on its own, so one bad entity never hides the good ones. Fails as a whole only when the
// body is no JSON list.
struct ParsedEntity {
  std::string id;  // as far as it could be read
  base::Result<flow::Write> write;
};
base::Result<std::vector<ParsedEntity>> parse_entities(std::string_view json, flow::WriteMode mode);
// The attributes of a fragment ({"speed": {...}}), for PATCH and POST on …/attrs. Its id and type are passed over.
base::Result<std::vector<flow::Attribute>> parse_fragment(std::string_view json);
// The instances of one attribute, given without its name, for PATCH on …/attrs/NAME.
base::Result<std::vector<flow::Attribute>> parse_attribute(flow::Name name, std::string_view json);

// A scheme, a colon and something behind it, without blanks and control characters (RFC 3986).
bool is_uri(std::string_view);

}  // namespace cityloop::twin
