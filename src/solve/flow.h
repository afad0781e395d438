// The cheapest way to send goods through a network of arcs with capacities: the minimum cost flow.
//
//   nodes with supply, arcs with capacity and cost ─▶ [cheapest_flow] ─▶ units on each arc, price of each node
//
// Network simplex (LEMON): exact, in whole numbers, no randomness; 600,000 arcs between 2,300 nodes take some seconds.
// Where rows and columns are matched one to one, assignment.h is quicker.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace cityloop::solve {

struct Arc {
  std::uint32_t from{}, to{};
  std::int64_t capacity{};  // 0 or more
  std::int64_t cost{};      // of a unit; also negative
};

struct Network {
  std::vector<std::int64_t> supply;  // by node; below 0: what it needs; they sum to 0
  std::vector<Arc> arcs;
};

struct Flow {
  std::vector<std::int64_t> units;  // by arc
  // By node: an arc whose cost lies above price[to] - price[from] is empty, one below it is full. That proves that no
  // other flow costs less.
  std::vector<std::int64_t> price;
  std::int64_t cost{};
};

// Refuses what does not fit; Errc::conflict when no flow brings every supply to where it is needed.
base::Result<Flow> cheapest_flow(const Network&);

}  // namespace cityloop::solve
