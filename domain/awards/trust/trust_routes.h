// The award log for anybody: its key, its newest head, proofs, and its lines, so that outsiders hold it to its word.
//
//   Record ─▶ [TrustRoutes] ─▶ GET /public/v1/awards/log/{key,head,growth,receipts/{n},entries}
//
// Nothing here is personal: entries have roles, opaque subjects and hashes. What is asked for again and again is cheap:
// a proof is some twenty hashes, a page of entries one read.
#pragma once

#include "domain/awards/trust/record.h"
#include "net/router.h"

namespace cityloop::awards {

struct TrustRoutes {
  const Record& record;  // outlives the router

  void add_to(net::Router&) const;
};

}  // namespace cityloop::awards
