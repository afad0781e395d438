// The junctions for the console: GET /api/v1/traffic/signals and /api/v1/traffic/signals/{id} (api/openapi.yaml).
//
//   SignalSettings, TrafficSignal, SignalPast ─▶ [SignalRoutes] ─▶ console
#pragma once

#include "domain/traffic/signal/settings.h"
#include "domain/traffic/signal/signal_past.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::traffic {

struct SignalRoutes {
  const serve::Guard& guard;
  const twin::Twin& twin;
  const base::Clock& clock;  // the city's
  const SignalSettings& settings;
  const SignalPast& past;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::traffic
