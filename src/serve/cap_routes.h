// Warnings of other authorities: POST /api/v1/cap takes a CAP 1.2 message, and casework takes up what the city has
// asked for (casework/intake_rules.h).
#pragma once

#include "serve/city.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct CapRoutes {
  const Guard& guard;
  twin::Twin& twin;
  const City& city;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
