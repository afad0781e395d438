// A city of ten thousand grid cells: reading them, finding the cell of a position, asking who is responsible, and
// looking for gaps and overlaps.
#include <benchmark/benchmark.h>

#include "base/rng.h"
#include "casework/responsibility_flaws.h"

namespace cityloop::casework {
namespace {

constexpr double kCell_deg = 0.001;  // about a hundred metres, as GB/T 30428.1 means cells to be

std::string cells_json(int side) {
  std::string out = "{\"type\":\"FeatureCollection\",\"features\":[";
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const double west = 120 + x * kCell_deg, south = 30 + y * kCell_deg;
      const double east = 120 + (x + 1) * kCell_deg, north = 30 + (y + 1) * kCell_deg;
      out += fmt::format(
          "{}{{\"type\":\"Feature\",\"properties\":{{\"code\":\"330199{:03}{:03}{:03}\",\"name_zh\":\"格\",\"name_en\":"
          "\"Cell\"}},"
          "\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[[{},{}],[{},{}],[{},{}],[{},{}],[{},{}]]]}}}}",
          x + y ? "," : "", 1 + y / 10, 1 + x / 10, 1 + (y % 10) * 10 + x % 10, west, south, east, south, east, north,
          west, north, west, south);
    }
  }
  return out + "]}";
}

// So many rows for communities, and some for all.
std::string rows(int side) {
  std::string out = "cell,category,department,crew\n,event,environment,\n,component,traffic,\n";
  for (int street = 1; street <= side / 10; ++street) {
    for (int community = 1; community <= side / 10; ++community)
      out += fmt::format("330199{:03}{:03},event-01,environment,crew-{}\n", street, community, community);
  }
  return out;
}

constexpr const char* kCategories =
    "code,type,class_zh,class_en,name_zh,name_en,condition,department,kind,standard_zh,standard_en,limit,calendar\n"
    "0102,event,a,a,b,b,,,,c,c,2h,always\n0301,event,a,a,b,b,,,,c,c,2h,always\n0101,component,a,a,b,b,,,,c,c,2h,"
    "always\n";

CaseRulesPtr city(int side) {
  return CaseRules::parse(
             {{"categories.csv", kCategories}, {"cells.geojson", cells_json(side)}, {"responsibility.csv", rows(side)}},
             {})
      .value();
}

void reads_cells(benchmark::State& state) {
  const std::string cells = cells_json(int(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(CaseRules::parse({{"cells.geojson", cells}}, {}));
  state.counters["cells"] = double(state.range(0) * state.range(0));
}
BENCHMARK(reads_cells)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);

void finds_the_cell(benchmark::State& state) {
  const auto rules = city(int(state.range(0)));
  base::Rng rng(1);
  const double side_deg = double(state.range(0)) * kCell_deg;
  std::size_t found = 0;
  for (auto _ : state)
    found +=
        rules->responsibility().cell_at({120 + rng.uniform(0, side_deg), 30 + rng.uniform(0, side_deg)}) != nullptr;
  state.counters["found"] = double(found) / double(state.iterations());
}
BENCHMARK(finds_the_cell)->Arg(10)->Arg(100);

void asks_who(benchmark::State& state) {
  const auto rules = city(int(state.range(0)));
  const Responsibility& who = rules->responsibility();
  base::Rng rng(2);
  std::size_t found = 0;
  for (auto _ : state) {
    const GridCell& cell = who.cells()[rng.below(who.cells().size())];
    found += who.ask({cell.code, "", "event-0102", "", {}}, rules->calendars()).department == "environment";
  }
  state.counters["rules"] = double(who.rules().size());
  state.counters["found"] = double(found) / double(state.iterations());
}
BENCHMARK(asks_who)->Arg(10)->Arg(100);

void looks_for_flaws(benchmark::State& state) {
  const auto rules = city(int(state.range(0)));
  const double side_deg = double(state.range(0)) * kCell_deg;
  const std::vector<geo::Area> areas{
      {"city",
       {geo::ShapeKind::polygon,
        {{{120, 30}, {120 + side_deg, 30}, {120 + side_deg, 30 + side_deg}, {120, 30 + side_deg}, {120, 30}}}}}};
  std::size_t flaws = 0;
  for (auto _ : state) flaws = flaws_of(*rules, areas, {}).size();
  state.counters["flaws"] = double(flaws);
}
BENCHMARK(looks_for_flaws)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cityloop::casework
