// A rule in words, made from its definition, so that what the console says is what the engine does.
#pragma once

#include "decide/rule/rule.h"
#include "decide/rule/status.h"

namespace cityloop::decide {

flow::Bilingual explain(const Rule&);
RuleStatus describe(const Rule&);  // all but the counters

}  // namespace cityloop::decide
