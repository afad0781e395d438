#include "decide/rule/window_watch.h"

#include <algorithm>

namespace cityloop::decide {

void WindowWatch::claim(Layout& layout) {
  layout.current().samples = true;
  if (const auto* rate = std::get_if<Rate>(&ruling_.rule->kind)) {
    window_ = {};
    window_.attribute = rate->attribute;
    window_.samples_min = 2;
    span_us_ = rate->window.count();
    per_us_ = rate->per.count();
  } else {
    window_ = std::get<Window>(ruling_.rule->kind);
    span_us_ = window_.span.count();
  }
  attribute_ = layout.trigger(window_.attribute, false);
  show(attribute_);
  HoldingWatch::claim(layout);
}

WindowWatch::Memory& WindowWatch::memory(Track& track) {
  const bool is_new = track.memory == kNone;
  Memory& memory = pool_.of(track);
  if (is_new) memory.window = SampleWindow(is_sorted());
  return memory;
}

void WindowWatch::sample(Track& track, const Moment& m, Ordinal attribute, double value) {
  if (attribute != attribute_ || std::isnan(value)) return;
  Memory& here = memory(track);
  here.clock = std::max(here.clock, m.t);
  if (m.t <= edge(here.clock)) return count_too_late();
  if (here.window.insert(m.t, value, window_.samples_max)) count_crowded_out();
  here.window.drop_until(edge(here.clock));
}

void WindowWatch::late(Track& track, const Moment& m, Ordinal attribute, const Reading& told) {
  count_late();
  if (attribute != attribute_ || std::isnan(told.number)) return;
  Memory& here = memory(track);
  if (here.clock != kNoTime && told.observed_us <= edge(here.clock)) return count_too_late();
  if (here.window.insert(told.observed_us, told.number, window_.samples_max)) count_crowded_out();
  here.clock = std::max(here.clock, told.observed_us);
  step(track, m, std::max(here.clock, track.last));
  plan(track, m);
}

double WindowWatch::derive(const Memory& here) const {
  const SampleWindow& window = here.window;
  if (window.size() < window_.samples_min) return kNotKnown;
  if (!is_rate()) return window.aggregate(window_.aggregate, window_.percentile);
  const Sample& first = window.oldest();
  const Sample& last = window.newest();
  return (last.value - first.value) / double(last.at_us - first.at_us) * double(per_us_);
}

HoldingWatch::Verdict WindowWatch::assess(Track& track, const Moment& m) {
  const Memory* const here = pool_.find(track);
  const double derived = here ? derive(*here) : kNotKnown;
  if (std::isnan(derived) && is_selected(m.row)) return {};
  return compare(m.row, derived);
}

// A rate stands until the next reading: what leaves its window says nothing of how fast the value changes.
std::int64_t WindowWatch::next_change(const Track& track) const {
  const Memory* const here = pool_.find(track);
  if (is_rate() || !here || here->window.empty()) return kNoDeadline;
  return here->window.oldest().at_us + span_us_;
}

void WindowWatch::pass(Track& track, std::int64_t t) {
  Memory& here = *pool_.find(track);
  here.clock = std::max(here.clock, t);
  here.window.drop_until(edge(here.clock));
}

std::string WindowWatch::details(const Track& track, const Moment&) const {
  const Memory* const here = pool_.find(track);
  if (!here) return {};
  base::JsonWriter out;
  out.object();
  if (is_rate()) {
    out.field("per", base::format_duration(base::Duration(per_us_)));
  } else {
    out.field("aggregate", to_string(window_.aggregate));
    if (window_.aggregate == Aggregate::percentile) out.field("percentile", window_.percentile);
  }
  out.field("span", base::format_duration(base::Duration(span_us_))).field("samples", here->window.size());
  if (!here->window.empty()) {
    const Sample& first = here->window.oldest();
    const Sample& last = here->window.newest();
    out.field("first", first.value).field("firstAt", base::format_time(base::from_us(first.at_us)));
    out.field("last", last.value).field("lastAt", base::format_time(base::from_us(last.at_us)));
  }
  out.end();
  return out.str().substr(1, out.str().size() - 2);
}

void WindowWatch::forget(Track& track, const Moment& m, std::string_view reason) {
  Track held = track;
  Watch::forget(track, m, reason);
  pool_.drop(held);
}

void WindowWatch::save(base::ByteWriter& out, const Track& track) const {
  const Memory& here = *pool_.find(track);
  out.svarint(here.clock);
  here.window.save(out);
}

void WindowWatch::load(base::ByteReader& in, Track& track) {
  Memory& here = memory(track);
  here.clock = in.svarint();
  here.window.load(in);
}

}  // namespace cityloop::decide
