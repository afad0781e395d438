// Proposals, the state of planning and a crew's day as the console's API shows them (api/openapi.yaml).
#pragma once

#include "base/json_writer.h"
#include "duty/planner/planner.h"
#include "flow/proposal.h"
#include "twin/twin.h"

namespace cityloop::serve {

// A summary from the entity itself: its routes need not be read for it.
void write_proposal_summary(base::JsonWriter&, const flow::Entity&);
void write_proposal(base::JsonWriter&, const flow::Proposal&, const twin::Twin&, const duty::Planner&);
void write_planning(base::JsonWriter&, const duty::Planner&, const std::vector<duty::DepartmentPlanning>& shown);
void write_lines(base::JsonWriter&, const std::vector<duty::Planner::Line>&);
void write_crew_day(base::JsonWriter&, const duty::CrewDay&, const twin::Twin&);

}  // namespace cityloop::serve
