// What a question costs: q over an entity of ten attributes, a filter with a place, and NGSI-LD in and out.
#include <benchmark/benchmark.h>

#include "twin/ngsi/ngsi.h"
#include "twin/query/query.h"

namespace cityloop::twin {
namespace {

// 550 bytes, as a city's sensors send them.
constexpr std::string_view kObserved =
    R"({"id":"urn:ngsi-ld:TrafficFlowObserved:158324","type":"TrafficFlowObserved",)"
    R"("dateObserved":{"type":"Property","value":"2014-08-18T00:05:00Z"},)"
    R"("averageVehicleSpeed":{"type":"Property","value":56.5,"unitCode":"KMH","observedAt":"2014-08-18T00:05:00Z"},)"
    R"("intensity":{"type":"Property","value":12,"observedAt":"2014-08-18T00:05:00Z"},)"
    R"("congested":{"type":"Property","value":false},)"
    R"("refRoadSegment":{"type":"Relationship","object":"urn:ngsi-ld:RoadSegment:158324"},)"
    R"("location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[10.1050,56.2317]}}})";

flow::Entity observed() {
  const auto write = parse_entity(kObserved, flow::WriteMode::upsert).value();
  flow::Entity out;
  out.id = write.entity;
  out.types = write.types;
  out.attributes = write.attributes;
  return out;
}

void matches_q(benchmark::State& state, const char* text) {
  const Q q = Q::parse(text).value();
  const flow::Entity entity = observed();
  for (auto _ : state) benchmark::DoNotOptimize(q.matches(entity));
}
BENCHMARK_CAPTURE(matches_q, number, "averageVehicleSpeed<30");
BENCHMARK_CAPTURE(matches_q, five_terms,
                  "averageVehicleSpeed>30;intensity<50;(congested==true|congested==false);!error");
BENCHMARK_CAPTURE(matches_q, pattern, "refRoadSegment!=urn:x:1;dateObserved~=\"^2014\"");
BENCHMARK_CAPTURE(matches_q, inside_compound, "location[type]==\"Point\"");

void parses_q(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Q::parse("averageVehicleSpeed>30;intensity==1..50;(congested|!error)"));
}
BENCHMARK(parses_q);

void matches_place(benchmark::State& state) {
  EntityFilter filter;
  filter.geo = GeoFilter{
      .relation = GeoRelation::within,
      .shape = geo::Shape::from_coordinates("Polygon", "[[[10,56],[10.3,56],[10.3,56.3],[10,56.3],[10,56]]]").value()};
  const Matcher matcher(filter);
  const flow::Entity entity = observed();
  for (auto _ : state) benchmark::DoNotOptimize(matcher.matches(entity));
}
BENCHMARK(matches_place);

void parses_entity(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(parse_entity(kObserved, flow::WriteMode::upsert));
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * std::int64_t(kObserved.size()));
}
BENCHMARK(parses_entity);

void parses_batch(benchmark::State& state) {
  std::string batch = "[";
  for (int i = 0; i < 1000; ++i) batch.append(i ? "," : "").append(kObserved);
  batch += "]";
  for (auto _ : state) benchmark::DoNotOptimize(parse_entities(batch, flow::WriteMode::upsert));
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(parses_batch);

void renders_entity(benchmark::State& state) {
  const flow::Entity entity = observed();
  const Rendering how{.format = Format(state.range(0))};
  for (auto _ : state) benchmark::DoNotOptimize(to_json(entity, how));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(renders_entity)->Arg(0)->Arg(1)->Arg(2);

}  // namespace
}  // namespace cityloop::twin
