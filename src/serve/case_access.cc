#include "serve/case_access.h"

#include <algorithm>
#include <set>

#include "casework/case_archive.h"
#include "casework/case_code.h"
#include "casework/storm.h"

namespace cityloop::serve {

using base::Result;
using flow::Case;
using trust::Permission;
using trust::Principal;

bool CaseAccess::holds_as_assistant(const Principal& principal, const Case& c, Permission permission) const {
  return std::any_of(c.tasks.begin(), c.tasks.end(), [&](const flow::CaseTask& task) {
    return task.department == principal.department &&
           guard.policy().allows(principal, permission, {task.department, c.area});
  });
}

bool CaseAccess::may_read(const Principal& principal, const Case& c) const {
  return c.opened_by == principal.id ||
         guard.policy().allows(principal, Permission::read_cases, {c.department, c.area}) ||
         holds_as_assistant(principal, c, Permission::read_cases) ||
         holds_for_crew(principal, c, Permission::read_cases);
}

bool CaseAccess::holds_for_crew(const Principal& principal, const Case& c, Permission permission) const {
  if (!duty || c.crew.empty() || !guard.policy().allows(principal, permission, {principal.department, c.area}))
    return false;
  const auto crews = duty->crews_of(principal.id);
  return std::find(crews.begin(), crews.end(), c.crew) != crews.end();
}

Result<Case> CaseAccess::readable(const Principal& principal, std::string_view id) const {
  const auto code = id.starts_with("urn:") ? std::nullopt : casework::read_case_code(id);
  Case c = code ? TRY(index.find_code(*code)) : TRY(casework::find_case(twin, id));
  if (!may_read(principal, c)) TRY(guard.may(principal, Permission::read_cases, {c.department, c.area}));
  return c;
}

std::optional<Case> CaseAccess::find_readable(const Principal& principal, flow::EntityId id) const {
  auto named = casework::find_case_head(twin, id.text());
  return named && may_read(principal, *named) ? std::optional(std::move(*named)) : std::nullopt;
}

std::vector<flow::EntityId> findings_of(const twin::Twin& twin, const Case& c) {
  std::vector<flow::EntityId> out;
  std::set<std::string_view> seen;
  const auto add = [&](flow::EntityId id) {
    if (!id.empty() && seen.insert(id.text()).second) out.push_back(id);
  };
  std::vector<flow::EntityId> cases;
  const auto take = [&](const Case& one) {
    if (!one.storm) add(one.finding);
    for (std::uint32_t number = 0; one.storm; ++number) {
      const flow::EntityPtr cover = twin.get(casework::cover_id(one.id, number));
      if (!cover) break;
      for (const flow::EntityId id : casework::covered_by(*cover)) add(id);
    }
    cases.insert(cases.end(), one.merged.begin(), one.merged.end());
  };
  take(c);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (const auto one = casework::find_case(twin, cases[i].text())) take(*one);
  }
  return out;
}

}  // namespace cityloop::serve
