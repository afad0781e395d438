// Who asks. Every request carries one; nobody is "nobody".
#pragma once

#include <string>
#include <vector>

#include "flow/finding.h"

namespace cityloop::trust {

enum class PrincipalKind : std::uint8_t { anonymous, user, program, device };

struct Principal {
  PrincipalKind kind{PrincipalKind::anonymous};
  std::string id;  // "user:li.wei", "program:noise-import", "device:pump-3"; "anonymous"
  flow::Bilingual name;
  std::vector<std::string> roles;  // of trust/grants.h: operator dispatcher worker …
  std::string department;          // empty: none
  std::vector<std::string> areas;  // empty: the whole city

  bool has_role(std::string_view role) const;
};

}  // namespace cityloop::trust
