// Budgeting rounds: what can be voted for, the blind signature, the ballot, the count: /public/v1/rounds; and who makes
// rounds: /api/v1/rounds.
//
//   code, blinded token ─▶ [RoundRoutes] ─▶ Roll, SigningKey        token, choices ─▶ [RoundRoutes] ─▶ BallotBox
//
// The two halves know nothing of one another. Of neither is the address kept, but in memory for the limits.
#pragma once

#include "participation/forum.h"

namespace cityloop::participation {

struct RoundRoutes {
  const Forum& on;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::participation
