// Time as an input. Whoever needs "now" is given a Clock; only app chooses which.
#pragma once

#include <atomic>

#include "base/time.h"

namespace cityloop::base {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

class WallClock final : public Clock {
 public:
  Instant now() const override { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }
};

// Stands still until it is set. A replayed feed, a drill and a test drive the city by one of these; never goes back.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start = from_us(0)) : now_us_(to_us(start)) {}
  Instant now() const override { return from_us(now_us_.load(std::memory_order_relaxed)); }
  void advance_to(Instant t) {
    std::int64_t seen = now_us_.load(std::memory_order_relaxed);
    while (seen < to_us(t) && !now_us_.compare_exchange_weak(seen, to_us(t), std::memory_order_relaxed)) {
    }
  }

 private:
  std::atomic<std::int64_t> now_us_;
};

}  // namespace cityloop::base
