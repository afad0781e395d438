// Which other sites' pages may read what is public, by a browser that keeps to CORS (Fetch, 3.2): those that civic.toml
// names, under /public/v1 and /open311/v2 and nowhere else.
//
//   Request ─▶ Router ─ around ─▶ [add_cors] ─▶ Response with Access-Control-…
//
// Never with credentials: what is public is the same for everybody, and a follow link is its own proof. Staff's API is
// not under these paths, and so never readable from elsewhere.
#pragma once

#include "civic/settings_in_force.h"
#include "net/router.h"

namespace cityloop::civic {

void add_cors(net::Router&, const SettingsInForce&);

}  // namespace cityloop::civic
