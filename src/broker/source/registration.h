// A context source: somebody else's broker or device gateway that knows something of the city, what it knows, and what
// may be asked of it (ETSI GS CIM 009, clauses 4.3.6, 4.20, 5.2.9 to 5.2.11, 5.2.34, 5.12).
//
//   POST /csourceRegistrations ─ parse ─▶ Registration ─ to_write ─▶ twin ═ log ═▶ RegistrationBook ─▶ Federation
//
// Plain data, never changed once it is in the book. Names are canonical (twin/context/context.h), also in the
// definition that is stored.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_value.h"
#include "base/result.h"
#include "flow/change.h"
#include "geo/shape.h"
#include "twin/context/context.h"
#include "twin/query/pattern.h"

namespace cityloop::broker {

// What a source may be asked to do (table 4.20-1), in the order of the table.
enum class Operation : std::uint8_t {
  create_entity,
  update_entity,  // PATCH …/attrs: Update Attributes
  append_attrs,   // POST …/attrs
  update_attrs,   // PATCH …/attrs/NAME: Partial Attribute update
  delete_attrs,
  delete_entity,
  create_batch,
  upsert_batch,
  update_batch,
  delete_batch,
  upsert_temporal,
  append_attrs_temporal,
  delete_attrs_temporal,
  update_attr_instance_temporal,
  delete_attr_instance_temporal,
  delete_temporal,
  merge_entity,    // PATCH …/entities/ID
  replace_entity,  // PUT …/entities/ID
  replace_attrs,   // PUT …/attrs/NAME
  merge_batch,
  purge_entity,
  retrieve_entity,
  query_entity,
  query_batch,
  retrieve_temporal,
  query_temporal,
  retrieve_entity_types,
  retrieve_entity_type_details,
  retrieve_entity_type_info,
  retrieve_attr_types,
  retrieve_attr_type_details,
  retrieve_attr_type_info,
  create_subscription,
  update_subscription,
  retrieve_subscription,
  query_subscription,
  delete_subscription,
  retrieve_entity_map,
  update_entity_map,
  delete_entity_map,
  create_entity_map_query_entity,
  create_entity_map_query_temporal,
  retrieve_context_source_identity,
};
inline constexpr std::size_t kOperations = 43;
using Operations = std::bitset<kOperations>;
std::string_view to_string(Operation);                         // "createEntity"
std::optional<Operations> operations_named(std::string_view);  // one operation or a group ("federationOps")
bool is_temporal(Operation);                                   // of histories, not of what is now

enum class SourceMode : std::uint8_t { inclusive, exclusive, redirect, auxiliary };
std::string_view to_string(SourceMode);

struct EntityInfo {
  std::vector<flow::Name> types;  // any of them; empty: any
  std::string id;                 // empty: any
  std::optional<twin::Pattern> id_pattern;
};

struct RegistrationInfo {
  std::vector<EntityInfo> entities;      // any of them; empty: all
  std::vector<flow::Name> attributes;    // properties and relationships; empty: all
  bool has_attribute(flow::Name) const;  // also when it names none
};

struct TimeInterval {
  flow::Instant start{flow::kNever};
  flow::Instant end{flow::kNever};  // kNever: open
};

// Which entities, and which of their attributes, a request is about.
struct Selector {
  std::string id;                 // empty: any
  std::string id_pattern;         // empty: any
  std::vector<flow::Name> types;  // any of them; empty: any
};
struct Interest {
  std::vector<Selector> entities;            // any of them; empty: all
  std::vector<flow::Name> attributes;        // at least one of them; empty: all
  std::vector<std::string> datasets;         // "@none" for the default instances; empty: all
  std::vector<std::string> registrations{};  // only these; empty: any
};

struct Registration {
  std::string id;
  std::string endpoint;  // without a '/' at its end
  SourceMode mode{SourceMode::inclusive};
  Operations operations;
  std::vector<RegistrationInfo> information;
  std::string tenant;  // at the source; empty: its default one
  std::string alias;   // contextSourceAlias: how the source calls itself in Via
  std::vector<std::pair<std::string, std::string>> source_info;  // headers to send along
  std::string source_context;  // its own @context (jsonldContext); empty: the caller's
  std::vector<std::string> datasets;
  std::vector<std::string> scopes;
  std::optional<geo::Shape> location, observation_space, operation_space;
  std::optional<TimeInterval> observation, management;
  flow::Instant expires_at{flow::kNever};
  bool local_only{false};
  std::optional<base::Duration> timeout, cooldown, cache_duration;
  std::string definition;  // the whole of it as JSON, names canonical, without id, type and what is read-only

  // Refuses, by the member's name, what is not as clause 5.2.9 has it. `body` is the registration as it came.
  static base::Result<Registration> parse(const base::JsonValue& body, const twin::Context&);
  // What was stored by to_write.
  static base::Result<Registration> from_entity(const flow::Entity&);

  bool supports(Operation operation) const { return operations.test(std::size_t(operation)); }
  bool is_temporal() const { return observation || management; }
  bool is_live(flow::Instant now) const { return expires_at == flow::kNever || now < expires_at; }
  // Of its information, what bears on an interest (clause 5.12): the parts by index and, of each, the entity infos.
  struct Match {
    const RegistrationInfo* info;
    const EntityInfo* entity;  // null: the part names no entities
  };
  std::vector<Match> matches(const Interest&) const;
};

// The write that keeps a registration in the twin, and the entity that it is kept as: ids of registrations and of
// entities never meet.
flow::Write to_write(const Registration&);
flow::EntityId kept_as(std::string_view registration_id);
std::string id_of_kept(flow::EntityId);

struct SourceStatus {
  std::uint64_t times_sent{0}, times_failed{0};
  flow::Instant last_success{flow::kNever}, last_failure{flow::kNever};
  bool failed{false};  // the last attempt did
};

// As one caller sees it. `only` limits its information to what bears on an interest; null shows all.
void render(base::JsonWriter&, const Registration&, const flow::Entity& kept, const SourceStatus&, const twin::Context&,
            bool sys_attrs, const Interest* only = nullptr);

}  // namespace cityloop::broker
