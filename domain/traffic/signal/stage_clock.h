// Walks the lights from one stage to another: the green that was, yellow, all red, the green that is to be.
//
//   Controller ── stage wanted ─▶ [StageClock] ─▶ letters of the lights, since when which stage is green
//
// A wish during a change, or before the minimum green has passed, is not taken. It is the hand that turns the lights in
// a simulation and in an adapter; that nothing unsafe is shown is watched by the interlock, apart from it.
#pragma once

#include <string>
#include <vector>

#include "domain/traffic/signal/controller.h"
#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic {

class StageClock {
 public:
  // Stage 0 has been green since now_s. The junction outlives this.
  StageClock(const Junction&, double now_s);

  // Goes on to now_s, which never goes back.
  void advance(double now_s);
  // Begins the change to a stage; false where the present one may not end yet or is wanted.
  bool want(int stage);

  bool changing() const { return now_s_ < green_since_s_; }
  int stage() const { return stage_; }  // shown, or on its way
  double green_s() const { return now_s_ - green_since_s_; }
  const std::vector<double>& red_s() const { return red_s_; }
  std::string lights() const;
  void describe(JunctionView&) const;  // fills all but lanes and promises

 private:
  const Junction& junction_;
  double now_s_;
  int stage_{0};
  int before_{0};
  double change_since_s_;
  double green_since_s_;
  std::vector<double> red_s_;
};

}  // namespace cityloop::traffic
