// Who is within the junction, from the detectors that see it from above or from its corners (camera, radar).
//
//   vehiclesWithin of each zone's entity ─▶ [ZoneWatch] ─▶ JunctionView::inside
//
// Read of an entity, whatever its type:
//
//   vehiclesWithin   all vehicles past their stop line and not yet on an exit, [{"movement": "n_left", "toExit": 6.5,
//                    "speed": 0, "waited": 7}]: the id of a movement of the settings (left out where their place does
//                    not tell), metres along it, m/s, seconds of standing
//
// Several zones see parts of one junction: nothing is known of it unless each has told what it sees within the last
// seconds. A zone of which one reading cannot be is not heard until its next; one in which somebody stands for longer
// than any light keeps him sees what is not there.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "domain/traffic/signal/controller.h"
#include "domain/traffic/signal/settings.h"
#include "flow/change.h"

namespace cityloop::traffic {

class ZoneWatch {
 public:
  explicit ZoneWatch(const SignalJunction&);  // outlives this

  void see(std::size_t zone, const flow::Change&, flow::Instant at);
  std::optional<std::vector<InsideVehicle>> inside(double now_s) const;

  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  std::optional<std::vector<InsideVehicle>> vehicles_from(const flow::Value&) const;

  struct Zone {
    std::vector<InsideVehicle> vehicles;
    double told_s{-1e18};
  };
  const SignalJunction* is_;
  std::vector<Zone> zones_;
};

}  // namespace cityloop::traffic
