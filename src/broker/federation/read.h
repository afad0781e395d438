// What is asked of the sources of one query, of entities as they are or of their histories. Inside of federation.
#pragma once

#include "broker/federation/inside.h"
#include "broker/federation/merge.h"
#include "broker/source/registration_query.h"

namespace cityloop::broker {

// What sources told of entities, in order of sources and of their lists.
struct Told {
  flow::Entity entity;
  Rank rank;
  bool filtered;  // by its source; one that speaks in other words is not asked to
};
struct Read {
  std::vector<Told> entities;
  Headers headers;  // warnings
};
Read read(const std::vector<Answer>&, twin::ContextStore&, flow::Instant now);

struct Question {
  Operation operation;
  Interest interest;
  twin::EntityFilter filter;
  bool whole{false};  // filters wait until entities are put together
};
bool asks_for_the_whole(const Exchange&, const FederationOptions&);

// GET /entities, no further than the registration goes.
Outgoing query_for(const Exchange&, const Question&, const Registration&, const Registration::Match&);

// Of histories: which time, and the query, by GET or by body as it came.
TemporalAsk time_asked(const Exchange&);
Outgoing history_query_for(const Exchange&, const Interest&, std::size_t limit, const Registration&,
                           const Registration::Match&);

}  // namespace cityloop::broker
