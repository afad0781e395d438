// A case, the steps that people take in it, and its whole journey: /api/v1/cases/{id}, also of the archive's (lists:
// cases/case_list_routes.h); and the rules by which cases run: /api/v1/case-rules.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "serve/actions.h"
#include "serve/case_rules_shelf.h"
#include "serve/cases/case_index.h"
#include "serve/city.h"
#include "serve/duty_shelf.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

// Which of these photos there are none of: asked of whoever keeps them, before a case names them. Answers once, on any
// thread.
using FindMissingPhotos = std::function<void(std::vector<std::string> ids,
                                             std::function<void(base::Result<std::vector<std::string>> missing)>)>;

struct CaseRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  const City& city;
  ActionDesk& desk;
  CaseRulesShelf& shelf;
  const CaseIndex& index;
  std::function<std::string()> rules_mistakes;  // of the files as they are now; empty when all is well
  FindMissingPhotos missing_photos{};           // empty: photos are not looked for
  const DutyShelf* duty{nullptr};               // null: there are no crews

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
