// The small languages inside a workflow file: parties ("worker@department"), conditions ("!cleared"), effects
// ("notice reporter") and events ("missed accept"), from their words.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "casework/workflow.h"

namespace cityloop::casework {

base::Result<Party> parse_party(std::string_view);
base::Result<Guard> parse_guard(std::string_view, const std::vector<WorkflowOption>&);
base::Result<Effect> parse_effect(std::string_view);
// Whether the loop alone knows it: a server that offers steps does not.
bool is_loops_own(Guard::What);
// "entered device_started device_done device_failed finding_again held tasks_done storm", or "missed ID".
base::Status check_event(std::string_view);
// A role that trust's table of grants knows.
bool is_role(std::string_view);
std::string to_text(const Party&);

}  // namespace cityloop::casework
