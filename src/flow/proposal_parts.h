// The lists that a proposal carries (routes, overrules …) as JSON, and back. An empty list is no text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/proposal.h"

namespace cityloop::flow {

std::string routes_json(const std::vector<ProposalRoute>&);
std::string undone_json(const std::vector<ProposalUndone>&);
std::string overrules_json(const std::vector<Overrule>&);
std::string becauses_json(const std::vector<Because>&);
std::string figures_json(const ProposalFigures&);

base::Result<std::vector<ProposalRoute>> routes_from(std::string_view json);
base::Result<std::vector<ProposalUndone>> undone_from(std::string_view json);
base::Result<std::vector<Overrule>> overrules_from(std::string_view json);
base::Result<std::vector<Because>> becauses_from(std::string_view json);
base::Result<ProposalFigures> figures_from(std::string_view json);

base::Result<ProposalStatus> proposal_status_from(std::string_view);

}  // namespace cityloop::flow
