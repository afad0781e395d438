// What a domain package sets between a command and a device: CommandLoop asks it last, tells it what it lets through,
// and keeps what it knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "act/command_loop.h"
#include "act/receipt_intake.h"
#include "flow/noun.h"
#include "test/casework/small_city.h"

namespace cityloop::act {
namespace {

using flow::Command;
using flow::CommandStatus;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kTypes = R"(
[[device_type]]
id = "barrier"
topic = "barrier/{id_tail}/cmd"
receipt_topic = "barrier/{id_tail}/receipt"
[[device_type.command]]
name = "angle"
kind = "number"
min = 0
max = 90
ack_timeout = "2s"
retries = 3
[[device_type.command]]
name = "lift"
kind = "boolean"
needs_approval = "always"

[[device_type]]
id = "lamp"
topic = "lamp/{id_tail}/cmd"
receipt_topic = "lamp/{id_tail}/receipt"
[[device_type.command]]
name = "on"
kind = "boolean"
)";

// No barrier moves while somebody stands under it, nor twice in half a minute to different angles.
class Barrier final : public Interlock {
 public:
  explicit Barrier(std::vector<std::string>* told = nullptr) : told_(told) {}
  std::string_view device_type() const override { return "barrier"; }
  void see(const flow::Change& change, Instant at) override {
    if (told_) told_->push_back(fmt::format("{} {}", change.entity.text(), base::format_time(at)));
    One& one = all_[std::string(change.entity.text())];
    if (change.kind == flow::ChangeKind::erased) all_.erase(std::string(change.entity.text()));
    for (const flow::AttributeChange& told : change.attributes) {
      if (told.now.name == Name("occupied")) one.occupied = told.now.value == flow::Value(true);
    }
  }
  base::Status check(EntityId device, std::string_view, const flow::Value& value, Instant at) const override {
    const auto found = all_.find(std::string(device.text()));
    if (found == all_.end()) return base::fail(base::Errc::refused, "nothing is known of this barrier");
    const One& one = found->second;
    if (one.occupied) return base::fail(base::Errc::refused, "somebody stands under it");
    if (one.moved_at != flow::kNever && at < one.moved_at + seconds(30) && !(one.to == value))
      return base::fail(base::Errc::refused, "it moved {} s ago", (at - one.moved_at) / seconds(1));
    return {};
  }
  void sent(EntityId device, std::string_view, const flow::Value& value, Instant at) override {
    One& one = all_[std::string(device.text())];
    one.moved_at = at;
    one.to = value;
  }
  void save(base::ByteWriter& out) const override {
    out.varint(all_.size());
    for (const auto& [id, one] : all_) {
      out.text(id);
      out.u8(one.occupied);
      out.svarint(base::to_us(one.moved_at));
      const double* angle = std::get_if<double>(&one.to);
      out.f64(angle ? *angle : -1);
    }
  }
  base::Status load(base::ByteReader& in) override {
    all_.clear();
    for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
      One& one = all_[std::string(in.text())];
      one.occupied = in.u8() != 0;
      one.moved_at = base::from_us(in.svarint());
      if (const double angle = in.f64(); angle >= 0) one.to = angle;
    }
    return in.ok() ? base::Status{} : base::fail(base::Errc::corrupt, "the barriers are cut short");
  }

 private:
  struct One {
    bool occupied{false};
    Instant moved_at{flow::kNever};
    flow::Value to;
  };
  std::map<std::string, One> all_;
  std::vector<std::string>* told_;
};

class PackageInterlock : public testing::Test {
 protected:
  std::vector<std::string> published, told;
  bool with{true};
  test::SmallCity<CommandLoop> city{[this] { return make(); }};
  ReceiptIntake intake;
  int count{0};
  const EntityId kBarrier{"urn:ngsi-ld:Device:b1"}, kLamp{"urn:ngsi-ld:Device:l1"};

  std::unique_ptr<CommandLoop> make() {
    CommandLoopOptions options;
    options.types = DeviceTypes::parse(kTypes, "test.toml").value();
    options.publish = [this](const std::string& topic, const std::string&, const std::function<void(bool)>& done) {
      published.push_back(topic);
      done(true);
    };
    if (with) options.interlocks.push_back(std::make_shared<Barrier>(&told));
    return std::make_unique<CommandLoop>(std::move(options));
  }
  void SetUp() override {
    shows(kBarrier, "barrier", {});
    shows(kLamp, "lamp", {});
  }
  void shows(EntityId id, std::string_view type, std::vector<flow::Attribute> attributes) {
    flow::Write write = flow::NounWriter(id, "Device", flow::WriteMode::upsert).text("deviceType", type).take();
    for (flow::Attribute& one : attributes) write.attributes.push_back(std::move(one));
    city.write({write});
  }
  void occupied(bool is) { shows(kBarrier, "barrier", {flow::property(Name("occupied"), is)}); }
  EntityId ask(EntityId device, std::string name, std::string value) {
    Command command;
    command.id = EntityId(fmt::format("urn:ngsi-ld:Command:p{}", ++count));
    command.device = device;
    command.name = std::move(name);
    command.value = std::move(value);
    command.requested_by = "loop:signals";
    city.write({to_write(command)}, command.requested_by);
    return command.id;
  }
  Command get(EntityId id) { return flow::command_from(*city.get(id)).value(); }
  std::string approve(EntityId id) {
    flow::Action action;
    action.id = EntityId(fmt::format("urn:ngsi-ld:Action:p{}", ++count));
    action.target = id;
    action.verb = "approve";
    action.by = "user:boss";
    city.write({to_write(action)}, action.by);
    return flow::action_from(*city.get(action.id)).value().reason;
  }
};

