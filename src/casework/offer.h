// Which step of a case is possible when, for whom, and with what: one reading of the workflow for the loop that does it
// and for the server that offers it.
//
// Above what the workflow says stands one law of the house: a case that a finding opened never gets to an end that
// confirms it before that finding has stayed cleared for the case's hold time; unless people have reopened it, and so
// taken the verification upon themselves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_value.h"
#include "base/result.h"
#include "casework/case_kinds.h"
#include "flow/case.h"

namespace cityloop::casework {

// A case together with what it runs by, at one moment.
struct CaseView {
  const flow::Case& is;
  const Workflow& flow;
  const CaseKind& kind;
  Instant now;
};

// Who asks, as far as a case cares.
struct CaseActor {
  std::string id;
  std::vector<std::string> roles;
  std::string department;
  std::vector<std::string> crews{};  // for which they work at that moment
};

// What somebody asks of a case.
struct Wish {
  std::string_view verb;
  std::string_view note;
  const base::JsonValue& given;
};

bool is_sensed(const flow::Case&);
bool is_held(const CaseView&);
bool has_open_tasks(const flow::Case&);

// The party as which the actor may do it, as text ("worker@department"); empty when it is none of them.
std::string acting_as(const std::vector<Party>&, const flow::Case&, const CaseActor&);

// Whether a condition that is not the loop's own holds.
bool holds(const Guard&, const CaseView&);
// Whether the law of the house lets a step end the case here; always true for steps that do not end it.
bool may_end(const Transition&, const CaseView&);

struct Choice {
  const Transition* step{};
  std::string role;  // in which it is taken
};

// The step that this wish means now. Otherwise why not: Errc::invalid for an unknown verb or a form that is not filled
// in rightly, Errc::conflict where the case does not allow it, Errc::refused where the person may not.
base::Result<Choice> choose(const CaseView&, const CaseActor&, const Wish&);

// The request that "grant", "deny" and "withdraw" are about, and the right to decide it so.
struct Decision {
  const flow::CaseRequest* request{};
  const RequestKind* kind{};
  std::string role;
};
base::Result<Decision> choose_decision(const CaseView&, const CaseActor&, const Wish&);
bool is_decision(std::string_view verb);

struct AvailableAction {
  std::string verb;
  flow::Bilingual name;
  std::vector<FieldSpec> fields;
  bool asks{false};  // asks for it; somebody else decides
};

// What this person may do now, in the workflow's order, each verb once; decisions about requests come first.
std::vector<AvailableAction> available_actions(const CaseView&, const CaseActor&);

}  // namespace cityloop::casework
