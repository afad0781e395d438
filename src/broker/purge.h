// Many entities at once: those that match go, or lose attributes (clause 5.6.21).
#pragma once

#include "broker/exchange.h"
#include "twin/query/query.h"

namespace cityloop::broker {

// Erases what matches; with `drop` only those attributes of it, with `keep` all of its attributes but those. In steps
// of a thousand entities, each durable before the next; the answer comes when all is done.
void purge_matching(const Exchange&, twin::EntityFilter, net::Reply);

}  // namespace cityloop::broker
