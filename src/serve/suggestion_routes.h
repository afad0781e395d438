// What past cases suggest for a new one, and how right such suggestions have been: /api/v1/cases/{id}/suggestion and
// /api/v1/suggestion-scores.
#pragma once

#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct SuggestionRoutes {
  const Guard& guard;
  const twin::Twin& twin;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
