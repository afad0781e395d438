#include "domain/traffic/transit/predictor.h"

#include <algorithm>
#include <cmath>

#include "domain/traffic/transit/service_days.h"

namespace cityloop::traffic {
namespace {

using base::Errc;
using base::fail;
using base::Instant;
using base::Result;
using std::chrono::seconds;

Instant from_unix(std::int64_t s) {
  return Instant(seconds(s));
}

Instant newest(const TripUpdate* update, const VehiclePosition* position) {
  return from_unix(std::max(update ? update->at_s : 0, position ? position->at_s : 0));
}

bool is_added(TripRelation relation) {
  return relation == TripRelation::added || relation == TripRelation::unscheduled ||
         relation == TripRelation::duplicated;
}

}  // namespace

// What an update says, by call.
struct Predictor::Given {
  std::vector<std::optional<std::int32_t>> arrival, departure;  // delays
  std::vector<StopRelation> relation;
  std::optional<std::int32_t> all;  // one delay for the whole trip
  int last{-1};                     // the last call that it says something of
};

Instant expected_arrival(const Schedule& s, const Run& run, std::size_t i) {
  if (run.id.trip == kNo<TripNo>) return run.added[i].arrival;
  const std::int32_t planned = run.id.start_s + s.call(run.id.trip, i).arrival_s;
  return s.time_of(run.id.day, planned + run.calls[i].arrival_delay_s);
}

Instant expected_departure(const Schedule& s, const Run& run, std::size_t i) {
  if (run.id.trip == kNo<TripNo>) return run.added[i].departure;
  const std::int32_t planned = run.id.start_s + s.call(run.id.trip, i).departure_s;
  return s.time_of(run.id.day, planned + run.calls[i].departure_delay_s);
}

Result<RunId> Predictor::resolve(const TripRef& ref, Instant about) const {
  const TripNo trip = schedule_.trip_of(ref.trip_id);
  if (trip == kNo<TripNo>) return fail(Errc::not_found, "the timetable has no trip '{}'", ref.trip_id);
  RunId out{trip, {}, schedule_.trips[at(trip)].start_s};
  if (const auto start = parse_clock(ref.start_time); start && !schedule_.frequencies_of(trip).empty())
    out.start_s = *start;
  // A run by frequency counts as the planned one next to it.
  for (const std::uint32_t f : schedule_.frequencies_of(trip)) {
    const Frequency& one = schedule_.frequencies[f];
    if (out.start_s < one.from_s - one.headway_s / 2 || out.start_s >= one.until_s + one.headway_s / 2) continue;
    const auto k = std::lround(double(out.start_s - one.from_s) / one.headway_s);
    const auto runs = (one.until_s - one.from_s + one.headway_s - 1) / one.headway_s;
    out.start_s = one.from_s + std::int32_t(std::clamp<long>(k, 0, runs - 1)) * one.headway_s;
    break;
  }
  if (const auto day = parse_day(ref.start_date)) {
    out.day = *day;
    return out;
  }
  // Without a date: the service day on which it would be under way now, or nearest to it.
  const std::int32_t middle = out.start_s + schedule_.call(trip, schedule_.calls_of(trip) - 1).arrival_s / 2;
  base::Duration best = base::Duration::max();
  const auto today = local_day(schedule_.zone, about);
  for (auto day = today - std::chrono::days(2); day <= today + std::chrono::days(1); day += std::chrono::days(1)) {
    const base::Duration away = std::chrono::abs(schedule_.time_of(day, middle) - about);
    if (!schedule_.runs_on(trip, day) || away >= best) continue;
    best = away;
    out.day = day;
  }
  if (best == base::Duration::max())
    return fail(Errc::not_found, "the trip '{}' does not run on these days", ref.trip_id);
  return out;
}

const TripPath& Predictor::path(TripNo trip) {
  const Trip& one = schedule_.trips[at(trip)];
  const auto [found, fresh] = paths_.try_emplace({one.pattern, one.shape});
  if (fresh) found->second = path_of(schedule_, trip);
  return found->second;
}

Predictor::Given Predictor::given_by(const TripUpdate& update, const Run& run, std::int32_t shift_s) const {
  const std::size_t n = schedule_.calls_of(run.id.trip);
  Given out{std::vector<std::optional<std::int32_t>>(n),
            std::vector<std::optional<std::int32_t>>(n),
            std::vector<StopRelation>(n),
            {},
            -1};
  if (update.delay_s && update.stops.empty()) out.all = *update.delay_s + shift_s;
  std::size_t from = 0;
  for (const StopUpdate& stop : update.stops) {
    std::size_t i = from;
    const auto matches = [&](const Call& call) {
      if (stop.sequence) return call.sequence == *stop.sequence;
      return schedule_.text(schedule_.stops[at(call.stop)].id) == stop.stop_id;
    };
    while (i < n && !matches(schedule_.call(run.id.trip, i))) ++i;
    if (i == n) continue;  // of a stop at which the trip does not call, or out of order
    from = i + 1;
    const auto delay = [&](const std::optional<StopEvent>& event, std::int32_t planned) -> std::optional<std::int32_t> {
      if (!event) return std::nullopt;
      if (event->time_s == 0) return event->delay_s ? std::optional(*event->delay_s + shift_s) : std::nullopt;
      const auto off = from_unix(event->time_s) - schedule_.time_of(run.id.day, run.id.start_s + planned);
      return std::int32_t(std::chrono::floor<seconds>(off).count());
    };
    const Call& call = schedule_.call(run.id.trip, i);
    out.arrival[i] = delay(stop.arrival, call.arrival_s);
    out.departure[i] = delay(stop.departure, call.departure_s);
    out.relation[i] = stop.relation;
    if (out.arrival[i] || out.departure[i]) out.last = int(i);
  }
  return out;
}

// Where on its way the bus is, and which call is next.
void Predictor::place(const VehiclePosition& v, Run& run) {
  const TripPath& way = path(run.id.trip);
  const std::size_t n = way.call_m.size();
  const Spot spot{std::int32_t(std::lround(double(v.lon_deg) * 1e7)),
                  std::int32_t(std::lround(double(v.lat_deg) * 1e7))};
  double from_m = 0, to_m = way.along_m.back();
  std::size_t i = n;
  for (std::size_t k = 0; k < n && (v.sequence || !v.stop_id.empty()) && i == n; ++k) {
    const Call& call = schedule_.call(run.id.trip, k);
    if (v.sequence ? call.sequence == *v.sequence : schedule_.text(schedule_.stops[at(call.stop)].id) == v.stop_id)
      i = k;
  }
  if (i < n) {  // the producer says which stop is next: the place is in front of it
    run.next = std::uint32_t(i);
    from_m = i == 0 ? 0 : way.call_m[i - 1];
    to_m = way.call_m[i];
    if (v.status == VehicleStop::stopped_at) {
      run.along_m = to_m;
      return;
    }
  }
  const TripPath::Place place = way.project(spot, from_m, to_m);
  if (place.off_m > options_.off_route_m) return;
  run.along_m = place.along_m;
  if (i < n) return;
  const auto next = std::upper_bound(way.call_m.begin(), way.call_m.end(), place.along_m);
  run.next = std::uint32_t(std::min<std::size_t>(n - 1, std::size_t(next - way.call_m.begin())));
}

std::int32_t Predictor::leaves(const RunId& run, std::uint32_t i, std::int32_t arrival_delay_s) const {
  const Call& call = schedule_.call(run.trip, i);
  const std::int32_t slack = std::max(0, call.departure_s - call.arrival_s - options_.min_dwell_s);
  std::int32_t out = arrival_delay_s > 0 ? std::max(0, arrival_delay_s - slack) : arrival_delay_s;
  if (const auto more_s = pace_.more_s(schedule_, run.trip, i, true))
    out = arrival_delay_s + std::int32_t(std::lround(*more_s));
  return call.flags.timepoint ? std::max(0, out) : out;
}

void Predictor::propagate(const Given& given, const VehiclePosition* v, bool position_counts, Run& run) {
  const std::size_t n = schedule_.calls_of(run.id.trip);
  std::optional<std::int32_t> delay = given.all;  // with which it leaves the call before
  const auto second = [&](std::int64_t unix_s) {
    return std::int32_t(
        std::chrono::floor<seconds>(from_unix(unix_s) - schedule_.time_of(run.id.day, run.id.start_s)).count());
  };
  for (std::size_t i = 0; i < n; ++i) {
    const Call& call = schedule_.call(run.id.trip, i);
    CallEstimate& here = run.calls[i];
    here.skipped = given.relation[i] == StopRelation::skipped;
    if (given.relation[i] == StopRelation::no_data) delay.reset();
    std::optional<std::int32_t> arrival = given.arrival[i] ? given.arrival[i] : delay, departure = given.departure[i];
    const bool ahead = arrival && !given.arrival[i] && i > 0 && (!position_counts || i > run.next);
    if (ahead)
      *arrival += std::int32_t(std::lround(pace_.more_s(schedule_, run.id.trip, std::uint32_t(i), false).value_or(0)));
    if (position_counts && i == run.next) {
      const std::int32_t now = second(v->at_s);
      const bool stands = v->status == VehicleStop::stopped_at;
      std::int32_t planned = call.arrival_s;
      if (!stands && i > 0) {
        const TripPath& way = path(run.id.trip);
        const Call& before = schedule_.call(run.id.trip, i - 1);
        const double span = way.call_m[i] - way.call_m[i - 1];
        const double share = span > 0 ? std::clamp((*run.along_m - way.call_m[i - 1]) / span, 0.0, 1.0) : 1.0;
        planned = before.departure_s + std::int32_t(std::lround(share * (call.arrival_s - before.departure_s)));
      }
      if (stands && given.arrival[i]) arrival = given.arrival[i];
      else arrival = i == 0 && !stands ? std::max(0, now - call.arrival_s) : now - planned;
      departure = std::nullopt;
    }
    if (!arrival && departure) arrival = departure;
    if (!arrival) continue;
    if (!departure && !given.departure[i]) {
      departure = leaves(run.id, std::uint32_t(i), *arrival);
    } else if (!departure) {
      departure = given.departure[i];
    }
    if (position_counts && i == run.next && v->status == VehicleStop::stopped_at)
      departure = std::max(*departure, second(v->at_s) - call.departure_s);
    departure = std::max(*departure, *arrival + call.arrival_s - call.departure_s);
    here.arrival_delay_s = *arrival;
    here.departure_delay_s = *departure;
    here.known = true;
    delay = departure;
  }
}

Result<Run> Predictor::added_run(const TripUpdate& update) const {
  Run out;
  out.ref = update.trip;
  out.relation = update.trip.relation;
  out.vehicle = update.vehicle.id;
  out.at = from_unix(update.at_s);
  out.route = schedule_.route_of(update.trip.route_id);
  if (out.route == kNo<RouteNo>) {
    const TripNo like = schedule_.trip_of(update.trip.trip_id);
    if (like == kNo<TripNo>)
      return fail(Errc::not_found, "an added trip on a line that is not known ('{}')", update.trip.route_id);
    out.route = schedule_.trips[at(like)].route;
  }
  for (const StopUpdate& stop : update.stops) {
    const StopNo no = schedule_.stop_of(stop.stop_id);
    const std::int64_t arrival = stop.arrival ? stop.arrival->time_s : 0,
                       departure = stop.departure ? stop.departure->time_s : 0;
    if (no == kNo<StopNo> || (arrival == 0 && departure == 0) || stop.relation == StopRelation::skipped) continue;
    out.added.push_back(
        {no, from_unix(arrival != 0 ? arrival : departure), from_unix(departure != 0 ? departure : arrival)});
  }
  if (out.added.empty())
    return fail(Errc::invalid, "the added trip '{}' names no stop with a time", update.trip.trip_id);
  return out;
}

Result<Run> Predictor::estimate(const TripUpdate* update, const VehiclePosition* position) {
  if (update && is_added(update->trip.relation)) return added_run(*update);
  const TripRef& ref = update ? update->trip : position->trip;
  Run out;
  out.at = newest(update, position);
  out.id = TRY(resolve(ref, out.at));
  out.ref = ref;
  out.relation = ref.relation;
  out.route = schedule_.trips[at(out.id.trip)].route;
  out.vehicle = position ? position->vehicle.id : update->vehicle.id;
  if (position) out.occupancy = position->occupancy;
  const std::size_t n = schedule_.calls_of(out.id.trip);
  out.calls.resize(n);
  if (out.relation == TripRelation::canceled || out.relation == TripRelation::deleted) return out;
  const auto start = parse_clock(ref.start_time);
  const bool repeats = !schedule_.frequencies_of(out.id.trip).empty();
  Given given{std::vector<std::optional<std::int32_t>>(n),
              std::vector<std::optional<std::int32_t>>(n),
              std::vector<StopRelation>(n),
              {},
              -1};
  if (update) given = given_by(*update, out, repeats && start ? *start - out.id.start_s : 0);
  if (position) place(*position, out);
  const bool newer = position && (!update || position->at_s > update->at_s || given.last < int(out.next));
  propagate(given, position, newer && out.along_m.has_value(), out);
  if (!out.along_m) {  // without a position: it has left what should be behind it by now
    while (out.next + 1 < n && out.calls[out.next].known && expected_departure(schedule_, out, out.next) <= out.at)
      ++out.next;
  }
  return out;
}

}  // namespace cityloop::traffic
