// The town's message signs: where each stands, and the place of which it tells the way.
//
//   network/signs.csv ─▶ [TownSign] ─▶ describe (traffic/signs.toml, tables), Town (who shows what it is told)
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace cityloop::traffic {

struct TownSign {
  std::string id, name_zh, name_en, edge;
  double at_m{};                 // of the edge
  std::string to, to_zh, to_en;  // a junction, and what people call it
};
base::Result<std::vector<TownSign>> read_signs(const std::filesystem::path& csv);

}  // namespace cityloop::traffic
