#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

#include "domain/traffic/transit/gtfs_importer.h"
#include "domain/traffic/transit/service_days.h"

namespace cityloop::traffic {
namespace {

using Weight = GtfsReport::Weight;
constexpr std::int32_t kRunsMax = 10'000;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  return std::rotl((hash ^ value) * 0x9e3779b97f4a7c15u, 29);
}

std::uint64_t hash_of(const std::vector<Call>& calls) {
  std::uint64_t hash = calls.size();
  for (const Call& c : calls) {
    hash = mix(hash, std::uint64_t(c.stop) << 32 | std::uint32_t(c.arrival_s));
    hash = mix(hash, std::uint64_t(std::uint32_t(c.departure_s)) << 32 | c.sequence);
  }
  return hash;
}

}  // namespace

void GtfsImporter::read_trips() {
  read("trips.txt", {"trip_id", "route_id", "service_id"}, [&](GtfsTable& t) {
    return [&, id = t.column("trip_id"), route = t.column("route_id"), service = t.column("service_id"),
            headsign = t.column("trip_headsign"), name = t.column("trip_short_name"), block = t.column("block_id"),
            direction = t.column("direction_id"), shape = t.column("shape_id"),
            wheelchair = t.column("wheelchair_accessible"), bikes = t.column("bikes_allowed")] {
      const auto line = routes_.find(t.cell(route));
      if (line == routes_.end()) return t.refuse("route", fmt::format("there is no route '{}'", t.cell(route)));
      const auto days = services_.find(t.cell(service));
      if (days == services_.end()) return t.refuse("service", fmt::format("there is no service '{}'", t.cell(service)));
      if (!take_id(t, trips_, t.cell(id), raw_trips_.size())) return;
      RawTrip raw;
      raw.line = t.line();
      TextPool& pool = out_.texts;
      raw.trip.id = pool.add(t.cell(id));
      raw.trip.headsign = pool.add(t.cell(headsign));
      raw.trip.short_name = pool.add(t.cell(name));
      raw.trip.block = pool.add(t.cell(block));
      raw.trip.route = RouteNo(line->second);
      raw.trip.service = ServiceNo(days->second);
      if (t.cell(direction) == "1") raw.trip.direction = 1;
      else if (!t.cell(direction).empty() && t.cell(direction) != "0")
        t.warn("direction_id", fmt::format("'{}' is no direction (0 or 1)", t.cell(direction)));
      if (const auto found = shapes_.find(t.cell(shape)); found != shapes_.end())
        raw.trip.shape = ShapeNo(found->second);
      else if (!t.cell(shape).empty()) t.warn("shape", fmt::format("there is no shape '{}'", t.cell(shape)));
      raw.trip.wheelchair = std::uint8_t(std::min(2u, whole_number<unsigned>(t.cell(wheelchair)).value_or(0)));
      raw.trip.bikes = std::uint8_t(std::min(2u, whole_number<unsigned>(t.cell(bikes)).value_or(0)));
      raw_trips_.push_back(raw);
    };
  });
}

struct GtfsImporter::TimeColumns {
  int trip, arrival, departure, stop, sequence, headsign, pickup, drop_off, dist, timepoint;
};

void GtfsImporter::read_stop_times() {
  successor_.assign(out_.stops.size(), kNo<StopNo>);
  stop_times_.reserve(bytes_of("stop_times.txt").size() / 40);
  read("stop_times.txt", {"trip_id", "stop_id", "stop_sequence"}, [&](GtfsTable& t) {
    const TimeColumns columns{t.column("trip_id"),     t.column("arrival_time"),  t.column("departure_time"),
                              t.column("stop_id"),     t.column("stop_sequence"), t.column("stop_headsign"),
                              t.column("pickup_type"), t.column("drop_off_type"), t.column("shape_dist_traveled"),
                              t.column("timepoint")};
    return [&, columns] { read_stop_time(t, columns); };
  });
}

// The stop that came after the last one in an earlier trip mostly comes after it here too: one comparison, no hash.
StopNo GtfsImporter::stop_after(StopNo previous, std::string_view id) const {
  StopNo* const guess = previous == kNo<StopNo> ? nullptr : &successor_[at(previous)];
  if (guess && *guess != kNo<StopNo> && out_.text(out_.stops[at(*guess)].id) == id) return *guess;
  const auto found = stops_.find(id);
  if (found == stops_.end()) return kNo<StopNo>;
  if (guess) *guess = StopNo(found->second);
  return StopNo(found->second);
}

