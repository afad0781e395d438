#include "solve/flow.h"

#include <gmock/gmock.h>

#include "base/rng.h"
#include "solve/assignment.h"

namespace cityloop::solve {
namespace {

TEST(Flow, CheapWaysAreFilledFirst) {
  const auto flow = cheapest_flow({{5, 0, -5}, {{0, 1, 3, 1}, {1, 2, 9, 1}, {0, 2, 9, 4}}});
  ASSERT_TRUE(flow) << flow.error().message;
  EXPECT_THAT(flow->units, ::testing::ElementsAre(3, 3, 2));
  EXPECT_EQ(flow->cost, 3 + 3 + 8);
}

// Against another method where both can solve it, and against its own proof everywhere.
TEST(Flow, ItIsTheCheapestAndItsPricesProveIt) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    base::Rng rng(seed);
    const std::uint32_t size = 2 + std::uint32_t(rng.below(12));
    Costs costs{size, size, {}};
    Network network;
    for (std::uint32_t r = 0; r < size; ++r) {
      for (std::uint32_t c = 0; c < size; ++c) {
        costs.of.push_back(double(rng.below(1'000)) - 300);
        network.arcs.push_back({r, size + c, 1, std::int64_t(costs.of.back())});
      }
    }
    network.supply.assign(size, 1);
    network.supply.resize(2 * size, -1);
    const auto flow = cheapest_flow(network);
    ASSERT_TRUE(flow) << flow.error().message;
    EXPECT_EQ(double(flow->cost), assign(costs)->cost) << "seed " << seed;
    for (std::size_t a = 0; a < network.arcs.size(); ++a) {
      const Arc& arc = network.arcs[a];
      const std::int64_t fair = flow->price[arc.to] - flow->price[arc.from];
      if (arc.cost > fair) EXPECT_EQ(flow->units[a], 0);
      if (arc.cost < fair) EXPECT_EQ(flow->units[a], arc.capacity);
    }
  }
}

TEST(Flow, WhatCannotBeIsRefused) {
  EXPECT_EQ(cheapest_flow({{2, -2}, {{0, 1, 1, 1}}}).error().code, base::Errc::conflict);
  EXPECT_EQ(cheapest_flow({{2, -1}, {{0, 1, 5, 1}}}).error().code, base::Errc::invalid);
  EXPECT_EQ(cheapest_flow({{1, -1}, {{0, 2, 5, 1}}}).error().code, base::Errc::invalid);
  EXPECT_EQ(cheapest_flow({{1, -1}, {{0, 1, -5, 1}}}).error().code, base::Errc::invalid);
  EXPECT_EQ(cheapest_flow({{1, -1}, {{0, 1, 5, INT64_MAX}}}).error().code, base::Errc::invalid);
}

}  // namespace
}  // namespace cityloop::solve
