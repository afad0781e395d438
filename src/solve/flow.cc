#include "solve/flow.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#define LEMON_ONLY_TEMPLATES
#include <lemon/network_simplex.h>
#include <lemon/static_graph.h>

namespace cityloop::solve {
namespace {

constexpr std::int64_t kCostMax = std::int64_t(1) << 62;  // of any path: prices are sums of costs along one

base::Status check(const Network& network) {
  const std::size_t nodes = network.supply.size();
  std::int64_t dearest = 0;
  for (std::size_t a = 0; a < network.arcs.size(); ++a) {
    const Arc& arc = network.arcs[a];
    if (arc.from >= nodes || arc.to >= nodes)
      return base::fail(base::Errc::invalid, "arc {} leads from {} to {}, and there are {} nodes", a, arc.from, arc.to,
                        nodes);
    if (arc.capacity < 0) return base::fail(base::Errc::invalid, "arc {} has a capacity of {}", a, arc.capacity);
    dearest = std::max<std::int64_t>(dearest, std::llabs(arc.cost));
  }
  if (dearest > kCostMax / std::int64_t(2 * nodes + 2))
    return base::fail(base::Errc::invalid, "costs up to {} over {} nodes do not fit into 64 bits", dearest, nodes);
  if (std::accumulate(network.supply.begin(), network.supply.end(), std::int64_t(0)) != 0)
    return base::fail(base::Errc::invalid, "what is supplied is not as much as what is needed");
  return {};
}

}  // namespace

base::Result<Flow> cheapest_flow(const Network& network) {
  TRY(check(network));
  using Graph = lemon::StaticDigraph;
  // A static graph numbers its arcs by where they begin.
  std::vector<std::uint32_t> order(network.arcs.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, {}, [&](std::uint32_t a) { return std::pair(network.arcs[a].from, a); });
  std::vector<std::pair<int, int>> ends;
  ends.reserve(order.size());
  for (const std::uint32_t a : order) ends.emplace_back(int(network.arcs[a].from), int(network.arcs[a].to));
  Graph graph;
  graph.build(int(network.supply.size()), ends.begin(), ends.end());
  Graph::ArcMap<std::int64_t> capacity(graph), cost(graph);
  Graph::NodeMap<std::int64_t> supply(graph);
  for (std::size_t i = 0; i < order.size(); ++i) {
    capacity[Graph::arc(int(i))] = network.arcs[order[i]].capacity;
    cost[Graph::arc(int(i))] = network.arcs[order[i]].cost;
  }
  for (std::size_t v = 0; v < network.supply.size(); ++v) supply[Graph::node(int(v))] = network.supply[v];

  lemon::NetworkSimplex<Graph, std::int64_t, std::int64_t> simplex(graph);
  simplex.upperMap(capacity).costMap(cost).supplyMap(supply);
  if (simplex.run() != decltype(simplex)::OPTIMAL)
    return base::fail(base::Errc::conflict, "the network cannot carry every supply to where it is needed");
  Flow out;
  out.units.resize(network.arcs.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    out.units[order[i]] = simplex.flow(Graph::arc(int(i)));
    out.cost += out.units[order[i]] * network.arcs[order[i]].cost;
  }
  for (std::size_t v = 0; v < network.supply.size(); ++v) out.price.push_back(simplex.potential(Graph::node(int(v))));
  return out;
}

}  // namespace cityloop::solve
