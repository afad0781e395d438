// A twin over a fresh folder, with a clock that the test moves. reopen() is a restart; the folder goes with the
// fixture.
#pragma once

#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "store/store.h"
#include "twin/twin.h"

namespace cityloop::twin {

class TwinFixture : public testing::Test {
 protected:
  TwinFixture() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("cityloop-{}-{}-{}", info->test_suite_name(), info->name(), ::getpid());
    std::filesystem::remove_all(folder_);
    clock_.advance_to(base::parse_time("2026-05-01T08:00:00Z").value());
    open();
  }
  ~TwinFixture() override {
    twin_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    auto store = store::Store::open(folder_.string());
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
    auto twin = Twin::open(*store_, clock_, options_);
    ASSERT_TRUE(twin) << twin.error().message;
    twin_ = std::move(*twin);
  }
  void reopen() {
    twin_.reset();
    store_.reset();
    open();
  }

  static flow::Write reading(std::string_view urn, double speed, flow::Instant at,
                             flow::WriteMode mode = flow::WriteMode::observe) {
    flow::Write write;
    write.entity = flow::EntityId(urn);
    write.mode = mode;
    write.types = {flow::Name("TrafficFlowObserved")};
    write.attributes = {flow::property(flow::Name("speed"), speed, at, flow::Name("KMH"))};
    return write;
  }
  CommitResult put(flow::Write write) {
    Commit commit;
    commit.writes.push_back(std::move(write));
    commit.origin = flow::Name("test");
    return twin_->commit(std::move(commit));
  }

  std::filesystem::path folder_;
  base::ManualClock clock_;
  TwinOptions options_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Twin> twin_;
};

}  // namespace cityloop::twin
