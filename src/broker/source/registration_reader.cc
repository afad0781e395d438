#include "broker/source/registration_reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "broker/resource.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::broker::registration_reader {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using base::Status;
using flow::Name;

constexpr std::array<std::string_view, 19> kMembers{
    "endpoint",
    "contextSourceInfo",
    "information",
    "contextSourceAlias",
    "hostAlias",
    "description",
    "datasetId",
    "expiresAt",
    "location",
    "management",
    "managementInterval",
    "mode",
    "observationInterval",
    "observationSpace",
    "operations",
    "operationSpace",
    "refreshRate",
    "registrationName",
    "tenant",
};
constexpr std::array<std::string_view, 11> kLeftOut{"id",        "type",        "@context",    "status",
                                                    "timesSent", "timesFailed", "lastSuccess", "lastFailure",
                                                    "createdAt", "modifiedAt",  "deletedAt"};

// The body as it is read, and the definition as it is to be kept.
struct Reader {
  const JsonValue& body;
  const twin::Context& context;
  Registration out;
};

Result<std::vector<std::string>> texts_of(const JsonValue& value, std::string_view what) {
  std::vector<std::string> out;
  if (!value.array() || value.array()->empty()) return fail(Errc::invalid, "'{}' must be a list of texts", what);
  for (const JsonValue& item : *value.array()) {
    if (!item.text() || item.text()->empty()) return fail(Errc::invalid, "'{}' must be a list of texts", what);
    out.push_back(*item.text());
  }
  return out;
}

Result<std::string> text_of(const JsonValue& body, std::string_view key) {
  const JsonValue* value = body.find(key);
  if (!value) return std::string{};
  if (!value->text() || value->text()->empty())
    return fail(Errc::invalid, "'{}' must be a text that is not empty", key);
  return *value->text();
}

Result<flow::Instant> time_of(const JsonValue& value, std::string_view key) {
  if (!value.text()) return fail(Errc::invalid, "'{}' must be a time like 2030-01-01T00:00:00Z", key);
  auto at = base::parse_time(*value.text());
  if (!at || value.text()->find('T') == std::string::npos) {
    return fail(Errc::invalid, "'{}' must be a time like 2030-01-01T00:00:00Z", key);
  }
  return *at;
}

Result<std::vector<Name>> types_of(const JsonValue& value, const twin::Context& context) {
  std::vector<Name> out;
  if (value.text() && !value.text()->empty()) return std::vector{context.expand(*value.text())};
  if (value.text()) return fail(Errc::invalid, "'entities.type' is empty");
  for (const std::string& type : TRY(texts_of(value, "entities.type"))) out.push_back(context.expand(type));
  return out;
}

Result<EntityInfo> entity_info_of(const JsonValue& value, const twin::Context& context) {
  if (!value.object()) return fail(Errc::invalid, "each of 'entities' must be an object");
  EntityInfo out;
  const JsonValue* type = value.find("type");
  if (!type) return fail(Errc::invalid, "each of 'entities' needs a 'type'");
  out.types = TRY(types_of(*type, context));
  out.id = TRY(text_of(value, "id"));
  if (!out.id.empty() && !twin::is_uri(out.id)) return fail(Errc::invalid, "'{}' is no URI", out.id);
  if (const std::string pattern = TRY(text_of(value, "idPattern")); !pattern.empty()) {
    auto compiled = twin::Pattern::compile(pattern);
    if (!compiled) return fail(Errc::invalid, "'idPattern': {}", compiled.error().message);
    out.id_pattern = std::move(*compiled);
  }
  return out;
}

Status read_names(const JsonValue& info, std::string_view key, const twin::Context& context, RegistrationInfo& out) {
  const JsonValue* list = info.find(key);
  if (!list) return {};
  for (const std::string& name : TRY(texts_of(*list, key))) out.attributes.push_back(context.expand(name));
  return {};
}

Status read_information(Reader& reader) {
  const JsonValue* list = reader.body.find("information");
  if (!list || !list->array() || list->array()->empty()) {
    return fail(Errc::invalid, "'information' must be a list with at least one element");
  }
  for (const JsonValue& item : *list->array()) {
    if (!item.object()) return fail(Errc::invalid, "each of 'information' must be an object");
    RegistrationInfo info;
    if (const JsonValue* entities = item.find("entities")) {
      if (!entities->array() || entities->array()->empty()) {
        return fail(Errc::invalid, "'entities' must be a list with at least one element");
      }
      for (const JsonValue& entity : *entities->array()) {
        info.entities.push_back(TRY(entity_info_of(entity, reader.context)));
      }
    }
    TRY(read_names(item, "propertyNames", reader.context, info));
    TRY(read_names(item, "relationshipNames", reader.context, info));
    if (info.entities.empty() && info.attributes.empty()) {
      return fail(Errc::invalid, "each of 'information' needs 'entities', 'propertyNames' or 'relationshipNames'");
    }
    reader.out.information.push_back(std::move(info));
  }
  return {};
}

