// What it costs a reader of the log to know each entity as it was at every change: one that has the whole of a log
// before it, of which each entity changes again and again, and whose entities fit into memory or do not.
#include <unistd.h>

#include <filesystem>

#include <benchmark/benchmark.h>

#include "base/clock.h"
#include "notify/versions.h"

namespace cityloop::notify {
namespace {

constexpr int kRecords = 100'000, kEntities = 20'000;
const flow::Name kType("TrafficFlowObserved");
const flow::Name kNames[] = {flow::Name("averageVehicleSpeed"), flow::Name("intensity"), flow::Name("occupancy")};

flow::Write reading(int i) {
  flow::Write write;
  write.entity = flow::EntityId(fmt::format("urn:ngsi-ld:TrafficFlowObserved:{}", i * 7919 % kEntities));
  write.types = {kType};
  for (int k = 0; k < 3; ++k) {
    if (i < kEntities || i % 3 == k) write.attributes.push_back(flow::property(kNames[k], double(i), base::from_ms(i)));
  }
  return write;
}

struct City {
  City() : folder(std::filesystem::temp_directory_path() / fmt::format("cityloop-bench-versions-{}", ::getpid())) {
    std::filesystem::remove_all(folder);
    store = store::Store::open(folder.string()).value();
    twin::TwinOptions options;
    options.durability = store::Durability::buffered;
    twin = twin::Twin::open(*store, clock, options).value();
    for (int i = 0; i < kRecords; ++i) {
      twin::Commit commit;
      commit.writes.push_back(reading(i));
      twin->submit(std::move(commit), {});
    }
    (void)twin->commit({});
  }
  ~City() {
    twin.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }
  std::filesystem::path folder;
  base::WallClock clock;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<twin::Twin> twin;
};

void reads_the_whole_log(benchmark::State& state) {
  static const City city;
  std::size_t told = 0, bytes = 0;
  for (auto _ : state) {
    Versions versions(*city.twin, std::size_t(state.range(0)) << 10);
    for (flow::Seq at = 0; at < city.twin->head();) {
      const auto slice = city.twin->read_log(at, 1024, base::Duration::zero()).value();
      for (const flow::LogRecordPtr& record : slice) {
        for (std::size_t i = 0; i < record->changes.size(); ++i) told += versions.after(*record, i) != nullptr;
        versions.follow(*record);
        bytes = std::max(bytes, versions.bytes());
      }
      at = slice.back()->seq;
    }
  }
  state.SetItemsProcessed(std::int64_t(told));
  state.counters["bytes"] = double(bytes);
}
BENCHMARK(reads_the_whole_log)
    ->ArgName("KiB")
    ->Arg(Versions::kBytesMax >> 10)
    ->Arg(2048)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cityloop::notify
