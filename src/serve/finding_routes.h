// Findings, newest first: /api/v1/findings.
#pragma once

#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct FindingRoutes {
  const Guard& guard;
  const twin::Twin& twin;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
