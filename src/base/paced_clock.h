// A city whose time passes faster than ours, from a moment on: a demonstration that is to show hours in minutes. Or one
// whose time is another than ours: a rehearsal of what will be in months.
//
//   wall ─▶ [PacedClock] ─▶ the city's time
//
// Before `since` it is the wall's time; from then on `pace` of its seconds are one of the wall's, counted from
// `begins`. It follows from these three and the wall alone, so that several processes that know them agree, also after
// a restart of any.
#pragma once

#include "base/clock.h"

namespace cityloop::base {

struct Pace {
  double pace{1};  // > 0
  Instant since{kNever};
  Instant begins{kNever};  // the city's time at `since`; kNever: the wall's
  bool is_ours() const { return since == kNever || (pace == 1 && begins == kNever); }
};

class PacedClock final : public Clock {
 public:
  PacedClock(const Pace& how, const Clock& wall) : how_(how), wall_(wall) {}
  Instant now() const override {
    const Instant real = wall_.now();
    if (how_.is_ours() || real < how_.since) return real;
    const Instant from = how_.begins == kNever ? how_.since : how_.begins;
    return from + Duration(std::int64_t(double((real - how_.since).count()) * how_.pace));
  }

 private:
  const Pace how_;
  const Clock& wall_;
};

}  // namespace cityloop::base
