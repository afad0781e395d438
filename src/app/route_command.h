// `cityloop route`: plans a published routing problem and says how the plan compares with the best known one.
//
//   NAME.vrp.gz, NAME.txt ─▶ solve ─▶ checked ─▶ NAME.sol and a table on standard output; progress on standard error
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace cityloop::app {

struct RouteOptions {
  std::string file;
  std::string compare;  // a .sol; empty: nothing to compare with
  std::string save;     // where the routes go; empty: to standard output
  std::string aim;      // distance or vehicles; empty: by the convention of the file's form (solve/instance_file.h)
  std::string lines;    // how straight lines are counted while planning: exact or tenths; empty: likewise
  double seconds{60};
  std::uint64_t iterations{0};  // ends sooner when they are done; 0: no such end
  std::uint64_t seed{1};
  unsigned threads{0};         // 0: as many as the machine has
  bool processor_time{false};  // seconds of work, not by the wall: for a machine with other work
  bool json{false};            // the table as one line of JSON
  bool quiet{false};           // no progress
};
base::Status route(const RouteOptions&);

}  // namespace cityloop::app
