#include "decide/rule/neighbours_watch.h"

#include <algorithm>

namespace cityloop::decide {

void NeighboursWatch::claim(Layout& layout) {
  neighbours_ = std::get<Neighbours>(ruling_.rule->kind);
  HoldingWatch::claim(layout);
}

Moment NeighboursWatch::at(Thing thing, const Moment& m, std::int64_t t) {
  return {thing, board().row(thing), t, m.now};
}

NeighboursWatch::Member* NeighboursWatch::member(Thing thing) {
  Track* const track = board().track(thing, ruling_.ordinal);
  return track ? pool_.find(*track) : nullptr;
}

bool NeighboursWatch::counts(Thing thing, std::int64_t t) {
  const Member* const one = member(thing);
  if (!one || one->began == kNoTime || one->began > t) return false;
  return one->counting || t - one->ended < neighbours_.within.count();
}

void NeighboursWatch::moved(const Moment& m) {
  places_.put(m.thing, board().place(m.thing));
}

void NeighboursWatch::on_open(Track& track, const Moment& m, std::int64_t at_us, const Verdict&) {
  begin(track, m, at_us);
}

void NeighboursWatch::on_clear(Track& track, const Moment& m, std::int64_t at_us, const Verdict&) {
  end(track, m, at_us);
}

void NeighboursWatch::begin(Track& track, const Moment& m, std::int64_t t) {
  Member& one = pool_.of(track);
  one.counting = true;
  one.began = t;
  plan_end(track, m.thing, one);
  consider(m.thing, m, t);
}

void NeighboursWatch::end(Track& track, const Moment& m, std::int64_t t) {
  Member& one = pool_.of(track);
  one.counting = false;
  one.ended = t;
  plan_end(track, m.thing, one);
  recount(m.thing, m, t);
}

// One that is no longer heard stops counting; one that has stopped counts a while longer.
void NeighboursWatch::plan_end(Track& track, Thing thing, const Member& one) {
  if (!one.counting) return ask(track, thing, one.ended + neighbours_.within.count());
  if (holding_.gap_max_us == 0 || !neighbours_.rule.empty()) return;
  ask(track, thing, std::max(track.last, one.began) + holding_.gap_max_us + 1);
}

void NeighboursWatch::wake(Track& track, const Moment& m) {
  HoldingWatch::wake(track, m);
  Member* const one = pool_.find(track);
  if (!one) return;
  const bool is_heard = holding_.gap_max_us == 0 || m.t - track.last <= holding_.gap_max_us;
  if (one->counting && neighbours_.rule.empty() && !is_heard) {
    track.phase = Phase::quiet;
    end(track, m, track.last + holding_.gap_max_us);
  } else if (one->counting || one->ended + neighbours_.within.count() > m.t) {
    plan_end(track, m.thing, *one);
  }
  recount(m.thing, m, m.t);
}

void NeighboursWatch::heard(const RuleEvent& event, Track& track, const Moment& m) {
  event.active ? begin(track, m, event.at_us) : end(track, m, event.at_us);
}

void NeighboursWatch::consider(Thing thing, const Moment& m, std::int64_t t) {
  if (const Member* one = member(thing); !one || !one->covered_by.empty()) return;
  std::vector<Thing> counting;
  for (const Thing other : places_.near(thing, neighbours_.distance_m)) {
    if (counts(other, t) && member(other)->covered_by.empty()) counting.push_back(other);
  }
  if (counting.size() + 1 >= neighbours_.k) open_around(thing, counting, m, t);
}

void NeighboursWatch::open_around(Thing thing, const std::vector<Thing>& counting, const Moment& m, std::int64_t t) {
  Track& track = *board().track(thing, ruling_.ordinal);
  Member& about = *pool_.find(track);
  about.covers = places_.near(thing, neighbours_.distance_m);
  about.covers.push_back(thing);
  for (const Thing other : about.covers) pool_.of(*board().track(other, ruling_.ordinal)).covered_by.push_back(thing);
  Opening opening;
  opening.at_us = t;
  opening.since_us = about.began;
  for (const Thing other : counting) opening.related.push_back(board().id(other));
  std::vector<Thing> all = counting;
  all.push_back(thing);
  opening.details = describe(thing, all);
  open_finding(track, at(thing, m, t), opening);
}

std::string NeighboursWatch::describe(Thing about, const std::vector<Thing>& counting) {
  std::vector<std::pair<std::string_view, Thing>> sorted;
  sorted.reserve(counting.size());
  for (const Thing one : counting) sorted.emplace_back(board().id(one).text(), one);
  std::sort(sorted.begin(), sorted.end());
  base::JsonWriter out;
  out.object().field("k", neighbours_.k).field("n", member(about)->covers.size());
  out.field("distance_m", neighbours_.distance_m).field("within", base::format_duration(neighbours_.within));
  out.key("counting").array();
  for (const auto& [id, one] : sorted) {
    out.object().field("entity", id).field("since", base::format_time(base::from_us(member(one)->began)));
    const Row row = board().row(one);
    for (const Ordinal shown : ruling_.shown) {
      const Reading* const reading = row.reading(shown);
      if (reading && !std::isnan(reading->number)) {
        out.field(board().layout().wanted()[shown].name.text(), reading->number);
      }
    }
    out.end();
  }
  out.end().end();
  return out.str().substr(1, out.str().size() - 2);
}

void NeighboursWatch::recount(Thing thing, const Moment& m, std::int64_t t) {
  const Member* const one = member(thing);
  if (!one) return;
  const std::vector<Thing> covered_by = one->covered_by;  // clearing changes it
  for (const Thing about : covered_by) {
    const std::vector<Thing> covers = member(about)->covers;
    std::vector<Thing> counting;
    for (const Thing other : covers) {
      if (counts(other, t)) counting.push_back(other);
    }
    if (counting.size() >= neighbours_.k) continue;
    Clearing clearing;
    clearing.at_us = t;
    clearing.reason = "condition";
    clearing.details = describe(about, counting);
    clear_finding(*board().track(about, ruling_.ordinal), at(about, m, t), clearing);
    uncover(about);
    // What it kept quiet may now be enough with others. Those that have come to rest do not begin anew: a group that
    // recovers one by one does so in silence.
    for (const Thing other : counting) {
      if (member(other)->counting) consider(other, m, t);
      const std::vector<Thing> around = places_.near(other, neighbours_.distance_m);
      for (const Thing next : around) {
        if (counts(next, t) && member(next)->counting) consider(next, m, t);
      }
    }
  }
}

void NeighboursWatch::uncover(Thing about) {
  for (const Thing other : std::exchange(member(about)->covers, {})) {
    if (Member* const one = member(other)) std::erase(one->covered_by, about);
  }
}

void NeighboursWatch::forget(Track& track, const Moment& m, std::string_view reason) {
  Member* const one = pool_.find(track);
  std::vector<Thing> covered_by;
  if (one) {
    one->counting = false;
    one->began = kNoTime;
    uncover(m.thing);
    covered_by = std::exchange(one->covered_by, {});
    for (const Thing about : covered_by) std::erase(member(about)->covers, m.thing);
  }
  Track held = track;
  Watch::forget(track, m, reason);
  pool_.drop(held);
  places_.put(m.thing, std::nullopt);
  for (const Thing about : covered_by) recount(about, m, m.now);
}

void NeighboursWatch::save(base::ByteWriter& out, const Track& track) const {
  const Member& one = *pool_.find(track);
  out.u8(one.counting);
  out.svarint(one.began);
  out.svarint(one.ended);
  for (const auto* list : {&one.covered_by, &one.covers}) {
    out.varint(list->size());
    for (const Thing thing : *list) out.varint(thing);
  }
}

void NeighboursWatch::load(base::ByteReader& in, Track& track) {
  Member& one = pool_.of(track);
  one.counting = in.u8() != 0;
  one.began = in.svarint();
  one.ended = in.svarint();
  for (auto* list : {&one.covered_by, &one.covers}) {
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      const auto thing = Thing(in.varint());
      if (board().is_used(thing)) list->push_back(thing);
    }
  }
}

void NeighboursWatch::loaded() {
  places_ = {};
  board().each(ruling_.ordinal, [&](Thing thing, Track&) { places_.put(thing, board().place(thing)); });
}

}  // namespace cityloop::decide
