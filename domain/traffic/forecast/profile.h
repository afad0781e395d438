// What is usual for the hour: the mean of a node's values at a slot of the day, over the days of the same kind (workday
// or weekend), smoothed over neighbouring slots.
//
//   Panel [0, until) ─▶ [Profile] ─ usual value ─▶ features, seasonal forecast
//
// A model that learns on the same days must not be shown a profile that holds its own answer: without_day() leaves the
// day of the step out.
#pragma once

#include <cstddef>
#include <vector>

#include "domain/traffic/forecast/panel.h"

namespace cityloop::traffic {

struct ProfileOptions {
  int smooth_slots{2};  // values so many slots before and after count too, linearly less
};

class Profile {
 public:
  Profile() = default;
  Profile(const Panel&, std::size_t until, ProfileOptions = {});

  // Of any step of a panel with that calendar, also a later one than it was made of; of another kind of day where none
  // of that kind was seen; NaN where the node was never seen.
  float usual(const Calendar&, std::size_t step, std::size_t node) const;
  // The same for a step of the panel that it was made of, from the other days alone; NaN where there is no other day.
  float usual_without_day(const Panel&, std::size_t step, std::size_t node) const;
  // Of all its values.
  float mean(std::size_t node) const { return mean_[node]; }

 private:
  struct Cell {
    float sum{0};
    float weight{0};
  };
  const Cell& cell(bool weekend, int slot, std::size_t node) const {
    return cells_[((weekend ? 1U : 0U) * std::size_t(calendar_.slots_per_day) + std::size_t(slot)) * nodes_ + node];
  }
  Cell own(const Panel&, std::size_t step, std::size_t node) const;

  Calendar calendar_;
  ProfileOptions options_;
  std::size_t nodes_{0};
  std::size_t until_{0};
  std::vector<Cell> cells_;
  std::vector<float> mean_;
};

}  // namespace cityloop::traffic
