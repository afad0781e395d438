// A case, the steps that people take in it, and its whole journey: /api/v1/cases/{id}, also of the archive's (lists:
// cases/case_list_routes.h); the rules by which cases run: /api/v1/case-rules; and what the loop has to tell people:
// /api/v1/notices.
#pragma once

#include <functional>
#include <string>

#include "serve/actions.h"
#include "serve/case_rules_shelf.h"
#include "serve/cases/case_index.h"
#include "serve/city.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct CaseRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  const City& city;
  ActionDesk& desk;
  CaseRulesShelf& shelf;
  const CaseIndex& index;
  std::function<std::string()> rules_mistakes;  // of the files as they are now; empty when all is well

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
