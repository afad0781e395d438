// How cases come in: what a report without a kind is filed as, which of other authorities' warnings become cases, and
// which open cases are suggested as the same. One block [intake] and any number of [[cap]] in the files of casework/.
//
//   casework/*.toml ─▶ [IntakeRules] ─▶ CaseRules ─▶ CaseLoop
//
//   [intake]
//   kind = "other"                # of a report that names neither kind nor category; left out: such a one is refused
//   similar = { radius_m = 150, within = "14d", least = 0.6 }
//
//   [[cap]]                       # the first that fits a CAP message; one that none fits is kept and opens nothing
//   event = ["*flood*", "暴雨*"]  # any of these, '*' for any characters, capitals or not; left out: every event
//   code = ["GB/T 35965=*"]       # any of its eventCodes as NAME=VALUE; left out: every code
//   category = ["Met", "Geo"]     # of CAP's list; left out: every category
//   sender = ["*@cma.gov.cn"]     # left out: every sender
//   least = "Moderate"            # CAP's severity from which on it is taken up; left out: every one
//   kind = "flooding"             # what it becomes
//   department = "water"          # left out: the kind's
//   severity = "severe"           # of the case; left out: from severity, urgency and certainty
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "casework/neighbours.h"
#include "flow/alert.h"

namespace cityloop::casework {

struct CapRow {
  std::vector<std::string> events, codes, categories, senders;
  int least{0};  // rank of CAP's severity
  std::string kind, department;
  std::optional<flow::Severity> severity;
  int line{};

  bool fits(const flow::Alert&) const;
};

struct IntakeRules {
  std::string kind;
  SimilarRules similar;
  std::vector<CapRow> cap;
  int line{0};  // of [intake]; 0: there is none

  void read(base::ConfigTable& root);
  const CapRow* row_for(const flow::Alert&) const;  // null: not taken up
};

// How grave a warning is for the city: CAP's severity, one step less where it is far off or not likely, minor when it
// is past.
flow::Severity severity_of(const flow::Alert&);
// "*" stands for any characters; ASCII capitals do not matter.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace cityloop::casework
