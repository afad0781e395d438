#include "broker/source/registration.h"

#include <algorithm>
#include <array>

#include "broker/source/registration_reader.h"
#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using flow::Name;

constexpr std::array<std::string_view, kOperations> kNames{
    "createEntity",
    "updateEntity",
    "appendAttrs",
    "updateAttrs",
    "deleteAttrs",
    "deleteEntity",
    "createBatch",
    "upsertBatch",
    "updateBatch",
    "deleteBatch",
    "upsertTemporal",
    "appendAttrsTemporal",
    "deleteAttrsTemporal",
    "updateAttrInstanceTemporal",
    "deleteAttrInstanceTemporal",
    "deleteTemporal",
    "mergeEntity",
    "replaceEntity",
    "replaceAttrs",
    "mergeBatch",
    "purgeEntity",
    "retrieveEntity",
    "queryEntity",
    "queryBatch",
    "retrieveTemporal",
    "queryTemporal",
    "retrieveEntityTypes",
    "retrieveEntityTypeDetails",
    "retrieveEntityTypeInfo",
    "retrieveAttrTypes",
    "retrieveAttrTypeDetails",
    "retrieveAttrTypeInfo",
    "createSubscription",
    "updateSubscription",
    "retrieveSubscription",
    "querySubscription",
    "deleteSubscription",
    "retrieveEntityMap",
    "updateEntityMap",
    "deleteEntityMap",
    "createEntityMapQueryEntity",
    "createEntityMapQueryTemporal",
    "retrieveContextSourceIdentity",
};

const Name kDefinition("definition");
constexpr std::string_view kPrefix = "csourceRegistrations/";

using enum Operation;

Operations of(std::initializer_list<Operation> list) {
  Operations out;
  for (const Operation operation : list) out.set(std::size_t(operation));
  return out;
}

Operations discovery() {
  return of({retrieve_entity_types, retrieve_entity_type_details, retrieve_entity_type_info, retrieve_attr_types,
             retrieve_attr_type_details, retrieve_attr_type_info});
}

Operations associations() {
  return discovery() |
         of({retrieve_entity, query_entity, query_batch, create_subscription, update_subscription,
             retrieve_subscription, query_subscription, delete_subscription, retrieve_context_source_identity});
}

// Table 4.20-2.
std::optional<Operations> group_named(std::string_view word) {
  const Operations maps =
      of({retrieve_entity_map, update_entity_map, delete_entity_map, create_entity_map_query_entity});
  if (word == "federationOps") return associations() | maps;
  if (word == "associationOps") return associations();
  if (word == "updateOps") return of({update_entity, update_attrs, replace_entity, replace_attrs});
  if (word == "retrieveOps") return of({retrieve_entity, query_entity});
  if (word == "redirectionOps") {
    return discovery() | maps |
           of({create_entity, update_entity, append_attrs, update_attrs, delete_attrs, delete_entity, merge_entity,
               replace_entity, replace_attrs, retrieve_entity, query_entity, purge_entity,
               retrieve_context_source_identity});
  }
  return std::nullopt;
}

bool one_in_common(const std::vector<Name>& some, const std::vector<Name>& others) {
  return std::ranges::any_of(some, [&](Name name) { return std::ranges::find(others, name) != others.end(); });
}

bool ids_meet(const EntityInfo& info, const Selector& asked) {
  if (info.id.empty() && !info.id_pattern) return true;
  if (asked.id.empty() && asked.id_pattern.empty()) return true;
  if (!asked.id.empty()) {
    return info.id == asked.id || (info.id_pattern && info.id_pattern->found_in(asked.id));
  }
  if (info.id.empty()) return true;  // two patterns: nobody can tell
  const auto pattern = twin::Pattern::compile(asked.id_pattern);
  return pattern && pattern->found_in(info.id);
}

bool meets(const EntityInfo& info, const Selector& asked) {
  const bool types = info.types.empty() || asked.types.empty() || one_in_common(info.types, asked.types);
  return types && ids_meet(info, asked);
}

}  // namespace

std::string_view to_string(Operation operation) {
  return kNames[std::size_t(operation)];
}

std::optional<Operations> operations_named(std::string_view word) {
  const auto found = std::ranges::find(kNames, word);
  if (found == kNames.end()) return group_named(word);
  return Operations{}.set(std::size_t(found - kNames.begin()));
}

bool is_temporal(Operation operation) {
  const bool writes = operation >= upsert_temporal && operation <= delete_temporal;
  return writes || operation == retrieve_temporal || operation == query_temporal ||
         operation == create_entity_map_query_temporal;
}

std::string_view to_string(SourceMode mode) {
  switch (mode) {
    case SourceMode::inclusive: return "inclusive";
    case SourceMode::exclusive: return "exclusive";
    case SourceMode::redirect: return "redirect";
    case SourceMode::auxiliary: return "auxiliary";
  }
  return "";
}

bool RegistrationInfo::has_attribute(Name name) const {
  return attributes.empty() || std::ranges::find(attributes, name) != attributes.end();
}

