// Indicators: /api/v1/indicators/… (what there is and what it came to, one of them whole, its history, its areas
// compared, and the entities and cases behind a number) and /api/v1/checkup (the city's check-up, as data and as PDF).
//
//   twin (IndicatorRules, IndicatorValue), History ─▶ [IndicatorRoutes] ─▶ console
//
// For whoever may see the city, of the areas that they may see. What lies behind a number is guarded as it is
// everywhere: cases are shown to those who may read them one by one, commands to those who may read commands.
#pragma once

#include <functional>
#include <string>

#include "serve/back_room.h"
#include "serve/case_rules_shelf.h"
#include "serve/cases/case_index.h"
#include "serve/city.h"
#include "serve/guard.h"
#include "serve/index/indicator_shelf.h"
#include "serve/index/indicator_view.h"

namespace cityloop::serve {

struct IndicatorRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  const twin::History& history;
  const City& city;
  const IndicatorShelf& shelf;
  CaseRulesShelf& case_rules;
  const CaseIndex& cases;
  BackRoom& back_room;
  std::function<std::string()> mistakes;  // of the files as they are now; empty when all is well
  std::string font_config{};              // dossier/sheet.h

  void add_to(net::Router&) const;
};

// What all of them need first: the declarations, the indicator in the path, the area asked about.
base::Result<IndicatorView> indicator_view(const IndicatorRoutes&);
base::Result<const index::Declaration*> indicator_in_path(const IndicatorView&, const Call&);
// ?area=…; the whole city when left out. Errc::refused where it is not theirs to see.
base::Result<const index::AreaEntry*> area_asked(const IndicatorRoutes&, const IndicatorView&, const Call&);
// Answers from the back room: whoever serves requests never waits.
void answer_later(const IndicatorRoutes&, net::Reply, std::function<net::Response()>);

// indicator_behind.cc, checkup_routes.cc
void list_behind(const IndicatorRoutes&, const Call&, net::Reply);
void show_checkup(const IndicatorRoutes&, const Call&, net::Reply);
void print_checkup(const IndicatorRoutes&, const Call&, net::Reply);

}  // namespace cityloop::serve
