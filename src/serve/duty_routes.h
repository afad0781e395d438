// Who is responsible and who is on duty: /api/v1/duty/… (grid cells with the flaws of responsibility, who is
// responsible for a place, crews, rosters, gaps ahead, and what people change of them).
//
//   CaseRulesShelf, DutyShelf ─▶ [DutyRoutes] ─▶ console;  wishes ─ ActionDesk ─▶ DutyLoop
//
// The city's cells and who is on duty are for whoever reads cases; a roster, of the departments whose cases one may
// read; gaps, for who plans (handle_case). Why somebody is away is told to that person and to who plans for their
// department.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "casework/responsibility_flaws.h"
#include "duty/roster_gaps.h"
#include "geo/area.h"
#include "serve/actions.h"
#include "serve/back_room.h"
#include "serve/case_rules_shelf.h"
#include "serve/city.h"
#include "serve/duty_shelf.h"
#include "serve/guard.h"

namespace cityloop::serve {

// What responsibility lacked when cases fell into it.
struct ResponsibilityCounts {
  std::uint64_t in_gap{0}, in_overlap{0}, outside_cells{0};
};

// The flaws of the rules in force, looked for once an hour and when the rules have changed: in a city of ten thousand
// cells that takes seconds.
class FlawShelf {
 public:
  std::shared_ptr<const std::vector<casework::Flaw>> of(const casework::CaseRules&, const std::vector<geo::Area>&,
                                                        base::Instant now);

 private:
  std::mutex mutex_;
  std::string version_;
  base::Instant at_{base::kNever};
  std::shared_ptr<const std::vector<casework::Flaw>> flaws_;
};

struct DutyRoutes {
  const Guard& guard;
  const City& city;
  CaseRulesShelf& rules;
  DutyShelf& duty;
  ActionDesk& desk;
  BackRoom& back_room;
  std::function<std::string()> rules_mistakes;  // of the files as they are now; empty when all is well
  std::function<ResponsibilityCounts()> counts;
  std::shared_ptr<FlawShelf> flaws{std::make_shared<FlawShelf>()};

  void add_to(net::Router&) const;
};

// The policy areas of a city as shapes.
std::vector<geo::Area> policy_areas_of(const City&);
// Who looks after which cell, for gaps_of.
std::vector<duty::Holding> holdings_of(const casework::CaseRules&);
// Crews that rows or cells name and that there are not, or that are of another department; each a line.
std::vector<std::string> unknown_crews(const casework::CaseRules&, const duty::Roster&);

}  // namespace cityloop::serve
