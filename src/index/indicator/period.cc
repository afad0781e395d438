#include "index/indicator/period.h"

namespace cityloop::index {
namespace {

using namespace std::chrono;

struct Rolling {
  seconds bucket;
  std::int64_t count;
};

constexpr Rolling rolling_of(Span span) {
  switch (span) {
    case Span::now: break;
    case Span::minute: return {seconds(5), 12};
    case Span::hour: return {minutes(2), 30};
    case Span::day: return {hours(1), 24};
    case Span::week: return {hours(6), 28};
    case Span::month: return {days(1), 30};
    case Span::quarter: return {days(7), 13};
    case Span::year: return {days(14), 26};
  }
  return {seconds(1), 1};
}

sys_days begin_of_days(Span span, sys_days day) {
  const year_month_day date(day);
  switch (span) {
    case Span::week: return day - (weekday(day) - Monday);
    case Span::month: return sys_days(date.year() / date.month() / 1);
    case Span::quarter: return sys_days(date.year() / month((unsigned(date.month()) - 1) / 3 * 3 + 1) / 1);
    case Span::year: return sys_days(date.year() / January / 1);
    default: return day;
  }
}

sys_days next_of_days(Span span, sys_days begin) {
  const year_month_day date(begin);
  switch (span) {
    case Span::week: return begin + days(7);
    case Span::month: return sys_days(date.year() / date.month() / 1 + months(1));
    case Span::quarter: return sys_days(date.year() / date.month() / 1 + months(3));
    case Span::year: return sys_days((date.year() + years(1)) / January / 1);
    default: return begin + days(1);
  }
}

}  // namespace

std::pair<base::Instant, base::Instant> calendar_period(Span span, base::Instant at, const base::TimeZone& zone) {
  const base::Instant local = zone.to_local(at);
  if (span == Span::minute || span == Span::hour) {
    const base::Duration length = span == Span::minute ? base::Duration(minutes(1)) : base::Duration(hours(1));
    const base::Duration into = base::Duration((local.time_since_epoch() % length + length) % length);
    return {at - into, at - into + length};
  }
  const sys_days begin = begin_of_days(span, floor<days>(local));
  return {zone.to_utc(base::Instant(begin)), zone.to_utc(base::Instant(next_of_days(span, begin)))};
}

base::Duration length_of(Span span) {
  const Rolling rolling = rolling_of(span);
  return span == Span::now ? base::Duration::zero() : base::Duration(rolling.bucket) * rolling.count;
}

PeriodClock::PeriodClock(Period period, base::TimeZone zone) : period_(period), zone_(std::move(zone)) {
  const Rolling rolling = rolling_of(period.span);
  length_us_ = base::Duration(rolling.bucket).count();
  buckets_ = rolling.count;
}

bool PeriodClock::move_to(base::Instant now) {
  if (now < ends_ && ends_ != base::kNever) return false;
  if (period_.calendar) {
    std::tie(from_, ends_) = calendar_period(period_.span, now, zone_);
    bucket_ = first_ = base::to_us(from_) / 1'000'000;
    return true;
  }
  bucket_ = base::to_us(now) / length_us_;
  first_ = bucket_ - buckets_ + 1;
  from_ = base::from_us(first_ * length_us_);
  ends_ = base::from_us((bucket_ + 1) * length_us_);
  return true;
}

std::int64_t PeriodClock::bucket_of(base::Instant at) const {
  return period_.calendar ? bucket_ : base::to_us(at) / length_us_;
}

base::Instant PeriodClock::end_of(std::int64_t bucket) const {
  return period_.calendar ? ends_ : base::from_us((bucket + 1) * length_us_);
}

}  // namespace cityloop::index
