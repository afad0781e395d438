// Makes a plan for a Problem and betters it until time is up.
//
//   Problem ─▶ [solve] ─▶ Plan          progress ─▶ whoever watches       stop token ◀─ whoever may cancel
//
// Ruin and recreate: strings of neighbouring stops are taken out of neighbouring routes and put back greedily, with
// blinks, under simulated annealing (Christiaens and Vanden Berghe, "Slack Induction by String Removals", 2020), over
// granular neighbourhoods. Vehicles are saved, and tasks that nobody has room for are fitted in, by counting how often
// each was left over. Several lanes work at once on different parts of the plan and are joined and parted anew many
// times.
//
// Reads no clock but the one passed in, and nothing random but the seed: with iterations_max alone the same options
// give the same plan on every machine; by the clock, the plan depends on how fast the machine is. The plan keeps every
// constraint; what cannot be done comes back undone with its reason, also after a cancel.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "base/clock.h"
#include "base/result.h"
#include "solve/vrptw.h"

namespace cityloop::solve {

enum class Aim : std::uint8_t {
  distance,  // undone tasks first, then Plan::cost_m
  vehicles,  // undone tasks first, then the number of vehicles used, then Plan::cost_m
};

struct Progress {
  base::Duration elapsed{};
  std::uint64_t iterations{};
  double done{};  // 0 to 1
  std::size_t vehicles{};
  std::size_t undone{};  // of the tasks that could be done at all
  double cost_m{};
};

struct Options {
  Aim aim{Aim::distance};
  std::uint64_t seed{1};
  unsigned lanes{1};                                   // threads, 1 to 64; part of what the plan depends on
  std::uint64_t iterations_max{0};                     // of all lanes together; 0: until the time is up
  base::Duration time{};                               // 0: until the iterations are done
  const base::Clock* clock{nullptr};                   // needed when time is given; read from several threads
  std::stop_token stop{};                              // the best plan so far comes back within some milliseconds
  std::function<void(const Progress&)> on_progress{};  // on the caller's thread, some hundred times in all
};

struct Solved {
  Plan plan;
  Progress at;  // when it ended
  bool cancelled{false};
};

base::Result<Solved> solve(const Problem&, const Options&);

}  // namespace cityloop::solve
