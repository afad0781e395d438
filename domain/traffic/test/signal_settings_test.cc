// The junctions of a city as files: what is read, and that every mistake is told where it stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/traffic/signal/settings.h"
#include "domain/traffic/test/signal_crossing.h"

namespace cityloop::traffic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string with(std::string_view old_text, std::string_view new_text) {
  std::string text = test::kCrossing;
  const std::size_t at = text.find(old_text);
  EXPECT_NE(at, text.npos) << old_text;
  return text.replace(at, old_text.size(), new_text);
}
std::string mistakes(const std::string& text) {
  const auto read = SignalSettings::parse(text, "x.toml");
  return read ? "" : read.error().message;
}

TEST(SignalSettings, ReadsAJunction) {
  const auto read = SignalSettings::parse(test::kCrossing, "x.toml");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->junctions.size(), 1u);
  const SignalJunction& one = read->junctions[0];
  EXPECT_EQ(one.entity.text(), "urn:ngsi-ld:TrafficSignal:square");
  EXPECT_EQ(one.controller, "max_pressure");
  EXPECT_EQ(one.name.zh, "广场");
  const Junction& junction = *one.junction;
  EXPECT_TRUE(check(junction));
  EXPECT_EQ(junction.movements.size(), 4u);
  EXPECT_EQ(junction.state(0), "Ggrr");
  EXPECT_EQ(junction.state(1), "rrGG");
  EXPECT_EQ(junction.stages[1].min_green_s, 9) << "people on foot walk in it";
  EXPECT_EQ(junction.conflict(1, 0), Conflict::yields);
  EXPECT_EQ(junction.conflict(0, 1), Conflict::has_way);
  EXPECT_EQ(junction.plan.steps[0].change_s, 5);
  EXPECT_EQ(junction.plan.cycle_s(), 60);
  ASSERT_EQ(one.detectors.size(), 3u);
  EXPECT_EQ(one.detectors[0].lane, 0);
  EXPECT_THAT(one.detectors[0].same_vehicles, ElementsAre(flow::EntityId("urn:ngsi-ld:TrafficFlowObserved:n_far")));
  EXPECT_THAT(read->notes, IsEmpty());
  EXPECT_EQ(read->devices().size(), 1u);
}

TEST(SignalSettings, AZoneAndAStageThatClearsAreRead) {
  const auto read = SignalSettings::parse(test::crossing_with_zone(), "x.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(read->junctions[0].zones, ElementsAre(flow::EntityId("urn:ngsi-ld:ZoneObserved:square")));
  const Stage& stage = read->junctions[0].junction->stages[2];
  EXPECT_TRUE(lets_nobody_go(stage));
  EXPECT_EQ(stage.min_green_s, 0);
  EXPECT_EQ(stage.max_green_s, 12);
  EXPECT_THAT(mistakes(with("[junction.plan]", "[[junction.stage]]\nname = \"dark\"\n[junction.plan]")),
              HasSubstr("stage 'dark' lets nobody go, and is not said to clear"));
  EXPECT_THAT(mistakes(with("name = \"along\"", "name = \"along\"\nclears = true")),
              HasSubstr("stage 'along' clears, and yet it lets somebody go"));
  const std::string one = "[[junction.stage]]\nname = \"{}\"\nclears = true\n";
  EXPECT_THAT(mistakes(with("[junction.plan]", fmt::format(fmt::runtime(one + one + "[junction.plan]"), "a", "b"))),
              HasSubstr("stage 'b' is the second that clears"));
  EXPECT_THAT(mistakes(with("yellow =", "zones = [\"square\"]\nyellow =")), HasSubstr("'square' is not the URN"));
}

TEST(SignalSettings, AJunctionWithoutDetectorsLoadsAndSaysSo) {
  std::string text = test::kCrossing;
  for (std::size_t at; (at = text.find("detectors = ")) != text.npos;) text.erase(at, text.find('\n', at) - at);
  for (std::size_t at; (at = text.find("same_vehicles = ")) != text.npos;) text.erase(at, text.find('\n', at) - at);
  const auto read = SignalSettings::parse(text, "x.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->junctions[0].detectors.empty());
  ASSERT_EQ(read->notes.size(), 1u);
  EXPECT_THAT(read->notes[0], HasSubstr("x.toml:2: junction 'square' has no detectors: it runs its fixed plan"));
}

TEST(SignalSettings, EveryMistakeIsToldWithItsLine) {
  EXPECT_THAT(
      mistakes(with("green = [\"e_straight\", \"walk\"]", "green = [\"e_straight\", \"n_straight\"]")),
      testing::AllOf(HasSubstr("x.toml:63: 'n_straight' and 'e_straight' meet, and stage 'across' lets both go"),
                     HasSubstr("no stage lets 'walk' go")));
  EXPECT_THAT(mistakes(with("min_green = \"10s\"", "min_green = \"140s\"")),
              HasSubstr("stage 'along' can never be shown: its least green keeps others red for 150 s"));
  EXPECT_THAT(mistakes(with("max_red = \"120s\"", "max_red = \"30s\"")),
              HasSubstr("max_red is 30 s, and the shortest round"));
  EXPECT_THAT(mistakes(with("green = [\"e_straight\", \"walk\"]", "green = []")), HasSubstr("lets nobody go"));
  EXPECT_THAT(mistakes(with("green = \"35s\"", "green = \"4s\"")), HasSubstr("under its least green of 10 s"));
  EXPECT_THAT(mistakes(with("green = \"35s\"", "green = \"135s\"")),
              HasSubstr("the plan keeps 'e_straight' red for 145 s, longer than the 120 s"));
  EXPECT_THAT(mistakes(with("steps = [{ stage = \"along\", green = \"35s\" }, ", "steps = [")),
              HasSubstr("the plan never lets 'n_straight' go"));
  EXPECT_THAT(mistakes(with("to = \"s_out\"", "to = \"sea\"")), HasSubstr("there is no lane 'sea'"));
  EXPECT_THAT(mistakes(with("to = \"s_out\"", "to = \"n_in\"")), HasSubstr("lane 'n_in' is no exit"));
  EXPECT_THAT(mistakes(with("excludes = [\"n_straight\", \"n_left\"]", "")),
              HasSubstr("whom movement 'e_straight' meets is not said"));
  EXPECT_THAT(mistakes(with("gives_way_to = [\"n_straight\"]", "gives_way_to = [\"moon\"]")),
              HasSubstr("there is no movement 'moon'"));
  EXPECT_THAT(mistakes(with("yellow = \"3s\"", "yellow = \"1s\"")), HasSubstr("x.toml:7: 'yellow' under 2s"));
  EXPECT_THAT(mistakes(with("controller = \"max_pressure\"", "controller = \"luck\"")), HasSubstr("'luck'"));
  EXPECT_THAT(mistakes(with("role = \"exit\"", "role = \"roof\"")), HasSubstr("'role' is 'roof'"));
  EXPECT_THAT(mistakes(with("latency = \"2s\"", "latncy = \"2s\"")), HasSubstr("latncy"));
  EXPECT_THAT(mistakes(with("id = \"n_left\"", "id = \"n_straight\"")), HasSubstr("two movements 'n_straight'"));
  EXPECT_THAT(mistakes(std::string(test::kCrossing) + test::kCrossing),
              testing::AllOf(HasSubstr("'square' is described already"), HasSubstr("stands at a junction already")));
}

TEST(SignalSettings, NoFolderIsNoJunction) {
  const auto read = SignalSettings::load_folder("/nowhere/at/all");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->junctions.empty());
}

}  // namespace
}  // namespace cityloop::traffic
