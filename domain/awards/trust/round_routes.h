// How a cycle's review is sealed and opened: the secretary locks it, holders of keys open it after it has closed.
//
//   PUT, GET /api/v1/awards/cycles/{cycle}/seal, POST …/seal/{chair,auditor}-key ─▶ [RoundRoutes] ─▶ Rounds
//
// The closing time is that of the cycle's window of review and cannot be given. A key comes as the file that `cityloop
// awards key` wrote, with its passphrase; the chair and the auditor may each bring any holder's (the reserve, out of
// its safe), and nobody else may.
#pragma once

#include "domain/awards/entry/office.h"
#include "domain/awards/trust/rounds.h"

namespace cityloop::awards {

struct RoundRoutes {
  const Office& office;
  Rounds& rounds;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::awards
