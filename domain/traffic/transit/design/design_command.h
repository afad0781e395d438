// cityloop traffic design …: routes found from the command line.
//
//   cityloop traffic design --problem PATH | --city FOLDER --demand TRIPS.csv --mapping FILE.toml
//       [--routes 6] [--stops 2-15] [--transfer-minutes 5] [--seconds 30 | --steps N] [--seed 1] [--threads 1]
//       [--operator-weight W] [--fleet N] [--capacity 60] [--walk-m 500] [--stops-most 60] [--today ROUTES.geojson]
//       [--ends-at-terminals] [--json FILE] [--geojson FILE]
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "domain/traffic/transit/design/design_run.h"

namespace cityloop::traffic {

struct DesignWords {
  DesignWish wish;
  std::string city, json, geojson;
};
// Says every word that it does not know, and every value that is none.
base::Result<DesignWords> parse_design_words(const std::vector<std::string>& words);

// Progress goes to standard error, a table of routes to standard output.
base::Status design_command(const std::vector<std::string>& words);

}  // namespace cityloop::traffic
