// One stretch of road for the console: GET /api/v1/traffic/segments/{id}: its day, what is usual, what is foreseen, and
// what was foreseen against what came (api/openapi.yaml, TrafficSegmentDetail).
//
//   GuidanceLoop::picture(), History, Forecast, ForecastPast ─▶ [SegmentRoutes] ─▶ console
#pragma once

#include "domain/traffic/forecast/forecast_past.h"
#include "domain/traffic/guidance/guidance_loop.h"
#include "serve/back_room.h"
#include "serve/guard.h"
#include "twin/history/history.h"
#include "twin/twin.h"

namespace cityloop::traffic {

struct SegmentRoutes {
  const serve::Guard& guard;
  const twin::Twin& twin;
  const twin::History& history;
  const GuidanceLoop& guidance;
  const ForecastPast& past;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::traffic
