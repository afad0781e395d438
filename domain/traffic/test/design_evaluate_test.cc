#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <queue>

#include <unistd.h>

#include "base/file.h"
#include "domain/traffic/test/design_networks.h"
#include "domain/traffic/transit/design/evaluate.h"
#include "domain/traffic/transit/design/quick_cost.h"
#include "domain/traffic/transit/design/route_moves.h"

namespace cityloop::traffic {
namespace {

using ::testing::HasSubstr;

// A B C D in a row, five minutes each; C and E beside.
//
//   A ── B ── C ── D
//             │
//             E
DesignProblem row_of_four() {
  std::vector<DesignStop> stops;
  for (const char* id : {"A", "B", "C", "D", "E"}) stops.push_back({.id = id, .position = {}});
  std::vector<double> demand(25, 0);
  demand[0 * 5 + 3] = 10;  // A to D
  demand[0 * 5 + 4] = 30;  // A to E
  return DesignProblem::make("row", stops, {{0, 1, 5}, {1, 2, 5}, {2, 3, 5}, {2, 4, 7}}, demand,
                             {.routes = 2, .stops_min = 2, .stops_max = 4})
      .value();
}

TEST(DesignEvaluate, AChangeCostsItsMinutesAndIsCounted) {
  const DesignProblem problem = row_of_four();
  const Assessment worth = evaluate(problem, {{0, 1, 2, 3}, {2, 4}});
  EXPECT_DOUBLE_EQ(worth.minutes, (10 * 15 + 30 * (10 + 5 + 7)) / 40.0);
  EXPECT_DOUBLE_EQ(worth.d0, 0.25);
  EXPECT_DOUBLE_EQ(worth.d1, 0.75);
  EXPECT_DOUBLE_EQ(worth.unsatisfied, 0);
  EXPECT_DOUBLE_EQ(worth.operator_minutes, 22);
  const RouteTimes times(problem, {{0, 1, 2, 3}, {2, 4}});
  const std::vector<Ride> rides = times.rides(0, 4);
  ASSERT_EQ(rides.size(), 2U);
  EXPECT_EQ(rides[0].route, 0U);
  EXPECT_EQ(rides[0].to, 2U);
  EXPECT_EQ(rides[1].route, 1U);
}

TEST(DesignEvaluate, WhoIsNotBroughtThereIsToldAndNotAveraged) {
  const Assessment worth = evaluate(row_of_four(), {{0, 1, 2, 3}, {0, 1}});
  EXPECT_DOUBLE_EQ(worth.unserved, 0.75);
  EXPECT_DOUBLE_EQ(worth.unsatisfied, 0.75);
  EXPECT_DOUBLE_EQ(worth.minutes, 15);
}

// Dijkstra over (stop, route) as passengers walk it: board for nothing, ride along links, change for the transfer.
double by_walking(const DesignProblem& problem, const RouteSet& routes, StopIndex from, StopIndex to) {
  using State = std::pair<double, std::pair<std::size_t, std::size_t>>;  // minutes, (route, place on it)
  std::vector<std::vector<double>> far;
  for (const RoutePath& route : routes) far.emplace_back(route.size(), 1e9);
  std::priority_queue<State, std::vector<State>, std::greater<>> open;
  const auto reach = [&](double t, std::size_t r, std::size_t p) {
    if (t >= far[r][p]) return;
    far[r][p] = t;
    open.push({t, {r, p}});
  };
  for (std::size_t r = 0; r < routes.size(); ++r)
    for (std::size_t p = 0; p < routes[r].size(); ++p)
      if (routes[r][p] == from) reach(0, r, p);
  while (!open.empty()) {
    const auto [t, at] = open.top();
    open.pop();
    const auto [r, p] = at;
    if (t > far[r][p]) continue;
    const StopIndex here = routes[r][p];
    if (here == to) return t;
    if (p > 0) reach(t + problem.minutes(here, routes[r][p - 1]), r, p - 1);
    if (p + 1 < routes[r].size()) reach(t + problem.minutes(here, routes[r][p + 1]), r, p + 1);
    for (std::size_t other = 0; other < routes.size(); ++other)
      for (std::size_t q = 0; q < routes[other].size(); ++q)
        if (other != r && routes[other][q] == here) reach(t + problem.rules().transfer_minutes, other, q);
  }
  return 1e9;
}

TEST(DesignEvaluate, AgreesWithWalkingThroughTheNetworkStopByStop) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const DesignProblem problem =
        test::random_network(seed, 5 + seed % 9, {.routes = 5, .stops_min = 2, .stops_max = 6});
    const QuickWays ways(problem, seed);
    const RouteSet routes = RouteMoves(problem, ways, seed).begin();
    const RouteTimes times(problem, routes);
    for (std::size_t from = 0; from < problem.stops(); ++from)
      for (std::size_t to = 0; to < problem.stops(); ++to) {
        if (from == to) continue;
        const StopIndex i = StopIndex(from), j = StopIndex(to);
        const double walked = by_walking(problem, routes, i, j);
        ASSERT_EQ(times.reached(i, j), walked < 1e9) << "seed " << seed;
        if (walked >= 1e9) continue;
        ASSERT_NEAR(times.minutes(i, j), walked, 1e-9) << "seed " << seed << ": " << i << " to " << j;
        const std::vector<Ride> rides = times.rides(i, j);
        ASSERT_EQ(rides.size(), times.transfers(i, j) + 1);
        ASSERT_EQ(rides.front().from, i);
        ASSERT_EQ(rides.back().to, j);
      }
  }
}

