// How a case stands for planning, by the workflow that it runs by: what planning may do with it.
#pragma once

#include "duty/planner/work.h"
#include "serve/case_rules_shelf.h"

namespace cityloop::serve {

// open: its workflow has a step `appoint` for people from where it stands. begun: in a state of work in which clocks
// run, with a holder. A case whose rules cannot be read stands aside.
duty::Standing standing_of(const flow::Case&, CaseRulesShelf&);

}  // namespace cityloop::serve
