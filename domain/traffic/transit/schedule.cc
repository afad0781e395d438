#include "domain/traffic/transit/schedule.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>

#include <fmt/format.h>

#include "domain/traffic/transit/service_days.h"

namespace cityloop::traffic {
namespace {

using std::chrono::sys_days;

// Numbers of rows in order of their ids, to be found by halving.
template <class Row>
std::vector<std::uint32_t> by_id(const TextPool& texts, const std::vector<Row>& rows) {
  std::vector<std::uint32_t> out(rows.size());
  std::iota(out.begin(), out.end(), 0u);
  std::sort(out.begin(), out.end(), [&](auto a, auto b) { return texts[rows[a].id] < texts[rows[b].id]; });
  return out;
}

template <class Number, class Row>
Number find(const TextPool& texts, const std::vector<Row>& rows, const std::vector<std::uint32_t>& order,
            std::string_view id) {
  const auto found = std::lower_bound(order.begin(), order.end(), id,
                                      [&](auto row, auto wanted) { return texts[rows[row].id] < wanted; });
  return found != order.end() && texts[rows[*found].id] == id ? Number(*found) : kNo<Number>;
}

// Turns a list of (bucket, item) into begins and items: counting sort, stable.
template <class Item, class Pairs>
void into_buckets(std::size_t buckets, const Pairs& pairs, std::vector<std::uint32_t>& begin,
                  std::vector<Item>& items) {
  begin.assign(buckets + 1, 0);
  for (const auto& [bucket, item] : pairs) ++begin[bucket + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  items.resize(pairs.size());
  auto next = begin;
  for (const auto& [bucket, item] : pairs) items[next[bucket]++] = item;
}

template <class T>
std::size_t held(const std::vector<T>& v) {
  return v.capacity() * sizeof(T);
}

std::string translation_key(std::string_view table, std::string_view field, std::string_view lang, char by,
                            std::string_view what) {
  return fmt::format("{}\x1f{}\x1f{}\x1f{}{}", table, field, lang, by, what);
}

}  // namespace

bool operator==(const Call& a, const Call& b) {
  const bool same_dist = a.shape_dist == b.shape_dist || (std::isnan(a.shape_dist) && std::isnan(b.shape_dist));
  return a.stop == b.stop && a.arrival_s == b.arrival_s && a.departure_s == b.departure_s && a.sequence == b.sequence &&
         a.headsign == b.headsign && same_dist && a.flags == b.flags;
}

TextNo TextPool::add(std::string_view text) {
  if (text.empty()) return TextNo{};
  const auto [found, fresh] = known_.try_emplace(std::string(text), TextNo(ends_.size() - 1));
  if (fresh) {
    bytes_ += text;
    ends_.push_back(std::uint32_t(bytes_.size()));
  }
  return found->second;
}

double distance_m(Spot a, Spot b) {
  constexpr double kMetrePerE7 = geo::kEarthRadius_m * std::numbers::pi / 180 * 1e-7;
  const double y = (double(b.lat_e7) - a.lat_e7) * kMetrePerE7;
  const double x = (double(b.lon_e7) - a.lon_e7) * kMetrePerE7 *
                   std::cos((double(a.lat_e7) + b.lat_e7) * 0.5e-7 * std::numbers::pi / 180);
  return std::hypot(x, y);
}

bool Service::runs_on(sys_days day) const {
  const auto found = std::lower_bound(exceptions.begin(), exceptions.end(), day,
                                      [](const Exception& e, sys_days wanted) { return e.date < wanted; });
  if (found != exceptions.end() && found->date == day) return found->added;
  if (!in_calendar || day < first || day > last) return false;
  return weekdays >> (std::chrono::weekday(day).iso_encoding() - 1) & 1;
}

void Schedule::settle() {
  texts.settle();
  stop_by_id_ = by_id(texts, stops);
  route_by_id_ = by_id(texts, routes);
  trip_by_id_ = by_id(texts, trips);
  std::vector<std::pair<std::uint32_t, Visit>> visits;
  visits.reserve(calls.size());
  for (std::uint32_t p = 0; p + 1 < pattern_begin.size(); ++p) {
    for (std::uint32_t i = 0; i < calls_of(PatternNo(p)); ++i) {
      visits.emplace_back(std::uint32_t(call(PatternNo(p), i).stop), Visit{PatternNo(p), i});
    }
  }
  into_buckets(stops.size(), visits, visit_begin_, visits_);

  frequency_trips_.clear();
  frequencies_of_.clear();
  std::vector<std::uint32_t> place(trips.size(), kNo<std::uint32_t>);
  for (std::uint32_t f = 0; f < frequencies.size(); ++f) {
    std::uint32_t& slot = place[at(frequencies[f].trip)];
    if (slot == kNo<std::uint32_t>) {
      slot = std::uint32_t(frequency_trips_.size());
      frequency_trips_.push_back(std::uint32_t(frequencies[f].trip));
      frequencies_of_.emplace_back();
    }
    frequencies_of_[slot].push_back(f);
  }
  pattern_routes_.assign(pattern_begin.size() - 1, {});
  for (const Trip& trip : trips) {
    std::vector<RouteNo>& known = pattern_routes_[at(trip.pattern)];
    if (std::find(known.begin(), known.end(), trip.route) == known.end()) known.push_back(trip.route);
  }
  pattern_frequency_trips_.assign(pattern_begin.size() - 1, {});
  std::vector<std::pair<std::uint32_t, TripNo>> runs;
  runs.reserve(trips.size());
  last_second_ = 0;
  for (std::uint32_t t = 0; t < trips.size(); ++t) {
    const Trip& trip = trips[t];
    std::int32_t last_start = trip.start_s;
    if (place[t] == kNo<std::uint32_t>) {
      runs.emplace_back(std::uint32_t(trip.pattern), TripNo(t));
    } else {
      pattern_frequency_trips_[at(trip.pattern)].push_back(place[t]);
      for (const auto f : frequencies_of_[place[t]]) last_start = std::max(last_start, frequencies[f].until_s);
    }
    last_second_ = std::max(last_second_, last_start + call(TripNo(t), calls_of(TripNo(t)) - 1).departure_s);
  }
  std::sort(runs.begin(), runs.end(), [&](const auto& a, const auto& b) {
    const std::int32_t left = trips[at(a.second)].start_s, right = trips[at(b.second)].start_s;
    return left != right ? left < right : a.second < b.second;
  });
  into_buckets(pattern_begin.size() - 1, runs, pattern_trip_begin_, pattern_trips_);
  std::vector<std::pair<std::uint32_t, StopNo>> children;
  for (std::uint32_t s = 0; s < stops.size(); ++s) {
    if (stops[s].parent != kNo<StopNo>) children.emplace_back(std::uint32_t(stops[s].parent), StopNo(s));
  }
  into_buckets(stops.size(), children, children_begin_, children_);
  translation_.clear();
  for (const Translation& one : translations) {
    const bool by_record = one.record != TextNo{};
    const TextNo what = by_record ? one.record : one.value;
    translation_.insert_or_assign(
        translation_key(text(one.table), text(one.field), text(one.lang), by_record ? 'r' : 'v', text(what)), one.text);
  }
}

StopNo Schedule::stop_of(std::string_view id) const {
  return find<StopNo>(texts, stops, stop_by_id_, id);
}
RouteNo Schedule::route_of(std::string_view id) const {
  return find<RouteNo>(texts, routes, route_by_id_, id);
}
TripNo Schedule::trip_of(std::string_view id) const {
  return find<TripNo>(texts, trips, trip_by_id_, id);
}

std::size_t Schedule::stop_times() const {
  std::size_t out = 0;
  for (const Trip& trip : trips) out += calls_of(trip.pattern);
  return out;
}

std::vector<StopNo> Schedule::platforms_of(StopNo stop) const {
  if (stops[at(stop)].location_type != 1) return {stop};
  std::vector<StopNo> out;
  for (std::uint32_t i = children_begin_[at(stop)]; i < children_begin_[at(stop) + 1]; ++i) {
    if (stops[at(children_[i])].location_type == 0) out.push_back(children_[i]);
  }
  return out;
}

std::vector<RouteNo> Schedule::routes_of(StopNo stop) const {
  std::vector<RouteNo> out;
  for (const StopNo platform : platforms_of(stop)) {
    for (std::uint32_t v = visit_begin_[at(platform)]; v < visit_begin_[at(platform) + 1]; ++v) {
      const auto& routes_here = pattern_routes_[at(visits_[v].pattern)];
      out.insert(out.end(), routes_here.begin(), routes_here.end());
    }
  }
  const auto id = [&](RouteNo route) { return text(routes[at(route)].id); };
  std::sort(out.begin(), out.end(), [&](RouteNo a, RouteNo b) { return id(a) < id(b); });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

const std::vector<std::uint32_t>& Schedule::frequencies_of(TripNo trip) const {
  static const std::vector<std::uint32_t> none;
  const auto found = std::lower_bound(frequency_trips_.begin(), frequency_trips_.end(), std::uint32_t(trip));
  if (found == frequency_trips_.end() || *found != std::uint32_t(trip)) return none;
  return frequencies_of_[std::size_t(found - frequency_trips_.begin())];
}

base::Instant Schedule::time_of(sys_days day, std::int32_t second) const {
  return service_day_start(zone, day) + std::chrono::seconds(second);
}

// Runs whose start lies in [from, until) seconds of the day, whatever the service says.
template <class Take>
void Schedule::each_run(const Visit& visit, sys_days day, std::int32_t from_s, std::int32_t until_s,
                        Take&& take) const {
  const std::size_t p = at(visit.pattern);
  const auto first = pattern_trips_.begin() + pattern_trip_begin_[p];
  const auto last = pattern_trips_.begin() + pattern_trip_begin_[p + 1];
  auto run = std::lower_bound(first, last, from_s,
                              [&](TripNo t, std::int32_t wanted) { return trips[at(t)].start_s < wanted; });
  for (; run != last && trips[at(*run)].start_s < until_s; ++run) {
    if (runs_on(*run, day)) take(*run, trips[at(*run)].start_s);
  }
  for (const std::uint32_t slot : pattern_frequency_trips_[p]) {
    const TripNo trip{frequency_trips_[slot]};
    if (!runs_on(trip, day)) continue;
    for (const std::uint32_t f : frequencies_of_[slot]) {
      const Frequency& one = frequencies[f];
      const std::int32_t skipped = std::max(0, from_s - one.from_s + one.headway_s - 1) / one.headway_s;
      for (std::int32_t start = one.from_s + skipped * one.headway_s; start < std::min(one.until_s, until_s);
           start += one.headway_s) {
        take(trip, start);
      }
    }
  }
}

std::vector<Departure> Schedule::departures(StopNo stop, base::Instant from, base::Instant until,
                                            std::size_t max) const {
  std::vector<Departure> out;
  if (until <= from) return out;
  const auto longest = std::chrono::seconds(last_second_) + std::chrono::hours(2);
  const sys_days last_day = local_day(zone, until);
  for (sys_days day = local_day(zone, from - longest); day <= last_day; day += std::chrono::days(1)) {
    const base::Instant begin = time_of(day, 0);
    const auto second = [&](base::Instant t) {
      return std::int32_t(std::chrono::ceil<std::chrono::seconds>(t - begin).count());
    };
    for (const StopNo platform : platforms_of(stop)) {
      for (std::uint32_t v = visit_begin_[at(platform)]; v < visit_begin_[at(platform) + 1]; ++v) {
        const Visit& visit = visits_[v];
        const Call& here = call(visit.pattern, visit.call);
        each_run(
            visit, day, second(from) - here.departure_s, second(until) - here.departure_s,
            [&](TripNo trip, std::int32_t start_s) {
              out.push_back({trip, visit.call, day, start_s, begin + std::chrono::seconds(start_s + here.arrival_s),
                             begin + std::chrono::seconds(start_s + here.departure_s)});
            });
      }
    }
  }
  std::sort(out.begin(), out.end(), [&](const Departure& a, const Departure& b) {
    if (a.departure != b.departure) return a.departure < b.departure;
    const Trip &left = trips[at(a.trip)], &right = trips[at(b.trip)];
    if (left.route != right.route) return text(routes[at(left.route)].id) < text(routes[at(right.route)].id);
    return text(left.id) < text(right.id);
  });
  if (out.size() > max) out.resize(max);
  return out;
}

std::vector<Departure> Schedule::runs_of_day(sys_days day) const {
  std::vector<Departure> out;
  for (std::uint32_t p = 0; p + 1 < pattern_begin.size(); ++p) {
    each_run({PatternNo(p), 0}, day, std::numeric_limits<std::int32_t>::min() / 2,
             std::numeric_limits<std::int32_t>::max() / 2, [&](TripNo trip, std::int32_t start_s) {
               const base::Instant at = time_of(day, start_s);
               out.push_back({trip, 0, day, start_s, at, at});
             });
  }
  std::sort(out.begin(), out.end(), [&](const Departure& a, const Departure& b) {
    return a.start_s != b.start_s ? a.start_s < b.start_s : text(trips[at(a.trip)].id) < text(trips[at(b.trip)].id);
  });
  return out;
}

std::string_view Schedule::translated(std::string_view table, std::string_view field, TextNo record, TextNo value,
                                      std::string_view lang) const {
  for (const auto& [by, what] : {std::pair('r', record), std::pair('v', value)}) {
    if (translation_.empty() || what == TextNo{}) continue;
    const auto found = translation_.find(translation_key(table, field, lang, by, text(what)));
    if (found != translation_.end()) return text(found->second);
  }
  return text(value);
}

Schedule::Bytes Schedule::bytes() const {
  Bytes out{};
  out.texts = texts.bytes();
  out.stops =
      held(stops) + held(stop_by_id_) + held(visit_begin_) + held(visits_) + held(children_) + held(children_begin_);
  out.routes = held(routes) + held(route_by_id_);
  out.trips = held(trips) + held(trip_by_id_) + held(pattern_trips_) + held(pattern_trip_begin_);
  out.patterns = held(calls) + held(pattern_begin) + held(pattern_frequency_trips_);
  out.shapes = held(shape_points) + held(shape_dist) + held(shape_begin) + held(shape_ids);
  out.other = held(frequencies) + held(transfers) + held(translations) + held(services);
  for (const Service& one : services) out.other += held(one.exceptions);
  out.total = out.texts + out.stops + out.routes + out.trips + out.patterns + out.shapes + out.other;
  return out;
}

}  // namespace cityloop::traffic
