// The commands of budgeting rounds: voting codes for letters, and the count of a published file, by anybody.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
}

namespace cityloop::app {

struct BallotCodesOptions {
  std::string data;
  std::string round;
  std::string area;  // noted beside the codes; empty for none
  std::uint32_t count{0};
};
// Prints `number,code` for each on standard output, once: only salted slow hashes of them are kept. A server may be
// running on the folder.
base::Status make_ballot_codes(const BallotCodesOptions&);

// Checks and counts a published file alone, and prints what came of it; fails where something does not hold.
base::Status count_ballots(const std::string& file);

// Adds `ballot codes` and `ballot count`; a command that is called leaves what is to be done in `action`, which stays
// alive.
void add_ballot_commands(CLI::App&, std::function<base::Status()>& action);

}  // namespace cityloop::app
