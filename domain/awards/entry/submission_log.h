// Where what was received is proven: each submission and each score sheet leaves a digest in an append-only log.
//
//   EntryDesk, JuryDesk ─ digest ─▶ [SubmissionLog] ─ receipt ─▶ the applicant, the juror
//
// The digest is SHA-256 of the canonical text of what was received (entry/answers.h); the text itself stays in the
// package's tables. The implementation is the Merkle log of domain/awards/trust.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::awards {

struct Received {
  std::string_view what;     // submission, answer, materials, sheet, decision
  std::string_view subject;  // "CA26-0001/2": a number and the version of it
  std::string_view text;     // the canonical text whose digest is logged
  base::Instant at;
  // Words of the log (trust/log_line.h), which anybody may read: the cycle's id, and a role, never a person.
  std::string_view cycle{"-"};
  std::string_view by{"-"};
};

class SubmissionLog {
 public:
  virtual ~SubmissionLog() = default;
  // On disk when it returns. The receipt is JSON that `cityloop verify` reads, to be handed to whoever sent it.
  virtual base::Result<std::string> append(const Received&) = 0;
};

}  // namespace cityloop::awards
