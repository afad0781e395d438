// Reads a workflow from TOML and refuses what cannot work: a state nobody reaches, one from which there is no way to an
// end, a deadline from which nothing follows, a role that trust does not know. Mistakes are noted in the file with
// their lines, all of them.
#pragma once

#include <string>
#include <vector>

#include "base/config.h"
#include "casework/workflow.h"

namespace cityloop::casework {

// Reads the root table of a file that has a [workflow]. `departments` may be empty: then any is taken to exist.
Workflow read_workflow(base::ConfigTable& root, const WorkCalendars&, const std::vector<std::string>& departments);

// What the graph of states shows: unreachable states and dead ends.
void check_paths(const Workflow&, base::ConfigTable& root);

}  // namespace cityloop::casework
