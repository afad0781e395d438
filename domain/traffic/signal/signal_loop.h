// Runs the signals of a city: watches lanes, asks each junction's controller, and wishes for stages by commands.
//
//   TrafficFlowObserved, devices, Command(status) ══ log ══▶ [SignalLoop] ─ Command(requested) ─▶ act ─▶ device
//                                                              └──────── TrafficSignal (why, mode, delay) ─▶ people
//
// Once a second of the city's time, junction by junction:
//
//   mode       when                                                          who decides
//   adaptive   all is well                                                   the controller
//   fixed      no detectors; an approach of which no honest detector tells;  the fixed plan, by commands
//              a decision that came too late; until all is well for clean_s
//   local      the device has not told its stage, shows a fault, is under    the device: nothing is wished for
//              control at its cabinet, or has not answered three times
//
// The present stage is wished for again every few seconds, so that a device that hears nothing any more knows it and
// goes back to its own plan. In every mode but local, a movement that maximum red is about to reach comes before
// whoever decides. What may be wished for is asked of a model of the lights of this loop's own (device_lights.h) before
// anything is written; act's interlock asks its own again, and has the last word.
//
// State and commands follow from the records alone, except that a stopwatch is an input of its own: without one every
// decision is in time. A controller that was late is not asked for clean_s, and for twice as long each time it is late
// again, at most an hour. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/traffic/signal/controller.h"
#include "domain/traffic/signal/detector_health.h"
#include "domain/traffic/signal/settings.h"
#include "twin/loop.h"

namespace cityloop::traffic {

struct SignalLoopOptions {
  std::vector<SignalJunction> junctions;
  // Absent: make_controller() by the name of the settings.
  std::function<std::unique_ptr<Controller>(const SignalJunction&)> make;
  // Seconds of any epoch, read before and after a decision; absent: none takes any time.
  std::function<double()> stopwatch_s;
  double budget_s{0.1};  // a decision that takes longer is dropped
  double clean_s{120};   // all must be well for so long before a controller decides again
  HealthLimits health;
};

class SignalLoop final : public twin::Loop {
 public:
  explicit SignalLoop(SignalLoopOptions);
  ~SignalLoop() override;

  std::string_view name() const override { return "signals"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  flow::Instant wakes_at() const override;

  struct Stats {
    std::uint64_t decisions, commands, refused, unanswered, late, forced;
    std::uint64_t adaptive_now, fixed_now, local_now;
  };
  Stats stats() const;  // on the loop's thread

 private:
  class Seat;  // one junction
  struct Place {
    std::size_t junction;
    std::size_t detector;  // or zone
  };

  void step(flow::Instant at, twin::Outbox&);
  void pass_on_promises();

  SignalLoopOptions options_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::unordered_map<flow::EntityId, std::vector<Place>> detectors_;
  std::unordered_map<flow::EntityId, std::vector<Place>> zones_;
  std::unordered_map<flow::EntityId, std::size_t> devices_;
  // Where what leaves a junction by a lane appears: by the names of both.
  std::map<std::pair<std::string, std::string>, std::vector<std::pair<std::size_t, int>>> neighbours_;
  flow::Instant stepped_at_{flow::kNever};
};

}  // namespace cityloop::traffic
