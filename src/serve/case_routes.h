// Cases, the steps that people take in them, and a case's whole journey: /api/v1/cases.
#pragma once

#include "serve/actions.h"
#include "serve/city.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct CaseRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  const City& city;
  ActionDesk& desk;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
