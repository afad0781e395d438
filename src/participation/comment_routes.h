// The discussion of a proposal: /public/v1/proposals/{code}/comments, and the official answers in it.
//
//   citizens, staff ─ Comment ─▶ Discussion
#pragma once

#include "participation/forum.h"

namespace cityloop::participation {

struct CommentRoutes {
  const Forum& on;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::participation
