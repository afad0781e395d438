#include "act/command_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "act/receipt_intake.h"
#include "base/json_value.h"
#include "base/rng.h"
#include "flow/noun.h"
#include "test/casework/small_city.h"

namespace cityloop::act {
namespace {

using flow::Action;
using flow::ActionStatus;
using flow::Command;
using flow::CommandStatus;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::kStart;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kTypes = R"(
[[device_type]]
id = "pump"
topic = "cityloop/{id_tail}/cmd"
receipt_topic = "cityloop/{id_tail}/receipt"
[[device_type.command]]
name = "pump"
kind = "boolean"
min_interval = "20s"
excludes = ["valve", "$ref:standby.pump", "$group.pump"]
ack_timeout = "2s"
retries = 2
done_timeout = "10s"
effect = [{ attribute = "running", within = "5s" }]
[[device_type.command]]
name = "valve"
kind = "boolean"
ack_timeout = "2s"

[[device_type]]
id = "gate"
topic = "gate/{id_tail}/cmd"
receipt_topic = "gate/{id_tail}/receipt"
[[device_type.command]]
name = "open"
kind = "boolean"
needs_approval = "always"
approve_within = "1m"
min_interval = "10s"
excludes = ["$group.pump"]

[[device_type]]
id = "lamp"
entity_type = "Streetlight"
topic = "lamp/{id_tail}/cmd"
receipt_topic = "lamp/{id_tail}/receipt"
[[device_type.command]]
name = "brightness"
kind = "number"
min = 0
max = 100
min_interval = "10s"
when_too_soon = "wait"
needs_approval = "outside 06:00-22:00"
effect = [{ attribute = "brightness", within = "5s", tolerance = 1 }]
)";

struct Message {
  std::string topic, payload;
};

// What went out, over all incarnations of the loop.
struct Broker {
  std::vector<Message> sent;
  bool takes{true};
};

CommandLoopOptions options_for(Broker& broker) {
  CommandLoopOptions options;
  options.types = DeviceTypes::parse(kTypes, "test.toml").value();
  options.publish = [&broker](std::string topic, std::string payload, std::function<void(bool)> done) {
    broker.sent.push_back({std::move(topic), std::move(payload)});
    done(broker.takes);
  };
  return options;
}

flow::Write device(std::string_view id, std::string_view type, std::vector<flow::Attribute> more = {}) {
  flow::NounWriter writer(EntityId(id), "Device", flow::WriteMode::upsert);
  flow::Write write = writer.text("deviceType", type).take();
  for (flow::Attribute& attribute : more) write.attributes.push_back(std::move(attribute));
  return write;
}

flow::Attribute is(std::string_view name, flow::Value value) {
  return flow::property(Name(name), std::move(value));
}

class CommandLoopTest : public testing::Test {
 protected:
  Broker broker;
  test::SmallCity<CommandLoop> city{[this] { return std::make_unique<CommandLoop>(options_for(broker)); }};
  ReceiptIntake intake;
  int count{0};

  void SetUp() override {
    flow::Write lamp = flow::NounWriter(kLamp, "Streetlight", flow::WriteMode::upsert).text("name", "lamp").take();
    city.write({device("urn:ngsi-ld:Device:pump-1", "pump"), device("urn:ngsi-ld:Device:gate-1", "gate"), lamp});
  }

  const EntityId kPump{"urn:ngsi-ld:Device:pump-1"}, kGate{"urn:ngsi-ld:Device:gate-1"},
      kLamp{"urn:ngsi-ld:Streetlight:lamp-1"};

