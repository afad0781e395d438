// What somebody wants to be told of (ETSI GS CIM 009, clause 5.2.12): which entities, which attributes, how and where.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/change.h"
#include "twin/ngsi.h"
#include "twin/pattern.h"
#include "twin/query.h"

namespace cityloop::notify {

struct EntitySelector {
  flow::Name type;    // empty: any
  flow::EntityId id;  // empty: any
  std::optional<twin::Pattern> id_pattern;
};

struct Subscription {
  std::string id;
  std::string description;
  std::vector<EntitySelector> entities;        // any of them; empty: all
  std::vector<flow::Name> watched_attributes;  // any change when empty
  std::optional<twin::Q> q;
  std::optional<twin::GeoFilter> geo;
  std::vector<flow::Name> attributes;  // those to be sent; empty for all
  twin::Format format{twin::Format::normalized};
  std::string endpoint;  // http:// or https:// URL; empty for a web socket
  std::string accept{"application/json"};
  std::vector<std::pair<std::string, std::string>> receiver_info;  // headers to send along
  base::Duration throttling{};  // at least this long between two notifications; changes meanwhile go together
  flow::Instant expires_at{flow::kNever};
  bool active{true};

  // Refuses what it does not understand rather than guess. `needs_endpoint` is false on a web socket.
  static base::Result<Subscription> parse(std::string_view json, bool needs_endpoint = true);

  // Whether a change is wanted. `entity` is the entity as it is after it, null when erased.
  bool wants(const flow::Change&, const flow::EntityPtr& entity) const;
};

// One Notification (clause 5.3.1) around entities that are rendered already.
std::string notification(const Subscription&, std::string_view notification_id, flow::Instant at,
                         const std::vector<std::string>& data);

}  // namespace cityloop::notify
