// Which stretch of time a window covers now, and in which buckets it is kept.
//
// A rolling window consists of up to 30 buckets of one length and moves on by a bucket: an hour by two minutes, a day
// by an hour, a week by six hours, a month (30 days) by a day, a quarter (91 days) by a week, a year (364 days) by two
// weeks. So it is as long as it says, less at most one bucket. A calendar window is one bucket from the begin of its
// period in the city's zone.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "index/indicator/declaration.h"

namespace cityloop::index {

// Begin and end of the calendar's period that `at` lies in; weeks begin on Monday.
std::pair<base::Instant, base::Instant> calendar_period(Span, base::Instant at, const base::TimeZone&);
// How long a rolling window of the span is; of a calendar's period about as long.
base::Duration length_of(Span);

class PeriodClock {
 public:
  PeriodClock() = default;
  PeriodClock(Period period, base::TimeZone zone);

  // Time goes forward. True when another bucket began.
  bool move_to(base::Instant now);
  std::int64_t bucket() const { return bucket_; }     // the one that `now` lies in
  std::int64_t first_live() const { return first_; }  // the oldest that still counts
  base::Instant ends() const { return ends_; }        // of the bucket
  base::Instant live_from() const { return from_; }   // begin of the oldest
  std::int64_t bucket_of(base::Instant) const;        // of a live moment
  base::Instant end_of(std::int64_t bucket) const;

 private:
  Period period_{};
  base::TimeZone zone_{base::TimeZone::utc()};
  std::int64_t length_us_{0};
  std::int64_t buckets_{1};
  std::int64_t bucket_{0}, first_{0};
  base::Instant from_{base::kNever}, ends_{base::kNever};
};

}  // namespace cityloop::index
