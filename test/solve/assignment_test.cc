#include "solve/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/rng.h"

namespace cityloop::solve {
namespace {

Costs random_costs(base::Rng& rng, std::size_t rows, std::size_t columns, double forbidden) {
  Costs costs{rows, columns, {}};
  for (std::size_t i = 0; i < rows * columns; ++i)
    costs.of.push_back(rng.uniform() < forbidden ? kForbidden : std::round(rng.uniform(-50, 50)));
  return costs;
}

// By trying all orders of the longer side.
Assignment by_trying(const Costs& costs) {
  const bool across = costs.rows <= costs.columns;
  const std::size_t most = std::max(costs.rows, costs.columns), least = std::min(costs.rows, costs.columns);
  std::vector<std::size_t> order(most);
  std::iota(order.begin(), order.end(), 0);
  Assignment best;
  bool any = false;
  do {
    Assignment now;
    for (std::size_t i = 0; i < least; ++i) {
      const double cost = across ? costs.at(i, order[i]) : costs.at(order[i], i);
      if (cost == kForbidden) continue;
      ++now.pairs;
      now.cost += cost;
    }
    if (!any || now.pairs > best.pairs || (now.pairs == best.pairs && now.cost < best.cost)) best = now;
    any = true;
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

TEST(Assignment, IsTheBestOfAll) {
  base::Rng rng(1);
  for (int round = 0; round < 300; ++round) {
    const std::size_t rows = 1 + rng.below(6), columns = 1 + rng.below(6);
    const Costs costs = random_costs(rng, rows, columns, round % 3 == 0 ? 0.5 : 0.1);
    const auto found = assign(costs);
    ASSERT_TRUE(found);
    const Assignment best = by_trying(costs);
    EXPECT_EQ(found->pairs, best.pairs) << "round " << round;
    EXPECT_NEAR(found->cost, best.cost, 1e-6) << "round " << round;
  }
}

TEST(Assignment, GivesEachColumnOnceAndNoneThatIsForbidden) {
  base::Rng rng(2);
  const Costs costs = random_costs(rng, 120, 150, 0.9);
  const auto found = assign(costs);
  ASSERT_TRUE(found);
  std::vector<int> used(150);
  double cost = 0;
  std::size_t pairs = 0;
  for (std::size_t row = 0; row < 120; ++row) {
    if (!found->column_of[row]) continue;
    ++pairs;
    ++used[*found->column_of[row]];
    EXPECT_NE(costs.at(row, *found->column_of[row]), kForbidden);
    cost += costs.at(row, *found->column_of[row]);
  }
  EXPECT_LE(*std::max_element(used.begin(), used.end()), 1);
  EXPECT_EQ(pairs, found->pairs);
  EXPECT_NEAR(cost, found->cost, 1e-6);
}

TEST(Assignment, EmptySidesAndNothingAllowed) {
  EXPECT_EQ(assign({0, 0, {}})->pairs, 0u);
  EXPECT_EQ(assign({3, 0, {}})->column_of.size(), 3u);
  const auto none = assign({2, 2, std::vector<double>(4, kForbidden)});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->pairs, 0u);
  EXPECT_FALSE(none->column_of[0]);
}

TEST(Assignment, RefusesCostsThatAreNone) {
  EXPECT_FALSE(assign({2, 2, {1, 2, 3}}));
  EXPECT_FALSE(assign({1, 2, {1, std::nan("")}}));
  EXPECT_FALSE(assign({1, 2, {1, -kForbidden}}));
  EXPECT_FALSE(assign({1, 2, {-1e12, 1e12}}));
}

}  // namespace
}  // namespace cityloop::solve
