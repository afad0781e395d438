// A case: one matter that the city has taken up, from filing to closing (GB/T 30428: 立案 派遣 处置 反馈 核查 结案).
//
//   casework ─ Case ─▶ people (console), act (its commands), learn (how it ended)
//
// Only casework's own loop writes a Case; people ask for a step by writing an Action.
#pragma once

#include <string>
#include <vector>

#include "flow/finding.h"

namespace cityloop::flow {

enum class CaseState : std::uint8_t {
  filed,       // 立案: taken up, no department yet
  dispatched,  // 派遣: a department holds it
  working,     // 处置: somebody has accepted it
  reported,    // 反馈: the worker, or a command's receipt, says it is done
  verifying,   // 核查: waiting for the clear-condition to hold, or for a verifier
  closed,      // 结案
  cancelled,   // a false alarm, or withdrawn
};

enum class CaseOutcome : std::uint8_t { open, confirmed, false_alarm };

// One line of a case's life. `by` is who did it: "user:li.wei", "loop:casework", "device:…".
struct CaseStep {
  Instant at{kNever};
  std::string by;
  std::string verb;  // file dispatch accept report verify close return cancel escalate note command
  CaseState to{CaseState::filed};
  std::string note;
  // Why the loop did it, as a stable word that the console can say in the reader's language ("held_clear"); empty for
  // what people did.
  std::string code;
};

struct Case {
  EntityId id;       // urn:ngsi-ld:Case:…
  EntityId finding;  // empty when people opened it
  EntityId about;    // the entity concerned
  std::string kind;  // case type, as the rule's response names it: "flooding"
  std::string rule;  // the rule that found it; empty when people opened it
  Bilingual title;
  Severity severity{Severity::moderate};
  CaseState state{CaseState::filed};
  CaseOutcome outcome{CaseOutcome::open};
  std::string department;
  std::string holder;    // user id; empty until accepted
  std::string area;      // policy area of `about`
  std::string location;  // GeoJSON
  Instant opened_at{kNever};
  Instant due_at{kNever};  // by when it must be closed
  Instant closed_at{kNever};
  bool overdue{false};
  bool finding_cleared{false};
  Instant cleared_at{kNever};
  Duration verify_hold{};  // how long the finding must stay cleared before the case may close
  std::vector<EntityId> commands;
  std::vector<CaseStep> timeline;
};

std::string_view to_string(CaseState);
std::string_view to_string(CaseOutcome);
Write to_write(const Case&);
base::Result<Case> case_from(const Entity&);

}  // namespace cityloop::flow
