// The commands about composite indices, maturity models and surveys, as they stand on the command line.
//
//   FRAME.toml, DATA.csv ─▶ index/composite/run.h ─▶ lines on standard output, CSV and JSON in a folder
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace CLI {
class App;
}

namespace cityloop::app {

struct IndexOptions {
  std::string frame, data;  // files
  std::string out;          // a folder, made where there is none; empty: nothing is written
  std::string weights;      // in place of the frame's
  std::optional<std::uint64_t> samples;
  std::string what_if;
  std::uint64_t ranks{5};
};
// What is wrong with the data is told on standard error, cell by cell, and hides nothing else.
base::Status compute_index(const IndexOptions&);
// Every mistake of a frame with its file, line and reason.
base::Status check_index(const IndexOptions&);
base::Status print_index_template(const IndexOptions&);

// Adds `index compute`, `index check` and `index template`; a command that is called leaves what is to be done in
// `action`, which stays alive.
void add_index_commands(CLI::App&, std::function<base::Status()>& action);

}  // namespace cityloop::app
