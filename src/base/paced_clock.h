// A city whose time passes faster than ours, from a moment on: a demonstration that is to show hours in minutes.
//
//   wall ─▶ [PacedClock] ─▶ the city's time
//
// Before `since` it is the wall's time; from then on `pace` of its seconds are one of the wall's. It follows from these
// two and the wall alone, so that several processes that know them agree, also after a restart of any.
#pragma once

#include "base/clock.h"

namespace cityloop::base {

struct Pace {
  double pace{1};  // > 0
  Instant since{kNever};
  bool is_ours() const { return pace == 1 || since == kNever; }
};

class PacedClock final : public Clock {
 public:
  PacedClock(const Pace& how, const Clock& wall) : how_(how), wall_(wall) {}
  Instant now() const override {
    const Instant real = wall_.now();
    if (how_.is_ours() || real <= how_.since) return real;
    return how_.since + Duration(std::int64_t(double((real - how_.since).count()) * how_.pace));
  }

 private:
  const Pace how_;
  const Clock& wall_;
};

}  // namespace cityloop::base
