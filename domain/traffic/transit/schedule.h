// A city's timetable in memory: stops, lines, trips and when they call, as GTFS Schedule tells it.
//
//   GTFS (zip, folder) ─ gtfs_import ─▶ [Schedule] ─▶ boards, predictions, headways ─ gtfs_export ─▶ GTFS
//
// Never changed once it is made; readers share it. Trips that call at the same stops after the same times share one
// Pattern, so a call costs a share of a pattern and of its trip: about 2 bytes where timetables repeat, 30 where none
// does. Times of a trip are seconds of its service day, which begins 12 h before its noon (service_days.h) and may run
// past 24:00. Texts stand once, in one pool; number 0 is the empty text. Ids are strong and count from 0.
//
// Reference: GTFS Schedule Reference, https://gtfs.org/documentation/schedule/reference/.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "geo/shape.h"

namespace cityloop::traffic {

enum class TextNo : std::uint32_t {};  // 0: the empty text
enum class StopNo : std::uint32_t {};
enum class RouteNo : std::uint32_t {};
enum class TripNo : std::uint32_t {};
enum class ServiceNo : std::uint32_t {};
enum class PatternNo : std::uint32_t {};
enum class ShapeNo : std::uint32_t {};

template <class Number>
  requires std::is_enum_v<Number>
constexpr std::size_t at(Number number) {
  return std::size_t(number);
}
template <class Number>
inline constexpr Number kNo = Number(std::numeric_limits<std::uint32_t>::max());

// Texts kept once, one behind the other.
class TextPool {
 public:
  TextPool() : ends_{0, 0} {}
  TextNo add(std::string_view);
  std::string_view operator[](TextNo no) const {
    return std::string_view(bytes_).substr(ends_[at(no)], ends_[at(no) + 1] - ends_[at(no)]);
  }
  std::size_t bytes() const { return bytes_.size() + ends_.size() * sizeof(std::uint32_t); }
  void settle() { known_ = {}; }  // nothing more will be added

 private:
  std::string bytes_;
  std::vector<std::uint32_t> ends_;
  std::unordered_map<std::string, TextNo> known_;
};

// WGS 84 in ten-millionths of a degree (1 cm); never given: kNowhere.
struct Spot {
  std::int32_t lon_e7{kNowhere}, lat_e7{kNowhere};
  static constexpr std::int32_t kNowhere = std::numeric_limits<std::int32_t>::min();
  bool known() const { return lon_e7 != kNowhere; }
  geo::Position position() const { return {lon_e7 * 1e-7, lat_e7 * 1e-7}; }
  friend bool operator==(const Spot&, const Spot&) = default;
};
double distance_m(Spot, Spot);  // on a plane tangent between them: within 0.1 % over a city

struct Agency {
  TextNo id{}, name{}, url{}, time_zone{}, lang{}, phone{}, email{};
};
struct Stop {
  TextNo id{}, code{}, name{}, description{}, platform_code{}, zone{}, time_zone{};
  StopNo parent{kNo<StopNo>};
  Spot spot;
  std::uint8_t location_type{0};  // 0 stop or platform, 1 station, 2 entrance, 3 node, 4 boarding area
  std::uint8_t wheelchair{0};
};
struct Route {
  TextNo id{}, short_name{}, long_name{}, description{}, color{}, text_color{}, url{};
  std::uint32_t agency{0};
  std::uint16_t type{3};
  std::uint32_t sort_order{0};
};
struct Trip {
  TextNo id{}, headsign{}, short_name{}, block{};
  RouteNo route{};
  ServiceNo service{};
  PatternNo pattern{};
  ShapeNo shape{kNo<ShapeNo>};
  std::int32_t start_s{0};  // departure from its first stop
  std::uint8_t direction{0};
  std::uint8_t wheelchair{0}, bikes{0};
};

// How a call differs from "get on, get off, an exact time".
struct CallFlags {
  std::uint8_t pickup : 2 {0}, drop_off : 2 {0};
  bool timepoint : 1 {true};      // false: the time is approximate
  bool interpolated : 1 {false};  // the feed gave no time here
  friend bool operator==(const CallFlags&, const CallFlags&) = default;
};
// One call of a pattern; times are seconds after the trip's start.
struct Call {
  StopNo stop;
  std::int32_t arrival_s, departure_s;
  std::uint32_t sequence;
  TextNo headsign{};                                          // where it differs from the trip's
  float shape_dist{std::numeric_limits<float>::quiet_NaN()};  // in the feed's own unit; NaN: not given
  CallFlags flags;
};
bool operator==(const Call&, const Call&);

struct Service {
  TextNo id{};
  std::uint8_t weekdays{0};  // bit 0: Monday
  std::chrono::sys_days first{}, last{};
  bool in_calendar{false};  // false: calendar_dates.txt alone tells of it
  struct Exception {
    std::chrono::sys_days date;
    bool added;
    friend bool operator==(const Exception&, const Exception&) = default;
  };
  std::vector<Exception> exceptions;  // by date
  bool runs_on(std::chrono::sys_days) const;
};
struct Frequency {
  TripNo trip;
  std::int32_t from_s, until_s;  // departures of the first stop in [from, until)
  std::int32_t headway_s;
  bool exact{false};
};
struct Transfer {
  StopNo from, to;
  std::uint8_t type{0};
  std::optional<std::int32_t> time_s;
};
struct FeedInfo {
  std::string publisher, url, lang, default_lang, version, email, contact_url;
  std::optional<std::chrono::sys_days> start, end;
};
struct Translation {
  TextNo table{}, field{}, lang{}, text{}, record{}, sub_record{}, value{};
};

// The trips of one service day's window at a stop, and what a call of a trip is.
struct Departure {
  TripNo trip;
  std::uint32_t call;                // of the trip's pattern
  std::chrono::sys_days day;         // the service day
  std::int32_t start_s;              // of this run: differs from the trip's where a frequency repeats it
  base::Instant arrival, departure;  // as planned
};

struct Schedule {
  TextPool texts;
  std::vector<Agency> agencies;  // at least one; the first one's zone is that of all times
  std::vector<Stop> stops;
  std::vector<Route> routes;
  std::vector<Trip> trips;
  std::vector<Service> services;
  std::vector<Frequency> frequencies;  // by trip, then time
  std::vector<Transfer> transfers;
  std::vector<Translation> translations;
  std::optional<FeedInfo> info;
  // Calls of pattern p: calls[pattern_begin[p] … pattern_begin[p + 1]).
  std::vector<Call> calls;
  std::vector<std::uint32_t> pattern_begin{0};
  // Points of shape s, and the feed's distance at each (empty when no shape gives any).
  std::vector<TextNo> shape_ids;
  std::vector<std::uint32_t> shape_begin{0};
  std::vector<Spot> shape_points;
  std::vector<float> shape_dist;
  base::TimeZone zone{base::TimeZone::utc()};

