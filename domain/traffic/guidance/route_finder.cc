#include "domain/traffic/guidance/route_finder.h"

#include <algorithm>

namespace cityloop::traffic {

using geo::Position;
using geo::StreetArc;
using geo::StreetNode;
using geo::StreetRank;
using geo::StreetSpot;

namespace {

constexpr double kNothing = 1e-9;  // of an arc
constexpr StreetArc kNoArc = ~StreetArc{0};
constexpr double kBeside_mps = 4 / 3.6;  // as in StreetSpeeds

}  // namespace

void RouteWorkspace::begin(std::size_t nodes) {
  if (nodes_.size() != nodes || run_ == std::numeric_limits<std::uint32_t>::max()) {
    nodes_.assign(nodes, {});
    for (Bounds& one : bounds_) one = {}, one.ranks.assign(nodes, {});
    run_ = 0;
  }
  ++run_;
  queue_.clear();
  settled_ = 0;
}

bool RouteWorkspace::Bounds::begin(std::uint64_t bounds, geo::StreetPiece target) {
  if (of == bounds && to == target) return false;
  of = bounds;
  to = target;
  ++run;
  return true;
}

// One search. The place itself is beyond the graph's junctions: it is reached over one of the ends of its piece.
class RouteSearch {
 public:
  RouteSearch(const StreetTimes& times, const RouteQuestion& question, RouteWorkspace& space)
      : times_(times),
        graph_(times.net().graph()),
        order_(graph_.order()),
        bounds_(times.bounds(question.times)),
        ask_(question),
        space_(space),
        least_(space.bounds_[question.times == Times::usual ? 0 : 1]) {
    space_.begin(graph_.nodes());
  }

  std::optional<FoundRoute> run() {
    stay_on_piece();
    if (least_.begin(bounds_.id(), ask_.to.piece)) come_to_target();
    leave_start();
    while (!space_.queue_.empty()) {
      std::ranges::pop_heap(space_.queue_, std::greater<>{});
      const auto [key_s, node] = space_.queue_.back();
      space_.queue_.pop_back();
      if (key_s >= best_s_) break;
      RouteWorkspace::Node& here = space_.nodes_[node];
      if (here.done) continue;
      here.done = true;
      ++space_.settled_;
      arrive(node, here);
      for (const StreetArc arc : times_.net().out_of(node)) relax(arc, here.cost_s, here.clock_s);
    }
    if (best_s_ == kNever_s) return std::nullopt;
    return route();
  }

 private:
  static constexpr double kNever_s = std::numeric_limits<double>::infinity();

  static double along(const StreetSpot& spot, StreetArc arc) { return arc % 2 ? 1 - spot.share : spot.share; }
  double factor(StreetArc arc) const { return ask_.factors ? ask_.factors->of(arc) : 1; }

  // Both spots on one piece, one after the other in a direction that is open.
  void stay_on_piece() {
    if (ask_.from.piece != ask_.to.piece) return;
    for (const StreetArc arc : {geo::arc_along(ask_.from.piece), geo::arc_against(ask_.from.piece)}) {
      const double begin = along(ask_.from, arc), end = along(ask_.to, arc);
      if (end < begin || !graph_.may(arc, geo::TravelMode::car) || factor(arc) == kNever_s) continue;
      const double needs_s = times_.time_s(arc, ask_.times, ask_.depart_s, begin, end);
      if (needs_s * factor(arc) >= best_s_) continue;
      best_s_ = needs_s * factor(arc);
      best_clock_s_ = ask_.depart_s + needs_s;
      last_ = arc;
      last_node_ = kNoNode;
    }
  }

