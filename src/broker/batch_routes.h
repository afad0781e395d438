// Many entities in one request: /ngsi-ld/v1/entityOperations/… (ETSI GS CIM 009, clauses 5.6.7–5.6.10, 5.6.20, 5.6.21,
// 5.7.2, 6.14–6.17, 6.23, 6.31). One bad entity never hides the good ones: each is told apart.
#pragma once

#include <functional>
#include <vector>

#include "broker/exchange.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {

struct BatchRoutes {
  const Desk& desk;
  Federation& federation;
  // Told of each batch, what was taken and what was not: the city shows it as a feed of its own. May be empty.
  std::function<void(std::size_t accepted, const std::vector<base::Error>& rejected)> told;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::broker
