#include "decide/rule/silence_watch.h"

#include <algorithm>

namespace cityloop::decide {

void SilenceWatch::claim(Layout& layout) {
  const Silence& silence = std::get<Silence>(ruling_.rule->kind);
  after_us_ = silence.after.count();
  attributes_.clear();
  for (const Name name : silence.attributes) {
    attributes_.push_back(layout.trigger(name, false));
    show(attributes_.back());
  }
  layout.current().samples = true;
  layout.current().any_reading = attributes_.empty();
}

void SilenceWatch::appear(Track& track, const Moment& m) {
  track.last = m.now;
  ask(track, m.thing, m.now + after_us_);
}

void SilenceWatch::open_if_silent(Track& track, const Moment& m, std::int64_t until) {
  const std::int64_t at = track.last + after_us_;
  if (track.finding != kNone || at > until || !is_selected(m.row)) return;
  base::JsonWriter last;
  last.text(base::format_time(base::from_us(track.last)));
  Opening opening;
  opening.at_us = at;
  opening.since_us = track.last;
  opening.details = fmt::format("\"lastHeard\":{}", last.str());
  open_finding(track, m, opening);
  track.phase = Phase::open;
}

void SilenceWatch::catch_up(Track& track, const Moment& m) {
  // Heard before this moment by another attribute of the same change, or due by its timer.
  if (m.t > track.last) open_if_silent(track, m, m.t - 1);
}

void SilenceWatch::sample(Track& track, const Moment& m, Ordinal attribute, double) {
  // `where` may be what triggered it.
  const bool counts =
      attributes_.empty() || std::find(attributes_.begin(), attributes_.end(), attribute) != attributes_.end();
  if (!counts || m.t <= track.last) return;
  track.last = m.t;
  if (track.finding != kNone) {
    Clearing clearing;
    clearing.at_us = m.t;
    clearing.reason = "heard again";
    clear_finding(track, m, clearing);
    track.phase = Phase::quiet;
  }
  ask(track, m.thing, track.last + after_us_);
}

void SilenceWatch::judge(Track& track, const Moment& m) {
  if (track.finding == kNone || is_selected(m.row)) return;
  Clearing clearing;
  clearing.at_us = std::max(m.t, track.last + after_us_);
  clearing.reason = "the entity is no longer one that the rule selects";
  clear_finding(track, m, clearing);
  track.phase = Phase::quiet;
  ask(track, m.thing, clearing.at_us + after_us_);
}

void SilenceWatch::wake(Track& track, const Moment& m) {
  open_if_silent(track, m, m.t);
  if (track.finding != kNone) return;
  // Not selected now: look again after as long.
  const std::int64_t next = track.last + after_us_;
  ask(track, m.thing, next > m.t ? next : m.t + after_us_);
}

}  // namespace cityloop::decide
