// That no unsafe light is ever shown, whatever is asked: a referee of its own watches second by second.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/traffic/signal/field_controller.h"
#include "domain/traffic/signal/interlock.h"
#include "domain/traffic/signal/safety_monitor.h"
#include "domain/traffic/test/signal_referee.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using base::Rng;
using flow::EntityId;
using test::Referee;
using testing::HasSubstr;

// Two roads that cross, a permitted left turn, and people who walk across the first road.
//
//   movements: 0 north-south   1 its left turn (gives way to 2)   2 south-north   3 east-west   4 on foot, with 3
Junction crossing() {
  Junction out;
  out.id = "crossing";
  out.lanes = {{.id = "in", .length_m = 200, .speed_mps = 14},
               {.id = "out", .role = LaneRole::exit, .length_m = 200, .speed_mps = 14}};
  out.links = 5;
  for (int m = 0; m < 5; ++m) out.movements.push_back({.link = m, .from = 0, .to = 1});
  out.movements[1].kind = MovementKind::left;
  out.movements[4] = {.link = 4, .kind = MovementKind::pedestrian};
  out.conflicts.assign(25, Conflict::none);
  const auto meet = [&](std::size_t a, std::size_t b, Conflict how) {
    out.conflicts[a * 5 + b] = how;
    out.conflicts[b * 5 + a] = test::other_side(how);
  };
  for (const std::size_t a : {0, 1, 2}) {
    for (const std::size_t b : {3, 4}) meet(a, b, Conflict::excludes);
  }
  meet(1, 2, Conflict::yields);
  using enum Aspect;
  out.stages = {{"along", {protected_, permissive, protected_, red, red}, 10, 60},
                {"turn", {protected_, protected_, red, red, red}, 5, 30},
                {"across", {red, red, red, protected_, protected_}, 5, 60}};
  out.plan.steps = {{0, 30, 5}, {1, 10, 5}, {2, 20, 5}};
  out.yellow_s = 3;
  out.all_red_s = 2;
  out.pedestrian_min_s = 9;
  out.max_red_s = 90;
  return out;
}

std::string letters(const SafetyMonitor& lights, const Junction& junction, double now_s) {
  std::string out;
  for (int m = 0; m < int(junction.movements.size()); ++m) out += letter(lights.light(m, now_s));
  return out;
}

TEST(SignalSafety, OneStageAfterAnotherThroughYellowAndAllRed) {
  const Junction junction = crossing();
  ASSERT_TRUE(check(junction));
  SafetyMonitor lights(junction, 0);
  EXPECT_EQ(letters(lights, junction, 0), "rrrrr") << "nothing is known yet";
  EXPECT_EQ(letters(lights, junction, 5), "GgGrr");
  EXPECT_EQ(lights.request(2, 8).bar, Bar::minimum_green);
  EXPECT_EQ(lights.request(2, 14.9).not_before_s, 15) << "the stage's own minimum is 10 s";
  EXPECT_TRUE(lights.request(0, 15).granted()) << "to stay is never refused";
  ASSERT_TRUE(lights.request(2, 15).granted());
  EXPECT_EQ(letters(lights, junction, 15), "yyyrr");
  EXPECT_EQ(letters(lights, junction, 17.9), "yyyrr");
  EXPECT_EQ(letters(lights, junction, 18), "rrrrr");
  EXPECT_EQ(lights.request(0, 19).bar, Bar::clearing);
  EXPECT_EQ(letters(lights, junction, 20), "rrrGG");
  EXPECT_EQ(lights.ask(0, 28.9).bar, Bar::minimum_green) << "people on foot have 9 s";
  EXPECT_TRUE(lights.ask(0, 29).granted());
  EXPECT_EQ(lights.red_s(0, 29), 14);
  EXPECT_EQ(lights.ask(7, 40).bar, Bar::no_such_stage);
  EXPECT_EQ(lights.ask(-1, 40).bar, Bar::no_such_stage);
}