TEST(DesignEvaluate, TheQuickCostIsTheExactOne) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const DesignProblem problem = test::random_network(seed, 4 + seed, {.routes = 8, .stops_min = 2, .stops_max = 9});
    const QuickWays ways(problem, seed);
    RouteMoves moves(problem, ways, seed);
    const QuickCost cost(problem, 0.5);
    RouteSet routes = moves.begin();
    if (!problem.check(routes)) continue;  // too few stops a route to serve all
    QuickCost::Buffers buffers;
    RouteTable table;
    for (int step = 0; step < 30; ++step) {
      const auto r = std::size_t(moves.rng().below(routes.size()));
      RoutePath changed;
      if (!moves.propose(routes[r], changed)) continue;
      cost.close(routes, r, table);
      const double quick = cost.passengers(table, changed, buffers);
      RouteSet then = routes;
      then[r] = changed;
      const Assessment exact = evaluate(problem, then);
      if (!problem.check(then)) continue;
      if (exact.unserved > 0 || quick >= QuickCost::kApart) continue;
      ASSERT_NEAR(quick, exact.minutes, 1e-9) << "seed " << seed;
      ASSERT_NEAR(cost.score(then), exact.minutes + 0.5 * exact.operator_minutes, 1e-9);
      routes = then;
    }
  }
}

TEST(DesignEvaluate, StopsThatStayApartArePricedByPairs) {
  const DesignProblem problem = row_of_four();
  const QuickCost cost(problem, 0);
  EXPECT_LT(cost.passengers({{0, 1, 2, 3}, {2, 4}}), QuickCost::kApart);
  EXPECT_GE(cost.passengers({{0, 1, 2, 3}, {0, 1}}), 4 * QuickCost::kApart);
}

class DesignPublished : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(test::published_folder() + "mandl1_nodes.txt"))
      GTEST_SKIP() << "the shared data folder is not here";
  }
};

TEST_F(DesignPublished, MandlsRouteSetsAreWorthWhatTheirPapersSay) {
  const DesignProblem mandl =
      read_problem(design_files(test::published_folder() + "mandl1").value(), {.routes = 4}).value();
  EXPECT_EQ(mandl.stops(), 15U);
  EXPECT_EQ(mandl.links().size(), 21U);
  EXPECT_DOUBLE_EQ(mandl.demand_total(), 15570);
  const std::string text =
      base::read_file(test::published_folder() + "literature_solutions_for_mandl1_20181025.txt").value();
  const auto sets = parse_published(text, mandl);
  ASSERT_TRUE(sets) << sets.error().message;
  EXPECT_GT(sets->size(), 100U);
  struct Row {
    const char* source;
    double minutes, d0, d1, d2;  // shares in percent, as published: two decimals
  };
  // The four best known, and the table of Mumford (2013).
  const Row rows[] = {{"Nayeem et al (2014) 4 routes", 10.392, 94.09, 5.39, 0.51},
                      {"Nayeem et al (2014) 6 routes", 10.121, 98.33, 1.67, 0},
                      {"Nayeem et al (2014) 7 routes", 10.070, 99.55, 0.45, 0},
                      {"Nayeem et al (2014) 8 routes", 10.038, 99.87, 0.13, 0},
                      {"Mumford (2013) 4 best passenger", 10.572, 90.43, 9.57, 0},
                      {"Mumford (2013) 6 best passenger", 10.273, 95.38, 4.56, 0.06},
                      {"Mumford (2013) 7 best passenger", 10.220, 96.47, 3.34, 0.19},
                      {"Mumford (2013) 8 best passenger", 10.171, 97.56, 2.31, 0.13}};
  for (const Row& row : rows) {
    const auto at = std::ranges::find(*sets, row.source, &PublishedRoutes::source);
    ASSERT_NE(at, sets->end()) << row.source;
    const Assessment worth = evaluate(mandl, at->routes);
    EXPECT_NEAR(worth.minutes, row.minutes, 0.0006) << row.source;
    EXPECT_NEAR(100 * worth.d0, row.d0, 0.006) << row.source;
    EXPECT_NEAR(100 * worth.d1, row.d1, 0.006) << row.source;
    EXPECT_NEAR(100 * worth.d2, row.d2, 0.006) << row.source;
  }
}

