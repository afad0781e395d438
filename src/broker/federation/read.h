// What is asked of the sources of one query. Inside of federation_read.cc and federation_maps.cc.
#pragma once

#include "broker/federation/inside.h"

namespace cityloop::broker {

struct Question {
  Operation operation;
  Interest interest;
  twin::EntityFilter filter;
  bool whole{false};  // filters wait until entities are put together
};
bool asks_for_the_whole(const Exchange&, const FederationOptions&);

// GET /entities, no further than the registration goes.
Outgoing query_for(const Exchange&, const Question&, const Registration&, const Registration::Match&);

}  // namespace cityloop::broker
