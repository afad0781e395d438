#include "domain/traffic/transit/headway.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace cityloop::traffic {
namespace {

using base::Instant;
using std::chrono::seconds;

constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kReasons[] = {"headway", "trip ended", "silent"};

double in_seconds(base::Duration d) {
  return std::chrono::duration<double>(d).count();
}

// Runs go by the texts of their trips: numbers change with the timetable.
void write(base::ByteWriter& out, const Schedule& s, const RunId& id) {
  out.text(s.text(s.trips[at(id.trip)].id));
  out.svarint(id.day.time_since_epoch().count());
  out.svarint(id.start_s);
}
RunId read_run(base::ByteReader& in, const Schedule& s) {
  RunId out;
  out.trip = s.trip_of(in.text());
  out.day = std::chrono::sys_days(std::chrono::days(in.svarint()));
  out.start_s = std::int32_t(in.svarint());
  return out;
}

// At a trip's last stop, and where the timetable says that nobody gets on, headways are nobody's. A bus that ends a
// trip there and begins the next one is no second bus.
bool anybody_boards(const Schedule& s, TripNo trip, std::uint32_t call) {
  return call + 1 < s.calls_of(trip) && s.call(trip, call).flags.pickup != 1;
}

}  // namespace

std::optional<double> HeadwayWatch::planned_headway_s(const RunId& run, std::uint32_t call) const {
  const Trip& trip = schedule_.trips[at(run.trip)];
  for (const std::uint32_t f : schedule_.frequencies_of(run.trip)) {
    const Frequency& one = schedule_.frequencies[f];
    if (run.start_s > one.from_s && run.start_s < one.until_s) return one.headway_s;
  }
  const Call& here = schedule_.call(run.trip, call);
  const Instant planned = schedule_.time_of(run.day, run.start_s + here.departure_s);
  const auto before = schedule_.departures(here.stop, planned - options_.planned_max, planned, 2000);
  for (auto one = before.rbegin(); one != before.rend(); ++one) {
    const Trip& other = schedule_.trips[at(one->trip)];
    const bool same_line = other.route == trip.route && other.direction == trip.direction;
    if (same_line && anybody_boards(schedule_, one->trip, one->call)) return in_seconds(planned - one->departure);
  }
  return std::nullopt;
}

std::int32_t HeadwayWatch::hold_s(double front_s, double behind_s) const {
  const double wanted = std::clamp((behind_s - front_s) / 2, 0.0, in_seconds(options_.hold_max));
  return std::int32_t(std::lround(wanted / 5) * 5);  // nobody holds to the second
}

HeadwayEvent HeadwayWatch::event(HeadwayFault fault, bool opened, const Passage& p, const Front& front,
                                 double headway_s, double planned_s) const {
  HeadwayEvent out;
  out.fault = fault;
  out.opened = opened;
  out.urn = p.urn;
  out.front_urn = front.urn;
  out.run = p.run;
  out.stop = schedule_.call(p.run.trip, p.call).stop;
  out.at = out.opened_at = p.at;
  out.headway_s = headway_s;
  out.planned_s = planned_s;
  return out;
}

void HeadwayWatch::close(Bus& bus, const RunId& run, HeadwayFault fault, Instant at, double headway_s,
                         std::string_view reason, std::vector<HeadwayEvent>& out) {
  std::optional<Open>& open = bus.open[std::size_t(fault)];
  if (!open) return;
  HeadwayEvent one;
  one.fault = fault;
  one.urn = bus.urn;
  one.front_urn = open->front_urn;
  one.run = run;
  one.stop = open->stop;
  one.opened_at = open->at;
  one.at = std::max(at, open->at);
  one.headway_s = headway_s;
  one.planned_s = open->planned_s;
  one.reason = reason;
  out.push_back(std::move(one));
  open.reset();
}

