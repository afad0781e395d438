// Networks for the tests of route design: of our own, drawn, and the published ones where the shared folder is there.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "base/rng.h"
#include "domain/traffic/transit/design/problem.h"

namespace cityloop::traffic::test {

// Any network that hangs together: a line of stops, some links across, whole minutes.
inline DesignProblem random_network(std::uint64_t seed, std::size_t stops, const DesignRules& rules) {
  base::Rng rng(seed);
  std::vector<DesignStop> nodes;
  for (std::size_t i = 0; i < stops; ++i) nodes.push_back({.id = std::to_string(i + 1), .position = {}});
  std::vector<DesignLink> links;
  std::vector<bool> there(stops * stops, false);
  const auto join = [&](std::size_t a, std::size_t b) {
    if (a == b || there[a * stops + b]) return;
    there[a * stops + b] = there[b * stops + a] = true;
    links.push_back({StopIndex(a), StopIndex(b), double(1 + rng.below(9))});
  };
  for (std::size_t i = 1; i < stops; ++i) join(i - 1, i);
  for (std::size_t i = 0; i < stops; ++i) join(std::size_t(rng.below(stops)), std::size_t(rng.below(stops)));
  std::vector<double> demand(stops * stops, 0);
  for (double& d : demand)
    if (rng.uniform() < 0.7) d = double(rng.below(300));
  return DesignProblem::make("random", std::move(nodes), std::move(links), std::move(demand), rules).value();
}

inline std::string published_folder() {
  const char* const given = std::getenv("CITYLOOP_SHARED");
  return std::string(given ? given : "../shared") + "/data/transit/";
}

}  // namespace cityloop::traffic::test
