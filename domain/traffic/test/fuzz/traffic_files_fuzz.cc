// Any bytes as a file of streets, flows or trips, of the kind that the first byte says: read or refused, never a crash;
// what was read keeps the contracts of what it is.
//
//   n  a network of SUMO (XML)        c  a network and a flow of CityFlow (JSON, a 0 between them)
//   t  how to read trips (TOML), and the trips (CSV, a 0 between them)
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "domain/traffic/signal/sumo_net.h"
#include "domain/traffic/simulation/cityflow.h"
#include "domain/traffic/transit/design/demand.h"

using namespace cityloop::traffic;

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void read_streets(std::string_view xml) {
  const auto junctions = parse_sumo_net(xml);
  if (!junctions) return;
  for (const Junction& junction : *junctions) expect(check(junction).has_value());
}

void read_demand(std::string_view toml, std::string_view csv) {
  const auto mapping = parse_demand_mapping(toml, "fuzz.toml");
  if (!mapping) return;
  const auto demand = read_trips(csv, "fuzz.csv", *mapping);
  if (!demand) return;
  double sum = 0;
  for (const DemandFlow& flow : demand->flows) {
    expect(flow.from < demand->cells.size() && flow.to < demand->cells.size());
    expect(std::isfinite(flow.weight) && flow.weight >= 0);
    sum += flow.weight;
  }
  expect(std::fabs(sum - demand->weight) <= 1e-6 * demand->weight);
  std::uint64_t mistaken = 0;
  for (const auto& [reason, mistake] : demand->mistakes) mistaken += mistake.count;
  expect(demand->rows == demand->used + demand->suppressed + demand->outside_hours + mistaken);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t parted = std::min(text.find('\0'), text.size());
  const std::string_view first = text.substr(0, parted), second = text.substr(std::min(parted + 1, text.size()));
  if (data[0] == 'n') read_streets(text);
  if (data[0] == 'c') (void)convert_cityflow(first, second);
  if (data[0] == 't') read_demand(first, second);
  return 0;
}