void GtfsImporter::read_stop_time(GtfsTable& t, const TimeColumns& c) {
  if (const std::string_view id = t.cell(c.trip); id != last_trip_id_ || last_trip_id_.data() == nullptr) {
    const auto found = trips_.find(id);
    last_trip_id_ = id;
    last_trip_ = found == trips_.end() ? kNo<std::uint32_t> : found->second;
  }
  if (last_trip_ == kNo<std::uint32_t>) return t.refuse("trip", fmt::format("there is no trip '{}'", t.cell(c.trip)));
  StopTime row{};
  row.trip = last_trip_;
  row.line = t.line();
  const bool same_trip = !stop_times_.empty() && stop_times_.back().trip == last_trip_;
  row.stop = stop_after(same_trip ? stop_times_.back().stop : kNo<StopNo>, t.cell(c.stop));
  if (row.stop == kNo<StopNo>) return t.refuse("stop", fmt::format("there is no stop '{}'", t.cell(c.stop)));
  if (out_.stops[at(row.stop)].location_type != 0)
    return t.refuse("no platform", fmt::format("nobody boards at '{}': it is no stop or platform", t.cell(c.stop)));
  const auto sequence = whole_number<std::uint32_t>(t.cell(c.sequence));
  if (!sequence) return t.refuse("sequence", fmt::format("'{}' is no sequence number", t.cell(c.sequence)));
  row.sequence = *sequence;
  const std::string_view arrival = t.cell(c.arrival), departure = t.cell(c.departure);
  const auto clock = [](std::string_view text) { return text.empty() ? std::optional(kNotGiven) : parse_clock(text); };
  const auto from = clock(arrival), to = clock(departure);
  if (!from || !to) return t.refuse("time", fmt::format("'{}' is no time (H:MM:SS)", !from ? arrival : departure));
  row.arrival_s = *from == kNotGiven ? *to : *from;
  row.departure_s = *to == kNotGiven ? *from : *to;
  if (row.departure_s < row.arrival_s)
    return t.refuse("time order", fmt::format("departs at {}, before it arrives at {}", departure, arrival));
  if (!t.cell(c.headsign).empty()) row.headsign = out_.texts.add(t.cell(c.headsign));
  const auto dist = c.dist < 0 ? std::nullopt : decimal(t.cell(c.dist));
  row.dist = dist && *dist >= 0 ? float(*dist) : std::numeric_limits<float>::quiet_NaN();
  const auto kind = [&](int column) {
    const std::string_view text = t.cell(column);
    return text.size() == 1 && text[0] >= '0' && text[0] <= '3' ? std::uint8_t(text[0] - '0') : std::uint8_t(0);
  };
  row.flags.pickup = kind(c.pickup) & 3;
  row.flags.drop_off = kind(c.drop_off) & 3;
  row.flags.timepoint = t.cell(c.timepoint) != "0";
  stop_times_.push_back(row);
}

void GtfsImporter::settle_trips() {
  std::vector<std::uint32_t> begin(raw_trips_.size() + 1, 0), order(stop_times_.size());
  for (const StopTime& row : stop_times_) ++begin[row.trip + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  auto next = begin;
  for (std::uint32_t i = 0; i < stop_times_.size(); ++i) order[next[stop_times_[i].trip]++] = i;
  std::vector<StopTime> rows;
  for (std::size_t raw = 0; raw < raw_trips_.size(); ++raw) {
    rows.clear();
    for (std::uint32_t i = begin[raw]; i < begin[raw + 1]; ++i) rows.push_back(stop_times_[order[i]]);
    if (!settle_trip(raw_trips_[raw], rows)) continue;
    raw_trips_[raw].becomes = TripNo(out_.trips.size());
    out_.trips.push_back(raw_trips_[raw].trip);
  }
  stop_times_ = {};
  patterns_ = {};
  out_.calls.shrink_to_fit();
  out_.trips.shrink_to_fit();
}

bool GtfsImporter::settle_trip(RawTrip& raw, std::vector<StopTime>& rows) {
  const auto before = [](const StopTime& a, const StopTime& b) { return a.sequence < b.sequence; };
  if (!std::is_sorted(rows.begin(), rows.end(), before)) std::stable_sort(rows.begin(), rows.end(), before);
  if (!check_times(raw, rows)) return false;
  interpolate(rows);
  raw.trip.start_s = rows.front().departure_s;
  std::vector<Call> calls;
  calls.reserve(rows.size());
  for (const StopTime& row : rows) {
    calls.push_back({row.stop, row.arrival_s - raw.trip.start_s, row.departure_s - raw.trip.start_s, row.sequence,
                     row.headsign == raw.trip.headsign ? TextNo{} : row.headsign, row.dist, row.flags});
  }
  raw.trip.pattern = pattern_of(calls);
  return true;
}

// Drops rows that cannot stand; false when too little is left of the trip.
bool GtfsImporter::check_times(const RawTrip& raw, std::vector<StopTime>& rows) {
  const auto refuse = [&](int line, std::string_view kind, std::string reason) {
    report_.add("stop_times.txt", line, Weight::refused, kind, std::move(reason));
  };
  std::size_t kept = 0;
  std::int32_t latest = kNotGiven;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const StopTime& row = rows[i];
    if (kept > 0 && rows[kept - 1].sequence == row.sequence) {
      refuse(row.line, "sequence twice", fmt::format("the trip has the sequence {} twice", row.sequence));
      continue;
    }
    if (row.arrival_s != kNotGiven && row.arrival_s < latest) {
      refuse(row.line, "time order",
             fmt::format("arrives at {}, before the stop in front of it", format_clock(row.arrival_s)));
      continue;
    }
    if (row.arrival_s != kNotGiven) latest = row.departure_s;
    rows[kept++] = row;
  }
  rows.resize(kept);
  const auto whole = [&](std::string_view kind, std::string reason) {
    report_.add("trips.txt", raw.line, Weight::refused, kind,
                fmt::format("the trip '{}' {}", out_.text(raw.trip.id), reason));
    return false;
  };
  if (rows.size() < 2) return whole("no way", fmt::format("calls at {} stops; two are the least", rows.size()));
  if (rows.front().arrival_s == kNotGiven || rows.back().arrival_s == kNotGiven)
    return whole("no time", "has no time at its first or its last stop");
  return true;
}

