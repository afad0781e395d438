// Nested dissection: the graph is cut in two by few junctions, which come last, and each part again.
//
// Where to cut is asked of a flow: from the outer quarter of the junctions on one side to the outer quarter on the
// other, each street carrying one. The fewest streets that stop it are the cut. Four directions are tried and the best
// is taken.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "geo/street_order.h"

namespace cityloop::geo {
namespace {

constexpr std::size_t kSmall = 4;  // so few are taken in any order
constexpr double kOuter = 0.25;

// A part of the graph with numbers of its own.
struct Part {
  std::vector<StreetNode> nodes;
  std::vector<std::uint32_t> first;  // of the arcs of each
  std::vector<std::uint32_t> head;   // of each arc
  std::vector<std::uint32_t> twin;   // the arc back
};

struct Cut {
  std::size_t streets{};
  std::size_t smaller{};   // junctions on the smaller side
  std::vector<bool> near;  // by node: on the side of the source
  // Few streets, and sides not too unlike.
  double cost() const { return double(streets) / std::sqrt(double(std::max<std::size_t>(smaller, 1))); }
};

// The greatest flow between two sets, each arc carrying one (Dinic).
class Flow {
 public:
  explicit Flow(const Part& part)
      : part_(part), level_(part.nodes.size()), next_(part.nodes.size()), flow_(part.head.size()) {}

  // `order` sorts the nodes along a direction; none when more than `most` would be cut.
  std::optional<Cut> cut(const std::vector<std::uint32_t>& order, std::size_t most) {
    const std::size_t outer = std::max<std::size_t>(1, std::size_t(double(order.size()) * kOuter));
    side_.assign(order.size(), 0);
    for (std::size_t i = 0; i < outer; ++i) side_[order[i]] = 1, side_[order[order.size() - 1 - i]] = 2;
    sources_.assign(order.begin(), order.begin() + std::ptrdiff_t(outer));
    std::ranges::fill(flow_, std::int8_t(0));
    std::size_t sum = 0;
    while (search(1, 2)) {
      std::copy_n(part_.first.begin(), next_.size(), next_.begin());
      for (const std::uint32_t source : sources_) {
        while (push(source)) {
          if (++sum > most) return std::nullopt;
        }
      }
    }
    return best_cut(sum, order.size());
  }

 private:
  bool open(std::uint32_t arc) const { return flow_[arc] < 1; }

  // Levels from all nodes of one side; whether one of the other is reached.
  bool search(std::uint8_t from, std::uint8_t to) {
    std::ranges::fill(level_, kFar);
    queue_.clear();
    for (std::uint32_t node = 0; node < level_.size(); ++node) {
      if (side_[node] == from) level_[node] = 0, queue_.push_back(node);
    }
    bool reached = false;
    for (std::size_t i = 0; i < queue_.size(); ++i) {
      const std::uint32_t node = queue_[i];
      for (std::uint32_t arc = part_.first[node]; arc < part_.first[node + 1]; ++arc) {
        const std::uint32_t head = part_.head[arc];
        const bool free = from == 1 ? open(arc) : open(part_.twin[arc]);
        if (!free || level_[head] != kFar) continue;
        level_[head] = level_[node] + 1;
        reached |= side_[head] == to;
        queue_.push_back(head);
      }
    }
    return reached;
  }

  // One more unit from a source along the levels.
  bool push(std::uint32_t source) {
    path_.clear();
    std::uint32_t node = source;
    while (side_[node] != 2) {
      std::uint32_t& arc = next_[node];
      while (arc < part_.first[node + 1] && !(open(arc) && level_[part_.head[arc]] == level_[node] + 1)) ++arc;
      if (arc < part_.first[node + 1]) {
        path_.push_back(arc);
        node = part_.head[arc];
        continue;
      }
      if (path_.empty()) return false;
      level_[node] = kFar;
      node = part_.head[part_.twin[path_.back()]];
      path_.pop_back();
    }
    for (const std::uint32_t arc : path_) ++flow_[arc], --flow_[part_.twin[arc]];
    return true;
  }

  // Of the cuts of the same size the ones nearest to the two sides are known; the more even one is taken.
  Cut best_cut(std::size_t streets, std::size_t all) {
    search(1, 2);
    const std::size_t near = queue_.size();
    std::vector<bool> from_source(all);
    for (const std::uint32_t node : queue_) from_source[node] = true;
    search(2, 1);
    const std::size_t far = queue_.size();
    if (std::min(near, all - near) >= std::min(far, all - far))
      return {streets, std::min(near, all - near), std::move(from_source)};
    std::vector<bool> not_from_sink(all, true);
    for (const std::uint32_t node : queue_) not_from_sink[node] = false;
    return {streets, std::min(far, all - far), std::move(not_from_sink)};
  }

