// Many series on one clock: a value per node (segment, station, garage) and step, and who is whose neighbour.
//
//   readings ─▶ [Panel] ─▶ Forecaster ─▶ Predictions ─▶ error tables, Arena
//
// NaN is "not known". Steps are counted from the first one; a day has slots_per_day of them, so a panel of operating
// hours (a subway closes at night) has shorter days than one of whole days. Plain data, owned by who made it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace cityloop::traffic {

struct Calendar {
  int step_s{300};
  int slots_per_day{288};
  int first_slot{0};     // of step 0
  int first_weekday{0};  // of step 0; 0 is Monday
  int days_per_week{7};  // 5 where weekends are left out

  int slot(std::size_t step) const { return int((step + std::size_t(first_slot)) % std::size_t(slots_per_day)); }
  std::size_t day(std::size_t step) const { return (step + std::size_t(first_slot)) / std::size_t(slots_per_day); }
  int weekday(std::size_t step) const {
    return int((day(step) + std::size_t(first_weekday)) % std::size_t(days_per_week));
  }
  bool weekend(std::size_t step) const { return weekday(step) >= 5; }
};

struct Link {
  std::size_t node{};
  float weight{};  // > 0; the nearer the larger
};

struct Panel {
  Calendar calendar;
  std::size_t nodes{0};
  std::vector<float> values;               // step by step, nodes values each
  std::vector<std::vector<float>> others;  // further variables of the same shape (outflow beside inflow)
  std::vector<std::vector<Link>> links;    // of each node; empty when nothing is known of the graph
  std::vector<std::string> names;          // of the nodes; may be empty

  std::size_t steps() const { return nodes == 0 ? 0 : values.size() / nodes; }
  float at(std::size_t step, std::size_t node) const { return values[step * nodes + node]; }
  std::span<const float> row(std::size_t step) const { return std::span(values).subspan(step * nodes, nodes); }
};

// What a model says at `origin` (the last known step) of origin + horizon.
struct Predictions {
  std::vector<std::size_t> origins;
  std::vector<std::size_t> horizons;  // in steps, ascending
  std::size_t nodes{0};
  std::vector<float> values;  // [origin][horizon][node]

  Predictions() = default;
  Predictions(std::vector<std::size_t> at, std::vector<std::size_t> ahead, std::size_t node_count)
      : origins(std::move(at)), horizons(std::move(ahead)), nodes(node_count) {
    values.assign(origins.size() * horizons.size() * nodes, 0.0F);
  }
  float* block(std::size_t origin, std::size_t horizon) {
    return values.data() + (origin * horizons.size() + horizon) * nodes;
  }
  const float* block(std::size_t origin, std::size_t horizon) const {
    return values.data() + (origin * horizons.size() + horizon) * nodes;
  }
};

}  // namespace cityloop::traffic
