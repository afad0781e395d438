// A made-up corridor for tests: stretches one behind the other, a rush hour each day, and jams that begin at the last
// one at random moments and travel back a stretch every two steps.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/rng.h"
#include "domain/traffic/forecast/panel.h"

namespace cityloop::traffic {

struct CorridorOptions {
  std::size_t nodes{8};
  std::size_t days{10};
  int slots_per_day{96};
  std::uint64_t seed{1};
  double noise{1.0};
};

inline Panel corridor(const CorridorOptions& options) {
  Panel panel;
  panel.calendar = {.step_s = 900, .slots_per_day = options.slots_per_day};
  panel.nodes = options.nodes;
  const std::size_t steps = options.days * std::size_t(options.slots_per_day);
  panel.values.assign(steps * panel.nodes, 0);
  panel.links.resize(panel.nodes);
  for (std::size_t node = 0; node + 1 < panel.nodes; ++node) {
    panel.links[node].push_back({node + 1, 1});
    panel.links[node + 1].push_back({node, 1});
  }
  base::Rng rng(options.seed);
  std::vector<double> jam(steps + 1, 0);
  for (std::size_t step = 1; step < steps; ++step)
    jam[step] = rng.uniform() < 0.03 ? 30 : std::max(0.0, jam[step - 1] - 2.5);
  for (std::size_t step = 0; step < steps; ++step)
    for (std::size_t node = 0; node < panel.nodes; ++node) {
      const double hour = 24.0 * panel.calendar.slot(step) / options.slots_per_day;
      const double rush = 12 * std::exp(-(hour - 8) * (hour - 8) / 3);
      const std::size_t behind = 2 * (panel.nodes - 1 - node);
      const double slowed = step >= behind ? jam[step - behind] : 0;
      panel.values[step * panel.nodes + node] = float(std::max(3.0, 60 - rush - slowed + options.noise * rng.normal()));
    }
  return panel;
}

}  // namespace cityloop::traffic