void GtfsImporter::interpolate(std::vector<StopTime>& rows) const {
  for (std::size_t a = 0; a + 1 < rows.size();) {
    std::size_t b = a + 1;
    while (rows[b].arrival_s == kNotGiven) ++b;
    if (b > a + 1) {
      std::vector<double> way(b - a + 1, 0);
      bool by_shape = true;
      for (std::size_t i = a; i < b; ++i) by_shape &= rows[i + 1].dist >= rows[i].dist;
      for (std::size_t i = a + 1; i <= b; ++i) {
        const double step = by_shape
                                ? double(rows[i].dist) - rows[i - 1].dist
                                : distance_m(out_.stops[at(rows[i - 1].stop)].spot, out_.stops[at(rows[i].stop)].spot);
        way[i - a] = way[i - a - 1] + step;
      }
      const double span_s = rows[b].arrival_s - rows[a].departure_s;
      for (std::size_t i = a + 1; i < b; ++i) {
        const double share = way.back() > 0 ? way[i - a] / way.back() : double(i - a) / double(b - a);
        rows[i].arrival_s = rows[i].departure_s = rows[a].departure_s + std::int32_t(std::lround(span_s * share));
        rows[i].flags.interpolated = true;
        rows[i].flags.timepoint = false;
      }
    }
    a = b;
  }
}

PatternNo GtfsImporter::pattern_of(const std::vector<Call>& calls) {
  const std::uint64_t hash = hash_of(calls);
  const auto [first, last] = patterns_.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    const auto begin = out_.calls.begin() + out_.pattern_begin[at(it->second)];
    const auto end = out_.calls.begin() + out_.pattern_begin[at(it->second) + 1];
    if (std::equal(begin, end, calls.begin(), calls.end())) return it->second;
  }
  const PatternNo fresh{std::uint32_t(out_.pattern_begin.size() - 1)};
  out_.calls.insert(out_.calls.end(), calls.begin(), calls.end());
  out_.pattern_begin.push_back(std::uint32_t(out_.calls.size()));
  patterns_.emplace(hash, fresh);
  return fresh;
}

void GtfsImporter::read_frequencies() {
  read("frequencies.txt", {"trip_id", "start_time", "end_time", "headway_secs"}, [&](GtfsTable& t) {
    return [&, id = t.column("trip_id"), start = t.column("start_time"), end = t.column("end_time"),
            headway = t.column("headway_secs"), exact = t.column("exact_times")] {
      const auto found = trips_.find(t.cell(id));
      if (found == trips_.end() || raw_trips_[found->second].becomes == kNo<TripNo>)
        return t.refuse("trip", fmt::format("there is no sound trip '{}'", t.cell(id)));
      const auto from = parse_clock(t.cell(start)), until = parse_clock(t.cell(end));
      if (!from || !until || *until <= *from)
        return t.refuse("time", fmt::format("'{}' to '{}' is no stretch of time", t.cell(start), t.cell(end)));
      const auto seconds = whole_number<std::int32_t>(t.cell(headway));
      if (!seconds || *seconds < 1 || *seconds > 86400)
        return t.refuse("headway_secs", fmt::format("'{}' is no headway (1 to 86400 s)", t.cell(headway)));
      if ((*until - *from) / *seconds > kRunsMax)
        return t.refuse("too many runs", fmt::format("more than {} runs of one trip in one stretch", kRunsMax));
      out_.frequencies.push_back({raw_trips_[found->second].becomes, *from, *until, *seconds, t.cell(exact) == "1"});
    };
  });
  std::stable_sort(out_.frequencies.begin(), out_.frequencies.end(), [](const Frequency& a, const Frequency& b) {
    return a.trip != b.trip ? a.trip < b.trip : a.from_s < b.from_s;
  });
}

}  // namespace cityloop::traffic
