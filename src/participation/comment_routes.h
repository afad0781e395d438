// The discussion of a proposal, and its moderation: /public/v1/proposals/{code}/comments, /api/v1/participation/….
//
//   citizens, staff ─ Comment ─▶ Discussion        moderator ─ CommentRuling ─▶ twin (who decided, never the words)
#pragma once

#include "participation/forum.h"

namespace cityloop::participation {

struct CommentRoutes {
  const Forum& on;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::participation
