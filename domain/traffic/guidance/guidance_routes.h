// What guidance knows, for the console and for apps (api/openapi.yaml, tag traffic): GET /api/v1/traffic/segments,
// /incidents, /parking and /route. All ask the right to read the city.
//
//   GuidanceLoop::picture(), Finding, TrafficAdvice, Command ─▶ [GuidanceRoutes] ─▶ console
#pragma once

#include "domain/traffic/guidance/guidance_loop.h"
#include "serve/guard.h"
#include "serve/views.h"
#include "twin/twin.h"

namespace cityloop::traffic {

// A segment's properties as one JSON object.
void write_segment(base::JsonWriter&, const GuidancePicture&, std::uint32_t segment, serve::Language,
                   base::Duration stale_after);

struct GuidanceRoutes {
  const serve::Guard& guard;
  const twin::Twin& twin;
  const base::Clock& clock;  // the city's
  const GuidanceLoop& guidance;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::traffic
