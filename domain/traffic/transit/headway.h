// Headways at stops against the plan: how long passengers wait beyond what the timetable promises, buses that bunch,
// gaps, and what to hold whom for.
//
//   passages of buses ─▶ [HeadwayWatch] ─ opened, cleared ─▶ Finding ─▶ casework        Regularity ─▶ twin
//
// A headway is the time between two departures of one line and direction from one stop. Bunched: under `bunching` of
// the planned one at hold_stops stops in a row; a gap: over `gap` of it, and more than gap_least above it. Each clears
// past a limit of its own, at the end of the trip, or when the bus has not been heard of for `silent`.
//
// Waiting (people who come by chance): AWT = Σh² / 2Σh of the headways as they were, SWT the same of those planned,
// EWT = AWT − SWT. Osuna and Newell, Control strategies for an idealized public transportation system, Transportation
// Science 6 (1972); EWT as an indicator: Trompet, Liu and Graham, Transportation Research Record 2216 (2011).
//
// Holding: a bunched bus is held for half of what separates its two headways, (h_behind − h_front) / 2, the bus in
// front of a gap likewise, from 0 to hold_max: two-way headway control, Fu and Yang, Transportation Research Record
// 1791 (2002).
//
// Time arrives with each passage; bounded by lines, stops and runs under way.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "domain/traffic/transit/predictor.h"

namespace cityloop::traffic {

struct HeadwayOptions {
  double bunching{0.25}, bunching_clear{0.5};  // of the planned headway
  double gap{1.75}, gap_clear{1.5};
  base::Duration gap_least{std::chrono::seconds(120)};
  std::uint32_t hold_stops{2};
  base::Duration hold_max{std::chrono::seconds(120)};
  base::Duration silent{std::chrono::minutes(15)};
  base::Duration window{std::chrono::hours(1)};       // over which waiting is told
  base::Duration planned_max{std::chrono::hours(2)};  // rarer lines have timetables, not headways
};

struct Passage {
  RunId run;
  std::uint32_t call;
  base::Instant at;
  std::string urn;  // of the entity that stands for the bus
};

enum class HeadwayFault : std::uint8_t { bunching, gap };
struct HeadwayEvent {
  HeadwayFault fault{};
  bool opened{};               // false: cleared
  std::string urn, front_urn;  // the bus, and the one in front of it
  RunId run;
  StopNo stop{kNo<StopNo>};
  base::Instant at{base::kNever}, opened_at{base::kNever};
  double headway_s{}, planned_s{};
  // Advice: whom to hold, and for how long; 0 where holding helps nobody.
  std::string hold_urn;
  std::int32_t hold_s{};
  std::string_view reason;  // why it cleared: headway, trip ended, silent
};

struct Regularity {
  RouteNo route{kNo<RouteNo>};
  std::uint8_t direction{};
  std::size_t headways{};
  double awt_s{}, swt_s{}, ewt_s{};
  double bunched_share{}, gap_share{};
};

// How long after a passage the next bus of the line is expected at that stop, where it is known; asked for only where
// advice is given.
using Behind = std::function<std::optional<double>()>;

// The newest headway at a stop, of one line and direction.
struct StopHeadway {
  StopNo stop;
  RouteNo route;
  std::uint8_t direction;
  TripNo trip;  // of the bus that came last
  base::Instant at;
  double headway_s, planned_s;
  std::string_view state;  // even, bunched, gap
};

class HeadwayWatch {
 public:
  HeadwayWatch(const Schedule& schedule, HeadwayOptions options) : schedule_(schedule), options_(options) {}

  std::vector<HeadwayEvent> on_passage(const Passage&, const Behind& behind);
  // Closes what belongs to buses that are silent.
  std::vector<HeadwayEvent> on_time(base::Instant now);
  std::vector<Regularity> regularity() const;  // of lines with headways in the window, by route id and direction
  std::vector<StopHeadway> newest() const;     // by stop, then line
  // The headway that the timetable promises in front of this call; nothing where it promises none.
  std::optional<double> planned_headway_s(const RunId&, std::uint32_t call) const;

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  struct Front {  // the last bus that left a stop
    RunId run;
    std::string urn;
    base::Instant at;
    double headway_s;     // to the one in front of it; 0: not known
    double planned_s{0};  // 0: the timetable promises none
  };
  struct Open {
    base::Instant at;
    std::string front_urn;
    StopNo stop;
    double planned_s;
  };
  struct Bus {
    base::Instant heard{base::kNever};
    std::string urn;
    std::uint32_t bunched_stops{0};
    std::optional<Open> open[2];
  };
  struct Sample {
    base::Instant at;
    float headway_s, planned_s;
  };
  using LineStop = std::tuple<RouteNo, std::uint8_t, StopNo>;
  using Line = std::pair<RouteNo, std::uint8_t>;

  HeadwayEvent event(HeadwayFault, bool opened, const Passage&, const Front&, double headway_s, double planned_s) const;
  std::int32_t hold_s(double front_s, double behind_s) const;
  void judge(const Passage&, const Front&, double planned_s, const Behind&, Bus&, std::vector<HeadwayEvent>&);
  void follow(const Passage&, Front&, const Behind&, Bus&, std::vector<HeadwayEvent>&);
  void close(Bus&, const RunId&, HeadwayFault, base::Instant, double headway_s, std::string_view reason,
             std::vector<HeadwayEvent>&);
  void trim(base::Instant now);

  const Schedule& schedule_;
  HeadwayOptions options_;
  std::map<LineStop, Front> front_;
  std::map<RunId, Bus> buses_;
  std::map<Line, std::deque<Sample>> samples_;
};

}  // namespace cityloop::traffic