std::vector<Registration::Match> Registration::matches(const Interest& interest) const {
  std::vector<Match> out;
  const auto named = [&](const std::string& dataset) { return std::ranges::find(datasets, dataset) != datasets.end(); };
  if (!datasets.empty() && !interest.datasets.empty() && std::ranges::none_of(interest.datasets, named)) return out;
  for (const RegistrationInfo& info : information) {
    if (!interest.attributes.empty() && !info.attributes.empty() &&
        !one_in_common(interest.attributes, info.attributes)) {
      continue;
    }
    if (info.entities.empty()) out.push_back({&info, nullptr});
    for (const EntityInfo& entity : info.entities) {
      const auto meant = [&](const Selector& asked) { return meets(entity, asked); };
      if (interest.entities.empty() || std::ranges::any_of(interest.entities, meant)) out.push_back({&info, &entity});
    }
  }
  return out;
}

base::Result<Registration> Registration::parse(const base::JsonValue& body, const twin::Context& context) {
  return registration_reader::read(body, context);
}

flow::EntityId kept_as(std::string_view registration_id) {
  return flow::EntityId(fmt::format("{}{}", kPrefix, registration_id));
}

std::string id_of_kept(flow::EntityId kept) {
  std::string_view text = kept.text();
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  return std::string(text);
}

base::Result<Registration> Registration::from_entity(const flow::Entity& entity) {
  const flow::Attribute* kept = entity.find(kDefinition);
  const auto* json = kept ? std::get_if<flow::Json>(&kept->value) : nullptr;
  if (!json) return base::fail(base::Errc::corrupt, "{} has no definition", entity.id.text());
  const base::JsonValue body = TRY(base::JsonValue::parse(json->text));
  Registration out = TRY(registration_reader::read(body, *twin::Context::core()));
  out.id = id_of_kept(entity.id);
  return out;
}

flow::Write to_write(const Registration& registration) {
  flow::Write write;
  write.entity = kept_as(registration.id);
  write.types = {flow::kRegistrationType};
  write.mode = flow::WriteMode::replace;
  write.expires_at = registration.expires_at;
  write.attributes = {flow::property(kDefinition, flow::Json{registration.definition})};
  return write;
}

namespace {

using base::JsonValue;
using base::JsonWriter;

void write_name(JsonWriter& out, const std::string& canonical, const twin::Context& context) {
  std::string scratch;
  out.text(context.compact(Name(canonical), scratch));
}

void write_names(JsonWriter& out, const JsonValue& value, const twin::Context& context) {
  if (value.text()) return write_name(out, *value.text(), context);
  out.array();
  if (value.array()) {
    for (const JsonValue& item : *value.array()) write_names(out, item, context);
  }
  out.end();
}

void write_entity_info(JsonWriter& out, const JsonValue& info, const twin::Context& context) {
  out.object();
  for (const auto& [key, value] : *info.object()) {
    out.key(key);
    if (key == "type") write_names(out, value, context);
    else value.write(out);
  }
  out.end();
}

void write_information(JsonWriter& out, const JsonValue& list, const Registration& registration,
                       const twin::Context& context, const Interest* only) {
  const auto matches = only ? registration.matches(*only) : std::vector<Registration::Match>{};
  out.array();
  for (std::size_t i = 0; i < list.array()->size(); ++i) {
    const RegistrationInfo* const read = &registration.information[i];
    if (only && std::ranges::find(matches, read, &Registration::Match::info) == matches.end()) continue;
    out.object();
    for (const auto& [key, value] : *(*list.array())[i].object()) {
      out.key(key);
      if (key == "propertyNames" || key == "relationshipNames") write_names(out, value, context);
      else if (key == "entities") {
        out.array();
        for (const JsonValue& info : *value.array()) write_entity_info(out, info, context);
        out.end();
      } else {
        value.write(out);
      }
    }
    out.end();
  }
  out.end();
}

void write_status(JsonWriter& out, const SourceStatus& status) {
  if (status.times_sent == 0) return;
  out.field("status", status.failed ? "failed" : "ok");
  out.field("timesSent", status.times_sent).field("timesFailed", status.times_failed);
  if (status.last_success != flow::kNever) out.field("lastSuccess", base::format_time(status.last_success));
  if (status.last_failure != flow::kNever) out.field("lastFailure", base::format_time(status.last_failure));
}

}  // namespace

void render(JsonWriter& out, const Registration& registration, const flow::Entity& kept, const SourceStatus& status,
            const twin::Context& context, bool sys_attrs, const Interest* only) {
  const JsonValue definition = JsonValue::parse(registration.definition).value_or(JsonValue{});
  out.object().field("id", registration.id).field("type", "ContextSourceRegistration");
  if (definition.object()) {
    for (const auto& [key, value] : *definition.object()) {
      if (key == "information") {
        write_information(out.key(key), value, registration, context, only);
      } else if (registration_reader::is_member(key)) {
        value.write(out.key(key));
      } else {
        std::string scratch;
        value.write(out.key(context.compact(Name(key), scratch)));
      }
    }
  }
  write_status(out, status);
  if (sys_attrs) {
    out.field("createdAt", base::format_time(kept.created_at)).field("modifiedAt", base::format_time(kept.modified_at));
  }
  out.end();
}

}  // namespace cityloop::broker
