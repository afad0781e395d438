// How right the forecasts have been, and what is being trained: GET /api/v1/traffic/forecast-scores (api/openapi.yaml).
//
//   ForecastScore, ForecastContest, ForecastPast, TrainingDesk ─▶ [ForecastRoutes] ─▶ console
#pragma once

#include <vector>

#include "domain/traffic/forecast/forecast_past.h"
#include "domain/traffic/forecast/training_desk.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::traffic {

struct ForecastRoutes {
  const serve::Guard& guard;
  const twin::Twin& twin;
  const ForecastPast& past;
  std::vector<const TrainingDesk*> desks;  // one a subject, in their order: speeds, garages

  void add_to(net::Router&) const;
};

}  // namespace cityloop::traffic
