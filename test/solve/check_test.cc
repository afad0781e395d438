#include "solve/check.h"

#include <gmock/gmock.h>

#include <functional>

#include "problems.h"

namespace cityloop::solve {
namespace {

using namespace test;
using testing::Contains;
using testing::IsEmpty;

// Two vehicles, three tasks on a line, all in order.
class Check : public testing::Test {
 protected:
  Check() {
    problem.travel = line({0, 1, 2, 3});
    problem.tasks = {{.place = 1, .close_s = 500, .service_s = 10, .load = 1},
                     {.place = 2, .close_s = 500, .service_s = 10, .load = 1, .skills = 1},
                     {.place = 3, .open_s = 600, .service_s = 10, .load = 1, .only = 1}};
    problem.vehicles.assign(2, {.start = 0, .end = 0, .until_s = 1000, .capacity = 2, .skills = 1});
    routes = {{0, 1}, {2}};
  }
  std::vector<Breach> breaches() const { return of(schedule(problem, routes)); }
  std::vector<Breach> of(const Plan& plan) const {
    std::vector<Breach> out;
    for (const Violation& violation : check(problem, plan)) {
      EXPECT_FALSE(violation.text.empty());
      out.push_back(violation.breach);
    }
    return out;
  }
  std::vector<Breach> after(const std::function<void(Plan&)>& change) const {
    Plan plan = schedule(problem, routes);
    change(plan);
    return of(plan);
  }

  Problem problem;
  std::vector<std::vector<TaskIndex>> routes;
};

TEST_F(Check, FindsNothingInAGoodPlan) {
  EXPECT_THAT(breaches(), IsEmpty());
}

TEST_F(Check, ATaskOutsideOfItsWindow) {
  problem.tasks[1].close_s = 209;  // reached at 210
  EXPECT_THAT(breaches(), Contains(Breach::too_late));
}

TEST_F(Check, AShiftThatIsTooShort) {
  problem.vehicles[0].until_s = 419;  // back at 420
  EXPECT_THAT(breaches(), Contains(Breach::shift));
}

TEST_F(Check, TooMuchLoad) {
  problem.vehicles[0].capacity = 1.5;
  EXPECT_THAT(breaches(), Contains(Breach::capacity));
}

TEST_F(Check, MissingSkills) {
  problem.vehicles[0].skills = 2;
  EXPECT_THAT(breaches(), Contains(Breach::skills));
}

TEST_F(Check, ATaskThatIsForAnotherVehicle) {
  routes = {{0, 1, 2}, {}};
  problem.vehicles[0].capacity = 3;
  EXPECT_THAT(breaches(), Contains(Breach::wrong_vehicle));
}

TEST_F(Check, ATaskThatIsDoneTwiceOrNotAtAll) {
  routes = {{0, 1}, {1, 2}};
  EXPECT_THAT(breaches(), Contains(Breach::task_twice));
  routes = {{0, 1}, {2}};
  EXPECT_THAT(after([](Plan& plan) { plan.routes.pop_back(); }), Contains(Breach::task_missing));
  EXPECT_THAT(after([](Plan& plan) { plan.undone.push_back({0, Reason::no_room}); }), Contains(Breach::task_twice));
}

TEST_F(Check, VehiclesAndTasksThatDoNotExist) {
  EXPECT_THAT(after([](Plan& plan) { plan.routes[0].vehicle = 7; }), Contains(Breach::unknown_vehicle));
  EXPECT_THAT(after([](Plan& plan) { plan.routes[0].stops[0].task = 7; }), Contains(Breach::unknown_task));
  EXPECT_THAT(after([](Plan& plan) { plan.undone.push_back({7, Reason::no_room}); }), Contains(Breach::unknown_task));
  EXPECT_THAT(after([](Plan& plan) { plan.routes[1].vehicle = 0; }), Contains(Breach::vehicle_twice));
}

TEST_F(Check, FrozenTasksThatWereMoved) {
  problem.vehicles[0].frozen = {0};
  routes = {{1}, {2}};
  EXPECT_THAT(breaches(), IsEmpty());
  EXPECT_THAT(after([](Plan& plan) { std::swap(plan.routes[0].stops[0], plan.routes[0].stops[1]); }),
              Contains(Breach::frozen));
  EXPECT_THAT(after([](Plan& plan) { plan.routes.erase(plan.routes.begin()); }), Contains(Breach::frozen));
}

TEST_F(Check, AFrozenTaskMayBeLateAndOthersMayNot) {
  problem.tasks[0].close_s = 50;
  EXPECT_THAT(breaches(), Contains(Breach::too_late));
  problem.vehicles[0].frozen = {0};
  routes = {{1}, {2}};
  EXPECT_THAT(breaches(), IsEmpty());
}

TEST_F(Check, AWayThatDoesNotExist) {
  problem.travel = Travel::table(4, [](PlaceIndex a, PlaceIndex b) {
    const double km = std::abs(double(a) - double(b));
    return a == 1 && b == 2 ? Leg{kNoWay, kNoWay} : Leg{100 * km, 1000 * km};
  });
  EXPECT_THAT(breaches(), Contains(Breach::no_way));
}

TEST_F(Check, TimesAndTotalsThatAreNotWhatComesOut) {
  EXPECT_THAT(after([](Plan& plan) { plan.routes[0].stops[1].arrive_s -= 1; }), Contains(Breach::wrong_time));
  EXPECT_THAT(after([](Plan& plan) { plan.routes[0].stops[1].begin_s -= 1; }), Contains(Breach::wrong_time));
  EXPECT_THAT(after([](Plan& plan) { plan.routes[0].end_s += 1; }), Contains(Breach::wrong_time));
  EXPECT_THAT(after([](Plan& plan) { plan.routes[0].load += 1; }), Contains(Breach::wrong_total));
  EXPECT_THAT(after([](Plan& plan) { plan.routes[0].distance_m -= 1; }), Contains(Breach::wrong_total));
  EXPECT_THAT(after([](Plan& plan) { plan.distance_m -= 1; }), Contains(Breach::wrong_total));
  EXPECT_THAT(after([](Plan& plan) { plan.cost_m += 1; }), Contains(Breach::wrong_total));
  EXPECT_THAT(after([](Plan& plan) { plan.undone_weight = 3; }), Contains(Breach::wrong_total));
}

}  // namespace
}  // namespace cityloop::solve
