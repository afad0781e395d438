// Entities as NGSI-LD JSON, both ways (ETSI GS CIM 009, clauses 4.5 and 5, annex C: normalized, concise, simplified).
//
//   bytes ─ parse_entity ─▶ Write ─▶ twin ─▶ Entity ─ render ─▶ bytes
//
// Read are the normalized and the concise form, mixed as they come, and the simplified one where it is asked for. Names
// go through the caller's @context, both ways (context.h). A number is a double; whole numbers of 64 bits keep all
// their digits (flow::number_of). Compound values are kept as compact JSON, members in their order; a geometry as
// {"type", "coordinates", …}.
//
// What is refused, by the name of the member: names that stand twice, values of the wrong type, null, times without a
// zone, ids that are no URI, geometries that are none (geo::Shape), nesting deeper than 64 in values and 32 in
// attributes of attributes, more than 4,096 attributes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "flow/change.h"
#include "twin/context/context.h"

namespace cityloop::twin {

enum class Format : std::uint8_t { normalized, concise, simplified };

// Members of an entity or attribute that are picked or left out (clause 4.21). Names are canonical; "id", "type" and
// "scope" are members like any other.
struct Projection {
  std::vector<flow::Name> pick;  // only these; empty: all
  std::vector<flow::Name> omit;
  // "locatedIn{name,address}": what is shown of the entities behind a relationship.
  std::vector<std::pair<flow::Name, std::shared_ptr<const Projection>>> linked;
  // The lists of `pick` and `omit`, either of them absent.
  static base::Result<Projection> parse(std::optional<std::string_view> pick, std::optional<std::string_view> omit,
                                        const Context* context);
  bool shows(flow::Name) const;
  // Of the entities behind a relationship: what its braces say, or else the same as of the entity itself.
  const Projection& behind(flow::Name relationship) const;
  int depth() const;  // of braces within one another
  bool empty() const { return pick.empty() && omit.empty() && linked.empty(); }
};

struct Rendering {
  Format format{Format::normalized};
  bool sys_attrs{false};               // createdAt, modifiedAt
  std::vector<flow::Name> attributes;  // only these; empty for all
  Projection projection;
  const Context* context{nullptr};   // null: names as they are
  std::string lang;                  // of LanguageProperties, as Accept-Language has it; empty: all languages
  std::vector<flow::Name> datasets;  // only these instances; Name{} is the default one; empty: all
  // Linked entities inside their relationships (clause 4.5.23): how deep, and where they are found.
  int join_depth{0};
  const std::function<flow::EntityPtr(flow::EntityId)>* linked{nullptr};
  const std::vector<flow::EntityId>* contained_by{nullptr};  // these are not shown again
};

void render(base::JsonWriter&, const flow::Entity&, const Rendering& = {});
std::string to_json(const flow::Entity&, const Rendering& = {});
// One instance of an attribute, without its name.
void render_attribute(base::JsonWriter&, const flow::Attribute&, const Rendering& = {});
// As a GeoJSON Feature (clause 4.5.16); `geometry` names the GeoProperty that gives the place, `location` when empty.
void render_feature(base::JsonWriter&, const flow::Entity&, const Rendering&, flow::Name geometry);
// A list of type names as this caller writes them: a text, or a list when there are several.
void render_types(base::JsonWriter&, const std::vector<flow::Name>&, const Context*);

// The entities that a Relationship or ListRelationship points to and that have been seen here.
std::vector<flow::EntityId> linked_ids(const flow::Attribute&);
// The same with those never seen here.
std::vector<std::string> linked_urns(const flow::Attribute&);

// How a body is read.
struct Reading {
  const Context* context{nullptr};  // null: the core context
  bool nulls{false};                // "urn:ngsi-ld:null" may stand for what is to go
  bool partial{false};              // attributes may lack their value, entities their type
  bool simplified{false};           // bare values only
  bool temporal{false};             // an attribute may be a list of instances with one datasetId
  bool own_context{false};          // each entity of a batch must bring its @context
  std::string_view id;              // of the entity that a fragment is for; it may say it again, and no other
};

// One entity from a request body; `mode` says what the write is to do. `type` may be missing where the entity must be
// there already.
base::Result<flow::Write> parse_entity(std::string_view json, flow::WriteMode mode, const Reading& = {});
// A batch: each element parsed on its own, so one bad entity never hides the good ones. Fails as a whole only when the
// body is no JSON list. `context_of` gives the @context of an element that brings its own.
struct ParsedEntity {
  std::string id;  // as far as it could be read
  base::Result<flow::Write> write;
};
using ContextOf = std::function<base::Result<ContextPtr>(std::string_view context_json)>;
base::Result<std::vector<ParsedEntity>> parse_entities(std::string_view json, flow::WriteMode mode, const Reading& = {},
                                                       const ContextOf& = {});
// The attributes of a fragment ({"speed": {...}}), for PATCH and POST on …/attrs, as a Write without an entity: types,
// scope and expiresAt may stand in it too.
base::Result<flow::Write> parse_fragment(std::string_view json, flow::WriteMode mode, const Reading& = {});
// The instances of one attribute, given without its name, for …/attrs/NAME.
base::Result<std::vector<flow::Attribute>> parse_attribute(flow::Name name, std::string_view json, const Reading& = {});

// The @contexts that a body brings along, as JSON: of the object that it is, or of each in a list.
base::Result<std::vector<std::string>> contexts_in(std::string_view json);

// "Property", "GeoProperty", …
std::string_view kind_word(flow::AttributeKind);

// A name that an attribute may have (clause 4.6.2): an IRI, or a term of letters, digits, '_', '-' and '.', in any
// script; no keyword of JSON-LD.
bool is_attribute_name(std::string_view);

// A scheme, a colon and something behind it, without blanks and control characters (RFC 3986).
bool is_uri(std::string_view);

}  // namespace cityloop::twin
