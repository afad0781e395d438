// The planner's settings as named numbers: for trying others than those of the house, and for searching among them.
//
//   --set gap_s=3.5 ─▶ [set_dial] ─▶ PlannerSettings ─▶ [dials_text] ─▶ what a stored run says of itself
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "domain/traffic/signal/planner.h"

namespace cityloop::traffic {

struct Dial {
  std::string_view name;
  double low, high;  // what a search tries
  double PlannerSettings::* of;
  double ArrivalSettings::* of_arrivals;
};

inline constexpr std::array kDials{
    Dial{"headway_s", 1.5, 2.4, &PlannerSettings::headway_s, nullptr},
    Dial{"start_lost_s", 0.3, 2.5, &PlannerSettings::start_lost_s, nullptr},
    Dial{"yellow_used_s", 0, 3, &PlannerSettings::yellow_used_s, nullptr},
    Dial{"permissive_headway_s", 1.8, 4, &PlannerSettings::permissive_headway_s, nullptr},
    Dial{"gap_s", 2, 7, &PlannerSettings::gap_s, nullptr},
    Dial{"blocked_turn_s", 3, 25, &PlannerSettings::blocked_turn_s, nullptr},
    Dial{"stop_cost_s", 0, 6, &PlannerSettings::stop_cost_s, nullptr},
    Dial{"joining_cost_s", 0, 3, &PlannerSettings::joining_cost_s, nullptr},
    Dial{"change_cost_s", 0, 8, &PlannerSettings::change_cost_s, nullptr},
    Dial{"end_wait_s", 3, 30, &PlannerSettings::end_wait_s, nullptr},
    Dial{"exit_space_m", 8, 25, &PlannerSettings::exit_space_m, nullptr},
    Dial{"exit_blocked_s", 2, 15, &PlannerSettings::exit_blocked_s, nullptr},
    Dial{"clear_limit_s", 0, 8, &PlannerSettings::clear_limit_s, nullptr},
    Dial{"clear_ahead_s", 0, 5, &PlannerSettings::clear_ahead_s, nullptr},
    Dial{"accel_mps2", 1.2, 3, nullptr, &ArrivalSettings::accel_mps2},
    Dial{"unseen_share", 0, 1.3, nullptr, &ArrivalSettings::unseen_share},
};

inline double& dial(PlannerSettings& settings, const Dial& which) {
  return which.of ? settings.*which.of : settings.arrivals.*which.of_arrivals;
}

// False for a name that none has. beam and horizon_s are whole numbers and not searched.
inline bool set_dial(PlannerSettings& settings, std::string_view name, double value) {
  if (name == "beam") settings.beam = std::max(1, static_cast<int>(std::lround(value)));
  else if (name == "horizon_s") settings.arrivals.horizon_s = std::clamp(static_cast<int>(std::lround(value)), 5, 300);
  else {
    const auto* const found = std::ranges::find(kDials, name, &Dial::name);
    if (found == kDials.end()) return false;
    dial(settings, *found) = value;
  }
  return true;
}

inline std::string dials_text(PlannerSettings settings) {
  std::string text = fmt::format("beam={},horizon_s={}", settings.beam, settings.arrivals.horizon_s);
  for (const Dial& one : kDials) text += fmt::format(",{}={:.4g}", one.name, dial(settings, one));
  return text;
}

}  // namespace cityloop::traffic
