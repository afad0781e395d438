// One [[rule]] block read into a Rule, every mistake noted at its line.
#pragma once

#include "base/config.h"
#include "decide/rule/rule.h"

namespace cityloop::decide {

// The rule as far as it could be read; it may be used only when the file has no mistakes. `source`, `file` and
// `identity` are left to the caller.
Rule read_rule(base::ConfigTable&);

// Reads a query at `key` (required); the mistake tells the position inside the query.
std::optional<twin::Q> read_query(base::ConfigTable&, std::string_view key);
// Nothing for a kind that is not known; the rest of the block is then passed over.
std::optional<RuleKind> read_kind(base::ConfigTable&, std::string_view kind);
std::vector<Name> read_types(base::ConfigTable&);

}  // namespace cityloop::decide
