#include "domain/traffic/forecast/plain.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cityloop::traffic {
namespace {

constexpr double kStiffness = 10;  // known departures, in steps, that a node's
                                   // own share is drawn to the mean by

float last_known(const Panel& panel, std::size_t origin, std::size_t node, std::size_t back_most) {
  for (std::size_t back = 0; back <= std::min(origin, back_most); ++back)
    if (const float value = panel.at(origin - back, node); !std::isnan(value)) return value;
  return std::numeric_limits<float>::quiet_NaN();
}

}  // namespace

base::Status Persistence::fit(const Panel&, std::size_t, const std::vector<std::size_t>& horizons) {
  horizons_ = horizons;
  return {};
}

base::Result<Predictions> Persistence::predict(const Panel& panel, const std::vector<std::size_t>& origins) const {
  Predictions out(origins, horizons_, panel.nodes);
  for (std::size_t at = 0; at < origins.size(); ++at)
    for (std::size_t node = 0; node < panel.nodes; ++node) {
      const float value = last_known(panel, origins[at], node, std::size_t(panel.calendar.slots_per_day));
      for (std::size_t h = 0; h < horizons_.size(); ++h) out.block(at, h)[node] = value;
    }
  return out;
}

base::Status Seasonal::fit(const Panel& panel, std::size_t until, const std::vector<std::size_t>& horizons) {
  horizons_ = horizons;
  profile_ = Profile(panel, until, options_);
  return {};
}

base::Result<Predictions> Seasonal::predict(const Panel& panel, const std::vector<std::size_t>& origins) const {
  Predictions out(origins, horizons_, panel.nodes);
  for (std::size_t at = 0; at < origins.size(); ++at)
    for (std::size_t h = 0; h < horizons_.size(); ++h)
      for (std::size_t node = 0; node < panel.nodes; ++node)
        out.block(at, h)[node] = profile_.usual(panel.calendar, origins[at] + horizons_[h], node);
  return out;
}

base::Status Fading::fit(const Panel& panel, std::size_t until, const std::vector<std::size_t>& horizons) {
  horizons_ = horizons;
  profile_ = Profile(panel, until, options_);
  kept_.assign(horizons.size() * panel.nodes, 0);
  std::vector<float> departure(until);
  std::vector<double> shared(panel.nodes), squares(panel.nodes);
  for (std::size_t h = 0; h < horizons.size(); ++h) {
    double all_shared = 0;
    double all_squares = 0;
    for (std::size_t node = 0; node < panel.nodes; ++node) {
      for (std::size_t step = 0; step < until; ++step)
        departure[step] = panel.at(step, node) - profile_.usual_without_day(panel, step, node);
      shared[node] = squares[node] = 0;
      for (std::size_t step = 0; step + horizons[h] < until; ++step) {
        if (std::isnan(departure[step]) || std::isnan(departure[step + horizons[h]])) continue;
        shared[node] += double(departure[step]) * double(departure[step + horizons[h]]);
        squares[node] += double(departure[step]) * double(departure[step]);
      }
      all_shared += shared[node];
      all_squares += squares[node];
    }
    const double common = all_squares > 0 ? all_shared / all_squares : 0;
    const double pull = kStiffness * all_squares / double(std::max<std::size_t>(until * panel.nodes, 1));
    for (std::size_t node = 0; node < panel.nodes; ++node)
      kept_[h * panel.nodes + node] =
          float(std::clamp((shared[node] + pull * common) / std::max(squares[node] + pull, 1e-12), 0.0, 1.0));
  }
  return {};
}

base::Result<Predictions> Fading::predict(const Panel& panel, const std::vector<std::size_t>& origins) const {
  Predictions out(origins, horizons_, panel.nodes);
  for (std::size_t at = 0; at < origins.size(); ++at)
    for (std::size_t node = 0; node < panel.nodes; ++node) {
      const float value = panel.at(origins[at], node);
      const float departure = std::isnan(value) ? 0 : value - profile_.usual(panel.calendar, origins[at], node);
      for (std::size_t h = 0; h < horizons_.size(); ++h)
        out.block(at, h)[node] = profile_.usual(panel.calendar, origins[at] + horizons_[h], node) +
                                 kept_[h * panel.nodes + node] * departure;
    }
  return out;
}

}  // namespace cityloop::traffic
