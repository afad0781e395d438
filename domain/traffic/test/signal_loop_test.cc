// The whole turn: lanes are seen, a stage is decided, a command passes the interlock, lights change, delay is measured.
// And what happens when any of it fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/traffic/test/signal_city.h"

namespace cityloop::traffic {
namespace {

using flow::EntityId;
using flow::Name;
using test::SignalCity;
using test::UntilEmpty;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(SignalLoop, ClosesTheLoopAndIsBetterThanThePlanOnTheSameStreet) {
  // A day that the plan was not made for.
  SignalCity adaptive({.seed = 3, .north_per_s = 0.1, .east_per_s = 0.115});
  adaptive.pass(3600);
  EXPECT_EQ(adaptive.mode(), "adaptive");
  EXPECT_EQ(adaptive.referee().verdict(), "");
  const SignalLoop::Stats stats = adaptive.loop().stats();
  EXPECT_GT(stats.commands, 60u);
  EXPECT_LT(double(stats.refused), 0.02 * double(stats.commands)) << "it asks for what may be";
  SignalCity fixed({.seed = 3,
                    .make = [](const SignalJunction& one) { return make_fixed_controller(*one.junction); },
                    .north_per_s = 0.1,
                    .east_per_s = 0.115});
  fixed.pass(3600);
  EXPECT_EQ(fixed.referee().verdict(), "");
  EXPECT_NEAR(adaptive.served(), fixed.served(), 30);
  EXPECT_LT(adaptive.waited(), 0.8 * fixed.waited());
  const auto signal = adaptive.signal();
  ASSERT_TRUE(signal->number(Name("averageDelay")));
  EXPECT_NEAR(*signal->number(Name("averageDelay")), adaptive.waited() / adaptive.served(), 3)
      << "what is measured from outside is what the street had";
}

// With loops in the road alone, from which queues are told, and no vehicle is followed.
TEST(SignalLoop, ThePlannerOfTheHouseRunsInItAndKeepsToTheInterlocks) {
  SignalCity city({.seed = 4, .make = [](const SignalJunction& one) { return make_planner(*one.junction); }});
  city.pass(1800);
  EXPECT_EQ(city.mode(), "adaptive");
  EXPECT_EQ(city.referee().verdict(), "");
  EXPECT_GT(city.referee().turns(), 100);
  SignalCity fixed({.seed = 4, .make = [](const SignalJunction& one) { return make_fixed_controller(*one.junction); }});
  fixed.pass(1800);
  EXPECT_LT(city.waited(), fixed.waited());
}

// A zone detector that sees one left turn standing within the junction, whatever the lights show.
struct WithZone {
  SignalCity city{{.seed = 4, .settings = test::crossing_with_zone(), .make = [](const SignalJunction& one) {
                     return make_planner(*one.junction);
                   }}};
  std::string vehicles = R"([{"movement":"n_left","toExit":8,"speed":0,"waited":9}])";
  int clearing{0}, longest{0};
  std::string why;

