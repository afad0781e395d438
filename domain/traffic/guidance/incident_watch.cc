#include "domain/traffic/guidance/incident_watch.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "domain/traffic/guidance/segment.h"

namespace cityloop::traffic {
namespace {

// A reading of five minutes says more than one of a minute, but not five times as much: it is not smoothed.
constexpr double kStepMost_min = 2;
// Slower than that it stands: a queue at a light does not for minutes on end, one behind a blockage does.
constexpr double kStands_kmh = 0.5;

}  // namespace

IncidentWatch::Track& IncidentWatch::track(std::uint32_t segment) {
  if (segment >= tracks_.size()) tracks_.resize(segment + 1);
  return tracks_[segment];
}

void IncidentWatch::link(std::vector<std::vector<std::uint32_t>> downstream) {
  downstream_ = std::move(downstream);
  upstream_.assign(downstream_.size(), {});
  for (std::uint32_t from = 0; from < downstream_.size(); ++from) {
    for (const std::uint32_t to : downstream_[from]) upstream_[to].push_back(from);
  }
}

double IncidentWatch::smooth(const IncidentReading& reading, Track& one) const {
  using Minutes = std::chrono::duration<double, std::ratio<60>>;
  const bool gap = one.last == base::kNever || reading.at - one.last > options_.gap_max;
  const double since_min = gap ? 1 : Minutes(reading.at - one.last).count();
  if (gap) {
    one.sum = one.climb = 0, one.signs = 0;
    one.weight = one.way = one.minutes = one.counted = 0;
  }
  if (one.first == base::kNever) one.first = reading.at;
  one.last = reading.at;
  one.usual_climb *= std::exp(-since_min / Minutes(options_.climb_fades).count());
  // A vehicle counts as long as it is there: then the mean is one over space, where who stands is not overlooked.
  const bool dense = reading.occupancy >= 0;
  const double minutes = std::min(since_min, 5.0), kept = std::exp(-since_min / Minutes(options_.smooth).count());
  const double there = minutes * (dense ? std::max(0.1, 100 * reading.occupancy) : std::max(0.1, reading.vehicles));
  one.weight = kept * one.weight + there;
  one.way = kept * one.way + there * reading.speed_kmh;
  one.minutes = kept * one.minutes + minutes;
  one.counted = kept * one.counted + minutes * reading.vehicles;
  one.speed_kmh = one.way / one.weight;
  one.vehicles = one.counted / one.minutes;
  return minutes;
}

// How high the sum climbs where nothing is the matter. What was told of as an incident teaches half, for it may have
// been none.
void IncidentWatch::learn_climb(Track& one) const {
  one.climb = std::max(one.climb, one.sum);
  const bool learning = one.last - one.first < options_.learn_for;
  if (learning) one.usual_climb = std::max(one.usual_climb, one.climb);
  if (one.sum > 0) return;
  one.usual_climb = std::max(one.usual_climb, one.told ? one.climb / 2 : one.climb);
  one.climb = 0;
  one.told = false;
}

// Smoothing, the running sum and the signs in a row, before anything is decided.
void IncidentWatch::take(const IncidentReading& reading, Track& one) const {
  const double minutes = smooth(reading, one);
  one.expected_kmh = reading.expected_kmh;
  one.free_flow_kmh = reading.free_flow_kmh;
  one.slow = one.lack = 0;
  if (reading.expected_kmh <= 0) {
    one.signs = 0;  // nothing is opened against nothing
    return;
  }
  // A mean absolute deviation is 0.8 of a standard one in a normal distribution.
  const double spread = std::max(options_.spread_least, 1.25 * reading.spread_kmh / reading.expected_kmh);
  one.slow = std::clamp(std::log(reading.expected_kmh / std::max(kStands_kmh, one.speed_kmh)) / spread, -3.0, 10.0);
  if (reading.expected_vehicles > 0 && reading.vehicles < IncidentReading::kManyVehicles) {
    const double least = std::max(0.5, 0.25 * reading.expected_vehicles);
    one.lack = std::clamp((reading.expected_vehicles - one.vehicles) / std::max(least, 1.25 * reading.spread_vehicles),
                          -3.0, 4.0);
  }
  double step = options_.slow_weight * one.slow + options_.lack_weight * one.lack - options_.allowance;
  step = std::clamp(step, -options_.step_max, options_.step_max);
  if (step > 0) {
    const double enough = reading.occupancy >= 0 ? one.weight / one.minutes / (100 * options_.occupancy_min)
                                                 : std::max(one.counted, reading.vehicles) / options_.vehicles_min;
    step *= std::min(1.0, enough);
  }
  one.sum = std::clamp(one.sum + step * std::min(minutes, kStepMost_min), 0.0,
                       1.5 * std::max(options_.limit, options_.climb_max));
  const bool sign =
      step > 0 && ratio(one) < options_.drop_ratio && one.speed_kmh < options_.free_flow_ratio * reading.free_flow_kmh;
  if (!sign) one.signs = 0;
  else if (one.signs++ == 0) one.since = reading.at;
  learn_climb(one);
}

std::optional<double> IncidentWatch::beyond(std::uint32_t segment, base::Instant at) const {
  std::optional<double> out;
  if (segment >= downstream_.size()) return out;
  for (const std::uint32_t next : downstream_[segment]) {
    if (next >= tracks_.size() || tracks_[next].last == base::kNever || at - tracks_[next].last > options_.gap_max)
      continue;
    out = std::min(out.value_or(10), ratio(tracks_[next]));
  }
  return out;
}

// One incident slows several segments: who is next to an open one belongs to it.
bool IncidentWatch::open_nearby(std::uint32_t segment) const {
  if (segment >= downstream_.size()) return false;
  const auto any = [&](const std::vector<std::uint32_t>& next) {
    return std::ranges::any_of(next, [&](std::uint32_t one) { return is_open(one); });
  };
  if (any(downstream_[segment]) || any(upstream_[segment])) return true;
  return std::ranges::any_of(downstream_[segment], [&](std::uint32_t next) { return any(downstream_[next]); });
}

// A segment downstream that is unusually slow as well has its cause further on, and this one is its queue.
bool IncidentWatch::queue_from_beyond(std::uint32_t segment, base::Instant at) const {
  if (segment >= downstream_.size()) return false;
  return std::ranges::any_of(downstream_[segment], [&](std::uint32_t next) {
    if (next >= tracks_.size()) return false;
    const Track& one = tracks_[next];
    const bool heard = one.last != base::kNever && at - one.last <= options_.gap_max;
    return heard && one.slow >= options_.beyond_slow;
  });
}

double IncidentWatch::needed(const Track& one, std::uint32_t segment) const {
  const double least = std::max(options_.limit, std::min(options_.climb_max, options_.usual_climb * one.usual_climb));
  // Where nothing is known of the road beyond, the queue may be another's.
  return beyond(segment, one.last) ? least : std::min(1.5 * least, std::max(options_.limit, options_.climb_max));
}

bool IncidentWatch::is_believed(const Track& one, std::uint32_t segment) const {
  if (one.last - one.first < options_.learn_for) return false;
  if (one.signs < options_.readings_min || one.last - one.since < options_.hold) return false;
  return one.sum >= needed(one, segment) && !queue_from_beyond(segment, one.last);
}

Incident IncidentWatch::incident(std::uint32_t segment, const Track& one) const {
  Incident out{.segment = segment,
               .since = one.since,
               .at = one.last,
               .speed_kmh = one.speed_kmh,
               .expected_kmh = one.expected_kmh,
               .free_flow_kmh = one.free_flow_kmh,
               .slow = one.slow,
               .lack = one.lack,
               .sum = one.sum,
               .needed = needed(one, segment),
               .signs = one.signs,
               .beyond_ratio = beyond(segment, one.last),
               .queue = {}};
  if (segment < upstream_.size()) {
    for (const std::uint32_t before : upstream_[segment]) {
      if (is_slow(before)) out.queue.push_back(before);
    }
  }
  return out;
}

IncidentWatch::Outcome IncidentWatch::see(const IncidentReading& reading) {
  Track& one = track(reading.segment);
  Outcome out;
  if (one.last != base::kNever && reading.at <= one.last) return out;
  take(reading, one);
  if (!one.open) {
    const bool nearby = one.sum > 0 && open_nearby(reading.segment);
    one.told = one.told || nearby;
    if (!nearby && is_believed(one, reading.segment)) {
      one.open = one.told = true;
      one.well_since = base::kNever;
      out.opened = incident(reading.segment, one);
    }
    return out;
  }
  if (ratio(one) < options_.clear_ratio) {
    one.well_since = base::kNever;
    return out;
  }
  if (one.well_since == base::kNever) one.well_since = reading.at;
  if (reading.at - one.well_since < options_.clear_hold) return out;
  one.open = false;
  one.sum = 0;
  learn_climb(one);
  out.cleared = incident(reading.segment, one);
  return out;
}

std::optional<Incident> IncidentWatch::silent(std::uint32_t segment, base::Instant now) {
  Track& one = track(segment);
  if (!one.open || now - one.last < options_.silent_after) return std::nullopt;
  Incident out = incident(segment, one);
  out.at = now;
  one.open = false;
  one.sum = 0;
  learn_climb(one);
  return out;
}

void IncidentWatch::forget(std::uint32_t segment) {
  if (segment < tracks_.size()) tracks_[segment] = {};
}

void IncidentWatch::save(base::ByteWriter& out) const {
  out.varint(tracks_.size());
  for (const Track& one : tracks_) {
    out.u8(std::uint8_t((one.last != base::kNever) | one.open << 1 | one.told << 2));
    if (one.last == base::kNever) continue;
    for (const base::Instant at : {one.first, one.last, one.since, one.well_since}) out.svarint(base::to_us(at));
    for (const double v : {one.weight, one.way, one.minutes, one.counted, one.speed_kmh, one.expected_kmh,
                           one.free_flow_kmh, one.vehicles, one.slow, one.lack, one.sum, one.climb, one.usual_climb})
      out.f64(v);
    out.varint(std::uint64_t(one.signs));
  }
}

base::Status IncidentWatch::load(base::ByteReader& in) {
  tracks_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Track& one = tracks_.emplace_back();
    const std::uint8_t is = in.u8();
    one.open = is >> 1 & 1;
    one.told = is >> 2 & 1;
    if (!(is & 1)) continue;
    for (base::Instant* const at : {&one.first, &one.last, &one.since, &one.well_since})
      *at = base::from_us(in.svarint());
    for (double* const v :
         {&one.weight, &one.way, &one.minutes, &one.counted, &one.speed_kmh, &one.expected_kmh, &one.free_flow_kmh,
          &one.vehicles, &one.slow, &one.lack, &one.sum, &one.climb, &one.usual_climb})
      *v = in.f64();
    one.signs = int(in.varint());
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the incidents of a checkpoint end too early");
  return {};
}

std::vector<std::vector<std::uint32_t>> downstream_of(std::span<const Segment> segments, double join_m) {
  // Squares a little wider than join_m in each direction: what is near lies in the same or a neighbouring one.
  const double side_deg = join_m / 111'000 * 1.1;
  const auto square = [&](geo::Position at) {
    const double shrink = std::max(0.05, std::cos(at.lat_deg / 57.29577951308232));
    return std::pair(std::int64_t(std::floor(at.lat_deg / side_deg)),
                     std::int64_t(std::floor(at.lon_deg * shrink / side_deg)));
  };
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::uint32_t>> begins;
  for (std::uint32_t i = 0; i < segments.size(); ++i) {
    if (!segments[i].gone && segments[i].line.size() >= 2) begins[square(segments[i].line.front())].push_back(i);
  }
  std::vector<std::vector<std::uint32_t>> out(segments.size());
  for (std::uint32_t i = 0; i < segments.size(); ++i) {
    const Segment& one = segments[i];
    if (one.gone || one.line.size() < 2) continue;
    const auto [row, column] = square(one.line.back());
    for (std::int64_t r = row - 1; r <= row + 1; ++r) {
      // A column's width depends a little on the latitude: one more on either side.
      for (std::int64_t c = column - 2; c <= column + 2; ++c) {
        const auto known = begins.find({r, c});
        if (known == begins.end()) continue;
        for (const std::uint32_t next : known->second) {
          if (next == i || geo::distance_m(one.line.back(), segments[next].line.front()) > join_m) continue;
          if (geo::distance_m(one.line.front(), segments[next].line.back()) <= join_m) continue;
          out[i].push_back(next);
        }
      }
    }
    std::ranges::sort(out[i]);
  }
  return out;
}

}  // namespace cityloop::traffic
