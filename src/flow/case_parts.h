// The lists that a case carries (timeline, clocks, requests, tasks …) as JSON, and back. An empty list is no text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/case.h"

namespace cityloop::flow {

std::string timeline_json(const std::vector<CaseStep>&);
std::string ids_json(const std::vector<EntityId>&);
std::string texts_json(const std::vector<std::string>&);
std::string similar_json(const std::vector<SimilarCase>&);
std::string clocks_json(const std::vector<CaseClock>&);
std::string requests_json(const std::vector<CaseRequest>&);
std::string tasks_json(const std::vector<CaseTask>&);
std::string checklist_json(const std::vector<CheckItem>&);

base::Result<std::vector<CaseStep>> timeline_from(std::string_view json);
base::Result<std::vector<EntityId>> ids_from(std::string_view json);
base::Result<std::vector<std::string>> texts_from(std::string_view json);
base::Result<std::vector<SimilarCase>> similar_from(std::string_view json);
base::Result<std::vector<CaseClock>> clocks_from(std::string_view json);
base::Result<std::vector<CaseRequest>> requests_from(std::string_view json);
base::Result<std::vector<CaseTask>> tasks_from(std::string_view json);
base::Result<std::vector<CheckItem>> checklist_from(std::string_view json);

}  // namespace cityloop::flow
