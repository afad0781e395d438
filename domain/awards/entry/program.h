// A program of the machine that reads foreign bytes for us (qpdf, ffprobe), kept so small that a file made to harm can
// do none: bounded time, processor time, memory and output, no network where the kernel lets us take it away, nothing
// of our environment, and no file that it may write.
//
//   file_check ─ words ─▶ [run_program] ─▶ its exit status and what it printed
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::awards {

struct ProgramLimits {
  base::Duration time{std::chrono::seconds(20)};  // on the wall; half of it of a processor's
  std::size_t memory_bytes{std::size_t{1} << 30};
  std::size_t output_bytes{std::size_t{32} << 20};
};

struct ProgramOutcome {
  int status{};  // exit status; 128 and the signal's number where it was ended by one
  std::string out, err;
  bool timed_out{false}, too_much{false};
};

// Errc::unavailable where there is no such program, or no process can be made.
base::Result<ProgramOutcome> run_program(const std::vector<std::string>& words, const ProgramLimits& = {});

}  // namespace cityloop::awards
