// Entities as NGSI-LD JSON, both ways (ETSI GS CIM 009, clause 5 and annex C: normalized, concise and simplified).
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
void render_attribute(base::JsonWriter&, const flow::Attribute&, const Rendering& = {});

// One entity from a request body; `mode` says what the write is to do. Normalized and concise forms are both read.
base::Result<flow::Write> parse_entity(std::string_view json, flow::WriteMode mode);
// A batch: each element parsed on its own, so one bad entity never hides the good ones. Fails as a whole only when the
// body is no JSON list.
struct ParsedEntity {
  std::string id;  // as far as it could be read
  base::Result<flow::Write> write;
};
base::Result<std::vector<ParsedEntity>> parse_entities(std::string_view json, flow::WriteMode mode);
// The attributes of a fragment ({"speed": {...}}), for PATCH and POST on …/attrs.
base::Result<std::vector<flow::Attribute>> parse_fragment(std::string_view json);

}  // namespace cityloop::twin
