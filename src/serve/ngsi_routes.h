// The standard context API: /ngsi-ld/v1/entities and its batches (ETSI GS CIM 009, clause 6).
#pragma once

#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

// Told what came in by HTTP, so that the feeds' page can show it beside the other feeds.
struct IntakeCount {
  std::function<void(std::size_t accepted, const std::vector<base::Error>& rejected)> told;
};

struct NgsiRoutes {
  const Guard& guard;
  twin::Twin& twin;
  IntakeCount intake;

  void add_to(net::Router&) const;
};

// Errors as NGSI-LD's own types (clause 5.5.2).
net::Response ngsi_problem(const base::Error&);

}  // namespace cityloop::serve
