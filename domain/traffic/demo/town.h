// The town as one thing: streets, a controller in each cabinet, a watch over each junction's lights, message signs,
// garages, buses, and what may go wrong.
//
//   commands, faults ─▶ [Town] ─ one second ─▶ messages (lanes, segments, buses, signals, receipts)
//
// Messages, as JSON with "at" in UTC:
//   traffic/lane/LANE/state         each second   entered, left, onLane, queue, occupancy, speed (km/h), waited (s),
//                                                 vehicles [{toEnd (m), speed (m/s), waited (s), track, kind}]
//   traffic/segment/EDGE/state      each 30 s     speed (km/h) and occupancy of the last minute, count, entered,
//                                               travelTime (s)
//   traffic/garage/ID/state         each 30 s     occupied
//   traffic/sign/ID/state           on change and each 30 s   text; a dash while it is dark
//   traffic/signal/JUNCTION/state   on change     stage (once lit), since, signalState, mode (plan, remote),
//   localControl traffic/streets/state           each 5 s      figures of the whole: delay, violations, commands
//   cityloop/JUNCTION/receipt       on a command  acknowledged, then succeeded once the green is lit, or failed with
//   why
// It takes:
//   cityloop/JUNCTION/cmd           {"command": id, "name": "stage", "value": name, number or lights}
//   cityloop/SIGN/cmd               {"command": id, "name": "message", "value": text}; an empty one puts it out
//   traffic/demo/fault              {"target": lane, "kind": "stuck" | "negative" | "doubled" | "silent" | "none"},
//                                   {"target": junction, "kind": "late", "seconds": 5}
//   traffic/demo/incident           {"target": edge, "seconds": 300}
// A command's id is the key by which it is done once; one that comes again is answered again. Where the buses are is no
// message: bus_feed() tells it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "domain/traffic/demo/bus_service.h"
#include "domain/traffic/demo/field_controller.h"
#include "domain/traffic/demo/garages.h"
#include "domain/traffic/demo/road_watch.h"
#include "domain/traffic/demo/segment_watch.h"
#include "domain/traffic/demo/signs.h"
#include "domain/traffic/demo/streets.h"

namespace cityloop::traffic {

struct TownMessage {
  std::string topic, payload;
};

struct TownParts {
  std::vector<BusLine> lines;
  std::vector<TownGarage> garages;
  std::vector<TownSign> signs;
  base::Instant begins{base::kNever};  // the moment of the streets' second 0
  base::TimeZone zone{base::TimeZone::utc()};
};

class Town {
 public:
  Town(Streets&, const std::vector<Junction>&, TownParts);  // the first two outlive this

  // A message from outside; what it calls for is told by the next advance().
  void take(std::string_view topic, std::string_view payload);
  base::Status apply_fault(std::string_view target, std::string_view kind, double seconds);
  // One second. Nobody is told anything while `quiet`.
  base::Status advance(base::Instant at, bool quiet, std::vector<TownMessage>& out);
  // From here on delay and commands are counted.
  void start_count();

  RealtimeFeed bus_feed(base::Instant at) const { return buses_.feed(at); }
  std::uint64_t violations() const;
  std::string figures(base::Instant at) const;  // JSON

 private:
  enum class Lie : std::uint8_t { none, stuck, negative, doubled, silent };
  struct Order {
    std::string id, receipt_topic;
    base::JsonValue value;
    std::string name;
    double due_s{};  // late controllers
    int stage{-1};   // taken: waits for its green
  };
  struct Cabinet {
    std::unique_ptr<FieldController> controller;
    RoadWatch watch;
    std::string told;  // letters and mode
    double told_s{-1e9};
    double late_s{0};
    std::deque<Order> orders;
    std::uint64_t remote_seconds{0};
  };
  struct Detector {
    Lie lie{Lie::none};
    std::string frozen;  // what a stuck one repeats: the first after the fault that told of somebody
  };
  struct Counts {
    std::uint64_t received{}, succeeded{}, failed{}, repeated{}, not_understood{};
  };

  void take_command(std::string_view device, const base::JsonValue&);
  bool remember(const std::string& command);  // false: it was answered before
  void show_on_sign(const std::string& sign, const Order&);
  void carry_out(Cabinet&, double now_s, std::vector<TownMessage>& out);
  void answer(const Order&, std::string_view status, std::string_view reason, std::vector<TownMessage>& out);
  void tell_lanes(base::Instant at, std::vector<TownMessage>& out);
  void tell_zones(base::Instant at, std::vector<TownMessage>& out) const;
  void tell_segments(base::Instant at, std::vector<TownMessage>& out);
  void tell_garages(base::Instant at, std::vector<TownMessage>& out) const;
  void tell_signs(base::Instant at, std::vector<TownMessage>& out);
  void tell_signal(const std::string& id, Cabinet&, base::Instant at, double now_s, std::vector<TownMessage>& out);

  Streets& streets_;
  const std::vector<Junction>& junctions_;
  std::map<std::string, Cabinet, std::less<>> cabinets_;
  std::map<std::string, Detector, std::less<>> detectors_;  // by lane
  std::vector<SegmentWatch> segments_;
  Garages garages_;
  BusService buses_;
  struct Sign {
    std::string text;
    bool told{false};
  };
  std::map<std::string, Sign, std::less<>> signs_;
  std::map<std::string, TownMessage, std::less<>> answers_;  // by command
  std::deque<std::string> answered_;
  std::vector<TownMessage> waiting_;  // what take() calls for
  Counts counts_;
  std::uint64_t seconds_{0};
};

}  // namespace cityloop::traffic
