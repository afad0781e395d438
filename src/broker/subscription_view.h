// What subscriptions show of themselves, be they to entities or to sources (ETSI GS CIM 009, clauses 5.2.12, 5.2.14).
#pragma once

#include <string>
#include <string_view>

#include "broker/exchange.h"
#include "notify/kept.h"

namespace cityloop::broker {

// In which @context it is told: that of jsonldContext, else that of the request.
void choose_context(const Exchange&, notify::Kept&);

// The definition in the caller's words, with its status and the counters of its delivery. `kept_in` tells its times.
std::string shown(const Exchange&, std::string_view id, const notify::Kept&, const flow::Entity& kept_in);

}  // namespace cityloop::broker
