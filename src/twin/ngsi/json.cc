#include "twin/ngsi/json.h"

#include <algorithm>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "geo/shape.h"
#include "twin/ngsi/ngsi.h"
#include "twin/utf8.h"

namespace cityloop::twin::ngsi {
namespace {

using base::Errc;
using base::Result;
using base::Status;
using flow::Json;
using flow::Value;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;
using Type = simdjson::dom::element_type;

constexpr int kValueDepthMax = 64;
constexpr std::size_t kDocumentDepthMax = 256;
constexpr std::size_t kParserKept = 16 << 20;  // bytes of document; a larger one's memory is given back

Status check_keys(const object& from, const Where& where) {
  const auto twice = [&](std::string_view key) {
    return base::fail(Errc::invalid, "{}: the key '{}' stands twice in one object", where.text(), clipped(key));
  };
  if (from.size() <= 12) {
    for (auto a = from.begin(); a != from.end(); ++a) {
      for (auto b = from.begin(); b != a; ++b) {
        if ((*a).key == (*b).key) return twice((*a).key);
      }
    }
    return {};
  }
  std::vector<std::string_view> keys;
  for (const auto field : from) keys.push_back(field.key);
  std::ranges::sort(keys);
  const auto found = std::ranges::adjacent_find(keys);
  return found == keys.end() ? Status{} : Status{twice(*found)};
}

std::unexpected<base::Error> null_refused(const Where& where) {
  return base::fail(Errc::invalid, "{}: null is no value; to remove an attribute, delete it", where.text());
}

// "urn:ngsi-ld:null" says that something is to go, where the body may say so.
Status check_null(std::string_view text, const Where& where) {
  if (text != kNull || where.how.nulls) return {};
  return null_refused(where);
}

Status write_compact(base::JsonWriter& out, const element& from, const Where& where, int depth = 0) {
  if (depth > kValueDepthMax) {
    return base::fail(Errc::full, "{}: the value is nested deeper than {}", where.text(), kValueDepthMax);
  }
  switch (from.type()) {
    case Type::NULL_VALUE: out.null(); break;
    case Type::BOOL: out.boolean(from.get_bool().value_unsafe()); break;
    case Type::INT64: out.integer(from.get_int64().value_unsafe()); break;
    case Type::UINT64: out.raw(fmt::to_string(from.get_uint64().value_unsafe())); break;
    case Type::DOUBLE: out.number(from.get_double().value_unsafe()); break;
    case Type::STRING: {
      const std::string_view text = from.get_string().value_unsafe();
      if (auto ok = check_null(text, where); !ok) return ok;
      out.text(text);
      break;
    }
    case Type::ARRAY:
      out.array();
      for (const element item : array(from)) {
        if (auto ok = write_compact(out, item, where, depth + 1); !ok) return ok;
      }
      out.end();
      break;
    case Type::OBJECT: {
      const object members(from);
      if (auto ok = check_keys(members, where); !ok) return ok;
      out.object();
      for (const auto field : members) {
        if (auto ok = write_compact(out.key(field.key), field.value, where, depth + 1); !ok) return ok;
      }
      out.end();
    }
  }
  return {};
}

Result<Json> compact(const element& from, const Where& where) {
  base::JsonWriter out;
  if (auto ok = write_compact(out, from, where); !ok) return std::unexpected(ok.error());
  return Json{out.take()};
}

Result<Value> any_value(const element& from, const Where& where, bool null_allowed) {
  switch (from.type()) {
    case Type::NULL_VALUE:
      if (!null_allowed) return null_refused(where);
      return Value{};
    case Type::BOOL: return Value(from.get_bool().value_unsafe());
    case Type::INT64: return flow::whole(from.get_int64().value_unsafe());
    case Type::UINT64: return flow::whole(from.get_uint64().value_unsafe());
    case Type::DOUBLE: return Value(from.get_double().value_unsafe());
    case Type::STRING: {
      const std::string_view text = from.get_string().value_unsafe();
      if (auto ok = check_null(text, where); !ok) return std::unexpected(ok.error());
      return Value(flow::Text(text));
    }
    default: return Value(TRY(compact(from, where)));
  }
}

// The commonest geometry without the general path. Nothing when it is no plain point.
std::optional<geo::Position> plain_point(const object& geometry) {
  std::string_view type;
  array coordinates;
  if (geometry.size() != 2 || geometry["type"].get(type) || type != "Point" ||
      geometry["coordinates"].get(coordinates) || coordinates.size() != 2) {
    return std::nullopt;
  }
  geo::Position out;
  if (coordinates.at(0).get(out.lon_deg) || coordinates.at(1).get(out.lat_deg)) return std::nullopt;
  return out;
}

Result<Value> geometry_value(const element& from, const Where& where) {
  object geometry;
  if (std::string_view text; !from.get(text) && text == kNull && where.how.nulls) return Value(flow::Text(text));
  if (from.get(geometry)) return base::fail(Errc::invalid, "{}: a GeoProperty's value must be GeoJSON", where.text());
  base::JsonWriter out;
  if (const auto point = plain_point(geometry)) {
    if (const auto ok = geo::check(*point); !ok) {
      return base::fail(Errc::invalid, "{}: {}", where.text(), ok.error().message);
    }
    out.array().number(point->lon_deg).number(point->lat_deg).end();
    std::string text = R"({"type":"Point","coordinates":)";
    text.append(out.str()).append("}");
    return Value(Json{text});
  }
  if (auto ok = check_keys(geometry, where); !ok) return std::unexpected(ok.error());
  out.object();
  for (const std::string_view key : {"type", "coordinates"}) {
    element member;
    if (geometry[key].get(member)) continue;
    if (auto ok = write_compact(out.key(key), member, where); !ok) return std::unexpected(ok.error());
  }
  for (const auto field : geometry) {
    if (field.key == "type" || field.key == "coordinates") continue;
    if (auto ok = write_compact(out.key(field.key), field.value, where); !ok) return std::unexpected(ok.error());
  }
  Json json{out.end().take()};
  if (const auto shape = geo::Shape::from_geojson(json.text); !shape) {
    const Errc code = shape.error().code == Errc::unsupported ? Errc::invalid : shape.error().code;
    return base::fail(code, "{}: {}", where.text(), shape.error().message);
  }
  return Value(std::move(json));
}

Result<std::string_view> uri_of(const element& from, const Where& where) {
  std::string_view text;
  if (from.get(text) || !is_uri(text)) {
    return base::fail(Errc::invalid, "{}: '{}' is no URI (like urn:ngsi-ld:Device:1)", where.text(),
                      from.is_string() ? clipped(text) : std::string_view("the object"));
  }
  if (auto ok = check_null(text, where); !ok) return std::unexpected(ok.error());
  return text;
}

Result<Value> object_value(const element& from, const Where& where) {
  array items;
  if (from.get(items)) return Value(flow::Text(TRY(uri_of(from, where))));
  if (items.size() == 0) return base::fail(Errc::invalid, "{}: the list of objects is empty", where.text());
  base::JsonWriter out;
  out.array();
  for (const element item : items) out.text(TRY(uri_of(item, where)));
  return Value(Json{out.end().take()});
}

// [{"object": urn}, …] or [urn, …]; kept as the latter.
Result<Value> object_list_value(const element& from, const Where& where) {
  array items;
  if (std::string_view text; !from.get(text) && text == kNull && where.how.nulls) return Value(flow::Text(text));
  if (from.get(items)) return base::fail(Errc::invalid, "{}: 'objectList' must be a list", where.text());
  base::JsonWriter out;
  out.array();
  for (const element item : items) {
    element inner;
    out.text(TRY(uri_of(item.at_key("object").get(inner) == simdjson::SUCCESS ? inner : item, where)));
  }
  return Value(Json{out.end().take()});
}

bool is_text_or_texts(const element& from) {
  array items;
  if (from.get(items)) return from.is_string();
  return std::ranges::all_of(items, [](const element& item) { return item.is_string(); });
}

// The shape of a tag of RFC 5646; "@none" for texts of no language.
bool is_language(std::string_view tag) {
  if (tag == "@none") return true;
  return !tag.empty() && std::ranges::all_of(tag, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Result<Value> language_value(const element& from, const Where& where) {
  object languages;
  if (std::string_view text; !from.get(text) && text == kNull && where.how.nulls) return Value(flow::Text(text));
  if (from.get(languages)) return base::fail(Errc::invalid, "{}: 'languageMap' must be an object", where.text());
  for (const auto field : languages) {
    if (!is_language(field.key)) {
      return base::fail(Errc::invalid, "{}: '{}' is no language (like en, zh-Hans or @none)", where.text(),
                        clipped(field.key));
    }
    if (is_text_or_texts(field.value)) continue;
    return base::fail(Errc::invalid, "{}: languageMap '{}' must be a text or a list of texts", where.text(),
                      clipped(field.key));
  }
  return Value(TRY(compact(from, where)));
}

// Words of a vocabulary are terms of the caller's @context.
Result<Value> vocab_value(const element& from, const Where& where) {
  const Context& context = where.how.context ? *where.how.context : *Context::core();
  std::string_view text;
  if (!from.get(text)) {
    if (text == kNull) return any_value(from, where, false);
    return Value(context.expand_text(text));
  }
  if (!is_text_or_texts(from)) {
    return base::fail(Errc::invalid, "{}: a vocabulary's word must be a text or a list of texts", where.text());
  }
  base::JsonWriter out;
  out.array();
  for (const element item : array(from)) out.text(context.expand_text(item.get_string().value_unsafe()));
  return Value(Json{out.end().take()});
}

// Any JSON, whatever it means inside; only as a whole it may be null.
Result<Value> json_value(const element& from, const Where& where) {
  if (from.is_string()) return any_value(from, where, true);
  Reading opaque = where.how;
  opaque.nulls = true;
  return any_value(from, Where{opaque, where.parent, where.name, where.index}, true);
}

}  // namespace

std::string Where::text() const {
  std::string path;
  for (const Where* step = this; step; step = step->parent) {
    std::string here(clipped(step->name, 100));
    if (step->index >= 0) here += fmt::format("[{}]", step->index);
    if (!path.empty()) here.append(".").append(path);
    path = std::move(here);
  }
  return fmt::format("attribute '{}'", path);
}

Result<Value> read_value(const element& from, AttributeKind kind, const Where& where) {
  switch (kind) {
    case AttributeKind::property: return any_value(from, where, false);
    case AttributeKind::geo_property: return geometry_value(from, where);
    case AttributeKind::relationship: return object_value(from, where);
    case AttributeKind::language_property: return language_value(from, where);
    case AttributeKind::vocab_property: return vocab_value(from, where);
    case AttributeKind::json_property: return json_value(from, where);
    case AttributeKind::list_property:
      if (std::string_view text; !from.get(text) && text == kNull) return any_value(from, where, false);
      if (!from.is_array()) return base::fail(Errc::invalid, "{}: 'valueList' must be a list", where.text());
      return any_value(from, where, false);
    case AttributeKind::list_relationship: return object_list_value(from, where);
  }
  return base::fail(Errc::unsupported, "{}: an unknown kind", where.text());
}

Result<element> parse_document(std::string_view json) {
  thread_local simdjson::dom::parser parser;
  if (parser.capacity() > kParserKept) parser = simdjson::dom::parser();
  if (parser.max_depth() != kDocumentDepthMax || parser.capacity() < json.size()) {
    if (const auto error = parser.allocate(std::max<std::size_t>(json.size(), 4096), kDocumentDepthMax)) {
      return base::fail(Errc::full, "JSON of {} bytes: {}", json.size(), simdjson::error_message(error));
    }
  }
  element root;
  auto error = parser.parse(json.data(), json.size()).get(root);
  if (error == simdjson::NUMBER_ERROR) error = parser.parse(base::with_long_numbers_as_doubles(json)).get(root);
  if (error) {
    return base::fail(Errc::malformed, "not well-formed JSON: {}", simdjson::error_message(error));
  }
  return root;
}

}  // namespace cityloop::twin::ngsi