  // Backwards from the target up the ranks: how far it is from each rank above it at least.
  void come_to_target() {
    const geo::StreetGraph::Piece& piece = graph_.piece(ask_.to.piece);
    // The part of the piece is left out of the bounds, as if the target were at both of its ends.
    const StreetRank low = std::min(order_.rank(piece.from), order_.rank(piece.to));
    set_come(order_.rank(piece.from), 0);
    set_come(order_.rank(piece.to), 0);
    for (StreetRank rank = low; rank != geo::kNoRank; rank = order_.parent(rank)) {
      const auto& here = least_.ranks[rank];
      if (here.come_run != least_.run) continue;
      const std::uint32_t come_ms = here.come_ms;
      for (std::size_t link = order_.first_link(rank); link < order_.end_link(rank); ++link)
        set_come(order_.above(link), come_ms + bounds_.down(link));
    }
  }
  void set_come(StreetRank rank, std::uint32_t ms) {
    auto& here = least_.ranks[rank];
    if (here.come_run == least_.run && here.come_ms <= ms) return;
    here.come_run = least_.run;
    here.come_ms = std::min(ms, LowerBounds::kNone_ms);
  }

  // The least that is left from a rank: over it, or over one above it. Ranks above come first, so no recursion.
  double left_s(StreetRank from) {
    auto& climb = space_.climb_;
    for (StreetRank rank = from; rank != geo::kNoRank && least_.ranks[rank].run != least_.run;
         rank = order_.parent(rank))
      climb.push_back(rank);
    for (; !climb.empty(); climb.pop_back()) {
      auto& here = least_.ranks[climb.back()];
      std::uint32_t least = here.come_run == least_.run ? here.come_ms : LowerBounds::kNone_ms;
      const std::size_t end = order_.end_link(climb.back());
      for (std::size_t link = order_.first_link(climb.back()); link < end; ++link)
        least = std::min(least, bounds_.up(link) + least_.ranks[order_.above(link)].left_ms);
      here.left_ms = least;
      here.run = least_.run;
    }
    const std::uint32_t ms = least_.ranks[from].left_ms;
    return ms >= LowerBounds::kNone_ms ? kNever_s : double(ms) / 1000;
  }

  void leave_start() {
    for (const StreetArc arc : {geo::arc_along(ask_.from.piece), geo::arc_against(ask_.from.piece)}) {
      if (graph_.may(arc, geo::TravelMode::car)) relax(arc, 0, ask_.depart_s, along(ask_.from, arc), true);
    }
  }

  void relax(StreetArc arc, double cost_s, double clock_s, double share = 0, bool first = false) {
    const double dearer = factor(arc);
    if (dearer == kNever_s) return;
    const double needs_s = times_.time_s(arc, ask_.times, clock_s, share);
    const double next_s = cost_s + needs_s * dearer;
    const StreetNode node = graph_.head(arc);
    RouteWorkspace::Node& there = space_.nodes_[node];
    if (there.run == space_.run_ && there.cost_s <= next_s) return;
    const double left = left_s(order_.rank(node));
    if (next_s + left >= best_s_ || clock_s + needs_s - ask_.depart_s + left > ask_.time_max_s) return;
    there = {space_.run_, false, first, arc, next_s, clock_s + needs_s};
    space_.queue_.emplace_back(next_s + ask_.haste * left, node);
    std::ranges::push_heap(space_.queue_, std::greater<>{});
  }

  void arrive(StreetNode node, const RouteWorkspace::Node& here) {
    for (const StreetArc arc : {geo::arc_along(ask_.to.piece), geo::arc_against(ask_.to.piece)}) {
      if (graph_.tail(arc) != node || !graph_.may(arc, geo::TravelMode::car) || factor(arc) == kNever_s) continue;
      const double needs_s = times_.time_s(arc, ask_.times, here.clock_s, 0, along(ask_.to, arc));
      if (here.cost_s + needs_s * factor(arc) >= best_s_) continue;
      if (here.clock_s + needs_s - ask_.depart_s > ask_.time_max_s) continue;
      best_s_ = here.cost_s + needs_s * factor(arc);
      best_clock_s_ = here.clock_s + needs_s;
      last_ = arc;
      last_node_ = node;
    }
  }

