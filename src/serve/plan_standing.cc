#include "serve/plan_standing.h"

#include <algorithm>

namespace cityloop::serve {

duty::Standing standing_of(const flow::Case& c, CaseRulesShelf& shelf) {
  using duty::Standing;
  const casework::CaseRulesPtr rules = c.is_open() ? shelf.find(c.rules) : nullptr;
  const casework::Workflow* const workflow = rules ? rules->find_workflow(c.workflow) : nullptr;
  const int state = workflow ? workflow->find_state(c.state) : -1;
  if (state < 0 || !c.forwarded_to.empty()) return Standing::aside;
  const casework::State& here = workflow->states[std::size_t(state)];
  if (here.stage == flow::CaseStage::work && !here.stands && !c.holder.empty()) return Standing::begun;
  const bool may = std::ranges::any_of(workflow->transitions, [&](const casework::Transition& step) {
    return step.verb == "appoint" && step.event.empty() && step.leaves(state);
  });
  return may && here.stage < flow::CaseStage::work ? Standing::open : Standing::aside;
}

}  // namespace cityloop::serve