  // Made by settle(), when all of the above is there.
  void settle();

  std::string_view text(TextNo no) const { return texts[no]; }
  StopNo stop_of(std::string_view id) const;  // kNo when there is none, as below
  RouteNo route_of(std::string_view id) const;
  TripNo trip_of(std::string_view id) const;
  std::size_t calls_of(PatternNo p) const { return pattern_begin[at(p) + 1] - pattern_begin[at(p)]; }
  const Call& call(PatternNo p, std::size_t i) const { return calls[pattern_begin[at(p)] + i]; }
  const Call& call(TripNo t, std::size_t i) const { return call(trips[at(t)].pattern, i); }
  std::size_t calls_of(TripNo t) const { return calls_of(trips[at(t)].pattern); }
  std::size_t stop_times() const;                  // rows of stop_times.txt
  std::vector<StopNo> platforms_of(StopNo) const;  // a station's stops; of any other stop itself
  std::vector<RouteNo> routes_of(StopNo) const;    // that call there, by route id
  const std::vector<std::uint32_t>& frequencies_of(TripNo) const;

  bool runs_on(TripNo t, std::chrono::sys_days day) const { return services[at(trips[at(t)].service)].runs_on(day); }
  // Departures within [from, until), in order of time, then route and trip by text; `max` at most.
  std::vector<Departure> departures(StopNo, base::Instant from, base::Instant until, std::size_t max) const;
  // All runs of a service day in order of their start: trips, and each repetition of those that run by frequency.
  std::vector<Departure> runs_of_day(std::chrono::sys_days) const;
  base::Instant time_of(std::chrono::sys_days day, std::int32_t second) const;

  // The text in a language: by record, by value, or the text itself.
  std::string_view translated(std::string_view table, std::string_view field, TextNo record, TextNo text,
                              std::string_view lang) const;

  struct Bytes {
    std::size_t texts, stops, routes, trips, patterns, shapes, other, total;
  };
  Bytes bytes() const;

 private:
  struct Visit {
    PatternNo pattern;
    std::uint32_t call;
  };
  template <class Take>
  void each_run(const Visit&, std::chrono::sys_days, std::int32_t from_s, std::int32_t until_s, Take&&) const;

  std::vector<std::uint32_t> stop_by_id_, route_by_id_,
      trip_by_id_;                          // in order of id
  std::vector<std::uint32_t> visit_begin_;  // by stop
  std::vector<Visit> visits_;
  std::vector<std::uint32_t> pattern_trip_begin_;  // trips of a pattern without frequencies, by start
  std::vector<TripNo> pattern_trips_;
  std::vector<std::uint32_t> frequency_trips_;  // trips with frequencies, by number
  std::vector<std::vector<std::uint32_t>> frequencies_of_;
  std::vector<std::vector<std::uint32_t>> pattern_frequency_trips_;  // index into frequency_trips_, by pattern
  std::vector<std::vector<RouteNo>> pattern_routes_;
  std::vector<std::uint32_t> children_begin_;
  std::vector<StopNo> children_;
  std::unordered_map<std::string, TextNo> translation_;
  std::int32_t last_second_{0};
};

}  // namespace cityloop::traffic