Status read_endpoint(Reader& reader) {
  const std::string endpoint = TRY(text_of(reader.body, "endpoint"));
  if (endpoint.empty()) return fail(Errc::invalid, "'endpoint' is missing");
  if (!twin::is_uri(endpoint)) return fail(Errc::invalid, "'endpoint': '{}' is no URI", endpoint);
  reader.out.endpoint = endpoint;
  while (reader.out.endpoint.ends_with('/')) reader.out.endpoint.pop_back();
  return {};
}

Status read_mode(Reader& reader) {
  const std::string word = TRY(text_of(reader.body, "mode"));
  if (word.empty()) return {};
  for (const SourceMode mode :
       {SourceMode::inclusive, SourceMode::exclusive, SourceMode::redirect, SourceMode::auxiliary}) {
    if (word == to_string(mode)) return reader.out.mode = mode, Status{};
  }
  return fail(Errc::invalid, "'mode' must be inclusive, exclusive, redirect or auxiliary");
}

Status read_operations(Reader& reader) {
  const JsonValue* list = reader.body.find("operations");
  const bool auxiliary = reader.out.mode == SourceMode::auxiliary;
  if (!list) {
    // An auxiliary source may only be read from, so its default is narrower than everybody else's.
    reader.out.operations = *operations_named(auxiliary ? "retrieveOps" : "federationOps");
    return {};
  }
  for (const std::string& word : TRY(texts_of(*list, "operations"))) {
    const auto named = operations_named(word);
    if (!named) return fail(Errc::invalid, "'{}' is no operation and no group of operations", word);
    reader.out.operations |= *named;
  }
  if (auxiliary && (reader.out.operations & ~*operations_named("retrieveOps")).any()) {
    return fail(Errc::invalid,
                "an auxiliary source can only have the operations retrieveOps, retrieveEntity, queryEntity");
  }
  return {};
}

// Values that have a meaning of their own (clause 4.3.6.6).
Status check_pair(const std::string& key, const std::string& value) {
  const bool media = value == "application/json" || value == "application/ld+json";
  if ((key == "accept" || key == "contentType") && !media) {
    return fail(Errc::invalid, "'contextSourceInfo.{}' must be application/json or application/ld+json", key);
  }
  if (key == "jsonldContext" && !twin::is_uri(value)) {
    return fail(Errc::invalid, "'contextSourceInfo.jsonldContext': '{}' is no URL", value);
  }
  if (key == "ngsildConformance") {
    const auto dot = value.find('.');
    const auto digits = [](std::string_view part) {
      return !part.empty() && part.find_first_not_of("0123456789") == part.npos;
    };
    const std::string_view all(value);
    if (dot == std::string::npos || !digits(all.substr(0, dot)) || !digits(all.substr(dot + 1))) {
      return fail(Errc::invalid, "'contextSourceInfo.ngsildConformance' must be like 1.5");
    }
  }
  return {};
}

Status read_source_info(Reader& reader) {
  const JsonValue* list = reader.body.find("contextSourceInfo");
  if (!list) return {};
  if (!list->array()) return fail(Errc::invalid, "'contextSourceInfo' must be a list of {{key, value}}");
  for (const JsonValue& pair : *list->array()) {
    const JsonValue *key = pair.find("key"), *value = pair.find("value");
    if (!key || !key->text() || key->text()->empty() || !value || !value->text()) {
      return fail(Errc::invalid, "'contextSourceInfo' must be a list of {{key, value}}");
    }
    if ((*key->text() + *value->text()).find_first_of("\r\n") != std::string::npos) {
      return fail(Errc::invalid, "'contextSourceInfo' holds the end of a line");
    }
    TRY(check_pair(*key->text(), *value->text()));
    if (*key->text() == "jsonldContext") reader.out.source_context = *value->text();
    else reader.out.source_info.emplace_back(*key->text(), *value->text());
  }
  return {};
}

Status read_alias(Reader& reader) {
  reader.out.alias = TRY(text_of(reader.body, "contextSourceAlias"));
  if (reader.out.alias.empty()) reader.out.alias = TRY(text_of(reader.body, "hostAlias"));
  if (reader.out.alias.find_first_of(" \t\r\n,") != std::string::npos) {
    return fail(Errc::invalid, "'contextSourceAlias' must be one word, as it stands in Via");
  }
  return {};
}

