// The junctions of a city that Cityloop runs or watches: CITY/traffic/signals/*.toml.
//
//   signals/*.toml ─▶ [SignalSettings] ─▶ SignalLoop, SignalInterlock, console
//
//   [[junction]]
//   id = "people-square"
//   name = { zh = "人民广场", en = "People's Square" }
//   device = "urn:ngsi-ld:Device:signal-people-square"   # of deviceType trafficSignal: takes the command `stage`
//   location = [121.475, 31.232]      # left out: shown nowhere on the map
//   controller = "planner"            # or fixed, greedy, max_pressure; left out: planner
//   yellow = "3s"                     # clearances: left out 3s and 2s
//   all_red = "2s"
//   min_green = "7s"                  # of every movement of vehicles; left out 5s
//   pedestrian_min = "10s"            # of people on foot; left out 7s
//   max_red = "150s"                  # left out 150s
//   latency = "2s"                    # the longest from a message sent until the lights begin to change; left out 2s
//   refresh = "8s"                    # the stage is wished for again after this, so that the device knows that
//   somebody
//                                     # is there; left out 8s; 0s: never
//   zones = ["urn:ngsi-ld:ZoneObserved:people-square"]   # by which the vehicles within the junction are seen
//                                     # (zone_watch.h); left out: by nobody, and nothing is cleared for them
//   stuck_after = "240s"              # the same numbers again and again for so long: stuck; never under max_red and a
//                                     # minute; left out 240s
//
//   [[junction.lane]]
//   id = "n_in"
//   role = "approach"                 # or upstream, exit
//   length_m = 180
//   speed_mps = 13.9
//   next = ["n_in"]                   # upstream: the lanes into which it leads; to_stop_line_m: the way from its end
//   far_junction = "north-gate"       # and far_lane: by which neighbours speak of the same lane
//   buses = true
//   detectors = ["urn:ngsi-ld:TrafficFlowObserved:n_in"]
//   same_vehicles = ["urn:ngsi-ld:TrafficFlowObserved:n_far"]   # other detectors that all vehicles of these pass
//
//   [[junction.movement]]
//   id = "n_straight"
//   kind = "straight"                 # left, right, u_turn, pedestrian
//   from = "n_in"                     # to = …; none for people on foot
//   to = "s_out"
//   light = 0                         # its letter in the text of the lights; left out: a light of its own
//   excludes = ["e_straight"]         # never green together
//   gives_way_to = ["s_straight"]     # may be green together, this one permissive
//   meets_nobody = true               # instead of both: said, never silently so
//
//   [[junction.stage]]
//   name = "A"
//   green = ["n_straight", "s_straight"]
//   permissive = ["n_left"]
//   min_green = "10s"
//   max_green = "60s"
//
//   [[junction.stage]]                # at most one without green: all red, for those who stand within
//   name = "clear"
//   clears = true
//   max_green = "12s"                 # the longest; left out 12s
//
//   [junction.plan]                   # what is shown where there is no data, and by which people compare
//   offset = "0s"                     # the first step begins this long after whole cycles since 1970-01-01T00:00Z
//   steps = [{ stage = "A", green = "30s" }, { stage = "B", green = "25s" }]
//
// Every mistake of every file is told at once as "file:line: reason": unknown names, conflicts inside a stage, stages
// that can never be shown, greens too short, reds too long. A junction without detectors is none: it runs its plan.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/traffic/signal/interlock.h"
#include "domain/traffic/signal/junction.h"
#include "flow/finding.h"

namespace cityloop::traffic {

struct DetectorPlace {
  flow::EntityId entity;
  int lane{};
  std::vector<flow::EntityId> same_vehicles;
};

struct SignalJunction {
  flow::EntityId entity;  // urn:ngsi-ld:TrafficSignal:ID
  flow::EntityId device;
  flow::Bilingual name;
  std::optional<std::pair<double, double>> lon_lat_deg;
  std::string controller;
  double latency_s{2};
  double refresh_s{8};  // 0: never
  std::optional<double> stuck_after_s;
  std::shared_ptr<const Junction> junction;  // passes check()
  std::vector<std::string> movements;        // their ids
  std::vector<DetectorPlace> detectors;      // none: it runs its plan
  std::vector<flow::EntityId> zones;         // who see the vehicles within
};

struct SignalSettings {
  std::vector<SignalJunction> junctions;  // by id
  std::vector<std::string> notes;         // "file:line: …": what is no mistake, but should be known

  static base::Result<SignalSettings> load_folder(const std::string& folder);  // none where there is no such folder
  static base::Result<SignalSettings> parse(std::string_view content, const std::string& file_name);
  std::vector<SignalDevice> devices() const;  // what the interlock stands over
};

}  // namespace cityloop::traffic
