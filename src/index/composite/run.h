// A frame of any kind and a file of data, from text to text: what `cityloop index` and a route of the console ask for.
//
//   FRAME.toml, DATA.csv ──▶ [run_frame] ──▶ files (CSV, JSON) and a summary for people
//
// No file is read or written here, and no clock: the caller does that.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/composite/frame.h"
#include "index/composite/report.h"

namespace cityloop::index {

struct TextFile {
  std::string_view name, text;
};

struct RunOptions {
  std::string weights;                                 // in place of the frame's; empty: as the frame says
  std::optional<std::size_t> samples;                  // of uncertainty; 0: neither that nor sensitivity
  std::string what_if;                                 // a unit's code; empty: no such question
  std::size_t ranks{5};                                // by which it is to be lifted
  std::map<std::string, double, std::less<>> costs{};  // of one unit of these indicators, in place of the frame's
  // Hears what is being done ("reading", "stages", "intervals", "shares", "what_if") and which part of all is done;
  // false: it is not wanted any more.
  std::function<bool(std::string_view stage, double done)> progress{};
};

struct RunResult {
  std::vector<OutputFile> files;
  std::string summary;          // lines for a person
  std::vector<CellFlaw> flaws;  // of the data
};
base::Result<RunResult> run_frame(TextFile frame, TextFile data, const RunOptions& = {});

// The titles of the file that a frame wants (a maturity model: its criteria, a line each), ready to be filled in.
base::Result<std::string> template_of(TextFile frame);

}  // namespace cityloop::index
