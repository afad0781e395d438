// A subscription as it is kept in the twin: an entity of its own type, under an id that no other entity has.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json_value.h"
#include "flow/change.h"
#include "notify/subscription.h"
#include "twin/context/store.h"

namespace cityloop::notify {

inline const flow::Name kDefinition("definition");

struct Kept {
  std::string id;
  base::JsonValue definition;  // canonical
  std::string shown_json;      // the @context of what is sent, as JSON; empty: the core context
  std::string shown_link;      // its address
  std::string asked_json;      // the @context of q
};

flow::EntityId kept_as(std::string_view subscription_id);
// Likewise one to sources; the loop knows it by this whole id, which no other subscription has.
flow::EntityId kept_as_of_sources(std::string_view subscription_id);
std::string id_of_kept(flow::EntityId);

flow::Write to_write(const Kept&);
// From an entity's attributes; nothing when they hold no definition.
std::optional<Kept> kept_from(flow::EntityId, const std::vector<flow::Attribute>&);

// The subscription, its @contexts resolved. Errc::unavailable when one of them is not at hand: fetch() asks for it.
base::Result<Subscription> read(const Kept&, twin::ContextStore*);
void fetch(const Kept&, twin::ContextStore&);

}  // namespace cityloop::notify
