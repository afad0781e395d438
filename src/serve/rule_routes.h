// Rules with how right they have been, and their backtest over the stored log: /api/v1/rules.
#pragma once

#include "base/config.h"
#include "decide/rule/engine.h"
#include "serve/back_room.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct RuleRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  const decide::RuleEngine& engine;
  BackRoom& back_room;
  base::TimeZone time_zone;
  std::function<std::vector<base::ConfigMistake>()> mistakes;  // of the files as they are now; empty when all is well

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
