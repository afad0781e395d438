// Who wants to be told of sources that come, change and go (ETSI GS CIM 009, clauses 5.3.2, 5.11).
//
//   POST /csourceSubscriptions ─ read ─▶ SourceSubscription ─ to_write ─▶ twin
//
// The form is that of other subscriptions (notify/subscription.h), and they are delivered as others are; what it asks
// for is matched against what sources say they know, not against entities.
#pragma once

#include <string>

#include "broker/source/registration_query.h"
#include "notify/kept.h"

namespace cityloop::broker {

enum class TriggerReason : std::uint8_t { newly_matching, updated, no_longer_matching };
std::string_view to_string(TriggerReason);  // "newlyMatching"

struct SourceSubscription {
  std::string id;
  notify::Kept kept;                            // by the id under which it is delivered
  notify::Subscription common;                  // endpoint, times, what is to be sent
  std::optional<base::Duration> time_interval;  // told periodically, whatever changes
  RegistrationQuery query;

  // Refuses, by the member's name, what is not as the clauses have it. What of its @contexts cannot be had now is the
  // core context.
  static base::Result<SourceSubscription> read(std::string id, notify::Kept, twin::ContextStore&);
  static base::Result<SourceSubscription> from_entity(const flow::Entity&, twin::ContextStore&);
  bool is_live(flow::Instant now) const { return common.active && !common.is_expired(now); }
};

// Which entities and attributes a subscription is about (clause 5.12). The definition is canonical.
Interest interest_of(const base::JsonValue& definition, const notify::Subscription&);

// The write that keeps one in the twin.
flow::Write to_write(const SourceSubscription&);
std::string source_subscription_id(flow::EntityId kept);

}  // namespace cityloop::broker