  static constexpr std::uint32_t kFar = ~std::uint32_t{0};
  const Part& part_;
  std::vector<std::uint32_t> level_, next_;
  std::vector<std::int8_t> flow_;
  std::vector<std::uint8_t> side_;
  std::vector<std::uint32_t> sources_, queue_, path_;
};

class Dissection {
 public:
  explicit Dissection(const StreetGraph& graph)
      : graph_(graph), local_(graph.nodes(), kNoRank), x_(graph.nodes()), y_(graph.nodes()), out_(graph.nodes()) {
    first_.assign(graph.nodes() + 1, 0);
    const auto each = [&](const auto& take) {
      for (StreetPiece piece = 0; piece < graph.pieces(); ++piece) {
        const auto& p = graph.piece(piece);
        if (p.from != p.to) take(p.from, p.to), take(p.to, p.from);
      }
    };
    each([&](StreetNode a, StreetNode) { ++first_[a + 1]; });
    for (std::size_t i = 0; i < graph.nodes(); ++i) first_[i + 1] += first_[i];
    heads_.resize(first_.back());
    std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
    each([&](StreetNode a, StreetNode b) { heads_[next[a]++] = b; });
    for (StreetNode node = 0; node < graph.nodes(); ++node) {
      const Position at = graph.position(node);
      y_[node] = at.lat_deg;
      x_[node] = at.lon_deg * std::cos(graph.position(0).lat_deg * 0.017453292519943295);
    }
  }

  std::vector<StreetNode> order() {
    std::vector<StreetNode> all(graph_.nodes());
    for (StreetNode node = 0; node < all.size(); ++node) all[node] = node;
    std::vector<Todo> todo;
    todo.push_back({std::move(all), 0});
    while (!todo.empty()) {
      Todo one = std::move(todo.back());
      todo.pop_back();
      dissect(std::move(one), todo);
    }
    return std::move(out_);
  }

 private:
  struct Todo {
    std::vector<StreetNode> nodes;
    std::size_t at;  // where their places in the order begin
  };

  void dissect(Todo one, std::vector<Todo>& todo) {
    if (one.nodes.size() <= kSmall) {
      std::ranges::copy(one.nodes, out_.begin() + std::ptrdiff_t(one.at));
      return;
    }
    const Part part = part_of(std::move(one.nodes));
    const Cut cut = best_cut(part);
    // The junctions at the cut's streets on its smaller side part the two.
    std::array<std::vector<StreetNode>, 2> sides, borders;
    for (std::uint32_t node = 0; node < part.nodes.size(); ++node) {
      bool border = false;
      for (std::uint32_t arc = part.first[node]; arc < part.first[node + 1]; ++arc)
        border |= cut.near[node] != cut.near[part.head[arc]];
      (border ? borders : sides)[cut.near[node] ? 0 : 1].push_back(part.nodes[node]);
    }
    const std::size_t last = borders[0].size() <= borders[1].size() ? 0 : 1;
    auto& rest = borders[1 - last];
    sides[1 - last].insert(sides[1 - last].end(), rest.begin(), rest.end());
    const std::size_t second = one.at + sides[0].size(), end = second + sides[1].size();
    std::ranges::copy(borders[last], out_.begin() + std::ptrdiff_t(end));
    if (!sides[0].empty()) todo.push_back({std::move(sides[0]), one.at});
    if (!sides[1].empty()) todo.push_back({std::move(sides[1]), second});
  }

  Part part_of(std::vector<StreetNode> nodes) {
    Part part;
    part.nodes = std::move(nodes);
    for (std::uint32_t i = 0; i < part.nodes.size(); ++i) local_[part.nodes[i]] = i;
    part.first.push_back(0);
    for (const StreetNode node : part.nodes) {
      for (std::uint32_t i = first_[node]; i < first_[node + 1]; ++i) {
        if (local_[heads_[i]] != kNoRank) part.head.push_back(local_[heads_[i]]);
      }
      part.first.push_back(std::uint32_t(part.head.size()));
    }
    for (const StreetNode node : part.nodes) local_[node] = kNoRank;
    pair_up(part);
    return part;
  }

  // Streets between the same two junctions are paired in the order in which they come at either end.
  static void pair_up(Part& part) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> there, back;
    for (std::uint32_t node = 0; node < part.nodes.size(); ++node) {
      for (std::uint32_t arc = part.first[node]; arc < part.first[node + 1]; ++arc) {
        const std::uint32_t head = part.head[arc];
        const auto key = std::uint64_t(std::min(node, head)) << 32 | std::max(node, head);
        (node < head ? there : back).emplace_back(key, arc);
      }
    }
    std::ranges::sort(there);
    std::ranges::sort(back);
    part.twin.resize(part.head.size());
    for (std::size_t i = 0; i < there.size(); ++i) {
      part.twin[there[i].second] = back[i].second;
      part.twin[back[i].second] = there[i].second;
    }
  }

  Cut best_cut(const Part& part) {
    constexpr std::array<std::array<double, 2>, 4> kDirections{{{1, 0}, {0, 1}, {1, 1}, {1, -1}}};
    Flow flow(part);
    Cut best;
    std::vector<std::uint32_t> order(part.nodes.size());
    for (const auto& [dx, dy] : kDirections) {
      for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
      const auto along = [&](std::uint32_t i) { return dx * x_[part.nodes[i]] + dy * y_[part.nodes[i]]; };
      std::ranges::sort(
          order, [&](std::uint32_t a, std::uint32_t b) { return along(a) != along(b) ? along(a) < along(b) : a < b; });
      const std::size_t most = best.near.empty() ? part.head.size() : 2 * best.streets;
      auto cut = flow.cut(order, most);
      if (cut && (best.near.empty() || cut->cost() < best.cost())) best = std::move(*cut);
    }
    return best;
  }

  const StreetGraph& graph_;
  std::vector<std::uint32_t> local_;
  std::vector<double> x_, y_;
  std::vector<std::uint32_t> first_, heads_;
  std::vector<StreetNode> out_;
};

}  // namespace

std::vector<StreetNode> nested_dissection(const StreetGraph& graph) {
  return Dissection(graph).order();
}

}  // namespace cityloop::geo