TEST(SignalSafety, WhoGoesOnKeepsItsGreen) {
  const Junction junction = crossing();
  SafetyMonitor lights(junction, 0);
  ASSERT_TRUE(lights.request(1, 15).granted());
  EXPECT_EQ(letters(lights, junction, 16), "Ggyrr");
  EXPECT_EQ(letters(lights, junction, 18), "Ggrrr");
  EXPECT_EQ(letters(lights, junction, 20), "GGrrr");
}

TEST(SignalSafety, AllRedLastsForNoLongerThanItMay) {
  Junction junction = crossing();
  junction.stages.push_back({"clear", std::vector<Aspect>(5, Aspect::red), 0, 12});
  ASSERT_TRUE(check(junction));
  for (const bool forces : {true, false}) {
    SafetyMonitor lights(junction, 0, 0, {.forces = forces});
    ASSERT_TRUE(lights.request(3, 15).granted());
    EXPECT_EQ(letters(lights, junction, 17), "yyyrr") << "there is no shorter way there";
    EXPECT_EQ(letters(lights, junction, 20), "rrrrr");
    EXPECT_TRUE(lights.ask(2, 21).granted()) << "it has no minimum";
    EXPECT_TRUE(lights.request(3, 31).granted());
    EXPECT_EQ(lights.due().at_s, 32);
    if (!forces) EXPECT_EQ(lights.ask(3, 32).bar, Bar::cleared) << "whoever wishes it";
    lights.advance(32);
    EXPECT_EQ(lights.forced(), forces ? 1u : 0u);
    EXPECT_EQ(lights.stage() == 3, !forces);
  }
}

TEST(SignalSafety, MaximumRedIsKeptThoughNobodyAsks) {
  const Junction junction = crossing();
  SafetyMonitor lights(junction, 0);
  Referee referee(junction, 90);
  for (int s = 0; s < 3600; ++s) {
    lights.advance(s);
    referee.see(s, letters(lights, junction, s));
  }
  EXPECT_EQ(referee.verdict(), "");
  EXPECT_GT(lights.forced(), 35u);
}

TEST(SignalSafety, WhatWouldMakeOthersWaitTooLongIsRefusedWithWhoWaits) {
  const Junction junction = crossing();
  SafetyMonitor lights(junction, 0);
  const SafetyMonitor::Due due = lights.due();
  EXPECT_EQ(due.stage, 2);
  EXPECT_EQ(due.at_s, 85) << "red from the first moment on, 90 s at most, 5 s of clearance";
  const Answer answer = lights.ask(1, 80);
  EXPECT_EQ(answer.bar, Bar::maximum_red);
  EXPECT_EQ(answer.stage, 2);
  EXPECT_THAT(reason(junction, answer, 80), HasSubstr("stage across comes first"));
  lights.set_waiting(3, false, 10);
  lights.set_waiting(4, false, 10);
  EXPECT_TRUE(lights.ask(1, 80).granted()) << "nobody is there";
  lights.set_waiting(4, true, 100);
  EXPECT_EQ(lights.due().at_s, 185) << "the limit counts from when somebody waits";
}

TEST(SignalSafety, RoundThatCannotBeShorterRaisesTheLimit) {
  Junction junction = crossing();
  junction.max_red_s = 5;
  const SafetyMonitor lights(junction, 0);
  EXPECT_GT(lights.max_red_s(), lights.round_s());
}

TEST(SignalSafety, WhatIsSavedGoesOnTheSame) {
  const Junction junction = crossing();
  SafetyMonitor lights(junction, 0);
  lights.request(2, 40);
  base::ByteWriter out;
  lights.save(out);
  SafetyMonitor again(junction, 1000, 1);
  base::ByteReader in(out.view());
  ASSERT_TRUE(again.load(in));
  EXPECT_TRUE(in.at_end());
  for (int half = 80; half < 120; ++half) {
    const double t = half / 2.0;
    EXPECT_EQ(letters(lights, junction, t), letters(again, junction, t));
  }
  EXPECT_EQ(lights.due().at_s, again.due().at_s);
  base::ByteReader cut(out.view().substr(0, 20));
  EXPECT_FALSE(again.load(cut));
}

