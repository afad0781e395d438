// What it costs to make writes durable, and to come back: commits of one attribute fifty at a time, batches, and a
// start with a million entities. CPU time is of the whole process.
#include <unistd.h>

#include <filesystem>

#include <benchmark/benchmark.h>

#include "base/clock.h"
#include "base/rng.h"
#include "twin/twin.h"

namespace cityloop::twin {
namespace {

constexpr std::string_view kText =
    "a five-attribute vehicle used for throughput measurement, padded to roughly five hundred bytes so the numbers "
    "mean "
    "something ------------------------------------------------";

// The vehicle of five attributes and some 550 bytes of JSON by which brokers are compared.
flow::Write vehicle(int i) {
  flow::Write write;
  write.entity = flow::EntityId(fmt::format("urn:ngsi-ld:Vehicle:{}", i));
  write.types = {flow::Name("Vehicle")};
  write.attributes = {
      flow::property(flow::Name("brand"), std::string(i % 2 ? "Seat" : "Mercedes")),
      flow::property(flow::Name("speed"), double(i % 120), base::parse_time("2026-08-20T10:00:00Z").value()),
      flow::geo_point(flow::Name("location"), 13.0 + i % 1000 * .001, 52.0 + i / 1000 % 1000 * .001),
      flow::relationship(flow::Name("isParked"), flow::EntityId(fmt::format("urn:ngsi-ld:OffStreetParking:{}", i))),
      flow::property(flow::Name("description"), std::string(kText))};
  return write;
}

flow::Write patch(int i, double speed) {
  flow::Write write;
  write.entity = flow::EntityId(fmt::format("urn:ngsi-ld:Vehicle:{}", i));
  write.mode = flow::WriteMode::patch;
  write.attributes = {flow::property(flow::Name("speed"), speed)};
  return write;
}

struct City {
  explicit City(store::Durability durability)
      : folder(std::filesystem::temp_directory_path() / fmt::format("cityloop-bench-{}", ::getpid())) {
    std::filesystem::remove_all(folder);
    options.durability = durability;
    open();
  }
  ~City() {
    close();
    std::filesystem::remove_all(folder);
  }
  void open() {
    store = store::Store::open(folder.string()).value();
    twin = Twin::open(*store, clock, options).value();
  }
  void close() {
    twin.reset();
    store.reset();
  }
  void fill(int count) {
    for (int i = 0; i < count;) {
      Commit commit;
      for (int k = 0; k < 500 && i < count; ++k, ++i) commit.writes.push_back(vehicle(i));
      twin->commit(std::move(commit));
    }
  }
  // Sends all, waits for all: a group or two on the committer.
  void send(std::vector<Commit> commits) {
    std::atomic<std::size_t> left = commits.size();
    for (Commit& commit : commits) {
      twin->submit(std::move(commit), [&](const CommitResult&) {
        if (--left == 0) left.notify_all();
      });
    }
    for (std::size_t now = left; now > 0; now = left) left.wait(now);
  }
  std::filesystem::path folder;
  base::WallClock clock;
  TwinOptions options;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Twin> twin;
};

void patches(benchmark::State& state) {
  City city(state.range(1) ? store::Durability::buffered : store::Durability::flushed);
  const int entities = int(state.range(0));
  city.fill(entities);
  base::Rng rng(5);
  double speed = 0;
  for (auto _ : state) {
    std::vector<Commit> commits(50);
    for (Commit& commit : commits) commit.writes.push_back(patch(int(rng.below(std::uint64_t(entities))), ++speed));
    city.send(std::move(commits));
  }
  state.SetItemsProcessed(state.iterations() * 50);
}
BENCHMARK(patches)->Args({1000, 0})->Args({1000, 1})->Args({200'000, 1})->UseRealTime()->MeasureProcessCPUTime();

void batches(benchmark::State& state) {
  City city(store::Durability::flushed);
  const int size = int(state.range(0));
  int next = 0;
  for (auto _ : state) {
    std::vector<Commit> commits(8);
    for (Commit& commit : commits) {
      for (int i = 0; i < size; ++i) commit.writes.push_back(vehicle(next++ % 400'000));
    }
    city.send(std::move(commits));
  }
  state.SetItemsProcessed(state.iterations() * 8 * size);
}
BENCHMARK(batches)->Arg(20)->Arg(100)->UseRealTime()->MeasureProcessCPUTime();

void start(benchmark::State& state) {
  City city(store::Durability::buffered);
  city.fill(int(state.range(0)));
  std::uint64_t tail = 0;
  for (auto _ : state) {
    state.PauseTiming();
    city.close();
    state.ResumeTiming();
    city.options.progress = [&](const LoadProgress& told) { tail = told.records; };
    city.open();
  }
  state.counters["records_in_tail"] = double(tail);
}
BENCHMARK(start)->Arg(1'000'000)->Iterations(2)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cityloop::twin
