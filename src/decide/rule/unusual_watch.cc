#include "decide/rule/unusual_watch.h"

#include <algorithm>

namespace cityloop::decide {

void UnusualWatch::claim(Layout& layout) {
  layout.current().samples = true;
  unusual_ = std::get<Unusual>(ruling_.rule->kind);
  attribute_ = layout.trigger(unusual_.attribute, false);
  show(attribute_);
  HoldingWatch::claim(layout);
}

void UnusualWatch::sample(Track&, const Moment&, Ordinal attribute, double value) {
  sampled_ |= attribute == attribute_ && !std::isnan(value);
}

HoldingWatch::Verdict UnusualWatch::assess(Track& track, const Moment& m) {
  const Usual* const usual = pool_.find(track);
  const Reading* const reading = m.row.reading(attribute_);
  if (!usual || !reading->known()) return {};
  const Usual::Sight sight = usual->look(unusual_, local_hour(around_.zone, base::from_us(reading->observed_us)));
  if (sight.weeks < unusual_.weeks_min || sight.samples < unusual_.samples_min) return {};
  const double above = (reading->number - sight.median) / std::max(1.4826 * sight.mad, unusual_.floor);
  const double departure = unusual_.direction == Direction::above   ? above
                           : unusual_.direction == Direction::below ? -above
                                                                    : std::fabs(above);
  return std::isnan(departure) ? Verdict{} : compare(m.row, departure);
}

void UnusualWatch::judge(Track& track, const Moment& m) {
  HoldingWatch::judge(track, m);
  if (!std::exchange(sampled_, false)) return;
  const Reading* const reading = m.row.reading(attribute_);
  if (std::isnan(reading->number) || !may_learn(track, reading->observed_us)) return;
  pool_.of(track).learn(unusual_, local_hour(around_.zone, base::from_us(reading->observed_us)), reading->observed_us,
                        reading->number);
}

bool UnusualWatch::may_learn(const Track& track, std::int64_t t) const {
  if (track.phase == Phase::quiet) return true;
  return track.is_open() && t - track.opened_ms * 1000 > unusual_.relearn_after.count();
}

std::string UnusualWatch::details(const Track& track, const Moment& m) const {
  const Usual* const usual = pool_.find(track);
  const Reading* const reading = m.row.reading(attribute_);
  if (!usual || !reading->known()) return {};
  const LocalHour hour = local_hour(around_.zone, base::from_us(reading->observed_us));
  const Usual::Sight sight = usual->look(unusual_, hour);
  static constexpr const char* kDays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  base::JsonWriter out;
  out.object().field("median", sight.median).field("mad", sight.mad).field("floor", unusual_.floor);
  out.field("samples", sight.samples).field("weeks", sight.weeks).field("weekday", kDays[hour.of_week / 24]);
  out.field("hour", hour.of_week % 24).field("direction", to_string(unusual_.direction)).end();
  return out.str().substr(1, out.str().size() - 2);
}

void UnusualWatch::forget(Track& track, const Moment& m, std::string_view reason) {
  Track held = track;
  Watch::forget(track, m, reason);
  pool_.drop(held);
}

void UnusualWatch::save(base::ByteWriter& out, const Track& track) const {
  pool_.find(track)->save(out);
}

void UnusualWatch::load(base::ByteReader& in, Track& track) {
  pool_.of(track).load(in);
}

}  // namespace cityloop::decide
