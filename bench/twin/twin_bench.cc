// What the twin's own path costs: applying, encoding and flushing readings, and reading them back.
#include <unistd.h>

#include <filesystem>

#include <benchmark/benchmark.h>

#include "base/clock.h"
#include "store/record.h"
#include "twin/apply.h"
#include "twin/history/history.h"
#include "twin/query/query.h"
#include "twin/twin.h"

namespace cityloop::twin {
namespace {

const flow::Name kType("TrafficFlowObserved");
const flow::Name kNames[] = {flow::Name("averageVehicleSpeed"), flow::Name("averageTravelTime"),
                             flow::Name("medianTravelTime"), flow::Name("intensity"), flow::Name("status")};

flow::Write reading(int segment, int minute) {
  flow::Write write;
  write.entity = flow::EntityId(fmt::format("urn:ngsi-ld:TrafficFlowObserved:bench-{}", segment));
  write.mode = flow::WriteMode::observe;
  write.types = {kType};
  for (int i = 0; i < 4; ++i) {
    write.attributes.push_back(flow::property(kNames[i], double((segment * 7 + minute * 3 + i) % 120),
                                              base::from_ms(1'400'000'000'000 + minute * 300'000ll),
                                              flow::Name("KMH")));
  }
  write.attributes.push_back(flow::property(kNames[4], std::string("OK")));
  return write;
}

struct City {
  City() : folder(std::filesystem::temp_directory_path() / fmt::format("cityloop-bench-{}", ::getpid())) {
    std::filesystem::remove_all(folder);
    store = store::Store::open(folder.string()).value();
    twin = Twin::open(*store, clock, {}).value();
  }
  ~City() {
    twin.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }
  std::filesystem::path folder;
  base::WallClock clock;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Twin> twin;
};

void commit_readings(benchmark::State& state) {
  City city;
  const int together = int(state.range(0));
  int minute = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Commit commit;
    for (int i = 0; i < together; ++i) commit.writes.push_back(reading(i % 449, minute + i / 449));
    minute += together / 449 + 1;
    state.ResumeTiming();
    benchmark::DoNotOptimize(city.twin->commit(std::move(commit)));
  }
  state.SetItemsProcessed(state.iterations() * together);
}
BENCHMARK(commit_readings)->Arg(1)->Arg(100)->Arg(2000)->UseRealTime();

void apply_one(benchmark::State& state) {
  flow::EntityPtr entity;
  int minute = 0;
  for (auto _ : state) {
    ++minute;
    entity = apply(entity, reading(1, minute), base::from_ms(minute))->next;
  }
}
BENCHMARK(apply_one);

void encode_record(benchmark::State& state) {
  flow::LogRecord record;
  for (int i = 0; i < 449; ++i) record.changes.push_back(apply(nullptr, reading(i, 1), base::from_ms(1))->change);
  for (auto _ : state) benchmark::DoNotOptimize(store::encode(record));
  state.SetItemsProcessed(state.iterations() * 449);
  state.counters["bytes_per_change"] = double(store::encode(record).size()) / 449;
}
BENCHMARK(encode_record);

void history_of_readings(benchmark::State& state) {
  City city;
  History history(*city.store);
  flow::LogRecord record;
  int minute = 0;
  for (auto _ : state) {
    state.PauseTiming();
    record.changes.clear();
    ++minute;
    for (int i = 0; i < 449; ++i)
      record.changes.push_back(apply(nullptr, reading(i, minute), base::from_ms(1))->change);
    Outbox outbox;
    state.ResumeTiming();
    history.on_record(record, outbox);
  }
  state.SetItemsProcessed(state.iterations() * 449);
}
BENCHMARK(history_of_readings);

}  // namespace
}  // namespace cityloop::twin
