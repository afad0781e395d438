// One junction in the hands of SignalLoop: what is known of it, who decides, what was wished for, and what is told of
// it to people.
//
//   SignalLoop ── changes, seconds ─▶ [Seat] ─▶ Command, TrafficSignal
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/traffic/signal/control_mode.h"
#include "domain/traffic/signal/delay_meter.h"
#include "domain/traffic/signal/device_lights.h"
#include "domain/traffic/signal/lane_watch.h"
#include "domain/traffic/signal/signal_loop.h"
#include "domain/traffic/signal/zone_watch.h"
#include "flow/command.h"

namespace cityloop::traffic {

class SignalLoop::Seat {
 public:
  // Both outlive this.
  Seat(const SignalJunction&, const SignalLoopOptions&);

  void see_detector(std::size_t detector, const flow::Change& change, flow::Instant at) {
    lanes_.see(detector, change, at);
  }
  void see_zone(std::size_t zone, const flow::Change& change, flow::Instant at) { zones_.see(zone, change, at); }
  void see_device(const flow::Change& change, flow::Instant at) { device_.see(change, at); }
  void see_command(const flow::Command&, flow::Instant at);
  void step(flow::Instant at, twin::Outbox&);

  const SignalJunction& is() const { return *is_; }
  std::span<const Outflow> outflow() const { return outflow_; }
  std::vector<Promise>& promises() { return view_.promises; }  // for the next step
  ControlMode mode() const { return mode_of(reason_.trouble); }
  void add_to(Stats&) const;

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  struct Asked {
    flow::EntityId id;
    int stage{};
    double at_s{};
    bool sent{false};
  };
  struct Counts {
    std::uint64_t decisions{0}, commands{0}, refused{0}, unanswered{0}, late{0}, forced{0};
  };
  std::unique_ptr<Controller> new_controller() const;
  ModeReason trouble_now(double now_s) const;
  void choose_mode(double now_s);
  void turn_to(ModeReason, double now_s);
  Decision decide(double now_s);
  Decision plan(double now_s) const;
  void count_unanswered(double now_s);
  void wish(int stage, flow::Instant at, twin::Outbox&);

  flow::Write new_write() const;
  void tell(flow::Instant at, twin::Outbox&);
  void add_mode(flow::Write&, flow::Instant at) const;
  void add_phase(flow::Write&, flow::Instant at) const;
  void add_delay(flow::Write&, flow::Instant at) const;
  std::string distrusted() const;

  const SignalJunction* is_;
  const SignalLoopOptions* options_;
  DeviceLights device_;
  LaneWatch lanes_;
  ZoneWatch zones_;
  DelayMeter delay_;
  std::unique_ptr<Controller> controller_;
  JunctionView view_;
  std::vector<Outflow> outflow_;

  ModeReason reason_{.trouble = Trouble::unheard};
  double mode_since_s_{0}, trouble_seen_s_{0};
  double late_until_s_{0}, late_spell_s_{0};
  double late_took_s_{0};
  int unanswered_{0};  // in a row
  double unanswered_until_s_{0};

  std::optional<Asked> asked_;
  Decision decision_;  // the last that was acted on
  double stepped_s_{0}, wished_s_{0};
  Counts counts_;

  bool mode_is_new_{true}, phase_is_new_{false};
  double delay_told_s_{0}, phase_told_s_{0};
};

}  // namespace cityloop::traffic