void HeadwayWatch::judge(const Passage& p, const Front& front, double planned_s, const Behind& behind, Bus& bus,
                         std::vector<HeadwayEvent>& out) {
  const double headway_s = in_seconds(p.at - front.at), ratio = headway_s / planned_s;
  const auto open = [&](HeadwayFault fault, const std::string& hold, std::int32_t seconds) {
    std::optional<Open>& slot = bus.open[std::size_t(fault)];
    if (slot) return;
    HeadwayEvent one = event(fault, true, p, front, headway_s, planned_s);
    one.hold_urn = seconds > 0 ? hold : std::string{};
    one.hold_s = seconds;
    slot = Open{p.at, front.urn, one.stop, planned_s};
    out.push_back(std::move(one));
  };
  bus.bunched_stops = ratio < options_.bunching ? bus.bunched_stops + 1 : 0;
  if (bus.bunched_stops >= options_.hold_stops)
    open(HeadwayFault::bunching, p.urn, hold_s(headway_s, behind().value_or(planned_s)));
  if (ratio > options_.bunching_clear) close(bus, p.run, HeadwayFault::bunching, p.at, headway_s, kReasons[0], out);
  if (ratio > options_.gap && headway_s - planned_s > in_seconds(options_.gap_least))
    open(HeadwayFault::gap, front.urn, hold_s(front.headway_s > 0 ? front.headway_s : planned_s, headway_s));
  if (ratio < options_.gap_clear) close(bus, p.run, HeadwayFault::gap, p.at, headway_s, kReasons[0], out);
}

// Behind the bus that left the stop last.
void HeadwayWatch::follow(const Passage& p, Front& front, const Behind& behind, Bus& bus,
                          std::vector<HeadwayEvent>& out) {
  if (front.run == p.run || p.at < front.at) return;
  const Trip& trip = schedule_.trips[at(p.run.trip)];
  const auto planned_s = planned_headway_s(p.run, p.call);
  const double headway_s = in_seconds(p.at - front.at);
  if (planned_s && *planned_s > 0 && p.at - front.at < options_.planned_max * 2) {
    samples_[{trip.route, trip.direction}].push_back({p.at, float(headway_s), float(*planned_s)});
    judge(p, front, *planned_s, behind, bus, out);
  }
  front = {p.run, p.urn, p.at, headway_s, planned_s.value_or(0)};
}

std::vector<HeadwayEvent> HeadwayWatch::on_passage(const Passage& p, const Behind& behind) {
  std::vector<HeadwayEvent> out;
  const Trip& trip = schedule_.trips[at(p.run.trip)];
  const Call& call = schedule_.call(p.run.trip, p.call);
  Bus& bus = buses_[p.run];
  bus.heard = std::max(bus.heard, p.at);
  bus.urn = p.urn;
  const bool last_call = p.call + 1 == schedule_.calls_of(p.run.trip);
  if (anybody_boards(schedule_, p.run.trip, p.call)) {
    const auto [found, fresh] =
        front_.try_emplace({trip.route, trip.direction, call.stop}, Front{p.run, p.urn, p.at, 0, 0});
    if (!fresh) follow(p, found->second, behind, bus, out);
  }
  if (last_call) {
    for (const HeadwayFault fault : {HeadwayFault::bunching, HeadwayFault::gap})
      close(bus, p.run, fault, p.at, 0, kReasons[1], out);
    buses_.erase(p.run);
  }
  return out;
}

std::vector<HeadwayEvent> HeadwayWatch::on_time(Instant now) {
  std::vector<HeadwayEvent> out;
  for (auto it = buses_.begin(); it != buses_.end();) {
    if (now - it->second.heard <= options_.silent) {
      ++it;
      continue;
    }
    for (const HeadwayFault fault : {HeadwayFault::bunching, HeadwayFault::gap})
      close(it->second, it->first, fault, now, 0, kReasons[2], out);
    it = buses_.erase(it);
  }
  trim(now);
  return out;
}

void HeadwayWatch::trim(Instant now) {
  for (auto it = samples_.begin(); it != samples_.end();) {
    std::deque<Sample>& line = it->second;
    while (!line.empty() && line.front().at < now - options_.window) line.pop_front();
    it = line.empty() ? samples_.erase(it) : std::next(it);
  }
  std::erase_if(front_, [&](const auto& one) { return one.second.at < now - options_.planned_max * 2; });
}

std::vector<Regularity> HeadwayWatch::regularity() const {
  std::vector<Regularity> out;
  for (const auto& [line, samples] : samples_) {
    double h = 0, hh = 0, p = 0, pp = 0;
    Regularity one;
    std::tie(one.route, one.direction) = line;
    for (const Sample& s : samples) {
      h += s.headway_s;
      hh += double(s.headway_s) * s.headway_s;
      p += s.planned_s;
      pp += double(s.planned_s) * s.planned_s;
      one.bunched_share += s.headway_s < options_.bunching * s.planned_s;
      one.gap_share += s.headway_s > options_.gap * s.planned_s;
    }
    if (h <= 0 || p <= 0) continue;
    one.headways = samples.size();
    one.awt_s = hh / (2 * h);
    one.swt_s = pp / (2 * p);
    one.ewt_s = one.awt_s - one.swt_s;
    one.bunched_share /= double(samples.size());
    one.gap_share /= double(samples.size());
    out.push_back(one);
  }
  std::sort(out.begin(), out.end(), [&](const Regularity& a, const Regularity& b) {
    return std::tuple(schedule_.text(schedule_.routes[at(a.route)].id), a.direction) <
           std::tuple(schedule_.text(schedule_.routes[at(b.route)].id), b.direction);
  });
  return out;
}

