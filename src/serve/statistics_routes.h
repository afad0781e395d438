// How casework does, for supervisors: /api/v1/case-statistics, and the cases behind each of its numbers.
#pragma once

#include "serve/back_room.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct StatisticsRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  BackRoom& back_room;  // counting reads every case of the period

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
