#include "decide/rule/sequence_watch.h"

#include <algorithm>

namespace cityloop::decide {

void SequenceWatch::claim(Layout& layout) {
  sequence_ = std::get<Sequence>(ruling_.rule->kind);
  for (const Name type : sequence_.first.types) {
    auto& types = layout.current().types;
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
  }
  HoldingWatch::claim(layout);
  first_ = sequence_.first.condition ? Condition(*sequence_.first.condition, {}, layout) : Condition();
  then_ = sequence_.then.condition ? Condition(*sequence_.then.condition, {}, layout) : Condition();
  for (const Ordinal at : then_.attributes()) show(at);
}

bool SequenceWatch::plays(const Role& role, const Moment& m) const {
  const auto& mine = m.row.shape->types;
  return std::any_of(role.types.begin(), role.types.end(),
                     [&](Name type) { return std::find(mine.begin(), mine.end(), type) != mine.end(); });
}

SequenceWatch::Memory* SequenceWatch::memory(Thing thing) {
  Track* const track = board().track(thing, ruling_.ordinal);
  return track ? pool_.find(*track) : nullptr;
}

void SequenceWatch::moved(const Moment& m) {
  places_.put(m.thing, board().place(m.thing));
}

void SequenceWatch::judge(Track& track, const Moment& m) {
  const std::int64_t t = std::max(m.t, track.last);
  if (sequence_.first.condition && plays(sequence_.first, m)) note_first(track, m, first_.holds(m.row), t);
  if (!plays(sequence_.then, m)) {
    track.last = t;
    return;
  }
  if (sequence_.then.condition) note_then(track, m, is_selected(m.row) && then_.holds(m.row), t);
  HoldingWatch::judge(track, m);
}

void SequenceWatch::heard(const RuleEvent& event, Track& track, const Moment& m) {
  const std::string_view id = event.rule_id;
  if (sequence_.first.rule == id) note_first(track, m, event.active, event.at_us);
  if (sequence_.then.rule != id) return;
  note_then(track, m, event.active && is_selected(m.row), event.at_us);
  Moment then = m;
  then.t = event.at_us;
  HoldingWatch::judge(track, then);
}

void SequenceWatch::note_first(Track& track, const Moment& m, bool holds, std::int64_t t) {
  if (!holds) {
    if (Memory* const one = pool_.find(track); one && one->first) {
      // Another rule's finding lasted until now; a condition was last seen to hold at its last reading.
      if (!sequence_.first.rule.empty()) one->first_last = t;
      one->first = false;
    }
    return;
  }
  Memory& one = pool_.of(track);
  if (!one.first) one.first_from = t;
  one.first = true;
  one.first_last = std::max(one.first_last, t);
  if (one.first_from < newest_then_) match_waiting(m.thing, m);
}

void SequenceWatch::note_then(Track& track, const Moment& m, bool holds, std::int64_t t) {
  if (!holds) {
    if (Memory* const one = pool_.find(track)) one->then = false;
    return;
  }
  Memory& one = pool_.of(track);
  if (one.then) return;
  one.then = true;
  one.then_from = t;
  newest_then_ = std::max(newest_then_, t);
  one.matched.clear();
  one.matched_at = kNoTime;
  match(one, m.thing);
}

void SequenceWatch::offer(const Memory& first, Thing from, Memory& to) const {
  if (first.first_from == kNoTime || first.first_from >= to.then_from) return;
  const std::int64_t last = first.first ? to.then_from : std::min(first.first_last, to.then_from);
  if (last < to.then_from - sequence_.within.count()) return;
  const std::string_view id = board().id(from).text();
  // The latest; of equals the first by its id, whatever order they were looked at.
  if (to.matched_at > last || (to.matched_at == last && !to.matched.empty() && to.matched <= id)) return;
  to.matched = id;
  to.matched_at = last;
}

void SequenceWatch::match(Memory& one, Thing thing) {
  if (const Memory* const own = memory(thing)) offer(*own, thing, one);
  if (!sequence_.distance_m) return;
  for (const Thing other : places_.near(thing, *sequence_.distance_m)) {
    if (const Memory* const first = memory(other)) offer(*first, other, one);
  }
}

void SequenceWatch::match_waiting(Thing first, const Moment& m) {
  std::vector<Thing> candidates{first};
  if (sequence_.distance_m) {
    const auto& around = places_.near(first, *sequence_.distance_m);
    candidates.insert(candidates.end(), around.begin(), around.end());
  }
  for (const Thing thing : candidates) {
    Memory* const one = memory(thing);
    if (!one || !one->then || !one->matched.empty()) continue;
    offer(*memory(first), first, *one);
    if (one->matched.empty()) continue;
    Track& track = *board().track(thing, ruling_.ordinal);
    const Moment then{thing, board().row(thing), one->then_from, m.now};
    step(track, then, one->then_from);
    plan(track, then);
  }
}

// A reading that comes late may still be the A that a B waits for.
void SequenceWatch::late(Track& track, const Moment& m, Ordinal attribute, const Reading& told) {
  count_late();
  if (!sequence_.first.condition || !plays(sequence_.first, m) || std::isnan(told.number)) return;
  const Ordinal column = m.row.shape->columns[attribute];
  if (m.row.shape->value_columns[attribute] != kNoOrdinal) return;
  const Reading now = std::exchange(m.row.readings[column], told);
  const bool held = first_.holds(m.row);
  m.row.readings[column] = now;
  if (!held) return;
  Memory& one = pool_.of(track);
  // Only one stretch is kept: it may turn out to have begun earlier, or ended later, than was known.
  const bool is_before = one.first_from != kNoTime && told.observed_us < one.first_from;
  if (is_before && !one.first) return count_too_late();
  if (one.first_from == kNoTime || is_before) one.first_from = told.observed_us;
  one.first_last = std::max(one.first_last, told.observed_us);
  if (one.first_from < newest_then_) match_waiting(m.thing, m);
}

HoldingWatch::Verdict SequenceWatch::assess(Track& track, const Moment& m) {
  const Memory* const one = pool_.find(track);
  if (!is_selected(m.row)) return {false, true, kNotKnown, "the entity is no longer one that the rule selects"};
  const bool then = one && one->then;
  return {then && !one->matched.empty(), has_clear_ ? clear_.holds(m.row) : !then, kNotKnown};
}

void SequenceWatch::on_open(Track& track, const Moment& m, std::int64_t at_us, const Verdict&) {
  Opening opening;
  opening.at_us = at_us;
  opening.since_us = track.since;
  const Memory& one = *pool_.find(track);
  if (one.matched != board().id(m.thing).text()) opening.related.emplace_back(one.matched);
  opening.details = details(track, m);
  open_finding(track, m, opening);
}

std::string SequenceWatch::details(const Track& track, const Moment&) const {
  const Memory* const one = pool_.find(track);
  if (!one || one->matched.empty()) return {};
  base::JsonWriter out;
  out.object().field("first", one->matched).field("firstAt", base::format_time(base::from_us(one->matched_at)));
  if (sequence_.first.condition) out.field("firstCondition", sequence_.first.condition->text());
  else out.field("firstRule", sequence_.first.rule);
  out.field("thenAt", base::format_time(base::from_us(one->then_from)));
  out.field("within", base::format_duration(sequence_.within));
  if (sequence_.distance_m) out.field("distance_m", *sequence_.distance_m);
  out.end();
  return out.str().substr(1, out.str().size() - 2);
}

void SequenceWatch::forget(Track& track, const Moment& m, std::string_view reason) {
  Track held = track;
  Watch::forget(track, m, reason);
  pool_.drop(held);
  places_.put(m.thing, std::nullopt);
}

void SequenceWatch::save(base::ByteWriter& out, const Track& track) const {
  const Memory& one = *pool_.find(track);
  out.u8(std::uint8_t(one.first | one.then << 1));
  for (const std::int64_t at : {one.first_from, one.first_last, one.then_from, one.matched_at}) out.svarint(at);
  out.text(one.matched);
}

void SequenceWatch::load(base::ByteReader& in, Track& track) {
  Memory& one = pool_.of(track);
  const std::uint8_t flags = in.u8();
  one.first = (flags & 1) != 0;
  one.then = (flags & 2) != 0;
  for (std::int64_t* at : {&one.first_from, &one.first_last, &one.then_from, &one.matched_at}) *at = in.svarint();
  one.matched = in.text();
}

void SequenceWatch::loaded() {
  places_ = {};
  board().each(ruling_.ordinal, [&](Thing thing, Track& track) {
    if (uses_place()) places_.put(thing, board().place(thing));
    if (const Memory* const one = pool_.find(track)) newest_then_ = std::max(newest_then_, one->then_from);
  });
}

}  // namespace cityloop::decide