std::vector<StopHeadway> HeadwayWatch::newest() const {
  std::vector<StopHeadway> out;
  for (const auto& [key, front] : front_) {
    if (front.headway_s <= 0 || front.planned_s <= 0) continue;
    const double ratio = front.headway_s / front.planned_s;
    const std::string_view state = ratio < options_.bunching ? "bunched" : ratio > options_.gap ? "gap" : "even";
    out.push_back({std::get<2>(key), std::get<0>(key), std::get<1>(key), front.run.trip, front.at, front.headway_s,
                   front.planned_s, state});
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.stop < b.stop; });
  return out;
}

void HeadwayWatch::save(base::ByteWriter& out) const {
  const auto time = [&](Instant at) { out.svarint(base::to_us(at)); };
  out.u8(kFormat);
  out.varint(front_.size());
  for (const auto& [key, front] : front_) {
    out.text(schedule_.text(schedule_.routes[at(std::get<0>(key))].id));
    out.u8(std::get<1>(key));
    out.text(schedule_.text(schedule_.stops[at(std::get<2>(key))].id));
    write(out, schedule_, front.run);
    out.text(front.urn);
    time(front.at);
    out.f64(front.headway_s);
    out.f64(front.planned_s);
  }
  out.varint(buses_.size());
  for (const auto& [run, bus] : buses_) {
    write(out, schedule_, run);
    time(bus.heard);
    out.text(bus.urn);
    out.varint(bus.bunched_stops);
    for (const auto& open : bus.open) {
      out.u8(open ? 1 : 0);
      if (!open) continue;
      time(open->at);
      out.text(open->front_urn);
      out.text(schedule_.text(schedule_.stops[at(open->stop)].id));
      out.f64(open->planned_s);
    }
  }
  out.varint(samples_.size());
  for (const auto& [line, samples] : samples_) {
    out.text(schedule_.text(schedule_.routes[at(line.first)].id));
    out.u8(line.second);
    out.varint(samples.size());
    for (const Sample& s : samples) time(s.at), out.f64(s.headway_s), out.f64(s.planned_s);
  }
}

// What a newer timetable does not have is left behind.
base::Status HeadwayWatch::load(base::ByteReader& in) {
  const auto time = [&] { return base::from_us(in.svarint()); };
  if (in.u8() != kFormat) return base::fail(base::Errc::corrupt, "the state of headways is of another form");
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const RouteNo route = schedule_.route_of(in.text());
    const std::uint8_t direction = in.u8();
    const StopNo stop = schedule_.stop_of(in.text());
    Front front{read_run(in, schedule_), std::string(in.text()), time(), in.f64(), in.f64()};
    if (route != kNo<RouteNo> && stop != kNo<StopNo> && front.run.trip != kNo<TripNo>)
      front_[{route, direction, stop}] = std::move(front);
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const RunId run = read_run(in, schedule_);
    Bus bus;
    bus.heard = time();
    bus.urn = in.text();
    bus.bunched_stops = std::uint32_t(in.varint());
    for (auto& open : bus.open) {
      if (in.u8() == 0) continue;
      open = Open{time(), std::string(in.text()), {}, 0};
      open->stop = schedule_.stop_of(in.text());
      open->planned_s = in.f64();
    }
    for (auto& open : bus.open) {
      if (open && open->stop == kNo<StopNo>) open.reset();
    }
    if (run.trip != kNo<TripNo>) buses_[run] = std::move(bus);
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const RouteNo route = schedule_.route_of(in.text());
    const std::uint8_t direction = in.u8();
    std::deque<Sample> samples;
    for (std::uint64_t count = in.varint(); count > 0 && in.ok(); --count) {
      const Instant when = time();
      const float headway_s = float(in.f64());
      samples.push_back({when, headway_s, float(in.f64())});
    }
    if (route != kNo<RouteNo>) samples_[{route, direction}] = std::move(samples);
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the state of headways is cut off");
  return {};
}

}  // namespace cityloop::traffic
