// What a million entities take: a whole twin over a store on disk, filled by batches as a client would, and asked.
//
// The process' own pages are counted, so everything is: entities, names, indexes, the log's tail, the store's buffers.
#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <benchmark/benchmark.h>

#include "base/clock.h"
#include "twin/query/query.h"
#include "twin/twin.h"

namespace cityloop::twin {
namespace {

using flow::EntityId;
using flow::Name;

flow::Write vehicle(std::int64_t i) {
  flow::Write out;
  out.entity = EntityId(fmt::format("urn:ngsi-ld:Vehicle:{}", i));
  out.types = {Name("Vehicle")};
  out.attributes.push_back(flow::property(Name("brand"), std::string(i % 2 == 0 ? "Mercedes" : "Seat")));
  out.attributes.push_back(flow::property(Name("speed"), double(i % 120), base::from_ms(1'787'000'000'000)));
  out.attributes.push_back(
      flow::geo_point(Name("location"), 13.0 + double(i % 1000) * .001, 52.0 + double(i / 1000 % 1000) * .001));
  flow::Attribute parked = flow::property(Name("isParked"), fmt::format("urn:ngsi-ld:OffStreetParking:{}", i));
  parked.kind = flow::AttributeKind::relationship;
  out.attributes.push_back(std::move(parked));
  out.attributes.push_back(flow::property(Name("description"), std::string(168, 'd')));
  return out;
}

double resident_bytes() {
  std::ifstream in("/proc/self/statm");
  double all = 0, resident = 0;
  in >> all >> resident;
  return resident * double(::sysconf(_SC_PAGESIZE));
}

void fills_a_twin(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("cityloop-memory-{}", ::getpid());
  for (auto _ : state) {
    std::filesystem::remove_all(folder);
    base::WallClock clock;
    const auto store = store::Store::open(folder.string()).value();
    TwinOptions options;
    options.durability = store::Durability::buffered;
    const auto twin = Twin::open(*store, clock, options).value();
    for (std::int64_t i = 0; i < state.range(0); i += 500) {
      Commit commit;
      for (std::int64_t k = i; k < i + 500; ++k) commit.writes.push_back(vehicle(k));
      benchmark::DoNotOptimize(twin->commit(std::move(commit)));
    }
    state.PauseTiming();
    state.counters["bytes_filled"] = (resident_bytes() - 100e6) / double(state.range(0));
    EntityFilter filter;
    filter.types = {Name("Vehicle")};
    filter.q = Q::parse("speed>1000").value();
    for (int i = 0; i < 100; ++i) {
      benchmark::DoNotOptimize(twin->query(filter));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    ::malloc_trim(0);
    const auto heap = ::mallinfo2();
    state.counters["bytes_in_use"] = double(heap.uordblks + heap.hblkhd) / double(state.range(0));
    state.counters["bytes_at_rest"] = (resident_bytes() - 100e6) / double(state.range(0));
    state.ResumeTiming();
  }
  std::filesystem::remove_all(folder);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(fills_a_twin)->Arg(1'000'000)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace cityloop::twin