// Random stages at random moments of junctions drawn at random, in quarters of a second.
TEST(SignalSafety, RandomRequestsNeverShowAnythingUnsafe) {
  std::uint64_t granted = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rng rng(seed);
    const Junction junction = test::random_junction(rng, false);
    ASSERT_TRUE(check(junction)) << check(junction).error().message;
    SafetyMonitor lights(junction, 0, int(rng.below(junction.stages.size())));
    Referee referee(junction, lights.max_red_s());
    for (int quarter = 0; quarter < 8000; ++quarter) {
      const double now_s = quarter * 0.25;
      lights.advance(now_s);
      if (rng.below(10) == 0) {
        const int stage = int(rng.below(junction.stages.size() + 2)) - 1;
        granted += lights.request(stage, now_s).granted();
      }
      referee.see(now_s, letters(lights, junction, now_s));
    }
    ASSERT_EQ(referee.verdict(), "") << "seed " << seed;
    ASSERT_GT(referee.turns(), 50);
  }
  EXPECT_GT(granted, 1000u);
}

// A controller in the street that protects nothing: whatever stage it is told it goes to at once, or up to two seconds
// later, even out of the middle of a change. Only what is asked of it keeps it safe.
class CarelessDevice {
 public:
  CarelessDevice(const Junction& junction, int stage) : junction_(junction), to_(stage) {
    shown_.reserve(junction.movements.size());
    for (const Aspect aspect : junction.stages[std::size_t(stage)].aspects) shown_ += letter(aspect);
  }
  void tell(int stage, long at_s) { told_.emplace_back(at_s, stage); }
  // One second; true when a green was lit that had not been.
  bool pass(long now_s) {
    while (!told_.empty() && told_.front().first <= now_s) {
      begin(told_.front().second, now_s);
      told_.erase(told_.begin());
    }
    if (!changing_) return false;
    const long since_s = now_s - began_s_;
    const auto& aspects = junction_.stages[std::size_t(to_)].aspects;
    const bool over = since_s >= long(change_s_);
    for (std::size_t m = 0; m < shown_.size(); ++m) {
      if (over) shown_[m] = letter(aspects[m]);
      else if (shown_[m] == 'y' && since_s >= long(junction_.yellow_s)) shown_[m] = 'r';
    }
    changing_ = !over;
    return over;
  }
  const std::string& shown() const { return shown_; }
  int stage() const { return to_; }
  bool changing() const { return changing_; }

 private:
  void begin(int stage, long now_s) {
    if (stage == to_) return;
    change_s_ = junction_.change_s(to_, stage);
    to_ = stage;
    began_s_ = now_s;
    changing_ = true;
    const auto& aspects = junction_.stages[std::size_t(stage)].aspects;
    for (std::size_t m = 0; m < shown_.size(); ++m) {
      if (shown_[m] != 'r' && !is_green(aspects[m])) shown_[m] = 'y';
    }
  }
  const Junction& junction_;
  int to_;
  std::string shown_;
  std::vector<std::pair<long, int>> told_;
  bool changing_{false};
  long began_s_{0};
  double change_s_{0};
};

flow::Change told(EntityId device, std::string_view name, flow::Value value, flow::Instant at) {
  flow::Change change;
  change.entity = device;
  change.types = {flow::Name("Device")};
  change.attributes.push_back({flow::property(flow::Name(name), std::move(value), at)});
  return change;
}

