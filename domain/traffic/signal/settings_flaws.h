// What is wrong with a junction of the settings as a whole, told at the lines where it can be mended.
//
//   [[junction]] ─▶ settings.cc ─ Junction ─▶ [tell_flaws] ─▶ mistakes of the file
#pragma once

#include <string>
#include <vector>

#include "base/config.h"
#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic {

// Indices of the junction are within range; `movements` are its movements' ids, `stages` the tables of its stages.
// Whether nothing was wrong.
bool tell_flaws(const Junction&, double latency_s, const std::vector<std::string>& movements, base::ConfigTable& table,
                std::vector<base::ConfigTable>& stages);

}  // namespace cityloop::traffic