  FoundRoute route() const {
    FoundRoute out;
    out.arcs.push_back(last_);
    out.share_last = along(ask_.to, last_);
    for (StreetNode node = last_node_; node != kNoNode;) {
      const StreetArc by = space_.nodes_[node].by;
      out.arcs.push_back(by);
      node = space_.nodes_[node].first ? kNoNode : graph_.tail(by);
    }
    std::ranges::reverse(out.arcs);
    out.share_first = along(ask_.from, out.arcs.front());
    // A place at a junction: nobody goes along the street that it was found on.
    if (out.arcs.size() > 1 && out.share_last < kNothing) out.arcs.pop_back(), out.share_last = 1;
    if (out.arcs.size() > 1 && out.share_first > 1 - kNothing) out.arcs.erase(out.arcs.begin()), out.share_first = 0;
    for (std::size_t i = 0; i < out.arcs.size(); ++i) {
      const double begin = i == 0 ? out.share_first : 0, end = i + 1 == out.arcs.size() ? out.share_last : 1;
      out.distance_m += (end - begin) * double(graph_.piece(out.arcs[i] / 2).length_m);
    }
    out.beside_s = (ask_.from.beside_m + ask_.to.beside_m) / kBeside_mps;
    out.distance_m += ask_.from.beside_m + ask_.to.beside_m;
    out.time_s = best_clock_s_ - ask_.depart_s + out.beside_s;
    return out;
  }

  static constexpr StreetNode kNoNode = ~StreetNode{0};
  const StreetTimes& times_;
  const geo::StreetGraph& graph_;
  const geo::StreetOrder& order_;
  const LowerBounds& bounds_;
  const RouteQuestion& ask_;
  RouteWorkspace& space_;
  RouteWorkspace::Bounds& least_;
  double best_s_{kNever_s}, best_clock_s_{};
  StreetArc last_{kNoArc};
  StreetNode last_node_{kNoNode};
};

std::optional<FoundRoute> RouteFinder::find(const RouteQuestion& question, RouteWorkspace& space) const {
  return RouteSearch(*times_, question, space).run();
}

double RouteFinder::time_s(const FoundRoute& route, Times times, double depart_s) const {
  double clock_s = depart_s;
  for (std::size_t i = 0; i < route.arcs.size(); ++i) {
    clock_s += times_->time_s(route.arcs[i], times, clock_s, i == 0 ? route.share_first : 0,
                              i + 1 == route.arcs.size() ? route.share_last : 1);
  }
  return clock_s - depart_s + route.beside_s;
}

namespace {

Position between(Position a, Position b, double share) {
  return {a.lon_deg + share * (b.lon_deg - a.lon_deg), a.lat_deg + share * (b.lat_deg - a.lat_deg)};
}

// The part of a line between two shares of its length, added behind what is there.
void add_part(std::span<const Position> line, double begin, double end, std::vector<Position>& out) {
  std::vector<double> at_m{0};
  for (std::size_t i = 1; i < line.size(); ++i) at_m.push_back(at_m.back() + geo::distance_m(line[i - 1], line[i]));
  const double first_m = begin * at_m.back(), last_m = end * at_m.back();
  const auto add = [&](Position at) {
    if (out.empty() || out.back() != at) out.push_back(at);
  };
  const auto place = [&](double wanted_m) {
    std::size_t i = 1;
    while (i + 1 < line.size() && at_m[i] < wanted_m) ++i;
    const double step_m = at_m[i] - at_m[i - 1];
    return between(line[i - 1], line[i], step_m > 0 ? std::clamp((wanted_m - at_m[i - 1]) / step_m, 0.0, 1.0) : 0);
  };
  add(place(first_m));
  for (std::size_t i = 1; i + 1 < line.size(); ++i) {
    if (at_m[i] > first_m && at_m[i] < last_m) add(line[i]);
  }
  add(place(last_m));
}

}  // namespace

std::vector<Position> RouteFinder::line(const FoundRoute& route) const {
  const geo::StreetGraph& graph = times_->net().graph();
  std::vector<Position> out;
  for (std::size_t i = 0; i < route.arcs.size(); ++i) {
    const auto shape = graph.line(route.arcs[i] / 2);
    std::vector<Position> line(shape.begin(), shape.end());
    if (route.arcs[i] % 2) std::ranges::reverse(line);
    add_part(line, i == 0 ? route.share_first : 0, i + 1 == route.arcs.size() ? route.share_last : 1, out);
  }
  return out;
}

}  // namespace cityloop::traffic
