// What planners propose and what people do about it: /api/v1/planning, /api/v1/proposals…, and a crew's day,
// /api/v1/my-day.
//
// Who may handle cases of a department may plan for it, unless bound to areas: a dispatcher for their own. A crew's day
// is for its members (and who stands in for them), and for who plans for it; everybody else is refused.
#pragma once

#include "duty/planner/planner.h"
#include "serve/back_room.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct ProposalRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  duty::Planner& planner;
  BackRoom& back_room;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
