// CommandLoop on a real twin and store: what is published is already on disk, and a restart publishes it again.
#include <gmock/gmock.h>

#include "act/command_loop.h"
#include "act/receipt_intake.h"
#include "flow/noun.h"
#include "test/twin/twin_fixture.h"

namespace cityloop::act {
namespace {

using flow::CommandStatus;

constexpr const char* kTypes = R"(
[[device_type]]
id = "pump"
topic = "cityloop/{id_tail}/cmd"
receipt_topic = "cityloop/{id_tail}/receipt"
[[device_type.command]]
name = "pump"
kind = "boolean"
ack_timeout = "1m"
)";

class ActOnTwin : public twin::TwinFixture {
 protected:
  const EntityId kCommand{"urn:ngsi-ld:Command:1"};

  CommandLoopOptions options() {
    CommandLoopOptions out;
    out.types = DeviceTypes::parse(kTypes, "test.toml").value();
    out.publish = [this](const std::string&, const std::string& payload, const std::function<void(bool)>& done) {
      const std::lock_guard lock(mutex_);
      payloads_.push_back(payload);
      const auto entity = twin_->get(kCommand);
      status_seen_.emplace_back(entity ? entity->text(Name("status")) : "absent");
      done(true);
    };
    return out;
  }
  void ask() {
    put(flow::NounWriter(EntityId("urn:ngsi-ld:Device:pump-1"), "Device", flow::WriteMode::upsert)
            .text("deviceType", "pump")
            .take());
    flow::Command command;
    command.id = kCommand;
    command.device = EntityId("urn:ngsi-ld:Device:pump-1");
    command.name = "pump";
    command.value = "true";
    command.requested_by = "user:op";
    put(to_write(command));
  }
  std::size_t published() {
    const std::lock_guard lock(mutex_);
    return payloads_.size();
  }
  template <class F>
  void wait_until(F&& holds) {
    for (int i = 0; i < 10000 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_TRUE(holds());
  }
  CommandStatus status() { return flow::command_from(*twin_->get(kCommand)).value().status; }

  std::mutex mutex_;
  std::vector<std::string> payloads_, status_seen_;
};

TEST_F(ActOnTwin, PublishesOnlyWhatIsOnDiskAndAgainAfterARestart) {
  {
    CommandLoop loop(options());
    twin::LoopRunner runner(*twin_, loop);
    ASSERT_TRUE(runner.start());
    ask();
    wait_until([&] { return published() == 1; });
  }
  reopen();
  {
    CommandLoop loop(options());
    twin::LoopRunner runner(*twin_, loop);
    ASSERT_TRUE(runner.start());
    wait_until([&] { return published() == 2; });
    ReceiptIntake intake;
    put(intake.read("cityloop/pump-1/receipt", R"({"command":"urn:ngsi-ld:Command:1","status":"succeeded"})").value());
    wait_until([&] { return status() == CommandStatus::succeeded; });
  }
  reopen();
  {
    CommandLoop loop(options());
    twin::LoopRunner runner(*twin_, loop);
    ASSERT_TRUE(runner.start());
    put(flow::NounWriter(EntityId("urn:ngsi-ld:Thing:1"), "Thing", flow::WriteMode::upsert).text("a", "b").take());
    wait_until([&] { return runner.done() >= twin_->head(); });
  }
  EXPECT_EQ(published(), 2u) << "what is answered stays so";
  EXPECT_EQ(payloads_[0], payloads_[1]) << "the same key, the same wish";
  EXPECT_THAT(status_seen_, testing::Each("sent"));
}

// A crash before the checkpoint: the loop is replayed from the log alone.
TEST_F(ActOnTwin, ReplayWithoutACheckpointPublishesAgainAndWritesNothingTwice) {
  std::filesystem::path copy = folder_;
  copy += "-crashed";
  {
    CommandLoop loop(options());
    twin::LoopRunner runner(*twin_, loop, {.checkpoint_every = std::chrono::hours(1)});
    ASSERT_TRUE(runner.start());
    ask();
    wait_until([&] { return published() == 1; });
    ASSERT_TRUE(store_->flush());
    std::filesystem::copy(folder_, copy, std::filesystem::copy_options::recursive);
  }
  twin_.reset();
  store_.reset();
  std::filesystem::remove_all(folder_);
  std::filesystem::rename(copy, folder_);
  std::filesystem::remove(folder_ / "LOCK");
  open();
  const flow::Seq head = twin_->head();
  CommandLoop loop(options());
  twin::LoopRunner runner(*twin_, loop);
  ASSERT_TRUE(runner.start());
  wait_until([&] { return published() == 2; });
  EXPECT_EQ(twin_->head(), head) << "nothing new was written";
  EXPECT_EQ(status(), CommandStatus::sent);
}

}  // namespace
}  // namespace cityloop::act
