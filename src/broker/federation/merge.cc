#include "broker/federation/merge.h"

#include <algorithm>

#include "base/json_value.h"
#include "flow/noun.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;
using flow::Attribute;
using flow::Entity;
using flow::Instant;
using flow::kNever;

bool same_instance(const Attribute& one, const Attribute& other) {
  return one.name == other.name && one.dataset_id == other.dataset_id;
}

bool newer(const Attribute& one, const Attribute& than) {
  if (one.observed_at != kNever || than.observed_at != kNever) return one.observed_at > than.observed_at;
  return one.modified_at > than.modified_at;
}

void add_names(flow::NameList& to, flow::NameList from) {
  for (const flow::Name name : from) {
    if (!to.contains(name)) to.push_back(name);
  }
}

// Attributes of one version into those gathered so far; `settled` are those that an exclusive source has given.
void add_attributes(std::vector<Attribute>& to, std::vector<Attribute>& settled, const Version& version) {
  const auto named = [](const std::vector<Attribute>& list, flow::Name name) {
    return std::ranges::find(list, name, &Attribute::name) != list.end();
  };
  const std::vector<Attribute> before = version.rank == Rank::auxiliary ? to : std::vector<Attribute>{};
  for (const Attribute& given : version.entity->attributes) {
    if (version.rank == Rank::exclusive) settled.push_back(given);
    else if (named(settled, given.name)) continue;
    if (version.rank == Rank::auxiliary && named(before, given.name)) continue;
    const auto held = std::ranges::find_if(to, [&](const Attribute& one) { return same_instance(one, given); });
    if (held == to.end()) to.push_back(given);
    else if (newer(given, *held)) *held = given;
  }
}

Instant time_of(const JsonValue& value, std::string_view key) {
  const JsonValue* at = value.find(key);
  if (!at || !at->text()) return kNever;
  return base::parse_time(*at->text()).value_or(kNever);
}

void read_times(Attribute& attribute, const JsonValue& instance) {
  attribute.created_at = time_of(instance, "createdAt");
  attribute.modified_at = time_of(instance, "modifiedAt");
}

// createdAt and modifiedAt, which a reader of requests passes over.
void read_times(Entity& entity, const JsonValue& json, const twin::Context& context) {
  entity.created_at = time_of(json, "createdAt");
  entity.modified_at = time_of(json, "modifiedAt");
  for (const auto& [key, value] : *json.object()) {
    if (!value.object() && !value.array()) continue;
    const flow::Name name = context.expand(key);
    for (Attribute& attribute : entity.attributes) {
      if (attribute.name != name) continue;
      if (value.object()) read_times(attribute, value);
      if (!value.array()) continue;
      for (const JsonValue& instance : *value.array()) {
        const std::string dataset = instance.text_or("datasetId", "");
        if (dataset == attribute.dataset_id.text()) read_times(attribute, instance);
      }
    }
  }
}

bool is_meant(const Entity& entity, const EntityInfo& info) {
  const auto mine = [&](flow::Name type) { return entity.is_a(type); };
  if (!info.types.empty() && std::ranges::none_of(info.types, mine)) return false;
  if (!info.id.empty()) return info.id == entity.id.text();
  return !info.id_pattern || info.id_pattern->found_in(entity.id.text());
}

}  // namespace

Rank rank_of(SourceMode mode) {
  switch (mode) {
    case SourceMode::exclusive: return Rank::exclusive;
    case SourceMode::redirect: return Rank::redirect;
    case SourceMode::inclusive: return Rank::inclusive;
    case SourceMode::auxiliary: return Rank::auxiliary;
  }
  return Rank::inclusive;
}

flow::EntityPtr merged(std::vector<Version> versions) {
  std::erase_if(versions, [](const Version& version) { return !version.entity; });
  if (versions.empty()) return nullptr;
  if (versions.size() == 1) return versions.front().entity;
  std::ranges::stable_sort(versions, {}, &Version::rank);
  auto out = std::make_shared<Entity>();
  out->id = versions.front().entity->id;
  std::vector<Attribute> settled;
  bool lasting = false;
  for (const Version& version : versions) {
    const Entity& entity = *version.entity;
    add_names(out->types, entity.types);
    add_names(out->scopes, entity.scopes);
    add_attributes(out->attributes, settled, version);
    if (entity.created_at != kNever && (out->created_at == kNever || entity.created_at < out->created_at)) {
      out->created_at = entity.created_at;
    }
    out->modified_at = std::max(out->modified_at, entity.modified_at);
    lasting = lasting || entity.expires_at == kNever;
    out->expires_at = std::max(out->expires_at, entity.expires_at);
  }
  if (lasting) out->expires_at = kNever;
  return out;
}

base::Result<std::optional<Entity>> received(const JsonValue& json, const twin::Context& context,
                                             const RegistrationInfo* info, const EntityInfo* meant, Instant now) {
  if (!json.object()) return base::fail(base::Errc::invalid, "an entity must be an object");
  twin::Reading reading;
  reading.context = &context;
  JsonValue bare = json;
  std::erase_if(std::get<JsonValue::Object>(bare.is), [](const auto& member) { return member.key == "@context"; });
  flow::Write write = TRY(twin::parse_entity(bare.dump(), flow::WriteMode::create, reading));
  Entity entity = flow::entity_of(write);
  entity.scopes = write.scopes;
  entity.expires_at = write.expires_at;
  read_times(entity, json, context);
  if (entity.expires_at != kNever && entity.expires_at <= now) return std::optional<Entity>{};
  const auto is_one = [&](const EntityInfo& one) { return is_meant(entity, one); };
  const bool any = !info || info->entities.empty() || std::ranges::any_of(info->entities, is_one);
  if (meant ? !is_one(*meant) : !any) return std::optional<Entity>{};
  if (info) std::erase_if(entity.attributes, [&](const Attribute& one) { return !info->has_attribute(one.name); });
  return std::optional(std::move(entity));
}

}  // namespace cityloop::broker
