// How long vehicles wait at a junction, measured while it runs: what every other figure is held against.
//
//   queue lengths, vehicles passed ─▶ [DelayMeter] ─▶ seconds a vehicle, before and after who decides has changed
//
// Delay is the area under the queue: the integral of the number of standing vehicles over time, in vehicle seconds, by
// the vehicles that passed meanwhile. It counts standing only, hence a little less than the delay against free flow
// (HCM 2016, chapter 31: queue accumulation). Kept in minutes, window_s back.
#pragma once

#include <deque>
#include <optional>

#include "base/bytes.h"

namespace cityloop::traffic {

class DelayMeter {
 public:
  explicit DelayMeter(double window_s = 900) : window_s_(window_s) {}

  void add(double now_s, double queue, double lasted_s, double passed);
  // Somebody else decides from now on: what was measured becomes what it was before.
  void turn();

  // Seconds a vehicle over the window, or since turn(); nothing while fewer than 20 vehicles have passed.
  std::optional<double> now() const;
  std::optional<double> before() const { return before_; }
  double measured_s() const;  // the time that now() rests on

  void save(base::ByteWriter&) const;
  void load(base::ByteReader&);

 private:
  struct Minute {
    double begin_s{}, queue_s{}, lasted_s{}, passed{};
  };
  double window_s_;
  std::deque<Minute> minutes_;
  std::optional<double> before_;
};

}  // namespace cityloop::traffic
