#include "domain/traffic/transit/synthetic.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <utility>

#include <fmt/format.h>

#include "base/rng.h"
#include "domain/traffic/transit/path.h"
#include "domain/traffic/transit/service_days.h"

namespace cityloop::traffic {
namespace {

constexpr double kStopSpacing_m = 450, kSpeed_mps = 6.5;
constexpr std::int32_t kDwell_s = 20, kSlack_s = 40;
constexpr std::size_t kTimepointEvery = 5;

struct Line {
  std::vector<std::pair<double, double>> stops;  // lon, lat
  std::vector<std::int32_t> hop_s;               // free running times between them
};

Line draw_line(const SyntheticOptions& options, std::size_t number, base::Rng& rng) {
  Line out;
  const double angle = std::numbers::pi * (double(number) + rng.uniform(0, 0.5)) / double(options.lines);
  const double lat_per_m = 1 / 111'195.0, lon_per_m = lat_per_m / std::cos(options.lat_deg * std::numbers::pi / 180);
  double x = -std::cos(angle) * kStopSpacing_m * double(options.stops) / 2;
  double y = -std::sin(angle) * kStopSpacing_m * double(options.stops) / 2;
  double heading = angle;
  for (std::size_t i = 0; i < options.stops; ++i) {
    out.stops.emplace_back(options.lon_deg + x * lon_per_m, options.lat_deg + y * lat_per_m);
    const double step = kStopSpacing_m * rng.uniform(0.7, 1.4);
    out.hop_s.push_back(std::int32_t(std::lround(step / kSpeed_mps)));
    heading = angle + std::clamp(heading - angle + rng.uniform(-0.4, 0.4), -0.6, 0.6);
    x += std::cos(heading) * step;
    y += std::sin(heading) * step;
  }
  out.hop_s.pop_back();
  return out;
}

// Streets are fuller twice a day.
double slowness(std::int32_t start_s) {
  const std::int32_t hour = start_s / 3600 % 24;
  if (hour == 7 || hour == 8) return 1.3;
  if (hour >= 17 && hour <= 18) return 1.35;
  return hour >= 22 || hour < 6 ? 0.9 : 1.0;
}

std::string stop_id(std::size_t line, std::size_t stop) {
  return fmt::format("L{}S{}", line + 1, stop + 1);
}

class FeedWriter {
 public:
  explicit FeedWriter(const SyntheticOptions& options) : options_(options), rng_(options.seed) {
    tables_["agency.txt"] = fmt::format(
        "agency_id,agency_name,agency_url,agency_timezone,agency_"
        "lang\nCL,Loop Buses,https://example.org,{},en\n",
        options.zone);
    tables_["calendar.txt"] = fmt::format(
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
        "start_date,end_date\n"
        "weekday,1,1,1,1,1,0,0,{0},{1}\nweekend,0,0,0,0,0,1,1,{0},{1}\n",
        options.first_day, options.last_day);
    tables_["stops.txt"] = "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n";
    tables_["routes.txt"] =
        "route_id,agency_id,route_short_name,route_long_"
        "name,route_type,route_color,route_text_color\n";
    tables_["trips.txt"] = "route_id,service_id,trip_id,trip_headsign,direction_id,shape_id\n";
    tables_["stop_times.txt"] = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,timepoint\n";
    tables_["translations.txt"] = "table_name,field_name,language,translation,field_value\n";
    if (options.shapes) tables_["shapes.txt"] = "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n";
    if (options.by_frequency) tables_["frequencies.txt"] = "trip_id,start_time,end_time,headway_secs,exact_times\n";
  }

  std::map<std::string, std::string> take() {
    for (std::size_t line = 0; line < options_.lines; ++line) write_line(line);
    return std::move(tables_);
  }

 private:
  template <class... Args>
  void add(const char* table, fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(tables_[table]), format, std::forward<Args>(args)...);
  }

  void write_line(std::size_t number) {
    const Line line = draw_line(options_, number, rng_);
    const std::size_t n = number + 1;
    add("routes.txt", "R{0},CL,{0},Line {0},3,{1:06X},FFFFFF\n", n, rng_.below(0x808080));
    for (std::size_t i = 0; i < line.stops.size(); ++i) {
      const auto& [lon, lat] = line.stops[i];
      add("stops.txt", "{},\"Stop {}, line {}\",{:.6f},{:.6f},0,\n", stop_id(number, i), i + 1, n, lat, lon);
      add("translations.txt", "stops,stop_name,zh,{0}路第{1}站,\"Stop {1}, line {0}\"\n", n, i + 1);
    }
    for (const int way : {0, 1}) {
      const std::string head = fmt::format("Line {} {}", n, way == 0 ? "east" : "west");
      add("translations.txt", "trips,trip_headsign,zh,{}路{}行,{}\n", n, way == 0 ? "东" : "西", head);
      for (std::size_t i = 0; options_.shapes && i < line.stops.size(); ++i) {
        const auto& [lon, lat] = line.stops[way == 0 ? i : line.stops.size() - 1 - i];
        add("shapes.txt", "R{}W{},{:.6f},{:.6f},{}\n", n, way, lat, lon, i);
      }
      write_way(line, number, way, head);
    }
  }

