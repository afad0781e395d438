// What is expected of an attribute of an entity at some moments ahead: quantiles, and how likely a named event is.
//
//   forecast loop ─ Forecast ─▶ twin ─▶ decide, guidance, console; learn scores it when the truth arrives
//
// One entity for each attribute forecast, written anew with each issue; the log keeps the former ones. Values are in
// the unit of the attribute. All times are the city's, so a replay writes the same. A forecast says itself what will be
// the truth (ForecastTruth), so that whoever scores it need know nothing of its domain.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::flow {

struct ForecastStep {
  Instant valid_at{kNever};          // the end of the time that it speaks of
  double low{};                      // it is under this in 10 of 100 cases
  double middle{};                   // in 50
  double high{};                     // in 90
  std::optional<double> likelihood;  // of the event, 0 … 1
  std::string model;                 // that said so: "linear"
  friend bool operator==(const ForecastStep&, const ForecastStep&) = default;
};

// What a forecast is to be held against: the mean of what is measured of its attribute in (validAt - span, validAt].
struct ForecastTruth {
  Duration span{std::chrono::minutes(5)};  // above 0
  std::optional<double> above;             // a reading not above it is no measurement (a speed of 0)
  std::optional<double> most;              // nor is one beyond it
  std::string counted_by;                  // nor one beside which this attribute is 0 ("intensity": nobody passed)
  // The event: the hold time's means, one a span, were all below this where measured, and half of them were measured.
  std::optional<double> event_below;
  Duration event_hold{0};
  friend bool operator==(const ForecastTruth&, const ForecastTruth&) = default;
};

struct Forecast {
  EntityId about;
  std::string attribute;  // "averageVehicleSpeed"
  std::string group;      // scored together: "slow"; may be empty
  std::string event;      // of likelihood: "congestion"; empty when there is none
  ForecastTruth truth;
  Instant issued_at{kNever};
  std::vector<ForecastStep> steps;  // by time
};

// urn:ngsi-ld:Forecast:ATTRIBUTE:ABOUT
EntityId forecast_id(EntityId about, std::string_view attribute);
Write to_write(const Forecast&);
base::Result<Forecast> forecast_from(const Entity&);
std::string to_json(const ForecastTruth&);
base::Result<ForecastTruth> forecast_truth_from(std::string_view json);  // empty: all as by default

}  // namespace cityloop::flow
