// What congestion has been like: on a stretch of road until now, about the same hour of the days learned from, and
// around it.
//
//   Panel, congested or not ─▶ [CongestionPast] ─ a row a node ─▶ CongestionForecaster
//
// A day that is learned from is left out of what is usual on it (as in profile.h). Only steps up to the origin are
// read, and of the days learned from the hour that is foreseen.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domain/traffic/forecast/panel.h"

namespace cityloop::traffic {

class CongestionPast {
 public:
  CongestionPast() = default;
  // `truth` as of congested(), `limit` the speed under which each node is slow; days before `until` are learned from.
  CongestionPast(const Panel&, std::span<const std::uint8_t> truth, std::span<const float> limit, std::size_t until);

  // Of one panel: how long each node has been slow, has not been congested, and how many are slow at once.
  struct Course {
    std::vector<float> slow_for, well_for;  // [step][node], in steps; not a number: not measured
    std::vector<float> slow_share;          // of the measured nodes, a step
  };
  Course course(const Panel&, std::span<const std::uint8_t> truth) const;

  static constexpr std::size_t kColumns = 18;
  // `learning` where the origin lies in the days learned from.
  void row(const Panel&, const Course&, std::size_t origin, std::size_t horizon, std::size_t node, bool learning,
           float* out) const;

 private:
  float rate(const Panel&, std::size_t node, std::size_t target, int kind, bool learning) const;

  std::vector<float> limit_;
  // Congested steps and steps at all, by day learned from, node and stretch of the day.
  std::vector<float> jams_, steps_;
  std::size_t days_{0};
  Calendar calendar_;
};

}  // namespace cityloop::traffic