  void write_way(const Line& line, std::size_t number, int way, const std::string& head) {
    for (const std::string_view service : {"weekday", "weekend"}) {
      const std::int32_t headway = service == "weekday" ? options_.headway_s : options_.headway_s * 3 / 2;
      const std::int32_t last = options_.by_frequency ? options_.first_s : options_.last_s;
      for (std::int32_t start = options_.first_s, k = 1; start <= last; start += headway, ++k) {
        const std::string trip = fmt::format("R{}-{}-{}-{}", number + 1, way, service, k);
        add("trips.txt", "R{},{},{},{},{},{}\n", number + 1, service, trip, head, way,
            options_.shapes ? fmt::format("R{}W{}", number + 1, way) : "");
        if (options_.by_frequency)
          add("frequencies.txt", "{},{},{},{},0\n", trip, format_clock(start), format_clock(options_.last_s), headway);
        write_calls(line, number, way, trip, start);
      }
    }
  }

  void write_calls(const Line& line, std::size_t number, int way, const std::string& trip, std::int32_t start) {
    const std::size_t n = line.stops.size();
    std::int32_t at = start;
    for (std::size_t i = 0; i < n; ++i) {
      const bool timepoint = i == 0 || i + 1 == n || i % kTimepointEvery == 0;
      const std::int32_t dwell = i == 0 || i + 1 == n ? 0 : kDwell_s + (timepoint ? kSlack_s : 0);
      add("stop_times.txt", "{},{},{},{},{},{}\n", trip, format_clock(at), format_clock(at + dwell),
          stop_id(number, way == 0 ? i : n - 1 - i), i + 1, timepoint ? 1 : 0);
      if (i + 1 < n) at += dwell + std::int32_t(std::lround(line.hop_s[way == 0 ? i : n - 2 - i] * slowness(start)));
    }
  }

  const SyntheticOptions& options_;
  base::Rng rng_;
  std::map<std::string, std::string> tables_;
};

// One bus behind another: how long it dwells depends on when the one in front left.
void drive(const Schedule& schedule, SyntheticRun& run, const std::vector<std::int32_t>& front_left,
           const SyntheticOptions& options, base::Rng& rng) {
  const std::size_t n = schedule.calls_of(run.trip);
  run.arrival_s.resize(n);
  run.departure_s.resize(n);
  double at = run.start_s + std::max(0.0, rng.normal() * 25);
  for (std::size_t i = 0; i < n; ++i) {
    const Call& call = schedule.call(run.trip, i);
    if (i > 0) {
      const double hop = call.arrival_s - schedule.call(run.trip, i - 1).departure_s;
      at += hop * std::max(0.5, 1 + options.noise * rng.normal());
      if (!front_left.empty()) at = std::max(at, front_left[i] + 10.0);  // no bus overtakes here
    }
    run.arrival_s[i] = std::int32_t(std::lround(at));
    if (i > 0 && i + 1 < n) {
      const double waited_min = front_left.empty() ? 10 : std::max(0.0, at - front_left[i]) / 60;
      at += std::min(90.0, options.boarding_s_per_min * waited_min) + 5;
      if (call.flags.timepoint) at = std::max(at, double(run.start_s + call.departure_s));
    }
    run.departure_s[i] = std::int32_t(std::lround(at));
  }
}

// The last call that the bus has left at `second`; -1: it has not begun.
int last_left(const SyntheticRun& run, std::int64_t second) {
  return int(std::upper_bound(run.departure_s.begin(), run.departure_s.end(), second) - run.departure_s.begin()) - 1;
}

TripRef ref_of(const Schedule& s, const SyntheticRun& run) {
  const Trip& trip = s.trips[at(run.trip)];
  TripRef out;
  out.trip_id = s.text(trip.id);
  out.route_id = s.text(s.routes[at(trip.route)].id);
  out.start_date = format_day(run.day);
  out.start_time = format_clock(run.start_s);
  out.direction = trip.direction;
  return out;
}

VehiclePosition position_of(const Schedule& s, const TripPath& path, const SyntheticRun& run, std::int64_t second,
                            int left) {
  VehiclePosition out;
  const std::size_t next = std::size_t(std::int64_t(left) + 1);
  const bool stands = second >= run.arrival_s[next];
  double m = path.call_m[next];
  if (!stands && left >= 0) {
    const double share = double(second - run.departure_s[std::size_t(left)]) /
                         double(run.arrival_s[next] - run.departure_s[std::size_t(left)]);
    m = std::lerp(path.call_m[std::size_t(left)], path.call_m[next], share);
    out.speed_mps = float(kSpeed_mps);
  }
  const geo::Position p = path.at(m).position();
  out.lat_deg = float(p.lat_deg);
  out.lon_deg = float(p.lon_deg);
  const Call& call = s.call(run.trip, next);
  out.sequence = call.sequence;
  out.stop_id = s.text(s.stops[at(call.stop)].id);
  out.status = stands ? VehicleStop::stopped_at : VehicleStop::in_transit_to;
  out.occupancy = std::uint32_t(next % 4) + 1;
  return out;
}

TripUpdate update_of(const Schedule& s, const SyntheticRun& run, int left) {
  TripUpdate out;
  // What a producer knows: when it left the last stop. The rest is for the reader to foresee.
  if (left < 0) return out;
  const Call& call = s.call(run.trip, std::size_t(left));
  StopUpdate stop;
  stop.sequence = call.sequence;
  stop.stop_id = s.text(s.stops[at(call.stop)].id);
  stop.arrival = StopEvent{
      .delay_s = run.arrival_s[std::size_t(left)] - run.start_s - call.arrival_s, .time_s = 0, .uncertainty_s = {}};
  stop.departure = StopEvent{
      .delay_s = run.departure_s[std::size_t(left)] - run.start_s - call.departure_s, .time_s = 0, .uncertainty_s = {}};
  out.stops.push_back(std::move(stop));
  return out;
}

}  // namespace

