// Designs of route networks over HTTP: /api/v1/traffic/designs.
//
//   console ─▶ [DesignRoutes] ─▶ DesignDesk
//
// Whoever may see the city may read them; to start, cancel or remove one takes the right to run a backtest
// (test_rules): planners have it, and both are long calculations from which nothing follows by itself.
#pragma once

#include "domain/traffic/transit/design/design_desk.h"
#include "net/router.h"
#include "serve/guard.h"

namespace cityloop::traffic {

struct DesignRoutes {
  const serve::Guard& guard;
  DesignDesk& desk;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::traffic