  void pass(int seconds) {
    for (int s = 0, spell = 0; s < seconds; ++s) {
      flow::Write one;
      one.entity = EntityId("urn:ngsi-ld:ZoneObserved:square");
      one.types = {Name("ZoneObserved")};
      one.attributes = {flow::property(Name("vehiclesWithin"), flow::Json{vehicles}, city.at())};
      if (!vehicles.empty()) city.write({one}, "mqtt");
      city.pass(1);
      const bool clear = city.shown() == "rrrr";
      spell = clear ? spell + 1 : 0;
      longest = std::max(longest, spell);
      if (city.signal() && city.signal()->text(Name("wantedStage")) == "clear") {
        ++clearing;
        why = flow::json_field(*city.signal(), "phaseReason");
      }
    }
  }
};

TEST(SignalLoop, ThoseWhoStandWithinAreLetOutAndNotForever) {
  WithZone seen;
  seen.pass(900);
  EXPECT_EQ(seen.city.mode(), "adaptive");
  EXPECT_EQ(seen.city.referee().verdict(), "");
  EXPECT_GT(seen.clearing, 20);
  EXPECT_THAT(seen.why, AllOf(HasSubstr("1 辆仍在路口内"), HasSubstr("1 still within")));
  EXPECT_GT(seen.longest, 5) << "longer than a clearance";
  EXPECT_LE(seen.longest, 2 + 12 + 4) << "all red, the stage's longest, and the way of a command";
  EXPECT_GT(seen.city.served(), 100) << "and the street goes on";
}

TEST(SignalLoop, NothingIsClearedForAnEmptyASilentOrALyingZone) {
  for (const char* told : {"[]", "", R"([{"movement":"n_left","toExit":8,"speed":-3}])", R"([{"movement":"nowhere"}])",
                           R"([{"movement":"n_left","toExit":8,"speed":0,"waited":4000}])", "7"}) {
    WithZone seen;
    seen.vehicles = told;
    seen.pass(300);
    EXPECT_EQ(seen.clearing, 0) << told;
    EXPECT_EQ(seen.city.mode(), "adaptive") << told;
  }
}

TEST(SignalLoop, SaysWhyThisPhaseInBothLanguagesWithItsNumbers) {
  SignalCity city({.seed = 3});
  city.pass(1200);
  const auto signal = city.signal();
  const std::string why = flow::json_field(*signal, "phaseReason");
  EXPECT_THAT(why, AllOf(HasSubstr("\"zh\":"), HasSubstr("\"en\":")));
  EXPECT_EQ(signal->number(Name("secondBestDelay")), 100);
  EXPECT_TRUE(signal->number(Name("arrivalsLastMinute")));
  EXPECT_FALSE(signal->text(Name("currentStage")).empty());
  EXPECT_EQ(flow::link_field(*signal, "refDevice"), city.device());
  EXPECT_EQ(signal->text(Name("controlReasonCode")), "none");
}

TEST(SignalLoop, SameRecordsSameCommandsByteForByteAndNoRestartMakesADifference) {
  const auto run = [](bool reload) {
    SignalCity city({.seed = 11, .reload = reload});
    city.pass(400);
    city.spoil = [](const std::string& lane, double&, double&) { return lane == "e_in"; };
    city.pass(300);
    return city.written();
  };
  const std::string once = run(false);
  EXPECT_THAT(once, AllOf(HasSubstr("urn:ngsi-ld:Command:signal:square:"), HasSubstr("blind")));
  EXPECT_EQ(once, run(false));
  EXPECT_EQ(once, run(true)) << "both loops taken down to their checkpoints before every record";
}

TEST(SignalLoop, ALyingDetectorLeadsToThePlanAndBackAfterACleanSpell) {
  SignalCity city({.seed = 5});
  city.pass(300);
  ASSERT_EQ(city.mode(), "adaptive");
  city.spoil = [](const std::string& lane, double& passed, double&) {
    return lane == "e_in" ? (passed = -1, true) : true;
  };
  city.pass(2);
  EXPECT_EQ(city.mode(), "fixed");
  EXPECT_THAT(city.why(), AllOf(HasSubstr("e_in"), HasSubstr("-1"), HasSubstr("固定方案"), HasSubstr("fixed plan")));
  EXPECT_THAT(flow::json_field(*city.signal(), "distrustedDetectors"), HasSubstr("negative"));
  city.pass(600);
  EXPECT_EQ(city.mode(), "fixed");
  EXPECT_GT(city.loop().stats().commands, 10u) << "the plan is run by commands";
  city.spoil = nullptr;
  city.pass(400);
  EXPECT_EQ(city.mode(), "fixed");
  city.pass(60);
  EXPECT_EQ(city.mode(), "adaptive");
  city.pass(600);
  EXPECT_TRUE(city.signal()->number(Name("averageDelayBefore"))) << "delay under the plan, beside what it is now";
  EXPECT_EQ(city.referee().verdict(), "");
}

TEST(SignalLoop, AnApproachWithAnotherHonestDetectorStaysAdaptive) {
  SignalCity city({.seed = 5});
  city.pass(300);
  city.spoil = [](const std::string& lane, double& passed, double&) {
    return lane == "n_in" ? (passed = -1, true) : true;
  };
  city.pass(100);
  EXPECT_EQ(city.mode(), "adaptive") << "n_far leads into n_in, and is believed";
}

TEST(SignalLoop, SilenceLeadsToThePlan) {
  SignalCity city({.seed = 6});
  city.pass(300);
  city.spoil = [](const std::string&, double&, double&) { return false; };
  city.pass(59);
  EXPECT_EQ(city.mode(), "adaptive");
  city.pass(2);
  EXPECT_EQ(city.mode(), "fixed");
  EXPECT_THAT(city.why(), HasSubstr("silent for 60 s"));
  city.pass(600);
  EXPECT_EQ(city.referee().verdict(), "");
  EXPECT_GT(city.referee().turns(), 20);
}

TEST(SignalLoop, ADecisionThatComesTooLateIsDroppedCountedAndSaid) {
  double clock_s = 0, takes_s = 0;
  int reads = 0;
  SignalCity city({.seed = 7, .stopwatch_s = [&] { return ++reads % 2 == 0 ? clock_s += takes_s : clock_s; }});
  city.pass(300);
  ASSERT_EQ(city.mode(), "adaptive");
  takes_s = 0.5;
  city.pass(1);
  takes_s = 0;
  EXPECT_EQ(city.mode(), "fixed");
  EXPECT_THAT(city.why(), AllOf(HasSubstr("500 ms"), HasSubstr("500 毫秒")));
  EXPECT_EQ(city.loop().stats().late, 1u);
  city.pass(110);
  EXPECT_EQ(city.mode(), "fixed");
  city.pass(15);
  EXPECT_EQ(city.mode(), "adaptive");
  takes_s = 0.5;
  city.pass(1);
  takes_s = 0;
  city.pass(200);
  EXPECT_EQ(city.mode(), "fixed") << "the second time for twice as long";
  city.pass(45);
  EXPECT_EQ(city.mode(), "adaptive");
  EXPECT_EQ(city.referee().verdict(), "");
}

TEST(SignalLoop, WithoutDetectorsThePlanIsRunAndSaid) {
  std::string text = test::kCrossing;
  for (const char* key : {"detectors = ", "same_vehicles = "}) {
    for (std::size_t at; (at = text.find(key)) != text.npos;) text.erase(at, text.find('\n', at) - at);
  }
  text.replace(text.find("latency = \"2s\""), 14, "latency = \"2s\"\nrefresh = \"0s\"");
  SignalCity city({.seed = 8, .settings = text});
  city.pass(1800);
  EXPECT_EQ(city.mode(), "fixed");
  EXPECT_THAT(city.why(), HasSubstr("no detectors"));
  EXPECT_EQ(city.referee().verdict(), "");
  EXPECT_NEAR(double(city.loop().stats().commands), 1800 / 60.0 * 2, 3) << "two stages a minute, as the plan says";
}

// A device that hears nothing for a while takes it that nobody is there, and runs by its own plan.
TEST(SignalLoop, ThePresentStageIsWishedForAgainAndAgain) {
  SignalCity city({.seed = 8, .north_per_s = 0, .east_per_s = 0});
  city.pass(200);
  const auto commands = city.loop().stats().commands;
  city.pass(80);
  EXPECT_NEAR(double(city.loop().stats().commands - commands), 80 / 8.0, 3);
  EXPECT_EQ(city.loop().stats().refused, 0u);
}

TEST(SignalLoop, WhoStandsAtTheCabinetHasTheJunction) {
  SignalCity city({.seed = 9});
  city.pass(300);
  const auto cabinet = [&](bool there) {
    flow::Write one;
    one.entity = city.device();
    one.types = {Name("Device")};
    one.attributes = {flow::property(Name("localControl"), there)};
    city.write({one}, "mqtt");
  };
  cabinet(true);
  city.pass(1);
  const auto commands = city.loop().stats().commands;
  EXPECT_EQ(city.mode(), "local");
  city.pass(300);
  EXPECT_EQ(city.loop().stats().commands, commands);
  city.ask("across", "user:op");
  EXPECT_THAT(city.command(fmt::format("urn:ngsi-ld:Command:person:{}", city.now_s())).reason, HasSubstr("cabinet"));
  cabinet(false);
  city.pass(125);
  EXPECT_EQ(city.mode(), "adaptive");
}

TEST(SignalLoop, ConflictingLightsOfADeviceCloseTheJunctionToCommands) {
  SignalCity city({.seed = 9});
  city.pass(300);
  flow::Write one;
  one.entity = city.device();
  one.types = {Name("Device")};
  one.attributes = {flow::property(Name("signalState"), std::string("GgGG"))};
  city.write({one}, "mqtt");
  city.pass(1);
  EXPECT_EQ(city.mode(), "local");
  EXPECT_THAT(city.why(), HasSubstr("conflicting greens"));
  city.ask("across", "user:op");
  EXPECT_THAT(city.command(fmt::format("urn:ngsi-ld:Command:person:{}", city.now_s())).reason,
              HasSubstr("conflicting greens"));
}

TEST(SignalLoop, ADeviceThatDoesNotAnswerIsLeftAloneForAWhile) {
  SignalCity city({.seed = 10});
  city.pass(300);
  city.answers = false;
  city.pass(200);
  EXPECT_GT(city.loop().stats().unanswered, 2u);
  EXPECT_THAT(city.written(), HasSubstr("has not answered 3 commands in a row"));
  city.answers = true;
  city.pass(400);
  EXPECT_EQ(city.mode(), "adaptive");
  EXPECT_EQ(city.referee().verdict(), "");
}

// Wishes for the first stage for ever; or for one that does not exist.
class Stubborn final : public Controller {
 public:
  explicit Stubborn(int stage) : stage_(stage) {}
  Decision decide(const JunctionView& view) override { return {.stage = stage_, .next_s = view.now_s + 1}; }

