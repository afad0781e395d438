#include "decide/rule/watch.h"

#include <algorithm>

namespace cityloop::decide {

void Watch::bind(const Rule& rule, std::uint32_t ordinal, Tally& tally, bool referred_to, Layout& layout) {
  ruling_ = {&rule, ordinal, &tally, {}};
  referred_to_ = referred_to;
  layout.begin(rule.types);
  has_where_ = rule.where.has_value();
  where_ = rule.where ? Condition(*rule.where, {}, layout) : Condition();
  claim(layout);
  if (rule.response && rule.response->device.starts_with("$ref:")) {
    layout.need(Name(std::string_view(rule.response->device).substr(5)), true);
  }
}

void Watch::show(Ordinal attribute) {
  auto& shown = ruling_.shown;
  if (std::find(shown.begin(), shown.end(), attribute) == shown.end()) shown.push_back(attribute);
}

void Watch::open_finding(Track& track, const Moment& m, const Opening& opening) {
  around_.desk->open(ruling_, track, m, opening);
  if (referred_to_) around_.events.push_back({ruling_.ordinal, ruling_.rule->id, m.thing, true, opening.at_us});
}

void Watch::clear_finding(Track& track, const Moment& m, const Clearing& clearing) {
  around_.desk->clear(ruling_, track, m, clearing);
  if (referred_to_) around_.events.push_back({ruling_.ordinal, ruling_.rule->id, m.thing, false, clearing.at_us});
}

void Watch::forget(Track& track, const Moment& m, std::string_view reason) {
  if (track.finding != kNone) {
    Clearing clearing;
    clearing.at_us = m.now;
    clearing.reason = reason;
    clear_finding(track, m, clearing);
  }
  track = {};
}

}  // namespace cityloop::decide