TEST_F(PackageInterlock, WhatItRefusesNeverLeavesTheHouseAndTheCommandSaysWhy) {
  occupied(true);
  const EntityId id = ask(kBarrier, "angle", "45");
  EXPECT_EQ(get(id).status, CommandStatus::refused);
  EXPECT_EQ(get(id).reason, "somebody stands under it");
  EXPECT_THAT(published, IsEmpty());
  EXPECT_THAT(get(ask(kBarrier, "angle", "91")).reason, HasSubstr("above 90")) << "the settings are asked before it";
  occupied(false);
  EXPECT_EQ(get(ask(kBarrier, "angle", "45")).status, CommandStatus::sent);
  EXPECT_THAT(published, ElementsAre("barrier/b1/cmd"));
}

TEST_F(PackageInterlock, HearsOfDevicesOfItsTypeAloneAndOfTheirEnd) {
  told.clear();
  shows(kLamp, "lamp", {flow::property(Name("occupied"), true)});
  EXPECT_THAT(told, IsEmpty());
  EXPECT_EQ(get(ask(kLamp, "on", "true")).status, CommandStatus::sent) << "other types know nothing of it";
  flow::Write gone;
  gone.entity = kBarrier;
  gone.mode = flow::WriteMode::erase;
  city.pass(seconds(3));
  city.write({gone});
  EXPECT_THAT(told, ElementsAre("urn:ngsi-ld:Device:b1 2026-03-02T08:00:03Z"));
}

TEST_F(PackageInterlock, IsAskedAgainAfterApproval) {
  const EntityId id = ask(kBarrier, "lift", "true");
  ASSERT_EQ(get(id).status, CommandStatus::pending_approval);
  occupied(true);
  EXPECT_EQ(approve(id), "somebody stands under it");
  EXPECT_EQ(get(id).status, CommandStatus::refused);
  const EntityId barred = ask(kBarrier, "lift", "true");
  EXPECT_EQ(get(barred).status, CommandStatus::refused) << "nobody is asked to approve what cannot be";
  EXPECT_THAT(published, IsEmpty());
}

TEST_F(PackageInterlock, IsAskedBeforeEachRetry) {
  const EntityId id = ask(kBarrier, "angle", "45");
  city.pass(seconds(2));
  EXPECT_EQ(get(id).attempts, 2u) << "the same angle may be told again";
  occupied(true);
  city.pass(seconds(10));
  EXPECT_EQ(get(id).status, CommandStatus::timed_out);
  EXPECT_EQ(get(id).reason, "no answer to 2 attempts, and not sent again: somebody stands under it");
  EXPECT_EQ(published.size(), 2u);
}

TEST_F(PackageInterlock, WhatItKnowsSurvivesARestart) {
  ask(kBarrier, "angle", "45");
  city.pass(seconds(5));
  city.restart();
  EXPECT_THAT(get(ask(kBarrier, "angle", "10")).reason, HasSubstr("it moved"));
  occupied(true);
  city.restart();
  EXPECT_EQ(get(ask(kBarrier, "angle", "45")).reason, "somebody stands under it");
  std::size_t rows = 0;
  for (const auto& [key, value] : city.rows().all) rows += key == "ibarrier";
  EXPECT_EQ(rows, 1u);
}

// Right after a restart nobody knows how late it is: what was meant for then may be wrong by now.
TEST_F(PackageInterlock, IsAskedBeforeWhatWasUnansweredIsPublishedAgainAfterARestart) {
  const EntityId id = ask(kBarrier, "angle", "45");
  const EntityId lamp = ask(kLamp, "on", "true");
  ASSERT_EQ(published.size(), 2u);
  city.restart();
  city.loop().after_commit(99);
  EXPECT_THAT(published, ElementsAre("barrier/b1/cmd", "lamp/l1/cmd", "lamp/l1/cmd"));
  city.pass(seconds(2));
  EXPECT_EQ(get(id).attempts, 2u);
  EXPECT_EQ(published.back(), "barrier/b1/cmd");
  EXPECT_EQ(get(lamp).status, CommandStatus::sent);
}

TEST_F(PackageInterlock, WholeCheckpointsHoldItAndOlderOnesLoad) {
  with = false;
  const std::string older = [&] {
    base::ByteWriter out;
    make()->save(out);
    return out.take();
  }();
  with = true;
  ask(kBarrier, "angle", "45");
  const std::string whole = city.checkpoint();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    base::ByteReader in(std::string_view(whole).substr(0, size));
    EXPECT_FALSE(make()->load(in)) << size;
  }
  const auto again = make();
  base::ByteReader in(whole);
  ASSERT_TRUE(again->load(in));
  EXPECT_TRUE(in.at_end());
  base::ByteWriter out;
  again->save(out);
  EXPECT_EQ(out.view(), whole);
  base::ByteReader old(older);
  EXPECT_TRUE(make()->load(old));
  EXPECT_TRUE(old.at_end());
}

TEST_F(PackageInterlock, WhatAPackageKnewIsDroppedOnceItIsTakenAway) {
  ask(kBarrier, "angle", "45");
  ASSERT_TRUE(city.rows().all.contains("ibarrier"));
  with = false;
  const auto without = make();
  for (const auto& [key, value] : city.rows().all) {
    base::ByteReader in(value);
    ASSERT_TRUE(without->load_row(key, in)) << key;
    EXPECT_TRUE(in.ok() && in.at_end()) << key;
  }
  test::SmallCity<CommandLoop>::Rows rows;
  rows.all = city.rows().all;
  without->save_changed(rows);
  EXPECT_FALSE(rows.all.contains("ibarrier"));
  const std::string whole = city.checkpoint();
  base::ByteReader in(whole);
  EXPECT_TRUE(make()->load(in));
}

}  // namespace
}  // namespace cityloop::act
