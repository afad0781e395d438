#include "solve/solver.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "problems.h"

namespace cityloop::solve {
namespace {

using namespace test;
using testing::ElementsAre;

// The least cost of all plans that do everything: every order of the tasks, cut in every way among the vehicles.
double least_cost(const Problem& problem) {
  std::vector<TaskIndex> order(problem.tasks.size());
  std::iota(order.begin(), order.end(), 0);
  double least = kNoWay;
  const std::size_t cuts = problem.vehicles.size() - 1;
  do {
    std::vector<std::size_t> cut(cuts, 0);
    for (;;) {
      if (std::is_sorted(cut.begin(), cut.end())) {
        std::vector<std::vector<TaskIndex>> routes(cuts + 1);
        for (std::size_t i = 0; i < order.size(); ++i)
          routes[std::size_t(std::upper_bound(cut.begin(), cut.end(), i) - cut.begin())].push_back(order[i]);
        const Plan plan = schedule(problem, routes);
        if (plan.cost_m < least && check(problem, plan).empty()) least = plan.cost_m;
      }
      std::size_t at = 0;
      while (at < cuts && ++cut[at] > order.size()) cut[at++] = 0;
      if (at == cuts) break;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return least;
}

TEST(Solver, FindsTheBestOfAllPlansOfSmallProblems) {
  int solvable = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Problem problem = random_problem(seed, 6, 2);
    for (Task& task : problem.tasks) {
      task.close_s += 8000;
      task.skills = 0;
      task.only.reset();
    }
    for (Vehicle& crew : problem.vehicles) crew.capacity = 15;
    const double least = least_cost(problem);
    if (least == kNoWay) continue;
    ++solvable;
    const Plan plan = planned(problem, by_iterations(3000, seed));
    EXPECT_EQ(violations(problem, plan), "");
    EXPECT_TRUE(plan.undone.empty()) << "seed " << seed;
    EXPECT_NEAR(plan.cost_m, least, 1) << "seed " << seed;
  }
  EXPECT_GE(solvable, 6);
}

TEST(Solver, KeepsEveryConstraintWhateverTheSeed) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Problem problem = random_problem(seed, 10 + seed * 4, 2 + seed / 3);
    Options options = by_iterations(1500, seed);
    options.aim = seed % 2 ? Aim::distance : Aim::vehicles;
    options.lanes = 1 + unsigned(seed % 3);
    EXPECT_EQ(violations(problem, planned(problem, options)), "") << "seed " << seed;
  }
}

TEST(Solver, TheSameSeedGivesTheSamePlanAlsoWithSeveralLanes) {
  const Problem problem = random_problem(7, 300, 40);
  for (const unsigned lanes : {1u, 2u, 3u}) {
    Options options = by_iterations(9000, 5);
    options.lanes = lanes;
    const Plan once = planned(problem, options);
    EXPECT_EQ(orders(once), orders(planned(problem, options))) << lanes << " lanes";
    options.seed = 6;
    EXPECT_NE(orders(once), orders(planned(problem, options))) << lanes << " lanes";
  }
}

TEST(Solver, MoreIterationsGiveABetterPlan) {
  const Problem problem = random_problem(3, 200, 30);
  const Plan brief = planned(problem, by_iterations(1)), longer = planned(problem, by_iterations(20000));
  EXPECT_LE(longer.undone_weight, brief.undone_weight);
  EXPECT_LT(longer.cost_m, brief.cost_m * (longer.undone_weight < brief.undone_weight ? 2 : 0.95));
}

TEST(Solver, SavesVehiclesWhenThatIsTheAim) {
  // Two clusters far from the depot on opposite sides: one vehicle can do all, two drive less only when the way home is
  // free.
  Problem problem;
  problem.travel = line({0, 10, 11, -10, -11});
  for (PlaceIndex place = 1; place <= 4; ++place) problem.tasks.push_back({.place = place, .service_s = 60, .load = 1});
  problem.vehicles.assign(2, {.start = 0, .capacity = 4});
  Options options = by_iterations(2000);
  EXPECT_EQ(planned(problem, options).routes.size(), 2u);
  options.aim = Aim::vehicles;
  const Plan plan = planned(problem, options);
  EXPECT_EQ(plan.routes.size(), 1u);
  EXPECT_TRUE(plan.undone.empty());
  EXPECT_DOUBLE_EQ(plan.distance_m, 33000);
}

TEST(Solver, AFixedCostDecidesWhetherAVehicleIsWorthUsing) {
  Problem problem;
  problem.travel = line({0, 10, 11, -10, -11});
  for (PlaceIndex place = 1; place <= 4; ++place) problem.tasks.push_back({.place = place});
  problem.vehicles.assign(2, {.start = 0, .fixed_m = 10000});
  EXPECT_EQ(planned(problem, by_iterations(2000)).routes.size(), 2u);
  for (Vehicle& vehicle : problem.vehicles) vehicle.fixed_m = 12000;
  EXPECT_EQ(planned(problem, by_iterations(2000)).routes.size(), 1u);
}

TEST(Solver, TellsWhyATaskCannotBeDone) {
  Problem problem;
  problem.travel = Travel::table(4, [](PlaceIndex a, PlaceIndex b) {
    if (a != b && (a == 3 || b == 3)) return Leg{kNoWay, kNoWay};
    const double km = std::abs(double(a) - double(b));
    return Leg{100 * km, 1000 * km};
  });
  problem.vehicles.push_back({.start = 0, .end = 0, .until_s = 1000, .capacity = 5, .skills = 0b01});
  problem.tasks = {
      {.place = 1, .open_s = 500, .close_s = 400},   // 0: window ends before it begins
      {.place = 1, .skills = 0b10},                  // 1: nobody can
      {.place = 1, .load = 6},                       // 2: too large
      {.place = 3},                                  // 3: an island
      {.place = 2, .close_s = 199},                  // 4: 200 s away
      {.place = 2, .service_s = 601},                // 5: 200 + 601 + 200 > 1000
      {.place = 1, .service_s = 700, .weight = 2},   // 6: fits, and is worth more than 7
      {.place = 1, .service_s = 700},                // 7: fits alone
      {.place = 1, .close_s = 100, .service_s = 0},  // 8: just in time
  };
  const Plan plan = planned(problem, by_iterations(2000));
  EXPECT_EQ(violations(problem, plan), "");
  EXPECT_EQ(reason_for(plan, 0), Reason::window_empty);
  EXPECT_EQ(reason_for(plan, 1), Reason::no_skill);
  EXPECT_EQ(reason_for(plan, 2), Reason::too_large);
  EXPECT_EQ(reason_for(plan, 3), Reason::unreachable);
  EXPECT_EQ(reason_for(plan, 4), Reason::too_late);
  EXPECT_EQ(reason_for(plan, 5), Reason::shift_over);
  EXPECT_EQ(reason_for(plan, 6), std::nullopt);
  EXPECT_EQ(reason_for(plan, 7), Reason::no_room);
  EXPECT_EQ(reason_for(plan, 8), std::nullopt);
  for (const Undone& undone : plan.undone) {
    EXPECT_FALSE(text_zh(undone.reason).empty());
    EXPECT_FALSE(text_en(undone.reason).empty());
  }
}

TEST(Solver, EachStopSaysHowMuchTimeItHasWhatItCostsAndWhoElseCouldDoIt) {
  Problem problem;
  problem.travel = line({0, 1, 2, 8});
  problem.tasks = {{.place = 1, .open_s = 300, .close_s = 1000, .service_s = 60},
                   {.place = 2, .close_s = 600, .service_s = 30}};
  problem.vehicles = {{.start = 0, .end = 0, .until_s = 2000}, {.start = 3, .end = 3, .until_s = 2000}};
  const Plan plan = schedule(problem, {{0, 1}, {}});
  ASSERT_EQ(plan.routes.size(), 1u);
  const Stop &first = plan.routes[0].stops[0], &second = plan.routes[0].stops[1];
  EXPECT_DOUBLE_EQ(first.arrive_s, 100);
  EXPECT_DOUBLE_EQ(first.begin_s, 300);
  EXPECT_DOUBLE_EQ(first.depart_s, 360);
  EXPECT_DOUBLE_EQ(second.begin_s, 460);
  EXPECT_DOUBLE_EQ(second.slack_s, 140);  // its own window
  EXPECT_DOUBLE_EQ(first.slack_s, 140);   // that of the second, not its own
  EXPECT_DOUBLE_EQ(first.detour_m, 0);    // it lies on the way
  EXPECT_DOUBLE_EQ(second.detour_m, 2000);
  ASSERT_TRUE(second.instead);
  EXPECT_EQ(second.instead->vehicle, 1u);
  EXPECT_DOUBLE_EQ(second.instead->extra_m, 12000 - 2000);
  EXPECT_DOUBLE_EQ(plan.routes[0].end_s, 690);
  EXPECT_DOUBLE_EQ(plan.distance_m, 4000);
  problem.vehicles[1].until_s = 1000;
  EXPECT_FALSE(schedule(problem, {{0, 1}, {}}).routes[0].stops[1].instead) << "600 s there, 30 of work, 600 back";
}

TEST(Solver, FrozenTasksStayFirstAndInOrderAlsoWhenLate) {
  Problem problem;
  problem.travel = line({0, 1, 2, 3, 4});
  for (PlaceIndex place = 1; place <= 4; ++place) problem.tasks.push_back({.place = place, .service_s = 10});
  problem.tasks[3].close_s = 100;  // 400 s away
  problem.vehicles.assign(2, {.start = 0, .end = 0, .until_s = 5000});
  problem.vehicles[1].frozen = {3, 0};
  const Plan plan = planned(problem, by_iterations(1000));
  EXPECT_EQ(violations(problem, plan), "");
  const auto route =
      std::find_if(plan.routes.begin(), plan.routes.end(), [](const Route& r) { return r.vehicle == 1; });
  ASSERT_NE(route, plan.routes.end());
  ASSERT_GE(route->stops.size(), 2u);
  EXPECT_EQ(route->stops[0].task, 3u);
  EXPECT_EQ(route->stops[1].task, 0u);
  EXPECT_TRUE(route->stops[0].frozen);
  EXPECT_DOUBLE_EQ(route->stops[0].late_s, 300);
  EXPECT_TRUE(plan.undone.empty());
}

TEST(Solver, ATaskStaysWithItsHolderUnlessAChangeIsWorthIt) {
  Problem problem;
  problem.travel = line({0, 10, 9});
  problem.tasks = {{.place = 2, .holder = 0}};  // at kilometre 9, one from vehicle 1, nine from vehicle 0
  problem.vehicles = {{.start = 0}, {.start = 1}};
  problem.change_m = 9000;
  EXPECT_EQ(planned(problem, by_iterations(500)).routes[0].vehicle, 0u);
  problem.change_m = 7000;
  const Plan plan = planned(problem, by_iterations(500));
  EXPECT_EQ(plan.routes[0].vehicle, 1u);
  EXPECT_DOUBLE_EQ(plan.cost_m, 8000);
  EXPECT_EQ(violations(problem, plan), "");
}

TEST(Solver, APlanToBeginWithIsNeverMadeWorse) {
  Problem problem = random_problem(11, 150, 25);
  const Plan first = planned(problem, by_iterations(12000));
  problem.routes.resize(problem.vehicles.size());
  for (const Route& route : first.routes)
    for (const Stop& stop : route.stops)
      if (!stop.frozen) problem.routes[route.vehicle].push_back(stop.task);
  const Plan again = planned(problem, by_iterations(50, 9));
  EXPECT_LE(again.undone_weight, first.undone_weight);
  EXPECT_LE(again.cost_m, first.cost_m + 1);
}

TEST(Solver, WhatDoesNotFitInAPlanToBeginWithIsPlannedAnew) {
  Problem problem;
  problem.travel = line({0, 1, 2});
  problem.tasks = {{.place = 1, .close_s = 150, .service_s = 100}, {.place = 2, .close_s = 900}};
  problem.vehicles = {{.start = 0}};
  problem.routes = {{1, 0, 1}};  // task 0 comes too late, task 1 stands there twice
  const Plan plan = planned(problem, by_iterations(200));
  EXPECT_EQ(violations(problem, plan), "");
  EXPECT_TRUE(plan.undone.empty());
  EXPECT_THAT(orders(plan), ElementsAre(ElementsAre(0, 0, 1)));
}

TEST(Solver, AWayThereAndAWayBackMayDiffer) {
  // A one-way ring 0 → 1 → 2 → 3 → 0, 100 s and 1 km each.
  Problem problem;
  problem.travel = Travel::table(4, [](PlaceIndex a, PlaceIndex b) {
    const double steps = double((b + 4 - a) % 4);
    return Leg{100 * steps, 1000 * steps};
  });
  problem.tasks = {{.place = 3}, {.place = 1}, {.place = 2}};
  problem.vehicles = {{.start = 0, .end = 0}};
  const Plan plan = planned(problem, by_iterations(1000));
  EXPECT_THAT(orders(plan), ElementsAre(ElementsAre(0, 1, 2, 0)));
  EXPECT_DOUBLE_EQ(plan.distance_m, 4000);
}

TEST(Solver, StopsWhenItIsCancelledAndGivesTheBestPlanSoFar) {
  const Problem problem = random_problem(2, 200, 30);
  std::stop_source source;
  Options options = by_iterations(1u << 30);
  options.stop = source.get_token();
  int told = 0;
  options.on_progress = [&](const Progress&) {
    if (++told == 3) source.request_stop();
  };
  const auto solved = solve(problem, options);
  ASSERT_TRUE(solved);
  EXPECT_TRUE(solved->cancelled);
  EXPECT_EQ(told, 3);
  EXPECT_EQ(violations(problem, solved->plan), "");
  const auto at_once = solve(problem, options);  // cancelled before it began
  ASSERT_TRUE(at_once);
  EXPECT_TRUE(at_once->cancelled);
  EXPECT_EQ(violations(problem, at_once->plan), "");
}

TEST(Solver, EndsByTheClockThatItIsGiven) {
  const Problem problem = random_problem(4, 120, 20);
  const TickingClock clock(std::chrono::milliseconds(1));
  Options options;
  options.clock = &clock;
  options.time = std::chrono::milliseconds(400);
  const auto solved = solve(problem, options);
  ASSERT_TRUE(solved);
  EXPECT_FALSE(solved->cancelled);
  EXPECT_GE(solved->at.elapsed, options.time);
  EXPECT_LT(solved->at.elapsed, options.time + std::chrono::milliseconds(50)) << "looks at the clock after the end";
  EXPECT_EQ(solved->at.done, 1);
  EXPECT_EQ(violations(problem, solved->plan), "");
}

TEST(Solver, ProgressNeverGoesBack) {
  Options options = by_iterations(12000);
  Progress last;
  std::size_t told = 0;
  options.on_progress = [&](const Progress& progress) {
    EXPECT_GE(progress.done, last.done);
    EXPECT_GE(progress.iterations, last.iterations);
    if (told++ > 0) {
      EXPECT_LE(progress.undone, last.undone);
      if (progress.undone == last.undone)
        EXPECT_LE(progress.cost_m, last.cost_m + 5000) << "weights may be traded, no more";
    }
    last = progress;
  };
  ASSERT_TRUE(solve(random_problem(5, 200, 30), options));
  EXPECT_GE(told, 3u);
  EXPECT_EQ(last.done, 1);
}

TEST(Solver, ProblemsWithoutTasksOrVehiclesAreNoTrouble) {
  Problem problem;
  EXPECT_TRUE(planned(problem, by_iterations(100)).routes.empty());
  problem.travel = line({0});
  problem.vehicles = {{.start = 0}};
  EXPECT_TRUE(planned(problem, by_iterations(100)).routes.empty());
  problem.tasks = {{.place = 0}};
  EXPECT_EQ(planned(problem, by_iterations(100)).routes.size(), 1u);
  problem.vehicles.clear();
  EXPECT_EQ(reason_for(planned(problem, by_iterations(100)), 0), Reason::no_skill);
}

TEST(Solver, RefusesWhatMakesNoSense) {
  Problem good;
  good.travel = line({0, 1});
  good.tasks = {{.place = 1}};
  good.vehicles = {{.start = 0}};
  const auto refused = [](Problem problem, auto change) {
    change(problem);
    const auto solved = solve(problem, by_iterations(10));
    return solved ? std::string("accepted") : solved.error().message;
  };
  EXPECT_EQ(refused(good, [](Problem&) {}), "accepted");
  EXPECT_EQ(refused(good, [](Problem& p) { p.tasks[0].place = 2; }), "task 0: no place 2");
  EXPECT_EQ(refused(good, [](Problem& p) { p.tasks[0].open_s = -1; }), "task 0: its window opens at -1");
  EXPECT_EQ(refused(good, [](Problem& p) { p.tasks[0].service_s = std::nan(""); }), "task 0: takes nan s");
  EXPECT_EQ(refused(good, [](Problem& p) { p.tasks[0].weight = 0; }), "task 0: a weight of 0");
  EXPECT_EQ(refused(good, [](Problem& p) { p.tasks[0].only = 1; }), "task 0: no vehicle 1");
  EXPECT_EQ(refused(good, [](Problem& p) { p.vehicles[0].frozen = {0, 0}; }), "task 0 is frozen twice");
  EXPECT_EQ(refused(good, [](Problem& p) { p.vehicles[0].frozen = {4}; }), "vehicle 0: no task 4 to be frozen");
  EXPECT_EQ(refused(good, [](Problem& p) { p.routes = {{0}, {}}; }), "2 routes to begin with for 1 vehicles");
  EXPECT_FALSE(solve(good, Options{}));
  Options without_clock;
  without_clock.time = std::chrono::seconds(1);
  EXPECT_FALSE(solve(good, without_clock));
}

}  // namespace
}  // namespace cityloop::solve
