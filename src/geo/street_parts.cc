// What hangs together: the parts of the streets within which every place is reached from every other.

#include <algorithm>

#include "geo/street_graph.h"

namespace cityloop::geo {
namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};

struct Arcs {
  std::vector<std::uint32_t> first;
  std::vector<StreetArc> list;  // by the node that they leave
};

Arcs arcs_of(const StreetGraph& graph) {
  Arcs out;
  out.first.assign(graph.nodes() + 1, 0);
  const auto arcs = StreetArc(2 * graph.pieces());
  for (StreetArc arc = 0; arc < arcs; ++arc) ++out.first[graph.tail(arc) + 1];
  for (std::size_t i = 0; i < graph.nodes(); ++i) out.first[i + 1] += out.first[i];
  out.list.resize(arcs);
  std::vector<std::uint32_t> next(out.first.begin(), out.first.end() - 1);
  for (StreetArc arc = 0; arc < arcs; ++arc) out.list[next[graph.tail(arc)]++] = arc;
  return out;
}

// Walks from a node as far as it goes without recursion; each node is handed over when all behind it has been.
template <class May, class Done>
void walk(const StreetGraph& graph, const Arcs& arcs, StreetNode start, std::vector<bool>& seen, const May& may,
          const Done& done) {
  std::vector<std::pair<StreetNode, std::uint32_t>> path{{start, arcs.first[start]}};
  seen[start] = true;
  while (!path.empty()) {
    auto& [node, next] = path.back();
    if (next == arcs.first[node + 1]) {
      done(node);
      path.pop_back();
      continue;
    }
    const StreetArc arc = arcs.list[next++];
    const StreetNode head = graph.head(arc);
    if (seen[head] || !may(arc)) continue;
    seen[head] = true;
    path.emplace_back(head, arcs.first[head]);
  }
}

// Kosaraju: in the order in which a walk leaves the nodes, from the last, all that a walk backwards reaches.
std::vector<std::uint32_t> parts_of(const StreetGraph& graph, TravelMode mode, std::size_t& count) {
  const Arcs arcs = arcs_of(graph);
  std::vector<StreetNode> left;
  std::vector<bool> seen(graph.nodes());
  const auto forward = [&](StreetArc arc) { return graph.may(arc, mode); };
  const auto backward = [&](StreetArc arc) { return graph.may(arc ^ 1, mode); };
  for (StreetNode node = 0; node < graph.nodes(); ++node) {
    if (!seen[node]) walk(graph, arcs, node, seen, forward, [&](StreetNode done) { left.push_back(done); });
  }
  std::vector<std::uint32_t> part(graph.nodes(), kNone);
  seen.assign(graph.nodes(), false);
  count = 0;
  for (const StreetNode node : std::vector<StreetNode>(left.rbegin(), left.rend())) {
    if (seen[node]) continue;
    walk(graph, arcs, node, seen, backward, [&](StreetNode done) { part[done] = std::uint32_t(count); });
    ++count;
  }
  return part;
}

}  // namespace

void StreetGraph::find_parts(TravelMode mode) {
  std::size_t count = 0;
  const std::vector<std::uint32_t> part = parts_of(*this, mode, count);
  std::vector<StreetIsland> islands(count);
  std::vector<double> inner_m(count);
  for (StreetPiece at = 0; at < pieces_.size(); ++at) {
    const Piece& piece = pieces_[at];
    if ((piece.along | piece.against).has(mode) && part[piece.from] == part[piece.to])
      inner_m[part[piece.from]] += double(piece.length_m);
  }
  const auto main = std::uint32_t(std::ranges::max_element(inner_m) - inner_m.begin());
  for (StreetNode node = 0; node < nodes(); ++node) {
    StreetIsland& island = islands[part[node]];
    if (island.nodes++ == 0) island.somewhere = positions_[node];
    if (part[node] == main && inner_m[main] > 0) main_[node] = std::uint8_t(main_[node] | 1u << unsigned(mode));
  }
  for (StreetPiece at = 0; at < pieces_.size(); ++at) {
    const Piece& piece = pieces_[at];
    if (!(piece.along | piece.against).has(mode)) continue;
    StreetIsland& island = islands[part[piece.from] == main ? part[piece.to] : part[piece.from]];
    island.length_m += double(piece.length_m);
    if (island.name.empty()) island.name = names_[piece.name].written;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i != main && islands[i].length_m > 0) islands_[std::size_t(mode)].push_back(std::move(islands[i]));
  }
  std::ranges::stable_sort(islands_[std::size_t(mode)], std::greater{}, &StreetIsland::length_m);
}

}  // namespace cityloop::geo
