// The street of the simulation: a crossroads drawn as CityFlow's JSON, converted, and driven for five minutes.
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/traffic/signal/sumo_net.h"
#include "domain/traffic/simulation/cityflow.h"
#include "domain/traffic/simulation/sumo_street.h"
#include "domain/traffic/simulation/trial.h"

namespace cityloop::traffic {
namespace {

using testing::HasSubstr;
using testing::Not;

// Four roads of two lanes to a crossing and four away from it: straight on from both lanes' own, left from the inner
// one.
std::string crossroads() {
  const char* const sides[] = {"w", "s", "e", "n"};
  const int x[] = {-300, 0, 300, 0};
  const int y[] = {0, -300, 0, 300};
  std::string places = R"({"id":"mid","point":{"x":0,"y":0},"virtual":false,"roadLinks":[)";
  std::string roads;
  std::string ends;
  for (int i = 0; i < 4; ++i) {
    const std::string side = sides[i];
    const std::string lanes = R"("lanes":[{"width":4,"maxSpeed":13.9},{"width":4,"maxSpeed":13.9}])";
    roads += fmt::format(
        R"({}{{"id":"{}_in","points":[{{"x":{},"y":{}}},{{"x":0,"y":0}}],{},"startIntersection":"{}","endIntersection":"mid"}})",
        i ? "," : "", side, x[i], y[i], lanes, side);
    roads += fmt::format(
        R"(,{{"id":"{}_out","points":[{{"x":0,"y":0}},{{"x":{},"y":{}}}],{},"startIntersection":"mid","endIntersection":"{}"}})",
        side, x[i], y[i], lanes, side);
    ends += fmt::format(R"(,{{"id":"{}","point":{{"x":{},"y":{}}},"virtual":true,"roadLinks":[]}})", side, x[i], y[i]);
    const std::string ahead = sides[(i + 2) % 4];
    const std::string left = sides[(i + 3) % 4];
    places += fmt::format(
        R"({}{{"type":"go_straight","startRoad":"{}_in","endRoad":"{}_out","laneLinks":[{{"startLaneIndex":1,"endLaneIndex":0}},{{"startLaneIndex":1,"endLaneIndex":1}}]}})",
        i ? "," : "", side, ahead);
    places += fmt::format(
        R"(,{{"type":"turn_left","startRoad":"{}_in","endRoad":"{}_out","laneLinks":[{{"startLaneIndex":0,"endLaneIndex":0}}]}})",
        side, left);
  }
  places +=
      R"(],"trafficLight":{"lightphases":[{"time":5,"availableRoadLinks":[]},{"time":20,"availableRoadLinks":[0,4]},)"
      R"({"time":20,"availableRoadLinks":[1,5]},{"time":20,"availableRoadLinks":[2,6]},)"
      R"({"time":20,"availableRoadLinks":[3,7]},{"time":20,"availableRoadLinks":[0,1]}]}})";
  return R"({"intersections":[)" + places + ends + R"(],"roads":[)" + roads + "]}";
}

std::string traffic() {
  std::string flows;
  const char* const routes[] = {R"("w_in","e_out")", R"("e_in","w_out")", R"("s_in","n_out")", R"("w_in","n_out")",
                                R"("nowhere","n_out")"};
  const int every_s[] = {6, 8, 20, 40, 10};
  for (int i = 0; i < 5; ++i) {
    flows += fmt::format(
        R"({}{{"vehicle":{{"length":5,"minGap":2.5,"maxSpeed":13.9,"usualPosAcc":2,"usualNegAcc":4.5,"headwayTime":1.5}},)"
        R"("route":[{}],"interval":{},"startTime":{},"endTime":300}})",
        i ? "," : "", routes[i], every_s[i], i);
  }
  return "[" + flows + "]";
}

TEST(CityFlow, RoadsLanesPhasesAndVehiclesBecomeSumos) {
  const auto streets = convert_cityflow(crossroads(), traffic());
  ASSERT_TRUE(streets) << streets.error().message;
  EXPECT_EQ(streets->junctions, 1);
  EXPECT_EQ(streets->dropped, 1) << "a route over a road that is not there";
  EXPECT_EQ(streets->vehicles, 51 + 38 + 15 + 8);
  // CityFlow's inner lane 0 is SUMO's lane 1, and of two lane links the one straight ahead is kept.
  EXPECT_THAT(streets->connections, HasSubstr(R"(from="w_in" to="e_out" fromLane="0" toLane="0")"));
  EXPECT_THAT(streets->connections, Not(HasSubstr(R"(from="w_in" to="e_out" fromLane="0" toLane="1")")));
  EXPECT_THAT(streets->connections, HasSubstr(R"(from="w_in" to="n_out" fromLane="1" toLane="1")"));
  EXPECT_THAT(streets->lights, HasSubstr(R"(<phase duration="20" state="GrrrGrrr"/>)"));
  EXPECT_THAT(streets->lights, HasSubstr(R"(<phase duration="3" state="yrrryrrr"/>)"));
  EXPECT_THAT(streets->lights, Not(HasSubstr("rrrrrrrr"))) << "the phase that clears the junction is no stage";
}

TEST(CityFlow, WhatIsNoNetworkIsRefused) {
  EXPECT_FALSE(convert_cityflow("{", "[]"));
  EXPECT_FALSE(convert_cityflow("{}", "[]"));
  EXPECT_FALSE(convert_cityflow(crossroads(), "{}"));
  std::string broken = crossroads();
  broken.replace(broken.find(R"("startRoad":"w_in")"), 18, R"("startRoad":"x_in")");
  EXPECT_THAT(convert_cityflow(broken, "[]").error().message, HasSubstr("x_in"));
}

class StreetTest : public testing::Test {
 protected:
  StreetTest() : folder_(std::filesystem::temp_directory_path() / fmt::format("cityloop-street-{}", ::getpid())) {}
  ~StreetTest() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

// In a process of its own: SUMO is one per process and leaves memory behind.
double delay_of(const std::filesystem::path& config, const std::string& controller, int* arrived) {
  int pipe[2];
  if (::pipe(pipe) != 0) return -1;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto result = run_trial({.config = config, .controller = controller, .seed = 3});
    const double told[] = {result ? result->delay_s : -1, result ? static_cast<double>(result->arrived) : 0};
    ::_exit(::write(pipe[1], told, sizeof told) == sizeof told ? 0 : 1);
  }
  ::close(pipe[1]);
  double told[2]{-1, 0};
  if (::read(pipe[0], told, sizeof told) != sizeof told) told[0] = -1;
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  *arrived = static_cast<int>(told[1]);
  return told[0];
}

TEST_F(StreetTest, FiveMinutesOfAConvertedCrossroadsAreFasterWithThePlannerThanWithItsFixedPlan) {
  const auto streets = convert_cityflow(crossroads(), traffic());
  ASSERT_TRUE(streets);
  const auto config = build_streets(*streets, folder_, "crossroads", 300);
  ASSERT_TRUE(config) << config.error().message;
  const auto junctions = read_sumo_net(folder_ / "crossroads.net.xml");
  ASSERT_TRUE(junctions) << junctions.error().message;
  ASSERT_EQ(junctions->size(), 1u);
  EXPECT_EQ(junctions->front().stages.size(), 5u);
  int arrived_fixed = 0;
  int arrived = 0;
  const double fixed_s = delay_of(*config, kOwnProgramme, &arrived_fixed);
  const double planned_s = delay_of(*config, "planner", &arrived);
  ASSERT_GT(fixed_s, 0);
  ASSERT_GT(planned_s, 0);
  EXPECT_LT(planned_s, fixed_s / 1.5);
  EXPECT_GE(arrived, arrived_fixed);
  int none = 0;
  EXPECT_EQ(delay_of(*config, "nobody", &none), -1) << "a controller that nobody knows is refused";
}

}  // namespace
}  // namespace cityloop::traffic