  EntityId ask(EntityId of, std::string name, std::string value, std::string by = "user:op") {
    Command command;
    command.id = EntityId(fmt::format("urn:ngsi-ld:Command:c{}", ++count));
    command.device = of;
    command.name = std::move(name);
    command.value = std::move(value);
    command.requested_by = by;
    city.write({to_write(command)}, by);
    return command.id;
  }
  Command get(EntityId id) { return flow::command_from(*city.get(id)).value(); }
  CommandStatus status(EntityId id) { return get(id).status; }
  Action act(EntityId target, std::string verb, std::string by, std::string note = "") {
    Action action;
    action.id = EntityId(fmt::format("urn:ngsi-ld:Action:{}", ++count));
    action.target = target;
    action.verb = std::move(verb);
    action.by = by;
    action.note = std::move(note);
    city.write({to_write(action)}, by);
    return flow::action_from(*city.get(action.id)).value();
  }
  void receipt(EntityId command, std::string status, std::string topic = "cityloop/pump-1/receipt",
               std::string reason = "") {
    base::JsonWriter payload;
    payload.object().field("command", command.text()).field("status", status).field("reason", reason).end();
    city.write({intake.read(topic, payload.str()).value()}, "mqtt");
  }
  void shows(EntityId of, std::string_view name, flow::Value value) {
    flow::Write write;
    write.entity = of;
    write.attributes = {is(name, std::move(value))};
    write.types = city.get(of)->types;
    city.write({write});
  }
  std::string reason(EntityId id) { return get(id).reason; }
};

TEST_F(CommandLoopTest, WholeTurnFromWishToEffect) {
  const EntityId id = ask(kPump, "pump", "true", "loop:casework");
  Command one = get(id);
  EXPECT_EQ(one.status, CommandStatus::sent);
  EXPECT_EQ(one.attempts, 1u);
  ASSERT_EQ(broker.sent.size(), 1u);
  EXPECT_EQ(broker.sent[0].topic, "cityloop/pump-1/cmd");
  EXPECT_EQ(broker.sent[0].payload,
            R"({"command":"urn:ngsi-ld:Command:c1","name":"pump","value":true,"at":"2026-03-02T08:00:00Z"})");
  city.pass(seconds(1));
  receipt(id, "acknowledged");
  EXPECT_EQ(status(id), CommandStatus::acknowledged);
  receipt(id, "succeeded");
  EXPECT_EQ(status(id), CommandStatus::succeeded);
  shows(kPump, "running", true);
  city.pass(minutes(5));
  one = get(id);
  EXPECT_EQ(one.status, CommandStatus::succeeded);
  EXPECT_EQ(one.answered_at, kStart + seconds(1));
  EXPECT_EQ(broker.sent.size(), 1u);
}

TEST_F(CommandLoopTest, NoEffectSeenIsAFailure) {
  const EntityId id = ask(kPump, "pump", "true");
  receipt(id, "succeeded");
  shows(kPump, "running", false);
  city.pass(seconds(4));
  EXPECT_EQ(status(id), CommandStatus::succeeded);
  city.pass(seconds(1));
  EXPECT_EQ(status(id), CommandStatus::failed);
  EXPECT_EQ(reason(id), "no effect seen");
}

TEST_F(CommandLoopTest, EffectOnceSeenIsEnough) {
  const EntityId id = ask(kPump, "pump", "true");
  receipt(id, "succeeded");
  shows(kPump, "running", true);
  shows(kPump, "running", false);
  city.pass(minutes(1));
  EXPECT_EQ(status(id), CommandStatus::succeeded);
}

TEST_F(CommandLoopTest, EffectOfANumberWithinTolerance) {
  const EntityId id = ask(kLamp, "brightness", "80");
  receipt(id, "succeeded", "lamp/lamp-1/receipt");
  shows(kLamp, "brightness", 79.2);
  city.pass(minutes(1));
  EXPECT_EQ(status(id), CommandStatus::succeeded);
}

TEST_F(CommandLoopTest, RetriesWithBackOffThenGivesUp) {
  const EntityId id = ask(kPump, "pump", "true");
  std::vector<int> sent_at;
  for (int second = 1; second <= 20; ++second) {
    const std::size_t before = broker.sent.size();
    city.pass(seconds(1));
    if (broker.sent.size() > before) sent_at.push_back(second);
  }
  EXPECT_THAT(sent_at, ElementsAre(2, 6)) << "waits of 2, 4, 8 seconds";
  EXPECT_EQ(status(id), CommandStatus::timed_out);
  EXPECT_EQ(reason(id), "no answer to 3 attempts");
  EXPECT_EQ(get(id).attempts, 3u);
  for (const Message& message : broker.sent) EXPECT_THAT(message.payload, HasSubstr(id.text())) << "the same key";
  receipt(id, "succeeded");
  EXPECT_EQ(status(id), CommandStatus::timed_out) << "final is final";
  EXPECT_EQ(city.loop().stats().repeated_receipts, 1u);
}

TEST_F(CommandLoopTest, AcknowledgedButNeverDone) {
  const EntityId id = ask(kPump, "pump", "true");
  receipt(id, "acknowledged");
  city.pass(seconds(10));
  EXPECT_EQ(status(id), CommandStatus::timed_out);
  EXPECT_THAT(reason(id), HasSubstr("no result"));
  EXPECT_EQ(broker.sent.size(), 1u) << "a device that has it is not told again";
}

TEST_F(CommandLoopTest, EffectStandsInForALostFinalReceipt) {
  const EntityId id = ask(kPump, "pump", "true");
  receipt(id, "acknowledged");
  shows(kPump, "running", true);
  city.pass(seconds(10));
  EXPECT_EQ(status(id), CommandStatus::succeeded);
  EXPECT_THAT(reason(id), HasSubstr("effect is seen"));
}

TEST_F(CommandLoopTest, DeviceThatCannotSaysWhy) {
  const EntityId id = ask(kPump, "pump", "true");
  receipt(id, "failed", "cityloop/pump-1/receipt", "motor protection tripped");
  EXPECT_EQ(status(id), CommandStatus::failed);
  EXPECT_EQ(reason(id), "motor protection tripped");
}

TEST_F(CommandLoopTest, WishesThatMakeNoSenseAreRefused) {
  EXPECT_THAT(reason(ask(EntityId("urn:ngsi-ld:Device:ghost"), "pump", "true")), HasSubstr("no device"));
  EXPECT_THAT(reason(ask(kPump, "fly", "true")), HasSubstr("no command 'fly'"));
  EXPECT_THAT(reason(ask(kPump, "pump", "7")), HasSubstr("true or false"));
  EXPECT_THAT(reason(ask(kLamp, "brightness", "101")), HasSubstr("above 100"));
  EXPECT_THAT(reason(ask(kPump, "pump", "true", "")), HasSubstr("who asks"));
  city.write({device("urn:ngsi-ld:Device:mystery", "teleporter")});
  EXPECT_THAT(reason(ask(EntityId("urn:ngsi-ld:Device:mystery"), "pump", "true")), HasSubstr("no type"));
  city.write({device("urn:ngsi-ld:Device:#", "pump")});
  EXPECT_THAT(reason(ask(EntityId("urn:ngsi-ld:Device:#"), "pump", "true")), HasSubstr("MQTT topic"));
  EXPECT_THAT(broker.sent, IsEmpty());
}

TEST_F(CommandLoopTest, MinimumIntervalRefuses) {
  const EntityId first = ask(kPump, "pump", "true");
  receipt(first, "succeeded");
  city.pass(seconds(19));
  const EntityId second = ask(kPump, "pump", "false");
  EXPECT_EQ(status(second), CommandStatus::refused);
  EXPECT_THAT(reason(second), HasSubstr("too soon: not before 2026-03-02T08:00:20Z"));
  city.pass(seconds(1));
  EXPECT_EQ(status(ask(kPump, "pump", "false")), CommandStatus::sent);
}

TEST_F(CommandLoopTest, MinimumIntervalWaitsWhereTheTypeSaysSo) {
  const EntityId first = ask(kLamp, "brightness", "80");
  receipt(first, "succeeded", "lamp/lamp-1/receipt");
  city.pass(seconds(3));
  const EntityId second = ask(kLamp, "brightness", "50");
  const EntityId third = ask(kLamp, "brightness", "20");
  EXPECT_EQ(status(second), CommandStatus::failed);
  EXPECT_THAT(reason(second), HasSubstr("superseded"));
  EXPECT_EQ(status(third), CommandStatus::approved);
  EXPECT_EQ(broker.sent.size(), 1u);
  city.pass(seconds(7));
  EXPECT_EQ(status(third), CommandStatus::sent);
  EXPECT_EQ(broker.sent.size(), 2u);
}

TEST_F(CommandLoopTest, NewerWishEndsTheRetriesOfTheOlder) {
  const EntityId older = ask(kPump, "valve", "true");
  const EntityId newer = ask(kPump, "valve", "false");
  EXPECT_EQ(status(older), CommandStatus::failed);
  EXPECT_THAT(reason(older), HasSubstr(newer.text()));
  city.pass(minutes(2));
  EXPECT_THAT(broker.sent.back().payload, HasSubstr("false"));
}

TEST_F(CommandLoopTest, CommandsOfOneDeviceExcludeEachOther) {
  const EntityId pump = ask(kPump, "pump", "true");
  EXPECT_EQ(status(pump), CommandStatus::sent);
  const EntityId valve = ask(kPump, "valve", "true");
  EXPECT_EQ(status(valve), CommandStatus::refused) << "under way is as good as on";
  EXPECT_THAT(reason(valve), HasSubstr("pump of urn:ngsi-ld:Device:pump-1 is on"));
  EXPECT_EQ(status(ask(kPump, "valve", "false")), CommandStatus::sent) << "turning off is never barred";
  receipt(pump, "succeeded");
  shows(kPump, "running", true);
  city.pass(minutes(1));
  EXPECT_EQ(status(ask(kPump, "valve", "true")), CommandStatus::refused) << "on by the twin";
  shows(kPump, "running", false);
  EXPECT_EQ(status(ask(kPump, "valve", "true")), CommandStatus::sent);
}

TEST_F(CommandLoopTest, GroupAndRelationshipExcludeOtherDevices) {
  const EntityId a("urn:ngsi-ld:Device:a"), b("urn:ngsi-ld:Device:b"), c("urn:ngsi-ld:Device:c");
  city.write({device("urn:ngsi-ld:Device:a", "pump", {is("exclusionGroup", std::string("circuit-7"))}),
              device("urn:ngsi-ld:Device:b", "pump", {is("exclusionGroup", std::string("circuit-7"))}),
              device("urn:ngsi-ld:Device:c", "pump", {flow::relationship(Name("standby"), a)})});
  EXPECT_EQ(status(ask(a, "pump", "true")), CommandStatus::sent);
  const EntityId barred = ask(b, "pump", "true");
  EXPECT_EQ(status(barred), CommandStatus::refused);
  EXPECT_THAT(reason(barred), HasSubstr("Device:a is on"));
  EXPECT_EQ(status(ask(c, "pump", "true")), CommandStatus::refused) << "its standby runs";
  city.pass(seconds(30));  // a never answers
  EXPECT_EQ(status(ask(b, "pump", "true")), CommandStatus::sent);
}

TEST_F(CommandLoopTest, ApprovalByAnotherPerson) {
  const EntityId id = ask(kGate, "open", "true", "user:op");
  EXPECT_EQ(status(id), CommandStatus::pending_approval);
  EXPECT_THAT(available_actions(get(id), "user:boss"), ElementsAre("approve", "refuse"));
  EXPECT_THAT(available_actions(get(id), "user:op"), ElementsAre("withdraw"));
  const Action own = act(id, "approve", "user:op");
  EXPECT_EQ(own.status, ActionStatus::refused);
  EXPECT_THAT(own.reason, HasSubstr("themselves"));
  EXPECT_EQ(act(id, "refuse", "user:op").status, ActionStatus::refused);
  EXPECT_THAT(broker.sent, IsEmpty());
  EXPECT_EQ(act(id, "approve", "user:boss").status, ActionStatus::done);
  EXPECT_EQ(status(id), CommandStatus::sent);
  EXPECT_EQ(get(id).approved_by, "user:boss");
  EXPECT_EQ(broker.sent.size(), 1u);
  EXPECT_EQ(act(id, "approve", "user:boss").status, ActionStatus::refused) << "once";
}

TEST_F(CommandLoopTest, RefusedWithdrawnOrForgotten) {
  const EntityId refused = ask(kGate, "open", "true");
  EXPECT_EQ(act(refused, "refuse", "user:boss", "not today").status, ActionStatus::done);
  EXPECT_EQ(reason(refused), "refused by user:boss: not today");
  const EntityId withdrawn = ask(kGate, "open", "true", "loop:casework");
  EXPECT_EQ(act(withdrawn, "withdraw", "user:boss").status, ActionStatus::refused);
  EXPECT_EQ(act(withdrawn, "withdraw", "loop:casework", "its case has ended").status, ActionStatus::done);
  EXPECT_EQ(status(withdrawn), CommandStatus::refused);
  const EntityId forgotten = ask(kGate, "open", "true");
  city.pass(minutes(1));
  EXPECT_EQ(status(forgotten), CommandStatus::refused);
  EXPECT_EQ(reason(forgotten), "nobody approved it in time");
  EXPECT_EQ(act(EntityId("urn:ngsi-ld:Command:none"), "approve", "user:boss").status, ActionStatus::refused);
  EXPECT_EQ(act(forgotten, "launch", "user:boss").status, ActionStatus::refused);
  EXPECT_THAT(broker.sent, IsEmpty());
}

TEST_F(CommandLoopTest, InterlocksAreAskedAgainAfterApproval) {
  city.write({device("urn:ngsi-ld:Device:a", "pump", {is("exclusionGroup", std::string("g"))}),
              device("urn:ngsi-ld:Device:gate-1", "gate", {is("exclusionGroup", std::string("g"))})});
  const EntityId id = ask(kGate, "open", "true");
  EXPECT_EQ(status(id), CommandStatus::pending_approval);
  shows(EntityId("urn:ngsi-ld:Device:a"), "running", true);
  const Action approve = act(id, "approve", "user:boss");
  EXPECT_EQ(approve.status, ActionStatus::refused);
  EXPECT_THAT(approve.reason, HasSubstr("is on"));
  EXPECT_EQ(status(id), CommandStatus::refused);
}

TEST_F(CommandLoopTest, ApprovalOnlyAtNight) {
  EXPECT_EQ(status(ask(kLamp, "brightness", "10")), CommandStatus::sent) << "08:00";
  city.jump(std::chrono::hours(15));
  EXPECT_EQ(status(ask(kLamp, "brightness", "10")), CommandStatus::pending_approval) << "23:00";
}

TEST_F(CommandLoopTest, RestartBetweenSentAndReceiptPublishesAgainWithTheSameKey) {
  const EntityId id = ask(kPump, "pump", "true");
  const EntityId acknowledged = ask(kGate, "open", "true", "loop:casework");
  act(acknowledged, "approve", "user:boss");
  receipt(acknowledged, "acknowledged", "gate/gate-1/receipt");
  ASSERT_EQ(broker.sent.size(), 2u);
  city.restart();
  city.loop().after_commit(99);
  ASSERT_EQ(broker.sent.size(), 3u) << "only what has no answer";
  EXPECT_EQ(broker.sent[2].payload, broker.sent[0].payload);
  EXPECT_EQ(get(id).attempts, 1u);
  receipt(id, "acknowledged");
  receipt(id, "succeeded");
  shows(kPump, "running", true);
  city.loop().after_commit(100);
  EXPECT_EQ(broker.sent.size(), 3u);
  EXPECT_EQ(status(id), CommandStatus::succeeded);
}

TEST_F(CommandLoopTest, AnsweredBeforeThePublishIsNotPublished) {
  Broker quiet;
  CommandLoop loop(options_for(quiet));
  twin::Outbox out;
  flow::LogRecord record;
  record.at = kStart;
  const auto tell = [&](flow::Write write) {
    record.changes = {twin::apply(nullptr, std::move(write), kStart).value().change};
    loop.on_record(record, out);
  };
  tell(device("urn:ngsi-ld:Device:pump-1", "pump"));
  Command one;
  one.id = EntityId("urn:ngsi-ld:Command:replayed");
  one.device = kPump;
  one.name = "pump";
  one.value = "true";
  one.requested_by = "user:op";
  tell(to_write(one));
  tell(intake.read("cityloop/pump-1/receipt", R"({"command":"urn:ngsi-ld:Command:replayed","status":"failed"})")
           .value());
  loop.after_commit(3);  // a replay has caught up
  EXPECT_THAT(quiet.sent, IsEmpty());
}

TEST_F(CommandLoopTest, RepeatedReceiptsChangeNothing) {
  const EntityId id = ask(kPump, "pump", "true");
  receipt(id, "acknowledged");
  const std::string before = city.written();
  receipt(id, "acknowledged");
  EXPECT_EQ(city.written(), before);
  receipt(id, "succeeded");
  shows(kPump, "running", true);
  const std::string after = city.written();
  receipt(id, "succeeded");
  receipt(id, "acknowledged");
  receipt(id, "failed");
  EXPECT_EQ(city.written(), after);
  EXPECT_EQ(city.loop().stats().repeated_receipts, 4u);
}

TEST_F(CommandLoopTest, DeviceSpeaksForItselfAlone) {
  const EntityId id = ask(kPump, "pump", "true");
  receipt(id, "succeeded", "cityloop/pump-2/receipt");
  receipt(EntityId("urn:ngsi-ld:Command:nobodys"), "succeeded");
  const EntityId waiting = ask(kGate, "open", "true");
  receipt(waiting, "succeeded", "gate/gate-1/receipt");
  EXPECT_EQ(status(id), CommandStatus::sent);
  EXPECT_EQ(status(waiting), CommandStatus::pending_approval) << "answered before it was asked";
  EXPECT_EQ(city.loop().stats().foreign_receipts, 3u);
}

TEST_F(CommandLoopTest, TamperedCommandIsToldAgainAsItIs) {
  const EntityId id = ask(kGate, "open", "true");
  Command forged = get(id);
  forged.status = CommandStatus::approved;
  forged.approved_by = "user:intruder";
  city.write({to_write(forged)}, "program:intruder");
  EXPECT_EQ(status(id), CommandStatus::pending_approval);
  EXPECT_TRUE(get(id).approved_by.empty());
  EXPECT_THAT(broker.sent, IsEmpty());
}

TEST_F(CommandLoopTest, BrokerThatRefusesIsCountedAndRetried) {
  broker.takes = false;
  ask(kPump, "pump", "true");
  EXPECT_EQ(city.loop().stats().publish_failed, 1u);
  city.pass(seconds(2));
  EXPECT_EQ(broker.sent.size(), 2u);
}

TEST_F(CommandLoopTest, EndedCommandsAreForgotten) {
  const EntityId id = ask(kPump, "valve", "true");
  receipt(id, "failed");
  const std::size_t full = city.checkpoint().size();
  city.jump(std::chrono::hours(2));
  city.jump(seconds(1));
  EXPECT_LT(city.checkpoint().size(), full);
  EXPECT_EQ(city.loop().stats().open_now, 0u);
}

TEST_F(CommandLoopTest, DamagedCheckpointIsAnError) {
  ask(kPump, "pump", "true");
  ask(kGate, "open", "true");
  const std::string whole = city.checkpoint();
  Broker other;
  CommandLoop loop(options_for(other));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    base::ByteReader in(std::string_view(whole).substr(0, size));
    EXPECT_FALSE(loop.load(in)) << size;
  }
}

