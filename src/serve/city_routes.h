// The city as a whole: its settings, its map, and how a value went over time.
#pragma once

#include "serve/board.h"
#include "serve/case_rules_shelf.h"
#include "serve/city.h"
#include "serve/guard.h"
#include "twin/history/history.h"

namespace cityloop::serve {

struct CityRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  const City& city;
  const twin::History& history;
  Board& board;
  std::function<ClockView()> clock;
  CaseRulesShelf& case_rules;

  void add_to(net::Router&) const;  // /api/v1/city, /map, /history, and the web socket /live
};

}  // namespace cityloop::serve
