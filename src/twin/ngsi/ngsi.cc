// Entities and what else comes in bodies: one parser per thread and no tree of our own, from simdjson's tape straight
// into flow's structs.
#include "twin/ngsi/ngsi.h"

#include <algorithm>
#include <array>
#include <optional>

#include <simdjson.h>

#include "twin/ngsi/attribute_reader.h"
#include "twin/ngsi/json.h"
#include "twin/ngsi/merge.h"
#include "twin/ngsi/names.h"
#include "twin/utf8.h"

namespace cityloop::twin {

namespace ngsi {
namespace {

using base::Errc;
using base::Result;
using base::Status;
using flow::Attribute;
using flow::Name;
using flow::Write;
using flow::WriteMode;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// A text or a list of texts, as `type` and `scope` are given; each becomes a name, or is refused.
template <class Take>
Result<std::vector<Name>> read_names(const element& value, std::string_view member, const Take& name_for) {
  std::vector<Name> out;
  const auto take = [&](const element& item) {
    std::string_view text;
    if (item.get(text) || text.empty() || text.size() > kNameMax) return false;
    const Name name = name_for(text);
    if (!name.empty() && std::ranges::find(out, name) == out.end()) out.push_back(name);
    return !name.empty();
  };
  array items;
  bool good = true;
  if (!value.get(items)) {
    good = items.size() > 0 && items.size() <= 64;
    for (const element item : items) good = good && take(item);
  } else {
    good = take(value);
  }
  if (!good) {
    return base::fail(Errc::invalid,
                      "'{}' must be a text or a list of texts, none of them empty or with blanks or signs", member);
  }
  return out;
}

Result<std::vector<Name>> read_types(const element& value, const Reading& how) {
  return read_names(value, "type", [&](std::string_view text) {
    const bool good = text != kNull && text.find_first_of(" \t\n<>\"'=;()") == text.npos;
    return good ? canonical(text, how) : Name{};
  });
}

// "/Madrid/Gardens"; what a scopeQ uses as a sign cannot stand in one (clauses 4.18, 4.19).
Result<std::vector<Name>> read_scopes(const element& value, const Reading& how) {
  if (std::string_view text; how.nulls && !value.get(text) && text == kNull) return std::vector{name_of(text)};
  return read_names(value, "scope", [](std::string_view text) {
    const bool bad =
        text == kNull || std::ranges::any_of(text, [](char c) {
          return std::uint8_t(c) <= ' ' || std::string_view("#+,;()|\"'<>").find(c) != std::string_view::npos;
        });
    return bad ? Name{} : name_of(text);
  });
}

// The id that a fragment says is the one that it is for.
Status check_id(const element& value, const Reading& how) {
  std::string_view text;
  if (!value.get(text) && (how.id.empty() || text == how.id)) return {};
  return base::fail(Errc::invalid, "the id in the body is not the one of the entity: '{}'", how.id);
}

Result<flow::EntityId> read_id(const element& value) {
  std::string_view text;
  if (value.get(text)) return base::fail(Errc::invalid, "'id' must be a text");
  if (text.size() > kIdMax || !is_uri(text)) {
    return base::fail(Errc::invalid, "the id '{}' is no URI (like urn:ngsi-ld:Device:1)", clipped(text));
  }
  return flow::EntityId(text);
}

enum class EntityMember : std::uint8_t { id, type, scope, context, expires_at, system, attribute };

EntityMember entity_member(std::string_view key) {
  if (key == "id" || key == "@id") return EntityMember::id;
  if (key == "type" || key == "@type") return EntityMember::type;
  if (key == "scope") return EntityMember::scope;
  if (key == "@context") return EntityMember::context;
  if (key == "expiresAt") return EntityMember::expires_at;
  if (key == "createdAt" || key == "modifiedAt" || key == "deletedAt") return EntityMember::system;
  return EntityMember::attribute;
}

Status check_places(const std::vector<Attribute>& attributes) {
  static const std::array<Name, 3> kPlaces{Name("location"), Name("observationSpace"), Name("operationSpace")};
  for (const Attribute& attribute : attributes) {
    if (attribute.kind == AttributeKind::geo_property || attribute.value.index() == 0 || is_null(attribute)) continue;
    if (std::ranges::find(kPlaces, attribute.name) != kPlaces.end()) {
      return base::fail(Errc::invalid, "attribute '{}': must be a GeoProperty", attribute.name.text());
    }
  }
  return {};
}

Status read_expiry(const element& value, const Reading& how, Write& out) {
  std::string_view text;
  if (value.get(text)) return base::fail(Errc::invalid, "'expiresAt' must be a text");
  out.expires_at = TRY(instant_of(text, "expiresAt", Where{how, nullptr, "expiresAt"}));
  return {};
}

bool needs_type(WriteMode mode) {
  return mode == WriteMode::create || mode == WriteMode::upsert || mode == WriteMode::observe ||
         mode == WriteMode::replace;
}

// The members of an entity or of a fragment of one.
Status read_members(const object& members, const Reading& how, bool fragment, Write& out) {
  out.attributes.reserve(std::min<std::size_t>(members.size(), 64));
  std::array<bool, 5> seen{};
  for (const auto field : members) {
    const EntityMember member = entity_member(field.key);
    if (member == EntityMember::system) continue;
    if (member == EntityMember::attribute) {
      TRY(read_attribute(field.key, field.value, how, out.attributes));
      continue;
    }
    if (std::exchange(seen[std::size_t(member)], true)) {
      return base::fail(Errc::invalid, "'{}' stands twice", field.key);
    }
    if (member == EntityMember::id && fragment) TRY(check_id(field.value, how));
    else if (member == EntityMember::id) out.entity = TRY(read_id(field.value));
    if (member == EntityMember::type) out.types = TRY(read_types(field.value, how));
    if (member == EntityMember::scope) out.scopes = TRY(read_scopes(field.value, how));
    if (member == EntityMember::expires_at) TRY(read_expiry(field.value, how, out));
  }
  return check_places(out.attributes);
}

Result<Write> read_entity(const element& from, WriteMode mode, const Reading& how) {
  object members;
  if (from.get(members)) return base::fail(Errc::invalid, "an entity must be a JSON object");
  Write out;
  out.mode = mode;
  out.simplified = how.simplified;
  if (auto ok = read_members(members, how, false, out); !ok) return std::unexpected(ok.error());
  if (out.entity.empty()) return base::fail(Errc::invalid, "the entity has no 'id'");
  if (out.types.empty() && needs_type(mode)) return base::fail(Errc::invalid, "the entity has no 'type'");
  return out;
}

}  // namespace
}  // namespace ngsi

using base::Errc;
using simdjson::dom::element;

base::Result<flow::Write> parse_entity(std::string_view json, flow::WriteMode mode, const Reading& how) {
  return ngsi::with_document(json, [&](const element& root) { return ngsi::read_entity(root, mode, how); });
}

base::Result<std::vector<ParsedEntity>> parse_entities(std::string_view json, flow::WriteMode mode, const Reading& how,
                                                       const ContextOf& context_of) {
  using Parsed = base::Result<std::vector<ParsedEntity>>;
  return ngsi::with_document(json, [&](const element& root) -> Parsed {
    simdjson::dom::array items;
    if (root.get(items)) return base::fail(Errc::invalid, "a batch must be a JSON list of entities");
    std::vector<ParsedEntity> out;
    out.reserve(items.size());
    for (const element item : items) {
      std::string_view id;
      if (item.at_key("id").get(id)) id = {};
      element own;
      const bool brings = !item.at_key("@context").get(own);
      if (how.own_context && !brings) {
        out.push_back({std::string(id), base::fail(Errc::invalid, "application/ld+json: the entity has no @context")});
        continue;
      }
      if (!context_of || !brings) {
        out.push_back({std::string(id), ngsi::read_entity(item, mode, how)});
        continue;
      }
      const auto context = context_of(simdjson::minify(own));
      Reading here = how;
      if (context) here.context = context->get();
      out.push_back({std::string(id), context ? ngsi::read_entity(item, mode, here)
                                              : base::Result<flow::Write>(std::unexpected(context.error()))});
    }
    return out;
  });
}

base::Result<flow::Write> parse_fragment(std::string_view json, flow::WriteMode mode, const Reading& how) {
  return ngsi::with_document(json, [&](const element& root) -> base::Result<flow::Write> {
    simdjson::dom::object members;
    if (root.get(members)) return base::fail(Errc::invalid, "a fragment must be a JSON object of attributes");
    flow::Write out;
    out.mode = mode;
    out.simplified = how.simplified;
    if (auto ok = ngsi::read_members(members, how, true, out); !ok) return std::unexpected(ok.error());
    return out;
  });
}

base::Result<std::vector<flow::Attribute>> parse_attribute(flow::Name name, std::string_view json, const Reading& how) {
  using Parsed = base::Result<std::vector<flow::Attribute>>;
  return ngsi::with_document(json, [&](const element& root) -> Parsed {
    std::vector<flow::Attribute> out;
    if (auto ok = ngsi::read_attribute(name.text(), root, how, out); !ok) return std::unexpected(ok.error());
    for (flow::Attribute& instance : out) instance.name = name;
    if (auto ok = ngsi::check_places(out); !ok) return std::unexpected(ok.error());
    return out;
  });
}

base::Result<std::vector<std::string>> contexts_in(std::string_view json) {
  using Contexts = base::Result<std::vector<std::string>>;
  return ngsi::with_document(json, [&](const element& root) -> Contexts {
    std::vector<std::string> out;
    const auto take = [&](const element& item) {
      element context;
      if (item.at_key("@context").get(context) == simdjson::SUCCESS) out.push_back(simdjson::minify(context));
    };
    simdjson::dom::array items;
    if (root.get(items)) {
      take(root);
    } else {
      for (const element item : items) take(item);
    }
    return out;
  });
}

}  // namespace cityloop::twin
