// The way of a proposal, as casework runs it: each proposal is a case of the kind "award_proposal", called by its
// number and by nothing else (casework/workflow_award.toml).
//
//   EntryDesk, Secretariat, Panel ─ Step ─▶ [Stages] ─ Action ─▶ twin ══▶ casework ─ done | refused ─▶ the stage after
//   it
//
// What the workflow does not allow is refused by it, with its reason, before anything else changes. A step waits until
// the log has it, ten seconds at most, so it is taken on the desk's own thread and never on one that serves requests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "casework/case_rules.h"
#include "serve/actions.h"
#include "twin/twin.h"

namespace cityloop::awards {

inline constexpr std::string_view kProposalKind = "award_proposal";

struct Step {
  std::string case_id, verb;
  std::string by;                  // "user:…" of the staff, "applicant:…", "awards"
  std::vector<std::string> roles;  // in which they act
  std::string once;                // the same key again is the same step; empty: each is its own
};

// Errc::not_found where the city's casework lacks the kind or its workflow a step that the package takes: then a
// proposal that is received could go nowhere.
base::Status check_way(const casework::CaseRules&);

class Stages {
 public:
  Stages(twin::Twin& twin, serve::ActionDesk& desk) : twin_(twin), desk_(desk) {}

  // Opens the way of a proposal; gives the case's id. The same number again gives the same case.
  base::Result<std::string> open(std::string_view number, std::string_view applicant) const;
  // The stage after it.
  base::Result<std::string> take(const Step&) const;
  // Errc::not_found where there is no such case any more.
  base::Result<std::string> stage_of(std::string_view case_id) const;

 private:
  base::Result<flow::Action> submit(flow::Action, const serve::OnceKey&) const;

  twin::Twin& twin_;
  serve::ActionDesk& desk_;
};

}  // namespace cityloop::awards
