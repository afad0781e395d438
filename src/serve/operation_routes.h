// How the machine does: /api/v1/operations for the console, /metrics for Prometheus, /healthz for whoever starts it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "serve/guard.h"
#include "twin/loop.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct OperationRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  std::vector<const twin::LoopRunner*> loops;
  // Named counters of the rooms, gathered by app: "mqtt_received" → 17.
  std::function<std::vector<std::pair<std::string, double>>()> counters;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
