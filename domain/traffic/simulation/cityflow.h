// Road networks and flows of CityFlow, as SUMO takes them.
//
//   roadnet.json, flow.json ─▶ [convert_cityflow] ─▶ .nod.xml .edg.xml .con.xml .tll.xml .rou.xml .sumocfg ─▶
//   netconvert
//
// CityFlow counts lanes from the middle of the road, SUMO from its edge. Of the lane links of a turn each lane keeps
// one, to the lane that lies straight ahead of it. Light phases that only let go what every phase lets go (right turns,
// and the phase that CityFlow clears the junction in) are no stages; between the others stand three seconds of yellow.
// Every vehicle is one of a type with its own length, gap, acceleration and headway. Formats: CityFlow's documentation
// (roadnet.json, flow.json) and SUMO's of plain XML networks.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::traffic {

struct PlainStreets {
  std::string nodes, edges, connections, lights, routes;  // XML
  int junctions{};                                        // with lights
  int vehicles{};
  int dropped{};  // vehicles whose route names a road that is not there
};

base::Result<PlainStreets> convert_cityflow(std::string_view roadnet_json, std::string_view flow_json);

// Writes the files into the folder (made where it is not), runs netconvert, and gives the configuration (NAME.sumocfg).
base::Result<std::filesystem::path> build_streets(const PlainStreets&, const std::filesystem::path& folder,
                                                  const std::string& name, int seconds = 3600);

}  // namespace cityloop::traffic
