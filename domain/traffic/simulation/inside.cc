#include "domain/traffic/simulation/inside.h"

#include <algorithm>

#include <libsumo/libsumo.h>

namespace cityloop::traffic {

std::vector<InsideVehicle> look_inside(const Junction& junction) {
  std::vector<InsideVehicle> seen;
  for (std::size_t m = 0; m < junction.movements.size(); ++m) {
    double to_exit_m = junction.movements[m].length_m;
    for (const std::string& lane : junction.movements[m].inside) {
      for (const std::string& id : libsumo::Lane::getLastStepVehicleIDs(lane)) {
        seen.push_back({.movement = static_cast<int>(m),
                        .to_exit_m = std::max(0.0, to_exit_m - libsumo::Vehicle::getLanePosition(id)),
                        .speed_mps = std::max(0.0, libsumo::Vehicle::getSpeed(id)),
                        .waited_s = libsumo::Vehicle::getWaitingTime(id)});
      }
      to_exit_m -= libsumo::Lane::getLength(lane);
    }
  }
  return seen;
}

}  // namespace cityloop::traffic
