#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "domain/traffic/test/design_networks.h"
#include "domain/traffic/transit/design/search.h"

namespace cityloop::traffic {
namespace {

// All sets of two routes over a small network, one by one.
void all_paths(const DesignProblem& problem, RoutePath& now, std::vector<RoutePath>& out) {
  if (now.size() >= problem.rules().stops_min && now.front() < now.back()) out.push_back(now);
  if (now.size() == problem.rules().stops_max) return;
  for (const StopIndex next : problem.neighbours(now.back())) {
    if (std::ranges::find(now, next) != now.end()) continue;
    now.push_back(next);
    all_paths(problem, now, out);
    now.pop_back();
  }
}

double best_by_trying(const DesignProblem& problem) {
  std::vector<RoutePath> paths;
  for (std::size_t i = 0; i < problem.stops(); ++i) {
    RoutePath now{StopIndex(i)};
    all_paths(problem, now, paths);
  }
  double best = 1e9;
  for (std::size_t a = 0; a < paths.size(); ++a)
    for (std::size_t b = a; b < paths.size(); ++b) {
      const RouteSet set{paths[a], paths[b]};
      if (!problem.check(set)) continue;
      const Assessment worth = evaluate(problem, set);
      if (worth.unserved == 0) best = std::min(best, worth.minutes);
    }
  return best;
}

TEST(DesignSearch, FindsTheBestWhereAllCanBeTried) {
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const DesignProblem problem = test::random_network(seed, 6, {.routes = 2, .stops_min = 3, .stops_max = 5});
    const double best = best_by_trying(problem);
    const auto found = search(problem, {.seed = seed, .steps = 100'000});
    if (best == 1e9) {
      EXPECT_FALSE(found);
      continue;
    }
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_TRUE(problem.check(found->routes));
    EXPECT_NEAR(found->worth.minutes, best, 1e-9) << "seed " << seed;
    ++compared;
  }
  EXPECT_GE(compared, 2);
}

TEST(DesignSearch, TheSameSeedFindsTheSame) {
  const DesignProblem problem = test::random_network(7, 20, {.routes = 5, .stops_min = 2, .stops_max = 9});
  for (const unsigned threads : {1U, 2U}) {
    const SearchOptions options{.seed = 3, .steps = 60'000, .threads = threads};
    const auto one = search(problem, options), two = search(problem, options);
    ASSERT_TRUE(one && two);
    EXPECT_EQ(one->routes, two->routes);
    EXPECT_EQ(one->steps, two->steps);
  }
}

TEST(DesignSearch, EndsWhenItIsToldTo) {
  const DesignProblem problem = test::random_network(7, 20, {.routes = 5, .stops_min = 2, .stops_max = 9});
  std::atomic<int> asked{0};
  SearchOptions options{.seed = 1, .threads = 2, .halt = [&] { return ++asked > 1000; }};
  std::uint32_t told = 0;
  double score = 1e9;
  options.on_progress = [&](const SearchProgress& progress) {
    ++told;
    EXPECT_LE(progress.score, score);
    score = progress.score;
  };
  const auto found = search(problem, options);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_GT(told, 0U);
  EXPECT_TRUE(problem.check(found->routes));
  EXPECT_FALSE(search(problem, {.seed = 1}));  // nothing would end it
}

TEST(DesignSearch, NeverEndsWorseThanItBegan) {
  const DesignProblem problem = test::random_network(9, 14, {.routes = 4, .stops_min = 2, .stops_max = 8});
  const auto good = search(problem, {.seed = 1, .steps = 50'000});
  ASSERT_TRUE(good);
  const auto better = search(problem, {.seed = 2, .steps = 500, .begin = good->routes});
  ASSERT_TRUE(better);
  EXPECT_LE(better->worth.minutes, good->worth.minutes + 1e-9);
  EXPECT_FALSE(search(problem, {.seed = 2, .steps = 500, .begin = {{0, 1}}}));
}

TEST(DesignSearch, RoutesEndAtTerminalsWhereTheyMust) {
  DesignProblem all = test::random_network(11, 12, {.routes = 4, .stops_min = 2, .stops_max = 10});
  std::vector<DesignStop> stops;
  for (StopIndex i = 0; i < 12; ++i) {
    stops.push_back(all.stop(i));
    stops.back().terminal = i % 2 == 0 || i == 11;
  }
  std::vector<double> demand;
  for (StopIndex i = 0; i < 12; ++i)
    for (StopIndex j = 0; j < 12; ++j) demand.push_back(all.demand(i, j));
  DesignRules rules = all.rules();
  rules.end_at_terminals = true;
  const auto problem = DesignProblem::make("terminals", stops, all.links(), demand, rules);
  ASSERT_TRUE(problem);
  const auto found = search(*problem, {.seed = 1, .steps = 30'000});
  ASSERT_TRUE(found) << found.error().message;
  for (const RoutePath& route : found->routes) {
    EXPECT_TRUE(problem->stop(route.front()).terminal);
    EXPECT_TRUE(problem->stop(route.back()).terminal);
  }
}

TEST(DesignSearch, AFrontGoesFromThePassengersViewToTheOperators) {
  const DesignProblem problem = test::random_network(5, 15, {.routes = 4, .stops_min = 2, .stops_max = 8});
  const auto front = search_front(problem, {.seed = 1, .steps = 20'000}, {0, 0.02, 0.1, 1});
  ASSERT_TRUE(front) << front.error().message;
  ASSERT_GE(front->size(), 2U);
  for (std::size_t i = 1; i < front->size(); ++i) {
    EXPECT_LT((*front)[i].worth.operator_minutes, (*front)[i - 1].worth.operator_minutes);
    EXPECT_GT((*front)[i].worth.minutes, (*front)[i - 1].worth.minutes);
  }
}

TEST(DesignSearch, BeatsTheBestPublishedRoutesInABlink) {
  const std::string folder = test::published_folder();
  if (!std::filesystem::exists(folder + "mandl1_nodes.txt")) GTEST_SKIP() << "the shared data folder is not here";
  for (const auto& [routes, published] : {std::pair{4U, 10.392}, {6U, 10.121}, {7U, 10.070}, {8U, 10.038}}) {
    const DesignRules rules{.routes = routes, .stops_min = 2, .stops_max = 15};
    const auto mandl = read_problem(design_files(folder + "mandl1").value(), rules);
    ASSERT_TRUE(mandl) << mandl.error().message;
    const auto found = search(*mandl, {.seed = 1, .steps = 100'000});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_LT(found->worth.minutes, published) << routes << " routes";
  }
}

}  // namespace
}  // namespace cityloop::traffic
