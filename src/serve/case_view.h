// One case as its page shows it: where it stands, its clocks explained, what waits for a decision, its tasks and plan,
// and what the reader may do now.
#pragma once

#include <functional>
#include <optional>

#include "base/json_writer.h"
#include "casework/case_clocks.h"
#include "casework/offer.h"
#include "duty/roster.h"
#include "serve/case_rules_shelf.h"
#include "serve/city.h"
#include "serve/views.h"

namespace cityloop::serve {

// A case with the rules that it names, which `rules` keeps alive. Refused when those cannot be read.
struct RuledCase {
  flow::Case is;
  casework::CaseRulesPtr rules;
  const casework::Workflow* flow{};
  std::shared_ptr<const casework::CaseKind> kind;
  base::Instant now;

  static base::Result<RuledCase> make(flow::Case, CaseRulesShelf&, base::Instant now);
  casework::CaseView view() const { return {is, *flow, *kind, now}; }
};

// Another case that this one names, as far as the reader may see it.
using CaseFinder = std::function<std::optional<flow::Case>(flow::EntityId)>;

// The members of the case's page that stand beside its summary, inside an object that the caller has opened.
void write_detail(base::JsonWriter&, const RuledCase&, const CaseFinder&);
// Without a roster there is no crew to choose.
void write_actions(base::JsonWriter&, const RuledCase&, const casework::CaseActor&, const City&,
                   const duty::RosterPtr& roster = nullptr);

}  // namespace cityloop::serve
