#include "trust/policy.h"

#include <algorithm>
#include <mutex>

#include "trust/grants.h"

namespace cityloop::trust {
namespace {

using base::Errc;
using base::fail;
using base::Status;

std::string_view to_string(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::anonymous: return "anonymous";
    case PrincipalKind::user: return "user";
    case PrincipalKind::program: return "program";
    case PrincipalKind::device: return "device";
  }
  return "";
}

// Who a refusal is counted under: roles of the table only, so that the number of counters stays bounded. The anonymous
// and devices have no roles that count.
std::string_view counted_as(const Principal& principal) {
  const bool by_role = principal.kind == PrincipalKind::user || principal.kind == PrincipalKind::program;
  const auto known = std::find_if(principal.roles.begin(), principal.roles.end(),
                                  [](const std::string& role) { return grants_of(role) != nullptr; });
  return by_role && known != principal.roles.end() ? std::string_view(*known) : to_string(principal.kind);
}

bool inside_areas(const Principal& principal, const Scope& scope) {
  return principal.areas.empty() || scope.area.empty() ||
         std::find(principal.areas.begin(), principal.areas.end(), scope.area) != principal.areas.end();
}

bool holds(const Principal& principal, Permission permission, const Scope& scope) {
  if (principal.kind == PrincipalKind::anonymous || !inside_areas(principal, scope)) return false;
  if (principal.kind == PrincipalKind::device) return grants::kDevice.has(permission);
  const bool own = !scope.department.empty() && scope.department == principal.department;
  return std::any_of(principal.roles.begin(), principal.roles.end(), [&](const std::string& role) {
    const RoleGrants* row = grants_of(role);
    return row && (row->anywhere.has(permission) || (own && row->own_department.has(permission)));
  });
}

bool holds_in_own_department(const Principal& principal, Permission permission) {
  return std::any_of(principal.roles.begin(), principal.roles.end(), [&](const std::string& role) {
    const RoleGrants* row = grants_of(role);
    return row && row->own_department.has(permission);
  });
}

// The sentence for the person whom holds() has refused.
std::unexpected<base::Error> why_not(const Principal& principal, Permission permission, const Scope& scope) {
  const std::string_view what = to_string(permission);
  if (principal.kind == PrincipalKind::anonymous) return fail(Errc::unauthenticated, "sign in first, or show a token");
  if (!inside_areas(principal, scope)) {
    return fail(Errc::refused, "{} may not act in the area '{}', only in: {}", principal.id, scope.area,
                fmt::join(principal.areas, ", "));
  }
  if (principal.kind == PrincipalKind::device) {
    return fail(Errc::refused, "{} is a device: it may write_entities and not {}", principal.id, what);
  }
  if (!holds_in_own_department(principal, permission)) {
    return fail(Errc::refused, "{} may not {}: none of its roles grants it ({})", principal.id, what,
                principal.roles.empty() ? "it has no role" : fmt::format("{}", fmt::join(principal.roles, ", ")));
  }
  if (principal.department.empty()) {
    return fail(Errc::refused, "{} may {} in its own department only, and belongs to none", principal.id, what);
  }
  return fail(Errc::refused, "{} may {} in the department '{}' only, not {}", principal.id, what, principal.department,
              scope.department.empty() ? "where none is named" : fmt::format("in '{}'", scope.department));
}

}  // namespace

std::string_view to_string(Permission permission) {
  constexpr std::string_view kNames[] = {
      "read_city",       "write_entities",  "subscribe",       "read_cases",    "handle_case",  "work_case",
      "read_commands",   "request_command", "approve_command", "control_feeds", "read_rules",   "test_rules",
      "read_operations", "inspect",         "hold_rounds",     "see_awards",    "enter_awards", "run_awards",
      "judge_awards",    "decide_awards",   "audit_awards",    "read_indices",  "fill_indices"};
  static_assert(std::size(kNames) == kPermissions);
  return kNames[std::size_t(permission)];
}

const RoleGrants* grants_of(std::string_view role) {
  const auto* row = std::find_if(std::begin(grants::kTable), std::end(grants::kTable),
                                 [&](const RoleGrants& one) { return one.role == role; });
  return row == std::end(grants::kTable) ? nullptr : row;
}

struct Policy::Inside {
  std::mutex mutex;
  std::map<std::string, std::uint64_t> refusals;  // guarded by mutex
};

Policy::Policy() : inside_(std::make_unique<Inside>()) {}
Policy::~Policy() = default;

Status Policy::check(const Principal& principal, Permission permission, const Scope& scope) const {
  if (holds(principal, permission, scope)) return {};
  {
    const std::lock_guard lock(inside_->mutex);
    ++inside_->refusals[fmt::format("{} {}", to_string(permission), counted_as(principal))];
  }
  return why_not(principal, permission, scope);
}

bool Policy::allows(const Principal& principal, Permission permission, const Scope& scope) const {
  return holds(principal, permission, scope);
}

std::map<std::string, std::uint64_t> Policy::refusals() const {
  const std::lock_guard lock(inside_->mutex);
  return inside_->refusals;
}

std::vector<Permission> Policy::granted(const Principal& principal) const {
  std::vector<Permission> out;
  for (std::size_t i = 0; i < kPermissions; ++i) {
    if (holds(principal, Permission(i), {principal.department, {}})) out.push_back(Permission(i));
  }
  return out;
}

}  // namespace cityloop::trust
