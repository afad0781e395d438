// Whether a query costs the same at a thousand entities as at a million, in time and in entities looked at; what a
// write costs the indexes; and how many bytes an entity takes. The entities are those of the comparison between
// brokers.
#include <malloc.h>

#include <map>

#include <benchmark/benchmark.h>

#include "base/rng.h"
#include "twin/query/indexer.h"
#include "twin/query/plan.h"

namespace cityloop::twin {
namespace {

using flow::EntityId;
using flow::Name;

const Name kVehicle("Vehicle"), kBrand("brand"), kSpeed("speed"), kLocation("location"), kIsParked("isParked"),
    kDescription("description");

flow::EntityPtr vehicle(std::int64_t i, double speed) {
  flow::Entity e;
  e.id = EntityId(fmt::format("urn:ngsi-ld:Vehicle:{}", i));
  e.types = {kVehicle};
  e.attributes.reserve(5);
  e.attributes.push_back(flow::property(kBrand, std::string(i % 2 == 0 ? "Mercedes" : "Seat")));
  e.attributes.push_back(flow::property(kSpeed, speed, base::from_ms(1'787'000'000'000)));
  e.attributes.push_back(
      flow::geo_point(kLocation, 13.0 + double(i % 1000) * .001, 52.0 + double(i / 1000 % 1000) * .001));
  flow::Attribute parked = flow::property(kIsParked, fmt::format("urn:ngsi-ld:OffStreetParking:{}", i));
  parked.kind = flow::AttributeKind::relationship;
  e.attributes.push_back(std::move(parked));
  e.attributes.push_back(flow::property(kDescription, std::string(168, 'd')));
  return std::make_shared<const flow::Entity>(std::move(e));
}

struct City {
  explicit City(std::int64_t n) {
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (std::int64_t i = 1; i <= n; ++i) {
      auto next = vehicle(i, double(i % 120));
      const EntityId id = next->id;
      population.put(id, std::move(next));
    }
    bytes_per_entity = double(mallinfo2().uordblks + mallinfo2().hblkhd - before) / double(n);
  }
  FairMutex mutex;
  Population population;
  Indexer indexer{mutex, population};
  double bytes_per_entity{0};
};

City& city(std::int64_t n) {
  static std::map<std::int64_t, std::unique_ptr<City>> cities;
  auto& found = cities[n];
  if (!found) found = std::make_unique<City>(n);
  return *found;
}

void ask(benchmark::State& state, const EntityFilter& filter) {
  City& on = city(state.range(0));
  for (int i = 0; i < 2; ++i) {
    QueryTrace trace;
    benchmark::DoNotOptimize(run_query(on.mutex, on.population, filter, trace));
    on.indexer.want(trace.missed);
    on.indexer.wait_until_idle();
  }
  std::size_t looked_at = 0, found = 0;
  for (auto _ : state) {
    QueryTrace trace;
    const auto page = run_query(on.mutex, on.population, filter, trace);
    looked_at = trace.looked_at;
    found = page->entities.size();
  }
  state.counters["looked_at"] = double(looked_at);
  state.counters["found"] = double(found);
}

EntityFilter vehicles(const char* q = nullptr) {
  EntityFilter out;
  out.types = {kVehicle};
  out.public_only = true;
  if (q) out.q = Q::parse(q).value();
  return out;
}

void of_type(benchmark::State& state) {
  ask(state, vehicles());
}
void of_type_deep(benchmark::State& state) {
  EntityFilter filter = vehicles();
  filter.offset = std::size_t(state.range(0)) / 2;
  filter.count = true;
  ask(state, filter);
}
void everybody_deep(benchmark::State& state) {
  EntityFilter filter;
  filter.public_only = true;
  filter.offset = std::size_t(state.range(0)) / 2;
  ask(state, filter);
}
void q(benchmark::State& state, const char* text) {
  ask(state, vehicles(text));
}
void q_count(benchmark::State& state, const char* text) {
  EntityFilter filter = vehicles(text);
  filter.count = true;
  ask(state, filter);
}
void near(benchmark::State& state, double metres, bool count) {
  EntityFilter filter = vehicles();
  filter.geo.emplace();
  const double row = std::min(0.5, double(state.range(0)) / 1000 / 2 * .001);
  filter.geo->shape = geo::Shape::point({13.5, 52.0 + row});
  filter.geo->distance_max_m = metres;
  filter.count = count;
  ask(state, filter);
}
void within(benchmark::State& state) {
  EntityFilter filter = vehicles();
  filter.geo.emplace();
  filter.geo->relation = GeoRelation::within;
  filter.geo->shape =
      geo::Shape{geo::ShapeKind::polygon, {{{13.3, 51.9}, {13.6, 51.9}, {13.6, 52.3}, {13.3, 52.3}, {13.3, 51.9}}}};
  ask(state, filter);
}

#define AT_ALL_SIZES RangeMultiplier(10)->Range(1000, 1'000'000)
BENCHMARK(of_type)->AT_ALL_SIZES;
BENCHMARK(of_type_deep)->AT_ALL_SIZES;
BENCHMARK(everybody_deep)->AT_ALL_SIZES;
BENCHMARK_CAPTURE(q, nothing, "speed>1000")->AT_ALL_SIZES;
BENCHMARK_CAPTURE(q, one_value, "speed==7")->AT_ALL_SIZES;
BENCHMARK_CAPTURE(q, few, "speed>118")->AT_ALL_SIZES;
BENCHMARK_CAPTURE(q, tenth, "speed>=108")->AT_ALL_SIZES;
BENCHMARK_CAPTURE(q, fifth, "speed>=96")->AT_ALL_SIZES;
BENCHMARK_CAPTURE(q, half, "speed>=60")->AT_ALL_SIZES;
BENCHMARK_CAPTURE(q, all, "speed>=0")->AT_ALL_SIZES;
BENCHMARK_CAPTURE(q, text, "brand==\"Seat\"")->AT_ALL_SIZES;
BENCHMARK_CAPTURE(q, target, "isParked==urn:ngsi-ld:OffStreetParking:777")->AT_ALL_SIZES;
BENCHMARK_CAPTURE(q, both, "brand==\"Seat\";speed==8")->Arg(1000)->Arg(10'000)->Arg(100'000);
BENCHMARK_CAPTURE(q_count, half, "speed>=60")->AT_ALL_SIZES;
BENCHMARK_CAPTURE(near, m500, 500.0, false)->AT_ALL_SIZES;
BENCHMARK_CAPTURE(near, m5000, 5000.0, false)->AT_ALL_SIZES;
BENCHMARK_CAPTURE(near, m50000, 50'000.0, false)->AT_ALL_SIZES;
BENCHMARK_CAPTURE(near, m5000_counted, 5000.0, true)->AT_ALL_SIZES;
BENCHMARK(within)->AT_ALL_SIZES;

// A write with an index on what it changes.
void put_speed(benchmark::State& state) {
  City& on = city(state.range(0));
  base::Rng rng(1);
  std::int64_t n = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<std::pair<EntityId, flow::EntityPtr>> batch;
    for (int i = 0; i < 100; ++i) {
      const std::int64_t which = 1 + std::int64_t(rng.below(std::uint64_t(state.range(0))));
      batch.emplace_back(EntityId(fmt::format("urn:ngsi-ld:Vehicle:{}", which)), vehicle(which, double(++n % 120)));
    }
    std::vector<flow::EntityPtr> former;
    former.reserve(batch.size());
    state.ResumeTiming();
    const std::unique_lock lock(on.mutex);
    for (auto& [id, next] : batch) former.push_back(on.population.put(id, std::move(next)));
    state.PauseTiming();
    former.clear();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * 100);
  state.counters["bytes_per_entity"] = on.bytes_per_entity;
  state.counters["index_bytes_per_entity"] = double(on.population.bytes()) / double(state.range(0));
}
BENCHMARK(put_speed)->AT_ALL_SIZES;

}  // namespace
}  // namespace cityloop::twin
