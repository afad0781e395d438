// What moderators read and decide: proposals that nobody else sees yet, and what is said about proposals:
// /api/v1/participation/….
//
//   ProposalBoard, Discussion ─▶ [ModerationRoutes] ─ CommentRuling ─▶ twin (who decided, never the words)
//
// About a proposal is decided by steps of its case (publish, reword, refuse); here it is only shown. Everybody sees and
// decides what belongs to cases that they may handle.
#pragma once

#include "participation/forum.h"

namespace cityloop::participation {

struct ModerationRoutes {
  const Forum& on;

  void add_to(net::Router&) const;
};

// The proposal that a path names by its case or its number. Errc::refused to whoever may not handle it.
base::Result<flow::Case> proposal_to_handle(const Forum&, const serve::Call&);
// Who decided what stands in the log; what was written does not.
base::Status note_ruling(const Forum&, const Comment&);

}  // namespace cityloop::participation
