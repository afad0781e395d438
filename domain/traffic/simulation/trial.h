// One hour of a street under one controller: RESCO's protocol, on the same seed for each controller that is compared.
//
//   configuration, controller's name, seed ─▶ [run_trial] ─▶ delay, gridlock, decision times, a series for charts
//
// Delay of a vehicle is its time loss and the time it waited to enter (SUMO's timeLoss + departDelay); the mean is over
// all vehicles of the hour, also those that never entered or never arrived (Ault and Sharon, Reinforcement Learning
// Benchmarks for Traffic Signal Control, 2021). Nobody is taken off the street: teleporting is off.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/traffic/signal/planner.h"

namespace cityloop::traffic {

// The net's own programme, run by SUMO untouched.
inline constexpr const char* kOwnProgramme = "fixed";

struct TrialOptions {
  std::filesystem::path config;
  std::string controller{kOwnProgramme};  // or a name that make_controller knows
  int seed{1};
  double scale{1};
  double end_after_s{0};  // shorter than the configuration says; 0: as it says
  bool series{false};
  PlannerSettings planner{};
};

struct TrialResult {
  int vehicles{}, arrived{}, never_entered{};
  double delay_s{};                 // mean
  double time_loss_s{};             // of which on the street
  bool gridlocked{};                // at the end at least kGridlocked vehicles had stood still for five minutes
  std::vector<double> decision_us;  // each decision of each junction: CPU time
  struct Point {
    double at_s{};  // since the begin
    int running{}, standing{}, waiting_to_enter{};
    double delay_s{};  // mean of the vehicles that were to enter in the minute that ends here; 0 for none
  };
  std::vector<Point> series;  // one a minute, where asked for
  double wall_s{};
};

inline constexpr int kGridlocked = 5;

base::Result<TrialResult> run_trial(const TrialOptions&);

}  // namespace cityloop::traffic
