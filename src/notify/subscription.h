// What somebody wants to be told of (ETSI GS CIM 009, clauses 5.2.12 to 5.2.15, 5.2.22): which entities, which changes,
// how and where.
//
//   JSON ─ canonical ─▶ definition (kept in the twin) ─ read ─▶ Subscription ─ wants(Change) ─▶ yes or no
//
// The definition is JSON whose names are canonical (twin/context/context.h), so that every caller can be shown it in
// words of its own; only `q` is kept as it was given, with the @context in which it was. Plain data, never changed once
// read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_value.h"
#include "base/result.h"
#include "flow/change.h"
#include "twin/context/context.h"
#include "twin/ngsi/ngsi.h"
#include "twin/query/query.h"

namespace cityloop::notify {

enum class Trigger : std::uint8_t {
  entity_created = 1,
  entity_deleted = 2,
  attribute_created = 4,
  attribute_updated = 8,
  attribute_deleted = 16,
};
using Triggers = std::uint8_t;  // a set of them
inline constexpr Triggers kTriggersUsual = Triggers(Trigger::attribute_created) | Triggers(Trigger::attribute_updated);

enum class Accept : std::uint8_t { json, json_ld, geo_json };
std::string_view to_string(Accept);  // the media type

enum class Protocol : std::uint8_t { none, http, mqtt };  // none: a web socket, told by whoever holds it

struct Endpoint {
  std::string uri;
  Protocol protocol{Protocol::none};
  Accept accept{Accept::json};
  std::vector<std::pair<std::string, std::string>> receiver_info;  // headers, or metadata of MQTT, to send along
  bool mqtt_311{false};                                            // notifierInfo: MQTT-Version
  int mqtt_qos{0};                                                 // notifierInfo: MQTT-QoS
  std::optional<base::Duration> cooldown;                          // at least this long after a failure
  std::optional<base::Duration> timeout;                           // of one attempt
};

// The @contexts of a subscription.
struct Contexts {
  twin::ContextPtr shown;  // of what is sent; never null
  twin::ContextPtr asked;  // of q; never null
  std::string shown_json;  // the first as JSON, for bodies; empty: the core context
  std::string shown_link;  // its address, for Link headers; empty: the core context
  static Contexts core();
};

struct Subscription {
  std::string id;
  std::vector<twin::EntitySelector> entities;  // any of them; empty: all
  std::vector<flow::Name> watched_attributes;  // any when empty
  Triggers triggers{kTriggersUsual};
  std::optional<base::Duration> time_interval;  // told periodically and not on change
  base::Duration throttling{};  // at least this long between two notifications; changes meanwhile go together
  flow::Instant expires_at{flow::kNever};
  bool active{true};
  std::shared_ptr<const twin::Matcher> matcher;  // entities, q, geoQ, scopeQ
  std::optional<twin::Q> linked_q;               // q, in place of the matcher's, where it asks of linked entities too

  std::vector<flow::Name> attributes;  // those to be sent; empty for all
  twin::Projection projection;
  std::vector<flow::Name> datasets;  // Name{} is the default instance; empty: all
  twin::Format format{twin::Format::normalized};
  bool sys_attrs{false};
  bool show_changes{false};
  enum class Join : std::uint8_t { none, in_line, flat } join{Join::none};
  int join_depth{1};
  std::string lang;
  Endpoint endpoint;
  Contexts contexts{Contexts::core()};
  bool of_sources{false};  // told of registrations, which others watch and post (posted.h): the reason stands first

  // Refuses, by the member's name, what is not as the clauses have it. `definition` is canonical.
  static base::Result<Subscription> read(const base::JsonValue& definition, Contexts, bool needs_endpoint = true);
  // The same of a text in words of the core context.
  static base::Result<Subscription> parse(std::string_view json, bool needs_endpoint = true);

  bool listens_to(Trigger trigger) const { return (triggers & Triggers(trigger)) != 0; }
  bool is_expired(flow::Instant at) const { return expires_at != flow::kNever && at >= expires_at; }
  bool watches(flow::Name attribute) const;
  // Whether it may be wanted, as far as the change itself tells.
  bool may_want(const flow::Change&) const;
  // Whether a change is wanted, whatever the clock says. `entity` is the entity as it is after it, null when erased:
  // then it is asked of what the entity was before.
  // `linked` finds the entities that its relationships point to.
  bool wants(const flow::Change&, const flow::EntityPtr& entity, const twin::Q::Linked* linked = nullptr) const;
  // Whom it is about, as a query asks it.
  twin::EntityFilter filter() const;
};

// A subscription as it came, with canonical names; without @context and members that are the broker's to say.
base::JsonValue canonical(base::JsonValue body, const twin::Context&);
// The way back: the definition in a caller's words.
base::JsonValue presented(base::JsonValue definition, const twin::Context&);
// A fragment over a definition (clauses 5.5.8, 5.8.2): what it names takes the place of what was there, null removes. A
// notification or an endpoint that could not stand alone joins the one there, member by member.
void merge(base::JsonValue& definition, const base::JsonValue& fragment);

}  // namespace cityloop::notify
