// What is sent: entities as a subscription wants to see them, and the Notification around them
// (ETSI GS CIM 009, clauses 5.3.1, 5.8.6, 6.3.8, 7.2).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "notify/subscription.h"

namespace cityloop::notify {

using Lookup = std::function<flow::EntityPtr(flow::EntityId)>;

// An entity after a change; with showChanges its attributes say what they were. Of an erased one: id, type, deletedAt.
// With a flat join the linked entities follow.
void render_change(const Subscription&, const flow::Change&, const flow::EntityPtr& after, flow::Instant at,
                   const Lookup&, std::vector<std::string>& out);
// An entity as it is.
void render_state(const Subscription&, const flow::EntityPtr&, const Lookup&, std::vector<std::string>& out);

// One Notification around entities that are rendered already.
std::string notification(const Subscription&, std::string_view notification_id, flow::Instant at,
                         const std::vector<std::string>& data);

// Headers of an HTTP notification, or metadata of one by MQTT.
using Headers = std::vector<std::pair<std::string, std::string>>;
Headers headers_of(const Subscription&, std::string_view tenant);
std::string mqtt_payload(const Headers&, std::string_view notification_json);

}  // namespace cityloop::notify