 private:
  int stage_;
};

TEST(SignalLoop, NoControllerKeepsAnybodyWaitingBeyondMaximumRed) {
  for (const int stage : {0, 1, 7, -3}) {
    SignalCity city({.seed = 12, .make = [stage](const SignalJunction&) { return std::make_unique<Stubborn>(stage); }});
    test::Referee referee(city.junction(), city.junction().max_red_s);
    city.pass(1800);
    EXPECT_EQ(city.referee().verdict(), "");
    EXPECT_GT(city.loop().stats().forced, 10u) << stage;
    EXPECT_GT(city.referee().turns(), 40) << stage;
  }
}

TEST(SignalLoop, APersonsCommandIsHeldToTheSameInterlocks) {
  SignalCity city({.seed = 13, .make = [](const SignalJunction&) { return std::make_unique<Stubborn>(0); }});
  city.pass(60);
  city.ask("across", "user:op");
  EXPECT_EQ(city.command("urn:ngsi-ld:Command:person:60").status, flow::CommandStatus::sent);
  city.pass(2);
  city.ask("along", "user:op");
  EXPECT_THAT(city.command("urn:ngsi-ld:Command:person:62").reason, HasSubstr("change of lights is under way"));
  city.ask("moon", "user:op2");
  city.pass(60);
  EXPECT_EQ(city.referee().verdict(), "");
}

TEST(SignalLoop, WhatANeighbourMeansToLetGoIsToldToTheNext) {
  std::string next = test::kCrossing;
  const auto swap = [&](std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = next.find(from, at)) != next.npos; at += to.size())
      next.replace(at, from.size(), to);
  };
  swap("id = \"square\"", "id = \"zoo\"");
  swap("signal-square", "signal-zoo");
  swap("TrafficFlowObserved:", "TrafficFlowObserved:zoo_");
  swap("id = \"n_far\"", "id = \"n_far\"\nfar_junction = \"square\"\nfar_lane = \"s_out\"");
  std::map<std::string, UntilEmpty*> made;
  SignalCity city({.settings = test::kCrossing + next, .make = [&](const SignalJunction& one) {
                     auto controller = std::make_unique<UntilEmpty>();
                     made[one.junction->id] = controller.get();
                     return controller;
                   }});
  const auto told = [&](std::string_view id, std::string_view lane) {
    flow::Write one;
    one.entity = EntityId(id);
    one.types = {Name("Device")};
    one.attributes = {flow::property(Name(lane.empty() ? "stage" : "intensity"),
                                     lane.empty() ? flow::Value(0.0) : flow::Value(1.0), city.at())};
    return one;
  };
  for (int s = 0; s < 130; ++s) {
    city.pass(1);
    city.write({told("urn:ngsi-ld:Device:signal-zoo", ""), told("urn:ngsi-ld:TrafficFlowObserved:zoo_n_in", "n"),
                told("urn:ngsi-ld:TrafficFlowObserved:zoo_e_in", "e")},
               "mqtt");
  }
  ASSERT_EQ(city.loop().stats().adaptive_now, 2u);
  EXPECT_EQ(made["zoo"]->promised(), 1u);
  EXPECT_EQ(made["square"]->promised(), 0u);
}

TEST(SignalLoop, ADamagedCheckpointIsAnErrorAndOtherSettingsBeginAnew) {
  SignalCity city({.seed = 1});
  city.pass(100);
  base::ByteWriter out;
  city.loop().save(out);
  SignalLoop empty({});
  base::ByteReader whole(out.view());
  EXPECT_TRUE(empty.load(whole)) << "a junction that is no more is passed over";
  for (std::size_t size = 0; size < out.view().size(); size += 7) {
    base::ByteReader in(out.view().substr(0, size));
    SignalLoop other({});
    EXPECT_FALSE(other.load(in)) << size;
  }
  std::string fewer = test::kCrossing;
  const std::size_t detector = fewer.find("detectors = [\"urn:ngsi-ld:TrafficFlowObserved:e_in\"]");
  fewer.erase(detector, fewer.find('\n', detector) - detector);
  SignalLoop changed({.junctions = SignalSettings::parse(fewer, "x.toml").value().junctions});
  base::ByteReader in(out.view());
  EXPECT_TRUE(changed.load(in));
  EXPECT_EQ(changed.stats().decisions, 0u);
}

}  // namespace
}  // namespace cityloop::traffic
