// Who takes part: asking for a link, opening it, what is kept of oneself, and erasing it: /public/v1/people; and how
// one takes part here: /public/v1/participation.
#pragma once

#include "participation/forum.h"

namespace cityloop::participation {

struct PeopleRoutes {
  const Forum& on;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::participation