flow::Instant at(double seconds) {
  return base::from_us(1'760'000'000'000'000 + std::int64_t(seconds * 1e6));
}

flow::Value random_wish(const Junction& junction, Rng& rng) {
  const int stage = int(rng.below(junction.stages.size()));
  switch (rng.below(12)) {
    case 0: return flow::Value(double(rng.below(40)) - 10.5);
    case 1: return flow::Value(1e300);
    case 2: return flow::Value(std::string(rng.below(30), "rgGyx\0z"[rng.below(7)]));
    case 3: return flow::Value(true);
    case 4: return flow::Value(flow::Json{"{\"0\":\"G\"}"});
    case 5: return flow::Value(junction.state(stage));
    case 6: return flow::Value(double(stage));
    case 7: return flow::Value(std::numeric_limits<double>::quiet_NaN());
    default: return flow::Value(junction.stages[std::size_t(stage)].name);
  }
}

struct Tried {
  std::uint64_t commands{0}, sent{0};
  int turns{0};
  std::string verdict;
};

// Seconds pass; in each some commands are wished for, several at once or none for a while. Half of the devices report.
Tried try_junction(std::uint64_t seed, int seconds) {
  Rng rng(seed);
  const auto junction = std::make_shared<const Junction>(test::random_junction(rng));
  const EntityId device("urn:ngsi-ld:Device:signal-1");
  const double latency_s = double(rng.below(3));
  SignalInterlock interlock({{device, junction, latency_s}});
  CarelessDevice street(*junction, 0);
  const bool reports = rng.below(2) == 0;
  Referee referee(*junction, 1e12);
  referee.see(-1000, street.shown());
  interlock.see(told(device, "stage", flow::Value(0.0), at(0)), at(0));
  Tried tried;
  for (int s = 0; s < seconds; ++s) {
    const bool lit = street.pass(s);
    referee.see(s, street.shown());
    const bool repeats = !street.changing() && rng.below(30) == 0;
    if (reports && (lit || repeats))
      interlock.see(told(device, "stage", flow::Value(double(street.stage())), at(s)), at(s));
    const std::uint64_t wishes = rng.below(8) == 0 ? 0 : 1 + rng.below(3);
    for (std::uint64_t w = 0; w < wishes; ++w) {
      ++tried.commands;
      const flow::Value wish = random_wish(*junction, rng);
      const std::string_view name = rng.below(50) == 0 ? "lights" : kStageCommand;
      if (!interlock.check(device, name, wish, at(s))) continue;
      ++tried.sent;
      interlock.sent(device, name, wish, at(s));
      street.tell(*stage_from(*junction, wish), s + long(rng.below(std::uint64_t(latency_s) + 1)));
    }
  }
  tried.turns = referee.turns();
  tried.verdict = referee.verdict();
  return tried;
}

TEST(SignalSafety, AMillionRandomCommandsNeverLightAnythingUnsafe) {
  Tried all;
  for (std::uint64_t seed = 1; all.commands < 1'000'000; ++seed) {
    const Tried one = try_junction(seed, 6000);
    ASSERT_EQ(one.verdict, "") << "seed " << seed;
    all.commands += one.commands;
    all.sent += one.sent;
    all.turns += one.turns;
  }
  EXPECT_GE(all.commands, 1'000'000u);
  EXPECT_GT(all.sent, 20'000u) << "it lets through what may be";
  EXPECT_GT(all.turns, 50'000);
}

// The referee itself: without the interlock the same street is unsafe within a minute.
TEST(SignalSafety, WithoutTheInterlockTheSameCommandsAreUnsafe) {
  int unsafe = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    const Junction junction = test::random_junction(rng);
    CarelessDevice street(junction, 0);
    Referee referee(junction, 1e12);
    for (int s = 0; s < 60; ++s) {
      street.tell(int(rng.below(junction.stages.size())), s);
      street.pass(s);
      referee.see(s, street.shown());
    }
    unsafe += !referee.verdict().empty();
  }
  EXPECT_GE(unsafe, 19);
}

// A device of its own, run by an adapter.
class Cabinet : public FieldAdapter {
 public:
  explicit Cabinet(const Junction& junction) : junction_(junction) {}
  base::Status ask(int stage) override {
    if (takes_anything || lights_.request(stage, now_s).granted()) return {};
    return base::fail(base::Errc::refused, "not now");
  }
  base::Result<Shown> look() override {
    lights_.advance(now_s);
    Shown out{.letters = lights_.state(now_s)};
    if (!lights_.clearing(now_s) || tells_too_early) out.stage = lights_.stage();
    return out;
  }
  base::Result<std::vector<Counted>> readings() override { return std::vector<Counted>{}; }
  double backup_s() const override { return backup; }

  double now_s{0}, backup{15};
  bool takes_anything{false}, tells_too_early{false};

 private:
  const Junction& junction_;
  SafetyMonitor lights_{junction_, 0};
};

TEST(SignalSafety, AnAdapterIsCheckedBeforeItIsLetAtAStreet) {
  const Junction junction = crossing();
  Cabinet good(junction);
  EXPECT_TRUE(check(good, junction));
  good.now_s = 60;
  EXPECT_TRUE(check(good, junction));
  Cabinet bad(junction);
  bad.takes_anything = true;
  EXPECT_THAT(check(bad, junction).error().message, HasSubstr("takes stage -1"));
  Cabinet early(junction);
  early.tells_too_early = true;
  EXPECT_THAT(check(early, junction).error().message, HasSubstr("tells stage along and shows rrrrr"));
  Cabinet forever(junction);
  forever.backup = 1e9;
  EXPECT_THAT(check(forever, junction).error().message, HasSubstr("take over"));
  Junction wider = junction;
  wider.links = 9;
  EXPECT_THAT(check(good, wider).error().message, HasSubstr("shows 5 lights"));
}

TEST(SignalSafety, TheInterlockKeepsWhatItKnowsAndSaysWhyItRefuses) {
  const auto junction = std::make_shared<const Junction>(crossing());
  const EntityId device("urn:ngsi-ld:Device:signal-1");
  const std::vector<SignalDevice> devices{{device, junction, 2}};
  SignalInterlock interlock(devices);
  const auto why = [&](const SignalInterlock& of, const flow::Value& value, double now_s,
                       std::string_view name = "stage") {
    const base::Status done = of.check(device, name, value, at(now_s));
    return done ? std::string("granted") : done.error().message;
  };
  EXPECT_THAT(why(interlock, "across", 0), HasSubstr("has not told its stage"));
  interlock.see(told(device, "stage", "along", at(0)), at(0));
  EXPECT_THAT(why(interlock, "across", 5), HasSubstr("minimum green"));
  EXPECT_EQ(why(interlock, "across", 10), "granted");
  EXPECT_EQ(why(interlock, 2.0, 10), "granted");
  EXPECT_EQ(why(interlock, "rrrGG", 10), "granted") << "by its lights";
  EXPECT_THAT(why(interlock, "GGGGG", 10), HasSubstr("no stage 'GGGGG'"));
  EXPECT_THAT(why(interlock, "across", 10, "flash"), HasSubstr("'flash'"));
  EXPECT_THAT(interlock.check(EntityId("urn:ngsi-ld:Device:other"), "stage", "across", at(10)).error().message,
              HasSubstr("no junction of the settings"));
  interlock.sent(device, "stage", "across", at(10));
  base::ByteWriter out;
  interlock.save(out);
  SignalInterlock again(devices);
  base::ByteReader in(out.view());
  ASSERT_TRUE(again.load(in));
  EXPECT_TRUE(in.at_end());
  for (SignalInterlock* one : {&interlock, &again}) {
    EXPECT_THAT(why(*one, "along", 12), HasSubstr("finished first"));
    EXPECT_EQ(why(*one, "across", 12), "granted") << "a retry";
    EXPECT_THAT(why(*one, "along", 25), HasSubstr("minimum green")) << "it may have begun 2 s late";
    one->see(told(device, "stage", "across", at(15)), at(15.2));
    EXPECT_EQ(why(*one, "along", 24), "granted") << "lit since 15, 9 s for people on foot";
    one->see(told(device, "stage", "turn", at(30)), at(30));
    EXPECT_THAT(why(*one, "along", 34), HasSubstr("minimum green")) << "somebody else has shown another";
    one->see(told(device, "signalState", "GgGGr", at(36)), at(36));
    EXPECT_THAT(why(*one, "along", 40), HasSubstr("conflicting greens"));
    one->see(told(device, "signalState", "GGrrr", at(41)), at(41));
    EXPECT_EQ(why(*one, "along", 42), "granted");
  }
  auto other = std::make_shared<Junction>(crossing());
  other->stages[1].aspects[2] = Aspect::protected_;
  other->stages[1].aspects[1] = Aspect::permissive;
  SignalInterlock changed({{device, other, 2}});
  base::ByteReader old(out.view());
  ASSERT_TRUE(changed.load(old));
  EXPECT_THAT(why(changed, "across", 20), HasSubstr("has not told its stage")) << "of another junction by now";
}

}  // namespace
}  // namespace cityloop::traffic
