#include "trust/principal.h"

#include <algorithm>

namespace cityloop::trust {

bool Principal::has_role(std::string_view role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

}  // namespace cityloop::trust
