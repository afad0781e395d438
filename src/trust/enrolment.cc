#include "trust/enrolment.h"

#include <algorithm>

#include "trust/grants.h"

namespace cityloop::trust {
namespace {

using base::Errc;
using base::fail;

base::Status check_role(std::string_view role) {
  if (std::ranges::find(grants::kEnrolled, role) != std::end(grants::kEnrolled)) return {};
  return fail(Errc::refused, "nobody comes to the role '{}' by themselves", role);
}

}  // namespace

Enrolment::Standing Enrolment::standing(std::string_view id, std::string_view role) const {
  const auto found = accounts_.find(id);
  if (!found) return Standing::free;
  const std::vector<std::string>& roles = found->principal.roles;
  return !found->disabled && roles.size() == 1 && roles[0] == role ? Standing::enrolled : Standing::other;
}

base::Status Enrolment::put(std::string_view id, std::string_view role, const flow::Bilingual& name,
                            std::string_view password) {
  TRY(check_role(role));
  Principal who;
  who.kind = PrincipalKind::user;
  who.id = id;
  who.name = name;
  who.roles = {std::string(role)};
  return accounts_.enrol_user(who, password);
}

base::Status Enrolment::erase(std::string_view id, std::string_view role) {
  TRY(check_role(role));
  if (standing(id, role) == Standing::other) return fail(Errc::refused, "the account '{}' was made by hand", id);
  return accounts_.erase(id);
}

std::string user_of_address(std::string_view email) {
  std::string out = "user:";
  for (const char c : email) out += c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  return out;
}

}  // namespace cityloop::trust