// Random wishes, receipts, effects and people; the same for the same seed.
class RandomLife {
 public:
  RandomLife(std::uint64_t seed, bool reload)
      : rng_(seed), city_([this] { return std::make_unique<CommandLoop>(options_for(broker_)); }, reload) {
    for (const char* id : {"p1", "p2", "p3"}) {
      city_.write(
          {device(fmt::format("urn:ngsi-ld:Device:{}", id), "pump", {is("exclusionGroup", std::string("circuit"))})});
    }
    city_.write({device("urn:ngsi-ld:Device:g1", "gate", {is("exclusionGroup", std::string("circuit"))})});
  }

  std::string run(int steps) {
    for (int i = 0; i < steps; ++i) {
      switch (rng_.below(5)) {
        case 0: ask(); break;
        case 1: answer(); break;
        case 2: show(); break;
        case 3: person(); break;
        default: city_.pass(milliseconds(500 + rng_.below(8000)));
      }
      check();
    }
    return city_.written();
  }

 private:
  void ask() {
    const bool gate = rng_.below(4) == 0;
    Command one;
    one.id = EntityId(fmt::format("urn:ngsi-ld:Command:{}", ++count_));
    one.device = EntityId(gate ? "urn:ngsi-ld:Device:g1" : fmt::format("urn:ngsi-ld:Device:p{}", 1 + rng_.below(4)));
    one.name = gate ? "open" : rng_.below(2) ? "pump" : "valve";
    one.value = rng_.below(3) ? "true" : "false";
    one.requested_by = fmt::format("user:{}", rng_.below(2));
    city_.write({to_write(one)}, one.requested_by);
  }
  void answer() {
    const auto commands = city_.all("Command");
    if (commands.empty()) return;
    const Command one = flow::command_from(*commands[rng_.below(commands.size())]).value();
    const char* const kStatus[] = {"acknowledged", "succeeded", "failed"};
    const std::string topic =
        fmt::format("{}/{}/receipt", one.name == "open" ? "gate" : "cityloop", id_tail(one.device));
    city_.write(
        {intake_.read(topic, fmt::format(R"({{"command":"{}","status":"{}"}})", one.id.text(), kStatus[rng_.below(3)]))
             .value()});
  }
  void show() {
    flow::Write write = device(fmt::format("urn:ngsi-ld:Device:p{}", 1 + rng_.below(3)), "pump");
    write.attributes.push_back(is(rng_.below(2) ? "running" : "valve", rng_.below(2) == 0));
    city_.write({write});
  }
  void person() {
    const auto commands = city_.all("Command");
    if (commands.empty()) return;
    const char* const kVerbs[] = {"approve", "approve", "refuse", "withdraw"};
    Action action;
    action.id = EntityId(fmt::format("urn:ngsi-ld:Action:{}", ++count_));
    action.target = commands[rng_.below(commands.size())]->id;
    action.verb = kVerbs[rng_.below(4)];
    action.by = fmt::format("user:{}", rng_.below(2));
    city_.write({to_write(action)}, action.by);
  }
  // What must hold at any time.
  void check() {
    std::map<std::string, int> under_way;
    for (const auto& entity : city_.all("Command")) {
      const Command one = flow::command_from(*entity).value();
      ASSERT_NE(one.status, CommandStatus::requested);
      ASSERT_LE(one.attempts, 4u);
      ASSERT_NE(one.approved_by.empty() ? "-" : one.approved_by, one.requested_by);
      if (one.name == "open" && one.attempts > 0) ASSERT_FALSE(one.approved_by.empty());
      const bool busy = one.status == CommandStatus::sent || one.status == CommandStatus::acknowledged;
      if (busy) ASSERT_EQ(++under_way[std::string(one.device.text()) + one.name], 1);
      if (busy && one.name == "pump" && one.value == "true") ASSERT_EQ(++under_way["the circuit"], 1);
    }
    for (const auto& entity : city_.all("Action")) ASSERT_NE(entity->text(Name("status")), "requested");
  }

  base::Rng rng_;
  Broker broker_;
  test::SmallCity<CommandLoop> city_;
  ReceiptIntake intake_;
  int count_{0};
};

TEST(CommandLife, SameRecordsSameCommandsAndNoCheckpointMakesADifference) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const std::string once = RandomLife(seed, false).run(250);
    EXPECT_FALSE(once.empty());
    ASSERT_EQ(once, RandomLife(seed, false).run(250)) << "seed " << seed;
    ASSERT_EQ(once, RandomLife(seed, true).run(250)) << "seed " << seed << ", reloaded before every record";
  }
}

}  // namespace
}  // namespace cityloop::act
