#include "domain/traffic/forecast/profile.h"

#include <cmath>
#include <cstdlib>
#include <limits>

namespace cityloop::traffic {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

float closeness(int slots, int smooth_slots) {
  return 1.0F - float(std::abs(slots)) / float(smooth_slots + 1);
}

}  // namespace

Profile::Profile(const Panel& panel, std::size_t until, ProfileOptions options)
    : calendar_(panel.calendar), options_(options), nodes_(panel.nodes), until_(until) {
  const auto slots = std::size_t(calendar_.slots_per_day);
  cells_.assign(2 * slots * nodes_, {});
  mean_.assign(nodes_, 0);
  std::vector<float> seen(nodes_, 0);
  for (std::size_t step = 0; step < until; ++step) {
    const bool weekend = calendar_.weekend(step);
    const int slot = calendar_.slot(step);
    for (int off = -options_.smooth_slots; off <= options_.smooth_slots; ++off) {
      const int to = slot + off;
      if (to < 0 || to >= calendar_.slots_per_day) continue;
      const float weight = closeness(off, options_.smooth_slots);
      Cell* const cells = &cells_[((weekend ? slots : 0) + std::size_t(to)) * nodes_];
      for (std::size_t node = 0; node < nodes_; ++node) {
        const float value = panel.at(step, node);
        if (std::isnan(value)) continue;
        cells[node].sum += weight * value;
        cells[node].weight += weight;
      }
    }
    for (std::size_t node = 0; node < nodes_; ++node) {
      const float value = panel.at(step, node);
      if (std::isnan(value)) continue;
      mean_[node] += value;
      seen[node] += 1;
    }
  }
  for (std::size_t node = 0; node < nodes_; ++node) mean_[node] = seen[node] > 0 ? mean_[node] / seen[node] : kNan;
}

float Profile::usual(const Calendar& calendar, std::size_t step, std::size_t node) const {
  const bool weekend = calendar.weekend(step);
  const int slot = calendar.slot(step);
  for (const bool kind : {weekend, !weekend}) {
    const Cell& found = cell(kind, slot, node);
    if (found.weight > 0.01F) return found.sum / found.weight;
  }
  return mean_[node];
}

Profile::Cell Profile::own(const Panel& panel, std::size_t step, std::size_t node) const {
  Cell mine;
  const int slot = calendar_.slot(step);
  for (int off = -options_.smooth_slots; off <= options_.smooth_slots; ++off) {
    if (slot + off < 0 || slot + off >= calendar_.slots_per_day) continue;
    if (off < 0 && step < std::size_t(-off)) continue;
    const std::size_t from = step + std::size_t(off);
    if (from >= until_) continue;
    const float value = panel.at(from, node);
    if (std::isnan(value)) continue;
    mine.sum += closeness(off, options_.smooth_slots) * value;
    mine.weight += closeness(off, options_.smooth_slots);
  }
  return mine;
}

float Profile::usual_without_day(const Panel& panel, std::size_t step, std::size_t node) const {
  const bool weekend = calendar_.weekend(step);
  const int slot = calendar_.slot(step);
  const Cell mine = own(panel, step, node);
  const Cell& all = cell(weekend, slot, node);
  if (all.weight - mine.weight > 0.5F) return (all.sum - mine.sum) / (all.weight - mine.weight);
  const Cell& other = cell(!weekend, slot, node);
  if (other.weight > 0.5F) return other.sum / other.weight;
  return mean_[node];
}

}  // namespace cityloop::traffic
