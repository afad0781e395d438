// Junctions with lights as a SUMO network file (.net.xml) describes them.
//
//   .net.xml ─▶ [read_sumo_net] ─▶ Junctions ─▶ controllers, interlocks        (SUMO itself is not needed for this)
//
// Conflicts are the foes and responses of the net's right-of-way matrix; stages are the phases of the first programme
// without yellow; the programme itself is the fixed plan. A green that the matrix says must give way is made
// permissive, so that no stage lets two conflicting movements go unprotected. What the file lacks is refused with its
// reason.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic {

struct SumoNetOptions {
  double upstream_m{600};  // how far back of a stop line lanes belong to its junction
  double min_green_s{5};   // where a phase does not say (minDur of a static programme says nothing)
  double max_green_s{120};
  double yellow_s{3};
  double all_red_s{0};
  double max_red_s{150};
  double max_clear_s{12};
  bool clearing_stage{false};  // adds a last stage in which nobody has green, for a controller that clears the junction
};

// In order of their ids. Every junction has passed check().
base::Result<std::vector<Junction>> parse_sumo_net(std::string_view xml, const SumoNetOptions& = {});
base::Result<std::vector<Junction>> read_sumo_net(const std::filesystem::path&, const SumoNetOptions& = {});

}  // namespace cityloop::traffic
