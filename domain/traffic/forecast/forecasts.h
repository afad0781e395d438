// What is forecast in a city, by which loops: speeds of streets, cars in garages.
#pragma once

#include <string>

#include "domain/traffic/forecast/forecast_loop.h"

namespace cityloop::traffic {

inline ForecastLoopOptions speed_forecasts(const base::TimeZone& zone, std::string models_folder) {
  return {.zone = zone, .models_folder = std::move(models_folder)};
}

inline ForecastLoopOptions parking_forecasts(const base::TimeZone& zone, std::string models_folder) {
  return {.name = "parking-forecast",
          .type = "OffStreetParking",
          .attribute = "occupiedSpotNumber",
          .zone = zone,
          .value_most = 1e5,
          .zero_is_measured = true,
          .models_folder = std::move(models_folder)};
}

}  // namespace cityloop::traffic
