// Which domain packages this city runs: GET /api/v1/packages. The console asks before it shows a package's pages, so
// whoever is signed in may ask: there are people who use a package's pages and nothing else of the city.
#pragma once

#include <string>
#include <vector>

#include "serve/guard.h"

namespace cityloop::serve {

struct PackageRoutes {
  const Guard& guard;
  std::vector<std::string> names;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
