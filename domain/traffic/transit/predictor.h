// When a run will call at the stops in front of it, from what its producer says and from where its bus is.
//
//   TripUpdate, VehiclePosition, Schedule ─▶ [Predictor] ─ Run ─▶ board, headways, GTFS-Realtime out
//
// A producer's own forecasts of calls ahead stand. Elsewhere the delay is carried forward, changed hop by hop and stay
// by stay by what buses before it have really taken (pace.h). Where nothing is learned yet, a late bus makes up what a
// stop's planned dwell holds beyond min_dwell_s, and the delay stays between stops (GTFS-Realtime: it holds for all
// calls behind it until the next update). An early bus waits at timepoints (stop_times.timepoint = 1) until it is due.
// A position counts where it is newer than the update or the update ends behind the bus: it is put on the trip's way,
// and the delay is now less the planned time at that place, by the running time in between. Farther than off_route_m
// from the way it is not used.
//
// A function of what it is given: no clock, nothing random. Lives on one thread: it remembers ways.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/traffic/transit/pace.h"
#include "domain/traffic/transit/path.h"
#include "domain/traffic/transit/realtime.h"
#include "domain/traffic/transit/schedule.h"

namespace cityloop::traffic {

struct PredictOptions {
  std::int32_t min_dwell_s{15};
  double off_route_m{200};
};

// Which run of which trip: a trip, its service day, and when it starts (it differs only where a frequency repeats the
// trip).
struct RunId {
  TripNo trip{kNo<TripNo>};
  std::chrono::sys_days day{};
  std::int32_t start_s{0};
  friend auto operator<=>(const RunId&, const RunId&) = default;
};

struct CallEstimate {
  std::int32_t arrival_delay_s{0}, departure_delay_s{0};
  bool known{false};  // false: only the timetable tells
  bool skipped{false};
};
// A call of a trip that the timetable does not have.
struct AddedCall {
  StopNo stop;
  base::Instant arrival, departure;
};
struct Run {
  RunId id;
  TripRef ref;  // as the producer names it
  RouteNo route{kNo<RouteNo>};
  TripRelation relation{TripRelation::scheduled};
  std::string vehicle;
  std::optional<std::uint32_t> occupancy;
  base::Instant at{base::kNever};  // of the newest that is known of it
  std::uint32_t next{0};           // the first call that it has not left
  std::optional<double> along_m;   // of its position on its way
  std::vector<CallEstimate> calls;
  std::vector<AddedCall> added;  // where id.trip is kNo
};
base::Instant expected_arrival(const Schedule&, const Run&, std::size_t call);
base::Instant expected_departure(const Schedule&, const Run&, std::size_t call);

class Predictor {
 public:
  Predictor(const Schedule& schedule, PredictOptions options) : schedule_(schedule), options_(options) {}

  // Which run is meant, at about that time; an error says what the timetable does not know.
  base::Result<RunId> resolve(const TripRef&, base::Instant about) const;
  // What is known of a run; at least one of both is given. Runs that are no trip of the timetable come from updates
  // alone.
  base::Result<Run> estimate(const TripUpdate*, const VehiclePosition*);
  const TripPath& path(TripNo);
  PaceBook& pace() { return pace_; }
  const PaceBook& pace() const { return pace_; }

 private:
  struct Given;
  Given given_by(const TripUpdate&, const Run&, std::int32_t shift_s) const;
  void place(const VehiclePosition&, Run&);
  std::int32_t leaves(const RunId&, std::uint32_t call, std::int32_t arrival_delay_s) const;
  void propagate(const Given&, const VehiclePosition*, bool position_counts, Run&);
  base::Result<Run> added_run(const TripUpdate&) const;

  const Schedule& schedule_;
  PredictOptions options_;
  PaceBook pace_;
  std::map<std::pair<PatternNo, ShapeNo>, TripPath> paths_;
};

}  // namespace cityloop::traffic