Result<std::optional<geo::Shape>> shape_of(const JsonValue& body, std::string_view key) {
  const JsonValue* value = body.find(key);
  if (!value) return std::optional<geo::Shape>{};
  auto shape = geo::Shape::from_geojson(value->dump());
  if (!shape) return fail(Errc::invalid, "'{}' is no GeoJSON geometry: {}", key, shape.error().message);
  return std::optional(std::move(*shape));
}

Result<std::optional<TimeInterval>> interval_of(const JsonValue& body, std::string_view key) {
  const JsonValue* value = body.find(key);
  if (!value) return std::optional<TimeInterval>{};
  const JsonValue* start = value->find("startAt");
  if (!start) return fail(Errc::invalid, "'{}' must be an object with 'startAt'", key);
  TimeInterval out;
  out.start = TRY(time_of(*start, key));
  if (const JsonValue* end = value->find("endAt")) out.end = TRY(time_of(*end, key));
  if (out.end != flow::kNever && out.end < out.start) return fail(Errc::invalid, "'{}' ends before it starts", key);
  return std::optional(out);
}

Result<std::optional<base::Duration>> milliseconds_of(const JsonValue& body, std::string_view key) {
  const JsonValue* value = body.find(key);
  if (!value) return std::optional<base::Duration>{};
  if (!value->number() || !(*value->number() > 0) || *value->number() > 1e9) {
    return fail(Errc::invalid, "'management.{}' must be a number of milliseconds above 0", key);
  }
  return std::optional(base::Duration(std::int64_t(*value->number() * 1000)));
}

Status read_management(Reader& reader) {
  const JsonValue* value = reader.body.find("management");
  if (!value) return {};
  if (!value->object()) return fail(Errc::invalid, "'management' must be an object");
  if (const JsonValue* only = value->find("localOnly")) {
    if (!only->boolean()) return fail(Errc::invalid, "'management.localOnly' must be true or false");
    reader.out.local_only = *only->boolean();
  }
  reader.out.timeout = TRY(milliseconds_of(*value, "timeout"));
  reader.out.cooldown = TRY(milliseconds_of(*value, "cooldown"));
  if (const std::string cache = TRY(text_of(*value, "cacheDuration")); !cache.empty()) {
    reader.out.cache_duration = TRY(iso_duration(cache));
  }
  return {};
}

Status read_lists(Reader& reader) {
  if (const JsonValue* datasets = reader.body.find("datasetId")) {
    reader.out.datasets = datasets->text() ? std::vector{*datasets->text()} : TRY(texts_of(*datasets, "datasetId"));
    for (const std::string& id : reader.out.datasets) {
      if (id != "@none" && !twin::is_uri(id)) return fail(Errc::invalid, "'datasetId': '{}' is no URI", id);
    }
  }
  if (const JsonValue* scopes = reader.body.find("scope")) {
    reader.out.scopes = scopes->text() ? std::vector{*scopes->text()} : TRY(texts_of(*scopes, "scope"));
  }
  return {};
}

Status read_times(Reader& reader) {
  if (const JsonValue* at = reader.body.find("expiresAt")) reader.out.expires_at = TRY(time_of(*at, "expiresAt"));
  reader.out.observation = TRY(interval_of(reader.body, "observationInterval"));
  reader.out.management = TRY(interval_of(reader.body, "managementInterval"));
  if (const std::string rate = TRY(text_of(reader.body, "refreshRate")); !rate.empty()) TRY(iso_duration(rate));
  return {};
}

// Clause 4.3.6.3: an exclusive registration names entities by their ids, and their attributes.
Status check_exclusive(const Registration& registration) {
  if (registration.mode != SourceMode::exclusive) return {};
  for (const RegistrationInfo& info : registration.information) {
    if (info.attributes.empty()) return fail(Errc::invalid, "an exclusive registration must name attributes");
    const auto named = [](const EntityInfo& entity) { return !entity.id.empty() && !entity.id_pattern; };
    if (info.entities.empty() || !std::ranges::all_of(info.entities, named)) {
      return fail(Errc::invalid, "an exclusive registration must name its entities by 'id'");
    }
  }
  return {};
}

JsonValue text_value(std::string text) {
  JsonValue out;
  out.is = std::move(text);
  return out;
}

// Names in a text or a list of texts.
JsonValue canonical_names(const JsonValue& value, const twin::Context& context) {
  if (value.text()) return text_value(context.expand_text(*value.text()));
  JsonValue out = value;
  if (auto* items = std::get_if<JsonValue::Array>(&out.is)) {
    for (JsonValue& item : *items) {
      if (item.text()) item = canonical_names(item, context);
    }
  }
  return out;
}

