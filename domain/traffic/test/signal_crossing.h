// A junction of the settings for tests: a road with a left turn, crossed by another one and by people on foot.
#pragma once

#include <string>

namespace cityloop::traffic::test {

inline constexpr const char* kCrossing = R"(
[[junction]]
id = "square"
name = { zh = "广场", en = "Square" }
device = "urn:ngsi-ld:Device:signal-square"
controller = "max_pressure"
yellow = "3s"
all_red = "2s"
pedestrian_min = "9s"
max_red = "120s"
latency = "2s"
[[junction.lane]]
id = "n_in"
length_m = 150
speed_mps = 14
detectors = ["urn:ngsi-ld:TrafficFlowObserved:n_in"]
same_vehicles = ["urn:ngsi-ld:TrafficFlowObserved:n_far"]
[[junction.lane]]
id = "e_in"
length_m = 150
speed_mps = 14
detectors = ["urn:ngsi-ld:TrafficFlowObserved:e_in"]
[[junction.lane]]
id = "n_far"
role = "upstream"
next = ["n_in"]
length_m = 150
speed_mps = 14
to_stop_line_m = 150
detectors = ["urn:ngsi-ld:TrafficFlowObserved:n_far"]
[[junction.lane]]
id = "s_out"
role = "exit"
length_m = 150
speed_mps = 14
[[junction.movement]]
id = "n_straight"
from = "n_in"
to = "s_out"
excludes = ["walk"]
[[junction.movement]]
id = "n_left"
kind = "left"
from = "n_in"
to = "s_out"
gives_way_to = ["n_straight"]
excludes = ["walk"]
[[junction.movement]]
id = "e_straight"
from = "e_in"
to = "s_out"
excludes = ["n_straight", "n_left"]
[[junction.movement]]
id = "walk"
kind = "pedestrian"
[[junction.stage]]
name = "along"
green = ["n_straight"]
permissive = ["n_left"]
min_green = "10s"
[[junction.stage]]
name = "across"
green = ["e_straight", "walk"]
[junction.plan]
steps = [{ stage = "along", green = "35s" }, { stage = "across", green = "15s" }]
)";

// The same with a zone detector, and all red for those whom it sees.
inline std::string crossing_with_zone() {
  std::string text = kCrossing;
  text.insert(text.find("yellow ="), "zones = [\"urn:ngsi-ld:ZoneObserved:square\"]\n");
  text.insert(text.find("[junction.plan]"), "[[junction.stage]]\nname = \"clear\"\nclears = true\n");
  return text;
}

}  // namespace cityloop::traffic::test