std::map<std::string, std::string> synthetic_gtfs(const SyntheticOptions& options) {
  return FeedWriter(options).take();
}

std::vector<SyntheticRun> synthetic_day(const Schedule& schedule, std::chrono::sys_days day,
                                        const SyntheticOptions& options) {
  std::vector<SyntheticRun> out;
  std::map<std::pair<RouteNo, int>, std::vector<std::int32_t>> left;  // by line and way, as the bus in front did
  for (const Departure& planned : schedule.runs_of_day(day)) {
    const Trip& trip = schedule.trips[at(planned.trip)];
    base::Rng rng(options.seed * 0x9e3779b97f4a7c15u + std::uint64_t(planned.trip) * 1'000'003u +
                  std::uint64_t(planned.start_s) * 7919u + std::uint64_t(day.time_since_epoch().count()));
    SyntheticRun run{planned.trip, day, planned.start_s, fmt::format("B{}", out.size() + 1), false, {}, {}};
    run.cancelled = rng.uniform() < options.cancelled;
    if (!run.cancelled) {
      std::vector<std::int32_t>& front = left[{trip.route, trip.direction}];
      drive(schedule, run, front, options, rng);
      front = run.departure_s;
    }
    out.push_back(std::move(run));
  }
  return out;
}

RealtimeFeed synthetic_realtime(const Schedule& schedule, const std::vector<SyntheticRun>& runs, base::Instant now) {
  RealtimeFeed out;
  out.at_s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::map<std::pair<PatternNo, ShapeNo>, TripPath> paths;
  for (const SyntheticRun& run : runs) {
    const std::int64_t second = std::chrono::floor<std::chrono::seconds>(now - schedule.time_of(run.day, 0)).count();
    if (run.cancelled) {
      if (second < run.start_s - 3600 || second > run.start_s + 3600) continue;
      TripUpdate gone;
      gone.trip = ref_of(schedule, run);
      gone.trip.relation = TripRelation::canceled;
      gone.id = fmt::format("T-{}-{}", gone.trip.trip_id, run.start_s);
      gone.at_s = out.at_s;
      out.trips.push_back(std::move(gone));
      continue;
    }
    const int left = last_left(run, second);
    if (second < run.start_s || left + 1 >= int(run.departure_s.size())) continue;
    const Trip& trip = schedule.trips[at(run.trip)];
    const auto [path, fresh] = paths.try_emplace({trip.pattern, trip.shape});
    if (fresh) path->second = path_of(schedule, run.trip);
    VehiclePosition vehicle = position_of(schedule, path->second, run, second, left);
    vehicle.trip = ref_of(schedule, run);
    vehicle.id = "V-" + run.vehicle;
    vehicle.vehicle.id = run.vehicle;
    vehicle.at_s = out.at_s;
    TripUpdate update = update_of(schedule, run, left);
    if (!update.stops.empty()) {
      update.trip = vehicle.trip;
      update.vehicle = vehicle.vehicle;
      update.id = fmt::format("T-{}-{}", update.trip.trip_id, run.start_s);
      update.at_s = out.at_s;
      out.trips.push_back(std::move(update));
    }
    out.vehicles.push_back(std::move(vehicle));
  }
  ServiceAlert alert;
  alert.id = "A-1";
  alert.active = {{out.at_s - 3600, out.at_s + 3600}};
  alert.informed.emplace_back().route_id = std::string(schedule.text(schedule.routes.front().id));
  alert.cause = 10;
  alert.effect = 4;
  alert.header = {{"en", "Detour around roadworks"}, {"zh", "因道路施工绕行"}};
  alert.text = {{"en", "Buses take the next street."}, {"zh", "车辆改走相邻道路。"}};
  out.alerts.push_back(std::move(alert));
  return out;
}

}  // namespace cityloop::traffic