JsonValue canonical_information(const JsonValue& list, const twin::Context& context) {
  JsonValue out = list;
  auto* items = std::get_if<JsonValue::Array>(&out.is);
  if (!items) return out;
  for (JsonValue& item : *items) {
    auto* members = std::get_if<JsonValue::Object>(&item.is);
    if (!members) continue;
    for (auto& [key, value] : *members) {
      if (key == "propertyNames" || key == "relationshipNames") value = canonical_names(value, context);
      auto* entities = key == "entities" ? std::get_if<JsonValue::Array>(&value.is) : nullptr;
      if (!entities) continue;
      for (JsonValue& entity : *entities) {
        auto* parts = std::get_if<JsonValue::Object>(&entity.is);
        if (!parts) continue;
        for (auto& [name, given] : *parts) {
          if (name == "type") given = canonical_names(given, context);
        }
      }
    }
  }
  return out;
}

Result<std::string> definition_of(const Reader& reader) {
  JsonWriter out;
  out.object();
  for (const auto& [key, value] : *reader.body.object()) {
    if (std::ranges::find(kLeftOut, key) != kLeftOut.end()) continue;
    if (is_null(value)) return fail(Errc::invalid, "'{}' is null", key);
    out.key(is_member(key) ? key : reader.context.expand_text(key));
    if (key == "information") canonical_information(value, reader.context).write(out);
    else value.write(out);
  }
  out.end();
  return out.take();
}

}  // namespace

JsonValue canonical(const JsonValue& fragment, const twin::Context& context) {
  JsonValue::Object out;
  for (const auto& [key, value] : *fragment.object()) {
    if (std::ranges::find(kLeftOut, key) != kLeftOut.end()) continue;
    if (key == "information") out.push_back({key, canonical_information(value, context)});
    else out.push_back({is_member(key) ? key : context.expand_text(key), value});
  }
  JsonValue object;
  object.is = std::move(out);
  return object;
}

bool is_member(std::string_view key) {
  return key == "scope" || std::ranges::find(kMembers, key) != kMembers.end();
}

Result<base::Duration> iso_duration(std::string_view text) {
  const auto bad = [&] { return fail(Errc::invalid, "'{}' is no ISO 8601 duration like PT15M", text); };
  std::string_view rest = text;
  if (!rest.starts_with('P')) return bad();
  rest.remove_prefix(1);
  double seconds = 0;
  bool in_time = false, any = false;
  while (!rest.empty()) {
    if (rest.front() == 'T' && !in_time) {
      in_time = true;
      rest.remove_prefix(1);
      continue;
    }
    double count = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count, std::chars_format::fixed);
    if (error != std::errc{} || end == rest.data() + rest.size() || count < 0 || rest.front() == '-') return bad();
    const char unit = *end;
    double factor = 0;
    if (in_time) factor = unit == 'H' ? 3600 : unit == 'M' ? 60 : unit == 'S' ? 1 : 0;
    else
      factor = unit == 'Y'   ? 365 * 86400.0
               : unit == 'M' ? 30 * 86400.0
               : unit == 'W' ? 7 * 86400.0
               : unit == 'D' ? 86400
                             : 0;
    if (factor == 0) return bad();
    seconds += count * factor;
    any = true;
    rest.remove_prefix(std::size_t(end - rest.data()) + 1);
  }
  if (!any || seconds > 1e11) return bad();
  return base::Duration(std::int64_t(seconds * 1e6));
}

Result<Registration> read(const JsonValue& body, const twin::Context& context) {
  if (!body.object()) return fail(Errc::invalid, "a registration is a JSON object");
  Reader reader{body, context, {}};
  reader.out.id = TRY(text_of(body, "id"));
  if (!reader.out.id.empty() && !twin::is_uri(reader.out.id)) return fail(Errc::invalid, "'id' is no URI");
  TRY(read_information(reader));
  TRY(read_endpoint(reader));
  TRY(read_mode(reader));
  TRY(read_operations(reader));
  TRY(read_source_info(reader));
  TRY(read_alias(reader));
  for (const std::string_view key : {"description", "registrationName"}) TRY(text_of(body, key));
  reader.out.tenant = TRY(text_of(body, "tenant"));
  reader.out.location = TRY(shape_of(body, "location"));
  reader.out.observation_space = TRY(shape_of(body, "observationSpace"));
  reader.out.operation_space = TRY(shape_of(body, "operationSpace"));
  TRY(read_times(reader));
  TRY(read_management(reader));
  TRY(read_lists(reader));
  TRY(check_exclusive(reader.out));
  reader.out.definition = TRY(definition_of(reader));
  return std::move(reader.out);
}

}  // namespace cityloop::broker::registration_reader