std::string folder_of_test() {
  const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("cityloop_design_{}_{}", info->name(), ::getpid());
  std::filesystem::create_directories(folder);
  return folder.string();
}

base::Result<DesignProblem> read(std::string_view nodes, std::string_view links, std::string_view demand) {
  const std::string folder = folder_of_test();
  const auto write = [&](const char* name, std::string_view text) { std::ofstream(folder + "/" + name) << text; };
  write("t_nodes.txt", nodes);
  write("t_links.txt", links);
  write("t_demand.txt", demand);
  auto out = read_problem(design_files(folder + "/t_links.txt").value(), {.routes = 1, .stops_min = 2, .stops_max = 3});
  std::filesystem::remove_all(folder);
  return out;
}

constexpr const char* kNodes = "id,lat,lon,terminal\n1,0,0,1\n2,0,1,1\n3,0,2,0";

TEST(DesignProblemFile, ReadsWhatIsSound) {
  const auto problem = read(kNodes, "from,to,travel_time\n1,2,4\n2,1,4\n2,3,2.5", "from,to,demand\n1,3,7");
  ASSERT_TRUE(problem) << problem.error().message;
  EXPECT_EQ(problem->name(), "t");
  EXPECT_EQ(problem->links().size(), 2U);
  EXPECT_DOUBLE_EQ(problem->minutes(2, 1), 2.5);
  EXPECT_FALSE(problem->stop(2).terminal);
  EXPECT_DOUBLE_EQ(problem->demand(0, 2), 7);
}

TEST(DesignProblemFile, TellsEveryMistakeWithItsLine) {
  const auto problem =
      read(kNodes, "from,to,travel_time\n1,2,-4\n2,9,3\n2,3,x", "from,to,demand\n1,3,-7\n1,2,1\n1,2,1");
  ASSERT_FALSE(problem);
  for (const char* part : {"t_links.txt:2: travel_time is -4", "t_links.txt:3: to '9' is no stop",
                           "t_links.txt:4: travel_time 'x' is no number", "t_demand.txt:2: demand is -7",
                           "t_demand.txt:4: this pair stands there already"})
    EXPECT_THAT(problem.error().message, HasSubstr(part));
}

TEST(DesignProblemFile, RefusesWhatRoutesCannotRunOn) {
  EXPECT_THAT(read(kNodes, "from,to,travel_time\n1,2,4", "from,to,demand\n1,2,7").error().message,
              HasSubstr("1 stops are not joined to 1 by any links: 3"));
  EXPECT_THAT(read(kNodes, "from,to,travel_time\n1,2,4\n2,1,5\n2,3,1", "from,to,demand\n1,2,7").error().message,
              HasSubstr("as long there as back"));
  EXPECT_THAT(read(kNodes, "from,to,travel_time\n1,2,0\n2,3,1", "from,to,demand\n1,2,7").error().message,
              HasSubstr("must take more than 0"));
  EXPECT_THAT(read(kNodes, "from,to,travel_time\n1,2,4\n2,3,1", "from,to,demand\n").error().message,
              HasSubstr("nobody wants to travel"));
  EXPECT_THAT(design_files("/nowhere/mandl").error().message, HasSubstr("there is no /nowhere/mandl_nodes.txt"));
}

TEST(DesignProblemFile, RefusesRulesThatCannotBeKept) {
  DesignProblem problem = test::random_network(1, 12, {.routes = 4, .stops_min = 2, .stops_max = 8});
  EXPECT_THAT(problem.set_rules({.routes = 2, .stops_min = 2, .stops_max = 4}).error().message,
              HasSubstr("cannot serve 12 stops"));
  EXPECT_FALSE(problem.set_rules({.routes = 0}));
  EXPECT_FALSE(problem.set_rules({.routes = 4, .stops_min = 5, .stops_max = 4}));
  EXPECT_FALSE(problem.set_rules({.routes = 4, .stops_min = 2, .stops_max = 8, .transfer_minutes = -1}));
  EXPECT_EQ(problem.rules().routes, 4U);
}

}  // namespace
}  // namespace cityloop::traffic
