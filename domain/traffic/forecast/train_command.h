// cityloop traffic train: trains boosted trees for a city's forecasts, from its history or from a table.
//
//   readings.csv[.gz] │ CITY + DATA ─▶ [train_command] ─ CITY/traffic/models/NAME.{ubj,toml} ─▶ a running city takes it
//   up
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace cityloop::traffic {

base::Status train_command(const std::vector<std::string>& words);

}  // namespace cityloop::traffic
