#include "decide/rule/point_watch.h"

namespace cityloop::decide {

void PointWatch::claim(Layout& layout) {
  numerator_ = denominator_ = kNoOrdinal;
  if (const auto* ratio = std::get_if<Ratio>(&ruling_.rule->kind)) {
    numerator_ = layout.trigger(ratio->numerator, false);
    denominator_ = layout.trigger(ratio->denominator, false);
    show(numerator_);
    show(denominator_);
  }
  HoldingWatch::claim(layout);
}

HoldingWatch::Verdict PointWatch::assess(Track&, const Moment& m) {
  if (numerator_ == kNoOrdinal) return compare(m.row, kNotKnown);
  const Reading* const above = m.row.reading(numerator_);
  const Reading* const below = m.row.reading(denominator_);
  const bool known = above->known() && below->known() && below->number != 0;
  const double ratio = known ? above->number / below->number : kNotKnown;
  if (std::isnan(ratio) && is_selected(m.row)) return {};
  return compare(m.row, ratio);
}

void PointWatch::late(Track& track, const Moment& m, Ordinal attribute, const Reading& told) {
  count_late();
  const bool in_hold = track.phase == Phase::holding || track.phase == Phase::clearing;
  if (!in_hold || told.observed_us <= track.since) {
    if (told.observed_us < track.since) count_too_late();
    return;
  }
  const Ordinal column = m.row.shape->columns[attribute];
  if (std::isnan(told.number) || m.row.shape->value_columns[attribute] != kNoOrdinal) return;
  const Reading now = std::exchange(m.row.readings[column], told);
  const Verdict then = assess(track, m);
  m.row.readings[column] = now;
  if (track.phase == Phase::holding ? then.met : then.clear) return;
  track.since = track.last;
  plan(track, m);
}

std::string PointWatch::details(const Track&, const Moment& m) const {
  if (numerator_ == kNoOrdinal) return {};
  base::JsonWriter out;
  out.object().field("numerator", m.row.reading(numerator_)->number);
  out.field("denominator", m.row.reading(denominator_)->number).end();
  return out.str().substr(1, out.str().size() - 2);
}

}  // namespace cityloop::decide
