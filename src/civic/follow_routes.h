// What the holder of a follow link may ask: how the report stands, rate it, contest it, add to it, and how to be
// reached. All by /public/v1/follow/{token}; the link is the only proof, and one that is not ours is 404 like any
// other.
#pragma once

#include "civic/office.h"

namespace cityloop::civic {

struct FollowRoutes {
  const Office& on;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::civic
