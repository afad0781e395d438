#include "solve/instance_file.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "problems.h"

namespace cityloop::solve {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kTable = R"(TINY

VEHICLE
NUMBER     CAPACITY
  3         20

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0          0          0          0        230          0
    1      3          4         10         50         60         10
    2      1          1          7        100        200         20
)";

constexpr std::string_view kVrp = R"(NAME : TINY
TYPE : VRPTW
DIMENSION : 3
VEHICLES : 3
CAPACITY : 20
SERVICE_TIME : 10
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 3 4
3 1 1
DEMAND_SECTION
1 0
2 10
3 7
TIME_WINDOW_SECTION
1 0 230
2 50 60
3 100 200
DEPOT_SECTION
1
-1
EOF
)";

TEST(InstanceFile, BothFormsSayTheSame) {
  const auto table = parse_instance(kTable, "tiny.txt", Rounding::exact),
             vrp = parse_instance(kVrp, "tiny.vrp", Rounding::exact);
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_TRUE(vrp) << vrp.error().message;
  for (const Instance* instance : {&*table, &*vrp}) {
    EXPECT_EQ(instance->name, "TINY");
    const Problem& problem = instance->problem;
    ASSERT_EQ(problem.tasks.size(), 2u);
    ASSERT_EQ(problem.vehicles.size(), 3u);
    EXPECT_EQ(problem.vehicles[0].capacity, 20);
    EXPECT_EQ(problem.vehicles[0].until_s, 230);
    EXPECT_EQ(problem.tasks[0].open_s, 50);
    EXPECT_EQ(problem.tasks[0].close_s, 60);
    EXPECT_EQ(problem.tasks[0].service_s, 10);
    EXPECT_EQ(problem.tasks[1].load, 7);
    EXPECT_EQ(problem.travel.time_s(0, 1), 5);
    EXPECT_EQ(problem.travel.distance_m(0, 2), std::sqrt(2.0));
  }
  EXPECT_EQ(table->problem.tasks[1].service_s, 20);
  EXPECT_EQ(parse_instance(kVrp, "tiny.vrp", Rounding::tenths)->problem.travel.distance_m(0, 2), 1.4);
}

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string out(text);
  const std::size_t at = out.find(what);
  EXPECT_NE(at, out.npos);
  return out.replace(at, what.size(), with);
}

std::string complaint(const std::string& text) {
  const auto parsed = parse_instance(text, "f", Rounding::exact);
  return parsed ? "none" : parsed.error().message;
}

TEST(InstanceFile, TellsWhereAMistakeIs) {
  EXPECT_EQ(complaint(replaced(kVrp, "2 3 4", "2 3 x")), "f:10: 'x' is no number");
  EXPECT_EQ(complaint(replaced(kVrp, "2 3 4", "2 3")), "f:10: 2 numbers where 3 belong");
  EXPECT_EQ(complaint(replaced(kVrp, "2 3 4", "9 3 4")), "f:10: no node 9");
  EXPECT_EQ(complaint(replaced(kVrp, "2 3 4\n", "")), "f:22: 2 of 3 nodes have a position");
  EXPECT_THAT(complaint(replaced(kVrp, "EUC_2D", "EXPLICIT")), HasSubstr("f:7: ways of type EXPLICIT"));
  EXPECT_THAT(complaint(replaced(kVrp, "DIMENSION : 3", "DIMENSION : 1e8")), HasSubstr("f:3: a dimension of 1e8"));
  EXPECT_THAT(complaint(replaced(kVrp, "2 10", "2 -10")), HasSubstr("negative"));
  EXPECT_THAT(complaint(replaced(kTable, "    2      1", "    5      1")),
              HasSubstr("f:12: customer 5 where 2 belongs"));
  EXPECT_THAT(complaint(replaced(kTable, "  3         20", "  0         20")), HasSubstr("0 vehicles"));
  EXPECT_THAT(complaint("hello\n"), HasSubstr("no depot"));
  EXPECT_THAT(complaint(""), HasSubstr("no depot"));
}

TEST(InstanceFile, SolutionsGoOutAndComeBack) {
  const Problem problem = parse_instance(kTable, "t", Rounding::exact)->problem;
  const Plan plan = planned(problem, by_iterations(200));
  const std::string text = write_solution(plan);
  const auto back = parse_solution(text, "t.sol");
  ASSERT_TRUE(back) << text;
  EXPECT_NEAR(back->cost, plan.distance_m, 1e-3);
  const Plan again = schedule(problem, back->routes);
  EXPECT_EQ(violations(problem, again), "");
  EXPECT_DOUBLE_EQ(again.distance_m, plan.distance_m);
  EXPECT_THAT(parse_solution("Route #1: 2 1\nRoute #2:\nCost 7.5\n", "s")->routes,
              ElementsAre(ElementsAre(1, 0), ElementsAre()));
  EXPECT_EQ(parse_solution("Route #1: 0\n", "s").error().message, "s:1: no customer 0");
  EXPECT_FALSE(parse_solution("Cost 1\n", "s"));
}

std::filesystem::path shared() {
  const char* given = std::getenv("CITYLOOP_SHARED");
  return std::filesystem::path(given ? given : "../shared") / "data/routing";
}

TEST(InstanceFile, ThePublishedSolutionsHoldByTheirOwnConvention) {
  if (!std::filesystem::exists(shared())) GTEST_SKIP() << "no " << shared();
  std::size_t checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shared())) {
    if (entry.path().extension() != ".sol") continue;
    const auto best = read_solution(entry.path());
    ASSERT_TRUE(best) << best.error().message;
    const auto instance =
        read_instance(std::filesystem::path(entry.path()).replace_extension(".vrp.gz"), Rounding::tenths);
    ASSERT_TRUE(instance) << instance.error().message;
    const Plan plan = schedule(instance->problem, best->routes);
    EXPECT_EQ(violations(instance->problem, plan), "") << entry.path();
    EXPECT_TRUE(plan.undone.empty());
    EXPECT_NEAR(plan.distance_m, best->cost, 0.01) << entry.path();
    ++checked;
  }
  EXPECT_GE(checked, 12u);
}

// A fixed number of iterations, so that it does not depend on how fast the machine is.
TEST(InstanceFile, AFewIterationsComeNearThePublishedSolutions) {
  if (!std::filesystem::exists(shared())) GTEST_SKIP() << "no " << shared();
  for (const char* name : {"C1_10_1", "R1_10_6", "RC2_10_6"}) {
    const auto instance = read_instance(shared() / (std::string(name) + ".vrp.gz"), Rounding::exact);
    ASSERT_TRUE(instance) << instance.error().message;
    const auto best = read_solution(shared() / (std::string(name) + ".sol"));
    ASSERT_TRUE(best);
    const Plan plan = planned(instance->problem, by_iterations(60000));
    EXPECT_EQ(violations(instance->problem, plan), "") << name;
    EXPECT_TRUE(plan.undone.empty()) << name;
    EXPECT_LE(plan.routes.size(), best->routes.size() + 6) << name;
    EXPECT_LE(plan.distance_m, best->cost * 1.12) << name;
  }
}

}  // namespace
}  // namespace cityloop::solve
