// The town's buses as their company tells of them: a timetable (GTFS) and how it really goes (GTFS-Realtime).
//
//   network/buses.csv, stops.csv ─▶ [bus_timetable] ─ tables ─▶ CITY/traffic/timetable
//   Streets, each second ─▶ [BusService] ─ feed ─▶ CITY/traffic/buses.pb ─ puller ─▶ twin
//
// One trip a line and direction, repeated by frequencies.txt to the second: a run is named by its trip and its planned
// start, the departure from its first stop. The timetable holds for the service day on which the streets begin, and for
// as many hours as anybody drives; `begins` is the moment of their second 0. Running times are planned at kPlanned_mps
// between stops. Alerts say which lines a blocked street delays. Times of stops passed are told, forecasts are not: to
// make those is the house's work.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/traffic/demo/demand.h"
#include "domain/traffic/demo/streets.h"
#include "domain/traffic/transit/realtime.h"

namespace cityloop::traffic {

inline constexpr double kPlanned_mps = 5.5;

struct PlannedCall {
  double arrival_s{}, departure_s{};  // after the bus comes onto the streets
};
std::vector<PlannedCall> planned_calls(const Streets&, const BusLine&);

// "stops.txt" → its rows.
std::map<std::string, std::string> bus_timetable(const Streets&, const std::vector<BusLine>&, base::Instant begins,
                                                 const base::TimeZone&, int hours);

class BusService {
 public:
  BusService(const Streets&, std::vector<BusLine>, base::Instant begins, base::TimeZone);

  void look(base::Instant at);  // once a second
  RealtimeFeed feed(base::Instant at) const;

 private:
  struct Call {
    std::int64_t arrival_s{}, departure_s{};  // Unix; 0: not yet
  };
  struct Bus {
    std::size_t line{};
    BusPlace place;
    std::int64_t at_s{};
    std::vector<Call> calls;  // begun ones
    TripRef trip;
    bool stands{false};
  };
  Bus begin(const BusPlace&, std::size_t line) const;
  void add_alerts(base::Instant at, RealtimeFeed& out) const;

  const Streets& streets_;
  const std::vector<BusLine> lines_;
  const base::Instant begins_;
  const base::TimeZone zone_;
  std::vector<double> first_departure_s_;  // by line: of its first stop, after the bus comes onto the streets
  std::map<std::string, Bus> buses_;
};

}  // namespace cityloop::traffic
