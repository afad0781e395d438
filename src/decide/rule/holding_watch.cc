#include "decide/rule/holding_watch.h"

#include <algorithm>

namespace cityloop::decide {

void HoldingWatch::claim(Layout& layout) {
  const Rule& rule = *ruling_.rule;
  holding_ = {rule.hold.count(), rule.clear_hold.count(), rule.gap_max.count()};
  const Name derived = derived_name(rule.kind);
  condition_ = rule.condition ? Condition(*rule.condition, derived, layout) : Condition();
  has_clear_ = rule.clear.has_value();
  clear_ = rule.clear ? Condition(*rule.clear, derived, layout) : Condition();
  for (const Ordinal at : condition_.attributes()) show(at);
  for (const Ordinal at : clear_.attributes()) show(at);
}

HoldingWatch::Verdict HoldingWatch::compare(const Row& row, double derived) const {
  if (!is_selected(row)) return {false, true, derived, "the entity is no longer one that the rule selects"};
  const bool met = condition_.holds(row, derived);
  return {met, has_clear_ ? clear_.holds(row, derived) : !met, derived};
}

void HoldingWatch::judge(Track& track, const Moment& m) {
  // Of two attributes of one condition the one may be read later than the other: time does not go back for that.
  const std::int64_t t = std::max(m.t, track.last);
  holding_.bridge_gap(track, t);
  step(track, m, std::max(t, clock(track)));
  track.last = t;
  plan(track, m);
}

void HoldingWatch::wake(Track& track, const Moment& m) {
  settle(track, m, m.t);
  plan(track, m);
}

void HoldingWatch::settle(Track& track, const Moment& m, std::int64_t until) {
  for (;;) {
    const std::int64_t hold_over = holding_.deadline(track);
    const std::int64_t change = next_change(track);
    if (std::min(hold_over, change) > until) return;
    if (change < hold_over) {
      pass(track, change);
      step(track, m, change);
      continue;
    }
    Moment then = m;
    then.t = hold_over;
    const Verdict verdict = assess(track, then);
    const bool opens = track.phase == Phase::holding;
    opens ? on_open(track, then, hold_over, verdict) : on_clear(track, then, hold_over, verdict);
    track.phase = opens ? Phase::open : Phase::quiet;
  }
}

void HoldingWatch::step(Track& track, const Moment& m, std::int64_t t) {
  Moment then = m;
  then.t = t;
  const Verdict verdict = assess(track, then);
  if (track.is_open()) {
    if (!verdict.clear) {
      track.phase = Phase::open;
      return;
    }
    if (track.phase == Phase::open) track.since = t;
    track.phase = Phase::clearing;
    if (t - track.since < holding_.clear_hold_us) return;
    on_clear(track, then, t, verdict);
    track.phase = Phase::quiet;
  }
  if (!verdict.met) {
    track.phase = Phase::quiet;
    return;
  }
  if (track.phase == Phase::quiet) track.since = t;
  track.phase = Phase::holding;
  if (t - track.since < holding_.hold_us) return;
  on_open(track, then, t, verdict);
  track.phase = Phase::open;
}

void HoldingWatch::plan(Track& track, const Moment& m) {
  ask(track, m.thing, std::min(holding_.deadline(track), next_change(track)));
}

void HoldingWatch::on_open(Track& track, const Moment& m, std::int64_t at_us, const Verdict& verdict) {
  Opening opening;
  opening.at_us = at_us;
  opening.since_us = track.since;
  opening.derived = verdict.derived;
  opening.details = details(track, m);
  open_finding(track, m, opening);
}

void HoldingWatch::on_clear(Track& track, const Moment& m, std::int64_t at_us, const Verdict& verdict) {
  Clearing clearing;
  clearing.at_us = at_us;
  clearing.since_us = track.since;
  clearing.derived = verdict.derived;
  clearing.reason = verdict.reason;
  clearing.details = details(track, m);
  clear_finding(track, m, clearing);
}

}  // namespace cityloop::decide
