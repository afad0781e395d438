// What was advised on signs, what it was expected to do, and what it did (api/openapi.yaml, tag traffic):
// GET /api/v1/traffic/advice, newest first. Takes the right to read the city.
//
//   TrafficAdvice (predicted), Command (what became of it), TrafficOutcome (measured) ─▶ [AdviceRoutes] ─▶ console
#pragma once

#include "serve/guard.h"
#include "serve/views.h"
#include "twin/twin.h"

namespace cityloop::traffic {

struct AdviceRoutes {
  const serve::Guard& guard;
  const twin::Twin& twin;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::traffic
