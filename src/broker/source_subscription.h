// Who wants to be told of sources that come, change and go (ETSI GS CIM 009, clauses 5.3.2, 5.11).
//
//   POST /csourceSubscriptions ─ read ─▶ SourceSubscription ─ to_write ─▶ twin
//
// The form is that of other subscriptions (notify/subscription.h); what it asks for is matched against what sources say
// they know, not against entities.
#pragma once

#include <string>

#include "broker/registration_query.h"
#include "notify/subscription.h"

namespace cityloop::broker {

enum class TriggerReason : std::uint8_t { newly_matching, updated, no_longer_matching };
std::string_view to_string(TriggerReason);  // "newlyMatching"

struct SourceSubscription {
  std::string id;
  notify::Subscription common;  // endpoint, times, what is to be sent
  RegistrationQuery query;
  base::JsonValue definition;  // canonical
  std::string context;         // the @context it was given in, as JSON; empty: the core context

  // Refuses, by the member's name, what is not as the clauses have it.
  static base::Result<SourceSubscription> read(base::JsonValue definition, notify::Contexts, std::string context);
  static base::Result<SourceSubscription> from_entity(const flow::Entity&, twin::ContextStore&);
  bool is_live(flow::Instant now) const { return common.active && !common.is_expired(now); }
};

// The write that keeps one in the twin, and the entity it is kept as.
flow::Write to_write(const SourceSubscription&);
flow::EntityId source_subscription_kept_as(std::string_view id);
std::string source_subscription_id(flow::EntityId kept);

// The @contexts of a subscription given in this one; what cannot be had now is the core context.
notify::Contexts contexts_of(const std::string& context, twin::ContextStore&);

}  // namespace cityloop::broker
