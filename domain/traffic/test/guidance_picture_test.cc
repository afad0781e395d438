// The picture that readers get follows the log although the loop itself writes nothing.
#include <unistd.h>

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "domain/traffic/guidance/guidance_loop.h"
#include "twin/loop.h"
#include "twin/twin.h"

namespace cityloop::traffic {
namespace {

class GuidancePictureTest : public testing::Test {
 protected:
  GuidancePictureTest() {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-guidance-picture-{}", ::getpid());
    std::filesystem::remove_all(folder_);
    store_ = store::Store::open(folder_.string()).value();
    twin_ = twin::Twin::open(*store_, clock_, {}).value();
    start();
  }
  void start() {
    GuidanceOptions options;
    options.refresh = base::Duration::zero();
    loop_ = std::make_unique<GuidanceLoop>(std::move(options));
    runner_ = std::make_unique<twin::LoopRunner>(*twin_, *loop_);
    EXPECT_TRUE(runner_->start());
  }
  ~GuidancePictureTest() override {
    runner_.reset();
    twin_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void drive(double kmh) {
    clock_.advance_to(clock_.now() + std::chrono::seconds(30));
    flow::Write write;
    write.entity = flow::EntityId("urn:ngsi-ld:TrafficFlowObserved:a-b");
    write.types = {flow::Name("TrafficFlowObserved")};
    write.mode = flow::WriteMode::upsert;
    write.attributes = {flow::property(flow::Name("freeFlowSpeed"), 50.0),
                        flow::property(flow::Name("averageVehicleSpeed"), kmh, clock_.now())};
    twin::Commit commit;
    commit.origin = flow::Name("test");
    commit.writes.push_back(std::move(write));
    EXPECT_TRUE(twin_->commit(std::move(commit)).status);
  }
  bool shows(double kmh) const {
    for (int tries = 0; tries < 5000; ++tries) {
      const auto picture = loop_->picture();
      if (picture && picture->state->segments.size() == 1 && picture->state->segments[0].speed_kmh == kmh) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  std::filesystem::path folder_;
  base::ManualClock clock_{base::parse_time("2026-05-01T08:00:00Z").value()};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<GuidanceLoop> loop_;
  std::unique_ptr<twin::LoopRunner> runner_;
};

TEST_F(GuidancePictureTest, FollowsSpeedsAlthoughNothingIsWritten) {
  for (const double kmh : {10.0, 20.0, 30.0}) {
    drive(kmh);
    EXPECT_TRUE(shows(kmh)) << kmh;
  }
}

TEST_F(GuidancePictureTest, ACheckpointOfAnotherFormIsNoReasonNotToStart) {
  drive(10);
  EXPECT_TRUE(shows(10));
  runner_.reset();
  const auto saved = store_->get(store::Table::state, "traffic-guidance").value();
  ASSERT_TRUE(saved);
  base::ByteReader in(*saved);
  base::ByteWriter of_old;
  of_old.varint(in.varint());
  of_old.u8(1);
  store::Batch batch;
  batch.put(store::Table::state, "traffic-guidance", of_old.view());
  ASSERT_TRUE(store_->commit(batch, store::Durability::flushed));
  start();
  EXPECT_EQ(runner_->rebuilt(), "a checkpoint of guidance of another form");
  EXPECT_TRUE(shows(10));
}

}  // namespace
}  // namespace cityloop::traffic
