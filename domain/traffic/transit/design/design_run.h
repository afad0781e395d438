// One design from beginning to end: from files or a city's streets to routes with headways, explained.
//
//   DesignWish ─▶ [run_design] ─▶ RouteDesign ─▶ design_command.h, design_desk.h
//
// Reads no clock: `now` is one that only rises. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "domain/traffic/transit/design/designed_network.h"

namespace cityloop::traffic {

struct DesignWish {
  std::string name;
  // Either the files of a published problem …
  std::string problem;
  // … or trips with their mapping, over a city's streets.
  std::string demand, mapping;
  geo::StreetWeightsPtr streets;
  StopChoice stops;

  DesignRules rules{.routes = 6, .stops_min = 2, .stops_max = 15};
  double seconds{30};      // how long to search
  std::uint64_t steps{0};  // with a number of steps the result is the same every time; 0: until the seconds are over
  std::uint64_t seed{1};
  unsigned threads{1};
  double operator_weight{0};
  std::optional<FrequencyOptions> service;
  std::string today;  // a GeoJSON file of the routes that run now; empty: none
};

struct DesignProgress {
  enum class Stage : std::uint8_t { reading, stops, searching, describing } stage{};
  double share{};    // of the search's time or steps
  double minutes{};  // of the best so far; 0: none yet
};
std::string_view to_string(DesignProgress::Stage);

base::Result<RouteDesign> run_design(const DesignWish&, const base::Clock& now, const std::function<bool()>& cancelled,
                                     const std::function<void(const DesignProgress&)>& on_progress);

// The streets of a city folder, as its planning.toml names them.
base::Result<geo::StreetWeightsPtr> streets_of_city(const std::string& folder);

}  // namespace cityloop::traffic
