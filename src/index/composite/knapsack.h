// The least cost at which enough is gained: min Σ cost·x with Σ gain·x ≥ wanted, 0 ≤ x ≤ most, some x in whole steps.
//
// Without whole steps it is linear and taken by gain per cost (Dantzig 1957); with them branch and bound, whose bound
// is that same linear answer.
#pragma once

#include <cstddef>
#include <vector>

namespace cityloop::index {

struct KnapsackItem {
  double gain{}, cost{};  // of one unit of x; both > 0
  double most{};          // of x
  double step{0};         // 0: any amount
};

struct KnapsackPlan {
  std::vector<double> x;
  double cost{}, gain{};
  bool enough{false};  // else x is all there is
  bool exact{false};
};

KnapsackPlan least_cost(const std::vector<KnapsackItem>&, double wanted, std::size_t branches_max = 200'000);

}  // namespace cityloop::index
