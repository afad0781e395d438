// Proposals as citizens meet them: the list, the map, one of them, proposing, supporting, taking back:
// /public/v1/proposals.
//
//   HTTP ─▶ [ProposalRoutes] ─ Action(file, withdraw_proposal) ─▶ casework        support ─▶ People
#pragma once

#include "participation/forum.h"

namespace cityloop::participation {

struct ProposalRoutes {
  const Forum& on;

  void add_to(net::Router&) const;
};

// One that the asker may see: those shown to all, and one's own. Errc::not_found otherwise.
base::Result<ProposalPtr> visible_proposal(const Forum&, const net::Request&, const std::optional<Person>&);
bool is_author(const Forum&, const PublicProposal&, const std::optional<Person>&);
// As this person sees it.
base::Result<std::string> proposal_json(const Forum&, const PublicProposal&, const std::optional<Person>&);

}  // namespace cityloop::participation
