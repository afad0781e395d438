// What stands beside the demo's streets: garages, signs, and who measures how fast it goes.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "domain/traffic/demo/garages.h"
#include "domain/traffic/demo/segment_watch.h"
#include "domain/traffic/demo/signs.h"

namespace cityloop::traffic {
namespace {

using testing::HasSubstr;

std::filesystem::path written(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / fmt::format("roadside-{}-{}", ::getpid(), name);
  std::ofstream(path) << text;
  return path;
}

TEST(TrafficDemoGarages, TakeWhoEndsThereAndLetOutWhoBeginsThereAndHoldNoMoreThanTheirSpaces) {
  Garages garages({{.id = "a", .gate = "c2", .spaces = 3, .taken = 1}, {.id = "b", .gate = "c4", .spaces = 5}});
  garages.look({"c2.g1.0", "g1.g2.0", "bus-1-2"}, {"g3.c4.7"});
  EXPECT_EQ(garages.all()[0].taken, 0);
  EXPECT_EQ(garages.all()[1].taken, 1);
  garages.look({"c2.g1.1"}, {});
  EXPECT_EQ(garages.all()[0].taken, 0) << "nobody comes out of an empty one";
  garages.look({}, {"g1.c2.1", "g1.c2.2", "g1.c2.3", "g1.c2.4", "c4.g1.5"});
  EXPECT_EQ(garages.all()[0].taken, 3) << "who finds it full goes elsewhere";
  EXPECT_EQ(garages.all()[1].taken, 1) << "to leave the streets at a gate is not to park in the garage one came from";
}

TEST(TrafficDemoGarages, AreRefusedWhereTheTableIsWrong) {
  const auto refused = [](const std::string& row) {
    const auto path = written("garages.csv", "garage,name_zh,name_en,gate,edge,spaces,taken\n" + row + "\n");
    const auto read = read_garages(path);
    std::filesystem::remove(path);
    return read ? std::string("taken") : read.error().message;
  };
  EXPECT_EQ(refused("a,甲,A,c2,c2-c5,10,4"), "taken");
  EXPECT_THAT(refused("a,甲,A,c2,c2-c5,10,14"), HasSubstr("more cars than spaces"));
  EXPECT_THAT(refused("a,甲,A,c2,c2-c5,-1,0"), HasSubstr("'-1'"));
}

TEST(TrafficDemoSigns, StandWhereTheTableSays) {
  const auto signs = read_signs("domain/traffic/demo/network/signs.csv");
  ASSERT_TRUE(signs) << signs.error().message;
  EXPECT_FALSE(signs->empty());
  const auto path = written("signs.csv", "sign,name_zh,name_en,edge,at_m,to,to_zh,to_en\nv,甲,A,e,far,r,乙,B\n");
  const auto wrong = read_signs(path);
  std::filesystem::remove(path);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("'far'"));
}

TEST(TrafficDemoSegmentWatch, TellsTheSpaceMeanSpeedOfTheLastMinute) {
  SegmentWatch watch("a-b", 300, 2, 10);
  EXPECT_EQ(watch.speed_mps(), 10) << "free flow where nobody drove";
  for (int i = 0; i < 30; ++i) watch.look({"x", "y", "z"}, 2);
  for (int i = 0; i < 30; ++i) watch.look({"x"}, 8);
  EXPECT_DOUBLE_EQ(watch.speed_mps(), (30 * 3 * 2 + 30 * 8) / double(30 * 3 + 30));
  EXPECT_DOUBLE_EQ(watch.occupancy(), 2 * 7.0 / (300 * 2)) << "two vehicles in the mean";
  EXPECT_EQ(watch.take_entered(), 3);
  EXPECT_EQ(watch.take_entered(), 0);
  for (int i = 0; i < 60; ++i) watch.look({}, 0);
  EXPECT_EQ(watch.speed_mps(), 10) << "a minute ago is past";
  watch.look({"x"}, 0);
  EXPECT_GT(watch.speed_mps(), 0) << "who stands still does not take for ever";
  EXPECT_EQ(watch.take_entered(), 1) << "who comes back has come anew";
}

TEST(TrafficDemoSegmentWatch, FreeFlowHoldsAUsualWaitAtLights) {
  EXPECT_DOUBLE_EQ(free_flow_mps(300, 10, false), 10);
  EXPECT_DOUBLE_EQ(free_flow_mps(300, 10, true), 300 / (30 + kUsualWait_s));
}

}  // namespace
}  // namespace cityloop::traffic
