#include "domain/traffic/demo/bus_service.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "domain/traffic/transit/service_days.h"

namespace cityloop::traffic {
namespace {

std::string edge_of(const std::string& lane) {
  return lane.substr(0, lane.rfind('_'));
}

std::string quoted(const std::string& cell) {
  return cell.find_first_of(",\"") == std::string::npos ? cell : fmt::format("\"{}\"", cell);
}

std::int64_t unix_s(base::Instant at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

// Where the line's service day and its first run lie: seconds of that day of the first departure.
struct FirstRun {
  std::chrono::sys_days day;
  std::int32_t start_s{};
};
FirstRun first_run(const BusLine& line, double first_departure_s, base::Instant begins, const base::TimeZone& zone) {
  const auto day = local_day(zone, begins);
  const auto at =
      begins + std::chrono::milliseconds(std::int64_t(std::lround((line.first_s + first_departure_s) * 1000)));
  const base::Duration into = at - service_day_start(zone, day);
  return {day, std::int32_t(std::chrono::duration_cast<std::chrono::seconds>(into).count())};
}

void put_stops(const Streets& streets, const std::vector<BusLine>& lines, std::map<std::string, std::string>& tables) {
  std::string& stops = tables["stops.txt"] = "stop_id,stop_name,stop_lat,stop_lon,location_type,platform_code\n";
  std::string& words = tables["translations.txt"];
  for (const BusLine& line : lines) {
    for (const BusStop& stop : line.stops) {
      const LonLat at = streets.place_on(edge_of(stop.lane), stop.at_m);
      const std::string row = fmt::format("{},{},{:.6f},{:.6f},0,{}\n", stop.id, quoted(stop.name_en), at.lat_deg,
                                          at.lon_deg, stop.id.substr(stop.id.rfind('-') + 1));
      if (stops.find("\n" + row) != std::string::npos) continue;
      stops += row;
      words += fmt::format("stops,stop_name,zh,{},{},,\n", stop.name_zh, stop.id);
    }
  }
}

}  // namespace

std::vector<PlannedCall> planned_calls(const Streets& streets, const BusLine& line) {
  std::vector<PlannedCall> out;
  double before_m = 0, now_s = 0, stood_m = 0;
  for (const std::string& edge : line.edges) {
    for (const BusStop& stop : line.stops) {
      if (edge_of(stop.lane) != edge) continue;
      const double at_m = before_m + stop.at_m;
      PlannedCall call;
      call.arrival_s = std::round(now_s + (at_m - stood_m) / kPlanned_mps);
      call.departure_s = now_s = call.arrival_s + kBusDwell_s;
      stood_m = at_m;
      out.push_back(call);
    }
    before_m += streets.length_m(edge);
  }
  return out;
}

std::map<std::string, std::string> bus_timetable(const Streets& streets, const std::vector<BusLine>& lines,
                                                 base::Instant begins, const base::TimeZone& zone, int hours) {
  std::map<std::string, std::string> out;
  out["agency.txt"] = fmt::format(
      "agency_id,agency_name,agency_url,agency_timezone,agency_lang\ndogger,Dogger Town Buses,https://buses.example,"
      "{},en\n",
      zone.name());
  const std::string day = format_day(local_day(zone, begins));
  out["calendar_dates.txt"] = fmt::format("service_id,date,exception_type\ntoday,{},1\n", day);
  out["feed_info.txt"] =
      "feed_publisher_name,feed_publisher_url,feed_lang\nDogger Town Buses,https://buses.example,en\n";
  put_stops(streets, lines, out);
  std::string words = "table_name,field_name,language,translation,record_id,record_sub_id,field_value\n" +
                      std::exchange(out["translations.txt"], {});
  std::string routes = "route_id,agency_id,route_short_name,route_long_name,route_type,route_color,route_text_color\n";
  std::string trips = "route_id,service_id,trip_id,trip_headsign,direction_id,shape_id\n";
  std::string times = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,timepoint\n";
  std::string repeats = "trip_id,start_time,end_time,headway_secs,exact_times\n";
  std::string shapes = "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n";
  for (const BusLine& line : lines) {
    if (line.direction == 0) {
      routes += fmt::format("{},dogger,{},{},3,{},FFFFFF\n", line.route, line.route, quoted(line.name_en),
                            line.route == "1" ? "1677FF" : "D4380D");
      words += fmt::format("routes,route_long_name,zh,{},{},,\n", line.name_zh, line.route);
    }
    trips += fmt::format("{},today,{},{},{},{}\n", line.route, line.id, quoted(line.to_en), line.direction, line.id);
    words += fmt::format("trips,trip_headsign,zh,{},{},,\n", line.to_zh, line.id);
    const std::vector<PlannedCall> calls = planned_calls(streets, line);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const auto clock = [&](double s) { return format_clock(std::int32_t(s - calls.front().arrival_s)); };
      times += fmt::format("{},{},{},{},{},0\n", line.id, clock(calls[i].arrival_s), clock(calls[i].departure_s),
                           line.stops[i].id, i + 1);
    }
    const std::int32_t start_s = first_run(line, calls.front().departure_s, begins, zone).start_s;
    repeats += fmt::format("{},{},{},{:.0f},1\n", line.id, format_clock(start_s), format_clock(start_s + hours * 3600),
                           line.every_s);
    int point = 0;
    for (const std::string& edge : line.edges) {
      for (int part = 0; part < 4; ++part) {
        const LonLat at = streets.place_on(edge, streets.length_m(edge) * part / 4);
        shapes += fmt::format("{},{:.6f},{:.6f},{}\n", line.id, at.lat_deg, at.lon_deg, point++);
      }
    }
  }
  out["routes.txt"] = std::move(routes);
  out["trips.txt"] = std::move(trips);
  out["stop_times.txt"] = std::move(times);
  out["frequencies.txt"] = std::move(repeats);
  out["shapes.txt"] = std::move(shapes);
  out["translations.txt"] = std::move(words);
  return out;
}

BusService::BusService(const Streets& streets, std::vector<BusLine> lines, base::Instant begins, base::TimeZone zone)
    : streets_(streets), lines_(std::move(lines)), begins_(begins), zone_(std::move(zone)) {
  for (const BusLine& line : lines_)
    first_departure_s_.push_back(line.stops.empty() ? 0 : planned_calls(streets_, line).front().departure_s);
}

BusService::Bus BusService::begin(const BusPlace& place, std::size_t line) const {
  const BusLine& of = lines_[line];
  int number = 0;
  const std::size_t dash = place.id.rfind('-') + 1;
  std::from_chars(place.id.data() + dash, place.id.data() + place.id.size(), number);
  const FirstRun first = first_run(of, first_departure_s_[line], begins_, zone_);
  Bus out{.line = line, .place = place, .calls = {}, .trip = {}};
  out.trip.trip_id = of.id;
  out.trip.route_id = of.route;
  out.trip.direction = std::uint32_t(of.direction);
  out.trip.start_date = format_day(first.day);
  out.trip.start_time = format_clock(first.start_s + std::int32_t(of.every_s) * number);
  return out;
}

void BusService::look(base::Instant at) {
  std::map<std::string, Bus> next;
  for (const BusPlace& place : streets_.buses()) {
    const auto line = std::ranges::find(lines_, place.line, &BusLine::id);
    if (line == lines_.end()) continue;
    const auto known = buses_.find(place.id);
    Bus bus = known == buses_.end() ? begin(place, std::size_t(line - lines_.begin())) : std::move(known->second);
    if (place.at_stop && !bus.stands && bus.calls.size() < line->stops.size()) bus.calls.push_back({unix_s(at), 0});
    if (!place.at_stop && bus.stands && !bus.calls.empty()) bus.calls.back().departure_s = unix_s(at);
    bus.stands = place.at_stop;
    bus.place = place;
    bus.at_s = unix_s(at);
    next.emplace(place.id, std::move(bus));
  }
  buses_ = std::move(next);
}

RealtimeFeed BusService::feed(base::Instant at) const {
  RealtimeFeed out;
  out.at_s = unix_s(at);
  for (const auto& [id, bus] : buses_) {
    const std::vector<BusStop>& stops = lines_[bus.line].stops;
    const std::size_t next = bus.calls.size() - (bus.stands && !bus.calls.empty() ? 1 : 0);
    if (next >= stops.size()) continue;  // behind its last stop
    VehiclePosition position{.id = id, .trip = bus.trip, .vehicle = {.id = id, .label = id.substr(4), .plate = {}}};
    position.lat_deg = float(bus.place.at.lat_deg);
    position.lon_deg = float(bus.place.at.lon_deg);
    position.bearing_deg = float(bus.place.heading_deg);
    position.speed_mps = float(bus.place.speed_mps);
    position.sequence = std::uint32_t(next + 1);
    position.stop_id = stops[next].id;
    position.status = bus.stands ? VehicleStop::stopped_at : VehicleStop::in_transit_to;
    position.at_s = bus.at_s;
    out.vehicles.push_back(std::move(position));
    if (bus.calls.empty()) continue;
    TripUpdate update{.id = id + "-trip", .trip = bus.trip, .vehicle = {.id = id, .label = {}, .plate = {}}};
    update.at_s = bus.at_s;
    for (std::size_t i = 0; i < bus.calls.size(); ++i) {
      StopUpdate call;
      call.sequence = std::uint32_t(i + 1);
      call.stop_id = stops[i].id;
      call.arrival = StopEvent{.time_s = bus.calls[i].arrival_s};
      if (bus.calls[i].departure_s != 0) call.departure = StopEvent{.time_s = bus.calls[i].departure_s};
      update.stops.push_back(std::move(call));
    }
    out.trips.push_back(std::move(update));
  }
  add_alerts(at, out);
  return out;
}

void BusService::add_alerts(base::Instant, RealtimeFeed& out) const {
  for (const std::string& edge : streets_.blocked()) {
    ServiceAlert alert{.id = "blocked-" + edge, .cause = 6, .effect = 3, .severity = 3};  // accident, delays, warning
    for (const BusLine& line : lines_) {
      if (std::ranges::find(line.edges, edge) == line.edges.end()) continue;
      Informed about;
      about.route_id = line.route;
      about.direction = std::uint32_t(line.direction);
      alert.informed.push_back(std::move(about));
    }
    if (alert.informed.empty()) continue;
    alert.header = {{"zh", "前方道路受阻,车辆延误"}, {"en", "A street ahead is obstructed: buses are late"}};
    out.alerts.push_back(std::move(alert));
  }
}

}  // namespace cityloop::traffic
