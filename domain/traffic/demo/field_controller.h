// The controller in the cabinet at one junction of the demo: turns the lights, takes wishes, and keeps its own counsel.
//
//   MQTT ─ stage ─▶ [FieldController] ─ letters ─▶ lights          nothing asked for 15 s: the fixed plan
//
// Its conflict monitor is the package's own (signal/safety_monitor.h), apart from whoever asks: what is not safe is
// refused with the reason, whether it comes by message or from the plan. Times are seconds of the streets' clock; what
// is asked for begins at once, so letters() of the same moment are to be shown after it.
#pragma once

#include <string>

#include "base/result.h"
#include "domain/traffic/signal/junction.h"
#include "domain/traffic/signal/safety_monitor.h"

namespace cityloop::traffic {

inline constexpr double kPlanAfter_s = 15;

class FieldController {
 public:
  // The junction passes check() and outlives this.
  FieldController(const Junction&, double now_s);

  // A wish from outside. The present stage is held by wishing for it again.
  base::Status ask(int stage, double now_s);
  void advance(double now_s);

  bool remote() const { return remote_; }
  int stage() const { return lights_.stage(); }
  bool lit(double now_s) const { return !lights_.clearing(now_s); }  // the stage's green is shown
  double lit_s() const { return lights_.green_at_s(); }
  std::string letters(double now_s) const { return lights_.state(now_s); }
  std::uint64_t forced() const { return lights_.forced(); }
  std::uint64_t takeovers() const { return takeovers_; }  // from plan to remote
  std::uint64_t fallbacks() const { return fallbacks_; }  // from remote to plan
  const Junction& junction() const { return junction_; }

 private:
  const Junction& junction_;
  SafetyMonitor lights_;
  bool remote_{false};
  double asked_s_{};
  std::uint64_t takeovers_{0}, fallbacks_{0};
};

}  // namespace cityloop::traffic
